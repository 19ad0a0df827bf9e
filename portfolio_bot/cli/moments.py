"""Days and instants as they are typed, and the stretch of time between two of them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from portfolio_bot.cli.outcome import Mistyped

if TYPE_CHECKING:
    from portfolio_bot.model.days import Calendar

EARLIEST = date(2000, 1, 1)
"""No source has anything older."""

_FORMS = "a day (2026-11-20) or an instant with its zone (2026-11-20T08:00Z)"


def day(text: str, option: str, *, today: date) -> date:
    """A day that has begun.

    Raises:
        Mistyped: it is none, lies in the future, or before anything there can be.
    """
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            raise ValueError
        found = date.fromisoformat(text)
    except ValueError:
        raise Mistyped(f'"{text[:40]}" is no day for {option}: write it like 2026-11-20.') from None
    if found > today:
        raise Mistyped(f'"{text}" is in the future: {option} takes a day up to today, {today}.')
    if found < EARLIEST:
        raise Mistyped(f'"{text}" is too early for {option}: {EARLIEST} is the earliest.')
    return found


def between(
    since: str | None, until: str | None, days: int | None, *, calendar: Calendar, newest: datetime
) -> tuple[datetime | None, datetime | None]:
    """What `--from`, `--to` and `--days` mean: the first instant, and the first one that lies behind.

    Args:
        newest: what `--days` counts back from.

    Raises:
        Mistyped: one of them is nothing of the kind, they contradict each other, or nothing lies between them.
    """
    if days is not None and (since is not None or until is not None):
        raise Mistyped("--days stands alone: without --from and --to.")
    if days is not None:
        return newest - timedelta(days=days), None
    first = None if since is None else _instant(since, "--from", calendar, last=False)
    end = None if until is None else _instant(until, "--to", calendar, last=True)
    if first is not None and end is not None and first >= end:
        raise Mistyped(f'Nothing lies between --from "{since}" and --to "{until}": the first is the later one.')
    return first, end


def _instant(text: str, option: str, calendar: Calendar, *, last: bool) -> datetime:
    """A day belongs to the stretch whole, also as its last one; an instant is the bound itself."""
    from portfolio_bot.model.days import utc

    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            found = date.fromisoformat(text)
            return calendar.end(found) if last else calendar.start(found)
        instant = datetime.fromisoformat(text) if re.match(r"\d{4}-\d\d-\d\d[T ]\d", text, re.ASCII) else None
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise Mistyped(f'"{text[:40]}" is neither of what {option} takes: {_FORMS}.')
    if instant.tzinfo is None:
        raise Mistyped(f'"{text[:40]}" has no zone: end it with Z for UTC, or with +01:00.')
    return utc(instant) + (timedelta(microseconds=1) if last else timedelta(0))
