"""What is different on PostgreSQL: the first start, the marker, two programs at once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from portfolio_bot.storage import schema, snapshots
from portfolio_bot.storage.engines import writing_engine
from portfolio_bot.storage.errors import HistoryGone, NewerSchema, SchemaOlder
from portfolio_bot.storage.places import place_of
from portfolio_bot.storage.store import open_store
from portfolio_bot.storage.tables import metadata
from tests.storage.builders import complete, fixed
from tests.storage.test_store import count_then_insert


async def test_the_history_is_there_after_a_restart(tmp_path: Path, postgres: str) -> None:
    async with open_store(tmp_path, postgres, clock=fixed()) as store:
        await store.write(lambda tx: snapshots.add(tx, complete(), trigger="hourly"))
    for read_only in (False, True):
        async with open_store(tmp_path, postgres, clock=fixed(), read_only=read_only) as store, store.read() as tx:
            assert await snapshots.newest(tx) == complete()


async def test_two_programs_lose_nothing(tmp_path: Path, postgres: str) -> None:
    async with AsyncExitStack() as stack:
        pair = [await stack.enter_async_context(open_store(tmp_path, postgres, clock=fixed())) for _ in range(2)]
        seen = await asyncio.gather(*(pair[n % 2].write(count_then_insert) for n in range(20)))
    assert sorted(seen) == list(range(20))


async def test_an_emptied_database_is_no_first_start(tmp_path: Path, postgres: str) -> None:
    async with open_store(tmp_path, postgres, clock=fixed()) as store:
        await store.write(lambda tx: tx.run_sync(metadata.drop_all))
        await store.write(lambda tx: tx.execute(text("DROP TABLE alembic_version")))
    with pytest.raises(HistoryGone, match="is empty"):
        async with open_store(tmp_path, postgres, clock=fixed()):
            pass


async def test_reading_makes_no_schema_and_a_newer_one_is_refused(tmp_path: Path, postgres: str) -> None:
    with pytest.raises(SchemaOlder):
        async with open_store(tmp_path, postgres, clock=fixed(), read_only=True):
            pass
    async with open_store(tmp_path, postgres, clock=fixed()) as store:
        await store.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(NewerSchema):
        async with open_store(tmp_path, postgres, clock=fixed()):
            pass


async def test_migrations_make_the_same_tables(tmp_path: Path, postgres: str) -> None:
    engine = writing_engine(place_of(tmp_path, postgres))
    async with engine.begin() as tx:
        await schema.migrate(tx)
    await engine.dispose()
    async with open_store(tmp_path, postgres, clock=fixed()) as store:
        await store.write(lambda tx: snapshots.add(tx, complete(), trigger="hourly"))
