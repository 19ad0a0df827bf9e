"""The last slot of each schedule that was served. The database decides what is due; the scheduler only asks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portfolio_bot.storage.tables import slot
from portfolio_bot.storage.tx import Tx, put


async def last(tx: Tx, schedule: str) -> datetime | None:
    """The slot that was done last, aware UTC; None before the first."""
    found: datetime | None = await tx.scalar(select(slot.c.last).where(slot.c.schedule == schedule))
    return found


async def done(tx: Tx, schedule: str, at: datetime) -> None:
    """A slot is done, in the transaction that makes it so. Also sets a new anchor, earlier or later."""
    await put(tx, slot, [{"schedule": schedule, "last": at}])
