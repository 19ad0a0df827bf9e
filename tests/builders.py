"""Small builders from strings: a test says `bybit("BTC spot 0.5, USDT funding 100")` and means just that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from portfolio_bot.analytics.valuation import AccountInfo
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, FxRate, FxState, Pair, RateTable
from portfolio_bot.model.money import Money
from portfolio_bot.model.reading import Failed, Live, Stale
from portfolio_bot.model.statement import Holding, StatedTotal, Statement, Wallet

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def holdings(text: str, part: str = "") -> tuple[Holding, ...]:
    """`BTC spot 0.5, ETH unified 2 = 4800 USD`: asset, wallet, amount and, behind `=`, the venue's own value."""
    found = []
    for row in filter(None, (piece.strip() for piece in text.split(","))):
        left, _, right = row.partition("=")
        asset, wallet, amount = left.split()
        value = Money(Decimal(right.split()[0]), right.split()[1]) if right else None
        found.append(Holding(asset, Wallet(wallet), Decimal(amount), value, part))
    return tuple(found)


def prices(text: str) -> Mapping[Pair, Decimal]:
    """`BTC/USDT 60000, USDT/USD 0.9995`."""
    found = {}
    for row in filter(None, (piece.strip() for piece in text.split(","))):
        pair, price = row.split()
        base, quote = pair.split("/")
        found[base, quote] = Decimal(price)
    return found


def statement(
    account: str = "bybit",
    held: str = "",
    last: str = "",
    *,
    stated: tuple[StatedTotal, ...] = (),
    venue_total: StatedTotal | None = None,
    native: str | None = "USD",
    part: str = "",
    at: datetime = NOON,
) -> Statement:
    """A statement of one account."""
    return Statement(account, at, holdings(held, part), prices(last), stated, venue_total, native_currency=native)


def rates(rub: str | None = "80", *, state: FxState = FxState.LIVE, **others: str | None) -> RateTable:
    """USD/RUB and, by keyword, X/USD; None is Unknown."""
    day = date(2026, 11, 20)
    table: dict[str, FxRate | Unknown] = {
        "RUB": FxRate("USD", "RUB", Decimal(rub), FxProvider.CBR, day, state) if rub else Unknown("no_rate", "RUB")
    }
    for name, rate in others.items():
        table[name] = (
            FxRate(name, "USD", Decimal(rate), FxProvider.ECB, day, state) if rate else Unknown("no_rate", name)
        )
    return RateTable(table)


def info(*ids: str) -> Mapping[str, AccountInfo]:
    """Accounts by id, in this order; T-Bank and IBKR are brokers."""
    return {
        name: AccountInfo(name, name.capitalize(), name.split("-")[0], name.split("-")[0] not in {"tbank", "ibkr"})
        for name in ids
    }


def live(made: Statement) -> Live:
    """It answered."""
    return Live(made.account, made)


def stale(made: Statement, kind: FailureKind = FailureKind.UNAVAILABLE) -> Stale:
    """It failed at noon; this was its last good answer."""
    return Stale(made.account, made, Failure(kind), NOON)


def failed(account: str, kind: FailureKind = FailureKind.BAD_KEY) -> Failed:
    """It never answered."""
    return Failed(account, Failure(kind), NOON)
