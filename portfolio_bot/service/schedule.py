"""When a report or a snapshot is due: pure functions over (rule, where the schedule stands, now).

The database decides, the scheduler only ticks. A slot is an instant; the next one is the last one plus the interval,
counted in UTC, and one that falls outside the window moves to the next opening. So a service that restarts every ten
minutes still reports every two hours, and a clock change moves nothing but the openings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

from portfolio_bot.model.days import Calendar
from portfolio_bot.service.errors import UserError

DEFAULT: Final = "default"
"""The schedule that is always there: `/frequency` and `/window` edit it."""

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
"""What the owner may choose in the chat; the settings file may go down to one minute."""

LATE = timedelta(minutes=5)
"""A report older than this says so."""

LOOKBACK = timedelta(days=8)
"""How far back missed slots are counted one by one: longer than any interval, short enough after a clock gone mad."""

_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of the day in which a report may be pushed, both o'clocks included.

    Attributes:
        start, end: whole local hours, 0 to 23. `start > end` goes over midnight; equal means always.
    """

    start: int
    end: int

    @property
    def always(self) -> bool:
        """Whether it never shuts."""
        return self.start == self.end

    def stretch(self, calendar: Calendar, instant: datetime) -> tuple[datetime, datetime]:
        """The first open stretch that ends at or after an instant: when it opens, when it shuts."""
        if self.always:
            return _EVER
        day = calendar.day(instant) - timedelta(days=1)
        while True:
            opens, shuts = _borders(self, calendar, day)
            if shuts >= instant:
                return opens, shuts
            day += timedelta(days=1)

    def contains(self, calendar: Calendar, instant: datetime) -> bool:
        """Whether it is open at an instant."""
        return self.stretch(calendar, instant)[0] <= instant

    def fit(self, calendar: Calendar, instant: datetime) -> datetime:
        """The instant itself if it is open then, else its next opening."""
        return max(instant, self.stretch(calendar, instant)[0])


@lru_cache(maxsize=64)  # every tick asks for the same few days
def _borders(window: Window, calendar: Calendar, day: date) -> tuple[datetime, datetime]:
    """When the window of a local day opens and shuts, in UTC."""
    shuts_on = day + timedelta(days=window.end < window.start)
    return calendar.at(day, time(window.start)), calendar.at(shuts_on, time(window.end))


