"""What people chose in the chat beside the settings: kept in memory, stored with who chose it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from portfolio_bot.model.days import Clock
from portfolio_bot.service.preferences import Along
from portfolio_bot.storage import choices as stored
from portfolio_bot.storage.choices import Change, Choice
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)


def of_chat(chat: str) -> str:
    """The scope of a chat."""
    return f"chat:{chat}"


def of_user(user: int) -> str:
    """The scope of a person."""
    return f"user:{user}"


class Choices:
    """Choices by scope and name; a change takes hold once it is stored."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._made: Mapping[tuple[str, str], Choice] = {}

    async def load(self) -> None:
        """Read what was chosen in an earlier life."""
        async with self._store.read() as tx:
            self._made = await stored.all(tx)

    def get(self, scope: str, name: str) -> str | None:
        """A choice; None where none was made."""
        made = self._made.get((scope, name))
        return made.value if made else None

    def made(self, scope: str, name: str) -> Choice | None:
        """The same with who made it and when."""
        return self._made.get((scope, name))

    async def changes(self, limit: int, *, skip: int = 0) -> list[Change]:
        """What people changed, newest first."""
        async with self._store.read() as tx:
            return await stored.changes(tx, limit, skip=skip)

    async def count_changes(self) -> int:
        """How many changes are on record."""
        async with self._store.read() as tx:
            return await stored.count_changes(tx)

    async def note(self, who: str, what: str, before: str | None, after: str | None) -> None:
        """Put a change on record that was made elsewhere."""
        made = Change(self._clock(), who, what, before, after)
        await self._store.write(lambda tx: stored.note(tx, made))

    def of_scope(self, scope: str) -> Mapping[str, str]:
        """Every choice of this scope, by name."""
        return {name: made.value for (whose, name), made in self._made.items() if whose == scope}

    def within(self, name: str) -> Mapping[str, str]:
        """A choice of this name, by scope."""
        return {scope: made.value for (scope, named), made in self._made.items() if named == name}

    async def set(
        self, scope: str, name: str, value: str | None, who: str, *, along: Along | None = None, noted: bool = True
    ) -> None:
        """Choose, or take a choice back with None.

        Args:
            who: for the record.
            along: lands in the same transaction.
            noted: it stands among the changes that people are shown.
        """
        now, before = self._clock(), self.get(scope, name)
        if before == value and along is None:
            return
        made = None if value is None else Choice(scope, name, value, now, who)

        async def write(tx: Tx) -> None:
            if made is None:
                await stored.forget(tx, scope, name)
            else:
                await stored.put(tx, made)
            if noted and before != value:
                await stored.note(tx, Change(now, who, f"{scope} {name}", before, value))
            if along is not None:
                await along(tx)

        await self._store.write(write)
        kept = {key: choice for key, choice in self._made.items() if key != (scope, name)}
        self._made = kept if made is None else {**kept, (scope, name): made}
