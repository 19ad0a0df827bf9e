"""When the past is read, and that no report ever waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.platforms.ledger import Span, Stream
from portfolio_bot.report.views import SyncState
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.snapshots import PULL, STATUS, Snapshots
from portfolio_bot.service.sync import Sync
from portfolio_bot.service.sync_rounds import SyncRounds
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, FakeRates, Hands, collecting, settings
from tests.service.past_venue import PastVenue, Shelf, deposit, refused
from tests.service.test_sync import HASTE
from tests.storage.builders import PARIS

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
IN = Stream("in", "deposits", border=True)


@dataclass
class House:
    """A service without a face."""

    store: Store
    clock: Hands
    collect: Collect
    snapshots: Snapshots
    sync: Sync

    async def triggers(self) -> Sequence[str]:
        async with self.store.read() as tx:
            return list(await tx.scalars(text("SELECT trigger FROM snapshot ORDER BY at")))


@asynccontextmanager
async def living(store: Store, clock: Hands, *sources: PastVenue, **more: Any) -> AsyncIterator[House]:
    """The rounds under way, at a quick pace."""
    collect = collecting(*sources, clock=clock)
    timetable = Timetable(store, Preferences(store, clock, settings()), PARIS, clock)
    snapshots = Snapshots(collect, store, FakeRates(), timetable, calendar=PARIS, clock=clock)
    by_account = {source.account: source for source in sources}
    sync = Sync(by_account, {}, store, calendar=PARIS, clock=clock, patience=HASTE)
    rounds = SyncRounds(sync, snapshots, clock, **{"look": 0.01, "first": 0.01, "tails": 0.0, **more})
    stop = asyncio.Event()
    serving = asyncio.create_task(rounds.serve(stop))
    try:
        yield House(store, clock, collect, snapshots, sync)
    finally:
        stop.set()
        await asyncio.wait_for(serving, 10)
        await collect.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.005)


async def settled(house: House) -> Sequence[str]:
    """What the snapshots were taken for, once one for a flow is there and had the time to be followed by another."""
    async with asyncio.timeout(5):
        while "flow" not in await house.triggers():
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.05)
    return await house.triggers()


async def test_a_report_is_made_while_the_past_is_being_read(store: Store, clock: Hands) -> None:
    class Endless(PastVenue):
        async def past(self, stream: Stream, span: Span, token: str = "") -> Any:
            await asyncio.sleep(60)

    source = Endless([Shelf(IN, [])], clock)
    async with living(store, clock, source) as house:
        house.sync._patience = replace(HASTE, call=60.0)
        await until(lambda: house.sync.running)
        began = time.monotonic()
        for trigger in (STATUS, PULL, PULL):
            clock.turn(minutes=5)
            assert (await house.snapshots.take(trigger)).accounts
        assert time.monotonic() - began < 5
        assert house.sync.running


async def test_the_past_is_read_after_the_start_and_every_six_hours(store: Store, clock: Hands) -> None:
    source = PastVenue([Shelf(IN, [deposit("d", NOON - DAY)])], clock)
    async with living(store, clock, source) as house:
        await until(lambda: house.sync.finished_at == NOON)
        made = source.requests.made
        clock.turn(hours=5.9)
        await asyncio.sleep(0.05)
        assert source.requests.made == made
        clock.turn(hours=0.2)
        await until(lambda: source.requests.made > made)


async def test_a_failure_that_may_pass_is_tried_again_soon_then_ever_later_and_a_refusal_is_not(
    store: Store, clock: Hands
) -> None:
    source = PastVenue([Shelf(IN, [])], clock)
    kinds = [None, *[FailureKind.MAINTENANCE] * 3, None, FailureKind.MAINTENANCE, FailureKind.MISSING_RIGHT, None]
    source.requests.script = {n: refused(kind) for n, kind in enumerate(kinds, 1) if kind}
    waits = [timedelta(0), *(timedelta(minutes=m) for m in (360, 15, 30, 60, 360, 15, 360))]
    async with living(store, clock, source) as house:
        for readings, wait in enumerate(waits, 1):
            clock.turn(minutes=wait.total_seconds() / 60 - 1 if wait else 0)
            if wait:
                await asyncio.sleep(0.05)
                assert source.requests.made == readings - 1, "it is too early"
                clock.turn(minutes=1)
            began = clock()
            await until(lambda: not house.sync.running and house.sync.finished_at == began)  # noqa: B023
            assert source.requests.made == readings


async def test_a_deposit_seen_after_a_snapshot_gives_rise_to_one_more(store: Store, clock: Hands) -> None:
    flows = [deposit("old", NOON - DAY)]
    source = PastVenue([Shelf(IN, flows)], clock)
    async with living(store, clock, source) as house:
        await house.snapshots.take(STATUS)
        await until(lambda: house.sync.finished_at is not None)
        assert await house.triggers() == ["status"], "what happened before the newest snapshot is valued already"
        clock.turn(minutes=10)
        flows.append(deposit("new", clock() - timedelta(minutes=1)))
        house.sync._tailed_at.clear()
        await house.snapshots.take(STATUS)
        await until(lambda: house.snapshots.taken_at is not None and house.sync.newest_border == flows[-1].at)
        assert await settled(house) == ["status", "status", "flow"]


async def test_a_deposit_that_a_full_reading_finds_is_valued_at_once(store: Store, clock: Hands) -> None:
    flows = [deposit("old", NOON - DAY)]
    source = PastVenue([Shelf(IN, flows)], clock)
    async with living(store, clock, source) as house:
        await house.snapshots.take(STATUS)
        await until(lambda: house.sync.finished_at is not None)
        clock.turn(hours=7)
        flows.append(deposit("new", clock() - HOUR))
        await until(lambda: house.sync.newest_border == flows[-1].at)
        assert await settled(house) == ["status", "flow"]


async def test_a_stop_ends_a_reading_at_once_and_the_next_life_goes_on(store: Store, clock: Hands) -> None:
    class Slow(PastVenue):
        async def past(self, stream: Stream, span: Span, token: str = "") -> Any:
            await asyncio.sleep(0.02)
            return await super().past(stream, span, token)

    rows = [deposit(f"d{n}", NOON - n * DAY) for n in range(1, 79)]
    shelf = Shelf(replace(IN, window=2 * DAY), rows)
    source = Slow([shelf], clock)
    async with living(store, clock, source) as cut_off:
        await until(lambda: len(source.requests.asked) >= 5)
    assert len(source.requests.asked) < 30
    assert cut_off.sync.view().accounts[0].state is SyncState.WAITING
    again = PastVenue([shelf], clock)
    async with living(store, clock, again) as house:
        await house.sync.load()
        await until(lambda: not house.sync.running and house.sync.view().accounts[0].state is SyncState.DONE)
        assert house.sync.view().accounts[0].flows == len(rows)
    assert again.requests.made < 40
