"""Schedules as people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portfolio_bot.model.rhythm import Rhythm
from portfolio_bot.report.views import News


class PlaceKind(StrEnum):
    """Where something goes, seen from where it is read."""

    HERE = "here"
    MAIN = "main"
    SLACK = "slack"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Place:
    """An address.

    Attributes:
        name: the chat's id, with its topic behind a slash; of another chat only.
    """

    kind: PlaceKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class NamedSchedule:
    """One schedule.

    Attributes:
        content: a name of the table of contents.
        window: first and last hour in which it may come; equal = always.
        runs: the coming ones, soonest first.
    """

    name: str
    rhythm: Rhythm
    content: str
    places: tuple[Place, ...]
    window: tuple[int, int] = (0, 0)
    silent: bool = False
    paused: bool = False
    runs: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleNews:
    """A schedule, and what has just become of it.

    Attributes:
        runs_before: the runs that were coming before a change.
        made: it is new.
    """

    schedule: NamedSchedule
    news: News = News.ASKED
    runs_before: tuple[datetime, ...] = ()
    made: bool = False
