"""Every reading function has an answer for a store in which nothing was ever stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sized
from datetime import date
from pathlib import Path

import pytest

from portfolio_bot.storage import accounts, imported, memory, outbox, preferences, rates, slots, snapshots
from portfolio_bot.storage.store import Tx, open_store
from tests.storage.builders import NOON, PARIS, fixed

Read = Callable[[Tx], Awaitable[object]]
READS: dict[str, Read] = {
    "newest": snapshots.newest,
    "at": lambda tx: snapshots.at(tx, NOON),
    "last_complete": snapshots.last_complete,
    "last_complete before": lambda tx: snapshots.last_complete(tx, NOON),
    "closes": lambda tx: snapshots.closes(tx, PARIS, now=NOON),
    "some closes": lambda tx: snapshots.closes(tx, PARIS, now=NOON, limit=30),
    "nav_points": lambda tx: snapshots.nav_points(tx, NOON, NOON),
    "last_good": accounts.last_good,
    "known_quotes": accounts.known_quotes,
    "states": accounts.states,
    "rates": rates.stored,
    "dollars": rates.dollars,
    "preferences": preferences.all,
    "slot": lambda tx: slots.last(tx, "report"),
    "memory": lambda tx: memory.all(tx, "okx"),
    "imported": imported.stored,
    "imported closes": lambda tx: imported.closes(tx, PARIS, date(2026, 1, 1), date(2026, 12, 31)),
    "due": lambda tx: outbox.due(tx, NOON, "7"),
    "chats": outbox.chats,
    "find": lambda tx: outbox.find(tx, "a"),
    "depth": outbox.depth,
    "highest_seen": lambda tx: outbox.highest_seen(tx, "7"),
    "own_after": lambda tx: outbox.own_after(tx, "7", 0),
}


@pytest.mark.parametrize("read_only", [False, True], ids=["new", "missing"])
async def test_nothing_is_stored_nothing_is_found(tmp_path: Path, read_only: bool) -> None:
    async with open_store(tmp_path, clock=fixed(), read_only=read_only) as store, store.read() as tx:
        found = {name: await read(tx) for name, read in READS.items()}
    assert [
        name for name, value in found.items() if value is not None and (not isinstance(value, Sized) or value)
    ] == []
