"""A period's figures together: each as its own module has it, and what concerns them all."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portfolio_bot.analytics.performance import Performance, Track, measure
from portfolio_bot.analytics.returns import Method, Rule
from portfolio_bot.analytics.series import Closing
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Known, Note, Reason, Unknown
from tests.analytics import examples
from tests.analytics.examples import START, cases, flows, hours, moved, near, value_of

UTC_DAYS = Calendar(ZoneInfo("UTC"))
TWR = [pytest.param(case, id=case["id"]) for case in cases("twr")]


def measured(series: str, moves: str = "", closes: str = "", **how: object) -> Performance:
    """A period of hourly valuations; `closes` names the hours that close a day."""
    values = tuple(hours(series))
    ends = {START + timedelta(hours=float(hour)) for hour in closes.split()}
    closings = tuple(Closing(one.at.date(), one) for one in values if one.at in ends)
    return measure(Track(values, closings, tuple(moved(moves))), UTC_DAYS, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", TWR)
def test_worked_examples_come_out_of_the_whole(case: examples.Case) -> None:
    track = Track(tuple(examples.valuations(case["valuations"])), flows=tuple(flows(case["flows"])))
    found = measure(track, UTC_DAYS)
    wanted = case["expected"]["twr"]["auto"]
    assert isinstance(found.twr, Unknown) if wanted is None else near(value_of(found.twr), wanted, case["tol"])
    assert value_of(found.profit) == Decimal(case["expected"]["pnl"])
    assert value_of(found.net_flows) == Decimal(case["expected"]["net_flows"])


def test_the_change_is_the_flows_and_the_profit() -> None:
    found = measured("0 100, 1 160, 2 150", "0.5 50")
    assert [value_of(one) for one in (found.start_value, found.end_value)] == [100, 150]
    assert value_of(found.change) == value_of(found.net_flows) + value_of(found.profit) == 50


def test_one_valuation_is_no_period_and_no_figure_is_zero() -> None:
    found = measured("0 100")
    figures = (found.change, found.twr, found.twr_annualized, found.xirr.annual, found.max_drawdown, found.start_value)
    assert set(figures) == {Unknown(Reason.TOO_FEW_SNAPSHOTS)}
    assert found.ratios.sharpe == Unknown(Reason.TOO_FEW_SNAPSHOTS)


def test_a_flow_without_a_value_leaves_no_figure_of_its_period() -> None:
    values = tuple(hours("0 100, 1 160, 2 170, 3 180"))
    track = Track(values, unpriced=((values[1].at, ("bybit", "7")),))
    assert measure(track, UTC_DAYS).twr == Unknown(Reason.INCOMPLETE_FLOWS)
    assert isinstance(measure(track, UTC_DAYS, since=values[2].at).twr, Known)


def test_an_account_that_joins_is_no_profit() -> None:
    values = tuple(hours("0 100, 1 110"))
    joined = tuple(moved("0 50"))
    found = measure(Track(values, joined=joined), UTC_DAYS)
    assert value_of(found.net_flows) == 50
    assert value_of(found.profit) == -40


def test_the_rules_that_were_used_are_named() -> None:
    assert measured("0 100, 1 160, 2 170", "0.5 50").rules == (Rule.START, Rule.SIMPLE)
    assert measured("0 100, 1 160", "0.5 50", method=Method.DIETZ).rules == (Rule.DIETZ,)


def test_the_fall_of_an_unfinished_day_counts() -> None:
    found = measured("0 100, 24 110, 48 120, 50 90", closes="0 24 48")
    assert value_of(found.max_drawdown) == Decimal("-0.25")


def test_a_day_that_is_not_over_is_no_daily_return() -> None:
    whole = measured("0 100, 24 110, 48 120", closes="0 24 48")
    begun = measured("0 100, 24 110, 48 120, 50 90", closes="0 24 48")
    assert begun.ratios == whole.ratios


def test_without_a_close_the_drawdown_is_that_of_the_two_ends() -> None:
    assert value_of(measured("0 100, 1 120, 2 90").max_drawdown) == Decimal("-0.1")


def test_ends_that_were_not_asked_for_are_told_with_every_figure() -> None:
    found = measured("0 100, 24 101, 48 102", since=START - timedelta(days=9))
    assert isinstance(found.change, Known)
    assert isinstance(found.twr, Known)
    assert Note.TRUNCATED in found.change.notes
    assert Note.TRUNCATED in found.twr.notes
