"""Imports what the first reading imports, so that no test measures that."""

from __future__ import annotations

import importlib

import pytest

from tests.platforms.contract.peers import CONTRACT, VENUES, opened


@pytest.fixture(scope="package", autouse=True)
def warm() -> None:
    """Every client class once."""
    import asyncio

    async def make() -> None:
        for source in CONTRACT:
            async with opened(source, "http://127.0.0.1:9"):
                pass

    asyncio.run(make())


@pytest.fixture
def unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Venues on loopback don't count how often they are asked: no waiting for the sake of their limits."""
    for folder in VENUES.values():
        venue = importlib.import_module(f"portfolio_bot.platforms.venues.{folder}").VENUE
        monkeypatch.setitem(venue.settings, "enableRateLimit", False)
