"""Old prices from candles: the end that is nearer, never one from long before or from later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.platforms.candles import Form, Size, last_before, price_then
from portfolio_bot.platforms.paging import SECOND

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR = Size("1m", timedelta(minutes=1)), Size("1h", timedelta(hours=1))


def candle(began: datetime, opened: str = "100", closed: str = "200") -> list[str]:
    return [str(int(began.timestamp() * 1000)), opened, "300", "50", closed, "7"]


def found(*candles: object, at: datetime) -> Decimal | None:
    return last_before(candles, MINUTE, at)


@pytest.mark.parametrize(("seconds", "price"), [(0, 100), (29, 100), (30, 200), (59, 200), (300, 200)])
def test_the_nearer_end_counts(seconds: int, price: int) -> None:
    assert found(candle(NOON), at=NOON + timedelta(seconds=seconds)) == price


def test_a_market_without_trades_for_ten_candles_says_nothing() -> None:
    assert found(candle(NOON), at=NOON + timedelta(minutes=9, seconds=59)) == 200
    assert found(candle(NOON), at=NOON + timedelta(minutes=10)) is None


def test_a_candle_of_later_is_never_taken() -> None:
    later = NOON + timedelta(minutes=1)
    assert found(candle(later), at=NOON) is None
    assert found(candle(later), candle(NOON, "1", "2"), at=NOON) == 1


def test_the_order_of_candles_does_not_matter() -> None:
    before = candle(NOON - timedelta(minutes=1), "1", "2")
    assert found(before, candle(NOON), at=NOON) == found(candle(NOON), before, at=NOON) == 100


def test_no_candles_and_a_price_of_nothing_are_no_price() -> None:
    assert found(at=NOON) is None
    assert found(candle(NOON, "0", "0"), at=NOON) is None


@pytest.mark.parametrize(
    "wrong", [None, {}, ["1", "2"], ["x", "1", "1", "1", "1"], ["1772366400000", "x", "1", "1", "1"]]
)
def test_what_is_no_candle_is_refused(wrong: object) -> None:
    with pytest.raises(SourceError):
        last_before([wrong], MINUTE, NOON)


def test_the_order_of_its_figures_is_the_venues() -> None:
    seconds = Form(opening=2, closing=1, unit=SECOND)
    row = [str(int(NOON.timestamp())), "200", "100"]
    assert last_before([row], MINUTE, NOON, seconds) == 100
    assert last_before([row], MINUTE, NOON + timedelta(seconds=59), seconds) == 200


async def test_a_longer_candle_stands_in_where_a_shorter_one_is_not_remembered() -> None:
    asked: list[str] = []

    async def ask(size: Size) -> list[object]:
        asked.append(size.name)
        return [candle(NOON)] if size == HOUR else []

    assert await price_then(NOON, (MINUTE, HOUR, Size("1d", timedelta(days=1))), ask) == 100
    assert asked == ["1m", "1h"]
