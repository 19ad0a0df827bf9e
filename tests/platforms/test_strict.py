"""Strict readers: what is missing or of another shape is named, never skipped."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.strict import amount, first, maybe, rows, stated, table, text


def test_a_list_is_found_by_its_path() -> None:
    assert rows({"result": {"list": [{"coin": "BTC"}]}}, "result", "list") == [{"coin": "BTC"}]


def test_an_empty_list_is_a_list() -> None:
    assert rows({"data": []}, "data") == []


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({"result": {}}, "result.list is not there"),
        ({"result": None}, "result is not an object"),
        ({"result": {"list": None}}, "result.list is not a list"),
        ({"result": {"list": {}}}, "result.list is not a list"),
        ({"result": {"list": [1]}}, "result.list is not a list of objects"),
        ([], "the answer is not an object"),
        (None, "the answer is not an object"),
    ],
)
def test_another_shape_is_a_bad_answer_that_names_the_field(answer: object, named: str) -> None:
    with pytest.raises(SourceError) as caught:
        rows(answer, "result", "list")
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER
    assert caught.value.failure.detail == named


def test_the_first_of_none_is_a_bad_answer() -> None:
    with pytest.raises(SourceError, match="data is not a list with something in it"):
        first({"data": []}, "data")


def test_an_object_is_found_by_its_path() -> None:
    assert table({"result": {"XXBT": {"balance": 1}}}, "result", "XXBT") == {"balance": 1}
    with pytest.raises(SourceError, match=r"result\.XXBT is not an object"):
        table({"result": {"XXBT": "1"}}, "result", "XXBT")


@pytest.mark.parametrize("value", ["28.21006347", Decimal("28.21006347")])
def test_an_amount_is_exact(value: object) -> None:
    assert amount({"eq": value}, "eq") == Decimal("28.21006347")


@pytest.mark.parametrize("value", ["", None, " 1", "1e999999999", "NaN", True, 1.5, "１"])
def test_what_is_no_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(SourceError, match="eq is not a number"):
        amount({"eq": value}, "eq")


def test_a_blank_means_something_only_where_that_is_documented() -> None:
    assert amount({"eq": ""}, "eq", blank=Decimal(0)) == 0
    assert amount({}, "eq", blank=Decimal(0)) == 0
    assert maybe({"usdValue": ""}, "usdValue") is None
    assert maybe({}, "usdValue") is None
    assert maybe({"usdValue": "0"}, "usdValue") == 0
    with pytest.raises(SourceError):
        maybe({"usdValue": "?"}, "usdValue")


def test_a_name_is_printable_and_short() -> None:
    assert text({"coin": "B\x00T\nC "}, "coin") == "BTC"
    assert text({"coin": "A" * 500}, "coin") == "A" * 64
    assert text({"retCode": 10003}, "retCode") == "10003"


@pytest.mark.parametrize("value", ["", "\x07", None, True, ["BTC"], {}])
def test_what_is_no_name_is_refused(value: object) -> None:
    with pytest.raises(SourceError, match="coin is not text"):
        text({"coin": value}, "coin")


def test_a_fee_may_be_blank_and_not_missing() -> None:
    assert stated({"fee": ""}, "fee") == stated({"fee": None}, "fee") == 0
    assert stated({"fee": "-0.1"}, "fee") == Decimal("-0.1")
    with pytest.raises(SourceError, match="fee is not there"):
        stated({"amount": "1"}, "fee")
