"""Reference prices of USDT and USDC: Kraken, OKX, the last known, par."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from portfolio_bot.model.instrument import PriceSource, Quote
from tests.clock import HeldClock, moment
from tests.peers.faults import WRONG_BODIES, hang, late, status
from tests.peers.fx import KRAKEN, OKX, OKX_INDEX, fx_server
from tests.rates.desks import dollars_at

NOON = moment("2026-11-20 09:00")


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(NOON)


def quote(asset: str, price: str, hours_ago: float = 1) -> Quote:
    earlier = HeldClock(NOON)
    earlier.forward(hours=-hours_ago)
    return Quote(asset, Decimal(price), PriceSource.VENUE_TICKER, earlier())


async def test_krakens_public_ticker_comes_first(clock: HeldClock) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock) as dollars:
        found = await dollars.latest()
        assert {seen.path for seen in peer.requests} == {KRAKEN}
    assert found["USDT"] == Quote("USDT", Decimal("0.99950"), PriceSource.VENUE_TICKER, NOON)
    assert found["USDC"].price == Decimal("0.9999")


async def test_okx_stands_in_with_its_pair_or_its_index(clock: HeldClock) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock) as dollars:
        peer.fail(status(503), f"GET {KRAKEN}")
        found = await dollars.latest()
    assert (found["USDT"].price, found["USDC"].price) == (Decimal("0.9996"), Decimal("0.9998"))


async def test_one_coin_that_kraken_lacks_leaves_the_other_alone(clock: HeldClock) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock) as dollars:
        del peer.kraken["USDCUSD"]
        found = await dollars.latest()
    assert (found["USDT"].price, found["USDC"].price) == (Decimal("0.99950"), Decimal("0.9998"))


async def test_without_a_last_trade_the_middle_of_a_narrow_spread_serves(clock: HeldClock) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock) as dollars:
        peer.kraken["USDTZUSD"] = {"b": ["0.998"], "a": ["1.000"]}
        peer.kraken["USDCUSD"] = {"b": ["0.9"], "a": ["1.1"]}
        found = await dollars.latest()
    assert (found["USDT"].price, found["USDC"].price) == (Decimal("0.999"), Decimal("0.9998"))


@pytest.mark.parametrize("price", ["0", "-1", "1e20", "NaN", "4"])
async def test_no_price_that_a_dollar_cannot_have(clock: HeldClock, price: str) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock) as dollars:
        peer.kraken["USDTZUSD"] = {"c": [price, "1"]}
        assert (await dollars.latest())["USDT"].price == Decimal("0.9996")


@pytest.mark.parametrize(("hours", "source"), [(23, PriceSource.VENUE_TICKER), (25, PriceSource.ASSUMED_PAR)])
async def test_the_last_price_known_serves_for_a_day_then_par_marked_as_such(
    clock: HeldClock, hours: float, source: PriceSource
) -> None:
    stored = {"USDT": quote("USDT", "0.97", hours)}
    async with fx_server() as peer, dollars_at(peer.urls, clock, stored) as dollars:
        peer.fail(status(503))
        found = await dollars.latest()
    assert found["USDT"].source is source
    assert found["USDT"].price == (Decimal("0.97") if source is PriceSource.VENUE_TICKER else 1)
    assert found["USDC"].source is PriceSource.ASSUMED_PAR


async def test_a_stored_assumption_is_no_price(clock: HeldClock) -> None:
    stored = {"USDT": Quote("USDT", Decimal(1), PriceSource.ASSUMED_PAR, NOON)}
    async with fx_server() as peer, dollars_at(peer.urls, clock, stored) as dollars:
        assert (await dollars.latest())["USDT"].price == Decimal("0.99950")


async def test_it_is_asked_once_a_minute_whether_it_answers_or_not(clock: HeldClock) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock) as dollars:
        for _ in range(7):
            await dollars.latest()
            clock.forward(seconds=20)
        assert len([seen for seen in peer.asked(KRAKEN) if seen.fields["pair"] == "USDTZUSD"]) == 3


async def test_askers_at_the_same_time_share_the_requests(clock: HeldClock) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock) as dollars:
        peer.fail(late(0.05))
        dollars.prefetch()
        await asyncio.gather(*(dollars.latest() for _ in range(3)))
        assert len(peer.requests) == 2


async def test_venues_that_hang_cost_no_more_than_the_limit(clock: HeldClock) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock, at_most=0.1) as dollars:
        peer.fail(hang())
        async with asyncio.timeout(0.3):
            assert (await dollars.latest())["USDT"].source is PriceSource.ASSUMED_PAR


@pytest.mark.parametrize("name", WRONG_BODIES)
async def test_whatever_kraken_sends_instead_okx_is_asked(clock: HeldClock, name: str) -> None:
    async with fx_server() as peer, dollars_at(peer.urls, clock) as dollars:
        peer.fail(WRONG_BODIES[name], f"GET {KRAKEN}")
        assert (await dollars.latest())["USDT"].price == Decimal("0.9996")
        assert peer.asked(OKX)
        assert peer.asked(OKX_INDEX)
