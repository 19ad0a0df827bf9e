"""Flows that two accounts have in common: the same ids of one venue, so the same account."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Origin
from portfolio_bot.storage.tables import flow
from portfolio_bot.storage.tx import Tx

LOOKED_AT: Final = 50
"""Newest flows of an account: who has these in common has all."""


async def shared(tx: Tx, one: AccountId, other: AccountId) -> tuple[int, int]:
    """How many of one account's newest flows the other has too, and how many were looked at.

    Only what a platform told counts, and no move between wallets: both sides of one may carry its number.
    """
    told = (flow.c.origin == Origin.VENUE, flow.c.kind != FlowKind.TRANSFER)
    newest = select(flow.c.id).where(flow.c.account == one, *told).order_by(flow.c.at.desc()).limit(LOOKED_AT)
    ids = list(await tx.scalars(newest))
    if not ids:
        return 0, 0
    both = select(func.count()).select_from(flow).where(flow.c.account == other, flow.c.id.in_(ids), *told)
    return int(await tx.scalar(both) or 0), len(ids)
