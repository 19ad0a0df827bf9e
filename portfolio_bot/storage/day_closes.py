"""Day closes: the last complete snapshot of each local day.

They are cut anew each time, by one index seek per day: ten years in some twenty milliseconds. So a new TIMEZONE
re-cuts history without a migration, and there is no second truth to keep in step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import Integer, TextClause, delete, func, select, text
from sqlalchemy.sql.selectable import TextualSelect

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.history import DayClose, NavPoint
from portfolio_bot.storage import borders, imported
from portfolio_bot.storage.columns import Exact, Instant, micros
from portfolio_bot.storage.tables import body_key, flow, imported_day, imported_instant, snapshot, snapshot_body
from portfolio_bot.storage.tx import Tx

_FEWEST_DAYS: Final = 32
_MOST_DAYS: Final = 3700
"""Days cut at once: some more than ten years, few enough not to hold the loop up."""

_ONE_DAY = timedelta(days=1)
_NEXT_DOOR = timedelta(days=31)
_UTC_DAY = 24 * 60 * 60 * 1_000_000
"""In microseconds: the days of `body_key`."""

_DAYS_SQLITE = "SELECT key, value, lead(value) OVER (ORDER BY key) FROM json_each(:borders)"
_DAYS_POSTGRES = """
    SELECT u.k - 1, u.lo, lead(u.lo) OVER (ORDER BY u.k)
    FROM unnest(CAST(:borders AS bigint[])) WITH ORDINALITY AS u(lo, k)
"""
_CLOSES = """
    WITH day(k, lo, hi) AS ({days})
    SELECT day.k AS k, s.at AS at, s.nav AS nav, s.rub AS rub
    FROM day JOIN snapshot s ON s.at = (
        SELECT t.at FROM snapshot t WHERE t.nav IS NOT NULL AND t.at >= day.lo AND t.at < day.hi
        ORDER BY t.at DESC LIMIT 1
    )
    WHERE day.hi IS NOT NULL
