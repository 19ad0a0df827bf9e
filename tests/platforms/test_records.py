"""From rows to records: words and their signs, fees, sides that belong together."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.trade import Fee, Side
from portfolio_bot.platforms.ledger import Ask, Span
from portfolio_bot.platforms.records import (
    came_or_went,
    digest,
    earned_or_paid,
    exchanged,
    fee_of,
    fees_of,
    flow,
    moved_inside,
    one_of,
    side_of,
    spoken,
    yes,
)
from portfolio_bot.platforms.venue import Api

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_id_of_what_makes_a_row_that_row_is_always_the_same() -> None:
    assert digest("a", Decimal("1.0")) == digest("a", Decimal("1.0"))
    assert digest("a", "bc") != digest("ab", "c")
    assert len(digest("a")) == 16


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_flag_is_true_or_false_and_nothing_else(value: object) -> None:
    with pytest.raises(SourceError):
        yes({"flag": value}, "flag")


def test_a_word_that_nobody_knows_is_refused() -> None:
    assert one_of({"BUY": 1}, {"side": "BUY"}, "side") == 1
    with pytest.raises(SourceError, match="side"):
        one_of({"BUY": 1}, {"side": "HOLD"}, "side")


def ask() -> Ask:
    return Ask(cast(Api, None), "binance", Span(NOON, NOON))


def test_nothing_moved_is_no_record() -> None:
    assert flow(ask(), FlowKind.DEPOSIT, "1", NOON, "BTC", Decimal(0)) == []


def test_both_sides_of_a_conversion_and_of_a_move_belong_together() -> None:
    deal = exchanged(ask(), "d", NOON, ("EUR", Decimal(19), Decimal(1)), ("BTC", Decimal(2), Decimal(0)), "x")
    move = moved_inside(ask(), "m", NOON, "USDT", Decimal(5), "spot → funding", "x")
    for records, name in ((deal, "d"), (move, "m")):
        assert [record.txid for record in records] == [name, name]
        assert len({record.id for record in records}) == 2
    assert [(record.asset, record.amount) for record in deal] == [("EUR", Decimal(-19)), ("BTC", Decimal(2))]
    assert sum(record.amount for record in move) == 0


@pytest.mark.parametrize(
    ("word", "form"),
    [("Airdrop/Fork", "AIRDROP_FORK"), ("RETURNED_FEES", "RETURNED_FEES"), ("KCS  Pay Fees ", "KCS_PAY_FEES")],
)
def test_a_word_has_one_form_however_it_is_written(word: str, form: str) -> None:
    assert spoken(word) == form


def test_the_sign_tells_income_from_cost_and_in_from_out() -> None:
    assert [earned_or_paid(Decimal(sign)) for sign in (1, -1)] == [FlowKind.INCOME, FlowKind.FEE]
    assert [came_or_went(Decimal(sign)) for sign in (1, -1)] == [FlowKind.DEPOSIT, FlowKind.WITHDRAWAL]


def test_a_fee_of_nothing_is_none_and_a_rebate_is_one() -> None:
    assert fee_of("BTC", Decimal(0)) is None
    assert fees_of(("BTC", Decimal(0)), ("GT", Decimal(-1))) == (Fee("GT", Decimal(-1)),)


def test_a_side_is_known_in_letters_of_any_case() -> None:
    assert [side_of({"side": word}) for word in ("buy", "SELL")] == [Side.BUY, Side.SELL]
    with pytest.raises(SourceError, match="side"):
        side_of({"side": "hold"})
