"""What was: the newest portfolio, day closes, and what today is compared with."""

from __future__ import annotations

from datetime import datetime, timedelta

from portfolio_bot.analytics.transfers import SIDES, match
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.history import DayClose, NavPoint, Origin
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.trade import Worth
from portfolio_bot.report.views import Crossed
from portfolio_bot.service import costs
from portfolio_bot.service.transfers import possible
from portfolio_bot.storage import borders, day_closes, imported, ledger, snapshots
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

_EARLIER = timedelta(days=4)
"""How long before a close its other side may have left."""


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

    async def crossed(self, since: Portfolio | NavPoint | None) -> tuple[Crossed, ...]:
        """Deposits and withdrawals since a close, which are no gain, and income and fees, which are a part of it."""
        async with self._store.read() as tx:
            return await crossed(tx, self._calendar, since, self._clock())


async def crossed(tx: Tx, calendar: Calendar, since: Portfolio | NavPoint | None, now: datetime) -> tuple[Crossed, ...]:
    """What came in and went out since then, also what came into view inside an account; own transfers did neither.

    With it what was earned and paid, which is a part of the gain.
    """
    if since is None:
        return ()
    flows = await ledger.flows(tx, kinds=SIDES, since=since.at - _EARLIER)
    matching = match(flows, at=now, calendar=calendar, verdicts=possible(await ledger.verdicts(tx), flows))
    outside = [one.flow for one in matching.external if one.flow.instant(calendar) >= since.at]
    inside = await borders.all_since(tx, since.at)
    return (
        *(Crossed(flow.account, flow.usd.usd if isinstance(flow.usd, Worth) else None) for flow in outside),
        *(Crossed(one.account, one.value) for one in inside),
        *await costs.earned_and_paid(tx, calendar, since.at, now),
    )


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
