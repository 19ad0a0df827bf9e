"""The store: one writer task that owns the only writing connection, and readers beside it.

A caller hands the writer a function and awaits its answer; the caller may be cancelled, the transaction may not.
Cancelling a task inside a SQLAlchemy and aiosqlite write held the write lock until the process ended in most tries.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeAlias, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portfolio_bot.model.days import Clock
from portfolio_bot.net.timing import in_transaction
from portfolio_bot.storage.engines import run_alone
from portfolio_bot.storage.errors import ReadOnlyStore, StoreBusy, StoreClosed, translated
from portfolio_bot.storage.opening import Engines, open_place
from portfolio_bot.storage.places import CLEAN_END, Place, leave_mark, place_of
from portfolio_bot.storage.tx import Tx

__all__ = ["Store", "Tx", "open_store"]

log = logging.getLogger(__name__)

T = TypeVar("T")

_Job: TypeAlias = Callable[[], Awaitable[None]]

_DRAINING = 1.0
"""Seconds for writes in hand at the end. Behind another program's lock each would wait for itself: later ones fail."""

_CLOSING_MILLISECONDS = 500
"""How long the end waits for somebody who still reads: what is not folded in now will be at the next start."""


@asynccontextmanager
async def open_store(
    data_dir: Path, url: str | None = None, *, clock: Clock, read_only: bool = False
) -> AsyncIterator[Store]:
    """The database of a data folder, ready to use; closed at the end of the block, whatever happens in it.

    Args:
        data_dir: where everything of ours lies; made if need be, unless `read_only`.
        url: another place: `sqlite:///path`, `sqlite://` (in memory) or `postgresql://…`.
        clock: names what is put aside.
        read_only: a missing database is an empty one, and nothing is made, migrated or thoroughly checked.

    Raises:
        StorageError: it cannot be used; the text says why and what to do.
    """
    place = place_of(data_dir, url)
    opened = await open_place(place, data_dir, clock, read_only=read_only)
    store = Store(place, opened, read_only=read_only)
    try:
        yield store
    finally:
        closing = asyncio.ensure_future(store.close())
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing
            raise


class Store:
    """Transactions on one database. Made by `open_store`."""

    def __init__(self, place: Place, engines: Engines, *, read_only: bool) -> None:
        self._place = place
        self._engines = engines
        self._read_only = read_only
        self._jobs: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._writer = asyncio.create_task(self._work_off(), name="store writer")
        self._closed = False
        self._given_up = False

    @property
    def name(self) -> str:
        """The path or the address, without a password."""
        return self._place.name

    @property
    def file(self) -> Path | None:
        """SQLite's file; None in memory and on PostgreSQL."""
        return self._place.file

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` in a transaction of its own, after those before it, and return what it returns.

        A caller who is cancelled only stops waiting: the work is done all the same. An error of the work rolls the
        transaction back and is raised here.

        Raises:
            StorageError: `DiskFull`, `StoreBusy`, `StoreCorrupt`; `ReadOnlyStore` for a store opened for reading.
        """
        if in_transaction.get():
            raise RuntimeError("a write inside a write would wait for itself: use the transaction in hand")

        async def transaction() -> T:
            async with self._engines.writer.begin() as tx:
                return await work(tx)

        return await self._in_turn(transaction)

    def read(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction that sees one state of the database and cannot write."""
        return self._reading()

    async def ping(self) -> None:
        """Ask the database for anything at all.

        Raises:
            StorageError: it does not answer.
        """
        async with self.read() as tx:
            await tx.execute(text("SELECT 1"))

    async def alone(self, work: Callable[[], T]) -> T:
        """Run something that blocks, in a thread, while nobody writes; reading goes on."""
        return await self._in_turn(lambda: asyncio.to_thread(work))

    async def compact(self) -> None:
        """Give the room of deleted rows back to the disk. Takes about a second per 100 MB; writes wait meanwhile."""
        if self._place.file is not None:
            await self._in_turn(lambda: run_alone(self._engines.writer, "VACUUM"))

    async def close(self) -> None:
        """Finish the writes in hand, fold the log into the file, leave the mark of a clean end."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put_nowait(None)
        _, late = await asyncio.wait({self._writer}, timeout=_DRAINING)
        self._given_up = bool(late)
        await self._writer
        await self._engines.readers.dispose()
        file = None if self._read_only else self._place.file
        try:
            if file is not None:
                await run_alone(self._engines.writer, f"PRAGMA busy_timeout={_CLOSING_MILLISECONDS}")
                await run_alone(self._engines.writer, "PRAGMA wal_checkpoint(TRUNCATE)")
                leave_mark(file.parent / CLEAN_END)
        except (sqlite3.Error, DBAPIError, OSError) as error:
            # nothing is lost: the log is folded in at the next start, which checks thoroughly without the mark
            log.warning("%s was not closed in order: %s", self.name, error)
        finally:
            await self._engines.writer.dispose()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Tx]:
        try:
            async with self._engines.readers.connect() as tx:
                yield tx
        except (DBAPIError, PoolTimeout) as error:
            known = translated(error, self.name)
            if known is error:
                raise
            raise known from error

    async def _in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        if self._read_only:
            raise ReadOnlyStore
        if self._closed or self._writer.done():
            raise StoreClosed(self.name)
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        async def job() -> None:
            try:
                if self._given_up:
                    raise StoreBusy(self.name)
                result = await work()
            except Exception as error:  # the caller's error goes to the caller; the writer lives on for the others
                if answer.done():
                    log.exception("a write failed after its caller had gone")
                else:
                    answer.set_exception(translated(error, self.name))
            except asyncio.CancelledError:
                answer.cancel()
                writer = asyncio.current_task()
                if writer is None or writer.cancelling():
                    raise
            else:
                if not answer.done():
                    answer.set_result(result)

        self._jobs.put_nowait(job)
        return await answer

    async def _work_off(self) -> None:
        in_transaction.set(True)  # in this task's own context: nobody waits for the network while holding the database
        while (job := await self._jobs.get()) is not None:
            await job()
