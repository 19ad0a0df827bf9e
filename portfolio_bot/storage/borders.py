"""What came into the total or left it inside accounts, beside the snapshots between which it did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from portfolio_bot.analytics.borders import Border, BorderCause
from portfolio_bot.storage.tables import border, snapshot
from portfolio_bot.storage.tx import Tx, put


async def add(tx: Tx, found: Iterable[Border]) -> None:
    """Store them; their snapshots must be there. The same one again changes nothing."""
    rows = [
        {
            "at": one.at,
            "account": one.account,
            "cause": str(one.cause),
            "inside": one.inside,
            "asset": one.asset,
            "entered": one.entered,
            "usd": one.value,
        }
        for one in found
    ]
    if rows:
        await put(tx, border, rows)


async def all_since(tx: Tx, since: datetime) -> list[Border]:
    """Those at an instant and after it, oldest first."""
    columns = border.c
    query = select(border).where(columns.at >= since)
    rows = await tx.execute(query.order_by(columns.at, columns.account, columns.inside, columns.asset))
    return [
        Border(row.at, row.account, row.usd, BorderCause(row.cause), row.asset, row.inside, row.entered) for row in rows
    ]


async def beside(tx: Tx, begin: datetime, end: datetime) -> set[datetime]:
    """The complete snapshots that a return across a border needs, of borders from one instant to another.

    That is the one at which it stands, and the neighbour on the other side of it.
    """
    complete = snapshot.c.nav.is_not(None)
    before = select(func.max(snapshot.c.at)).where(complete, snapshot.c.at < border.c.at).scalar_subquery()
    after = select(func.min(snapshot.c.at)).where(complete, snapshot.c.at > border.c.at).scalar_subquery()
    rows = await tx.execute(select(border.c.at, before, after).where(border.c.at.between(begin, end)).distinct())
    return {at for row in rows for at in row if at is not None}
