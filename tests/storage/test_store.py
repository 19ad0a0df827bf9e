"""One writer: nothing is lost between two readers, and a cancelled caller leaves the database free."""

from __future__ import annotations

import asyncio
import random
import resource
import sqlite3
import time
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from portfolio_bot.net.door import in_transaction
from portfolio_bot.storage import slots, snapshots
from portfolio_bot.storage.engines import READERS
from portfolio_bot.storage.errors import DiskFull, ReadOnlyStore, StorageError, StoreBusy
from portfolio_bot.storage.store import Store, Tx, open_store
from portfolio_bot.storage.tables import memory
from tests.storage.builders import NOON, complete, fixed


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """On a file: much here is about SQLite alone."""
    return sqlite_store


async def count(tx: Tx) -> int:
    return await tx.scalar(select(func.count()).select_from(memory)) or 0


async def count_then_insert(tx: Tx) -> int:
    """The classic lost update, if two of them read before either writes."""
    seen = await count(tx)
    await asyncio.sleep(0)
    await tx.execute(insert(memory).values(account="a", key=f"{random.random()}", value=str(seen)))
    return seen


async def test_ten_concurrent_read_then_write_lose_nothing(store: Store) -> None:
    seen = await asyncio.gather(*(store.write(count_then_insert) for _ in range(10)))
    assert seen == list(range(10))


