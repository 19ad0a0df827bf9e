"""Answers that several accounts of one venue share for a few seconds: price lists."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

T = TypeVar("T")

FRESH = 5.0
"""Seconds. Accounts of one refresh ask within milliseconds; the next refresh must not see the last one's prices."""


@dataclass(slots=True)
class Shared:
    """Asks once for all who want the same thing at the same time (single flight)."""

    fresh: float = FRESH
    _asked: dict[Hashable, tuple[float, asyncio.Task[object]]] = field(default_factory=dict)

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` returned for whoever asked first within the last seconds.

        A failure reaches those who waited for it and is not kept. Being cancelled costs nobody else the answer.
        """
        now = asyncio.get_running_loop().time()
        asked, task = self._asked.get(key, (0.0, None))
        stale = task is None or now - asked > self.fresh
        if task is None or stale or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.ensure_future(_awaited(ask))
            task.add_done_callback(heard)
            self._asked[key] = now, task
        return cast(T, await asyncio.shield(task))


async def _awaited(ask: Callable[[], Awaitable[object]]) -> object:
    return await ask()


def heard(task: asyncio.Task[object]) -> None:
    """Everybody who wanted it may be gone by now: its failure is no news then."""
    if not task.cancelled():
        task.exception()
