"""The ticking, and what is done at a tick."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.statement import Notice, WarningKind
from portfolio_bot.service.health import Pulse
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.scheduler import Rounds, Scheduler
from portfolio_bot.service.snapshots import Snapshots
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.storage import outbox
from portfolio_bot.storage.errors import DiskFull
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, FakePostman, FakeRates, FakeSource, Hands, collecting, down, settings, statement

PARIS = Calendar.of("Europe/Paris")


class House:
    """Everything a tick needs, on a real database."""

    def __init__(self, store: Store, clock: Hands, source: FakeSource, *, pushes: bool = True) -> None:
        self.clock, self.postman, self.pulse = clock, FakePostman(), Pulse()
        self.kept_house = 0
        collect = collecting(source, clock=clock)
        self.timetable = Timetable(store, Preferences(store, clock, settings()), PARIS, clock)
        self.snapshots = Snapshots(
            collect, store, FakeRates(), self.timetable, calendar=PARIS, clock=clock, postman=self.postman
        )
        self.rounds = Rounds(
            self.snapshots,
            self.timetable,
            collect,
            calendar=PARIS,
            clock=clock,
            pulse=self.pulse,
            pushes=pushes,
            every=timedelta(hours=1),
            daily=time(0, 5),
            housekeeping=self.keep_house,
        )

    async def keep_house(self) -> None:
        self.kept_house += 1

    async def live(self, minutes: float, *, step: float = 0.25) -> None:
        for _ in range(round(minutes / step)):
            await self.rounds.tick()
            self.clock.turn(minutes=step)

    @property
    def reports(self) -> list[str]:
        return [pushed.key.removeprefix("report:2026-11-") for pushed in self.postman.reports]


async def test_the_first_collection_follows_the_start_and_is_the_first_report(store: Store, clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    house = House(store, clock, source)
    await house.rounds.tick()
    assert source.asked == 1
    assert house.reports == ["20T12:00"]
    assert house.pulse.ticked_at == NOON


async def test_a_key_that_may_do_more_than_read_is_named_at_the_start(
    store: Store, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    risky = replace(statement("bybit", {"BTC": "1"}), notices=(Notice(WarningKind.KEY_MAY_WITHDRAW),))
    house = House(store, clock, FakeSource("bybit", risky, clock=clock))
    await house.live(30, step=5)
    assert caplog.text.count("bybit: key_may_withdraw") == 1


async def test_a_day_of_ticks_brings_its_reports_and_its_snapshots(store: Store, clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    house = House(store, clock, source)
    await house.live(24 * 60, step=5)
    assert house.reports == [
        "20T12:00", "20T14:00", "20T16:00", "20T18:00", "21T07:00", "21T09:00", "21T11:00",
    ]  # fmt: skip
    # 24 hourly ones, the one at 00:05 in Paris and two that opening the window put between
    assert 24 <= source.asked <= 28
    assert house.kept_house == 2


async def test_without_anybody_to_push_to_there_are_snapshots_only(store: Store, clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    house = House(store, clock, source, pushes=False)
    await house.live(125, step=5)
    assert house.reports == []
    assert source.asked == 3


async def test_a_dark_source_is_not_asked_at_every_tick(store: Store, clock: Hands) -> None:
    source = FakeSource("bybit", down(), clock=clock)
    house = House(store, clock, source, pushes=False)
    await house.live(30)
    assert source.asked < 10


async def test_an_odd_answer_is_asked_for_again_without_waiting_for_the_hour(store: Store, clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "1"}, {}, clock=clock)
    house = House(store, clock, source, pushes=False)
    await house.live(60.25)
    asked = source.asked
    await house.live(2)
    assert (asked, source.asked) == (2, 3)
    assert house.snapshots.latest is not None
    assert house.snapshots.latest.accounts[0].failure is None


async def test_a_clock_that_is_not_set_yet_starts_nothing(store: Store, clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    house = House(store, clock, source)
    clock.now = NOON.replace(year=1970)
    await house.live(5)
    assert source.asked == 0
    clock.now = NOON
    await house.rounds.tick()
    assert house.reports == ["20T12:00"]


async def test_after_a_jump_back_no_report_comes_twice_and_none_stays_away(store: Store, clock: Hands) -> None:
    house = House(store, clock, FakeSource("bybit", {"BTC": "1"}, clock=clock))
    await house.live(130, step=5)
    clock.turn(hours=-2)
    await house.rounds.jumped(-7200)
    await house.live(130, step=5)
    assert house.reports == ["20T12:00", "20T14:00", "20T14:10"]


async def test_after_a_jump_back_no_letter_waits_for_a_moment_of_the_old_clock(store: Store, clock: Hands) -> None:
    house = House(store, clock, FakeSource("bybit", {"BTC": "1"}, clock=clock))
    await house.live(5)
    retry = clock() + timedelta(seconds=30)
    await store.write(lambda tx: outbox.mark_sending(tx, 1, clock()))
    await store.write(lambda tx: outbox.mark_pending(tx, 1, retry, "unreachable"))
    clock.turn(hours=-2)
    await house.rounds.jumped(-7200)
    async with store.read() as tx:
        assert [letter.id for letter in await outbox.due(tx, clock(), "1")] == [1]


async def test_a_full_disk_makes_nobody_work_harder(
    store: Store, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: object) -> None:
        raise DiskFull("portfolio.db")

    source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    house = House(store, clock, source)
    await house.timetable.begin()
    monkeypatch.setattr(store, "write", full)
    await house.live(50, step=5)
    assert source.asked == 1
    monkeypatch.undo()
    await house.live(5, step=5)
    assert house.reports == ["20T12:00"]


class Ticks:
    """Counts ticks; two clocks that can be pulled apart."""

    def __init__(self, tick: Callable[[], Awaitable[None]] | None = None) -> None:
        self.count, self.ahead, self.jumps = 0, 0.0, list[float]()
        self.stop = asyncio.Event()
        self._tick = tick
        self.scheduler = Scheduler(
            self.tick,
            jumped=self.jumped,
            every=0.02,
            jump=30,
            wall=lambda: self.steady() + self.ahead,
            steady=self.steady,
        )

    def steady(self) -> float:
        return asyncio.get_running_loop().time()

    async def tick(self) -> None:
        self.count += 1
        if self._tick is not None:
            await self._tick()

    async def jumped(self, seconds: float) -> None:
        self.jumps.append(round(seconds))

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while self.count < count:
                await asyncio.sleep(0.005)

    async def run(self, seconds: float) -> None:
        serving = asyncio.create_task(self.scheduler.serve(self.stop))
        await asyncio.sleep(seconds)
        self.stop.set()
        await serving


async def test_it_ticks_at_once_and_then_every_so_often() -> None:
    ticks = Ticks()
    started = ticks.steady()
    serving = asyncio.create_task(ticks.scheduler.serve(ticks.stop))
    await ticks.until(4)
    ticks.stop.set()
    await serving
    assert ticks.steady() - started >= 0.05


async def test_a_tick_that_fails_is_logged_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ZeroDivisionError("always")

    ticks = Ticks(fails)
    serving = asyncio.create_task(ticks.scheduler.serve(ticks.stop))
    await ticks.until(3)
    ticks.stop.set()
    await serving
    assert caplog.text.count("a tick failed") == 1


async def test_ticks_never_overlap_and_a_slow_one_is_finished_at_the_stop(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    running = finished = most = 0

    async def slow() -> None:
        nonlocal running, finished, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.15)
        running -= 1
        finished += 1

    ticks = Ticks(slow)
    await ticks.run(0.1)
    assert (most, finished) == (1, 1)
    assert caplog.records == []


async def test_a_clock_jump_is_noticed_once() -> None:
    ticks = Ticks()
    serving = asyncio.create_task(ticks.scheduler.serve(ticks.stop))
    await ticks.until(2)
    ticks.ahead = -3600
    await ticks.until(ticks.count + 4)
    ticks.stop.set()
    await serving
    assert ticks.jumps == [-3600]


async def test_after_the_clock_of_the_machine_was_set_back_it_goes_on_ticking() -> None:
    ticks = Ticks()
    ticks.scheduler = Scheduler(ticks.tick, jumped=ticks.jumped, every=0.02)
    serving = asyncio.create_task(ticks.scheduler.serve(ticks.stop))
    await ticks.until(2)
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1), tick=True):
        await ticks.until(ticks.count + 4)
        ticks.stop.set()
        await serving
    assert ticks.jumps == [-3600]


async def test_a_nudge_ticks_before_its_time() -> None:
    ticks = Ticks()
    ticks.scheduler = Scheduler(ticks.tick, jumped=ticks.jumped, every=60)
    serving = asyncio.create_task(ticks.scheduler.serve(ticks.stop))
    await ticks.until(1)
    ticks.scheduler.nudge()
    await ticks.until(2)
    ticks.stop.set()
    await serving
