"""Why it changed: the parts add up to the last digit, and each of them is what its name says."""

from __future__ import annotations

import decimal
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.analytics.attribution import Cause, Entry, Explained, Parts, Position, explain

D = Decimal
USD = {"USD": D(1)}
CENT = D("0.005")


def told(parts: Parts) -> Fraction:
    return sum((Fraction(getattr(parts, part.name)) for part in fields(parts) if part.name != "end"), Fraction(0))


def entry(
    cause: str, value: str, *, account: str = "a", asset: str = "BTC", currency: str = "USD", rate: str = "1"
) -> Entry:
    return Entry(account, asset, Cause(cause), D(value), currency, D(rate))


def test_each_part_is_what_it_is_called() -> None:
    made = explain(
        [Position("a", "BTC", D(1000), "USD")],
        [Position("a", "BTC", D(1500), "USD"), Position("new", "ETH", D(70), "USD")],
        [
            entry("flows", "300"),
            entry("income", "20"),
            entry("fees", "-5"),
            entry("accounts", "60", account="new", asset="ETH"),
        ],
        USD,
        USD,
    )
    whole = Parts(D(1000), D(1570), D(195), D(0), D(300), D(20), D(-5), D(60), D(0))
    assert made.total == whole
    assert made.by_account["new"] == Parts(end=D(70), market=D(10), accounts=D(60))
    assert made.by_asset["BTC"].market == 185


def test_a_rouble_that_falls_is_fx_and_no_market() -> None:
    start, end = D(1), D(80) / D(92)
    made = explain(
        [Position("tbank", "SBER", D(100), "RUB")],
        [Position("tbank", "SBER", 100 * end, "RUB")],
        (),
        {"RUB": start / 80},
        {"RUB": start / 92},
    )
    assert abs(made.total.fx - (100 * end - 100)) < CENT
    assert abs(made.total.market) < CENT


def test_dollars_reported_in_roubles_gain_with_the_dollar() -> None:
    made = explain(
        [Position("a", "BTC", D(8000), "USD")],
        [Position("a", "BTC", D(9200), "USD")],
        (),
        {"USD": D(80)},
        {"USD": D(92)},
    )
    assert (made.total.fx, made.total.market) == (D(1200), D(0))


def test_a_flow_feels_rates_only_since_it_came() -> None:
    made = explain(
        (),
        [Position("a", "USD", D(920), "USD")],
        [entry("flows", "900", asset="USD", rate="90")],
        {"USD": D(80)},
        {"USD": D(92)},
    )
    assert (made.total.flows, made.total.fx, made.total.market) == (D(900), D(20), D(0))


def test_what_moved_between_own_places_is_nothing_in_the_whole() -> None:
    made = explain(
        [Position("a", "BTC", D(100), "USD")],
        [Position("b", "BTC", D(99), "USD")],
        [
            entry("moved", "-100"),
            entry("moved", "99", account="b"),
            entry("fees", "-1", account="b"),
            entry("moved", "1", account="b"),
        ],
        USD,
        USD,
    )
    assert (made.total.market, made.total.fees, made.total.moved) == (D(0), D(-1), D(0))
    assert made.by_account["a"] == Parts(start=D(100), moved=D(-100))
    assert made.by_account["b"].market == 0


def test_a_currency_without_a_rate_is_named() -> None:
    made = explain([Position("a", "SBER", D(100), "RUB")], [Position("a", "SBER", D(90), "RUB")], (), USD, USD)
    assert (made.total.fx, made.total.market, made.without_rate) == (D(0), D(-10), ("RUB",))


AMOUNT = st.decimals("-1e12", "1e12", places=18)
RATE = st.decimals("0.0001", "1000", places=8)
NAME = st.sampled_from("abc")
MONEY = st.sampled_from(("USD", "RUB", "EUR"))
POSITIONS = st.lists(st.builds(Position, NAME, NAME, AMOUNT, MONEY), max_size=8)
ENTRIES = st.lists(st.builds(Entry, NAME, NAME, st.sampled_from(Cause), AMOUNT, MONEY, st.none() | RATE), max_size=8)
RATES = st.fixed_dictionaries({"USD": RATE}, optional={"RUB": RATE})


def whole(made: Explained) -> list[Parts]:
    return [made.total, *made.by_account.values(), *made.by_asset.values()]


@given(POSITIONS, POSITIONS, ENTRIES, RATES, RATES)
@settings(max_examples=150, deadline=None)
def test_parts_always_add_up_to_the_last_digit(
    start: list[Position], end: list[Position], entries: list[Entry], before: dict[str, D], after: dict[str, D]
) -> None:
    made = explain(start, end, entries, before, after)
    assert all(told(parts) == Fraction(parts.end) for parts in whole(made))
    assert made.total.moved == 0
    for groups in (made.by_account, made.by_asset):
        for part in fields(Parts):
            parts = sum((Fraction(getattr(one, part.name)) for one in groups.values()), Fraction(0))
            if part.name not in {"market", "moved"}:
                assert parts == Fraction(getattr(made.total, part.name))


@given(POSITIONS, POSITIONS, RATES)
@settings(max_examples=50, deadline=None)
def test_rates_that_stand_still_do_nothing(start: list[Position], end: list[Position], rates: dict[str, D]) -> None:
    assert all(parts.fx == 0 for parts in whole(explain(start, end, (), rates, rates)))


@pytest.mark.parametrize("digits", [9, 28, 50])
def test_the_callers_decimal_context_does_not_matter(digits: int) -> None:
    start = [Position("a", "SBER", D("1234567.123456789012345678"), "RUB")]
    expected = explain(start, (), (), {"RUB": D(7)}, {"RUB": D(9)})
    with decimal.localcontext(prec=digits):
        assert explain(start, (), (), {"RUB": D(7)}, {"RUB": D(9)}) == expected
