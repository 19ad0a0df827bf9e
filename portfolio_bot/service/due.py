"""When a report or a snapshot is due: pure functions over (rule, where the schedule stands, now).

The database decides, the scheduler only ticks. A slot is an instant. Of an interval the next one is the last one plus
the interval, counted in UTC, and one that falls outside the window moves to the next opening: so a service that
restarts every ten minutes still reports every two hours, and a clock change moves nothing but the openings. Of clock
times the slots are those of each local day; one that falls outside the window is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.rhythm import Clocked, Every, Rhythm, instants
from portfolio_bot.service.window import Window

LATE: Final = timedelta(minutes=5)
"""A report older than this says so."""

LOOKBACK: Final = timedelta(days=8)
"""How far back missed slots are counted one by one: longer than any interval, short enough after a clock gone mad."""

FURTHEST: Final = timedelta(days=366 * 8 + 1)
"""How far a slot of clock times is looked for: 29 February comes every four years, and once in eight."""

NAMED: Final = 24
"""Missed clock times that the newest one names: more fill a phone."""

_FUTURE: Final = timedelta(days=2)
"""A slot that was done so far in the future was told by a clock gone wrong; a nearer one really was done."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """How often, in which hours, in whose days."""

    rhythm: Rhythm
    window: Window
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the schedule stands, as the database knows it.

    Attributes:
        base: the last slot that was done, or the moment at which the interval was last changed.
        not_before: the first start, or the moment at which the window or the clock times were last changed.
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


def changed(rule: Rule, standing: Standing, now: datetime) -> Standing:
    """After another rhythm was chosen: an interval counts from now, of clock times none that lies behind comes."""
    if isinstance(rule.rhythm, Every):
        return standing.interval_changed(now)
    return standing.window_changed(now)


def set_back(rule: Rule, standing: Standing, now: datetime) -> Standing:
    """After the clock was set back: nothing comes twice, and nobody waits for a future that is none any more."""
    back = standing.clock_set_back(now)
    if isinstance(rule.rhythm, Every) or standing.base is None or standing.base - now > _FUTURE:
        return back
    return replace(back, base=standing.base)


def next_slot(rule: Rule, interval: timedelta, standing: Standing, now: datetime) -> datetime:
    """The first slot of an interval that is not done; it may lie in the past. Without any standing, the first opening.

    Args:
        interval: that of the rule.
    """
    wanted = [instant for instant in (standing.base and standing.base + interval, standing.not_before) if instant]
    return rule.window.fit(rule.calendar, max(wanted, default=now))


def due(rule: Rule, standing: Standing, now: datetime) -> Due | None:
    """The report to be made now, or None.

    Of all slots due and not done only the newest is reported, and only while the window is open: one that was missed
    in it waits for the next opening, whose own slot then stands for it. A slot that has only just come counts as in
    time even if the window shut with it.
    """
    missed = _missed(rule, standing, now)
    if not missed:
        return None
    *also, slot = missed
    late = now - slot > LATE
    if late and not rule.window.contains(rule.calendar, now):
        return None
    return Due(slot, tuple(also), late)


def upcoming(rule: Rule, standing: Standing, now: datetime, count: int) -> list[datetime]:
    """The next `count` slots after now, first one first; what is due already is not among them."""
    if not isinstance(rule.rhythm, Every):
        return list(islice(_clocked(rule, rule.rhythm, standing, now), count))
    interval = rule.rhythm.interval
    first = _caught_up(rule, interval, next_slot(rule, interval, standing, now), now)
    later = (slot for slot in _slots(rule, interval, first) if slot > now)
    return list(islice(later, count))


def _missed(rule: Rule, standing: Standing, now: datetime) -> list[datetime]:
    """All slots that are due and not done, oldest first; of very many the newest."""
    if not isinstance(rule.rhythm, Every):
        return _missed_times(rule, rule.rhythm, standing, now)
    interval = rule.rhythm.interval
    first = _caught_up(rule, interval, next_slot(rule, interval, standing, now), now)
    return [] if first > now else list(_slots(rule, interval, first, until=now))


def _caught_up(rule: Rule, interval: timedelta, first: datetime, now: datetime) -> datetime:
    """`first`, or a later slot of its chain where so much time has passed that counting every slot would take long."""
    behind = now - LOOKBACK - first
    if behind <= timedelta(0):
        return first
    return rule.window.fit(rule.calendar, first + -(-behind // interval) * interval)


def _slots(rule: Rule, interval: timedelta, slot: datetime, until: datetime | None = None) -> Iterator[datetime]:
    """The chain of slots from one of them on; the borders of the window are looked up once per opening."""
    while True:
        slot = rule.window.fit(rule.calendar, slot)
        _, shuts = rule.window.stretch(rule.calendar, slot)
        while slot <= shuts:
            if until is not None and slot > until:
                return
            yield slot
            slot += interval


def _since(standing: Standing, now: datetime) -> datetime:
    return max(
        (instant for instant in (standing.base, standing.not_before) if instant is not None),
        default=now,
    )


def _open(rule: Rule, rhythm: Clocked, day: date) -> list[datetime]:
    """The slots of a day that lie in the window."""
    return [slot for slot in instants(rhythm, rule.calendar, day) if rule.window.contains(rule.calendar, slot)]


def _wanted(standing: Standing, slot: datetime) -> bool:
    if standing.base is not None and slot <= standing.base:
        return False
    return standing.not_before is None or slot >= standing.not_before


def _clocked(rule: Rule, rhythm: Clocked, standing: Standing, now: datetime) -> Iterator[datetime]:
    """Slots of clock times that lie ahead."""
    day = rule.calendar.day(now)
    last = day + FURTHEST
    while day <= last:
        yield from (slot for slot in _open(rule, rhythm, day) if slot > now and _wanted(standing, slot))
        day += _DAY


def _missed_times(rule: Rule, rhythm: Clocked, standing: Standing, now: datetime) -> list[datetime]:
    """From now backwards: so the newest one is found soon, however long the service was away."""
    since = _since(standing, now)
    day, first = rule.calendar.day(now), max(rule.calendar.day(since), rule.calendar.day(now - FURTHEST))
    found: list[datetime] = []
    while day >= first and len(found) <= NAMED:
        found += [slot for slot in reversed(_open(rule, rhythm, day)) if slot <= now and _wanted(standing, slot)]
        day -= _DAY
    return found[: NAMED + 1][::-1]


def daily_slot(calendar: Calendar, clock_time: time, now: datetime) -> datetime:
    """The newest moment of the daily snapshot that is not in the future."""
    today = calendar.day(now)
    slot = calendar.at(today, clock_time)
    return slot if slot <= now else calendar.at(today - _DAY, clock_time)


def snapshot_due(newest: datetime | None, interval: timedelta, daily: datetime, now: datetime) -> bool:
    """Whether a snapshot is to be taken: the interval has passed, or the daily moment has come, since the last one.

    Args:
        newest: the moment of the newest stored snapshot; None if there is none.
        interval: from one snapshot to the next.
        daily: the newest moment of the daily one (`daily_slot`).
        now: the present.
    """
    return newest is None or now - newest >= interval or newest < daily


def slot_key(slot: datetime, schedule: str) -> str:
    """The name under which a report is queued once and only once: its schedule and its instant in UTC.

    Args:
        schedule: its name; "" for the one that is always there.
    """
    plain = slot.astimezone(UTC).replace(tzinfo=None)
    whose = f"report:{schedule}" if schedule else "report"
    return f"{whose}:{plain.isoformat(timespec='seconds' if plain.second else 'minutes')}"
