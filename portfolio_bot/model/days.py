"""Instants and the user's days. An instant is aware UTC; a local day exists only through a `Calendar`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present instant, aware UTC; a parameter everywhere, so that tests can turn it."""


def utc(instant: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: the instant is naive, that is, no instant at all.
    """
    if instant.tzinfo is None:
        raise ValueError("a naive time is no instant: give it a zone")
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The user's days: 23, 24 or 25 hours long, in one zone."""

    zone: tzinfo

    @classmethod
    def of(cls, name: str) -> Calendar:
        """The calendar of an IANA zone name, for instance `Europe/Paris`."""
        return cls(ZoneInfo(name))

    def day(self, instant: datetime) -> date:
        """The local day in which an instant lies."""
        return utc(instant).astimezone(self.zone).date()

    def start(self, day: date) -> datetime:
        """The first instant of a local day, in UTC."""
        return self.at(day, time(0))

    def end(self, day: date) -> datetime:
        """The first instant after a local day, in UTC."""
        return self.start(day + timedelta(days=1))

    def at(self, day: date, clock_time: time) -> datetime:
        """The instant of a local time, in UTC.

         A local time that does not exist is the first instant after the gap, one that exists twice the first
        .
        """
        local = datetime.combine(day, clock_time, self.zone)
        after = local.replace(fold=0).astimezone(UTC)
        if after.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
            return after
        # in a gap the two folds lie on either side of the jump: halve what is between, down to the second
        before = local.replace(fold=1).astimezone(UTC)
        offset = before.astimezone(self.zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = (before + (after - before) / 2).replace(microsecond=0)
            if middle.astimezone(self.zone).utcoffset() == offset:
                before = middle
            else:
                after = middle
        return after
