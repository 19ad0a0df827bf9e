"""When an IBKR statement is due, current and past: business days of New York, without any clock of its own.

Holidays are not known here. On the day after one the newest statement is a day older than expected, which costs an
hourly question and no more; three business days of grace hold more than any holiday of the exchange takes.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from portfolio_bot.model.days import Calendar

NEW_YORK = Calendar.of("America/New_York")

MORNING = time(5)
"""Local time by which the last business day's statement is final."""

GRACE = 3
"""Business days for which a report date counts as current."""

_DAY = timedelta(days=1)


def expected(now: datetime) -> date:
    """The report date that the newest statement should have by now."""
    local = now.astimezone(NEW_YORK.zone)
    day = local.date() - (_DAY if local.time() < MORNING else timedelta(0)) - _DAY
    while day.weekday() > 4:
        day -= _DAY
    return day


def is_current(report_date: date, now: datetime) -> bool:
    """Whether a statement of that date is as good as live: at most three business days have begun since."""
    today, since = NEW_YORK.day(now), 0
    day = report_date
    while day < today and since <= GRACE:
        day += _DAY
        since += day.weekday() < 5
    return since <= GRACE


def described(report_date: date, asked: datetime) -> datetime:
    """The moment that a statement describes: the end of its day, never later than the asking."""
    return min(NEW_YORK.end(report_date), asked)
