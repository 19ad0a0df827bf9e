"""The last slot of each schedule that was served. The database decides what is due; the scheduler only asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from portfolio_bot.storage.tables import slot
from portfolio_bot.storage.tx import Tx, put


async def last(tx: Tx, schedule: str) -> datetime | None:
    """The slot that was done last, aware UTC; None before the first."""
    found: datetime | None = await tx.scalar(select(slot.c.last).where(slot.c.schedule == schedule))
    return found


async def all(tx: Tx) -> Mapping[str, datetime]:  # noqa: A001 - read as `slots.all`
    """The last slot of every schedule."""
    return {row.schedule: row.last for row in await tx.execute(select(slot))}


async def done(tx: Tx, schedule: str, at: datetime) -> None:
    """A slot is done, in the transaction that makes it so. Also sets a new anchor, earlier or later."""
    await put(tx, slot, [{"schedule": schedule, "last": at}])


async def forget(tx: Tx, *schedules: str) -> None:
    """These are no more: whoever takes the name again begins anew."""
    await tx.execute(delete(slot).where(slot.c.schedule.in_(schedules)))
