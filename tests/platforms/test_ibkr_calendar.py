"""Which statement is due and which is current: New York's business days, over clock changes and weekends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portfolio_bot.platforms.ibkr_calendar import NEW_YORK, described, expected, is_current
from tests.clock import moment


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-20 15:00", "2026-11-19"),  # Friday morning in New York: Thursday's
        ("2026-11-20 09:59", "2026-11-18"),  # 04:59 there: Thursday's need not be ready
        ("2026-11-20 10:00", "2026-11-19"),
        ("2026-11-21 15:00", "2026-11-20"),  # Saturday: Friday's
        ("2026-11-22 15:00", "2026-11-20"),
        ("2026-11-23 15:00", "2026-11-20"),  # Monday: still Friday's
        ("2026-11-24 09:00", "2026-11-20"),
        ("2026-11-24 10:00", "2026-11-23"),
        ("2026-07-01 09:00", "2026-06-30"),  # summer: 05:00 there is 09:00 UTC
        ("2026-07-01 08:59", "2026-06-29"),
        ("2026-03-09 09:00", "2026-03-06"),  # the Monday after clocks went forward
        ("2026-11-02 10:00", "2026-10-30"),  # the Monday after they went back
        ("2027-01-04 12:00", "2027-01-01"),
    ],
)
def test_the_newest_report_date_to_expect(now: str, day: str) -> None:
    assert expected(moment(now)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("report", "now", "current"),
    [
        ("2026-11-18", "2026-11-18 23:00", True),
        ("2026-11-18", "2026-11-21 16:00", True),
        ("2026-11-18", "2026-11-24 04:59", True),  # Monday 23:59 in New York, the third business day
        ("2026-11-18", "2026-11-24 05:00", False),
        ("2026-11-20", "2026-11-25 20:00", True),  # Friday's, on Wednesday
        ("2026-11-20", "2026-11-26 12:00", False),
        ("2023-03-02", "2026-11-21 12:00", False),
        ("2026-03-06", "2026-03-12 03:59", True),  # over the clock change of 8 March
        ("2026-03-06", "2026-03-12 04:00", False),
        ("2026-11-20", "2026-11-20 12:00", True),
    ],
)
def test_three_business_days_keep_a_statement_current(report: str, now: str, current: bool) -> None:
    assert is_current(date.fromisoformat(report), moment(now)) is current


@pytest.mark.parametrize(
    ("report", "asked", "as_of"),
    [
        ("2026-11-18", "2026-11-19 12:00", "2026-11-19 05:00"),
        ("2026-07-01", "2026-07-02 12:00", "2026-07-02 04:00"),
        ("2026-11-18", "2026-11-18 22:00", "2026-11-18 22:00"),  # never later than the asking
        ("2026-11-01", "2026-11-03 12:00", "2026-11-02 05:00"),  # a day of 25 hours
    ],
)
def test_a_report_date_stands_for_the_end_of_its_day_in_new_york(report: str, asked: str, as_of: str) -> None:
    assert described(date.fromisoformat(report), moment(asked)) == moment(as_of)


def test_a_statement_taken_when_due_is_current_until_the_next_is_due() -> None:
    now = moment("2026-01-01 00:30")
    for _ in range(366 * 8):
        now += timedelta(hours=3)
        assert is_current(expected(now), now)
        assert expected(now) < NEW_YORK.day(now)
        assert expected(now).weekday() < 5
