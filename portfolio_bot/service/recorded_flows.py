"""What came into an account and left it: for judging an answer that is hard to believe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service.sync import Sync
from portfolio_bot.storage import ledger
from portfolio_bot.storage.store import Store


class RecordedFlows:
    """A `collect.KnowsFlows`: what is stored, and what the platform adds to it when it is asked."""

    def __init__(self, store: Store, sync: Sync) -> None:
        self._store, self._sync = store, sync

    async def flows(self, account: AccountId, since: datetime, until: datetime) -> Sequence[CashFlow]:
        """The recorded ones between two instants."""
        async with self._store.read() as tx:
            return await ledger.flows(tx, account=account, since=since, until=until)

    async def ask(self, account: AccountId) -> bool:
        """Look at the newest deposits and withdrawals, also if that was done a moment ago."""
        return await self._sync.tail([account], forced=True)
