"""Readings and rates at one instant → a portfolio. The only maker of a `Total`.

An account's total is always the sum of its holdings. Where the venue's own figure *is* the value of a part, what the
rows leave open is one holding more, in wallet `other`; it is never counted as covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import assert_never

from portfolio_bot.analytics.compartments import compartments
from portfolio_bot.analytics.in_transit import Moving, lines
from portfolio_bot.analytics.pricing import Pricer, needs_dollars, pin_dollars, significant
from portfolio_bot.analytics.reconcile import coverage_of, gap_of
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import (
    FIAT,
    Asset,
    FxRate,
    FxState,
    PriceSource,
    Quote,
    RateTable,
)
from portfolio_bot.model.money import ZERO, Currency, Money
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
from portfolio_bot.model.reading import Cached, Failed, Live, Reading, Stale
from portfolio_bot.model.statement import AccountId, Notice, Statement, Wallet, WarningKind

__all__ = ["AccountInfo", "currencies_of", "needs_dollars", "pin_dollars", "quotes_of", "statement_of", "value"]

_UTC = Calendar(UTC)


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """What valuation needs to know of an account beside its reading."""

    id: AccountId
    name: str
    source: str
    is_exchange: bool


def value(
    readings: Sequence[Reading],
    accounts: Mapping[AccountId, AccountInfo],
    rates: RateTable,
    *,
    at: datetime,
    demo: bool = False,
    known: Mapping[tuple[AccountId, Asset], Quote] | None = None,
    headline: Currency = "USD",
    notices: tuple[Notice, ...] = (),
    moving: Sequence[Moving] = (),
    dollars: Mapping[Asset, Quote] | None = None,
    calendar: Calendar | None = None,
) -> Portfolio:
    """Everything at one instant, in USD and in RUB.

    Args:
        readings: one per account, statements with their dollars pinned.
        accounts: by id; the order of the result.
        rates: the newest there are; one rate for everything.
        at: the moment of valuation, aware UTC.
        known: last known prices in USD per account and asset; they stand in for `PRICE_STANDS_IN`.
        headline: the currency that people read totals in; its rate is kept beside those that were needed.
        notices: warnings about the whole, not about one account.
        moving: what is between own accounts and in none of the readings.
        dollars: reference prices of crypto dollars, for what is moving.
        calendar: of the owner, for what is moving since a day of which the time is not known.

    Returns:
        A portfolio whose `total_usd` is complete, provisional or incomplete. `total_rub` is Unknown without a rate.
    """
    by_account = {reading.account: reading for reading in readings}
    pricer = Pricer(rates, known or {}, at)
    values = tuple(_account(by_account[info.id], info, pricer) for info in accounts.values() if info.id in by_account)
    statements = {id_: found for id_, reading in by_account.items() if (found := statement_of(reading)) is not None}
    in_transit = lines(moving, values, statements, pricer, dollars or {}, calendar or _UTC)
    total = _total(values, in_transit)
    wanted = currencies_of(readings, headline, (row.asset for row in in_transit))
    used = {currency: rate for currency, rate in rates.rates.items() if currency in wanted}
    return Portfolio(
        at=at,
        demo=demo,
        accounts=values,
        total_usd=total,
        total_rub=_in_currency(total, "RUB", rates),
        crypto=_crypto(values),
        rates=used,
        in_transit=in_transit,
        notices=notices,
    )


def currencies_of(
    readings: Iterable[Reading], headline: Currency = "USD", moving: Iterable[Asset] = ()
) -> frozenset[Currency]:
    """The currencies whose rates valuing these readings needs, and the headline's; RUB always, USD never.

    Args:
        moving: assets that are between accounts.
    """
    wanted = {"RUB", headline, *(FIAT.intersection(moving))}
    for reading in readings:
        statement = statement_of(reading)
        if statement is None:
            continue
        wanted |= {holding.asset for holding in statement.holdings if holding.value is None} & FIAT
        wanted |= {holding.value.currency for holding in statement.holdings if holding.value is not None}
        wanted |= {stated.currency for stated in statement.stated} & FIAT
        wanted |= {sub.currency for sub in statement.sub_accounts} & FIAT
        if statement.native_currency:
            wanted.add(statement.native_currency)
    return frozenset(wanted - {"USD"})


def quotes_of(portfolio: Portfolio) -> Mapping[tuple[AccountId, Asset], Quote]:
    """The prices of this portfolio that may stand in later: only those that were found now."""
    found: dict[tuple[AccountId, Asset], Quote] = {}
    for account in portfolio.accounts:
        if not isinstance(account, KnownAccount) or account.state is not ReadingState.LIVE:
            continue
        for holding in account.holdings:
            if isinstance(holding, Priced) and holding.price > 0 and _found_now(holding, portfolio):
                quote = Quote(holding.asset, holding.price, holding.source, holding.as_of)
                found[account.id, holding.asset] = quote
    return found


def _found_now(row: Priced, portfolio: Portfolio) -> bool:
    """Whether a price is of now. An exchange rate that is old already would look new with the moment of its use."""
    if row.source is PriceSource.FX:
        rate = portfolio.rates.get(row.asset)
        return isinstance(rate, FxRate) and rate.state is not FxState.STALE
    return row.source in {PriceSource.VENUE_TICKER, PriceSource.VENUE_VALUE}


def statement_of(reading: Reading) -> Statement | None:
    """What the source said, now or last; None if it never said anything."""
    match reading:
        case Live() | Cached():
            return reading.statement
        case Stale():
            return reading.last_good
        case Failed():
            return None
        case _:
            assert_never(reading)


def _account(reading: Reading, info: AccountInfo, pricer: Pricer) -> AccountValue:
    statement = statement_of(reading)
    if statement is None:
        assert isinstance(reading, Failed)  # noqa: S101 - the only reading without a statement, for the type checker
        return UnknownAccount(info.id, info.name, info.source, info.is_exchange, reading.failure, reading.since)
    kept_in = _kept_in(statement)
    for currency in sorted(kept_in):
        if isinstance(pricer.rates.to_usd(currency), Unknown):
            failure = Failure(FailureKind.NO_RATE, currency)
            native = statement.native_currency
            return UnknownAccount(info.id, info.name, info.source, info.is_exchange, failure, None, native)
    rows = [(holding.part, pricer.holding(holding, statement)) for holding in statement.holdings]
    gaps = [
        (stated, gap) for stated in statement.stated if (gap := gap_of(stated, rows, statement, pricer)) is not None
    ]
    holdings = _merged([*(row for _, row in rows), *(gap for _, gap in gaps)])
    priced = [row for row in holdings if isinstance(row, Priced)]
    total = Money(sum((row.value for row in priced), ZERO), "USD")
    covered = sum((row.value for _, row in rows if isinstance(row, Priced)), ZERO)
    return _with_state(
        KnownAccount(
            id=info.id,
            name=info.name,
            source=info.source,
            state=ReadingState.LIVE,
            is_exchange=info.is_exchange,
            as_of=statement.as_of,
            holdings=holdings,
            total=total,
            native_total=_native_total(statement, total.amount, pricer.rates),
            native_currency=statement.native_currency,
            coverage=coverage_of(statement, covered, rows, pricer),
            sub_accounts=statement.sub_accounts,
            unreadable=statement.unreadable,
            notices=statement.notices,
            provisional_prices=tuple(
                sorted({row.asset for row in priced if _stands_in(row, pricer.rates)})
                or _assumed(statement, needs_dollars(statement))
            ),
            compartments=compartments(statement, [row for _, row in rows], gaps),
        ),
        reading,
        kept_in,
        pricer.rates,
    )


def _with_state(
    account: KnownAccount, reading: Reading, kept_in: frozenset[Currency], rates: RateTable
) -> KnownAccount:
    match reading:
        case Stale():
            return replace(account, state=ReadingState.STALE, failure=reading.failure, since=reading.since)
        case Cached():
            account = replace(account, state=ReadingState.CACHED)
        case _:
            pass
    # an account that is kept in a currency whose rate is too old is as stale as the rate
    for currency in sorted(kept_in):
        rate = rates.to_usd(currency)
        if rate is not None and not isinstance(rate, Unknown) and rate.state is FxState.STALE:
            failure = Failure(FailureKind.NO_RATE, f"{currency}: rate of {rate.date.isoformat()}")
            return replace(account, state=ReadingState.STALE, failure=failure)
    return account


def _kept_in(statement: Statement) -> frozenset[Currency]:
    currencies = {stated.currency for stated in statement.stated} & FIAT
    if statement.native_currency:
        currencies.add(statement.native_currency)
    return frozenset(currencies - {"USD"})


def _stands_in(row: Priced, rates: RateTable) -> bool:
    if row.source is PriceSource.FX and row.asset in FIAT and row.asset != "USD":
        rate = rates.to_usd(row.asset)
        return rate is not None and not isinstance(rate, Unknown) and rate.state is FxState.STALE
    return row.source in {PriceSource.KNOWN_BEFORE, PriceSource.ASSUMED_PAR}


def _assumed(statement: Statement, needed: bool) -> list[Asset]:
    """Every price that ran through a dollar at par is assumed too, even where none of the coin itself is held."""
    return [n.detail for n in statement.notices if needed and n.kind is WarningKind.ASSUMED_PAR]


def _merged(rows: Iterable[Valued]) -> tuple[Valued, ...]:
    """One row per asset and wallet; what has neither amount nor value vanishes."""
    merged: dict[tuple[Asset, Wallet, bool], Valued] = {}
    for row in rows:
        key = (row.asset, row.wallet, isinstance(row, Priced))
        before = merged.get(key)
        if before is None:
            merged[key] = row
        elif isinstance(before, Priced) and isinstance(row, Priced):
            merged[key] = _added(before, row)
        else:
            merged[key] = Unpriced(row.asset, row.wallet, before.amount + row.amount)
    return tuple(row for row in merged.values() if row.amount or (isinstance(row, Priced) and row.value))


def _added(one: Priced, other: Priced) -> Priced:
    amount, worth = one.amount + other.amount, one.value + other.value
    same = one.price == other.price
    price = one.price if same or not amount else significant(worth / amount)
    return replace(
        one,
        amount=amount,
        value=worth,
        price=price,
        source=one.source if one.source is not PriceSource.VENUE_TICKER else other.source,
        as_of=min(one.as_of, other.as_of),
        covered=one.covered and other.covered,
    )


def _native_total(statement: Statement, total_usd: Decimal, rates: RateTable) -> Decimal | None:
    native = statement.native_currency
    if native is None:
        return None
    parts = {holding.part for holding in statement.holdings}
    stated = {total.part for total in statement.stated}
    if statement.stated and (None in stated or parts <= stated) and all(t.currency == native for t in statement.stated):
        return sum((total.amount for total in statement.stated), ZERO)
    factor = rates.factor("USD", native)
    return None if isinstance(factor, Unknown) else total_usd * factor


def _total(values: Sequence[AccountValue], in_transit: Sequence[InTransit]) -> Total:
    known = [account for account in values if isinstance(account, KnownAccount)]
    amount = Money.total((account.total for account in known), "USD")
    amount += Money(sum((row.value for row in in_transit if isinstance(row.value, Decimal)), ZERO), "USD")
    missing = tuple(account.id for account in values if isinstance(account, UnknownAccount))
    if missing:
        return Incomplete(amount, missing)
    stale = tuple(account.id for account in known if account.state is ReadingState.STALE)
    prices = dict.fromkeys((account.id, asset) for account in known for asset in account.provisional_prices)
    prices |= dict.fromkeys((row.origin, row.asset) for row in in_transit if row.stands_in is not None)
    if stale or prices:
        return Provisional(amount, stale, tuple(prices))
    return Complete(amount)


def _in_currency(total: Total, currency: Currency, rates: RateTable) -> Total | Unknown:
    factor = rates.factor("USD", currency)
    if isinstance(factor, Unknown):
        return factor
    rate = rates.to_usd(currency)
    too_old = rate is not None and not isinstance(rate, Unknown) and rate.state is FxState.STALE
    match total:
        case Complete(money):
            converted = Money(money.amount * factor, currency)
            return Provisional(converted, ()) if too_old else Complete(converted)
        case Provisional(money, stale, prices):
            return Provisional(Money(money.amount * factor, currency), stale, prices)
        case Incomplete(money, missing):
            return Incomplete(Money(money.amount * factor, currency), missing)
        case _:
            assert_never(total)


def _crypto(values: Sequence[AccountValue]) -> Money | Unknown:
    exchanges = [account for account in values if account.is_exchange]
    failed = [account.id for account in exchanges if isinstance(account, UnknownAccount)]
    if failed:
        return Unknown("incomplete", ", ".join(failed))
    return Money.total((a.total for a in exchanges if isinstance(a, KnownAccount)), "USD")
