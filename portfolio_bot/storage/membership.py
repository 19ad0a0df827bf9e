"""Which accounts were in the total, and when: runs of complete snapshots that hold an account, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select

from portfolio_bot.model.statement import AccountId
from portfolio_bot.storage.tables import account_value, snapshot
from portfolio_bot.storage.tx import Tx

_COMPLETE = snapshot.c.nav.is_not(None)


class Run(NamedTuple):
    """Complete snapshots without a break that hold an account: the first and the last of them."""

    first: datetime
    last: datetime


async def runs(tx: Tx, since: datetime | None = None) -> Mapping[AccountId, tuple[Run, ...]]:
    """By account, oldest first. Nearly always one run, found without looking at single snapshots.

    Args:
        since: look at no snapshot before this one; a run that began earlier then begins with the first one seen.
    """
    held = (
        select(account_value.c.account, func.min(snapshot.c.at), func.max(snapshot.c.at), func.count())
        .join_from(account_value, snapshot, account_value.c.at == snapshot.c.at)
        .where(_COMPLETE)
        .group_by(account_value.c.account)
    )
    if since is not None:
        held = held.where(account_value.c.at >= since)
    found: dict[AccountId, tuple[Run, ...]] = {}
    for account, first, last, count in await tx.execute(held):
        there = await tx.scalar(select(func.count()).where(_COMPLETE, snapshot.c.at.between(first, last)))
        found[account] = (Run(first, last),) if there == count else await _broken(tx, account, first, last)
    return found


async def known(tx: Tx, accounts: Iterable[AccountId]) -> frozenset[AccountId]:
    """Those of these accounts that any snapshot holds."""
    found = set()
    for account in accounts:
        held = select(account_value.c.at).where(account_value.c.account == account)
        if await tx.scalar(held.limit(1)) is not None:
            found.add(account)
    return frozenset(found)


async def values(tx: Tx, instants: Iterable[datetime]) -> Mapping[datetime, Mapping[AccountId, Decimal]]:
    """USD of each account in the complete snapshots of these instants."""
    query = select(account_value.c.at, account_value.c.account, account_value.c.nav).where(
        account_value.c.at.in_(sorted(set(instants)))
    )
    found: dict[datetime, dict[AccountId, Decimal]] = {}
    for at, account, nav in await tx.execute(query):
        if nav is not None:
            found.setdefault(at, {})[account] = nav
    return found


async def _broken(tx: Tx, account: AccountId, first: datetime, last: datetime) -> tuple[Run, ...]:
    """An account that was taken out and came back."""
    is_in = select(account_value.c.at).where(account_value.c.account == account, account_value.c.at == snapshot.c.at)
    query = select(snapshot.c.at, is_in.exists()).where(_COMPLETE, snapshot.c.at.between(first, last))
    rows = (await tx.execute(query.order_by(snapshot.c.at))).all()
    return tuple(_runs([(at, bool(inside)) for at, inside in rows]))


def _runs(rows: Sequence[tuple[datetime, bool]]) -> Iterable[Run]:
    begin: datetime | None = None
    end: datetime | None = None
    for at, inside in rows:
        if inside:
            begin, end = begin or at, at
        elif begin is not None and end is not None:
            yield Run(begin, end)
            begin = end = None
    if begin is not None and end is not None:
        yield Run(begin, end)
