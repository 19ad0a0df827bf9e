"""One process per data folder."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio_bot.app.lock import LockHeldError, one_instance

HOLDER = """
import asyncio, pathlib, sys
from portfolio_bot.app.lock import one_instance
async def hold():
    async with one_instance(pathlib.Path(sys.argv[1])):
        print("held", flush=True)
        await asyncio.sleep(60)
asyncio.run(hold())
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


async def test_a_second_one_is_told_the_number_of_the_first(tmp_path: Path, holder: subprocess.Popen[bytes]) -> None:
    with pytest.raises(LockHeldError, match=f"process {holder.pid}") as caught:
        async with one_instance(tmp_path, wait=0):
            pass
    assert caught.value.pid == holder.pid


async def test_the_lock_is_free_at_once_after_a_kill(tmp_path: Path, holder: subprocess.Popen[bytes]) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    async with one_instance(tmp_path, wait=0):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


async def test_it_waits_for_whoever_leaves_in_time(tmp_path: Path) -> None:
    async def hold_for_a_moment(held: asyncio.Event) -> None:
        async with one_instance(tmp_path):
            held.set()
            await asyncio.sleep(0.05)

    held = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold_for_a_moment(held))
        await held.wait()
        async with one_instance(tmp_path, wait=5):
            pass


async def test_whoever_waits_says_so_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with one_instance(tmp_path):
        with pytest.raises(LockHeldError):
            async with one_instance(tmp_path, wait=0.3):
                pass
    assert caplog.messages == [f"{tmp_path} is in use by process {os.getpid()}: waiting up to 0 s for it"]


async def test_waiting_leaves_the_number_of_the_holder_alone(tmp_path: Path) -> None:
    async with one_instance(tmp_path):
        with pytest.raises(LockHeldError):
            async with one_instance(tmp_path, wait=0.05):
                pass
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
