"""Whether money that is on its way has arrived already, as the balances tell before the record of it can be read."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from portfolio_bot.analytics.in_transit import Balances, Seen, arrived, balances_in, balances_of, rises
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKey
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.portfolio import KnownAccount
from portfolio_bot.model.statement import AccountId, Statement
from portfolio_bot.storage import snapshots
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

COMPARABLE = timedelta(days=3)
"""How old a snapshot may be that shows what an account held before money was sent to it."""


class _View(NamedTuple):
    """All accounts at one time."""

    balances: Balances
    seen: Seen


class Arrivals:
    """Compares what accounts hold now with what they held before it left, and with the reading before."""

    def __init__(self, store: Store, calendar: Calendar) -> None:
        self._store, self._calendar = store, calendar
        self._arrived: dict[FlowKey, AccountId] = {}
        self._before: dict[FlowKey, _View | None] = {}
        self._last: _View | None = None

    async def seen(
        self, waiting: Sequence[CashFlow], statements: Collection[Statement], recorded: Iterable[CashFlow]
    ) -> Mapping[FlowKey, AccountId]:
        """Those that some account seems to hold, and which one; it stays so for as long as they are waited for.

        Args:
            waiting: withdrawals without a record of the other side, oldest first.
            statements: the newest of each account.
            recorded: deposits and withdrawals that are known; they explain their part of a change.
        """
        keys = {flow.key for flow in waiting}
        self._arrived = {key: account for key, account in self._arrived.items() if key in keys}
        self._before = {key: view for key, view in self._before.items() if key in keys}
        now = _View(balances_of(statements), {statement.account: statement.as_of for statement in statements})
        last, self._last = self._last, now
        by_asset: dict[Asset, list[CashFlow]] = {}
        for flow in waiting:
            by_asset.setdefault(flow.asset, []).append(flow)
        known = tuple(recorded)
        for flows in by_asset.values():
            # all of them since before the oldest left: the rise that one explains is no other's
            self._arrived |= self._compared(await self._view_before(flows[0]), now, flows, known)
            rest = [flow for flow in flows if flow.key not in self._arrived]
            self._arrived |= self._compared(last, now, rest, known)
        return self._arrived

    def _compared(
        self, then: _View | None, now: _View, flows: Sequence[CashFlow], recorded: Iterable[CashFlow]
    ) -> Mapping[FlowKey, AccountId]:
        if then is None or not flows:
            return {}
        return arrived(flows, rises(then.balances, now.balances, recorded, then.seen, now.seen, self._calendar))

    async def _view_before(self, flow: CashFlow) -> _View | None:
        """What accounts held before a withdrawal left, by our own snapshot; None without a recent one."""
        if flow.key in self._before:
            return self._before[flow.key]
        left = flow.span(self._calendar)[0]
        try:
            async with self._store.read() as tx:
                found = await snapshots.at(tx, left)
        except StorageError as error:  # a report must not fail for want of a comparison
            log.warning("transfers: no snapshot to compare with: %s", error)
            return None
        view: _View | None = None
        if found is not None and left - found.at <= COMPARABLE:
            known = [account for account in found.accounts if isinstance(account, KnownAccount)]
            view = _View(balances_in(known), {account.id: account.as_of for account in known})
        self._before[flow.key] = view
        return view
