"""The schedule of reports in use: what is due by the database, and changes that take hold at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.report.views import ScheduleView
from portfolio_bot.service.preferences import INTERVAL, WINDOW_END, WINDOW_START, Along, Preferences, live_name
from portfolio_bot.service.schedule import (
    Due,
    Rule,
    Standing,
    Window,
    due,
    parse_interval,
    parse_window,
    upcoming,
)
from portfolio_bot.storage import slots
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

_BASE, _NOT_BEFORE = "report", "report:from"
"""Under these names the standing lies among the slots."""

PREVIEW = 3


class Timetable:
    """When reports come, and who changes that.

    Attributes:
        on_change: called after every change: whoever ticks should look at once.
    """

    def __init__(self, store: Store, preferences: Preferences, calendar: Calendar, clock: Clock) -> None:
        self._store, self._preferences = store, preferences
        self._calendar, self._clock = calendar, clock
        self.on_change: Callable[[], None] = lambda: None

    @property
    def rule(self) -> Rule:
        """How often and in which hours, as it is in force."""
        whole = self._preferences.whole
        window = Window(whole(WINDOW_START), whole(WINDOW_END))
        return Rule(timedelta(minutes=whole(INTERVAL)), window, self._calendar)

    async def begin(self) -> None:
        """Note the very first start: the first report counts from it."""
        async with self._store.read() as tx:
            before = await _standing(tx)
        if before.started(self._clock()) != before:
            await self._alter(lambda standing: standing.started(self._clock()))

    async def due(self) -> Due | None:
        """The report to be made now, or None."""
        async with self._store.read() as tx:
            return due(self.rule, await _standing(tx), self._clock())

    async def done(self, tx: Tx, slot: datetime) -> None:
        """A report was queued, in the transaction that queues it."""
        await _put(tx, (await _standing(tx)).done(slot))

    async def upcoming(self, count: int = PREVIEW) -> list[datetime]:
        """The next reports, soonest first."""
        async with self._store.read() as tx:
            return upcoming(self.rule, await _standing(tx), self._clock(), count)

    async def view(self, count: int = PREVIEW) -> ScheduleView:
        """The schedule as people see it."""
        rule = self.rule
        runs = tuple(await self.upcoming(count))
        return ScheduleView(rule.interval, (rule.window.start, rule.window.end), runs)

    def open_now(self) -> bool:
        """Whether the window is open: what comes outside it comes silently."""
        return self.rule.window.contains(self._calendar, self._clock())

    async def set_interval(self, text: str, who: str, *, along: Along | None = None) -> ScheduleView:
        """Report every so often from now on.

        Args:
            text: as people type it: `45`, `45m`, `2h`, `1d`.
            who: for the record.
            along: lands in the same transaction.

        Raises:
            UserError: it is no interval, or out of bounds.
        """
        minutes = parse_interval(text) // timedelta(minutes=1)
        return await self._change({INTERVAL: minutes}, who, Standing.interval_changed, along)

    async def set_window(self, text: str, who: str, *, along: Along | None = None) -> ScheduleView:
        """Report only in these hours from now on.

        Raises:
            UserError: it is no window.
        """
        window = parse_window(text)
        values = {WINDOW_START: window.start, WINDOW_END: window.end}
        return await self._change(values, who, Standing.window_changed, along)

    async def reset(self, name: str, who: str, *, along: Along | None = None) -> ScheduleView:
        """Forget what the chat said: the environment, `.env` or the default counts again.

        Raises:
            UserError: the setting cannot be changed in the chat.
        """
        if live_name(name) == INTERVAL:
            return await self._change({INTERVAL: None}, who, Standing.interval_changed, along)
        return await self._change({WINDOW_START: None, WINDOW_END: None}, who, Standing.window_changed, along)

    async def clock_was_set_back(self) -> bool:
        """Whether the database knows a slot in what is the future now; if so, the schedule goes on from now."""
        now = self._clock()
        async with self._store.read() as tx:
            standing = await _standing(tx)
        if standing.clock_set_back(now) == standing:
            return False
        await self._alter(lambda before: before.clock_set_back(now))
        log.warning("the clock was set back: the next report is counted from now")
        return True

    async def _change(
        self,
        values: Mapping[str, int | None],
        who: str,
        change: Callable[[Standing, datetime], Standing],
        along: Along | None,
    ) -> ScheduleView:
        async def together(tx: Tx, now: datetime) -> None:
            await _put(tx, change(await _standing(tx), now))
            if along is not None:
                await along(tx)

        await self._preferences.change(values, who, along=together)
        self.on_change()
        return await self.view()

    async def _alter(self, change: Callable[[Standing], Standing]) -> None:
        async def write(tx: Tx) -> None:
            await _put(tx, change(await _standing(tx)))

        await self._store.write(write)


async def _standing(tx: Tx) -> Standing:
    return Standing(await slots.last(tx, _BASE), await slots.last(tx, _NOT_BEFORE))


async def _put(tx: Tx, standing: Standing) -> None:
    for name, instant in ((_BASE, standing.base), (_NOT_BEFORE, standing.not_before)):
        if instant is not None:
            await slots.done(tx, name, instant)
