"""Fetch after fetch in one process: memory, open files and tasks stay where they were.

Three hundred of them here; `LONG_RUN_ROUNDS=3000` before a release, which takes a minute.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.snapshots import PULL, STATUS, Snapshots
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.storage.store import open_store
from tests.service.fakes import Answer, FakeRates, FakeSource, Hands, collecting, down, settings

ROUNDS = int(os.environ.get("LONG_RUN_ROUNDS", "300"))
WARM_UP = 150
MEGABYTE = 1024 * 1024


def resident() -> int:
    """Bytes of this process that lie in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a Path for each would be counted work


def script(asset: str) -> list[Answer]:
    """Mostly well; now and then down, broken or odd."""
    well: list[Answer] = [{asset: f"{10 + number % 7}", "USDT": f"{1000 + number}"} for number in range(ROUNDS + 50)]
    for number in range(20, len(well), 37):
        well[number] = down(FailureKind.TIMEOUT)
    for number in range(30, len(well), 101):
        well[number] = {}
    return well


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.timeout(180)
async def test_hundreds_of_fetches_leave_nothing_behind(tmp_path: Path) -> None:
    clock = Hands(datetime(2026, 11, 20, 12, tzinfo=UTC))
    async with open_store(tmp_path, clock=clock) as store:
        sources = [FakeSource(name, *script(asset), clock=clock) for name, asset in (("bybit", "BTC"), ("okx", "ETH"))]
        collect, calendar = collecting(*sources, clock=clock), Calendar.of("Europe/Paris")
        timetable = Timetable(store, Preferences(store, clock, settings()), calendar, clock)
        snapshots = Snapshots(collect, store, FakeRates(), timetable, calendar=calendar, clock=clock)
        await snapshots.load()
        before = (0, 0, 0)
        for number in range(ROUNDS):
            clock.turn(seconds=61)
            await asyncio.gather(snapshots.take(PULL), snapshots.take(STATUS))
            if number == WARM_UP:
                gc.collect()
                before = resident(), open_files(), len(asyncio.all_tasks())
        gc.collect()
        after = resident(), open_files(), len(asyncio.all_tasks())
        await collect.close()
    assert sources[0].asked > ROUNDS * 0.9
    assert after[0] - before[0] <= 5 * MEGABYTE, f"{(after[0] - before[0]) / MEGABYTE:.1f} MB more"
    assert after[1:] == before[1:]
