"""Whose ledger tells the past of an account that several credentials see: one of them, and always the same.

Two tokens of one person, or two queries, list the same account inside; their values are counted once, and so must be
what happened there. Whoever told its past before goes on with it, so that nothing is read a second time under another
label; of those who never did, the first in the settings that sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import takewhile

from portfolio_bot.model.statement import AccountId

PATIENCE = 30.0
"""Seconds that a credential waits for those before it to say what they see, at the very first reading."""


@dataclass(slots=True)
class _Member:
    told: set[str]
    sees: frozenset[str] | None = None
    listed: asyncio.Event = field(default_factory=asyncio.Event)

    def has_given_up(self, key: str) -> bool:
        return self.sees is not None and key not in self.sees


@dataclass(slots=True)
class Claims:
    """The credentials of one platform, in the order of the settings."""

    patience: float = PATIENCE
    _members: dict[str, dict[AccountId, _Member]] = field(default_factory=dict)

    def join(self, source: str, account: AccountId, told: Iterable[str]) -> None:
        """One more credential.

        Args:
            told: keyed hashes of the accounts inside whose past it has told before.
        """
        self._members.setdefault(source, {})[account] = _Member(set(told))

    async def mine(self, source: str, account: AccountId, keys: Collection[str]) -> frozenset[str]:
        """Which of these it is to tell the past of; the rest is told by others.

        Args:
            keys: all that it sees, now.
        """
        members = self._members[source]
        own = members[account]
        own.sees = frozenset(keys)
        own.listed.set()
        before = list(takewhile(lambda member: member is not own, members.values()))
        if any(self._teller(source, key) is None for key in keys):
            await self._listed(before)
        found = set()
        for key in keys:
            teller = self._teller(source, key)
            if teller is own or (teller is None and not any(one.sees and key in one.sees for one in before)):
                found.add(key)
        own.told |= found
        return frozenset(found)

    def _teller(self, source: str, key: str) -> _Member | None:
        """Who told it before and, as far as is known, sees it still."""
        members = self._members[source].values()
        return next((one for one in members if key in one.told and not one.has_given_up(key)), None)

    async def _listed(self, members: Iterable[_Member]) -> None:
        waits = [asyncio.ensure_future(one.listed.wait()) for one in members if not one.listed.is_set()]
        if waits:
            _, late = await asyncio.wait(waits, timeout=self.patience)
            for wait in late:
                wait.cancel()
