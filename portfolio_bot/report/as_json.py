"""Portfolios and closes as the public JSON: scripts rely on every name, order and form here.

Money, amounts, prices and rates are strings in plain notation; what is unknown is None, never 0; instants are
ISO 8601 and end in Z.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeAlias

from portfolio_bot.model.days import Calendar, utc
from portfolio_bot.model.failure import Failure
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import DayClose, PastTotal
from portfolio_bot.model.instrument import FxRate, FxState, PriceSource
from portfolio_bot.model.money import Currency
from portfolio_bot.model.portfolio import (
    AccountValue,
    Complete,
    Incomplete,
    InTransit,
    KnownAccount,
    Portfolio,
    Priced,
    Provisional,
    ReadingState,
    Total,
    UnknownAccount,
    Unpriced,
    Valued,
)
from portfolio_bot.model.statement import AccountId, SubAccount
from portfolio_bot.report.concerns import concerns_of
from portfolio_bot.report.document import Text
from portfolio_bot.report.document import plain as text_of
from portfolio_bot.report.languages import english
from portfolio_bot.report.layout import clean, foreign
from portfolio_bot.report.numbers import CONTEXT, MINUS, NBSP, Numbers, derived_text, fraction_text, money_text, plain
from portfolio_bot.report.reader import Guide
from portfolio_bot.report.totals import amount_of
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import joined

Guides: TypeAlias = Mapping[AccountId, Guide]
Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

_DERIVED = frozenset({PriceSource.VENUE_VALUE, PriceSource.FX})
"""Prices that come from a division: they have no end."""


def report(portfolio: Portfolio, guides: Guides | None = None) -> dict[str, Json]:
    """The whole portfolio.

    Args:
        guides: which settings the messages name; by account.
    """
    total = portfolio.total_usd
    return {
        "as_of": instant(portfolio.at),
        "demo": portfolio.demo,
        "state": state_of(total),
        "complete": isinstance(total, Complete),
        "total_usd": _total(total),
        "total_rub": _total(portfolio.total_rub),
        "crypto_usd": None if isinstance(portfolio.crypto, Unknown) else money_text(portfolio.crypto.amount),
        "in_transit": [_in_transit(row) for row in portfolio.in_transit],
        "at_least_usd": money_text(amount_of(total)),
        "missing": list(total.missing) if isinstance(total, Incomplete) else [],
        "fx": {_pair(currency, rate): _rate(rate) for currency, rate in sorted(portfolio.rates.items())},
        "unpriced": _unpriced(portfolio),
        "warnings": _warnings(portfolio),
        "accounts": accounts(portfolio, guides),
    }


def accounts(portfolio: Portfolio, guides: Guides | None = None) -> list[Json]:
    """The accounts of a portfolio, in its order."""
    return [_account(account, portfolio.at, guides or {}) for account in portfolio.accounts]


def history(closes: Sequence[DayClose]) -> list[Json]:
    """Day closes, in the order given."""
    return [
        {
            "date": close.day.isoformat(),
            "as_of": instant(close.point.at),
            "total_usd": _money(close.point.usd),
            "total_rub": _money(close.point.rub),
            "open": close.open,
            "origin": close.point.origin.value,
        }
        for close in closes
    ]


def past_totals(rows: Iterable[PastTotal]) -> dict[str, Json]:
    """Totals of the past by day or instant, in the form in which `import history` takes them; money as text."""
    return {_day_or_instant(row.when): _totals(row) for row in rows}


def _day_or_instant(when: date | datetime) -> str:
    return instant(when) if isinstance(when, datetime) else when.strftime("%d-%m-%Y")


def _totals(row: PastTotal) -> Json:
    figures = {"USD": row.usd, "RUB": row.rub}
    return {name: plain(figure) for name, figure in figures.items() if figure is not None}


def instant(moment: datetime) -> str:
    """`2026-11-20T13:05:00Z`, with a fraction of a second only where there is one."""
    return utc(moment).isoformat().replace("+00:00", "Z")


def state_of(total: Total) -> str:
    """`complete`, `provisional` or `incomplete`."""
    match total:
        case Complete():
            return "complete"
        case Provisional():
            return "provisional"
        case Incomplete():
            return "incomplete"


def _total(total: Total | Unknown) -> str | None:
    return None if isinstance(total, Incomplete | Unknown) else money_text(amount_of(total))


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else money_text(amount)


def _in_transit(row: InTransit) -> Json:
    return {
        "asset": foreign(row.asset),
        "amount": plain(row.amount),
        "value_usd": None if isinstance(row.value, Unknown) else money_text(row.value),
        "from": row.origin,
        "to": row.destination,
        "since": instant(row.since),
        "txid": None if row.txid is None else foreign(row.txid),
    }


def _pair(currency: Currency, rate: FxRate | Unknown) -> str:
    """As people name it: USD/RUB, but EUR/USD."""
    if isinstance(rate, FxRate):
        return f"{rate.base}/{rate.quote}"
    return f"USD/{currency}" if currency == "RUB" else f"{currency}/USD"


def _rate(rate: FxRate | Unknown) -> Json:
    if isinstance(rate, Unknown):
        return {"rate": None, "provider": None, "date": None, "state": FxState.UNKNOWN.value}
    return {
        "rate": derived_text(rate.rate) if rate.crossed else plain(rate.rate),
        "provider": rate.provider.value,
        "date": rate.date.isoformat(),
        "state": rate.state.value,
    }


def _unpriced(portfolio: Portfolio) -> list[Json]:
    """One row per account and asset."""
    amounts: dict[tuple[AccountId, str], Decimal] = {}
    for account, row in _rows(portfolio):
        if isinstance(row, Unpriced):
            key = (account.id, row.asset)
            amounts[key] = CONTEXT.add(amounts.get(key, Decimal(0)), row.amount)
    return [
        {"account": account, "asset": foreign(asset), "amount": plain(amount)}
        for (account, asset), amount in amounts.items()
    ]


def _rows(portfolio: Portfolio) -> Iterator[tuple[KnownAccount, Valued]]:
    for account in portfolio.accounts:
        if isinstance(account, KnownAccount):
            yield from ((account, row) for row in account.holdings)


def _warnings(portfolio: Portfolio) -> list[Json]:
    voice = _voice(portfolio.at)
    return [
        {
            "account": concern.account,
            "kind": concern.kind.value,
            "message": _message(voice.warning(concern), voice.warning_mend(concern.kind)),
        }
        for concern in concerns_of(portfolio)
    ]


def _voice(at: datetime) -> Voice:
    """Messages in JSON are English, in UTC, whoever reads."""
    return Voice(english.WORDS, Numbers(english.WORDS.style, Calendar(UTC), at))


def _message(*texts: Text) -> str:
    """Sentences for machines and logs: no typographic spaces, and a minus that can be typed."""
    return clean(text_of(joined(*texts))).replace(NBSP, " ").replace(MINUS, "-")


def _account(account: AccountValue, at: datetime, guides: Guides) -> Json:
    match account:
        case KnownAccount():
            return _known_account(account, at, guides)
        case UnknownAccount():
            return _unknown_account(account, at, guides)


def _known_account(account: KnownAccount, at: datetime, guides: Guides) -> Json:
    coverage = account.coverage
    percent = None if coverage is None or coverage.percent is None else fraction_text(coverage.percent)
    return {
        "id": account.id,
        "name": account.name,
        "source": account.source,
        "state": account.state.value,
        "as_of": instant(account.as_of),
        "age_seconds": max(int((at - account.as_of).total_seconds()), 0),
        "total_usd": money_text(account.total.amount),
        "native_total": _money(account.native_total),
        "native_currency": account.native_currency,
        "venue_total_usd": None if coverage is None else money_text(coverage.venue_total),
        "coverage_percent": percent,
        "coverage_gap_usd": None if coverage is None else money_text(coverage.gap),
        "coverage_suspects": [] if coverage is None else list(coverage.suspects),
        "error": error_of(account.id, account.name, account.failure, at, guides),
        "sub_accounts": [_sub_account(sub) for sub in account.sub_accounts],
        "holdings": [_holding(row) for row in account.holdings],
    }


def _unknown_account(account: UnknownAccount, at: datetime, guides: Guides) -> Json:
    return {
        "id": account.id,
        "name": account.name,
        "source": account.source,
        "state": ReadingState.FAILED.value,
        "as_of": None,
        "age_seconds": None,
        "total_usd": None,
        "native_total": None,
        "native_currency": account.native_currency,
        "venue_total_usd": None,
        "coverage_percent": None,
        "coverage_gap_usd": None,
        "coverage_suspects": [],
        "error": error_of(account.id, account.name, account.failure, at, guides),
        "sub_accounts": [],
        "holdings": [],
    }


def error_of(account: AccountId, name: str, failure: Failure | None, at: datetime, guides: Guides) -> Json:
    """Why something of an account could not be had: cause, what to do, and when it may be asked again."""
    if failure is None:
        return None
    voice, guide = _voice(at), guides.get(account) or Guide.by_id(account)
    said = voice.failure(name, failure, guide)
    return {
        "kind": failure.kind.value,
        "message": _message(said.sentence, voice.owners_word(account, failure, guide) or said.mend, said.where),
        "retry_at": None if failure.retry_at is None else instant(failure.retry_at),
    }


def _sub_account(sub: SubAccount) -> Json:
    return {
        "id": sub.id,
        "name": foreign(sub.name),
        "total": _money(sub.total),
        "currency": sub.currency,
        "as_of": instant(sub.as_of),
    }


def _holding(row: Valued) -> Json:
    return {
        "asset": foreign(row.asset),
        "wallet": row.wallet.value,
        "amount": plain(row.amount),
        "price_usd": (derived_text if row.source in _DERIVED else plain)(row.price)
        if isinstance(row, Priced)
        else None,
        "value_usd": money_text(row.value) if isinstance(row, Priced) else None,
    }
