"""What people chose for themselves, for a chat or for a rule, and the record of every change that somebody made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from portfolio_bot.storage import tx as rows
from portfolio_bot.storage.tables import change, choice
from portfolio_bot.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice.

    Attributes:
        scope: whose or what for: `chat:-100123`, `user:123`.
        value: as text.
    """

    scope: str
    name: str
    value: str
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Change:
    """Something that somebody changed.

    Attributes:
        who: `telegram:123456`, `terminal`, `command line`.
        what: a setting's name, a schedule, a role: `schedule:morning`.
        before, after: as text; None for nothing.
    """

    at: datetime
    who: str
    what: str
    before: str | None
    after: str | None


async def all(tx: Tx) -> Mapping[tuple[str, str], Choice]:  # noqa: A001 - read as `choices.all`
    """Every choice, by scope and name."""
    found = await tx.execute(select(choice))
    return {
        (row.scope, row.name): Choice(row.scope, row.name, row.value, row.changed_at, row.changed_by) for row in found
    }


async def put(tx: Tx, made: Choice) -> None:
    """Store a choice; one that was made before is replaced."""
    await rows.put(tx, choice, [asdict(made)])


async def forget(tx: Tx, scope: str, name: str) -> None:
    """Take a choice back."""
    await tx.execute(delete(choice).where(choice.c.scope == scope, choice.c.name == name))


async def note(tx: Tx, made: Change) -> None:
    """Write down who changed what, in the transaction that changes it."""
    await tx.execute(change.insert(), asdict(made))


async def changes(tx: Tx, limit: int, *, skip: int = 0) -> list[Change]:
    """What was changed, newest first."""
    found = await tx.execute(select(change).order_by(change.c.id.desc()).limit(limit).offset(skip))
    return [Change(row.at, row.who, row.what, row.before, row.after) for row in found]


async def count_changes(tx: Tx) -> int:
    """How many changes are on record."""
    found = await tx.execute(select(func.count()).select_from(change))
    return int(found.scalar_one())
