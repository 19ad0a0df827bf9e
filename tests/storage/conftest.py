"""A store on a real file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portfolio_bot.storage.store import Store, open_store
from tests.storage.builders import fixed


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store on a file of its own."""
    async with open_store(tmp_path, clock=fixed()) as opened:
        yield opened
