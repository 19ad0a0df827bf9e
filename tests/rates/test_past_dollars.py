"""USDT and USDC at a past moment: quiet candles serve, else the trades of that minute."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.net.door import Timing, open_session
from portfolio_bot.rates.base import DollarPrice
from portfolio_bot.rates.past_dollars import PastDollars
from tests.clock import HeldClock, moment
from tests.peers.faults import WRONG_BODIES
from tests.peers.fx import KRAKEN_CANDLES, KRAKEN_TRADES, FxPeer, fx_server

NOW = moment("2026-11-20 12:00")


def candle(at: datetime, close: str, low: str | None = None) -> list[object]:
    return [int(at.timestamp()), close, close, low or close, close, close, "100", 7]


@asynccontextmanager
async def asking() -> AsyncIterator[tuple[FxPeer, PastDollars]]:
    async with fx_server() as peer, open_session() as session:
        yield peer, PastDollars(session, HeldClock(NOW), base_urls=peer.urls, timing=Timing(1.0, 1.0), pace=0)


@pytest.mark.parametrize(("days", "minutes"), [(2, 60), (60, 240), (400, 1440)])
async def test_the_finest_candles_that_reach_so_far_are_asked_for_once(days: int, minutes: int) -> None:
    at = (NOW - timedelta(days=days)).replace(hour=0)
    async with asking() as (peer, dollars):
        peer.candles["USDTZUSD", str(minutes)] = [candle(at, "0.9991")]
        for minute in range(50):
            assert await dollars.price("USDT", at + timedelta(minutes=minute)) == DollarPrice(Decimal("0.9991"), at)
        assert [(seen.path, seen.fields["interval"]) for seen in peer.requests] == [(KRAKEN_CANDLES, str(minutes))]


async def test_a_candle_that_moved_much_is_not_enough() -> None:
    at = moment("2026-11-19 08:00")
    async with asking() as (peer, dollars):
        peer.candles["USDCUSD", "60"] = [candle(at, "0.99", low="0.88")]
        peer.trades["USDCUSD"] = [
            ["0.91", "5", at.timestamp() + offset, "b", "l", "", 1] for offset in (1700, 1799, 1801)
        ]
        peer.trades["USDCUSD"][1][0] = "0.92"
        found = await dollars.price("USDC", at + timedelta(minutes=30))
    assert found == DollarPrice(Decimal("0.92"), at + timedelta(seconds=1799))


async def test_before_the_candles_the_trades_of_the_minute_are_asked_for() -> None:
    at = moment("2021-05-19 13:00")
    async with asking() as (peer, dollars):
        peer.trades["USDTZUSD"] = [["1.01", "5", at.timestamp() + 20, "b", "l", "", 1]]
        assert await dollars.price("USDT", at) == DollarPrice(Decimal("1.01"), at + timedelta(seconds=20))
        assert await dollars.price("USDT", at - timedelta(hours=2)) is None
        assert {seen.path for seen in peer.requests} == {KRAKEN_TRADES}


@pytest.mark.parametrize("name", WRONG_BODIES)
async def test_what_is_no_answer_is_no_price(name: str) -> None:
    async with asking() as (peer, dollars):
        peer.fail(WRONG_BODIES[name])
        with pytest.raises(SourceError):
            await dollars.price("USDT", moment("2026-11-19 08:00"))


@pytest.mark.parametrize("price", ["0", "-1", "4", "NaN", "1e99"])
async def test_no_price_that_a_dollar_cannot_have(price: str) -> None:
    at = moment("2021-05-19 13:00")
    async with asking() as (peer, dollars):
        peer.trades["USDTZUSD"] = [[price, "5", at.timestamp() + 20, "b", "l", "", 1]]
        with pytest.raises(SourceError):
            await dollars.price("USDT", at)


async def test_requests_are_paced() -> None:
    async with fx_server() as peer, open_session() as session:
        dollars = PastDollars(session, HeldClock(NOW), base_urls=peer.urls, timing=Timing(1.0, 1.0), pace=0.05)
        began = asyncio.get_running_loop().time()
        for minute in range(3):
            await dollars.price("USDT", moment("2021-05-19 13:00") + timedelta(minutes=minute))
        assert asyncio.get_running_loop().time() - began >= 0.1
        assert dollars.requests == 3
