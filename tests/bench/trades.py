"""A million trades through FIFO, streamed from SQLite by a process of its own, which says what it took.

python -m tests.bench.trades FOLDER COUNT
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import resource
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portfolio_bot.model.days import Calendar
from portfolio_bot.service.profit import Profits
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage.columns import micros
from portfolio_bot.storage.store import open_store
from tests.bench import Measure
from tests.bench.reports import watched

MILLION = 1_000_000
BEGAN = datetime(2020, 2, 1, tzinfo=UTC)
APART = timedelta(minutes=4)
_AGAIN = 10
"""Coins that are traded: each has open lots at every moment."""

_INSERT = (
    "INSERT INTO trade(account,id,at,side,base,quote,amount,cost,price,market,usd,usd_source,priced_at,priced,tried_at,"
    "fees,origin,stream,realised,detail) VALUES (?,?,?,?,?,'USDT',?,?,?,'spot',?,'venue_history',?,1,NULL,?,'venue',"
    "'spot',NULL,'')"
)


async def measure(*, full: bool) -> list[Measure]:
    """Time, memory and what it grows like."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        small, large = Path(name) / "small", Path(name) / "large"
        for folder, count in ((small, MILLION // 10), (large, MILLION)):
            folder.mkdir()
            async with open_store(folder, clock=_now) as store:
                assert store.file is not None
                _fill(store.file, count)
        few = await _in_a_process(small)
        many = await _in_a_process(large)
    return [
        Measure("FIFO, a million trades, processor", many["cpu"], "s", 5, "100,000 by rp2 22.7 s, beancount 20.5 s"),
        Measure("times that of a tenth of them", many["cpu"] / few["cpu"], "x", 12),
        Measure("memory over the start", many["grown"], "MB", 20, "a list of them 680 MB"),
        Measure("loop late meanwhile, 99 of 100", many["late99"], "ms", 10),
        Measure("loop late meanwhile, at most", many["late"], "ms", 40),
    ]


async def _in_a_process(folder: Path) -> dict[str, float]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.trades", str(folder), stdout=asyncio.subprocess.PIPE
    )
    told, _ = await child.communicate()
    assert child.returncode == 0
    found: dict[str, float] = json.loads(told)
    return found


def _fill(file: Path, count: int) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.executemany(_INSERT, _rows(count))
        connection.commit()


def _rows(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(5)
    step = micros(BEGAN + APART) - micros(BEGAN)
    for number in range(count):
        at = micros(BEGAN) + number * step
        price, amount = chance.randrange(20_000, 90_000), chance.randrange(1, 90_000) / 10**5
        side = "buy" if number % (2 * _AGAIN) < _AGAIN else "sell"
        cost = amount * price
        fee = f'[["USDT","{cost * 0.001:.5f}"]]'
        yield (
            "bybit", str(10**9 + number), at, side, f"COIN{number % _AGAIN}", f"{amount:.5f}", f"{cost:.4f}",
            str(price), f"{cost * 1.0002:.6f}", at, fee,
        )  # fmt: skip


def _now() -> datetime:
    return BEGAN + (MILLION + 1) * APART


async def _count(folder: Path) -> dict[str, float]:
    calendar = Calendar.of("UTC")
    async with open_store(folder, clock=_now, read_only=True) as store:
        profits = Profits(store, calendar, _now, Transfers(store, calendar, _now))
        await profits.newest()
        gc.collect()
        gc.freeze()
        before, began = _now_used(), time.process_time()
        async with watched() as late:
            view = await profits.over(until=_now())
        took = time.process_time() - began
    assert view.end.residual == 0
    lateness = {"late": late.wall * 1000, "late99": late.percentile(99) * 1000}
    return {"cpu": took, "grown": max(_peak() - before, 0) / 1024, **lateness}


def _now_used() -> float:
    """kB of memory in use."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024


def _peak() -> int:
    """kB, the most that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_count(Path(sys.argv[1])))))
