"""A week of a large portfolio, held to the goals of ten years: size per snapshot, and queries that do not scan."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from sqlalchemy import text

from portfolio_bot.storage import snapshots
from portfolio_bot.storage.store import Store, Tx, open_store
from portfolio_bot.storage.tables import snapshot
from tests.bench.market import HOUR, Market
from tests.storage.builders import PARIS, fixed

START = datetime(2026, 1, 1, tzinfo=UTC)
TEN_YEARS = 87_660


async def used(store: Store) -> int:
    """Bytes of all pages in use, without the free ones."""
    async with store.read() as tx:
        pages, size = await tx.scalar(text("PRAGMA page_count")), await tx.scalar(text("PRAGMA page_size"))
    assert isinstance(pages, int)
    assert isinstance(size, int)
    return pages * size


async def test_ten_years_of_ten_accounts_would_stay_under_220_megabytes(tmp_path: Path) -> None:
    week = list(Market().hours(START, 168))

    async def fill(tx: Tx) -> None:
        for portfolio in week:
            await snapshots.add(tx, portfolio, trigger="hourly")

    async with open_store(tmp_path, clock=fixed()) as store:
        empty = await used(store)
        await store.write(fill)
        assert (await used(store) - empty) / len(week) * TEN_YEARS < 220e6
        async with store.read() as tx:
            for portfolio in islice(week, 0, None, 40):
                assert await snapshots.at(tx, portfolio.at) == portfolio


async def test_closes_of_a_year_of_hours_are_sought_not_scanned(tmp_path: Path) -> None:
    head = {"trigger": "hourly", "state": "complete"}
    rows = [{"at": START + n * HOUR, "seq": n, "nav": Decimal(n), **head} for n in range(8766)]
    async with open_store(tmp_path, clock=fixed()) as store:
        await store.write(lambda tx: tx.execute(snapshot.insert(), rows))
        now, took = START + timedelta(days=365), []
        for limit in (30, 30, None, None):
            async with store.read() as tx:
                began = time.perf_counter()
                found = await snapshots.closes(tx, PARIS, now=now, limit=limit)
                took.append(time.perf_counter() - began)
            assert len(found) == (limit or 366)
    # on a quiet machine 1.5 and 5 ms; a scan of all heads alone takes 60
    assert min(took[:2]) < 0.015
    assert min(took[2:]) < 0.04
