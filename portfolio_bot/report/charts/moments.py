"""Ticks of a time axis: full hours, days, Mondays, months and years of the reader's own days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple

from portfolio_bot.report.charts.canvas import width_of
from portfolio_bot.report.numbers import NBSP, Numbers

MOST: Final = 9
"""Labels side by side."""

_APART: Final = 28
_MONTHS: Final = 12


class Tick(NamedTuple):
    """A label below the axis; `x` is its middle, in pixels."""

    x: float
    label: str


Found = Iterator[tuple[datetime, str]]


def time_ticks(
    numbers: Numbers, first: datetime, last: datetime, place: Callable[[datetime], float], *, size: float, right: float
) -> list[Tick]:
    """The finest ticks whose labels keep apart; the two ends where no round instant lies between them.

    Args:
        place: where an instant is drawn.
        size: of the labels' letters.
        right: labels end left of it.
    """
    for make in _KINDS:
        found: list[Tick] = []
        for at, label in make(numbers, first, last):
            if first <= at <= last:
                found.append(Tick(place(at), label))
            if len(found) > MOST:
                break
        if len(found) < 2 or len(found) > MOST:
            continue
        found = [one for one in found if one.x + width_of(one.label, size) / 2 <= right]
        if len(found) >= 2 and _apart(found, size):
            return found
    return _ends(numbers, first, last, place, size)


def _apart(found: Sequence[Tick], size: float) -> bool:
    halves = [width_of(one.label, size) / 2 for one in found]
    return all(
        right.x - halves[place + 1] - left.x - halves[place] >= _APART
        for place, (left, right) in enumerate(pairwise(found))
    )


def _ends(
    numbers: Numbers, first: datetime, last: datetime, place: Callable[[datetime], float], size: float
) -> list[Tick]:
    same = numbers.calendar.day(first) == numbers.calendar.day(last)
    label = numbers.clock if same else lambda at: _day(numbers, numbers.calendar.day(at))
    found = [Tick(place(first), label(first)), Tick(place(last), label(last))]
    return found if found[0].label != found[1].label and _apart(found, size) else found[-1:]


def _day(numbers: Numbers, day: date) -> str:
    return f"{day.day}{NBSP}{numbers.style.months[day.month - 1]}"


def _hours(step: int, numbers: Numbers, first: datetime, last: datetime) -> Found:
    calendar, day = numbers.calendar, numbers.calendar.day(first)
    if last - first > timedelta(days=3):
        return
    while calendar.start(day) <= last:
        for hour in range(0, 24, step):
            at = calendar.at(day, time(hour))
            yield at, _day(numbers, day) if hour == 0 else numbers.clock(at)
        day += timedelta(days=1)


def _days(step: int, numbers: Numbers, first: datetime, last: datetime) -> Found:
    """Every so many days; with a multiple of seven these are Mondays."""
    calendar, day = numbers.calendar, numbers.calendar.day(first)
    day += timedelta(days=(1 - day.toordinal()) % step)
    while calendar.start(day) <= last:
        yield calendar.start(day), _day(numbers, day)
        day += timedelta(days=step)


def _months(step: int, numbers: Numbers, first: datetime, last: datetime) -> Found:
    calendar, begin = numbers.calendar, numbers.calendar.day(first)
    number = begin.year * _MONTHS + begin.month - 1
    number += -number % step
    while number // _MONTHS < date.max.year:
        day = date(number // _MONTHS, number % _MONTHS + 1, 1)
        if calendar.start(day) > last:
            return
        yield calendar.start(day), str(day.year) if day.month == 1 else numbers.style.headings[day.month - 1]
        number += step


_KINDS: Final = (
    *(partial(_hours, step) for step in (1, 2, 3, 6, 12)),
    *(partial(_days, step) for step in (1, 2, 7, 14)),
    *(partial(_months, step) for step in (1, 2, 3, 6, 12, 24, 60, 120)),
)
