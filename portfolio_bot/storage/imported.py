"""Closes from elsewhere: the portfolio's own NAV before this program kept it.

One with a date alone is that date's close in every zone; one with an instant is cut into days like our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import func, select

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.history import NavPoint, Origin
from portfolio_bot.storage import memory
from portfolio_bot.storage.tables import imported_day, imported_instant
from portfolio_bot.storage.tx import Tx, put

When: TypeAlias = date | datetime
"""A date alone, or an aware instant. A `datetime` is a `date` to Python: ask for it first."""


_NOTES, _SEPARATE = "imported", "separate"


@dataclass(frozen=True, slots=True)
class Figures:
    """NAV in both currencies; one of them may be unknown, not both."""

    usd: Decimal | None
    rub: Decimal | None


async def stored(tx: Tx) -> Mapping[When, Figures]:
    """Everything that was imported."""
    days = await tx.execute(select(imported_day.c.day, imported_day.c.usd, imported_day.c.rub))
    instants = await tx.execute(select(imported_instant.c.at, imported_instant.c.usd, imported_instant.c.rub))
    return {when: Figures(usd, rub) for rows in (days, instants) for when, usd, rub in rows}


async def store(tx: Tx, closes: Mapping[When, Figures]) -> None:
    """Store closes; one that is there is replaced."""
    days, instants = [], []
    for when, figures in closes.items():
        row = {"usd": figures.usd, "rub": figures.rub}
        if isinstance(when, datetime):
            instants.append({"at": when, **row})
        else:
            days.append({"day": when, **row})
    await put(tx, imported_day, days)
    await put(tx, imported_instant, instants)


async def set_separate(tx: Tx, *, separate: bool) -> None:
    """Say whether what was imported is a portfolio of its own, whose value our first snapshot adds as a flow."""
    await memory.put(tx, _NOTES, _SEPARATE, "yes" if separate else None)


async def is_separate(tx: Tx) -> bool:
    """Whether it is; else our first complete snapshot simply continues it."""
    return _SEPARATE in await memory.all(tx, _NOTES)


async def closes(tx: Tx, calendar: Calendar, since: date, last: date) -> Mapping[date, NavPoint]:
    """By local day, both days included; of a day's instants the last, and a date alone before any instant."""
    found = {calendar.day(point.at): point for point in await points(tx, calendar.start(since), calendar.end(last))}
    found.pop(calendar.day(calendar.end(last)), None)  # an instant at the very end belongs to the next day
    rows = await tx.execute(select(imported_day).where(imported_day.c.day.between(since, last)))
    for row in rows:
        found[row.day] = NavPoint(calendar.end(row.day), row.usd, row.rub, Origin.IMPORTED)
    return found


async def points(tx: Tx, since: datetime, until: datetime) -> list[NavPoint]:
    """Imported instants with since ≤ at ≤ until, oldest first."""
    at = imported_instant.c.at
    rows = await tx.execute(select(imported_instant).where(at.between(since, until)).order_by(at))
    return [NavPoint(row.at, row.usd, row.rub, Origin.IMPORTED) for row in rows]


async def newest(tx: Tx, calendar: Calendar, currency: str, until: datetime) -> datetime | None:
    """The instant of the newest point until then that has a value in this currency (USD or RUB); None without one."""
    instants, days = (table.c for table in (imported_instant, imported_day))
    known, known_day = (columns.usd if currency == "USD" else columns.rub for columns in (instants, days))
    at = await tx.scalar(select(func.max(instants.at)).where(known.is_not(None), instants.at <= until))
    before = calendar.day(until) - timedelta(days=1)  # a day's close is at its end
    day = await tx.scalar(select(func.max(days.day)).where(known_day.is_not(None), days.day <= before))
    found = [one for one in (at, None if day is None else calendar.end(day)) if one is not None]
    return max(found, default=None)
