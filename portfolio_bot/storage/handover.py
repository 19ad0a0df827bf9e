"""A label that goes over to another account of its platform: the past stays with the account whose past it is.

Values, flows and trades of the account before get a name of their own (`okx~2026-11-21`). So the history has one
account that left and one that joined, as it is, and what is read from now on meets nothing of the other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update

from portfolio_bot.model.statement import AccountId
from portfolio_bot.storage import accounts
from portfolio_bot.storage.tables import account_value, border, flow, stream_progress, trade, verdict
from portfolio_bot.storage.tx import Tx

MARK: Final = "~"
"""Stands in no account's id, so that what is behind it is a name of the past."""

_NAMED: Final = (
    account_value.c.account,
    border.c.account,
    flow.c.account,
    trade.c.account,
    verdict.c.account,
    verdict.c.other_account,
)


async def hand_over(tx: Tx, account: AccountId, now: datetime) -> AccountId:
    """Give the past of a label a name of its own; what stands in for a reading, and how far was read, is forgotten.

    Returns:
        The name.
    """
    former = await _free_name(tx, f"{account}{MARK}{now:%Y-%m-%d}")
    for column in _NAMED:
        await tx.execute(update(column.table).where(column == account).values({column: former}))
    await tx.execute(delete(stream_progress).where(stream_progress.c.account == account))
    await accounts.forget(tx, account)
    return former


async def former_names(tx: Tx, at: datetime) -> Mapping[AccountId, AccountId]:
    """Label → the name under which its value of a snapshot stands now, of labels that went over since."""
    query = select(account_value.c.account).where(account_value.c.at == at, account_value.c.account.contains(MARK))
    return {name.partition(MARK)[0]: name for name in await tx.scalars(query)}


async def _free_name(tx: Tx, wanted: str) -> str:
    name, number = wanted, 1
    while await tx.scalar(select(func.count()).select_from(account_value).where(account_value.c.account == name)):
        number += 1
        name = f"{wanted}{MARK}{number}"
    return name
