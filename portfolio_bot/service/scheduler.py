"""The ticking, and what is done at a tick. What is due is decided by the database; this only looks often enough."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from datetime import time as clock_time

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.portfolio import KnownAccount, Portfolio
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.due import daily_slot, snapshot_due
from portfolio_bot.service.health import Pulse
from portfolio_bot.service.schedule import Errand
from portfolio_bot.service.snapshots import Snapshots, Trigger
from portfolio_bot.service.timetable import Timetable

log = logging.getLogger(__name__)

EVERY = 15.0
JUMP = 30.0
"""Seconds by which the wall clock may run away from the steady one between two looks."""

CLOCK_IS_SET_FROM = 2020
"""A year before this is shown by a machine that has not learnt the time yet."""

AGAIN = timedelta(seconds=60)
"""After a snapshot that could not be stored (no source answered) the next try waits so long."""


class _FromNow(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """So many seconds from now, whatever was missed: a clock that jumped far ahead has no ticks to catch up."""

    def __init__(self, seconds: float) -> None:
        self._step = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now if previous is None else now + self._step


class Scheduler:
    """Calls `tick` every so often, and once right away; never two at a time.

    The library trusts the wall clock: after a jump back by an hour nothing would fire for an hour. So the steady clock
    is looked at beside it, and after a jump it is woken.

    Args:
        tick: what to do; an exception is logged when it is a new one.
        jumped: called after a jump with its seconds, negative for a clock that was set back.
        every, jump: seconds.
        wall, steady: the two clocks.
    """

    name = "scheduler"

    def __init__(
        self,
        tick: Callable[[], Awaitable[None]],
        *,
        jumped: Callable[[float], Awaitable[None]],
        every: float = EVERY,
        jump: float = JUMP,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tick, self._jumped = tick, jumped
        self._every, self._jump = every, jump
        self._wall, self._steady = wall, steady
        self._current: asyncio.Task[None] | None = None
        self._ended = False
        self._trouble = ""
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Look at once: something changed."""
        self._nudged.set()

    async def serve(self, stop: asyncio.Event) -> None:
        """Tick until the stop, then finish the tick in hand."""
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            self._begin, _FromNow(self._every), misfire_grace_time=None, coalesce=True, max_instances=1, id="tick"
        )
        scheduler.start()
        try:
            await self._watch_clocks(stop, scheduler)
        finally:
            self._ended = True
            scheduler.pause()
            if self._current is not None:
                await asyncio.wait([self._current])
            scheduler.shutdown(wait=False)

    async def _watch_clocks(self, stop: asyncio.Event, scheduler: AsyncIOScheduler) -> None:
        stopping = asyncio.create_task(stop.wait())
        try:
            apart = self._wall() - self._steady()
            while not stop.is_set():
                nudging = asyncio.create_task(self._nudged.wait())
                await asyncio.wait([stopping, nudging], timeout=self._every, return_when=asyncio.FIRST_COMPLETED)
                nudging.cancel()
                before, apart = apart, self._wall() - self._steady()
                seconds = apart - before
                if abs(seconds) > self._jump:
                    log.warning("the clock jumped by %+.0f s", seconds)
                    await self._guarded(self._jumped(seconds))
                if self._nudged.is_set() or abs(seconds) > self._jump:
                    self._nudged.clear()
                    scheduler.modify_job("tick", next_run_time=datetime.now(scheduler.timezone))
        finally:
            stopping.cancel()

    async def _begin(self) -> None:
        """Returns at once: a tick may last longer than the step, and the library complains about jobs that do."""
        if not self._ended and (self._current is None or self._current.done()):
            self._current = asyncio.create_task(self._guarded(self._tick()), name="tick")

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # one tick that fails must not end the service; the next one tries again
            trouble = f"{type(error).__name__}: {error}"
            if trouble != self._trouble:
                log.exception("a tick failed")
            self._trouble = trouble
        else:
            self._trouble = ""


