"""What the tests of both brokers share: a memory, surroundings with short deadlines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from portfolio_bot.net.door import Timing, open_session
from portfolio_bot.platforms.base import Surroundings
from tests.clock import HeldClock

KEY = b"the one key of the database     "
"""What account numbers are hashed with, the same after a restart."""


class KeptMemory:
    """A source's memory that a test can look into, and hand to the next process."""

    def __init__(self, rows: dict[str, str] | None = None) -> None:
        self.rows = rows if rows is not None else {}

    def get(self, key: str) -> str | None:
        return self.rows.get(key)

    async def put(self, key: str, value: str | None) -> None:
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value


@asynccontextmanager
async def surroundings(clock: HeldClock, *, total: float = 1.0, **more: Any) -> AsyncIterator[Surroundings]:
    """A session and deadlines of a second."""
    async with open_session() as session:
        yield Surroundings(
            session, clock, Timing(total=total, connect=total), **{"patience": 2.0, "identity_key": KEY, **more}
        )
