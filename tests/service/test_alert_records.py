"""Money that is seen before its record is read: no alert about values, and none that is over, for half an hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.alert_measures import Limits
from portfolio_bot.analytics.alert_states import AlertState, Round, Subject
from portfolio_bot.analytics.alerts import judge
from portfolio_bot.analytics.series import Flow
from portfolio_bot.service.alarm_looks import AlarmLooks
from tests.service.test_alert_year import HOUR, NO_TX, START, UTC_DAYS, Closes, World, account, nothing_moved, valued

MINUTE = timedelta(minutes=1)
DAYS = 3
SEEN = START + timedelta(days=DAYS)


class Course:
    """A portfolio of bitcoin and tether, looked at every hour of three days and more often afterwards."""

    def __init__(self) -> None:
        self.world = World(1)
        self.looks = AlarmLooks(self.world, Closes(self.world), UTC_DAYS, self.world, matching=nothing_moved)
        self.states: dict[Subject, AlertState] = {}

    async def quiet(self) -> None:
        """Nothing happens until `SEEN`."""
        for hour in range(DAYS * 24):
            assert await self.shows(START + hour * HOUR) == []

    async def shows(self, at: datetime, price: int = 60_000, bitcoin: str = "1", tether: int = 40_000) -> list[str]:
        """What is told of a snapshot."""
        rows = [("BTC", Decimal(bitcoin), Decimal(price)), ("USDT", Decimal(tether), Decimal(1))]
        portfolio = valued(at, [account("bybit", at, rows)], Decimal(80), down=False)
        self.world.store(portfolio)
        measures, judged = await self.looks.values(NO_TX, portfolio, self.states, Limits())
        self.states, events = judge(self.states, Round(portfolio.at, measures, judged))
        return [f"{event.subject.rule} {event.what}" for event in events]

    async def every_ten_minutes(self, since: int, until: int, price: int = 60_000, tether: int = 40_000) -> list[str]:
        """What is told between two minutes from `SEEN` on, the last one included."""
        told = []
        for minute in range(since, until + 1, 10):
            told += await self.shows(SEEN + minute * MINUTE, price, tether=tether)
        return told


@pytest.fixture
async def course() -> Course:
    found = Course()
    await found.quiet()
    return found


@pytest.mark.parametrize("tether", [90_000, 0], ids=["deposit", "withdrawal"])
async def test_money_whose_record_comes_minutes_later_raises_nothing(course: Course, tether: int) -> None:
    assert await course.every_ten_minutes(0, 20, tether=tether) == []
    course.world.flows.append((SEEN + 25 * MINUTE, Flow(SEEN - 5 * MINUTE, Decimal(tether - 40_000))))
    assert await course.every_ten_minutes(30, 300, tether=tether) == []


async def test_money_that_never_gets_a_record_is_told_after_half_an_hour(course: Course) -> None:
    assert await course.every_ten_minutes(0, 20, tether=0) == []
    assert sorted(await course.every_ten_minutes(30, 30, tether=0)) == ["drawdown raised", "total raised"]


async def test_who_is_looked_at_every_hour_is_told_no_later_for_it(course: Course) -> None:
    assert await course.shows(SEEN, tether=0) == []
    assert sorted(await course.shows(SEEN + HOUR, tether=0)) == ["drawdown raised", "total raised"]


async def test_what_prices_do_is_told_at_once_beside_money_that_has_no_record_yet(course: Course) -> None:
    told = await course.every_ten_minutes(0, 20, price=48_000, tether=30_000)
    assert sorted(told) == ["asset raised", "total raised"]  # prices alone are no drawdown of 15 %


async def test_a_trade_is_no_money_that_came(course: Course) -> None:
    assert await course.shows(SEEN, 54_000, bitcoin="1.7", tether=0) == []  # bought on the way down, and it went on
    told = await course.shows(SEEN + 10 * MINUTE, 54_000, bitcoin="1.7", tether=0)
    assert "total raised" in told


async def test_an_alert_is_not_over_because_money_came_that_has_no_record_yet(course: Course) -> None:
    assert "total raised" in await course.every_ten_minutes(0, 10, price=50_000)
    assert await course.every_ten_minutes(20, 40, price=50_000, tether=52_000) == []
    course.world.flows.append((SEEN + 45 * MINUTE, Flow(SEEN + 15 * MINUTE, Decimal(12_000))))
    assert await course.every_ten_minutes(50, 200, price=50_000, tether=52_000) == []


async def test_a_deposit_that_was_credited_an_hour_after_its_record_is_no_gain_a_day_later_either(
    course: Course,
) -> None:
    assert await course.every_ten_minutes(0, 60) == []
    course.world.flows.append((SEEN + 2 * HOUR, Flow(SEEN + 30 * MINUTE, Decimal(50_000))))
    told = []
    for hour in range(2, 24):
        told += await course.shows(SEEN + hour * HOUR, tether=90_000)
    told += await course.every_ten_minutes(24 * 60, 27 * 60, tether=90_000)
    assert told == []


async def test_a_record_minutes_before_its_money_raises_nothing(course: Course) -> None:
    course.world.flows.append((SEEN, Flow(SEEN - 5 * MINUTE, Decimal(50_000))))
    assert await course.every_ten_minutes(0, 20) == []
    assert await course.every_ten_minutes(30, 300, tether=90_000) == []
