"""Prices of the benchmark beside a snapshot: after the report, and not lost at the end of a command."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

from portfolio_bot.analytics.benchmark import Plan
from portfolio_bot.analytics.valuation import value
from portfolio_bot.app.noting import Noting
from portfolio_bot.service.benchmarks import Benchmarks
from portfolio_bot.storage import prices
from portfolio_bot.storage.prices import PriceOrigin
from portfolio_bot.storage.store import Store, open_store
from tests.builders import NOON, info, live, rates, statement

SOME = value([live(statement("bybit", "USD cash 1"))], info("bybit"), rates("80"), at=NOON)


class Slow:
    """A coin whose price takes a while."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def price(self, asset: str) -> Decimal | None:
        await asyncio.sleep(self.seconds)
        return Decimal(3)


async def noted(store: Store, seconds: float, patience: float) -> int:
    noting = Noting(Benchmarks(store, Plan({"BTC": Decimal(1)}), Slow(seconds)), patience)
    noting.heard(SOME)
    await noting.close()
    async with store.read() as tx:
        return len(await prices.of_origin(tx, PriceOrigin.LIVE))


async def test_the_end_waits_for_prices_that_are_being_asked_for(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data", clock=lambda: NOON) as store:
        assert await noted(store, 0.05, 5) == 1


async def test_but_not_for_ever(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data", clock=lambda: NOON) as store:
        assert await noted(store, 60, 0.05) == 0
