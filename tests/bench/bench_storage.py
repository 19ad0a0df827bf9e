"""Storage against its goals: ten accounts of thirty assets, an hour apart, for ten years.

By default two months are stored in full and the file is reckoned up to ten years, whose heads are all there for the
queries; `run(full=True)` stores every one of the 87,660 snapshots, thins them, and takes ten minutes.
"""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from statistics import median

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.storage import bodies, portfolio_body, snapshots
from portfolio_bot.storage.columns import micros
from portfolio_bot.storage.store import Store, Tx, open_store
from portfolio_bot.storage.tables import snapshot
from tests.bench import Measure
from tests.bench.market import HOUR, Market

TEN_YEARS = 87_660
TWO_MONTHS = 1_461
START = datetime(2020, 2, 1, tzinfo=UTC)
PARIS = Calendar.of("Europe/Paris")
AT_ONCE = 200
MILLION = 1_000_000


def run(*, full: bool = False) -> list[Measure]:
    """All figures of storage."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder), full=full))


async def _run(folder: Path, *, full: bool) -> list[Measure]:
    gc.collect()
    gc.freeze()  # as the service does at its start
    stored = TEN_YEARS if full else TWO_MONTHS
    last = START + TEN_YEARS * HOUR
    hours = Market().hours(last - stored * HOUR, stored + 100)
    async with open_store(folder, clock=lambda: last) as store:
        empty = _size(store)
        await fill(store, islice(hours, stored))
        await store.compact()
        ten_years = (_size(store) - empty) / stored * TEN_YEARS + empty
        await _add_heads(store, TEN_YEARS - stored)
        later = list(hours)
        appended = [await _timed(lambda p=p: _add(store, p)) for p in later]  # type: ignore[misc]
        measures = [
            Measure("file, ten years" + ("" if full else " (reckoned)"), ten_years / MILLION, "MB", 220),
            Measure("append one snapshot", median(appended), "ms", 5),
            Measure(
                "append, times plain sqlite3", median(appended) / _plain_append(folder / "plain.db", later), "x", 5
            ),
            Measure("newest snapshot whole", await _best(lambda: _newest(store)), "ms", None),
            Measure("30 day closes", await _best(lambda: _closes(store, last, 30)), "ms", 3),
            Measure("ten years of closes", await _best(lambda: _closes(store, last, None)), "ms", 40),
            Measure("ten years of hours", await _best(lambda: _points(store, last), 3), "ms", None),
            Measure("loop late during ten years of hours", await _lateness(lambda: _points(store, last)), "ms", 40),
        ]
        if full:
            measures += await _thinned(store, last)
    return measures


async def fill(store: Store, portfolios: Iterator[Portfolio]) -> None:
    """Store them all, some hundred in a transaction."""
    while batch := list(islice(portfolios, AT_ONCE)):

        async def add(tx: Tx, batch: list[Portfolio] = batch) -> None:
            for portfolio in batch:
                await snapshots.add(tx, portfolio, trigger="hourly")

        await store.write(add)


async def _add_heads(store: Store, count: int) -> None:
    """Heads of the hours before those that are stored in full."""
    for first in range(0, count, 10_000):
        rows = [
            {
                "at": START + n * HOUR,
                "seq": -n - 1,
                "trigger": "hourly",
                "state": "complete",
                "nav": Decimal("1234567.12345678") + n,
                "rub": Decimal("96296235.6296284") + n,
            }
            for n in range(first, min(first + 10_000, count))
        ]
        await store.write(lambda tx, rows=rows: tx.execute(snapshot.insert(), rows))  # type: ignore[misc]


async def _add(store: Store, portfolio: Portfolio) -> None:
    await store.write(lambda tx: snapshots.add(tx, portfolio, trigger="hourly"))


async def _newest(store: Store) -> None:
    async with store.read() as tx:
        assert await snapshots.newest(tx) is not None


async def _closes(store: Store, now: datetime, limit: int | None) -> None:
    async with store.read() as tx:
        found = await snapshots.closes(tx, PARIS, now=now, limit=limit)
    assert len(found) == limit or len(found) > 3600


async def _points(store: Store, until: datetime) -> None:
    async with store.read() as tx:
        assert len(await snapshots.nav_points(tx, START, until)) > 80_000


async def _thinned(store: Store, now: datetime) -> list[Measure]:
    before = PARIS.day(now) - timedelta(days=365)
    took = []
    removed = 1
    while removed:
        began = time.perf_counter()
        removed = await store.write(lambda tx: snapshots.thin(tx, PARIS, before=before))
        took.append((time.perf_counter() - began) * 1000)
    await store.compact()
    return [
        Measure("file, ten years, RETENTION_DAYS=365", _size(store) / MILLION, "MB", 45),
        Measure("thinning, longest transaction", max(took), "ms", None),
    ]


def _plain_append(file: Path, portfolios: list[Portfolio]) -> float:
    """Milliseconds for the same bodies and rows through the standard library alone, as safely written."""
    key = portfolio_body.encode(portfolios[0])
    packed_key = bodies.pack(key)
    took = []
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE head(at INTEGER PRIMARY KEY, seq INTEGER UNIQUE, nav TEXT, rub TEXT);"
            "CREATE TABLE value(at, account, nav, PRIMARY KEY(at, account)) WITHOUT ROWID;"
            "CREATE TABLE body(at INTEGER PRIMARY KEY, body BLOB); CREATE TABLE key(day INTEGER PRIMARY KEY, body BLOB)"
        )
        connection.execute("INSERT INTO key VALUES (1, ?)", [packed_key])
        for n, portfolio in enumerate(portfolios):
            at, began = micros(portfolio.at), time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("SELECT max(at), max(seq) FROM head").fetchone()
            connection.execute("INSERT INTO head VALUES (?, ?, '1234567.12345678', '96296235.62')", [at, n])
            rows = [(at, f"account{account}", "123456.12345678") for account in range(10)]
            connection.executemany("INSERT INTO value VALUES (?, ?, ?)", rows)
            (stored_key,) = connection.execute("SELECT body FROM key").fetchone()
            body = bodies.pack(portfolio_body.encode(portfolio), bodies.unpack(stored_key))
            connection.execute("INSERT INTO body VALUES (?, ?)", [at, body])
            connection.execute("COMMIT")
            took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _size(store: Store) -> int:
    assert store.file is not None
    with closing(sqlite3.connect(store.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store.file.stat().st_size


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


async def _best(work: Callable[[], Awaitable[None]], times: int = 7) -> float:
    """The median of some tries, the first left out."""
    await work()
    return median([await _timed(work) for _ in range(times)])


async def _lateness(work: Callable[[], Awaitable[None]]) -> float:
    """How late the loop was at most while this ran, in milliseconds."""
    worst = 0.0
    task = asyncio.ensure_future(work())
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        worst = max(worst, (time.perf_counter() - began) * 1000 - 1)
    await task
    return worst


if __name__ == "__main__":
    for measure in run(full="--full" in sys.argv):
        goal = "" if measure.goal is None else f"   goal {measure.goal:g}{'' if measure.reached else '   MISSED'}"
        print(f"{measure.name:45} {measure.value:10.2f} {measure.unit}{goal}")
