"""Killed at any instant, nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from portfolio_bot.storage import snapshots
from portfolio_bot.storage.columns import instant_of
from portfolio_bot.storage.store import open_store
from tests.storage.builders import fixed
from tests.storage.kill_child import ACCOUNTS

KILLS = 30


def kill_once(child: subprocess.Popen[str], after: float) -> list[int]:
    """The instants that were acknowledged before the kill."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("go\n")
    child.stdin.flush()
    acknowledged: list[int] = []
    pid = 0
    for line in child.stdout:
        word, *value = line.split()
        if word == "dead":
            break
        if word == "pid":
            pid = int(value[0])
        else:
            acknowledged.append(int(value[0]))
        if pid and acknowledged:  # it is in full swing now
            time.sleep(after)
            os.kill(pid, signal.SIGKILL)
            pid = 0
    return acknowledged


@pytest.mark.timeout(60)
async def test_thirty_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(30)
    acknowledged: list[int] = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.storage.kill_child", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as child:
        for _ in range(KILLS):
            acknowledged += kill_once(child, chance.uniform(0, 0.06))
    assert len(acknowledged) >= KILLS

    with closing(sqlite3.connect(tmp_path / "portfolio.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = [at for (at,) in connection.execute("SELECT at FROM snapshot ORDER BY at")]
        (values,) = connection.execute("SELECT count(*) FROM account_value").fetchone()
    assert set(acknowledged) <= set(stored)
    assert values == len(stored) * len(ACCOUNTS)  # no snapshot by half
    async with open_store(tmp_path, clock=fixed()) as store, store.read() as tx:
        for at in stored:
            portfolio = await snapshots.at(tx, instant_of(at))
            assert portfolio is not None
            assert len(portfolio.accounts) == len(ACCOUNTS)
