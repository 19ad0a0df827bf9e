"""The user's days: 23, 24 and 25 hours long."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.model.days import Calendar, utc

ZONES = ["Europe/Paris", "America/New_York", "Europe/Moscow", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("Europe/Paris", date(2026, 11, 20), 24),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(zone: str, day: date, hours: int) -> None:
    calendar = Calendar.of(zone)
    assert calendar.end(day) - calendar.start(day) == timedelta(hours=hours)


def test_a_time_that_does_not_exist_is_the_first_instant_after_the_gap() -> None:
    paris = Calendar.of("Europe/Paris")
    assert paris.at(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_time_that_exists_twice_is_the_first() -> None:
    paris = Calendar.of("Europe/Paris")
    assert paris.at(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_that_begins_in_a_gap_begins_after_it() -> None:
    cairo = Calendar.of("Africa/Cairo")  # clocks go from 00:00 to 01:00 on the last Friday of April
    start = cairo.start(date(2026, 4, 24))
    assert start.astimezone(cairo.zone).time() == time(1)
    assert cairo.end(date(2026, 4, 23)) == start


@given(st.sampled_from(ZONES), st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds without a zone are what the strategy takes
def test_every_instant_lies_in_its_own_day_and_days_tile(zone: str, instant: datetime) -> None:
    calendar = Calendar.of(zone)
    day = calendar.day(instant)
    assert calendar.start(day) <= instant < calendar.end(day)
    assert calendar.end(day) == calendar.start(day + timedelta(days=1))


def test_a_naive_time_is_no_instant() -> None:
    with pytest.raises(ValueError, match="naive"):
        utc(datetime(2026, 11, 20))  # noqa: DTZ001 - the naive time is the point
