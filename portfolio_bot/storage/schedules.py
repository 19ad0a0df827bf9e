"""Named schedules as they are kept, and what was changed about one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select

from portfolio_bot.storage import tx as rows
from portfolio_bot.storage.choices import Change
from portfolio_bot.storage.tables import change, schedule
from portfolio_bot.storage.tx import Tx


async def all(tx: Tx) -> Mapping[str, str]:  # noqa: A001 - read as `schedules.all`
    """What every schedule is like, by name."""
    return {row.name: row.spec for row in await tx.execute(select(schedule).order_by(schedule.c.name))}


async def put(tx: Tx, name: str, spec: str, at: datetime, who: str) -> None:
    """Store a schedule; one of this name is replaced."""
    await rows.put(tx, schedule, [{"name": name, "spec": spec, "changed_at": at, "changed_by": who}])


async def forget(tx: Tx, name: str) -> None:
    """Remove a schedule."""
    await tx.execute(delete(schedule).where(schedule.c.name == name))


async def last_change(tx: Tx, what: str) -> int:
    """The number of the newest change of something; 0 where there is none."""
    return int(await tx.scalar(select(func.max(change.c.id)).where(change.c.what == what)) or 0)


async def change_of(tx: Tx, number: int, what: str) -> Change | None:
    """A change of something by its number."""
    row = (await tx.execute(select(change).where(change.c.id == number, change.c.what == what))).one_or_none()
    return None if row is None else Change(row.at, row.who, row.what, row.before, row.after)
