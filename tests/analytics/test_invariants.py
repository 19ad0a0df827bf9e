"""What holds for every history of values and flows, whatever the figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.analytics.irr import Payment, money_weighted, xirr
from portfolio_bot.analytics.returns import Method, annualised, daily_returns, index, twr
from portfolio_bot.analytics.risk import drawdown, ratios
from portfolio_bot.analytics.series import Closing, Flow, Period, Valuation, cut
from portfolio_bot.model.figure import Figure, Known, Unknown
from tests.analytics.examples import START, near

few = settings(max_examples=40, deadline=None)

cents = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)
"""From a cent to ten million."""


@st.composite
def histories(draw: st.DrawFn, *, flows_at_values: bool = False, most: int = 7) -> tuple[list[Valuation], list[Flow]]:
    """Valuations some minutes to days apart, all above zero, and flows between or at them that leave something."""
    minutes = draw(st.lists(st.integers(10, 6000), min_size=2, max_size=most))
    values = [Valuation(START + timedelta(minutes=sum(minutes[:count])), draw(cents)) for count in range(len(minutes))]
    flows = []
    for before, after in pairwise(values):
        share = draw(st.integers(0, 9)) if draw(st.booleans()) else None
        if share is None:
            continue
        at = before.at if flows_at_values else before.at + (after.at - before.at) * share / 10
        amount = draw(cents) if draw(st.booleans()) else -before.value * draw(st.integers(1, 90)) / 100
        flows.append(Flow(at, amount))
    return values, flows


def entire(series: list[Valuation], flows: list[Flow]) -> Period:
    """All of it as one period."""
    found = cut(series, flows)
    assert isinstance(found, Period)
    return found


def alike(one: Figure, other: Figure, tolerance: str = "1e-30") -> bool:
    """Equal but for rounding, or unknown for the same reason."""
    if isinstance(one, Known) and isinstance(other, Known):
        return near(one.value, other.value, tolerance)
    return one == other


def by_unit_price(series: list[Valuation], flows: list[Flow]) -> Fraction:
    """A fund's way: a flow buys units at their price, and the price is the return; flows at valuations only."""
    units = price = Fraction(1)
    value = Fraction(series[0].value)
    for valuation in series:
        price = price * Fraction(valuation.value) / value
        units = Fraction(valuation.value) / price
        units += sum((Fraction(flow.amount) for flow in flows if flow.at == valuation.at), Fraction(0)) / price
        value = units * price
    return price - 1


@few
@given(histories(flows_at_values=True))
def test_return_is_that_of_a_unit_of_a_fund(history: tuple[list[Valuation], list[Flow]]) -> None:
    series, flows = history
    found, expected = twr(series, flows[:-1]).figure, by_unit_price(series, flows[:-1])
    assert isinstance(found, Known)
    # a return is told to 50 digits, so next to a total loss the rest has fewer
    tolerance = max(abs(expected + 1) * Fraction(1, 10**40), Fraction(1, 10**48))
    assert abs(Fraction(found.value) - expected) <= tolerance


@few
@given(histories())
def test_end_is_start_plus_flows_plus_profit_for_every_window(history: tuple[list[Valuation], list[Flow]]) -> None:
    for start in history[0]:
        found = cut(*history, since=start.at)
        if isinstance(found, Period):
            assert found.end.value == found.start.value + found.net_flows + found.profit


@few
@given(histories(), st.integers(1, 5))
def test_windows_that_tile_a_span_add_up_and_chain(history: tuple[list[Valuation], list[Flow]], place: int) -> None:
    series, flows = history
    middle = series[min(place, len(series) - 1)].at
    whole = entire(series, flows)
    halves = [cut(series, flows, until=middle), cut(series, flows, since=middle)]
    parts = [one for one in halves if isinstance(one, Period)]
    assert sum((one.profit for one in parts), Decimal(0)) == whole.profit
    growth = Decimal(1)
    for one in parts:
        figure = twr(one.valuations, one.flows).figure
        growth *= 1 + (figure.value if isinstance(figure, Known) else 0)
    assert alike(Known(growth - 1), twr(series, flows).figure)


@few
@given(histories(), st.integers(1, 10**6))
def test_size_does_not_matter_but_for_profit(history: tuple[list[Valuation], list[Flow]], thousandths: int) -> None:
    series, flows = history
    k = Decimal(thousandths) / 1000
    larger = (
        [replace(one, value=one.value * k) for one in series],
        [replace(one, amount=one.amount * k) for one in flows],
    )
    assert alike(twr(*larger).figure, twr(series, flows).figure)
    period, other = entire(series, flows), entire(*larger)
    assert near(other.profit, period.profit * k, "1e-30")
    assert alike(money_weighted(other).period, money_weighted(period).period, "1e-9")


