"""Every trade there is, oldest first, a page at a time: a list of a million of them would be all of a small server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from portfolio_bot.storage.ledger_rows import AnyTrade, trade_of
from portfolio_bot.storage.tables import trade
from portfolio_bot.storage.tx import Tx

PAGE: Final = 200
"""Rows that are decoded in one go: as many hold the loop up for about a millisecond."""


async def every_trade(tx: Tx, until: datetime | None = None) -> AsyncIterator[list[AnyTrade]]:
    """All trades with at < until, by instant, then account, then id; ids of digits as numbers: shorter first."""
    columns = trade.c
    query = select(trade).order_by(columns.at, columns.account, func.length(columns.id), columns.id)
    if until is not None:
        query = query.where(columns.at < until)
    async with tx.stream(query, execution_options={"yield_per": PAGE}) as result:
        async for rows in result.partitions():
            yield [trade_of(row) for row in rows]