async def test_two_stores_on_one_file_lose_nothing_either(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        pair = [await stack.enter_async_context(open_store(tmp_path, clock=fixed())) for _ in range(2)]
        seen = await asyncio.gather(*(pair[n % 2].write(count_then_insert) for n in range(20)))
    assert sorted(seen) == list(range(20))


async def test_150_cancelled_writes_leave_the_database_free(store: Store) -> None:
    chance = random.Random(7)
    tasks = []
    for _ in range(150):
        task = asyncio.create_task(store.write(count_then_insert))
        asyncio.get_running_loop().call_later(chance.uniform(0, 0.003), task.cancel)
        tasks.append(task)
        await asyncio.sleep(chance.uniform(0, 0.002))
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await asyncio.wait_for(store.write(count_then_insert), 30) == 150  # each was done, none twice, none by half
    with sqlite3.connect(str(store.file), timeout=0) as other:
        other.execute("BEGIN IMMEDIATE")
    other.close()


async def test_150_cancelled_reads_leave_readers_for_the_next(store: Store) -> None:
    async def read() -> None:
        async with store.read() as tx:
            await count(tx)
            await asyncio.sleep(0)
            await count(tx)

    chance = random.Random(8)
    for _ in range(150):
        task = asyncio.create_task(read())
        await asyncio.sleep(chance.uniform(0, 0.002))
        task.cancel()
        await asyncio.wait([task])
    await asyncio.wait_for(asyncio.gather(*(read() for _ in range(8))), 30)


async def test_a_caller_who_gives_up_at_once_still_gets_it_written(store: Store) -> None:
    task = asyncio.create_task(store.write(lambda tx: slots.done(tx, "report", NOON)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await store.write(count)
    async with store.read() as tx:
        assert await slots.last(tx, "report") == NOON


async def test_a_failing_work_rolls_back_and_the_caller_hears_of_it(store: Store) -> None:
    async def fail(tx: Tx) -> None:
        await count_then_insert(tx)
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"):
        await store.write(fail)
    assert await store.write(count) == 0


async def test_a_failure_that_nobody_waits_for_is_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_: Tx) -> None:
        await asyncio.sleep(0.01)
        raise LookupError("lost")

    task = asyncio.create_task(store.write(fail))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await store.write(count)
    assert "after its caller had gone" in caplog.text


async def test_a_work_that_cancels_itself_does_not_take_the_writer_along(store: Store) -> None:
    async def give_up(tx: Tx) -> None:
        await count_then_insert(tx)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await store.write(give_up)
    assert await store.write(count) == 0


async def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_itself(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        await store.write(lambda _: store.write(count))


async def test_the_network_is_barred_inside_a_write_and_nowhere_else(store: Store) -> None:
    async def barred(_: Tx) -> bool:
        return in_transaction.get()

    assert await store.write(barred)
    assert not in_transaction.get()


async def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    async with store.read() as tx:
        before = await count(tx)
        await store.write(count_then_insert)
        assert await count(tx) == before
    async with store.read() as tx:
        assert await count(tx) == before + 1


async def test_a_reader_cannot_write(store: Store) -> None:
    async with store.read() as tx:
        with pytest.raises(DBAPIError, match="readonly"):
            await tx.execute(insert(memory).values(account="a", key="k", value="v"))


async def test_closing_finishes_the_writes_in_hand_and_folds_the_log_in(tmp_path: Path) -> None:
    async with open_store(tmp_path, clock=fixed()) as store:
        tasks = [asyncio.create_task(store.write(count_then_insert)) for _ in range(20)]
        await asyncio.sleep(0)
    assert sorted(await asyncio.gather(*tasks)) == list(range(20))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".clean-end", ".initialised", "portfolio.db"]
    with pytest.raises(StorageError, match="closed"):
        await store.write(count)


async def test_closing_waits_but_shortly_for_a_reader_of_another_program(tmp_path: Path) -> None:
    async with open_store(tmp_path, clock=fixed()) as store:
        await store.write(count_then_insert)
        with closing(sqlite3.connect(tmp_path / "portfolio.db", isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM sqlite_master").fetchone()
            await store.write(count_then_insert)
            started = time.monotonic()
            await store.close()
            assert time.monotonic() - started < 2
    async with open_store(tmp_path, clock=fixed()) as store, store.read() as tx:
        assert await count(tx) == 2


async def test_closing_does_not_let_every_write_wait_for_another_programs_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolio_bot.storage.engines.BUSY_MILLISECONDS", 400)
    async with open_store(tmp_path, clock=fixed()) as store:
        await store.write(count_then_insert)
        with closing(sqlite3.connect(tmp_path / "portfolio.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writes = [asyncio.create_task(store.write(count_then_insert)) for _ in range(15)]
            await asyncio.sleep(0)
            started = time.monotonic()
            await store.close()
            assert time.monotonic() - started < 4
            assert {type(result) for result in await asyncio.gather(*writes, return_exceptions=True)} == {StoreBusy}


async def test_closing_is_not_cut_short_by_a_cancelled_owner(tmp_path: Path) -> None:
    opened = asyncio.Event()

    async def own() -> None:
        async with open_store(tmp_path, clock=fixed()) as store:
            opened.set()
            await store.write(count_then_insert)
            await asyncio.sleep(60)

    task = asyncio.create_task(own())
    await opened.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (tmp_path / ".clean-end").exists()


async def test_a_full_disk_breaks_one_write_and_nothing_else(store: Store) -> None:
    async def fill(tx: Tx) -> None:
        pages = await tx.scalar(text("PRAGMA page_count"))
        await tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        await snapshots.add(tx, complete(), trigger="hourly")
        await tx.execute(insert(memory).values(account="a", key="k", value="x" * 100_000))

    with pytest.raises(DiskFull, match="Free some space"):
        await store.write(fill)
    async with store.read() as tx:
        assert await snapshots.newest(tx) is None
    await store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1000000"))
    assert await store.write(lambda tx: snapshots.add(tx, complete(), trigger="hourly")) == 1


async def test_a_disk_that_fills_up_while_committing_loses_nothing_acknowledged(store: Store) -> None:
    await store.write(count_then_insert)
    log = Path(f"{store.file}-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 2000, before[1]))
    try:
        with pytest.raises(DiskFull):
            await store.write(count_then_insert)
        async with store.read() as tx:
            assert await count(tx) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert await store.write(count_then_insert) == 1


async def test_a_database_held_by_another_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio_bot.storage.engines.BUSY_MILLISECONDS", 50)
    async with open_store(tmp_path, clock=fixed()) as store:
        with sqlite3.connect(tmp_path / "portfolio.db", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy, match="locked, most likely by another program"):
                await store.write(count)
            other.execute("ROLLBACK")
        other.close()
        assert await store.write(count) == 0


@pytest.mark.usefixtures("power_cuts")
async def test_every_connection_is_set_up_for_safety(store: Store) -> None:
    async def pragmas(tx: Tx) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "temp_store", "trusted_schema")
        return {name: await tx.scalar(text(f"PRAGMA {name}")) for name in names}

    wanted = {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "temp_store": 2, "trusted_schema": 0}
    assert await store.write(pragmas) == {"journal_mode": "wal", **wanted}
    async with store.read() as tx:
        assert (await pragmas(tx))["synchronous"] == 2


async def test_an_error_of_the_database_repeats_no_figure(store: Store) -> None:
    async def twice(tx: Tx) -> None:
        for _ in range(2):
            await tx.execute(insert(memory).values(account="a", key="k", value="31337.42"))

    with pytest.raises(DBAPIError) as caught:
        await store.write(twice)
    assert "31337.42" not in str(caught.value)


async def test_a_store_for_reading_refuses_to_write(tmp_path: Path) -> None:
    async with open_store(tmp_path, clock=fixed()) as store:
        await store.write(count_then_insert)
    async with open_store(tmp_path, clock=fixed(), read_only=True) as store:
        async with store.read() as tx:
            assert await count(tx) == 1
        with pytest.raises(ReadOnlyStore):
            await store.write(count)


async def test_a_store_in_memory_reads_what_it_wrote_and_leaves_no_file(tmp_path: Path) -> None:
    async with open_store(tmp_path / "none", "sqlite://", clock=fixed()) as store:
        await asyncio.gather(*(store.write(count_then_insert) for _ in range(5)))
        async with store.read() as tx:
            assert await count(tx) == 5
        await store.ping()
    assert not (tmp_path / "none").exists()


async def test_two_programs_that_begin_at_once_share_one_history(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        opening = (stack.enter_async_context(open_store(tmp_path, clock=fixed())) for _ in range(4))
        stores = await asyncio.gather(*opening)
        seen = await asyncio.gather(*(store.write(count_then_insert) for store in stores))
    assert sorted(seen) == [0, 1, 2, 3]


async def test_readers_that_never_return_are_named_instead_of_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolio_bot.storage.engines.WAIT", 0.05)
    async with open_store(tmp_path, clock=fixed()) as store, AsyncExitStack() as stack:
        for _ in range(READERS):
            await stack.enter_async_context(store.read())
        with pytest.raises(StoreBusy):
            await store.ping()


async def test_two_stores_in_memory_are_strangers(tmp_path: Path) -> None:
    async with (
        open_store(tmp_path, "sqlite://", clock=fixed()) as one,
        open_store(tmp_path, "sqlite://", clock=fixed()) as other,
    ):
        await one.write(count_then_insert)
        assert await other.write(count) == 0


async def test_compacting_gives_the_room_back(store: Store) -> None:
    async def fill(tx: Tx) -> None:
        rows = [{"account": "a", "key": str(n), "value": "x" * 1000} for n in range(500)]
        await tx.execute(insert(memory), rows)

    await store.write(fill)
    await store.write(lambda tx: tx.execute(memory.delete()))
    await store.compact()
    pages = await store.write(lambda tx: tx.scalar(text("PRAGMA page_count")))
    assert isinstance(pages, int)
    assert pages < 100
