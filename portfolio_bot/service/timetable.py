"""The schedules in use: what is due by the database, and changes that take hold at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.rhythm import Every
from portfolio_bot.report.views import ScheduleView
from portfolio_bot.service.due import Rule, Standing, changed, due, set_back, upcoming
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.posts import MAIN, Post
from portfolio_bot.service.preferences import INTERVAL, WINDOW_END, WINDOW_START, Along, Preferences, live_name
from portfolio_bot.service.rhythm_words import parse_interval
from portfolio_bot.service.schedule import DEFAULT, MOST, Errand, Schedule, schedule_of, spec_of
from portfolio_bot.service.schedule_words import Vocabulary, line_of, read_wish
from portfolio_bot.service.window import Window, parse_window
from portfolio_bot.storage import choices, schedules, slots
from portfolio_bot.storage.choices import Change
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

PREVIEW: Final = 3


class Timetable:
    """When reports come, and who changes that.

    Args:
        posts: where the default schedule goes, unless somebody chose otherwise.

    Attributes:
        on_change: called after every change: whoever ticks should look at once.
    """

    def __init__(
        self,
        store: Store,
        preferences: Preferences,
        calendar: Calendar,
        clock: Clock,
        *,
        posts: tuple[Post, ...] = (MAIN,),
    ) -> None:
        self._store, self._preferences = store, preferences
        self._calendar, self._clock, self._posts = calendar, clock, posts
        self._made: Mapping[str, Schedule] = {}
        self._unread: frozenset[str] = frozenset()
        self.on_change: Callable[[], None] = lambda: None

    async def load(self) -> None:
        """Read the schedules of an earlier life; one that this version cannot read is left out, with a word."""
        async with self._store.read() as tx:
            specs = await schedules.all(tx)
        found = {}
        for name, spec in specs.items():
            try:
                found[name] = schedule_of(name, spec, self._standard)
            except (ValueError, TypeError, KeyError) as error:
                log.warning("the schedule %s cannot be read by this version and is left out: %s", name, error)
        self._made, self._unread = found, frozenset(specs) - frozenset(found)

    @property
    def rule(self) -> Rule:
        """How often and in which hours the default schedule comes."""
        return self._rule(self.default)

    @property
    def interval(self) -> timedelta:
        """That of the default schedule."""
        return timedelta(minutes=self._preferences.whole(INTERVAL))

    @property
    def default(self) -> Schedule:
        """The schedule that is always there; its rhythm and window are settings."""
        made, standard = self._made.get(DEFAULT), self._standard
        return standard if made is None else replace(made, rhythm=standard.rhythm, window=standard.window)

    def all(self) -> list[Schedule]:
        """Every schedule: the default one first, then by name."""
        return [self.default, *(self._made[name] for name in sorted(self._made) if name != DEFAULT)]

    def get(self, name: str) -> Schedule | None:
        """A schedule by its name."""
        return self.default if name == DEFAULT else self._made.get(name)

    @property
    def names(self) -> frozenset[str]:
        """Every name that is taken, also by what only another version can read."""
        return frozenset(self._made) | self._unread | {DEFAULT}

    async def begin(self) -> None:
        """Note the very first start: the first report counts from it."""
        async with self._store.read() as tx:
            before = await _standing(tx, DEFAULT)
        if before.started(self._clock()) != before:
            await self._alter(DEFAULT, lambda standing: standing.started(self._clock()))

    async def due(self) -> tuple[Errand, ...]:
        """What is to be sent now."""
        now, found = self._clock(), []
        async with self._store.read() as tx:
            stand = await slots.all(tx)
        for schedule in self.all():
            base, not_before = _rows(schedule.name)
            standing = Standing(stand.get(base), stand.get(not_before))
            missed = None if schedule.paused else due(self._rule(schedule), standing, now)
            if missed is not None:
                found.append(Errand(schedule, missed))
        return tuple(found)

    async def done(self, tx: Tx, errand: Errand) -> None:
        """A report was queued, in the transaction that queues it."""
        name = errand.schedule.name
        await _put(tx, name, (await _standing(tx, name)).done(errand.due.slot))

    async def upcoming(self, count: int = PREVIEW, *, name: str = DEFAULT) -> list[datetime]:
        """The next runs of a schedule, soonest first; none while it is paused, or where there is no such one."""
        schedule = self.get(name)
        if schedule is None or schedule.paused:
            return []
        async with self._store.read() as tx:
            standing = await _standing(tx, name)
        return upcoming(self._rule(schedule), standing, self._clock(), count)

    def preview(self, schedule: Schedule, count: int = PREVIEW) -> list[datetime]:
        """The first runs of a schedule that would be made now."""
        now, rule = self._clock(), self._rule(schedule)
        return upcoming(rule, changed(rule, Standing(), now), now, count)

    async def view(self, count: int = PREVIEW) -> ScheduleView:
        """The default schedule as people see it."""
        runs = tuple(await self.upcoming(count))
        return ScheduleView(self.interval, self._standard.window.hours, runs, paused=self.default.paused)

    def open_now(self) -> bool:
        """Whether the window is open: what comes outside it comes silently."""
        return self._standard.window.contains(self._calendar, self._clock())

    async def put(self, schedule: Schedule, who: str, *, along: Along | None = None) -> int:
        """Make a schedule, or change the one of its name; what was missed before is not made up for.

        Args:
            who: for the record.
            along: lands in the same transaction.

        Returns:
            The number of the change, by which it can be undone.

        Raises:
            UserError: there are too many, it would never come, or another version has one of this name.
        """
        before, now = self.get(schedule.name), self._clock()
        if before is None and schedule.name in self._unread:
            raise UserError(schedule.name, "schedule_unread")
        if before is None and len(self._made) >= MOST:
            raise UserError(schedule.name, "schedule_too_many", most=MOST)
        if not self.preview(schedule, 1):
            raise UserError(schedule.name, "schedule_never")

        async def write(tx: Tx) -> int:
            if before is None:
                await slots.forget(tx, *_rows(schedule.name))
            await _put(tx, schedule.name, self._after(before, schedule, await _standing(tx, schedule.name), now))
            await schedules.put(tx, schedule.name, spec_of(schedule), now, who)
            return await self._noted(tx, schedule.name, before, schedule, who, along)

        number = await self._store.write(write)
        self._made = {**self._made, schedule.name: schedule}
        self.on_change()
        return number

    async def remove(self, name: str, who: str, *, along: Along | None = None) -> int:
        """Remove a schedule; arguments and answer as of `put`.

        Raises:
            UserError: it is the default one, or there is none of this name.
        """
        before = self.get(name)
        if before is None or before.is_default:
            known = ", ".join(one.name for one in self.all())
            raise UserError(name, "schedule_unknown" if before is None else "schedule_stays", names=known)

        async def write(tx: Tx) -> int:
            await schedules.forget(tx, name)
            await slots.forget(tx, *_rows(name))
            return await self._noted(tx, name, before, None, who, along)

        number = await self._store.write(write)
        self._made = {known: made for known, made in self._made.items() if known != name}
        self.on_change()
        return number

    async def undo(
        self, name: str, number: int, who: str, contents: Collection[str], *, along: Along | None = None
    ) -> None:
        """Put a schedule back to what it was before one of its changes.

        Args:
            number: of the change.
            contents: names of contents that there are.

        Raises:
            UserError: there was no such change.
        """
        async with self._store.read() as tx:
            made = await schedules.change_of(tx, number, _what(name))
        if made is None:
            raise UserError(str(number), "schedule_no_change")
        if made.before is None:
            await self.remove(name, who, along=along)
            return
        words, standard = made.before.split(), self._standard
        vocabulary = Vocabulary(contents, slack=True, known=_named_in(words))
        if name == DEFAULT:
            schedule = read_wish(words, vocabulary, standard).of(standard)
        else:
            schedule = read_wish(words, vocabulary).of(Schedule(name, standard.rhythm))
        await self.put(schedule, who, along=along)

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
        """Whether the database knows a slot in what is the future now; if so, the schedules go on from now."""
        now, found = self._clock(), False
        for schedule in self.all():
            rule = self._rule(schedule)
            async with self._store.read() as tx:
                standing = await _standing(tx, schedule.name)
            if set_back(rule, standing, now) != standing:
                found = True
                await self._alter(schedule.name, partial(set_back, rule, now=now))
        if found:
            log.warning("the clock was set back: the next report is counted from now")
        return found

    @property
    def _standard(self) -> Schedule:
        whole = self._preferences.whole
        window = Window(whole(WINDOW_START), whole(WINDOW_END))
        return Schedule(DEFAULT, Every(self.interval), posts=self._posts, window=window)

    def _rule(self, schedule: Schedule) -> Rule:
        return Rule(schedule.rhythm, schedule.window, self._calendar)

    def _after(self, before: Schedule | None, schedule: Schedule, standing: Standing, now: datetime) -> Standing:
        """Where it stands after a change: what was missed while it was another one is not made up for."""
        if before is None or before.rhythm != schedule.rhythm or (before.paused and not schedule.paused):
            return changed(self._rule(schedule), standing, now)
        if before.window != schedule.window:
            return standing.window_changed(now)
        return standing

    async def _noted(
        self, tx: Tx, name: str, before: Schedule | None, after: Schedule | None, who: str, along: Along | None
    ) -> int:
        told = [None if one is None else line_of(one) for one in (before, after)]
        await choices.note(tx, Change(self._clock(), who, _what(name), *told))
        if along is not None:
            await along(tx)
        return await schedules.last_change(tx, _what(name))

    async def _change(
        self,
        values: Mapping[str, int | None],
        who: str,
        change: Callable[[Standing, datetime], Standing],
        along: Along | None,
    ) -> ScheduleView:
        async def together(tx: Tx, now: datetime) -> None:
            await _put(tx, DEFAULT, change(await _standing(tx, DEFAULT), now))
            if along is not None:
                await along(tx)

        await self._preferences.change(values, who, along=together)
        self.on_change()
        return await self.view()

    async def _alter(self, name: str, change: Callable[[Standing], Standing]) -> None:
        async def write(tx: Tx) -> None:
            await _put(tx, name, change(await _standing(tx, name)))

        await self._store.write(write)


def _what(name: str) -> str:
    """As the record of changes names it."""
    return f"schedule:{name}"


def _rows(name: str) -> tuple[str, str]:
    """Under these names the standing lies among the slots."""
    base = "report" if name == DEFAULT else _what(name)
    return base, f"{base}:from"


def _named_in(words: Collection[str]) -> list[Post]:
    """Addresses that a line of the record may name: those that it does name."""
    found = []
    for word in words:
        for name in word.split(","):
            try:
                found.append(Post.of(name))
            except ValueError:
                continue
    return found


async def _standing(tx: Tx, name: str) -> Standing:
    base, not_before = _rows(name)
    return Standing(await slots.last(tx, base), await slots.last(tx, not_before))


async def _put(tx: Tx, name: str, standing: Standing) -> None:
    for row, instant in zip(_rows(name), (standing.base, standing.not_before), strict=True):
        if instant is not None:
            await slots.done(tx, row, instant)
