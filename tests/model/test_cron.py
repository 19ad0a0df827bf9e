"""Cron expressions, checked against another reader of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger

from portfolio_bot.model.cron import CronFields, NoCron

YEAR = [date(2028, 1, 1) + timedelta(days=number) for number in range(366)]  # with a 29 February


def fires(expression: str) -> list[datetime]:
    fields = CronFields.of(expression)
    return [datetime.combine(day, at, UTC) for day in YEAR if fields.matches(day) for at in fields.times]


def fires_elsewhere(expression: str) -> list[datetime]:
    """The library's reading: only of expressions that do not narrow both kinds of days."""
    minute, hour, day, month, weekday = expression.split()
    trigger = CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=UTC)
    found = list[datetime]()
    last = datetime.combine(YEAR[0], datetime.min.time(), UTC) - timedelta(minutes=1)
    while True:
        last = trigger.get_next_fire_time(last, last + timedelta(seconds=1))
        if last is None or last.date() > YEAR[-1]:
            return found
        found.append(last)


@pytest.mark.parametrize(
    "expression",
    [
        "0 9-18/3 * * mon-fri",
        "30 8 * * *",
        "15,45 6 1 * *",
        "0 0 29 feb *",
        "*/20 22 31 * *",
        "0 12 * jan,jul sat,sun",
        "5 4 */10 * *",
        "7 7 * 2-4/2 wed",
    ],
)
def test_a_year_of_it_is_what_another_reader_makes_of_it(expression: str) -> None:
    found = fires(expression)
    assert found == fires_elsewhere(expression)
    assert found


def test_numbers_of_weekdays_begin_with_sunday_and_end_with_it() -> None:
    assert CronFields.of("0 0 * * 0").weekdays == CronFields.of("0 0 * * 7").weekdays == {6}
    assert CronFields.of("0 0 * * 1-5").weekdays == CronFields.of("0 0 * * MON-FRI").weekdays == {0, 1, 2, 3, 4}


def test_a_stretch_of_weekdays_may_go_over_the_weekend() -> None:
    assert CronFields.of("0 0 * * sat-sun").weekdays == {5, 6}
    assert CronFields.of("0 0 * * fri-mon").weekdays == {4, 5, 6, 0}


def test_of_two_kinds_of_days_either_is_enough() -> None:
    fields = CronFields.of("0 0 13 * fri")
    assert fields.matches(date(2026, 11, 13))  # a Friday
    assert fields.matches(date(2026, 11, 20))  # a Friday that is not the 13th
    assert fields.matches(date(2026, 12, 13))  # a Sunday
    assert not fields.matches(date(2026, 12, 14))


def test_a_number_with_a_step_goes_on_to_the_end() -> None:
    assert CronFields.of("50/5 0 * * *").minutes == (50, 55)


@pytest.mark.parametrize(
    ("expression", "field"),
    [
        ("0 9 * *", "0 9 * *"),
        ("0 9 * * * *", "0 9 * * * *"),
        ("60 9 * * *", "60"),
        ("0 24 * * *", "24"),
        ("0 9 0 * *", "0"),
        ("0 9 * 13 *", "13"),
        ("0 9 * * 8", "8"),
        ("0 9 * * funday", "funday"),
        ("0 18-9 * * *", "18-9"),
        ("*/0 9 * * *", "*/0"),
        ("0 9,, * * *", "9,,"),
        ("٠ 9 * * *", "٠"),
        ("", ""),
        ("0 9 * * " + "1," * 60 + "1", "0 9 * * " + "1," * 60 + "1"),
    ],
)
def test_what_is_none_names_what_cannot_be_read(expression: str, field: str) -> None:
    with pytest.raises(NoCron) as caught:
        CronFields.of(expression)
    assert caught.value.field == field
