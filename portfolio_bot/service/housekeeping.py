"""Once a day: what nobody needs any more is forgotten."""

from __future__ import annotations

import logging
from datetime import timedelta

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.storage import day_closes, outbox
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

LETTERS_KEPT = timedelta(days=90)
"""Longer than any outage, so that no key of a letter can come round again."""


class Housekeeping:
    """Thins old snapshots to day closes, if the owner wants that, and forgets letters that were delivered long ago.

    Args:
        retention_days: older snapshots than that are thinned; 0 keeps all.
    """

    def __init__(self, store: Store, calendar: Calendar, clock: Clock, *, retention_days: int) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._retention_days = retention_days

    async def run(self) -> None:
        """Do it; in short transactions, so that nobody waits long."""
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
            log.info("%d snapshots before %s were thinned to day closes", removed, before)