@few
@given(histories(), cents, st.integers(1, 99))
def test_a_snapshot_more_or_less_where_nothing_flows_changes_nothing(
    history: tuple[list[Valuation], list[Flow]], value: Decimal, percent: int
) -> None:
    series, flows = history
    start, end = series[0], series[1]
    flows = [flow for flow in flows if flow.at >= end.at]
    more = [start, Valuation(start.at + (end.at - start.at) * percent / 100, value), *series[1:]]
    assert alike(twr(more, flows).figure, twr(series, flows).figure)


@few
@given(histories(flows_at_values=True), st.sampled_from([Method.START, Method.DIETZ]))
def test_methods_agree_where_a_valuation_stands_at_every_flow(
    history: tuple[list[Valuation], list[Flow]], method: Method
) -> None:
    assert alike(twr(*history, method).figure, twr(*history).figure)


@few
@given(histories(), st.sampled_from(list(Method)))
def test_no_return_is_under_a_total_loss(history: tuple[list[Valuation], list[Flow]], method: Method) -> None:
    for one in twr(*history, method).intervals:
        assert one.value is not None
        assert one.value > -1


@few
@given(histories(flows_at_values=True))
def test_constant_rate_gives_the_same_percentages_in_roubles(history: tuple[list[Valuation], list[Flow]]) -> None:
    series, flows = history
    rate = Decimal("78.6543")
    roubles = [replace(one, value=one.value * rate) for one in series]
    moved = [replace(one, amount=one.amount * rate) for one in flows]
    assert alike(twr(roubles, moved).figure, twr(series, flows).figure)
    assert alike(entire(roubles, moved).percent, entire(series, flows).percent)


@few
@given(histories())
def test_without_flows_time_and_money_weighting_agree(history: tuple[list[Valuation], list[Flow]]) -> None:
    series, _ = history
    straight = series[-1].value / series[0].value - 1
    assert alike(twr(series, []).figure, Known(straight))
    assert alike(money_weighted(entire(series, [])).period, Known(straight), "1e-9")


schedules = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(-1000, 1000).filter(bool)), min_size=2, max_size=12
).map(lambda rows: [(START + timedelta(days=day), Decimal(amount)) for day, amount in rows])


@few
@given(schedules, st.integers(-5000, 5000))
def test_rate_does_not_depend_on_the_date(payments: list[Payment], days: int) -> None:
    shifted = [(at + timedelta(days=days), amount) for at, amount in payments]
    assert xirr(shifted) == xirr(payments)


@few
@given(schedules)
def test_turning_all_payments_around_leaves_the_rates(payments: list[Payment]) -> None:
    assert xirr([(at, -amount) for at, amount in payments]).roots == xirr(payments).roots


@few
@given(schedules, st.integers(-500, 500))
def test_a_payment_in_two_parts_is_the_same_payment(payments: list[Payment], part: int) -> None:
    (at, amount), *others = payments
    assert xirr([*others, (at, amount - part), (at, Decimal(part))]).roots == xirr(payments).roots


@few
@given(histories(most=12))
def test_daily_returns_add_up_and_chain_to_the_whole(history: tuple[list[Valuation], list[Flow]]) -> None:
    series, flows = history
    closes = [Closing(one.day, one.valuation) for one in _closes(series)]
    if len(closes) < 2:
        return
    days = daily_returns(closes, series, flows)
    whole = cut(series, flows, since=closes[0].valuation.at, until=closes[-1].valuation.at)
    assert isinstance(whole, Period)
    assert sum((one.profit for one in days), Decimal(0)) == whole.profit
    assert alike(Known(index(days)[-1].value - 1), twr(whole.valuations, whole.flows).figure)


def _closes(series: list[Valuation]) -> list[Closing]:
    return list({one.at.date(): Closing(one.at.date(), one) for one in series}.values())


@pytest.mark.parametrize("digits", [28, 15])
@settings(max_examples=15, deadline=None)
@given(history=histories(most=12))
def test_figures_do_not_depend_on_the_decimal_context(digits: int, history: tuple[list[Valuation], list[Flow]]) -> None:
    def everything() -> list[object]:
        series, flows = history
        period = entire(series, flows)
        days = daily_returns(_closes(series), series, flows)
        return [
            period,
            twr(series, flows),
            days,
            index(days),
            drawdown(index(days)),
            ratios(days, risk_free_annual=Decimal("0.03")),
            money_weighted(period),
            annualised(Decimal("0.1234567"), Decimal("33.333")),
        ]

    with localcontext(Context(prec=digits)):
        few_digits = everything()
    with localcontext(Context(prec=50)):
        assert few_digits == everything()


def test_an_unknown_figure_is_alike_only_to_itself() -> None:
    assert not alike(Unknown("a"), Unknown("b"))
    assert not alike(Unknown("a"), Known(Decimal(0)))
