"""Preferences, slots, notes of sources, updates: kept over a restart."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from portfolio_bot.storage import memory, preferences, slots, updates
from portfolio_bot.storage.preferences import Preference
from portfolio_bot.storage.store import Store, open_store
from tests.storage.builders import NOON, fixed

HOURLY = Preference("POLL_INTERVAL_MINUTES", "60", NOON, "42")
DAILY = Preference("POLL_INTERVAL_MINUTES", "1440", NOON + timedelta(hours=1), "43")


async def test_a_preference_is_kept_with_who_and_when_over_a_restart(tmp_path: Path) -> None:
    async with open_store(tmp_path, clock=fixed()) as store:
        await store.write(lambda tx: preferences.put(tx, HOURLY))
    async with open_store(tmp_path, clock=fixed()) as store, store.read() as tx:
        assert await preferences.all(tx) == {HOURLY.name: HOURLY}


async def test_a_change_says_what_it_replaced_so_that_it_can_be_undone(store: Store) -> None:
    assert await store.write(lambda tx: preferences.put(tx, HOURLY)) is None
    assert await store.write(lambda tx: preferences.put(tx, DAILY)) == HOURLY
    assert await store.write(lambda tx: preferences.reset(tx, HOURLY.name)) == DAILY
    assert await store.write(lambda tx: preferences.reset(tx, HOURLY.name)) is None


async def test_a_schedule_remembers_its_last_slot_and_no_other(store: Store) -> None:
    await store.write(lambda tx: slots.done(tx, "report", NOON))
    await store.write(lambda tx: slots.done(tx, "report", NOON + timedelta(hours=2)))
    async with store.read() as tx:
        assert await slots.last(tx, "report") == NOON + timedelta(hours=2)
        assert await slots.last(tx, "daily") is None


async def test_a_note_is_its_accounts_own_and_none_forgets_it(store: Store) -> None:
    await store.write(lambda tx: memory.put(tx, "okx", "region", "eea"))
    await store.write(lambda tx: memory.put(tx, "okx-two", "region", "us"))
    await store.write(lambda tx: memory.put(tx, "okx", "region", "global"))
    async with store.read() as tx:
        assert await memory.all(tx, "okx") == {"region": "global"}
    await store.write(lambda tx: memory.put(tx, "okx", "region", None))
    async with store.read() as tx:
        assert await memory.all(tx, "okx") == {}
        assert await memory.all(tx, "okx-two") == {"region": "us"}


async def test_an_update_is_acted_upon_once(store: Store) -> None:
    assert [await store.write(lambda tx: updates.seen(tx, 2**40)) for _ in range(3)] == [False, True, True]
