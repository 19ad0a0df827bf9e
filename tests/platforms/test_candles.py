"""Old prices from candles: the end that is nearer, never one from long before or from later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.platforms.candles import Size, last_before

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = Size("1m", timedelta(minutes=1))


def candle(began: datetime, opened: str = "100", closed: str = "200") -> list[str]:
    return [str(int(began.timestamp() * 1000)), opened, "300", "50", closed, "7"]


def found(*candles: object, at: datetime) -> Decimal | None:
    return last_before({"data": list(candles)}, ("data",), MINUTE, at)


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


@pytest.mark.parametrize("wrong", [None, {}, [None], [["1", "2"]], [["x", "1", "1", "1", "1"]]])
def test_what_are_no_candles_is_refused(wrong: object) -> None:
    with pytest.raises(SourceError):
        last_before({"data": wrong}, ("data",), MINUTE, NOON)
