"""XIRR: published figures, refusals, and agreement with two naive solvers that share nothing with ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import exp, log1p
from random import Random

import pytest

from portfolio_bot.analytics.irr import MoneyWeighted, Payment, money_weighted, xirr
from portfolio_bot.analytics.series import Flow, Period, cut
from portfolio_bot.model.figure import Known, Note, Reason, Unknown
from tests.analytics.examples import START, Case, cases, hours, instant, moved, names, near, value_of

XIRR = [*cases("xirr"), *cases("xirr_pyxirr_samples")]
WITH_RATE = [case for case in XIRR if case["expected"]["xirr"] is not None]
WITHOUT = [case for case in XIRR if case["expected"]["xirr"] is None]


def payments(case: Case) -> list[Payment]:
    """The payments of an example."""
    return [(instant(row["t"]), Decimal(row["amount"])) for row in case["cashflows"]]


def yearly(text: str, days: float = 365) -> list[Payment]:
    """`-1000 2300 -1320`: one payment every so many days."""
    return [(START + timedelta(days=days * place), Decimal(amount)) for place, amount in enumerate(text.split())]


def notes_of(found: MoneyWeighted) -> tuple[Note, ...]:
    """The notes of a yearly rate that must be known."""
    assert isinstance(found.annual, Known)
    return found.annual.notes


def over(series: str, moves: str = "", *more: Flow) -> MoneyWeighted:
    """The money-weighted return of hourly valuations."""
    period = cut(hours(series), [*moved(moves), *more])
    assert isinstance(period, Period)
    return money_weighted(period)


@pytest.mark.parametrize("case", WITH_RATE, ids=names(WITH_RATE))
def test_worked_example_gives_its_rate(case: Case) -> None:
    found, expected = xirr(payments(case)), case["expected"]
    assert near(value_of(found.annual), expected["xirr"], case["tol"])
    assert near(value_of(found.period), expected["period_mwr"], case["tol"])
    assert found.days == Decimal(expected["days"])
    assert (Note.MULTIPLE_ROOTS in notes_of(found)) is expected["multiple_roots"]
    if "published" in case:
        assert near(value_of(found.annual), case["published"]["value"], case["published"]["tol"])


@pytest.mark.parametrize("case", WITH_RATE, ids=names(WITH_RATE))
def test_worked_example_gives_all_its_roots(case: Case) -> None:
    found, expected = xirr(payments(case)).roots, case["expected"]["roots"]
    assert len(found) == len(expected)
    assert all(near(root, wanted, case["tol"]) for root, wanted in zip(found, expected, strict=True))


@pytest.mark.parametrize("case", WITHOUT, ids=names(WITHOUT))
def test_worked_example_without_a_rate_tells_why(case: Case) -> None:
    found = xirr(payments(case))
    assert (found.annual, found.period, found.roots) == (
        Unknown(case["expected"]["reason"]),
        Unknown(case["expected"]["reason"]),
        (),
    )


def test_a_leap_year_is_a_day_longer_than_the_year_of_the_rate() -> None:
    found = xirr([(instant("2024-01-15"), Decimal(-1000)), (instant("2025-01-15"), Decimal(1100))])
    assert near(value_of(found.annual), "0.0997136", "1e-7")


def test_of_two_rates_the_one_nearest_to_zero_is_given_and_the_other_told() -> None:
    found = xirr(yearly("-1000 2300 -1320"))
    assert near(value_of(found.annual), "0.1", "1e-12")
    assert notes_of(found) == (Note.MULTIPLE_ROOTS,)
    assert [round(root, 12) for root in found.roots] == [Decimal("0.1"), Decimal("0.2")]


def test_a_rate_of_exactly_zero_is_found() -> None:
    assert value_of(xirr(yearly("-100 -50 150")).annual) == 0
    assert xirr(yearly("-100 300 -200")).roots[0] == 0


def test_tiny_amounts_have_the_rate_of_large_ones() -> None:
    assert near(value_of(xirr(yearly("-0.000000001 0.0000000012")).annual), "0.2", "1e-12")


@pytest.mark.parametrize("text", ["", "-100", "-100 -50", "100 50 0", "0 0"])
def test_money_that_goes_one_way_has_no_rate(text: str) -> None:
    assert xirr(yearly(text)).annual == Unknown(Reason.NO_SIGN_CHANGE)


def test_payments_of_one_instant_cancel_before_signs_are_counted() -> None:
    start, later = START, START + timedelta(days=100)
    found = xirr([(start, Decimal(-5)), (start, Decimal(5)), (later, Decimal(-1))])
    assert found.annual == Unknown(Reason.NO_SIGN_CHANGE)


def test_payments_that_all_fall_on_one_instant_have_no_duration() -> None:
    found = xirr([(START, Decimal(-100)), (START, Decimal(110))])
    assert (found.annual, found.days) == (Unknown(Reason.ZERO_DURATION), Decimal(0))


def test_what_came_in_and_is_all_gone_is_a_total_loss() -> None:
    found = over("0 100, 720 0", "10 50")
    assert (found.annual, found.period) == (Unknown(Reason.TOTAL_LOSS), Unknown(Reason.TOTAL_LOSS))


def test_losing_what_was_left_after_a_withdrawal_is_a_rate_and_no_refusal() -> None:
    assert value_of(over("0 100, 8760 0", "4380 -25").period) < Decimal("-0.9")


def test_nothing_invested_is_no_loss() -> None:
    assert over("0 0, 720 0").annual == Unknown(Reason.NO_SIGN_CHANGE)


def test_under_a_day_only_the_period_has_a_figure() -> None:
    found = over("0 100, 23.9 110")
    assert found.annual == Unknown(Reason.TOO_SHORT)
    assert near(value_of(found.period), "0.1", "1e-12")


@pytest.mark.parametrize(
    ("days", "notes"),
    [(1, (Note.EXTRAPOLATED, Note.NOT_SHOWN)), (30, (Note.EXTRAPOLATED,)), (364, (Note.EXTRAPOLATED,)), (365, ())],
)
def test_a_rate_per_year_from_less_than_a_year_is_marked(days: int, notes: tuple[Note, ...]) -> None:
    assert notes_of(xirr(yearly("-100 101", days))) == notes


def test_a_thousandfold_in_a_day_has_a_period_figure_though_its_year_is_no_number() -> None:
    found = xirr(yearly("-1 1000", 1))
    assert found.annual == Unknown(Reason.OVERFLOW)
    assert near(value_of(found.period), 999, "1e-9")


def test_a_thousandfold_loss_within_a_day_is_found() -> None:
    assert near(value_of(xirr(yearly("-1000 1", 1)).period), "-0.999", "1e-12")


def test_a_flow_with_a_date_alone_counts_the_whole_day_in_and_to_its_end_out() -> None:
    day = (START + timedelta(days=100), START + timedelta(days=101))
    coming, going = Flow(day[0], Decimal(50), day[1]), Flow(day[0], Decimal(-50), day[1])
    exact_in, exact_out = Flow(day[0], Decimal(50)), Flow(day[1], Decimal(-50))
    assert over("0 100, 8760 200", "", coming) == over("0 100, 8760 200", "", exact_in)
    assert over("0 100, 8760 80", "", going) == over("0 100, 8760 80", "", exact_out)


def test_a_flow_that_leaves_on_the_last_day_leaves_at_the_period_s_end_at_the_latest() -> None:
    going = Flow(START, Decimal(-50), START + timedelta(days=1))
    assert over("0 100, 12 60", "", going) == over("0 100, 12 110", "")


def npv(rate: Decimal, schedule: Sequence[Payment]) -> Decimal:
    """The formula as it stands, at the precision of the context."""
    first = schedule[0][0]
    year = timedelta(days=365) // timedelta(seconds=1)
    return sum(
        (amount / (1 + rate) ** (Decimal((at - first) // timedelta(seconds=1)) / year) for at, amount in schedule),
        Decimal(0),
    )


def random_schedule(seed: int, longest: int) -> list[Payment]:
    """Payments on random days, of an investor who pays in and takes out as he likes."""
    random = Random(seed)
    days = sorted(random.sample(range(2000), random.randint(2, longest)))
    return [(START + timedelta(days=day), Decimal(random.randint(-1000, 1000))) for day in days]


def naive_roots(schedule: Sequence[Payment]) -> list[Decimal]:
    """Rates from −90 % to 1000 % by a plain walk and bisection at fifty digits."""
    with localcontext(Context(prec=50)):
        grid = [Decimal(step) / 20 for step in range(-18, 20)] + [Decimal(step) / 2 for step in range(2, 21)]
        found = []
        values = [(rate, npv(rate, schedule)) for rate in grid]
        for (low, at_low), (high, at_high) in pairwise(values):
            if at_low * at_high >= 0:
                continue
            a, b = low, high
            for _ in range(36):
                middle = (a + b) / 2
                a, b = (middle, b) if (npv(middle, schedule) > 0) == (at_low > 0) else (a, middle)
            found.append(a)
        return found


@pytest.mark.parametrize("seed", range(12))
def test_rates_agree_with_the_plain_formula_at_fifty_digits(seed: int) -> None:
    schedule = random_schedule(seed, 8)
    found = xirr(schedule).roots
    for root in naive_roots(schedule):
        assert any(near(one, root, "1e-9") for one in found)


@pytest.mark.parametrize("seed", range(40))
def test_each_rate_makes_the_payments_worth_nothing(seed: int) -> None:
    schedule = random_schedule(seed, 30)
    with localcontext(Context(prec=50)):
        for root in xirr(schedule).roots:
            step = max((1 + root) * Decimal("1e-9"), Decimal("1e-15"))  # a float tells no more near -1
            assert npv(root - step, schedule) * npv(root + step, schedule) <= 0


def count_roots(coefficients: Sequence[int], low: Fraction, high: Fraction) -> int:
    """How many different roots a polynomial has between two numbers, exactly (Sturm)."""
    first = [Fraction(one) for one in coefficients]
    sequence = [first, [place * one for place, one in enumerate(first)][1:]]
    while len(sequence[-1]) > 1:
        rest = remainder(sequence[-2], sequence[-1])
        if not rest:
            break
        sequence.append([-one for one in rest])

    def changes(at: Fraction) -> int:
        values = [sum(one * at**place for place, one in enumerate(poly)) for poly in sequence]
        signs = [value > 0 for value in values if value]
        return sum(one != other for one, other in pairwise(signs))

    return changes(low) - changes(high)


def remainder(above: Sequence[Fraction], below: Sequence[Fraction]) -> list[Fraction]:
    """Of a division of polynomials, lowest power first."""
    rest = list(above)
    while len(rest) >= len(below):
        quotient, offset = rest[-1] / below[-1], len(rest) - len(below)
        rest = [one - quotient * below[place - offset] if place >= offset else one for place, one in enumerate(rest)]
        while rest and not rest[-1]:
            rest.pop()
    return rest


@pytest.mark.parametrize("batch", range(8))
def test_neither_scan_nor_proof_misses_or_invents_a_rate(batch: int) -> None:
    # equal steps make the value a polynomial in the discount of one step, whose roots can be counted exactly
    for seed in range(batch * 30, batch * 30 + 30):
        random = Random(seed)
        step, size = random.choice([7, 30, 90, 365, 730]), random.randint(2, 9)
        amounts = [random.randint(-1000, 1000) or 1 for _ in range(size)]
        found = xirr([(START + timedelta(days=step * place), Decimal(one)) for place, one in enumerate(amounts)])
        inside = [root for root in found.roots if root < 10**8 and root > Decimal("-0.99999999")]
        edges = [exp(log1p(rate) * -step / 365) for rate in (1e8, -0.99999999)]
        low, high = (Fraction(edge) for edge in edges)
        assert len(inside) == count_roots(amounts, low, high), (seed, amounts, step)