class Rounds:
    """What is done at a tick.

    Args:
        pushes: there is somebody to push reports to.
        every: from one snapshot to the next.
        daily: local time of the daily one.
        housekeeping: done once a day, after the daily snapshot.
    """

    def __init__(
        self,
        snapshots: Snapshots,
        timetable: Timetable,
        collect: Collect,
        *,
        calendar: Calendar,
        clock: Clock,
        pulse: Pulse,
        pushes: bool,
        every: timedelta,
        daily: clock_time,
        housekeeping: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._snapshots, self._timetable, self._collect = snapshots, timetable, collect
        self._calendar, self._clock, self._pulse = calendar, clock, pulse
        self._pushes, self._every, self._daily = pushes, every, daily
        self._housekeeping = housekeeping
        self._kept_house: datetime | None = None
        self._tried_at: datetime | None = None
        self._served_at: datetime | None = None
        self._clock_unset = False
        self._begun = False

    async def tick(self) -> None:
        """Look what is due and do it."""
        now = self._clock()
        self._pulse.ticked_at = now
        if self._is_unset(now):
            return
        if not self._begun:
            await self._begin()
            return
        await self._snapshots.write_waiting()
        errands = [one for one in await self._due() if not self._snapshots.is_pushed(one)]
        if errands and not self._held_back(now):
            self._served_at = now
            await self._snapshots.serve(errands)
            self._served_at = None
            return
        await self._snapshot(now)
        await self._keep_house(now)

    async def jumped(self, seconds: float) -> None:
        """The clock jumped: what was planned by the old one is planned anew."""
        if seconds < 0 and not self._is_unset(self._clock()):
            self._tried_at = None
            await self._timetable.clock_was_set_back()
            await self._snapshots.clock_was_set_back()

    async def _begin(self) -> None:
        """The first collection follows the start at once; a report that is due takes its place."""
        await self._timetable.clock_was_set_back()
        if self._pushes:
            await self._timetable.begin()
        errands = await self._due()
        self._begun = True
        _warn_of_keys(await self._snapshots.serve(errands, "poll" if errands else "start"))

    async def _due(self) -> Sequence[Errand]:
        return await self._timetable.due() if self._pushes else ()

    def _held_back(self, now: datetime) -> bool:
        """Whether the last try to serve the schedules failed just now: the sources are not asked at every tick."""
        return self._served_at is not None and timedelta(0) <= now - self._served_at < AGAIN

    async def _snapshot(self, now: datetime) -> None:
        daily = daily_slot(self._calendar, self._daily, now)
        newest = self._snapshots.taken_at
        waited = self._tried_at is None or now - self._tried_at >= min(AGAIN, self._every) or now < self._tried_at
        if waited and snapshot_due(newest, self._every, daily, now):
            self._tried_at = now
            await self._snapshots.take(Trigger("daily" if newest is not None and newest < daily else "hourly"))
        elif self._collect.wants_opinion():
            await self._snapshots.take(Trigger("hourly"))

    async def _keep_house(self, now: datetime) -> None:
        daily = daily_slot(self._calendar, self._daily, now)
        if self._housekeeping is None or self._kept_house == daily:
            return
        self._kept_house = daily
        await self._housekeeping()

    def _is_unset(self, now: datetime) -> bool:
        unset = now.year < CLOCK_IS_SET_FROM
        if unset and not self._clock_unset:
            log.warning("the clock shows %d: nothing is fetched until it is set", now.year)
        self._clock_unset = unset
        return unset


def _warn_of_keys(portfolio: Portfolio) -> None:
    """A key that may do more than read, or ends soon, is named in the log at every start."""
    for account in () if portfolio.demo else portfolio.accounts:
        for notice in account.notices if isinstance(account, KnownAccount) else ():
            if notice.kind in _ABOUT_KEYS:
                log.warning("%s", f"{account.id}: {notice.kind} {notice.detail}".rstrip())


_ABOUT_KEYS = frozenset(
    {
        WarningKind.KEY_MAY_TRADE,
        WarningKind.KEY_MAY_TRANSFER,
        WarningKind.KEY_MAY_WITHDRAW,
        WarningKind.KEY_EXPIRES,
    }
)
