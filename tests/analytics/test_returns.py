"""Time-weighted returns: the cascade, its degenerate cases, and what is said beside a figure."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.membership import Parts, linked
from portfolio_bot.analytics.returns import Interval, Method, Rule, annualised, interval_return, twr
from portfolio_bot.analytics.series import Flow, cut
from portfolio_bot.model.figure import Known, Note, Reason, Unknown
from tests.analytics.examples import (
    START,
    Case,
    cases,
    flows,
    hours,
    instant,
    moved,
    names,
    near,
    valuations,
    value_of,
)

TWR, ANNUAL, CURRENCY = cases("twr"), cases("annualise"), cases("currency")


def one(series: str, moves: str = "", method: Method = Method.AUTO) -> Interval:
    """The return between two hourly valuations."""
    start, end = hours(series)
    return interval_return(start, end, moved(moves), method)


@pytest.mark.parametrize("case", TWR, ids=names(TWR))
@pytest.mark.parametrize("method", list(Method))
def test_worked_example_gives_its_published_return_by_every_method(case: Case, method: Method) -> None:
    found = twr(valuations(case["valuations"]), flows(case["flows"]), method)
    assert near(value_of(found.figure), case["expected"]["twr"][method.value], case["tol"])
    if method.value in case.get("published", {}):
        published = case["published"][method.value]
        assert near(value_of(found.figure), published["value"], published["tol"])


@pytest.mark.parametrize("case", TWR, ids=names(TWR))
@pytest.mark.parametrize("method", [Method.AUTO, Method.START])
def test_each_interval_of_a_worked_example_names_its_rule(case: Case, method: Method) -> None:
    found = twr(valuations(case["valuations"]), flows(case["flows"]), method).intervals
    expected = case["expected"][f"subperiods_{method.value}"]
    assert [one.rule for one in found] == [row["rule"] for row in expected]
    for one, row in zip(found, expected, strict=True):
        assert one.value is not None
        assert near(one.value, row["r"], case["tol"])


@pytest.mark.parametrize("case", TWR, ids=names(TWR))
def test_worked_example_gives_its_profit(case: Case) -> None:
    period, expected = cut(valuations(case["valuations"]), flows(case["flows"])), case["expected"]
    assert not isinstance(period, Unknown)
    assert (period.profit, period.net_flows) == (Decimal(expected["pnl"]), Decimal(expected["net_flows"]))
    assert near(value_of(period.percent), expected["pnl_pct_of_invested"], case["tol"])


@pytest.mark.parametrize("case", CURRENCY, ids=names(CURRENCY))
def test_roubles_have_a_return_of_their_own(case: Case) -> None:
    for currency, rate in (("usd", ""), ("rub", "usd_rub")):
        series, moves = valuations(case["valuations"], "usd", rate), flows(case["flows"], "usd", rate)
        period = cut(series, moves)
        assert not isinstance(period, Unknown)
        assert period.profit == Decimal(case["expected"][f"pnl_{currency}"])
        assert near(value_of(twr(series, moves).figure), case["expected"][f"twr_{currency}"], case["tol"])


@pytest.mark.parametrize("case", cases("platform_gaps"), ids=names(cases("platform_gaps")))
@pytest.mark.parametrize("method", [Method.AUTO, Method.DIETZ])
def test_sources_that_fail_or_join_are_no_performance(case: Case, method: Method) -> None:
    snapshots = [
        Parts(instant(row["t"]), sum(values.values(), Decimal(0)), values)
        for row in case["snapshots"]
        if (values := _complete(row)) is not None
    ]
    found, expected = linked(snapshots), case["expected"]
    moves = [*found.flows, *flows(case["flows"])]
    assert list(found.valuations) == valuations(expected["effective_valuations"])
    assert moves == flows(expected["effective_flows"])
    assert near(value_of(twr(found.valuations, moves, method).figure), expected[f"twr_{method.value}"])
    period = cut(found.valuations, moves)
    assert not isinstance(period, Unknown)
    assert (str(period.profit), str(period.net_flows)) == (expected["pnl"], expected["net_flows"])


def _complete(snapshot: Case) -> dict[str, Decimal] | None:
    rows = snapshot["platforms"]
    if any(row["status"] == "failed" for row in rows.values()):
        return None
    return {name: Decimal(row["value"]) for name, row in rows.items() if row["status"] == "ok"}


@pytest.mark.parametrize("case", ANNUAL, ids=names(ANNUAL))
def test_worked_example_gives_its_annual_figure(case: Case) -> None:
    found = annualised(Decimal(case["period_return"]), case["days"])
    assert isinstance(found, Known)
    assert near(found.value, case["expected"]["annualized"], case["tol"])
    assert (Note.EXTRAPOLATED in found.notes) is case["expected"]["extrapolated"]
    headline = "period" if Note.EXTRAPOLATED in found.notes else "annualized_ok"
    assert headline == case["expected"]["headline"]


def test_an_annual_figure_from_under_a_month_or_beyond_a_thousand_percent_is_not_shown() -> None:
    assert annualised(Decimal("0.01"), Decimal("29.9")) == Known(
        value_of(annualised(Decimal("0.01"), Decimal("29.9"))), (Note.EXTRAPOLATED, Note.NOT_SHOWN)
    )
    wild = annualised(Decimal(1), 60)
    assert isinstance(wild, Known)
    assert Note.NOT_SHOWN in wild.notes
    calm = annualised(Decimal("0.01"), 30)
    assert isinstance(calm, Known)
    assert Note.NOT_SHOWN not in calm.notes


def test_nothing_is_told_per_year_from_less_than_a_day() -> None:
    assert annualised(Decimal("0.01"), Decimal("0.999")) == Unknown(Reason.TOO_SHORT)


def test_an_annual_figure_beyond_any_number_is_none() -> None:
    assert annualised(Decimal(10) ** 3000, 1) == Unknown(Reason.OVERFLOW)
    assert annualised(Decimal(6), 1) == Unknown(Reason.OVERFLOW)
    assert value_of(annualised(Decimal(5), 1)) > 10**283


def test_losing_more_than_everything_has_no_annual_figure() -> None:
    assert annualised(Decimal("-1.5"), 30) == Unknown(Reason.NEGATIVE_NAV)


def test_a_total_loss_is_a_total_loss_per_year_too() -> None:
    assert value_of(annualised(Decimal(-1), 40)) == -1


def test_two_hours_are_the_longest_that_the_start_rule_is_safe_for() -> None:
    assert one("0 1000, 2 1650", "1 500").rule is Rule.START
    assert one("0 1000, 2.001 1650", "1 500").rule is Rule.DIETZ


def test_start_rule_gives_way_when_more_than_half_leaves() -> None:
    assert one("0 1000, 1 600", "0.5 -500").rule is Rule.START
    assert one("0 1000, 1 600", "0.5 -501").rule is Rule.DIETZ


def test_dietz_gives_way_when_hardly_any_capital_remains() -> None:
    found = one("0 1000, 1 60", "0.01 -950")
    assert (found.rule, found.value) == (Rule.PP, Decimal("0.01"))
    assert found.notes == (Note.APPROXIMATE, Note.APPROX_LARGE_OUTFLOW)


def test_dietz_gives_way_when_it_would_lose_more_than_everything() -> None:
    found = one("0 100, 10 50", "9 1000")
    assert (found.rule, found.value) == (Rule.PP, Decimal(-1050) / 1100)


def test_a_flow_at_its_valuation_is_exact_whatever_its_size() -> None:
    found = one("0 1000, 24 101", "0 -900")
    assert (found.rule, found.value, found.notes) == (Rule.START, Decimal("0.01"), ())


def test_a_flow_between_valuations_makes_the_figure_approximate() -> None:
    figure = twr(hours("0 1000, 1 1650"), moved("0.5 500")).figure
    assert figure == Known(Decimal("0.1"), (Note.APPROXIMATE,))


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("moves", ["0 500", "0.5 500", "0.5 -999", "0.01 -999", "0.5 500, 0.7 -1400"])
def test_a_flow_without_a_price_move_is_no_return_under_any_method(method: Method, moves: str) -> None:
    total = sum((flow.amount for flow in moved(moves)), Decimal(1000))
    found = one(f"0 1000, 1 {total}", moves, method)
    assert (found.value, found.notes) == (Decimal(0), ())


def test_a_forced_rule_that_cannot_answer_gives_way_to_the_one_that_can() -> None:
    found = one("0 100, 1 10", "0.5 -100", Method.START)
    assert (found.rule, found.value) == (Rule.PP, Decimal("0.1"))


def test_the_stretch_between_full_withdrawal_and_new_money_is_no_return() -> None:
    series, moves = hours("0 100, 1 110, 2 0, 3 0, 4 0, 5 220"), moved("1 -110, 4 200")
    found = twr(series, moves)
    assert found.figure == Known(Decimal("0.21"))
    assert [link.value for link in found.intervals] == [Decimal("0.1"), 0, None, None, Decimal("0.1")]
    assert found.since_funding is None


def test_value_out_of_nothing_is_left_out_and_told() -> None:
    figure = twr(hours("0 0, 1 50, 2 55"), []).figure
    assert figure == Known(Decimal("0.1"), (Note.DELTA_WITHOUT_CAPITAL,))
    assert twr(hours("0 0, 1 50"), []).figure == Unknown(Reason.DELTA_WITHOUT_CAPITAL)


def test_an_interval_that_touches_debt_is_left_out_and_told() -> None:
    figure = twr(hours("0 100, 1 -5, 2 20, 3 22"), []).figure
    assert figure == Known(Decimal("0.1"), (Note.NEGATIVE_NAV,))
    assert twr(hours("0 100, 1 -5"), moved("0.5 10")).figure == Unknown(Reason.NEGATIVE_NAV)


def test_an_empty_portfolio_has_no_return() -> None:
    assert twr(hours("0 0, 1 0"), []).figure == Unknown(Reason.NOTHING_INVESTED)


@pytest.mark.parametrize("series", ["", "0 100"])
def test_a_return_needs_two_snapshots(series: str) -> None:
    assert twr(hours(series), []).figure == Unknown(Reason.TOO_FEW_SNAPSHOTS)


def test_a_total_loss_stays_one_and_offers_the_return_since_new_money() -> None:
    found = twr(hours("0 100, 1 0, 2 0, 3 550, 4 660"), moved("2 500"))
    assert found.figure == Known(Decimal(-1), (Note.TOTAL_LOSS,))
    assert found.funded_again == START + timedelta(hours=2)
    assert found.since_funding == Known(Decimal("0.32"))


def test_a_total_loss_without_new_money_offers_nothing_more() -> None:
    found = twr(hours("0 100, 1 0, 2 0"), [])
    assert (found.figure, found.since_funding) == (Known(Decimal(-1), (Note.TOTAL_LOSS,)), None)


@pytest.mark.parametrize("method", list(Method))
def test_losing_a_deposit_and_all_else_is_a_total_loss(method: Method) -> None:
    assert one("0 100, 10 0", "9 1000", method).value == -1


def test_flows_outside_the_series_have_no_effect() -> None:
    assert twr(hours("1 100, 2 110"), moved("0 50, 2 70, 3 -20")).figure == Known(Decimal("0.1"))


def test_valuations_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="out of order"):
        twr(hours("1 100, 0 110"), [])


def test_a_flow_outside_its_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        one("0 100, 1 110", "1 5")


@pytest.mark.parametrize("moves", ["1.5 1000", "0.5 1000"])
def test_a_deposit_dated_beside_its_jump_is_suspected(moves: str) -> None:
    jump = "0 1000, 1 2000, 2 2010" if moves.startswith("1") else "0 1000, 1 1010, 2 2010"
    figure = twr(hours(jump), moved(moves)).figure
    assert isinstance(figure, Known)
    assert Note.SUSPECTED_MISALIGNMENT in figure.notes


def test_a_deposit_beside_an_ordinary_gain_is_not_suspected() -> None:
    figure = twr(hours("0 1000, 1 1100, 2 2080"), moved("1 1000")).figure
    assert isinstance(figure, Known)
    assert Note.SUSPECTED_MISALIGNMENT not in figure.notes


def dated(day: int, amount: str) -> Flow:
    """A flow of which only the date in January is known."""
    at = START + timedelta(days=day - 1)
    return Flow(at, Decimal(amount), at + timedelta(days=1))


def test_a_flow_with_a_date_alone_comes_in_at_the_start_and_goes_out_at_the_end_of_its_day() -> None:
    # 1 January 100; the 2nd: 50 came, closed at 165; the 3rd: 65 left, closed at 110
    series = hours("23 100, 47 165, 71 110")
    found = twr(series, [dated(2, "50"), dated(3, "-65")])
    assert [link.rule for link in found.intervals] == [Rule.PP, Rule.PP]
    assert [link.value for link in found.intervals] == [Decimal("0.1"), Decimal(10) / 165]


def test_snapshots_inside_a_day_whose_flow_has_no_time_are_not_linked() -> None:
    found = twr(hours("23 100, 30 101, 36 152, 47 165, 50 165"), [dated(2, "50")])
    assert [link.value for link in found.intervals] == [Decimal("0.1"), 0]


def test_a_flow_with_a_date_alone_beside_a_timed_one_keeps_its_own_weight() -> None:
    found = twr(hours("24 100, 48 210"), [dated(2, "50"), *moved("36 50")])
    (link,) = found.intervals
    assert (link.rule, link.value) == (Rule.DIETZ, Decimal(10) / 175)
