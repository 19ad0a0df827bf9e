"""Two labels with one account where the platform does not say whose a key is: told by what was read of their past."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from itertools import combinations, groupby

from portfolio_bot.model.statement import AccountId
from portfolio_bot.service.collect import Collect, identity_of
from portfolio_bot.storage import shared_records
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

ENOUGH = 3
"""Flows in common that are no accident; and nine in ten of those looked at."""


class Twins:
    """Looks for accounts of one platform that tell the same past, at the start and after each news."""

    def __init__(self, collect: Collect, store: Store) -> None:
        self._collect, self._store = collect, store
        self._looking: asyncio.Task[None] | None = None
        self._again = False

    async def look(self) -> None:
        """Find them; the next readings count each account once."""
        found: dict[AccountId, AccountId] = {}
        async with self._store.read() as tx:
            for first, second in self._pairs():
                common, looked_at = await shared_records.shared(tx, second, first)
                if common >= ENOUGH and common * 10 >= looked_at * 9:
                    found[second] = found.get(first, first)
        for account in found.keys() - self._collect.same_past.keys():
            log.warning("%s tells the past of %s: it is the same account", account, found[account])
        self._collect.same_past = found

    def heard(self, border: bool) -> None:
        """Something was read; returns at once.

        Args:
            border: does not matter here.
        """
        del border
        self._again = True
        if self._looking is None and next(iter(self._pairs()), None) is not None:
            self._looking = asyncio.create_task(self._look(), name="twins")

    async def close(self) -> None:
        """End the look."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _look(self) -> None:
        try:
            while self._again:
                self._again = False
                await self.look()
        except StorageError as error:
            log.warning("whether an account is told twice is looked at later: %s", error)
        finally:
            self._looking = None

    def _pairs(self) -> Iterable[tuple[AccountId, AccountId]]:
        """Accounts of one platform that do not say whose they are, in the order of the settings."""
        sources = self._collect.sources()
        silent = [account for account, source in sources.items() if identity_of(source) is None]
        platform = {account: info.source for account, info in self._collect.accounts.items()}
        order = list(self._collect.accounts)
        for _, accounts in groupby(sorted(silent, key=lambda one: (platform[one], order.index(one))), platform.get):
            yield from combinations(accounts, 2)
