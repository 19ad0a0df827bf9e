"""A reading that is killed anywhere and begun again ends with the very bytes of one that nobody disturbed.

A life is a new engine on the same database; what a dying process leaves in the file is shown by `storage.test_kill`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.report.views import AccountSyncView, SyncState
from portfolio_bot.service.sync import Sync
from portfolio_bot.service.sync_stream import Patience
from portfolio_bot.storage.store import Store, Tx, open_store
from tests.service.fakes import NOON, Hands
from tests.service.past_venue import Killed, PastVenue, Requests, Shelf, refused, renamed, whole_venue
from tests.storage.builders import PARIS

HASTE = Patience(call=5.0, pauses=(), limited=0.01)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """In memory: nothing here is about files."""
    async with open_store(tmp_path, "sqlite://", clock=Hands()) as opened:
        yield opened


async def read(store: Store, venue: PastVenue, clock: Hands) -> AccountSyncView:
    """One life of the process."""
    sync = Sync({venue.account: venue}, {}, store, calendar=PARIS, clock=clock, patience=HASTE)
    await sync.load()
    (view,) = (await sync.run()).accounts
    return view


async def dies(store: Store, venue: PastVenue, clock: Hands) -> bool:
    """One life; whether it ended before its time."""
    try:
        await read(store, venue, clock)
    except Killed:
        return True
    return False


async def dump(store: Store) -> str:
    """Every flow and trade, to the byte."""
    async with store.read() as tx:
        tables = [await tx.execute(text(f"SELECT * FROM {name} ORDER BY account, id")) for name in ("flow", "trade")]
        return "\n".join(repr(tuple(row)) for rows in tables for row in rows)


async def wipe(store: Store) -> None:
    async def delete(tx: Tx) -> None:
        for name in ("flow", "trade", "stream_progress"):
            await tx.execute(text(f"DELETE FROM {name}"))

    await store.write(delete)


async def undisturbed(store: Store, shelves: Sequence[Shelf], clock: Hands) -> tuple[str, int]:
    """What a reading without a kill ends with, and how many requests it takes."""
    venue = PastVenue(shelves, clock)
    assert (await read(store, venue, clock)).state is SyncState.DONE
    found = await dump(store)
    await wipe(store)
    return found, venue.requests.made


async def test_killed_at_any_request_it_ends_with_the_same_bytes(store: Store) -> None:
    clock = Hands()
    shelves = whole_venue(2, NOON)
    whole, requests = await undisturbed(store, shelves, clock)
    assert 35 <= requests <= 60
    for kill_at in range(1, requests + 1):
        assert await dies(store, PastVenue(shelves, clock, requests=Requests(kill_at=kill_at)), clock)
        assert (await read(store, PastVenue(shelves, clock), clock)).state is SyncState.DONE
        assert await dump(store) == whole, kill_at
        await wipe(store)


async def test_time_that_passes_between_the_lives_changes_nothing(store: Store) -> None:
    shelves = whole_venue(3, NOON)
    whole, requests = await undisturbed(store, shelves, Hands(NOON + timedelta(days=9)))
    for kill_at in range(1, requests, 5):
        clock = Hands(NOON)
        await dies(store, PastVenue(shelves, clock, requests=Requests(kill_at=kill_at)), clock)
        clock.turn(days=9)
        await read(store, PastVenue(shelves, clock), clock)
        assert await dump(store) == whole, kill_at
        await wipe(store)


async def test_killed_again_and_again_it_still_comes_to_an_end(store: Store) -> None:
    clock = Hands()
    shelves = whole_venue(4, NOON)
    whole, _ = await undisturbed(store, shelves, clock)
    lives = 1
    while await dies(store, PastVenue(shelves, clock, requests=Requests(kill_at=12)), clock):
        clock.turn(minutes=7)
        lives += 1
    assert 4 < lives < 30
    assert await dump(store) == whole


async def test_failures_anywhere_leave_nothing_behind_once_they_are_over(store: Store) -> None:
    clock = Hands()
    shelves = whole_venue(5, NOON)
    whole, requests = await undisturbed(store, shelves, clock)
    kinds = [FailureKind.UNREACHABLE, FailureKind.BAD_ANSWER, FailureKind.MISSING_RIGHT]
    for every in (2, 3, 5):
        venue = PastVenue(shelves, clock)
        venue.requests.script = {n: refused(kinds[n % 3]) for n in range(every, requests, every)}
        assert (await read(store, venue, clock)).state is SyncState.FAILED
        while (await read(store, venue, clock)).state is not SyncState.DONE:
            assert venue.requests.made < 10 * requests
        assert await dump(store) == whole, every
        await wipe(store)


async def test_old_records_that_get_new_ids_are_there_once(store: Store) -> None:
    clock = Hands()
    shelf = whole_venue(6, NOON)[-1]
    earn = replace(shelf, stream=replace(shelf.stream, again=timedelta(days=20)))
    await read(store, PastVenue([earn], clock), clock)
    ids = {one.id: f"{one.id}-new" for one in earn.records[-6:]}
    moved = Shelf(earn.stream, renamed(earn.records, ids), "parts", full=4)
    await read(store, PastVenue([moved], clock), clock)
    stored = await dump(store)
    again = [one.id for one in moved.records if one.at >= NOON - earn.stream.again]
    assert any(name.endswith("-new") for name in again)
    assert all(repr(name) in stored for name in again)
    assert stored.count("'income'") == len(earn.records)
