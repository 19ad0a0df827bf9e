"""Work that goes on beside whatever else happens, held until it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class UnderWay:
    """Tasks that nobody awaits. The loop alone would forget them: it holds a task only by a weak reference."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None], *, name: str) -> None:
        """Begin something; what it raises is its own affair."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, patience: float | None = None) -> None:
        """Let it end within so many seconds, None for however long; what is later is cut off."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=patience)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
