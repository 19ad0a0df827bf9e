"""Words, sides, fees and candles, as the ledgers of several venues print them; and where an untold horizon lies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

import pytest

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.trade import Fee, Side
from portfolio_bot.platforms.entries import (
    came_or_went,
    close_of,
    earned_or_paid,
    fee_of,
    fees_of,
    side_of,
    spoken,
    while_remembered,
)
from portfolio_bot.platforms.ledger import Ask, Batch, Span
from portfolio_bot.platforms.venue import Api, Refused

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


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


def candle(at: datetime, close: str) -> list[str]:
    return [str(int(at.timestamp())), close]


def test_the_newest_candle_that_had_begun_gives_the_price() -> None:
    candles = [candle(NOON - MINUTE, "1"), candle(NOON, "2"), candle(NOON + MINUTE, "3")]
    assert close_of(candles, 0, 1, MINUTE, NOON, SECOND) == 2


@pytest.mark.parametrize("candles", [[], [candle(NOON - timedelta(hours=1), "1")], [candle(NOON, "0")]])
def test_no_candle_an_old_one_and_one_of_nothing_give_no_price(candles: list[list[str]]) -> None:
    assert close_of(candles, 0, 1, MINUTE, NOON, SECOND) is None


@pytest.mark.parametrize(
    "candles", [[{"close": 1}], [["1"]], [["a while ago", "1"]], [[str(int(NOON.timestamp())), "x"]]]
)
def test_what_is_no_candle_is_refused(candles: list[object]) -> None:
    with pytest.raises(SourceError):
        close_of(candles, 0, 1, MINUTE, NOON, SECOND)


def asked(ago: timedelta) -> Ask:
    end = datetime.now(UTC) - ago
    return Ask(cast(Api, None), "account", Span(end - timedelta(days=7), end))


@pytest.mark.parametrize(
    ("kind", "ago", "forgotten"),
    [
        (FailureKind.BAD_ANSWER, timedelta(days=400), True),
        (FailureKind.BAD_ANSWER, timedelta(days=300), False),
        (FailureKind.MISSING_RIGHT, timedelta(days=400), False),
        (FailureKind.RATE_LIMITED, timedelta(days=400), False),
    ],
)
async def test_only_a_refusal_of_long_ago_means_forgotten(kind: FailureKind, ago: timedelta, forgotten: bool) -> None:
    async def read(_: Ask) -> Batch:
        raise Refused(Failure(kind, "code 1"), "1")

    if forgotten:
        assert await while_remembered(read)(asked(ago)) == Batch()
    else:
        with pytest.raises(Refused):
            await while_remembered(read)(asked(ago))


async def test_a_broken_answer_of_long_ago_is_no_horizon() -> None:
    async def read(_: Ask) -> Batch:
        raise SourceError.of(FailureKind.BAD_ANSWER, "id is not there")

    with pytest.raises(SourceError):
        await while_remembered(read)(asked(timedelta(days=400)))
