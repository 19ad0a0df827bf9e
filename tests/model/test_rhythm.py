"""Rhythms of clock times over local days, clock changes included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.rhythm import Cron, Daily, Monthly, Weekly, at_times, instants

PARIS = Calendar.of("Europe/Paris")
NEW_YORK = Calendar.of("America/New_York")
LORD_HOWE = Calendar.of("Australia/Lord_Howe")  # its clocks change by half an hour


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days_of(rhythm: Monthly, year: int) -> list[date]:
    return [day for n in range(366) if (day := date(year, 1, 1) + timedelta(n)).year == year and rhythm.on(day)]


@pytest.mark.parametrize(
    ("calendar", "day", "at", "slot"),
    [
        (PARIS, "2026-03-29", time(2, 30), "2026-03-29T01:00"),  # 02:00–03:00 does not exist
        (PARIS, "2026-10-25", time(2, 30), "2026-10-25T00:30"),  # exists twice
        (NEW_YORK, "2026-03-08", time(2, 30), "2026-03-08T07:00"),
        (NEW_YORK, "2026-11-01", time(1, 30), "2026-11-01T05:30"),
        (LORD_HOWE, "2026-10-04", time(2, 15), "2026-10-03T15:30"),  # 02:00–02:30 does not exist
        (LORD_HOWE, "2026-04-05", time(1, 45), "2026-04-04T14:45"),  # exists twice
    ],
)
def test_a_time_in_a_gap_is_its_end_and_one_that_comes_twice_is_its_first(
    calendar: Calendar, day: str, at: time, slot: str
) -> None:
    assert instants(Daily((at,)), calendar, date.fromisoformat(day)) == (utc(slot),)


def test_times_that_fall_together_in_a_gap_are_one_slot() -> None:
    found = instants(Cron("*/15 1-3 * * *"), PARIS, date(2026, 3, 29))
    assert len(found) == 8  # not 12: from 02:00 to 02:45 all are 03:00
    assert found == tuple(sorted(set(found)))


def test_weekdays_are_those_of_the_place() -> None:
    friday = Weekly((4,), (time(0, 30),))
    assert instants(friday, PARIS, date(2026, 11, 20)) == (utc("2026-11-19T23:30"),)
    assert instants(friday, PARIS, date(2026, 11, 19)) == ()


def test_the_end_of_a_month_is_its_last_day_in_a_leap_year_too() -> None:
    found = days_of(Monthly(None, (time(21),)), 2028)
    assert [day.day for day in found] == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_a_month_without_that_day_takes_its_last_one() -> None:
    assert [day.day for day in days_of(Monthly(30, (time(21),)), 2026)] == [30, 28, *[30] * 10]
    assert [day.day for day in days_of(Monthly(15, (time(21),)), 2026)] == [15] * 12


def test_the_same_days_may_come_at_other_times() -> None:
    nine = (time(9),)
    assert at_times(Weekly((4,), (time(18),)), nine) == Weekly((4,), nine)
    assert at_times(Monthly(None, (time(18),)), nine) == Monthly(None, nine)
    assert at_times(Daily((time(18),)), nine) == Daily(nine)
    assert at_times(Cron("0 9 * * *"), nine) is None
