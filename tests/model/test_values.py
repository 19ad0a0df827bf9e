"""Money, exact numbers and rates."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.model.exact import exact
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, FxRate, RateTable
from portfolio_bot.model.money import CurrencyMismatchError, Money
from tests.builders import rates


def test_money_of_two_currencies_does_not_add() -> None:
    with pytest.raises(CurrencyMismatchError, match="USD and RUB"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "RUB")


def test_sum_cannot_start_from_a_bare_zero() -> None:
    with pytest.raises(TypeError):
        sum([Money(Decimal(1), "USD")])  # type: ignore[list-item]  # that it does not type-check is the point


def test_a_total_of_nothing_is_zero_of_its_currency() -> None:
    assert Money.total([], "RUB") == Money(Decimal(0), "RUB")


@pytest.mark.parametrize("text", ["0", "-0", "1.5", "5.426e-05", "-200.25", "633967350312281193.068368815439797304437"])
def test_what_venues_print_is_read_exactly(text: str) -> None:
    assert exact(text) == Decimal(text)
    assert str(exact("-0")) == "0"


@pytest.mark.parametrize(
    "hostile",
    ["NaN", "Infinity", "-inf", "1e400", "1e999999999", "1e10000000", " 1.5 ", "1.5\n", "1_0", "١٢", "１２", "0x10", "",
     "1,5", "+1", ".5", "1.", "1e", True, None, 1.5, [], {}, 10**60, "9" * 31],
)  # fmt: skip
def test_what_is_no_number_is_refused_at_once(hostile: object) -> None:
    started = time.perf_counter()
    with pytest.raises(ValueError, match=r"no number|sensible range|128 bits"):
        exact(hostile)
    assert time.perf_counter() - started < 0.05


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12))
def test_a_number_survives_its_text(number: Decimal) -> None:
    assert exact(f"{number:f}") == number


@given(
    st.decimals(min_value="0.0001", max_value=100000, places=4), st.decimals(min_value="0.01", max_value=1000, places=4)
)
def test_one_rate_serves_both_directions(rub: Decimal, eur: Decimal) -> None:
    table = rates(str(rub), EUR=str(eur))
    there, back = table.factor("EUR", "RUB"), table.factor("RUB", "EUR")
    assert not isinstance(there, Unknown)
    assert not isinstance(back, Unknown)
    assert abs(there * back - 1) < Decimal("1e-20")
    assert abs(there - eur * rub) <= Decimal("1e-20") * there


def test_a_missing_leg_is_unknown_and_never_one() -> None:
    table = rates("80", GBP=None)
    assert table.factor("GBP", "RUB") == Unknown("no_rate", "GBP")
    assert table.factor("CHF", "USD") == Unknown("no_rate", "CHF")
    assert table.factor("CHF", "CHF") == 1


def test_a_rate_is_named_as_people_say_it() -> None:
    table = RateTable({"RUB": FxRate("USD", "RUB", Decimal("78.6"), FxProvider.CBR, date(2026, 11, 20))})
    assert table.factor("USD", "RUB") == Decimal("78.6")
