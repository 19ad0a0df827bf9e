"""Ten accounts of thirty assets, an hour apart, for ten years.

By default two months are stored in full and the file is reckoned up to ten years, whose heads are all there for the
queries; `--full` stores every one of the 87,660 snapshots, thins them, and takes ten minutes.
"""

from __future__ import annotations

import gc
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.storage import bodies, portfolio_body, snapshots
from portfolio_bot.storage.columns import micros
from portfolio_bot.storage.store import Store, Tx, open_store
from portfolio_bot.storage.tables import snapshot
from tests.bench import Measure, best_of
from tests.bench.market import HOUR, Market
from tests.bench.reports import watched

TEN_YEARS = 87_660
TWO_MONTHS = 1_461
START = datetime(2020, 2, 1, tzinfo=UTC)
PARIS = Calendar.of("Europe/Paris")
AT_ONCE = 200
MILLION = 1_000_000
APPEND_GOAL = 5.0
IN_A_ROW, LEAST_ROWS, ROWS = 10, 10, 30
"""Of so many appends the median counts, and of such rows the best."""


async def measure(*, full: bool) -> list[Measure]:
    """All figures of storage."""
    with tempfile.TemporaryDirectory() as folder:
        return await _run(Path(folder), full=full)


async def _run(folder: Path, *, full: bool) -> list[Measure]:
    gc.collect()
    gc.freeze()  # as the service does at its start
    stored = TEN_YEARS if full else TWO_MONTHS
    last = START + TEN_YEARS * HOUR
    hours = Market().hours(last - stored * HOUR, stored + ROWS * IN_A_ROW)
    async with open_store(folder, clock=lambda: last) as store:
        empty = _size(store)
        await fill(store, islice(hours, stored))
        await store.compact()
        ten_years = (_size(store) - empty) / stored * TEN_YEARS + empty
        await _add_heads(store, TEN_YEARS - stored)
        appended, by_hand = await _rows(store, hours, _PlainAppends(folder / "plain.db", last))
        name = "file, ten years" if full else "file, ten years, reckoned from two months"
        measures = [
            Measure(name, ten_years / MILLION, "MB", 220, "a row for each holding 2,308 MB"),
            Measure("append one snapshot", appended, "ms", APPEND_GOAL, f"plain sqlite3 {by_hand:.2f} ms"),
            Measure("append, times plain sqlite3", appended / by_hand, "x", 5),
            await _taken("newest snapshot whole", lambda: _newest(store)),
            await _taken("30 day closes", lambda: _closes(store, last, 30), 3),
            await _taken("ten years of closes", lambda: _closes(store, last, None), 40, "read all, pick: 133 ms"),
            await _taken("ten years of hours", lambda: _points(store, last)),
            await _late("closes", lambda: _closes(store, last, None)),
            await _late("hours", lambda: _points(store, last)),
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


async def _rows(store: Store, hours: Iterator[Portfolio], plain: _PlainAppends) -> tuple[float, float]:
    """Ours and the plain one by turns, so that both meet the same neighbours; the best of each."""
    ours, by_hand = list[float](), list[float]()
    while len(ours) < LEAST_ROWS or (len(ours) < ROWS and min(ours) > APPEND_GOAL):
        ours.append(await _appended(store, hours))
        by_hand.append(await plain.row())
    return min(ours), min(by_hand)


async def _appended(store: Store, hours: Iterator[Portfolio]) -> float:
    return median([await _timed(partial(_add, store, portfolio)) for portfolio in islice(hours, IN_A_ROW)])


class _PlainAppends:
    """The same bodies and rows through the standard library alone, as safely written."""

    def __init__(self, file: Path, at: datetime) -> None:
        self._portfolios = Market().hours(at, 1000)
        self._key = portfolio_body.encode(next(self._portfolios))
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.executescript(
            "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE head(at INTEGER PRIMARY KEY, seq INTEGER UNIQUE, nav TEXT, rub TEXT);"
            "CREATE TABLE value(at, account, nav, PRIMARY KEY(at, account)) WITHOUT ROWID;"
            "CREATE TABLE body(at INTEGER PRIMARY KEY, body BLOB); CREATE TABLE key(day INTEGER PRIMARY KEY, body BLOB)"
        )
        self._connection.execute("INSERT INTO key VALUES (1, ?)", [bodies.pack(self._key)])

    async def row(self) -> float:
        """Milliseconds of one, the median of some in a row."""
        return median([await _timed(partial(self._add, portfolio)) for portfolio in islice(self._portfolios, IN_A_ROW)])

    async def _add(self, portfolio: Portfolio) -> None:
        at, connection = micros(portfolio.at), self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT max(at), max(seq) FROM head").fetchone()
        connection.execute("INSERT INTO head VALUES (?, ?, '1234567.12345678', '96296235.62')", [at, at])
        rows = [(at, f"account{account}", "123456.12345678") for account in range(10)]
        connection.executemany("INSERT INTO value VALUES (?, ?, ?)", rows)
        (stored_key,) = connection.execute("SELECT body FROM key").fetchone()
        body = bodies.pack(portfolio_body.encode(portfolio), bodies.unpack(stored_key))
        connection.execute("INSERT INTO body VALUES (?, ?)", [at, body])
        connection.execute("COMMIT")


def _size(store: Store) -> int:
    assert store.file is not None
    with closing(sqlite3.connect(store.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store.file.stat().st_size


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


async def _taken(
    name: str, work: Callable[[], Awaitable[None]], goal: float | None = None, beside: str = ""
) -> Measure:
    return Measure(name, await best_of(lambda: _timed(work), goal or 0, most=10), "ms", goal, beside)


async def _late(what: str, work: Callable[[], Awaitable[None]]) -> Measure:
    async def attempt() -> float:
        async with watched() as late:
            await work()
        return late.wall * 1000

    return Measure(f"loop late, ten years of {what}", await best_of(attempt, 40), "ms", 40)
