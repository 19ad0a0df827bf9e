"""Settings that were made in the chat, with who made them and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select

from portfolio_bot.storage import tx as rows
from portfolio_bot.storage.tables import preference
from portfolio_bot.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Preference:
    """One setting as text, the way its variable would hold it."""

    name: str
    value: str
    changed_at: datetime
    changed_by: str


async def all(tx: Tx) -> Mapping[str, Preference]:  # noqa: A001 - read as `preferences.all`
    """Every setting that was made in the chat, by name."""
    found = await tx.execute(select(preference))
    return {row.name: Preference(row.name, row.value, row.changed_at, row.changed_by) for row in found}


async def put(tx: Tx, made: Preference) -> Preference | None:
    """Store a setting; what it replaces, or None."""
    before = (await all(tx)).get(made.name)
    await rows.put(tx, preference, [asdict(made)])
    return before


async def reset(tx: Tx, name: str) -> Preference | None:
    """Forget a setting, so that the environment or the default counts again; what it was, or None."""
    before = (await all(tx)).get(name)
    await tx.execute(delete(preference).where(preference.c.name == name))
    return before
