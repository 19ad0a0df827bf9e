"""MoneyValue and Quotation: exact, of one sign, or refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.money import Money
from portfolio_bot.platforms.tbank_money import money, quotation, rows, text

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=9, allow_nan=False)


def _written(amount: Decimal) -> dict[str, Any]:
    """As the API writes an amount: whole part and billionths, both with its sign."""
    whole = int(amount)
    return {"units": str(whole), "nano": int((amount - whole).scaleb(9))}


@given(AMOUNTS)
def test_every_amount_survives_the_way_there_and_back(amount: Decimal) -> None:
    assert quotation({"x": _written(amount)}, "x") == amount


@given(AMOUNTS)
def test_turning_both_signs_turns_the_amount(amount: Decimal) -> None:
    assert quotation({"x": _written(-amount)}, "x") == -quotation({"x": _written(amount)}, "x")


@pytest.mark.parametrize(
    ("parts", "amount"),
    [
        ({"units": "114", "nano": 250000000}, "114.25"),
        ({"units": "-200", "nano": -250000000}, "-200.25"),
        ({"units": "0", "nano": -135065000}, "-0.135065"),
        ({"units": "-0", "nano": -10000000}, "-0.01"),
        ({"units": 5}, "5"),
        ({"nano": 1}, "0.000000001"),
        ({}, "0"),
        ({"units": "-9223372036854775808", "nano": -999999999}, "-9223372036854775808.999999999"),
    ],
)
def test_amounts_of_the_documents_are_read(parts: dict[str, Any], amount: str) -> None:
    assert quotation({"x": parts}, "x") == Decimal(amount)


@pytest.mark.parametrize(
    "parts",
    [
        {"units": "1", "nano": -1},
        {"units": "-1", "nano": 1},
        {"units": "-0", "nano": 1},
        {"units": "1", "nano": 1_000_000_000},
        {"units": "9223372036854775808", "nano": 0},
        {"units": "1.5", "nano": 0},
        {"units": "１２", "nano": 0},
        {"units": "1_0", "nano": 0},
        {"units": "", "nano": 0},
        {"units": True, "nano": 0},
        {"units": "1", "nano": Decimal("0.5")},
        {"units": "1", "nano": "5"},
        {"units": None, "nano": 0},
        [],
        "1",
        None,
    ],
)
def test_what_is_no_amount_is_a_bad_answer(parts: Any) -> None:
    with pytest.raises(SourceError) as caught:
        quotation({"x": parts}, "x")
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER


def test_a_currency_is_written_in_capitals() -> None:
    assert money({"x": {"currency": "rub", "units": "5"}}, "x") == Money(Decimal(5), "RUB")


@pytest.mark.parametrize("row", [{}, {"x": None}, {"x": {"currency": "", "units": "0", "nano": 0}}])
def test_no_money_and_a_zero_without_currency_are_none(row: dict[str, Any]) -> None:
    assert money(row, "x") is None


@pytest.mark.parametrize("currency", ["", None, "R", "RUBLE", 643])
def test_an_amount_needs_a_currency(currency: Any) -> None:
    with pytest.raises(SourceError):
        money({"x": {"currency": currency, "units": "5"}}, "x")


def test_a_list_that_is_null_or_missing_is_empty_but_a_text_is_none() -> None:
    assert (rows({"x": None}, "x"), rows({}, "x")) == ((), ())
    with pytest.raises(SourceError):
        rows({"x": "[]"}, "x")


def test_a_text_that_must_be_there_is_missed() -> None:
    assert text({"x": ""}, "x", "nothing") == "nothing"
    with pytest.raises(SourceError):
        text({"x": 5}, "x")
