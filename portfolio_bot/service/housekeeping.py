"""Once a day: what nobody needs any more is forgotten, and room on the disk is looked after."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TypeAlias

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.service.backups import Backups
from portfolio_bot.storage import day_closes, outbox
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

LETTERS_KEPT = timedelta(days=90)
"""Longer than any outage, so that no key of a letter can come round again."""

Tell: TypeAlias = Callable[[str, Mapping[str, str]], Awaitable[None]]

SCARCE = 200 * 1024 * 1024
"""Bytes of free room below which the owner should know: nothing can be stored on a full disk."""


class Housekeeping:
    """Thins old snapshots to day closes, if the owner wants that, and forgets letters that were delivered long ago.

    Args:
        retention_days: older snapshots than that are thinned; 0 keeps all.
        tell: reaches the owner with a phrase of the catalogue and what fills it; None where nobody can be told.
        backups: makes the nightly one; None for none.
        scarce: bytes.
    """

    def __init__(
        self,
        store: Store,
        calendar: Calendar,
        clock: Clock,
        *,
        retention_days: int,
        tell: Tell | None = None,
        backups: Backups | None = None,
        scarce: int = SCARCE,
    ) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._retention_days = retention_days
        self._tell, self._scarce, self._backups = tell, scarce, backups

    async def run(self) -> None:
        """Do it; in short transactions, so that nobody waits long."""
        await self._look_after_room()
        await self._back_up()
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
            log.warning("only %d MB are free where %s lies", left, place)
            if self._tell is not None:
                await self._tell("little_room", {"left": str(left), "place": str(place)})

    async def _back_up(self) -> None:
        """Before anything is thinned away."""
        if self._backups is None:
            return
        try:
            await self._backups.nightly()
        except StorageError as error:
            log.error("no backup: %s", error)
            if self._tell is not None:
                await self._tell("backup_failed", {"why": str(error)})
