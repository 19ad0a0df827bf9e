"""How often something comes: every so often, or at clock times on some local days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias

from portfolio_bot.model.cron import fields_of
from portfolio_bot.model.days import Calendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Every:
    """Each so long after the one before, counted in UTC."""

    interval: timedelta


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day at these local times, in their order."""

    times: tuple[time, ...]

    def on(self, day: date) -> tuple[time, ...]:
        """When it comes on a day."""
        return self.times


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these days of the week.

    Attributes:
        days: in their order, 0 is Monday.
    """

    days: tuple[int, ...]
    times: tuple[time, ...]

    def on(self, day: date) -> tuple[time, ...]:
        """When it comes on a day."""
        return self.times if day.weekday() in self.days else ()


@dataclass(frozen=True, slots=True)
class Monthly:
    """On one day of every month.

    Attributes:
        day: of the month; None for the last one. A month that has no such day takes its last one.
    """

    day: int | None
    times: tuple[time, ...]

    def on(self, day: date) -> tuple[time, ...]:
        """When it comes on a day."""
        last = (day + _DAY).month != day.month
        wanted = day.day == self.day or (last and (self.day is None or self.day > day.day))
        return self.times if wanted else ()


@dataclass(frozen=True, slots=True)
class Cron:
    """By a cron expression, over local days.

    Attributes:
        expression: one that `model.cron` can read.
    """

    expression: str

    def on(self, day: date) -> tuple[time, ...]:
        """When it comes on a day."""
        fields = fields_of(self.expression)
        return fields.times if fields.matches(day) else ()


Clocked: TypeAlias = Daily | Weekly | Monthly | Cron
"""Rhythms of clock times: a day's slots depend on that day alone."""

Rhythm: TypeAlias = Every | Clocked


@lru_cache(maxsize=256)  # every tick asks for the same few days
def instants(rhythm: Clocked, calendar: Calendar, day: date) -> tuple[datetime, ...]:
    """The slots of a local day, in UTC, in their order.

    A local time that does not exist is the first instant after the gap, one that exists twice the first; what falls
    together that way is one slot.
    """
    return tuple(sorted({calendar.at(day, at) for at in rhythm.on(day)}))


def at_times(rhythm: Clocked, times: tuple[time, ...]) -> Clocked | None:
    """The same days at other times; None where the days are not told apart from the times."""
    match rhythm:
        case Daily():
            return Daily(times)
        case Weekly(days, _):
            return Weekly(days, times)
        case Monthly(day, _):
            return Monthly(day, times)
        case Cron():
            return None
