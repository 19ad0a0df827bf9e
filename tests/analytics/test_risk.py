"""Drawdown, volatility, Sharpe and Sortino."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from math import sqrt
from random import Random
from statistics import fmean, stdev

import pytest

from portfolio_bot.analytics.returns import IndexPoint, index
from portfolio_bot.analytics.risk import Drawdown, Ratios, drawdown, index_notes, ratios
from portfolio_bot.model.figure import Figure, Known, Note, Reason, Unknown
from tests.analytics.examples import Case, cases, day_returns, names, near, value_of

RISK = cases("risk")
WITH_RETURNS = [case for case in RISK if "returns" in case]
FIRST = date(2026, 1, 1)


def points(case: Case) -> list[IndexPoint]:
    """The index of an example, one point a day."""
    if "returns" in case:
        return index(day_returns(case["returns"]))
    return [IndexPoint(FIRST + timedelta(days=step), Decimal(value)) for step, value in enumerate(case["index"])]


def fall(values: str) -> Drawdown:
    """The drawdown of an index of whole numbers, one a day."""
    found = drawdown(points({"index": values.split()}))
    assert isinstance(found, Drawdown)
    return found


def day(step: int | None) -> date | None:
    """The day of a point by its place, as the examples count them."""
    return None if step is None else FIRST + timedelta(days=step)


def same(figure: Figure, expected: str | None, tolerance: str) -> bool:
    """Whether both are unknown, or near each other."""
    return isinstance(figure, Unknown) if expected is None else near(value_of(figure), expected, tolerance)


@pytest.mark.parametrize("case", RISK, ids=names(RISK))
def test_worked_example_gives_its_drawdown(case: Case) -> None:
    found, expected = drawdown(points(case)), case["expected"]
    assert isinstance(found, Drawdown)
    assert near(found.depth, expected["max_drawdown"], case["tol"])
    assert near(found.current, expected["current_drawdown"], case["tol"])
    assert (found.peak, found.trough) == (day(expected["peak_index"]), day(expected["trough_index"]))
    assert found.recovery == day(expected["recovery_index"])
    assert (found.longest.days if found.longest else 0) == expected["longest_underwater"]


@pytest.mark.parametrize("case", WITH_RETURNS, ids=names(WITH_RETURNS))
def test_worked_example_gives_its_ratios(case: Case) -> None:
    params, expected = case["params"], case["expected"]
    free, periods = Decimal(params["risk_free_annual"]), params["periods_per_year"]
    found = ratios(day_returns(case["returns"]), risk_free_annual=free, periods=periods)
    assert same(found.volatility, expected["volatility"], case["tol"])
    assert same(found.sharpe, expected["sharpe"], case["tol"])
    assert same(found.sortino, expected["sortino"], case["tol"])
    assert same(found.downside, expected["downside_deviation"], case["tol"])
    assert near(points(case)[-1].value - 1, expected["cumulative"], case["tol"])
    for name, figure in (("volatility", found.volatility), ("sharpe", found.sharpe), ("sortino", found.sortino)):
        if name in case.get("published", {}):
            assert same(figure, case["published"][name]["value"], case["published"][name]["tol"])


def test_example_of_eight_returns_has_its_known_volatility() -> None:
    percents = ["0.01", "0.10", "-0.04", "0.02", "0.03", "0.02", "0.01", "-0.10"]
    assert near(value_of(ratios(day_returns(percents)).volatility), "1.09957", "1e-5")


def naive(percents: Sequence[float], free: float, least: float) -> tuple[float, float, float]:
    """Volatility, Sharpe and Sortino as a spreadsheet would."""
    free_daily, least_daily = (1 + free) ** (1 / 365) - 1, (1 + least) ** (1 / 365) - 1
    deviation = stdev(percents)
    short = sqrt(fmean([min(0.0, one - least_daily) ** 2 for one in percents]))
    sharpe = fmean([one - free_daily for one in percents]) / deviation * sqrt(365)
    sortino = fmean([one - least_daily for one in percents]) * 365 / (short * sqrt(365))
    return deviation * sqrt(365), sharpe, sortino


@pytest.mark.parametrize("seed", range(20))
def test_ratios_agree_with_a_spreadsheet(seed: int) -> None:
    random = Random(seed)
    percents = [f"{random.gauss(0.001, 0.03):.9f}" for _ in range(random.randint(2, 400))]
    free, least = Decimal("0.04"), Decimal("0.1")
    found = ratios(day_returns(percents), risk_free_annual=free, least_annual=least)
    expected = naive([float(one) for one in percents], 0.04, 0.1)
    for figure, wanted in zip((found.volatility, found.sharpe, found.sortino), expected, strict=True):
        assert near(value_of(figure), wanted, "1e-10")


@pytest.mark.parametrize("seed", range(20))
def test_drawdown_agrees_with_looking_at_every_pair(seed: int) -> None:
    random = Random(seed)
    levels = [Decimal(random.randint(50, 150)) for _ in range(60)]
    found = drawdown([IndexPoint(FIRST + timedelta(days=step), level) for step, level in enumerate(levels)])
    assert isinstance(found, Drawdown)
    assert found.depth == min(later / earlier - 1 for i, earlier in enumerate(levels) for later in levels[i:])
    assert found.current == levels[-1] / max(levels) - 1
    assert levels[(found.trough - FIRST).days] / levels[(found.peak - FIRST).days] - 1 == found.depth


def test_a_recovery_is_the_first_day_at_the_old_peak_again() -> None:
    found = fall("100 90 95 100 99 120")
    assert (found.peak, found.trough, found.recovery) == (day(0), day(1), day(3))


def test_a_chained_index_recovers_though_its_last_digit_is_rounded() -> None:
    totals = [Decimal(total) for total in (101, 121, 111, 81, 86, 91, 96, 101, 106, 111, 116, 121)]
    with localcontext(prec=50):
        changes = [str(end / start - 1) for start, end in pairwise(totals)]
    chained = index(day_returns(changes))
    assert chained[1].value > chained[-1].value
    found = drawdown(chained)
    assert isinstance(found, Drawdown)
    assert (found.peak, found.recovery) == (day(1), day(11))
    assert found.current == 0
    assert found.longest is not None
    assert (found.longest.until, found.longest.days) == (day(11), 9)


def test_a_later_shallower_fall_does_not_touch_the_recovery() -> None:
    found = fall("100 50 100 90")
    assert (found.recovery, found.current) == (day(2), Decimal("-0.1"))
    assert found.longest is not None
    assert (found.longest.since, found.longest.until, found.longest.days) == (day(0), day(2), 1)


def test_a_fall_that_lasts_has_no_recovery() -> None:
    found = fall("100 110 50 109")
    assert (found.recovery, found.longest is not None and found.longest.until) == (None, None)


def test_time_under_water_begins_when_the_peak_is_left() -> None:
    found = fall("100 100 100 90 95")
    assert found.longest is not None
    assert (found.peak, found.longest.since, found.longest.days) == (day(0), day(2), 2)


def test_everything_lost_is_a_drawdown_of_everything_for_ever() -> None:
    found = drawdown(index(day_returns(["0.1", "-1", "0.5"])))
    assert isinstance(found, Drawdown)
    assert (found.depth, found.current, found.recovery) == (Decimal(-1), Decimal(-1), None)


def test_a_drawdown_needs_two_points() -> None:
    assert drawdown([]) == drawdown([IndexPoint(FIRST, Decimal(1))]) == Unknown(Reason.TOO_FEW_RETURNS)


def test_days_without_a_return_are_told_beside_the_drawdown() -> None:
    returns = day_returns(["0.1", Unknown(Reason.NEGATIVE_NAV), "-0.1"])
    found = drawdown(index(returns), index_notes(returns))
    assert isinstance(found, Drawdown)
    assert found.notes == (Note.UNDEFINED_LEFT_OUT,)


@pytest.mark.parametrize("percents", [[], ["0.01"], ["0.01", Unknown(Reason.NEGATIVE_NAV)]])
def test_a_deviation_needs_two_returns(percents: Sequence[str | Figure]) -> None:
    missing = Unknown(Reason.TOO_FEW_RETURNS)
    assert ratios(day_returns(percents)) == Ratios(missing, missing, missing, missing)


@pytest.mark.parametrize(("count", "short"), [(29, True), (30, False)])
def test_fewer_than_thirty_returns_are_a_short_sample(count: int, short: bool) -> None:
    found = ratios(day_returns(["0.01", "-0.01", *["0.02"] * (count - 2)])).volatility
    assert isinstance(found, Known)
    assert (Note.SHORT_SAMPLE in found.notes) is short


def test_returns_over_several_days_are_left_out_of_ratios_but_not_of_the_index() -> None:
    returns = day_returns(["0.01", "-0.02", "0.3", "0.02"])
    returns[2] = returns[2]._replace(span_days=3, percent=Known(Decimal("0.3"), (Note.GAP,)))
    found = ratios(returns).volatility
    assert isinstance(found, Known)
    assert found.value == value_of(ratios(day_returns(["0.01", "-0.02", "0.02"])).volatility)
    assert found.notes == (Note.GAPS_LEFT_OUT, Note.SHORT_SAMPLE)
    assert index(returns)[3].value == Decimal("0.9898") * Decimal("1.3")


def test_returns_that_differ_by_rounding_alone_do_not_deviate() -> None:
    found = ratios(day_returns(["0.01", "0.0100000000000000000000000000000001", "0.01"]))
    assert (value_of(found.volatility), found.sharpe) == (Decimal(0), Unknown(Reason.ZERO_DEVIATION))


def test_days_that_never_fall_short_have_no_sortino_but_a_sharpe() -> None:
    found = ratios(day_returns(["0.01", "0.02", "0"]))
    assert (found.sortino, isinstance(found.sharpe, Known)) == (Unknown(Reason.ZERO_DEVIATION), True)


def test_a_loss_on_every_tenth_day_is_averaged_over_all_days() -> None:
    found = value_of(ratios(day_returns(["-0.1", *["0"] * 9])).downside)
    assert near(found, sqrt(0.01 / 10) * sqrt(365), "1e-12")
