"""Our own way to the loopback webhook: the real door, short deadlines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from portfolio_bot.net.door import Door, Timing, hosts_of, open_session
from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.slack import SlackSink
from tests.peers.slack import SlackPeer


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def slack_sink(peer: SlackPeer, seconds: float = 1.0) -> AsyncIterator[SlackSink]:
    """A sink that posts to the peer and knows one secret: its address."""
    async with open_session() as session:
        door = Door(session, hosts_of([peer.webhook]), now, Timing(total=seconds, connect=seconds))
        yield SlackSink(door, peer.webhook, now, Redactor([peer.webhook]))
