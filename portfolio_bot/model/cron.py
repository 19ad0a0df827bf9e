"""A cron expression of five fields, read over local days: minute, hour, day of the month, month, day of the week.

The scheduler's library reads such expressions too, and is not asked: it counts weekdays from Monday where every
crontab counts from Sunday, lets no day match that only one of two day fields names, and gives an instant after an
instant, so a local time that a clock change skips or repeats is lost or comes twice. Here a day's times depend on that
day alone, and `Calendar` makes instants of them as for every other rhythm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART: Final = re.compile(r"(\*|(\w{1,3})(?:-(\w{1,3}))?)(?:/(\d{1,2}))?", re.ASCII)
_LONGEST: Final = 100
"""Characters of an expression."""

FIELDS: Final = 5


class NoCron(ValueError):
    """It is no such expression.

    Attributes:
        field: what cannot be read; the whole expression where the number of fields is wrong.
    """

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class _Field:
    """What one field may say: names stand for numbers, from the first one on."""

    low: int
    high: int
    names: tuple[str, ...] = ()
    first: int = 0
    wraps: bool = False


_FIELDS: Final = (
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31),
    _Field(1, 12, _MONTHS, 1),
    _Field(0, 7, _DAYS, wraps=True),
)


@dataclass(frozen=True, slots=True)
class CronFields:
    """An expression, read.

    Attributes:
        days, months: of the month (from 1), of the year (from 1).
        weekdays: 0 is Monday.
        either: both kinds of days are narrowed, then either is enough: the usual reading.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    @classmethod
    def of(cls, expression: str) -> CronFields:
        """Read an expression: `0 9-18/3 * * mon-fri`.

        Raises:
            NoCron: it is none.
        """
        texts = expression.lower().split()
        if len(texts) != FIELDS or len(expression) > _LONGEST:
            raise NoCron(expression)
        minutes, hours, days, months, weekdays = (
            _read(text, field) for text, field in zip(texts, _FIELDS, strict=True)
        )
        return cls(
            tuple(sorted(minutes)),
            tuple(sorted(hours)),
            frozenset(days),
            frozenset(months),
            frozenset((number - 1) % 7 for number in weekdays),
            either=not texts[2].startswith("*") and not texts[4].startswith("*"),
        )

    def matches(self, day: date) -> bool:
        """Whether it fires on a day."""
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.weekday() in self.weekdays
        return of_month or of_week if self.either else of_month and of_week

    @property
    def times(self) -> tuple[time, ...]:
        """When it fires on a day that it matches."""
        return tuple(time(hour, minute) for hour in self.hours for minute in self.minutes)


@lru_cache(maxsize=64)  # every tick asks for the same few
def fields_of(expression: str) -> CronFields:
    """The fields of an expression.

    Raises:
        NoCron: it is none.
    """
    return CronFields.of(expression)


def _read(text: str, field: _Field) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise NoCron(text)
        every, first, last, step = match.groups()
        if every == "*":
            low, high = field.low, field.high - (1 if field.wraps else 0)
        else:
            low = _number(first, field, text)
            high = _number(last, field, text) if last else (field.high if step else low)
        found |= _range(low, high, int(step or 1), field, text)
    return found


def _range(low: int, high: int, step: int, field: _Field, text: str) -> set[int]:
    if step < 1:
        raise NoCron(text)
    if low > high:
        if not field.wraps:
            raise NoCron(text)
        return {number % 7 for number in range(low, high + 7 + 1, step)}
    return {number % 7 if field.wraps else number for number in range(low, high + 1, step)}


def _number(word: str, field: _Field, text: str) -> int:
    if word in field.names:
        return field.names.index(word) + field.first
    if not word.isdigit() or not field.low <= int(word) <= field.high:
        raise NoCron(text)
    return int(word)
