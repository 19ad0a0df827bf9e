"""Once a day: what nobody needs any more is forgotten, and room on the disk is looked after."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.storage import day_closes, outbox
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

LETTERS_KEPT = timedelta(days=90)
"""Longer than any outage, so that no key of a letter can come round again."""

SCARCE = 200 * 1024 * 1024
"""Bytes of free room below which the owner should know: nothing can be stored on a full disk."""


class Housekeeping:
    """Thins old snapshots to day closes, if the owner wants that, and forgets letters that were delivered long ago.

    Args:
        retention_days: older snapshots than that are thinned; 0 keeps all.
        tell: reaches the owner; None where nobody can be told.
        scarce: bytes.
    """

    def __init__(
        self,
        store: Store,
        calendar: Calendar,
        clock: Clock,
        *,
        retention_days: int,
        tell: Callable[[str], Awaitable[None]] | None = None,
        scarce: int = SCARCE,
    ) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._retention_days = retention_days
        self._tell, self._scarce = tell, scarce

    async def run(self) -> None:
        """Do it; in short transactions, so that nobody waits long."""
        await self._look_after_room()
        now = self._clock()
        await self._store.write(lambda tx: outbox.prune(tx, now - LETTERS_KEPT))
        if not self._retention_days:
            return
        before = self._calendar.day(now) - timedelta(days=self._retention_days)
        removed = 0
        while thinned := await self._store.write(lambda tx: day_closes.thin(tx, self._calendar, before=before)):
            removed += thinned
        if removed:
            await self._store.compact()
            log.info("%d snapshots before %s were thinned away", removed, before)

    async def _look_after_room(self) -> None:
        if self._store.file is None:
            return
        free = shutil.disk_usage(self._store.file.parent).free
        if free < self._scarce:
            place, left = self._store.file, free // 1024 // 1024
            text = f"Only {left} MB are free where {place} lies: make room before the disk is full."
            log.warning("%s", text)
            if self._tell is not None:
                await self._tell(text)