@dataclass(frozen=True, slots=True)
class Rule:
    """How often, in which hours, in whose days."""

    interval: timedelta
    window: Window
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the schedule stands, as the database knows it.

    Attributes:
        base: the last slot that was done, or the moment at which the interval was last changed.
        not_before: the first start, or the moment at which the window was last changed.
    """

    base: datetime | None = None
    not_before: datetime | None = None

    def started(self, now: datetime) -> Standing:
        """After a start: only the very first one changes anything."""
        return self if self.base or self.not_before else Standing(None, now)

    def done(self, slot: datetime) -> Standing:
        """After a report."""
        return replace(self, base=slot)

    def interval_changed(self, now: datetime) -> Standing:
        """After a new interval was chosen: it counts from that moment."""
        return replace(self, base=now)

    def window_changed(self, now: datetime) -> Standing:
        """After a new window was chosen: what was missed outside the old one is not made up for."""
        return replace(self, not_before=now)

    def clock_set_back(self, now: datetime) -> Standing:
        """What was done in a future that is none any more counts as done now: nobody waits for it to come again."""
        return Standing(self.base and min(self.base, now), self.not_before and min(self.not_before, now))


@dataclass(frozen=True, slots=True)
class Due:
    """A report to be made now.

    Attributes:
        slot: the instant it stands for: the newest one that is due.
        also: the older ones that it stands for as well, oldest first.
        late: the slot is more than five minutes old.
    """

    slot: datetime
    also: tuple[datetime, ...] = ()
    late: bool = False


def next_slot(rule: Rule, standing: Standing, now: datetime) -> datetime:
    """The first slot that is not done; it may lie in the past. Without any standing, the first opening from now."""
    wanted = [instant for instant in (standing.base and standing.base + rule.interval, standing.not_before) if instant]
    return rule.window.fit(rule.calendar, max(wanted, default=now))


def due(rule: Rule, standing: Standing, now: datetime) -> Due | None:
    """The report to be made now, or None.

    Of all slots due and not done only the newest is reported, and only while the window is open: one that was missed
    in it waits for the next opening, whose own slot then stands for it. A slot that has only just come counts as in
    time even if the window shut with it.
    """
    first = _caught_up(rule, next_slot(rule, standing, now), now)
    if first > now:
        return None
    *also, slot = _slots(rule, first, until=now)
    late = now - slot > LATE
    if late and not rule.window.contains(rule.calendar, now):
        return None
    return Due(slot, tuple(also), late)


def upcoming(rule: Rule, standing: Standing, now: datetime, count: int) -> list[datetime]:
    """The next `count` slots after now, first one first; what is due already is not among them."""
    first = _caught_up(rule, next_slot(rule, standing, now), now)
    later = (slot for slot in _slots(rule, first) if slot > now)
    return list(islice(later, count))


def _caught_up(rule: Rule, first: datetime, now: datetime) -> datetime:
    """`first`, or a later slot of its chain where so much time has passed that counting every slot would take long."""
    behind = now - LOOKBACK - first
    if behind <= timedelta(0):
        return first
    return rule.window.fit(rule.calendar, first + -(-behind // rule.interval) * rule.interval)


def _slots(rule: Rule, slot: datetime, until: datetime | None = None) -> Iterator[datetime]:
    """The chain of slots from one of them on; the borders of the window are looked up once per opening."""
    while True:
        slot = rule.window.fit(rule.calendar, slot)
        _, shuts = rule.window.stretch(rule.calendar, slot)
        while slot <= shuts:
            if until is not None and slot > until:
                return
            yield slot
            slot += rule.interval


def slot_key(slot: datetime, schedule: str = DEFAULT) -> str:
    """The name under which a report is queued once and only once: its schedule and its instant in UTC."""
    plain = slot.astimezone(UTC).replace(tzinfo=None)
    whose = "report" if schedule == DEFAULT else f"report:{schedule}"
    return f"{whose}:{plain.isoformat(timespec='seconds' if plain.second else 'minutes')}"


def daily_slot(calendar: Calendar, clock_time: time, now: datetime) -> datetime:
    """The newest moment of the daily snapshot that is not in the future."""
    today = calendar.day(now)
    slot = calendar.at(today, clock_time)
    return slot if slot <= now else calendar.at(today - timedelta(days=1), clock_time)


def snapshot_due(newest: datetime | None, interval: timedelta, daily: datetime, now: datetime) -> bool:
    """Whether a snapshot is to be taken: the interval has passed, or the daily moment has come, since the last one.

    Args:
        newest: the moment of the newest stored snapshot; None if there is none.
        interval: from one snapshot to the next.
        daily: the newest moment of the daily one (`daily_slot`).
        now: the present.
    """
    return newest is None or now - newest >= interval or newest < daily


_INTERVAL = re.compile(r"(\d{1,6})\s*(m|min|minutes?|h|hours?|d|days?)?", re.IGNORECASE | re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_WINDOW = re.compile(r"(\d{1,2})(?::00)?\s*(?:-|–|\s|to)\s*(\d{1,2})(?::00)?", re.ASCII)


def parse_interval(text: str) -> timedelta:
    """An interval as people type it: `45`, `45m`, `2h`, `1d`.

    Raises:
        UserError: it is none, or shorter than 5 minutes or longer than 7 days.
    """
    match = _INTERVAL.fullmatch(text.strip())
    if not match:
        raise UserError(text, "no_interval")
    interval = int(match[1]) * _UNITS[(match[2] or "m")[0].lower()]
    if not SHORTEST <= interval <= LONGEST:
        raise UserError(text, "interval_too_short" if interval < SHORTEST else "interval_too_long")
    return interval


def parse_window(text: str) -> Window:
    """A window as people type it: `8-20`, `8 20`, `22-6`; `always` and `off` mean round the clock.

    Raises:
        UserError: it is none, or an hour is beyond the clock.
    """
    plain = text.strip().lower()
    if plain in {"off", "always"}:
        return Window(0, 0)
    match = _WINDOW.fullmatch(plain)
    if not match:
        raise UserError(text, "no_window")
    start, end = int(match[1]), int(match[2])
    if start > 23 or end > 24:
        raise UserError(text, "window_beyond_clock")
    return Window(start, end % 24)
