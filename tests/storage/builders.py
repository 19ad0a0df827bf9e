"""Small portfolios, statements and clocks for the tests of storage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.valuation import AccountInfo, value
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, FxRate, RateTable
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.reading import Failed, Live, Reading, Stale
from portfolio_bot.model.statement import Holding, Statement, Wallet

PARIS = Calendar.of("Europe/Paris")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RUB = FxRate("USD", "RUB", Decimal("78.6000"), FxProvider.CBR, date(2026, 11, 20))
RATES = RateTable({"RUB": RUB})
REFUSED = Failure(FailureKind.BAD_KEY, "10003")


def fixed(instant: datetime = NOON) -> Clock:
    """A clock that stands still."""
    return lambda: instant


def moment(text: str) -> datetime:
    """`2026-11-20 08:30` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def statement(account: str = "bybit", at: datetime = NOON, usd: str = "100") -> Statement:
    """An account that holds so many dollars."""
    return Statement(account, at, (Holding("USD", Wallet.CASH, Decimal(usd)),))


def valued(at: datetime, readings: Sequence[Reading], rates: RateTable = RATES) -> Portfolio:
    """The portfolio of these readings; every account is an exchange."""
    infos = {r.account: AccountInfo(r.account, r.account.title(), r.account, is_exchange=True) for r in readings}
    return value(readings, infos, rates, at=at)


def complete(at: datetime = NOON, usd: str = "100", rates: RateTable = RATES) -> Portfolio:
    """A complete portfolio worth so much."""
    return valued(at, [Live("bybit", statement(at=at, usd=usd))], rates)


def provisional(at: datetime = NOON, usd: str = "100") -> Portfolio:
    """A last good value stands in."""
    return valued(at, [Stale("bybit", statement(at=at - timedelta(hours=3), usd=usd), REFUSED, at)])


def incomplete(at: datetime = NOON, usd: str = "100") -> Portfolio:
    """One account was never seen."""
    return valued(at, [Live("bybit", statement(at=at, usd=usd)), Failed("okx", REFUSED, at)])


def without_rub(at: datetime = NOON, usd: str = "100") -> Portfolio:
    """No rate of the rouble."""
    return complete(at, usd, RateTable({"RUB": Unknown("no_rate", "RUB")}))
