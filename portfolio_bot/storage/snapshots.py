"""Snapshots: every valued portfolio with its instant, as a small head, a value per account and a packed body."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, assert_never

from sqlalchemy import bindparam, func, select

from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.portfolio import (
    AccountValue,
    Complete,
    Incomplete,
    KnownAccount,
    Portfolio,
    Provisional,
    ReadingState,
)
from portfolio_bot.storage import bodies, imported, portfolio_body
from portfolio_bot.storage.columns import as_stored, micros
from portfolio_bot.storage.columns import instant_of as at_of
from portfolio_bot.storage.day_closes import closes, thin
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.handover import former_names
from portfolio_bot.storage.tables import FIRST_INSTANT, account_value, body_key, snapshot, snapshot_body
from portfolio_bot.storage.tx import Tx

__all__ = ["ImplausibleClock", "add", "at", "beside", "closes", "last_complete", "nav_points", "newest", "thin"]

BACKWARDS: Final = timedelta(minutes=5)
"""How far the clock may step back before a snapshot is refused."""

_DAY = 24 * 60 * 60 * 1_000_000
_AT_ONCE = 1000
"""Rows decoded in one go: more would hold the loop up."""

_POINTS = select(snapshot.c.at, snapshot.c.nav, snapshot.c.rub).where(snapshot.c.nav.is_not(None))

_BEFORE = select(
    # one query each inside: two aggregates in one would read the whole table
    select(func.max(snapshot.c.at)).scalar_subquery(),
    select(func.max(snapshot.c.seq)).scalar_subquery(),
    select(body_key.c.body).where(body_key.c.day == bindparam("day")).scalar_subquery(),
)
"""What must be known to add one: the newest instant, the highest number, the key of the day."""


class ImplausibleClock(StorageError):
    """The clock shows a moment at which no snapshot can have been taken."""

    def __init__(self, shown: datetime, newest: datetime | None) -> None:
        why = f"the newest snapshot is of {newest:%Y-%m-%d %H:%M}" if newest else "that is before 2020"
        super().__init__(f"the clock shows {shown:%Y-%m-%d %H:%M} UTC, but {why}. Set the clock; nothing was stored.")


async def add(tx: Tx, portfolio: Portfolio, *, trigger: str) -> int:
    """Store a portfolio. One that has the instant of another is stored a microsecond later.

    Args:
        trigger: why it was taken, a word.

    Returns:
        Its number in the order of storing, which rises even where the clock steps back.

    Raises:
        ImplausibleClock: it is older than the newest by more than `BACKWARDS`, or from before 2020.
    """
    day = micros(portfolio.at) // _DAY
    latest, count, key = (await tx.execute(_BEFORE, {"day": day})).one()
    moment = await _free_instant(tx, portfolio.at, latest)
    seq: int = 1 if count is None else count + 1
    await tx.execute(snapshot.insert(), {"at": moment, "seq": seq, "trigger": trigger, **_head(portfolio)})
    values = [{"at": moment, **_account_value(account)} for account in portfolio.accounts]
    if values:
        await tx.execute(account_value.insert(), values)
    plain = portfolio_body.encode(portfolio)
    if key is None:
        await tx.execute(body_key.insert(), {"day": day, "body": bodies.pack(plain)})
    packed = bodies.pack(plain, plain if key is None else bodies.unpack(key))
    await tx.execute(snapshot_body.insert(), {"at": moment, "day": day, "body": packed})
    return seq


async def instant_of(tx: Tx, seq: int) -> datetime:
    """The instant under which a snapshot was stored."""
    found: datetime = (await tx.execute(select(snapshot.c.at).where(snapshot.c.seq == seq))).scalar_one()
    return found


async def newest(tx: Tx) -> Portfolio | None:
    """The snapshot that was stored last; None before the first."""
    found = await tx.scalar(select(snapshot.c.at).order_by(snapshot.c.seq.desc()).limit(1))
    return None if found is None else await _portfolio(tx, found)


async def first_at(tx: Tx) -> datetime | None:
    """The instant of the oldest one."""
    oldest: datetime | None = await tx.scalar(select(func.min(snapshot.c.at)))
    return oldest


async def at(tx: Tx, instant: datetime) -> Portfolio | None:
    """The newest snapshot at or before an instant; None if there is none."""
    found = await tx.scalar(select(func.max(snapshot.c.at)).where(snapshot.c.at <= instant))
    return None if found is None else await _portfolio(tx, found)


async def beside(tx: Tx, instant: datetime, within: timedelta) -> list[Portfolio]:
    """The newest snapshot until an instant and the first after it, if they are near enough: the nearer one first."""
    before = await tx.scalar(select(func.max(snapshot.c.at)).where(snapshot.c.at <= instant))
    after = await tx.scalar(select(func.min(snapshot.c.at)).where(snapshot.c.at > instant))
    near = [found for found in (before, after) if found is not None and abs(found - instant) <= within]
    return [await _portfolio(tx, found) for found in sorted(near, key=lambda found: abs(found - instant))]


async def last_complete(tx: Tx, before: datetime | None = None) -> NavPoint | None:
    """The newest complete snapshot of our own, or the newest before an instant; imported points do not count."""
    query = _POINTS.order_by(snapshot.c.at.desc()).limit(1)
    if before is not None:
        query = query.where(snapshot.c.at < before)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else NavPoint(row.at, row.nav, row.rub)


async def newest_complete(tx: Tx, currency: str, until: datetime) -> datetime | None:
    """The instant of the newest complete snapshot until then that has a total in this currency (USD or RUB)."""
    known = snapshot.c.nav if currency == "USD" else snapshot.c.rub
    query = select(snapshot.c.at).where(snapshot.c.nav.is_not(None), known.is_not(None), snapshot.c.at <= until)
    found: datetime | None = await tx.scalar(query.order_by(snapshot.c.at.desc()).limit(1))
    return found


async def nav_points(tx: Tx, since: datetime, until: datetime) -> list[NavPoint]:
    """Complete snapshots and imported instants with since ≤ at ≤ until, oldest first.

    Imported closes that have only a date are no instants: `closes` has them.
    """
    elsewhere = await imported.points(tx, since, until)
    points: list[NavPoint] = []
    columns = snapshot.c
    query = select(as_stored(columns.at), as_stored(columns.nav), as_stored(columns.rub))
    query = query.where(columns.nav.is_not(None), columns.at.between(since, until)).order_by(columns.at)
    async with tx.stream(query, execution_options={"yield_per": _AT_ONCE}) as result:
        async for rows in result.partitions():
            points += [
                NavPoint(at_of(at), Decimal(nav), None if rub is None else Decimal(rub)) for at, nav, rub in rows
            ]
    return list(heapq.merge(elsewhere, points, key=lambda point: point.at)) if elsewhere else points


async def _free_instant(tx: Tx, wanted: datetime, latest: datetime | None) -> datetime:
    if micros(wanted) < FIRST_INSTANT:
        raise ImplausibleClock(wanted, None)
    if latest is None or wanted > latest:
        return wanted
    if wanted < latest - BACKWARDS:
        raise ImplausibleClock(wanted, latest)
    while await tx.scalar(select(snapshot.c.at).where(snapshot.c.at == wanted)) is not None:
        wanted += timedelta(microseconds=1)
    return wanted


def _head(portfolio: Portfolio) -> Mapping[str, object]:
    head: dict[str, object] = {"nav": None, "best_known": None, "at_least": None, "rub": None}
    match portfolio.total_usd:
        case Complete(money):
            rub = portfolio.total_rub
            known_rub = rub.value.amount if isinstance(rub, Complete) else None
            return {**head, "state": "complete", "nav": money.amount, "rub": known_rub}
        case Provisional(money):
            return {**head, "state": "provisional", "best_known": money.amount}
        case Incomplete(money):
            return {**head, "state": "incomplete", "at_least": money.amount}
        case _:
            assert_never(portfolio.total_usd)


def _account_value(account: AccountValue) -> Mapping[str, object]:
    if isinstance(account, KnownAccount):
        return {"account": account.id, "state": account.state, "nav": account.total.amount}
    return {"account": account.id, "state": ReadingState.FAILED, "nav": None}


async def _portfolio(tx: Tx, moment: datetime) -> Portfolio:
    query = select(snapshot_body.c.body, body_key.c.body).where(
        snapshot_body.c.at == moment, body_key.c.day == snapshot_body.c.day
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise bodies.UnreadableBody(f"the one of {moment:%Y-%m-%d %H:%M} UTC is not there")
    packed, packed_key = row
    found = portfolio_body.decode(bodies.unpack(packed, bodies.unpack(packed_key)), moment)
    former = await former_names(tx, moment)
    if not former:
        return found
    return replace(
        found,
        accounts=tuple(replace(account, id=former.get(account.id, account.id)) for account in found.accounts),
        in_transit=tuple(replace(row, origin=former.get(row.origin, row.origin)) for row in found.in_transit),
    )
