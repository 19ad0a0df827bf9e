"""What holds for every period, measured as screens measure it: all figures at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.analytics.performance import Performance, Track, measure
from portfolio_bot.analytics.returns import Method
from portfolio_bot.analytics.series import Closing, Flow, Valuation
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Figure, Known
from tests.analytics.test_invariants import alike, few, histories

UTC_DAYS = Calendar.of("UTC")
History = tuple[list[Valuation], list[Flow]]


def track(series: list[Valuation], flows: list[Flow]) -> Track:
    """With the close of each day that is over."""
    last = {UTC_DAYS.day(one.at): one for one in series}
    over = [Closing(day, one) for day, one in sorted(last.items()) if day < UTC_DAYS.day(series[-1].at)]
    return Track(tuple(series), tuple(over), tuple(flows))


def percentages(found: Performance) -> list[Figure]:
    """Whatever has no currency."""
    ratios = found.ratios
    return [
        found.simple_return, found.twr, found.twr_annualized, found.xirr.annual, found.xirr.period, found.max_drawdown,
        ratios.volatility, ratios.sharpe, ratios.sortino,
    ]  # fmt: skip


def value_of(figure: Figure) -> Decimal:
    assert isinstance(figure, Known)
    return figure.value


@few
@given(histories(), st.integers(1, 10**7))
def test_size_changes_money_alone(history: History, thousandths: int) -> None:
    series, flows = history
    k = Decimal(thousandths) / 1000
    found = measure(track(series, flows), UTC_DAYS)
    larger = measure(
        track(
            [replace(one, value=one.value * k) for one in series],
            [replace(one, amount=one.amount * k) for one in flows],
        ),
        UTC_DAYS,
    )
    for one, other in zip(percentages(found), percentages(larger), strict=True):
        assert alike(one, other, "1e-12")
    assert alike(larger.profit, Known(value_of(found.profit) * k), "1e-25")
    assert larger.rules == found.rules


@few
@given(histories(), st.data())
def test_what_failed_between_changes_no_profit_and_without_flows_no_return(
    history: History, data: st.DataObject
) -> None:
    series, flows = history
    kept = [series[0], *(one for one in series[1:-1] if data.draw(st.booleans())), series[-1]]
    whole, less = measure(track(series, flows), UTC_DAYS), measure(track(kept, flows), UTC_DAYS)
    assert [whole.profit, whole.change, whole.net_flows] == [less.profit, less.change, less.net_flows]
    assert whole.xirr == less.xirr
    quiet, quieter = measure(track(series, []), UTC_DAYS), measure(track(kept, []), UTC_DAYS)
    assert alike(quiet.twr, quieter.twr)


@few
@given(histories(), st.sampled_from([Method.AUTO, Method.START, Method.DIETZ, Method.PP]), st.integers(0, 9))
def test_money_that_only_came_or_went_is_no_return(history: History, method: Method, tenth: int) -> None:
    start = history[0][0]
    amount = max(history[1][0].amount if history[1] else Decimal(7), -start.value * 9 / 10)
    end = Valuation(start.at + timedelta(minutes=50), start.value + amount)
    at = start.at + (end.at - start.at) * tenth / 10
    found = measure(Track((start, end), flows=(Flow(at, amount),)), UTC_DAYS, method=method)
    assert [value_of(found.twr), value_of(found.profit)] == [0, 0]


@few
@given(histories(), st.integers(1, 6))
def test_two_windows_side_by_side_are_the_window_over_both(history: History, place: int) -> None:
    series, flows = history
    middle = series[min(place, len(series) - 1)].at
    past = track(series, flows)
    whole = measure(past, UTC_DAYS)
    parts = [measure(past, UTC_DAYS, until=middle), measure(past, UTC_DAYS, since=middle)]
    known = [one for one in parts if isinstance(one.profit, Known)]
    assert sum(value_of(one.profit) for one in known) == value_of(whole.profit)
    assert sum(value_of(one.net_flows) for one in known) == value_of(whole.net_flows)
    growth = Decimal(1)
    for one in known:
        growth *= 1 + value_of(one.twr)
    assert alike(Known(growth - 1), whole.twr, "1e-20")


@few
@given(histories())
def test_at_one_rate_every_percentage_is_the_same_in_roubles(history: History) -> None:
    series, flows = history
    rate = Decimal("78.6543")
    roubles = track(
        [replace(one, value=one.value * rate) for one in series],
        [replace(one, amount=one.amount * rate) for one in flows],
    )
    for one, other in zip(
        percentages(measure(track(series, flows), UTC_DAYS)), percentages(measure(roubles, UTC_DAYS)), strict=True
    ):
        assert alike(one, other, "1e-12")


@pytest.mark.parametrize("days", [1, 365, 1461])
@few
@given(history=histories())
def test_the_date_does_not_matter(days: int, history: History) -> None:
    series, flows = history
    later = timedelta(days=days)
    moved = track(
        [replace(one, at=one.at + later) for one in series], [replace(one, at=one.at + later) for one in flows]
    )
    found, then = measure(track(series, flows), UTC_DAYS), measure(moved, UTC_DAYS)
    assert percentages(found) == percentages(then)
    assert found.profit == then.profit
