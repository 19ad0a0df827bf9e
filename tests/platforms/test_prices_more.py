"""What left an account for another is priced by the venue that it left, though nobody holds it any more."""

from __future__ import annotations

from decimal import Decimal

from portfolio_bot.platforms.base import PricesMore
from tests.peers.venue import case, venue_server
from tests.platforms.contract.peers import opened


async def test_a_venue_prices_what_was_sent_away_for_as_long_as_it_is_asked() -> None:
    async with venue_server("bybit") as peer, opened("bybit", peer.url) as source:
        assert isinstance(source, PricesMore)
        assert (await source.read()).prices == {}
        source.price_also(frozenset({"BTC", "EUR"}))
        found = (await source.read()).prices
        assert ("BTC", "USDT") in found
        assert found["BTC", "USDT"] > Decimal(1)
        assert not any(asset == "EUR" for asset, _ in found)
        source.price_also(frozenset())
        assert (await source.read()).prices == {}


async def test_it_is_priced_beside_what_is_held() -> None:
    async with venue_server("bybit", case("bybit", "whole account")) as peer, opened("bybit", peer.url) as source:
        assert isinstance(source, PricesMore)
        before = (await source.read()).prices
        source.price_also(frozenset({"SOL"}))
        assert set(before) <= set((await source.read()).prices)
