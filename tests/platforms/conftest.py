"""What all tests of platforms share."""

from __future__ import annotations

import importlib

import pytest

from tests.platforms.contract.peers import VENUES


@pytest.fixture
def unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Venues on loopback don't count how often they are asked: no waiting for the sake of their limits."""
    for folder in VENUES.values():
        venue = importlib.import_module(f"portfolio_bot.platforms.venues.{folder}").VENUE
        monkeypatch.setitem(venue.settings, "enableRateLimit", False)
