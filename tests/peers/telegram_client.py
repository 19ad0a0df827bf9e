"""Our own way to the loopback Bot API: the real door, the real session, short deadlines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from portfolio_bot.net.door import Door, Timing, hosts_of, open_session
from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.telegram import BotApi, TelegramSink
from tests.peers.telegram import TelegramPeer


@asynccontextmanager
async def bot_api(peer: TelegramPeer, seconds: float = 1.0) -> AsyncIterator[BotApi]:
    """Calls to the peer that may take this long."""
    async with open_session() as session:
        door = Door(session, hosts_of([peer.url]), lambda: datetime.now(UTC), Timing(total=seconds, connect=seconds))
        yield BotApi(door, peer.token, peer.url)


@asynccontextmanager
async def telegram_sink(peer: TelegramPeer, seconds: float = 1.0) -> AsyncIterator[TelegramSink]:
    """A sink that sends to the peer and knows one secret: its token."""
    async with bot_api(peer, seconds) as api:
        yield TelegramSink(api, Redactor([peer.token]))
