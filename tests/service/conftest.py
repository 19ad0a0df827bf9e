"""A real database in a fresh folder for each test, and a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portfolio_bot.storage.store import Store, open_store
from tests.peers.telegram import telegram_peer
from tests.service.fakes import Hands
from tests.service.posting import ANN, Post, posting


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def store(tmp_path: Path, clock: Hands) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "data", clock=clock) as opened:
        yield opened


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with telegram_peer() as telegram, posting(tmp_path, telegram) as opened:
        telegram.user(ANN).says("hello")
        opened.delivery.saw(str(ANN), 1)
        yield opened
