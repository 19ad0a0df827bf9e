"""When the past is read: once the service has begun, a few times a day, and its newest end after every snapshot."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import REFUSED
from portfolio_bot.service.snapshots import FLOW, Snapshots
from portfolio_bot.service.sync import TAIL_AGAIN, Sync
from portfolio_bot.storage.errors import StorageError

log = logging.getLogger(__name__)

EVERY = timedelta(hours=6)
"""From one full reading to the next: each stream is asked for little more than its newest window."""

FIRST_RETRY = timedelta(minutes=15)
"""After a reading that failed for a cause that may pass; doubled each time, up to `EVERY`."""

LOOK_EVERY = 15.0
"""Seconds between two looks at whether a reading is due."""

FIRST_REPORT = 30.0
"""Seconds that the first collection gets before the past is read."""


class SyncRounds:
    """A part of the service.

    Args:
        every, retry: as `EVERY` and `FIRST_RETRY`.
        look, first: seconds, as `LOOK_EVERY` and `FIRST_REPORT`.
        tails: seconds between two looks at the newest window; snapshots in between share the next one.
    """

    name = "sync"

    def __init__(
        self,
        sync: Sync,
        snapshots: Snapshots,
        clock: Clock,
        *,
        every: timedelta = EVERY,
        retry: timedelta = FIRST_RETRY,
        look: float = LOOK_EVERY,
        first: float = FIRST_REPORT,
        tails: float = TAIL_AGAIN,
    ) -> None:
        self._sync, self._snapshots, self._clock = sync, snapshots, clock
        self._every, self._retry, self._look, self._first = every, retry, look, first
        self._tails, self._tailed_at = tails, -math.inf
        self._wait, self._next_retry = timedelta(0), retry
        self._begun = False
        self._stored = asyncio.Event()
        self._jobs: dict[str, asyncio.Task[None]] = {}

    async def serve(self, stop: asyncio.Event) -> None:
        """Until the stop; what is under way then is cut off, and the next life goes on from what is stored."""
        self._snapshots.on_stored = self._stored.set
        stopping = asyncio.create_task(stop.wait())
        try:
            await self._pause(stopping, self._first)
            while not stop.is_set():
                if self._is_due():
                    self._begin("read", self._read)
                if self._stored.is_set() and self._may_tail():
                    self._stored.clear()
                    self._tailed_at = asyncio.get_running_loop().time()
                    self._begin("tail", self._tail)
                await self._pause(stopping, self._look)
        finally:
            stopping.cancel()
            await self._end()

    def _is_due(self) -> bool:
        if "read" in self._jobs or self._sync.running:
            return False
        last = self._sync.finished_at
        # a reading that ended in the future was one of a clock that was wrong
        return not self._begun or last is None or not timedelta(0) <= self._clock() - last < self._wait

    def _may_tail(self) -> bool:
        return "tail" not in self._jobs and asyncio.get_running_loop().time() - self._tailed_at >= self._tails

    async def _read(self) -> None:
        self._begun = True
        try:
            await self._sync.run()
        finally:
            passing = any(failure.kind not in REFUSED for failure in self._sync.failures)
            self._wait = min(self._next_retry, self._every) if passing else self._every
            self._next_retry = min(self._next_retry * 2, self._every) if passing else self._retry
        await self._value()

    async def _tail(self) -> None:
        if await self._sync.tail():
            await self._snapshots.take(FLOW)

    async def _value(self) -> None:
        """Money that came or went since the last snapshot is valued right away."""
        newest, taken = self._sync.newest_border, self._snapshots.taken_at
        if newest is not None and taken is not None and newest > taken:
            await self._snapshots.take(FLOW)

    def _begin(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._guarded(work), name=f"sync {name}")
        self._jobs[name] = task
        task.add_done_callback(lambda _: self._jobs.pop(name, None))

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except StorageError as error:
            log.warning("the past is read later: %s", error)
        except Exception:  # one reading that fails must not end the service; the next one tries again
            log.exception("reading the past failed")

    async def _pause(self, stopping: asyncio.Task[Any], seconds: float) -> None:
        awaited: set[asyncio.Task[Any]] = {stopping, *self._jobs.values()}
        stored = asyncio.create_task(self._stored.wait())
        if self._may_tail():
            awaited.add(stored)
        await asyncio.wait(awaited, timeout=seconds, return_when="FIRST_COMPLETED")
        stored.cancel()

    async def _end(self) -> None:
        self._snapshots.on_stored = lambda: None
        tasks = set(self._jobs.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._sync.close()
