"""A valued portfolio as bytes, exact to the last digit.

What can be computed again is left out: a value that is amount x price, a sum, a converted total. Each such figure is
computed while writing by the very function that reads it, under the same context, and is left out only if the result
is equal; otherwise it is written in full. So whatever valuation does, the portfolio comes back equal; but the
functions here are part of the format, and a change to their arithmetic needs a new format byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Context, Decimal, localcontext
from typing import assert_never

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, FxRate, FxState, PriceSource, Quote
from portfolio_bot.model.money import ZERO, Currency, Money
from portfolio_bot.model.portfolio import (
    AccountValue,
    Complete,
    Coverage,
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
from portfolio_bot.model.statement import Wallet
from portfolio_bot.storage import bodies, compartment_body
from portfolio_bot.storage.bodies import Plain, UnreadableBody, moment, moment_of, padded, trimmed
from portfolio_bot.storage.columns import instant_of, micros
from portfolio_bot.storage.short_figures import (
    Factors,
    converted,
    derived_price,
    factors_of,
    fx_price,
    usd,
    usd_of,
)

_CONTEXT = Context(prec=50)
"""Of valuation too: where that computed under another, more is written in full, nothing else changes."""

_NOTHING = False
"""Stands for "there is none" where None already means "compute it again"."""

_UNPRICED, _BY_RATE = "-", "~"
"""Instead of a figure: there is no price; the price is the exchange rate."""


def encode(portfolio: Portfolio) -> bytes:
    """The portfolio without its `at`, which is the key of its row."""
    with localcontext(_CONTEXT):
        factors = factors_of(portfolio.rates)
        return bodies.to_json(
            {
                "demo": portfolio.demo,
                "accounts": [_account(account, factors) for account in portfolio.accounts],
                "usd": _total(portfolio.total_usd, _sum_of(portfolio.accounts, portfolio.in_transit), factors),
                "rub": _rub(portfolio, factors),
                "crypto": _crypto(portfolio, factors),
                "rates": {currency: _rate(rate) for currency, rate in portfolio.rates.items()},
                "in_transit": [_transit(row) for row in portfolio.in_transit],
                "notices": bodies.notices(portfolio.notices),
            }
        )


def decode(plain: bytes, at: datetime) -> Portfolio:
    """What `encode` wrote.

    Raises:
        UnreadableBody: it is damaged.
    """
    try:
        read: Plain = json.loads(plain)
        with localcontext(_CONTEXT):
            return _decode(read, at)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise UnreadableBody(type(error).__name__) from error


def _decode(read: Plain, at: datetime) -> Portfolio:
    rates = {currency: _rate_of(rate) for currency, rate in read["rates"].items()}
    factors = factors_of(rates)
    accounts = tuple(_account_of(account, factors) for account in read["accounts"])
    in_transit = tuple(_transit_of(row) for row in read["in_transit"])
    headline = _total_of(read["usd"], _sum_of(accounts, in_transit), "USD", factors)
    if isinstance(headline, Unknown):
        raise UnreadableBody("a total in USD that is unknown")
    return Portfolio(
        at=at,
        demo=read["demo"],
        accounts=accounts,
        total_usd=headline,
        total_rub=_total_of(read["rub"], converted(_amount(headline), "RUB", factors), "RUB", factors),
        crypto=_crypto_of(read["crypto"], accounts, factors),
        rates=rates,
        in_transit=in_transit,
        notices=bodies.notices_of(read["notices"]),
    )


# totals


def _total(total: Total | Unknown, computed: Decimal | None, factors: Factors) -> Plain:
    match total:
        case Complete(money):
            return ["complete", usd(money.amount, computed, factors)]
        case Provisional(money, stale, prices):
            return ["provisional", usd(money.amount, computed, factors), list(stale), [list(p) for p in prices]]
        case Incomplete(money, missing):
            return ["incomplete", usd(money.amount, computed, factors), list(missing)]
        case Unknown(reason, detail):
            return ["unknown", reason, detail]
        case _:
            assert_never(total)


def _total_of(plain: Plain, computed: Decimal | None, currency: Currency, factors: Factors) -> Total | Unknown:
    kind, first, *rest = plain
    if kind == "unknown":
        return Unknown(first, *rest)
    money = Money(usd_of(first, computed, factors), currency)
    match kind:
        case "complete":
            return Complete(money)
        case "provisional":
            return Provisional(money, tuple(rest[0]), tuple((account, asset) for account, asset in rest[1]))
        case "incomplete":
            return Incomplete(money, tuple(rest[0]))
        case _:
            raise UnreadableBody(f"total {kind!r}")


def _rub(portfolio: Portfolio, factors: Factors) -> Plain:
    return _total(portfolio.total_rub, converted(_amount(portfolio.total_usd), "RUB", factors), factors)


def _crypto(portfolio: Portfolio, factors: Factors) -> Plain:
    if isinstance(portfolio.crypto, Unknown):
        return ["unknown", portfolio.crypto.reason, portfolio.crypto.detail]
    return usd(portfolio.crypto.amount, _crypto_sum(portfolio.accounts), factors)


def _crypto_of(plain: Plain, accounts: Iterable[AccountValue], factors: Factors) -> Money | Unknown:
    if isinstance(plain, list) and plain[0] == "unknown":
        return Unknown(*plain[1:])
    return Money(usd_of(plain, _crypto_sum(accounts), factors), "USD")


def _amount(total: Total) -> Decimal:
    match total:
        case Complete(money) | Provisional(money) | Incomplete(money):
            return money.amount
        case _:
            assert_never(total)


def _sum_of(accounts: Iterable[AccountValue], in_transit: Iterable[InTransit]) -> Decimal:
    known = sum((account.total.amount for account in accounts if isinstance(account, KnownAccount)), ZERO)
    return known + sum((row.value for row in in_transit if isinstance(row.value, Decimal)), ZERO)


def _crypto_sum(accounts: Iterable[AccountValue]) -> Decimal:
    return sum((a.total.amount for a in accounts if isinstance(a, KnownAccount) and a.is_exchange), ZERO)


# accounts


def _account(account: AccountValue, factors: Factors) -> Plain:
    head = [account.id, account.name, account.source]
    if isinstance(account, UnknownAccount):
        rest = [bodies.failure(account.failure), moment(account.since), account.native_currency]
        return trimmed([*head, ReadingState.FAILED, account.is_exchange, *rest])
    total = account.total.amount
    return trimmed(
        [
            *head,
            account.state,
            account.is_exchange,
            micros(account.as_of),
            [_row(row, account.as_of) for row in account.holdings],
            " ".join(str(row.amount) for row in account.holdings),
            " ".join(_figure(row, factors) for row in account.holdings),
            usd(total, _priced_sum(account.holdings), factors),
            account.native_currency,
            _native_total(account, factors),
            _coverage(account.coverage, account.holdings, factors),
            bodies.sub_accounts(account.sub_accounts),
            bodies.unreadable(account.unreadable),
            bodies.notices(account.notices),
            bodies.failure(account.failure),
            moment(account.since),
            list(account.provisional_prices) or None,
            compartment_body.names(account.compartments),
            compartment_body.worths(account, factors),
        ]
    )


def _account_of(plain: Plain, factors: Factors) -> AccountValue:
    id, name, source, state, is_exchange, *rest = plain  # noqa: A001 - the field's own name
    if state == ReadingState.FAILED:
        failure, since, native = padded(rest, 3)
        cause = bodies.failure_of(failure)
        if cause is None:
            raise UnreadableBody("a failed account without a cause")
        return UnknownAccount(id, name, source, is_exchange, cause, moment_of(since), native)
    as_of, rows, amounts, figures, total, currency, native, *extras = padded(rest, 16)
    coverage, subs, unread, notices, failure, since, prices, names, worths = extras
    described = instant_of(as_of)
    cells = zip(rows, map(Decimal, amounts.split()), figures.split(), strict=True)
    holdings = tuple(_row_of(row, amount, figure, described, factors) for row, amount, figure in cells)
    amount = usd_of(total, _priced_sum(holdings), factors)
    return KnownAccount(
        id=id,
        name=name,
        source=source,
        state=ReadingState(state),
        is_exchange=is_exchange,
        as_of=described,
        holdings=holdings,
        total=Money(amount, "USD"),
        native_total=_native_total_of(native, amount, currency, factors),
        native_currency=currency,
        coverage=_coverage_of(coverage, holdings, factors),
        sub_accounts=bodies.sub_accounts_of(subs),
        unreadable=bodies.unreadable_of(unread),
        notices=bodies.notices_of(notices),
        failure=bodies.failure_of(failure),
        since=moment_of(since),
        provisional_prices=tuple(prices or ()),
        compartments=compartment_body.compartments_of(names, worths, amount, holdings, factors),
    )


def _priced_sum(holdings: Iterable[Valued], *, covered: bool = False) -> Decimal:
    return sum((row.value for row in holdings if isinstance(row, Priced) and (row.covered or not covered)), ZERO)


def _native_total(account: KnownAccount, factors: Factors) -> Plain:
    computed = _computed_native(account.total.amount, account.native_currency, factors)
    if account.native_total == computed:
        return None
    return _NOTHING if account.native_total is None else str(account.native_total)


def _native_total_of(plain: Plain, total: Decimal, currency: Currency | None, factors: Factors) -> Decimal | None:
    if plain is None:
        return _computed_native(total, currency, factors)
    return None if plain is _NOTHING else Decimal(plain)


def _computed_native(total: Decimal, currency: Currency | None, factors: Factors) -> Decimal | None:
    return None if currency is None else converted(total, currency, factors)


def _coverage(coverage: Coverage | None, holdings: Sequence[Valued], factors: Factors) -> Plain:
    if coverage is None:
        return None
    gap, percent = _computed_coverage(coverage.venue_total, holdings)
    shown: Plain = None
    if coverage.percent != percent:
        shown = _NOTHING if coverage.percent is None else str(coverage.percent)
    return trimmed(
        [
            usd(coverage.venue_total, None, factors),
            usd(coverage.gap, gap, factors),
            shown,
            list(coverage.suspects) or None,
        ]
    )


def _coverage_of(plain: Plain, holdings: Sequence[Valued], factors: Factors) -> Coverage | None:
    if plain is None:
        return None
    total, gap, shown, suspects = padded(plain, 4)
    venue_total = usd_of(total, None, factors)
    computed_gap, percent = _computed_coverage(venue_total, holdings)
    if shown is not None:
        percent = None if shown is _NOTHING else Decimal(shown)
    return Coverage(venue_total, percent, usd_of(gap, computed_gap, factors), tuple(suspects or ()))


def _computed_coverage(venue_total: Decimal, holdings: Sequence[Valued]) -> tuple[Decimal, Decimal | None]:
    covered = _priced_sum(holdings, covered=True)
    return venue_total - covered, covered / venue_total * 100 if venue_total else None


# holdings: what never changes in rows, amounts and figures as two texts beside them, which packs far better


def _row(row: Valued, as_of: datetime) -> Plain:
    head: list[Plain] = [row.asset, row.wallet]
    if isinstance(row, Unpriced):
        return head
    source = None if row.source is PriceSource.VENUE_TICKER else row.source
    moment_of_price = None if row.as_of == as_of else micros(row.as_of)
    return trimmed([*head, source, moment_of_price, None if row.covered else _NOTHING])


def _row_of(plain: Plain, amount: Decimal, figure: str, as_of: datetime, factors: Factors) -> Valued:
    asset, wallet, source, described, covered = padded(plain, 5)
    if figure == _UNPRICED:
        return Unpriced(asset, Wallet(wallet), amount)
    price, value = _price_and_value(figure, asset, amount, factors)
    kind = PriceSource.VENUE_TICKER if source is None else PriceSource(source)
    moment_of_price = as_of if described is None else instant_of(described)
    return Priced(asset, Wallet(wallet), amount, price, value, kind, moment_of_price, covered=covered is None)


def _figure(row: Valued, factors: Factors) -> str:
    """`price`, `=value` or `price=value`: what must be written of both, without blanks."""
    if isinstance(row, Unpriced):
        return _UNPRICED
    if row.value == row.amount * row.price:
        return _BY_RATE if row.price == fx_price(row.asset, factors) else str(row.price)
    value = usd(row.value, None, factors)
    written = ":".join(value) if isinstance(value, list) else value
    price = "" if row.price == derived_price(row.value, row.amount) else str(row.price)
    return f"{price}={written}"


def _price_and_value(figure: str, asset: str, amount: Decimal, factors: Factors) -> tuple[Decimal, Decimal]:
    price_text, given, value_text = figure.partition("=")
    if not given:
        price = fx_price(asset, factors) if figure == _BY_RATE else Decimal(price_text)
        if price is None:
            raise UnreadableBody(f"no rate of {asset}")
        return price, amount * price
    value = usd_of(value_text.split(":") if ":" in value_text else value_text, None, factors)
    derived = Decimal(price_text) if price_text else derived_price(value, amount)
    if derived is None:
        raise UnreadableBody(f"no price of {asset}")
    return derived, value


# rates and money on its way


def _rate(rate: FxRate | Unknown) -> Plain:
    if isinstance(rate, Unknown):
        return [rate.reason, rate.detail]
    dated = rate.date.isoformat()
    return [rate.base, rate.quote, str(rate.rate), rate.provider, dated, rate.state, int(rate.crossed)]


def _rate_of(plain: Plain) -> FxRate | Unknown:
    if len(plain) == 2:
        return Unknown(*plain)
    base, quote, rate, provider, dated, state, crossed = plain
    valid_for = date.fromisoformat(dated)
    return FxRate(base, quote, Decimal(rate), FxProvider(provider), valid_for, FxState(state), crossed=bool(crossed))


def _transit(row: InTransit) -> Plain:
    value = [row.value.reason, row.value.detail] if isinstance(row.value, Unknown) else str(row.value)
    quote = row.stands_in
    stands_in = None if quote is None else [quote.asset, str(quote.price), quote.source, micros(quote.as_of)]
    figures = [str(row.amount), value]
    return trimmed([row.asset, *figures, row.origin, row.destination, micros(row.since), row.txid, stands_in])


def _transit_of(plain: Plain) -> InTransit:
    asset, amount, figure, origin, destination, since, txid, quote = padded(plain, 8)
    value = Unknown(*figure) if isinstance(figure, list) else Decimal(figure)
    stands_in = None
    if quote is not None:
        name, price, source, described = quote
        stands_in = Quote(name, Decimal(price), PriceSource(source), instant_of(described))
    return InTransit(asset, Decimal(amount), value, origin, destination, instant_of(since), txid, stands_in)
