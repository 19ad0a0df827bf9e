"""Flows and trades as screens, the command line and files show them: chosen, with their other sides, newest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from portfolio_bot.analytics.transfers import Matching
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Trade
from portfolio_bot.report.movements import Sides
from portfolio_bot.report.views import (
    Asked,
    FlowsView,
    SyncView,
    TradesView,
)
from portfolio_bot.service.sync_state import SyncStanding
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

T = TypeVar("T")

_DAY = timedelta(days=1)
_GROWS = 4
"""How much further is read at a time, where much of what was read is not shown."""


@dataclass(frozen=True, slots=True)
class LedgerViews:
    """Reads for screens; changes nothing.

    Attributes:
        transfers: knows which flows are own transfers.
        names: shown names by account, in the accounts' order.
        sync: how far the past is read; None: as it is stored.
    """

    store: Store
    transfers: Transfers
    calendar: Calendar
    names: Mapping[AccountId, str]
    sync: Callable[[], SyncView] | None = None

    async def flows(
        self,
        asked: Asked,
        *,
        limit: int,
        kinds: Collection[FlowKind] | None = None,
    ) -> FlowsView:
        """The newest flows.

        Args:
            limit: so many at most.
            kinds: only these; None for all.
        """
        matching = await self.transfers.matching()
        sides = Sides.of(matching)

        def shown(flow: CashFlow) -> bool:
            return asked.holds(flow, self.calendar) and (asked.every or not sides.inside(flow))

        async with self.store.read() as tx:

            async def read(most: int) -> list[CashFlow]:
                # of a flow without a time only the day is known, and that begins elsewhere in other zones
                return await ledger.flows(
                    tx,
                    account=asked.account,
                    since=None if asked.since is None else asked.since - _DAY,
                    until=None if asked.until is None else asked.until + _DAY,
                    kinds=kinds,
                    asset=asked.asset,
                    limit=most,
                )

            rows, more = await _newest(read, shown, limit)
            return FlowsView(rows, matching, self.names, await self._progress(tx), asked, more)

    async def trades(self, asked: Asked, *, limit: int) -> TradesView:
        """The newest trades, so many at most."""
        async with self.store.read() as tx:
            rows: list[Trade | ContractTrade] = await ledger.trades(
                tx, account=asked.account, since=asked.since, until=asked.until, asset=asked.asset, limit=limit + 1
            )
            return TradesView(rows[:limit], self.names, await self._progress(tx), asked, len(rows) > limit)

    async def progress(self) -> SyncView:
        """How far the past is read."""
        async with self.store.read() as tx:
            return await self._progress(tx)

    async def matching(self) -> Matching:
        """Own transfers among all flows."""
        return await self.transfers.matching()

    async def _progress(self, tx: Tx) -> SyncView:
        return self.sync() if self.sync is not None else await stored_progress(tx, self.names)


async def stored_progress(tx: Tx, names: Mapping[AccountId, str]) -> SyncView:
    """How far the past was read, where nobody is reading it."""
    streams, counts = await ledger.progress(tx), await ledger.counts(tx)
    standings = [
        SyncStanding(
            account,
            names.get(account, account),
            {one.stream: one for one in streams.get(account, ())},
            counts=counts.get(account, ledger.Counts()),
        )
        for account in dict.fromkeys((*names, *streams, *counts))
    ]
    tried = [one.tried_at for some in streams.values() for one in some if one.tried_at is not None]
    return SyncView(accounts=tuple(one.view() for one in standings), finished_at=max(tried, default=None))


async def _newest(
    read: Callable[[int], Awaitable[Sequence[T]]], shown: Callable[[T], bool], limit: int
) -> tuple[list[T], bool]:
    """So many of those that are shown, and whether there are more; reads only as far back as that takes."""
    most = limit + 1
    while True:
        rows = await read(most)
        found = [row for row in rows if shown(row)]
        if len(found) > limit or len(rows) < most:
            return found[:limit], len(found) > limit
        most *= _GROWS
