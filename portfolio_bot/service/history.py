"""What was: the newest portfolio, day closes, and what today is compared with."""

from __future__ import annotations

from datetime import datetime

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.history import DayClose, NavPoint, Origin
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.storage import day_closes, imported, snapshots
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx


class History:
    """The past as the owner's days cut it."""

    def __init__(self, store: Store, calendar: Calendar, clock: Clock) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock

    async def newest(self) -> Portfolio | None:
        """The portfolio that was stored last, complete or not; None before the first."""
        async with self._store.read() as tx:
            return await snapshots.newest(tx)

    async def closes(self, limit: int | None = None) -> list[DayClose]:
        """Day closes, newest first; today comes first, marked open. None gives all there are."""
        async with self._store.read() as tx:
            return await day_closes.closes(tx, self._calendar, now=self._clock(), limit=limit)

    async def baseline(self) -> Portfolio | NavPoint | None:
        """The close of the last day that is over and has one: what "since yesterday" counts from.

        Returns:
            The whole portfolio where the close is our own snapshot, only its NAV where it was imported; None where
            what was imported is the history of something else.
        """
        async with self._store.read() as tx:
            return await baseline(tx, self._calendar, self._clock())


async def baseline(tx: Tx, calendar: Calendar, now: datetime) -> Portfolio | NavPoint | None:
    """As `History.baseline`, in a transaction that is open already."""
    for close in await day_closes.closes(tx, calendar, now=now, limit=2):
        if close.open:
            continue
        if close.point.origin is Origin.LIVE:
            return await snapshots.at(tx, close.point.at)
        # the history of something else: our first snapshot added to it, so nothing is gained or lost since
        return None if await imported.is_separate(tx) else close.point
    return None