"""


def _typed(days: str) -> TextualSelect:
    query: TextClause = text(_CLOSES.format(days=days))
    return query.columns(k=Integer, at=Instant, nav=Exact, rub=Exact)


_QUERIES = {"sqlite": _typed(_DAYS_SQLITE), "postgresql": _typed(_DAYS_POSTGRES)}


_OLDEST = select(
    select(snapshot.c.at).where(snapshot.c.nav.is_not(None)).order_by(snapshot.c.at).limit(1).scalar_subquery(),
    select(func.min(imported_instant.c.at)).scalar_subquery(),
    select(func.min(imported_day.c.day)).scalar_subquery(),
)


async def closes(
    tx: Tx, calendar: Calendar, *, now: datetime, limit: int | None = None, since: date | None = None
) -> list[DayClose]:
    """The last complete snapshot of each local day, newest first; days without one are left out.

    Today comes first, with `open=True`. Where a day has no close of our own, an imported one stands.

    Args:
        limit: so many closes at most, today's among them; None for all.
        since: none of an earlier day.
    """
    today = last = calendar.day(now)
    first, has_imported = await _extent(tx, calendar)
    if first is not None and since is not None:
        first = max(first, since)
    found: list[DayClose] = []
    span = _MOST_DAYS if limit is None else max(_FEWEST_DAYS, limit)
    while first is not None and first <= last and (limit is None or len(found) < limit):
        begin = max(first, last - (span - 1) * _ONE_DAY)
        elsewhere = await imported.closes(tx, calendar, begin, last) if has_imported else {}
        points = {**elsewhere, **await _own_closes(tx, calendar, begin, last)}
        found += [DayClose(day, points[day], open=day >= today) for day in sorted(points, reverse=True)]
        last = begin - _ONE_DAY
        span = min(2 * span, _MOST_DAYS)  # a long gap is crossed in few strides
    return found[:limit]


async def _own_closes(tx: Tx, calendar: Calendar, since: date, last: date) -> Mapping[date, NavPoint]:
    """By day; both days included."""
    borders = _borders(calendar, since, last)
    bound = json.dumps(borders) if tx.dialect.name == "sqlite" else borders
    rows = await tx.execute(_QUERIES[tx.dialect.name], {"borders": bound})
    first = since.toordinal()
    return {date.fromordinal(first + k): NavPoint(at, nav, rub) for k, at, nav, rub in rows}


async def _extent(tx: Tx, calendar: Calendar) -> tuple[date | None, bool]:
    """The oldest day that may have a close, None if there is none at all; and whether any was imported."""
    own, instant, day = (await tx.execute(_OLDEST)).one()
    days = [*(calendar.day(at) for at in (own, instant) if at is not None), *([] if day is None else [day])]
    return min(days, default=None), not (instant is None and day is None)


def _borders(calendar: Calendar, first: date, last: date) -> list[int]:
    """The starts of the days from `first` to the one after `last`, in microseconds."""
    after = last + _ONE_DAY
    starts = [start for year in range(first.year, after.year + 1) for start in _starts(calendar, year)]
    offset = first.timetuple().tm_yday - 1
    return starts[offset : offset + (after - first).days + 1]


@lru_cache(maxsize=64)
def _starts(calendar: Calendar, year: int) -> tuple[int, ...]:
    """The starts of all days of a year: finding one costs as much as seeking its close."""
    day, days = date(year, 1, 1), []
    while day.year == year:
        days.append(micros(calendar.start(day)))
        day += _ONE_DAY
    return tuple(days)


async def thin(tx: Tx, calendar: Calendar, *, before: date, days: int = 31) -> int:
    """Of the snapshots before a local day keep only the day closes and those beside a flow.

    Flows are deposits and withdrawals, and what came into view or left it inside accounts. A return is exact where the
    portfolio was valued right before and right after them. One stretch of days at a time.

    Args:
        before: the first day that keeps all its snapshots.
        days: how many days one transaction may thin.

    Returns:
        How many snapshots were removed; 0 when there is nothing left to thin. `Store.compact` then gives back the room.
    """
    since = await _first_to_thin(tx, calendar, before)
    if since is None:
        return 0
    last = min(since + (days - 1) * _ONE_DAY, before - _ONE_DAY)
    kept = await _kept(tx, calendar, since, last)
    begin, end = calendar.start(since), calendar.end(last)
    # account values and bodies go with their snapshot
    removed = await tx.execute(
        delete(snapshot).where(snapshot.c.at >= begin, snapshot.c.at < end, snapshot.c.at.not_in(kept))
    )
    await _drop_idle_keys(tx, begin, end)
    return removed.rowcount


async def _kept(tx: Tx, calendar: Calendar, since: date, last: date) -> frozenset[datetime]:
    """The closes of these days, the snapshots beside flows, and the newest snapshot of all, whatever it is."""
    newest = await tx.scalar(select(func.max(snapshot.c.at)))
    closing = await _own_closes(tx, calendar, since, last)
    begin, end = calendar.start(since), calendar.end(last)
    beside = await _beside_flows(tx, begin, end)
    # the neighbour of a border may lie on the other side of midnight
    beside |= await borders.beside(tx, begin - _NEXT_DOOR, end + _NEXT_DOOR)
    return frozenset([newest, *(point.at for point in closing.values()), *beside])


async def _beside_flows(tx: Tx, begin: datetime, end: datetime) -> set[datetime]:
    """Of each flow that crosses a border the last complete snapshot at or before it and the first one after it.

    The nearest flow on either side of the stretch is among them: its neighbour may lie within.
    """
    crossing = flow.c.kind.in_([FlowKind.DEPOSIT, FlowKind.WITHDRAWAL])
    first = select(func.max(flow.c.at)).where(crossing, flow.c.at < begin).scalar_subquery()
    last = select(func.min(flow.c.at)).where(crossing, flow.c.at >= end).scalar_subquery()
    low, high = (await tx.execute(select(first, last))).one()
    complete = snapshot.c.nav.is_not(None)
    before = select(func.max(snapshot.c.at)).where(complete, snapshot.c.at <= flow.c.at).scalar_subquery()
    after = select(func.min(snapshot.c.at)).where(complete, snapshot.c.at > flow.c.at).scalar_subquery()
    rows = await tx.execute(
        select(before, after).where(crossing, flow.c.at.between(low or begin, high or end)).distinct()
    )
    return {at for pair in rows for at in pair if at is not None}


async def _first_to_thin(tx: Tx, calendar: Calendar, before: date) -> date | None:
    """The first day that has more than its close."""
    first = await tx.scalar(select(func.min(snapshot.c.at)))
    if first is None or calendar.day(first) >= before:
        return None
    since, last = calendar.day(first), before - _ONE_DAY
    while since <= last:
        upto = min(last, since + _MOST_DAYS * _ONE_DAY)
        kept = await _kept(tx, calendar, since, upto)
        there = snapshot.c.at >= calendar.start(since), snapshot.c.at < calendar.end(upto)
        # one row more than are kept: one of them must be too many, or there is none
        rows = await tx.scalars(select(snapshot.c.at).where(*there).order_by(snapshot.c.at).limit(len(kept) + 1))
        for at in rows:
            if at not in kept:
                return calendar.day(at)
        since = upto + _ONE_DAY
    return None


async def _drop_idle_keys(tx: Tx, begin: datetime, end: datetime) -> None:
    """Drop the keys that no body needs any more; days of keys are UTC and overlap the local ones at both ends."""
    first, last = micros(begin) // _UTC_DAY, micros(end) // _UTC_DAY
    used = select(snapshot_body.c.day).where(
        snapshot_body.c.at >= begin - 2 * _ONE_DAY, snapshot_body.c.at < end + 2 * _ONE_DAY
    )
    await tx.execute(delete(body_key).where(body_key.c.day.between(first, last), body_key.c.day.not_in(used)))
