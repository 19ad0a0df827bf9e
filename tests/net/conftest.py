"""A door with short deadlines, and a clock that the test holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from ssl import SSLContext

import aiohttp
import pytest

from portfolio_bot.net.door import Door, Timing, hosts_of, open_session
from tests.peers.certificate import self_signed_context

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

OpenDoor = Callable[..., Door]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


@pytest.fixture
def door(session: aiohttp.ClientSession) -> OpenDoor:
    """Makes a door to these addresses; half a second for everything."""

    def opened(*urls: str, total: float = 0.5, proxy: str | None = None) -> Door:
        return Door(session, hosts_of(urls), lambda: NOW, Timing(total=total, connect=total), proxy=proxy)

    return opened


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> SSLContext:
    """For a server whose certificate nobody trusts."""
    return self_signed_context(tmp_path_factory.mktemp("tls"))
