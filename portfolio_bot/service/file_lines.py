"""Lines of files that people bring: what can be wrong with one, and the forms of a time that all of them may have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeAlias

from portfolio_bot.model.days import utc

LARGEST_FILE: Final = 10 * 1024 * 1024
MOST_ERRORS: Final = 200

When: TypeAlias = date | datetime
"""A date alone, or an aware instant. A `datetime` is a `date` to Python: ask for it first."""

_AHEAD = timedelta(hours=14)
"""So far ahead of UTC is the earliest zone: a date may already have begun there."""

_FORMS = "a date (23-02-2026 or 2026-02-23), an instant (2026-02-23T08:00Z) or 202602230800"


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with one cell; line 1 is the first of the file."""

    line: int
    column: str
    value: str
    reason: str


class MomentError(ValueError):
    """No moment that can be.

    Args:
        text: why, in a few words: for the list of what is wrong with a file.

    Attributes:
        name: which error of a person it is, where one person typed it.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


def moment(text: str, now: datetime) -> When:
    """The date or the instant in UTC.

    Raises:
        MomentError: neither, or one that cannot be.
    """
    when = _date(text) or _instant(text)
    if when is None:
        raise MomentError("no_moment", f"neither {_FORMS}")
    latest = now if isinstance(when, datetime) else (now + _AHEAD).date()
    if when > latest:
        raise MomentError("in_future", "lies in the future")
    if when.year < 1970:
        raise MomentError("before_1970", "before 1970")
    return when


def _date(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)|(\d\d)-(\d\d)-(\d{4})", text, re.ASCII)
    if found is None:
        return None
    year, month, day, day_first, month_second, year_last = found.groups()
    try:
        return date(int(year or year_last), int(month or month_second), int(day or day_first))
    except ValueError:
        raise MomentError("no_calendar_day", "the calendar has no such day") from None


def _instant(text: str) -> datetime | None:
    if re.fullmatch(r"\d{12}", text, re.ASCII):
        try:
            return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC)
        except ValueError:
            raise MomentError("no_calendar_minute", "the calendar has no such minute") from None
    if not re.match(r"\d{4}-\d\d-\d\d[T ]\d", text, re.ASCII):
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None:
        raise MomentError("time_without_zone", "a time without a zone: end it with Z for UTC, or with +01:00")
    return utc(instant)


def shown(value: object) -> str:
    """Short and on one line: it goes into a table and into a log."""
    return "".join(c if c.isprintable() else "·" for c in str("" if value is None else value)[:40])
