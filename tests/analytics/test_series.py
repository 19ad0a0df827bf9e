"""Profit over windows, and what is said about their ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.series import (
    Closing,
    Flow,
    Period,
    Valuation,
    closings,
    cut,
    flow_of,
    percent_of_base,
    settled,
    valuations,
)
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Known, Note, Reason, Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.history import DayClose, NavPoint
from tests.analytics import examples
from tests.analytics.examples import START, cases, flows, hours, instant, moved, near, value_of

PNL = {case["id"]: case for case in cases("pnl")}
WINDOWS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90, "total": None}


def period(series: str, moves: str = "", since: float | None = None, until: float | None = None) -> Period:
    """A period of hourly valuations; its ends in hours."""
    ends = (None if hour is None else START + timedelta(hours=hour) for hour in (since, until))
    found = cut(hours(series), moved(moves), since=next(ends), until=next(ends))
    assert isinstance(found, Period)
    return found


@pytest.mark.parametrize("window", WINDOWS)
def test_worked_example_gives_its_profit_by_window(window: str) -> None:
    case, days = PNL["pnl-windows-flows"], WINDOWS[window]
    expected, since = case["expected"][window], None if days is None else instant(case["as_of"]) - timedelta(days=days)
    found = cut(examples.valuations(case["valuations"]), flows(case["flows"]), since=since)
    assert isinstance(found, Period)
    assert (found.start.at, str(found.profit)) == (instant(expected["start_t"]), expected["pnl"])
    assert near(value_of(found.percent), expected["pct"], case["tol"])
    assert (Note.TRUNCATED in found.notes) is expected["truncated"]


@pytest.mark.parametrize("row", PNL["pnl-seed-alert-message"]["windows"], ids=lambda row: row["name"])
def test_a_percentage_is_of_the_value_less_the_profit(row: examples.Case) -> None:
    case, profit = PNL["pnl-seed-alert-message"], Decimal(row["pnl"])
    found = value_of(percent_of_base(profit, Decimal(case["current_value"]) - profit))
    assert near(found, case["expected"][row["name"]], case["tol"])


def test_a_base_of_nothing_has_no_percentage() -> None:
    assert period("0 100, 1 50", "0 -100").percent == Unknown(Reason.BASE_NOT_POSITIVE)


def test_a_base_that_is_almost_nothing_is_told() -> None:
    percent = period("0 1000, 1 60", "0.5 -950").percent
    assert percent == Known(Decimal("0.2"), (Note.BASE_NEAR_ZERO,))


def test_a_flow_at_the_start_is_inside_and_one_at_the_end_is_outside() -> None:
    found = period("0 100, 1 160", "0 50, 1 70")
    assert [found.net_flows, found.profit] == [50, 10]


def test_inflows_and_outflows_are_told_apart() -> None:
    found = period("0 100, 2 110", "0.5 50, 1 -20, 1.5 -30")
    assert [found.inflows, found.outflows, found.net_flows] == [50, 50, 0]


def test_a_start_long_before_the_window_is_told() -> None:
    assert period("0 100, 24 101, 48 102", since=27).notes == (Note.STALE_START,)
    assert period("0 100, 24 101, 48 102", since=26).notes == ()


def test_an_end_long_before_the_window_ends_is_told() -> None:
    found = period("0 100, 24 101, 48 102", since=0, until=40)
    assert (found.end.value, found.notes) == (Decimal(101), (Note.STALE_END,))


def test_days_keep_their_fractions() -> None:
    assert period("0 100, 36 101").days == Decimal("1.5")


@pytest.mark.parametrize(("since", "until"), [(48.0, None), (50.0, None), (None, 10.0), (None, -1.0), (20.0, 30.0)])
def test_a_window_without_two_snapshots_is_unknown(since: float | None, until: float | None) -> None:
    ends = [None if hour is None else START + timedelta(hours=hour) for hour in (since, until)]
    found = cut(hours("0 100, 48 102"), [], since=ends[0], until=ends[1])
    assert found == Unknown(Reason.TOO_FEW_SNAPSHOTS)


def test_the_start_of_a_day_closes_the_day_before_it() -> None:
    series = hours("24 100, 30 101, 48 110")
    flow = Flow(START + timedelta(days=1), Decimal(5), START + timedelta(days=2))
    assert settled(series, [flow]) == [series[0], series[2]]


def test_points_without_a_value_in_a_currency_are_left_out() -> None:
    points = [NavPoint(START, Decimal(1), None), NavPoint(START - timedelta(1), Decimal(2), Decimal(160))]
    assert [one.value for one in valuations(points, "USD")] == [2, 1]
    assert [one.value for one in valuations(points, "RUB")] == [160]


def test_a_day_that_is_not_over_has_no_closing() -> None:
    closes = [DayClose(date(2026, 1, day), NavPoint(START, Decimal(day), None), open=day == 3) for day in (3, 2, 1)]
    one, two = closings(closes, "USD")
    assert (one, two.day) == (Closing(date(2026, 1, 1), Valuation(START, Decimal(1))), date(2026, 1, 2))


def test_a_movement_with_a_date_alone_is_a_flow_of_the_whole_local_day() -> None:
    paris = Calendar.of("Europe/Paris")
    movement = CashFlow("1", "bybit", FlowKind.DEPOSIT, date(2026, 3, 29), "EUR", Decimal(100))
    found = flow_of(movement, Decimal(110), paris)
    assert found.at == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert (found.amount, found.until) == (Decimal(110), datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_a_movement_with_an_instant_is_a_flow_of_that_instant() -> None:
    movement = CashFlow("1", "bybit", FlowKind.WITHDRAWAL, START, "BTC", Decimal("-0.1"))
    assert flow_of(movement, Decimal(-9000), Calendar(UTC)) == Flow(START, Decimal(-9000))
