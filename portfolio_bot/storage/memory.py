"""A small table of notes for each source: the region it found, a statement that is still being made."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select

from portfolio_bot.model.statement import AccountId
from portfolio_bot.storage import tx as rows
from portfolio_bot.storage.tables import memory
from portfolio_bot.storage.tx import Tx


async def all(tx: Tx, account: AccountId) -> Mapping[str, str]:  # noqa: A001 - read as `memory.all`
    """Every note of an account."""
    found = await tx.execute(select(memory.c.key, memory.c.value).where(memory.c.account == account))
    return {row.key: row.value for row in found}


async def everywhere(tx: Tx, key: str) -> Mapping[AccountId, str]:
    """A note of this name of every account, of those that are no longer configured too."""
    found = await tx.execute(select(memory.c.account, memory.c.value).where(memory.c.key == key))
    return {row.account: row.value for row in found}


async def put(tx: Tx, account: AccountId, key: str, value: str | None) -> None:
    """Store a note or, with None, forget it."""
    if value is None:
        await tx.execute(delete(memory).where(memory.c.account == account, memory.c.key == key))
    else:
        await rows.put(tx, memory, [{"account": account, "key": key, "value": value}])
