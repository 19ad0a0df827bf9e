"""Prices of single assets: found at or before a moment, replaced where they are given again."""

from __future__ import annotations

from decimal import Decimal

from portfolio_bot.storage import prices
from portfolio_bot.storage.prices import AssetPrice, PriceOrigin
from portfolio_bot.storage.store import Store
from tests.clock import moment

JUNE, JULY = moment("2026-06-01 00:00"), moment("2026-07-01 00:00")


async def given(store: Store, *rows: AssetPrice) -> None:
    await store.write(lambda tx: prices.add(tx, rows))


async def test_the_newest_price_until_a_moment_is_found(store: Store) -> None:
    june, july = AssetPrice("BTC", JUNE, Decimal(60_000)), AssetPrice("BTC", JULY, Decimal(70_000))
    await given(store, june, july, AssetPrice("ETH", JUNE, Decimal(3000), PriceOrigin.LIVE))
    async with store.read() as tx:
        assert await prices.at_or_before(tx, "BTC", moment("2026-06-30 23:59")) == june
        assert await prices.at_or_before(tx, "BTC", JULY) == july
        assert await prices.at_or_before(tx, "BTC", moment("2026-05-30 00:00")) is None
        assert await prices.at_or_before(tx, "XMR", JULY) is None


async def test_a_price_that_is_given_again_replaces_the_one_before(store: Store) -> None:
    await given(store, AssetPrice("BTC", JUNE, Decimal(1)))
    await given(store, AssetPrice("BTC", JUNE, Decimal(2)))
    async with store.read() as tx:
        assert await prices.of_origin(tx, PriceOrigin.IMPORTED) == {("BTC", JUNE): Decimal(2)}


async def test_series_are_in_order_and_there_for_every_asset_asked_for(store: Store) -> None:
    await given(store, AssetPrice("BTC", JULY, Decimal(2)), AssetPrice("BTC", JUNE, Decimal(1)))
    async with store.read() as tx:
        assert await prices.series(tx, ["BTC", "ETH"]) == {"BTC": [(JUNE, Decimal(1)), (JULY, Decimal(2))], "ETH": []}
