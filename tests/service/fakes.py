"""Accounts that answer by script, rates that stand still, a clock that is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from portfolio_bot.analytics.valuation import AccountInfo
from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset, FxProvider, FxRate, PriceSource, Quote, RateTable
from portfolio_bot.model.money import Currency
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.rhythm import Every
from portfolio_bot.model.statement import AccountId, Holding, StatedTotal, Statement, Wallet
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.report.views import SettingOrigin, SettingView, SyncView
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.due import Due
from portfolio_bot.service.posts import Post
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.schedule import DEFAULT, Errand, Schedule
from portfolio_bot.service.watch import Notice
from portfolio_bot.service.window import Window
from portfolio_bot.storage import outbox
from portfolio_bot.storage.tx import Tx

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TTL = timedelta(seconds=60)
HANG = "hang"

Answer: TypeAlias = Statement | Failure | Exception | str | Mapping[Asset, str]
"""What an account says: a statement (or its amounts), a failure, a bug, or nothing at all (`HANG`)."""


class Hands:
    """A clock that is turned by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


def statement(
    account: AccountId, amounts: Mapping[Asset, str], at: datetime = NOON, *, venue_says: str | None = None
) -> Statement:
    """Spot holdings; a coin is worth 100 USD.

    Args:
        venue_says: what the venue itself states as the whole account's value.
    """
    stated = StatedTotal(Decimal(venue_says), "USD") if venue_says else None
    holdings = tuple(Holding(asset, Wallet.SPOT, Decimal(amount)) for asset, amount in amounts.items())
    prices = {(asset, "USD"): Decimal(100) for asset in amounts if asset not in {"USD", "USDT", "EUR"}}
    return Statement(account, at, holdings, prices, venue_total=stated)


class FakeSource:
    """Answers what the script says, the last line for ever."""

    def __init__(
        self,
        account: AccountId,
        *script: Answer,
        clock: Callable[[], datetime],
        takes: float = 0.0,
        patience: float = 1.0,
    ) -> None:
        self.account, self.patience = account, patience
        self.script: Sequence[Answer] = script
        self.takes = takes
        self.asked = 0
        self.closed = False
        self.key = KeyRights(read_only=True)
        self.key_failure: Failure | None = None
        self._clock = clock

    async def read(self) -> Statement:
        answer = self.script[min(self.asked, len(self.script) - 1)]
        self.asked += 1
        await asyncio.sleep(60 if answer == HANG else self.takes)
        match answer:
            case Statement():
                return answer
            case Failure():
                raise SourceError(answer)
            case Exception():
                raise answer
            case str():
                raise AssertionError(f"no such line: {answer}")
            case _:
                return statement(self.account, answer, self._clock())

    async def rights(self) -> KeyRights:
        await asyncio.sleep(self.takes)
        if self.key_failure is not None:
            raise SourceError(self.key_failure)
        return self.key

    async def close(self) -> None:
        self.closed = True


class FakeRates:
    """80 roubles a dollar, unless it is told otherwise."""

    def __init__(self, *, takes: float = 0.0) -> None:
        self.takes = takes
        self.rub: FxRate | Unknown = FxRate("USD", "RUB", Decimal(80), FxProvider.CBR, date(2026, 11, 20))
        self.prefetched: set[Currency] = set()
        self.implied: Mapping[FxProvider, Decimal] = {}
        self.closed = False
        self._task: asyncio.Task[None] | None = None

    def prefetch(self, currencies: Collection[Currency]) -> None:
        self.prefetched |= set(currencies)
        self._task = asyncio.create_task(asyncio.sleep(self.takes))

    async def latest(
        self, currencies: Collection[Currency], *, implied: Mapping[FxProvider, Decimal] | None = None
    ) -> RateTable:
        if self._task is not None:
            await self._task
        self.implied = implied or {}
        euro = FxRate("EUR", "USD", Decimal("1.1"), FxProvider.ECB, date(2026, 11, 20))
        return RateTable({"RUB": self.rub, "EUR": euro})

    def fresh(self) -> Mapping[Currency, FxRate]:
        return {"RUB": self.rub} if isinstance(self.rub, FxRate) else {}

    async def close(self) -> None:
        self.closed = True


class FakeDollars:
    """A dollar is a dollar, almost."""

    def __init__(self, *, takes: float = 0.0) -> None:
        self.takes = takes
        self._task: asyncio.Task[None] | None = None

    def prefetch(self) -> None:
        self._task = self._task or asyncio.create_task(asyncio.sleep(self.takes))

    async def latest(self) -> Mapping[Asset, Quote]:
        self.prefetch()
        assert self._task is not None
        await self._task
        return {"USDT": Quote("USDT", Decimal("0.999"), PriceSource.VENUE_TICKER, NOON)}

    async def close(self) -> None:
        return


def down(kind: FailureKind = FailureKind.UNREACHABLE, **more: object) -> Failure:
    return Failure(kind, **more)  # type: ignore[arg-type]


def collecting(
    *sources: FakeSource,
    clock: Hands,
    rates: FakeRates | None = None,
    dollars: FakeDollars | None = None,
    headline: str = "USD",
) -> Collect:
    infos = {s.account: AccountInfo(s.account, s.account.title(), s.account, is_exchange=True) for s in sources}
    return Collect(
        {source.account: source for source in sources},
        infos,
        rates=rates or FakeRates(),
        dollars=dollars or FakeDollars(),
        clock=clock,
        ttl=TTL,
        pace=0.0,
        headline=headline,
    )


def settings(minutes: int = 120, start: int = 8, end: int = 20) -> list[SettingView]:
    """The live settings as the environment has them."""
    values = {"POLL_INTERVAL_MINUTES": minutes, "WINDOW_START_HOUR": start, "WINDOW_END_HOUR": end}
    return [
        SettingView("CACHE_TTL", "60", SettingOrigin.DEFAULT, "60"),
        *(SettingView(name, str(value), SettingOrigin.ENV_FILE, "120") for name, value in values.items()),
    ]


def errand(due: Due, schedule: Schedule | None = None) -> Errand:
    """A schedule whose time has come: the default one where none is named."""
    return Errand(schedule or Schedule(DEFAULT, Every(timedelta(hours=2)), window=Window(8, 20)), due)


class FakePostman:
    """Keeps what it is given; and one row in the outbox, so that a test can see the transaction."""

    def __init__(self) -> None:
        self.reports: list[Pushed] = []
        self.notices: list[Notice] = []
        self.histories: list[SyncView] = []
        self.alarms: list[str] = []
        self.nudges = 0

    def main(self) -> str | None:
        return "1"

    def at_once(self, content: str, posts: Sequence[Post]) -> bool:
        return content in {"report", "details"}

    async def report(self, tx: Tx, pushed: Pushed) -> None:
        if await self._queue(tx, pushed.key, "report"):
            self.reports.append(pushed)

    async def prepare(self, pushed: Pushed) -> Callable[[Tx], Awaitable[None]]:
        return lambda tx: self.report(tx, pushed)

    async def notice(self, tx: Tx, notice: Notice, portfolio: Portfolio) -> None:
        if await self._queue(tx, notice.key, "notice"):
            self.notices.append(notice)

    async def history(self, tx: Tx, key: str, view: SyncView) -> None:
        if await self._queue(tx, key, "notice"):
            self.histories.append(view)

    def nudge(self) -> None:
        self.nudges += 1

    async def alarm(self, text: str) -> None:
        self.alarms.append(text)

    async def _queue(self, tx: Tx, key: str, kind: str) -> bool:
        return await outbox.add(tx, key=key, chat="1", payload={}, kind=kind, not_before=NOON)
