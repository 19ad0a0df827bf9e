"""The past as files take it out, so that an import takes it in again with nothing changed."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.exact import exact
from portfolio_bot.model.history import NavPoint, Origin, PastTotal
from portfolio_bot.report import as_csv
from portfolio_bot.report.numbers import MONEY_PLACES, plain, rounded
from portfolio_bot.service.performance import Performances
from portfolio_bot.storage import day_closes, imported, ledger
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx


class CsvFile(NamedTuple):
    """A table to take out: its text, and how many rows it has."""

    rows: int
    text: str


class Files:
    """What a chat gives away as files, the newest rows first.

    Args:
        performances: knows returns.
    """

    def __init__(self, store: Store, calendar: Calendar, clock: Clock, performances: Performances) -> None:
        self._store, self._calendar, self._clock, self._performances = store, calendar, clock, performances

    async def history(self, limit: int | None = None) -> CsvFile:
        """Day closes."""
        async with self._store.read() as tx:
            found = (await history(tx, self._calendar, self._clock()))[:limit]
        return CsvFile(len(found), as_csv.history(found))

    async def index(self, limit: int | None = None) -> CsvFile:
        """Day closes without amounts: the first of them counts as 100."""
        async with self._store.read() as tx:
            found = (await history(tx, self._calendar, self._clock()))[:limit]
        return CsvFile(len(found), as_csv.index(found))

    async def percents(self, limit: int | None = None) -> CsvFile:
        """Returns from close to close, in percent alone."""
        found = await self._performances.daily(limit=limit)
        return CsvFile(len(found), as_csv.percents(found))

    async def returns(self, limit: int | None = None) -> CsvFile:
        """Returns from close to close."""
        found = await self._performances.daily(limit=limit)
        return CsvFile(len(found), as_csv.returns(found))

    async def trades(self, limit: int | None = None) -> CsvFile:
        """What was bought and sold."""
        async with self._store.read() as tx:
            found = await ledger.trades(tx, limit=limit)
        return CsvFile(len(found), await asyncio.to_thread(as_csv.trades, found))


async def history(tx: Tx, calendar: Calendar, now: datetime) -> list[PastTotal]:
    """Every day close as a date, today's as its instant, and whatever was imported as it was; newest first."""
    found: dict[date | datetime, PastTotal] = {}
    for when, figures in (await imported.stored(tx)).items():
        found[when] = PastTotal(when, _readable(figures.usd), _readable(figures.rub))
    for close in await day_closes.closes(tx, calendar, now=now):
        if close.point.origin is Origin.LIVE:
            when = close.point.at if close.open else close.day
            found[when] = told(when, close.point)
    return sorted(found.values(), key=lambda row: instant(row, calendar), reverse=True)


def told(when: date | datetime, point: NavPoint) -> PastTotal:
    """A point of our own as files have it: they have eight places."""
    return PastTotal(when, _rounded(point.usd), _rounded(point.rub))


def instant(row: PastTotal, calendar: Calendar) -> datetime:
    """Its place among others: a day's close is of the last moment of that day."""
    return row.when if isinstance(row.when, datetime) else calendar.end(row.when) - _MOMENT


def _readable(figure: Decimal | None) -> Decimal | None:
    """As it was imported; what did not come from a file may have more digits than one can have."""
    try:
        return None if figure is None else exact(plain(figure))
    except ValueError:
        return _rounded(figure)


def _rounded(figure: Decimal | None) -> Decimal | None:
    return None if figure is None else rounded(figure, MONEY_PLACES)


_MOMENT = timedelta(microseconds=1)
