"""What the owner said about accounts that do not answer: gone for good, or left out until they answer again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from portfolio_bot.model.reading import Live, Reading
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.base import Memory

GONE, LEFT_OUT = "gone", "left_out"
"""Notes in the memory of an account; each holds the instant at which it was said."""


@dataclass(frozen=True, slots=True)
class Absences:
    """Reads and forgets the owner's word; `Ownership` takes it.

    Attributes:
        memories: what is remembered of each account.
    """

    memories: Mapping[AccountId, Memory] = field(default_factory=dict)

    def is_gone(self, account: AccountId) -> bool:
        """It is not asked any more, and no part of any total."""
        return self._has(account, GONE)

    def is_left_out(self, account: AccountId) -> bool:
        """It is no part of a total while it does not answer."""
        return self._has(account, LEFT_OUT)

    async def counting(self, readings: Collection[Reading]) -> tuple[Reading, ...]:
        """Readings without those of accounts that are left out; one that answers is in again from now on."""
        found = []
        for reading in readings:
            if self.is_left_out(reading.account):
                if not isinstance(reading, Live):
                    continue
                await self.memories[reading.account].put(LEFT_OUT, None)
            found.append(reading)
        return tuple(found)

    def _has(self, account: AccountId, key: str) -> bool:
        memory = self.memories.get(account)
        return memory is not None and memory.get(key) is not None
