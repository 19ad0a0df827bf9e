"""The service, from ready to stopped."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portfolio_bot.app import lifecycle, serve
from portfolio_bot.app.core import Core, open_core
from portfolio_bot.app.heart import Heart
from portfolio_bot.app.lifecycle import Part
from portfolio_bot.app.systemd import Systemd
from portfolio_bot.control.client import NoService, ask
from portfolio_bot.service.due import Due
from tests.app.conftest import settings
from tests.service.fakes import FakePostman

ROOT = Path(__file__).parents[2]


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[tuple[socket.socket, Systemd]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening, Systemd({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000000"})


def said(listening: socket.socket) -> list[str]:
    words = []
    while True:
        try:
            words.append(listening.recv(200).decode())
        except BlockingIOError:
            return words


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def serving(
    core: Core, systemd: Systemd | None = None, **parts: object
) -> tuple[asyncio.Task[int], asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(serve.run(core, systemd=systemd or Systemd({}), stop=stop, **parts))  # type: ignore[arg-type]
    await until(lambda: task.done() or (core.settings.data_dir / "control.sock").exists())
    return task, stop


async def test_it_is_ready_before_anybody_answered_then_collects_at_once(
    data_dir: Path, manager: tuple[socket.socket, Systemd]
) -> None:
    listening, systemd = manager
    async with open_core(settings(data_dir, demo=True), demo_latency=0.3) as core:
        before = core.snapshots.taken_at
        task, stop = await serving(core, systemd)
        await asyncio.sleep(0.05)
        assert said(listening)[0] == "READY=1"
        assert core.snapshots.taken_at == before
        await until(lambda: core.snapshots.taken_at != before)
        stop.set()
        assert await task == 0
    words = said(listening)
    assert words[-1] == "STOPPING=1"


async def test_the_manager_hears_a_heart_beat_and_a_status_without_figures(
    data_dir: Path, manager: tuple[socket.socket, Systemd]
) -> None:
    listening, systemd = manager
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        heart = Heart(systemd, core.store.ping, lambda: serve.status(core), every=0.02)
        stop = asyncio.Event()
        beating = asyncio.create_task(heart.serve(stop))
        words: list[str] = []

        def beats() -> int:
            words.extend(said(listening))
            return words.count("WATCHDOG=1")

        await until(lambda: beats() > 2)
        stop.set()
        await beating
    assert words.count("STATUS=6 accounts") == 1


async def test_no_beat_without_an_answer_of_the_database(
    manager: tuple[socket.socket, Systemd], caplog: pytest.LogCaptureFixture
) -> None:
    async def hangs() -> None:
        await asyncio.sleep(60)

    listening, systemd = manager
    stop = asyncio.Event()
    beating = asyncio.create_task(Heart(systemd, hangs, lambda: "", every=0.02, within=0.02).serve(stop))
    await asyncio.sleep(0.1)
    stop.set()
    await beating
    assert said(listening) == []
    assert caplog.text.count("the database does not answer") == 1


async def test_no_beat_while_the_scheduler_stands_still(manager: tuple[socket.socket, Systemd]) -> None:
    async def answers() -> None:
        return

    listening, systemd = manager
    ticking, stop = [False], asyncio.Event()
    heart = Heart(systemd, answers, lambda: "well", every=0.02, ticking=lambda: ticking[0])
    beating = asyncio.create_task(heart.serve(stop))
    await asyncio.sleep(0.1)
    assert said(listening) == []
    ticking[0] = True
    await asyncio.sleep(0.1)
    stop.set()
    await beating
    assert said(listening)[:2] == ["WATCHDOG=1", "STATUS=well"]


async def test_the_command_line_finds_it_and_does_not_after_the_stop(data_dir: Path) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        task, stop = await serving(core)
        await until(lambda: core.doctor.pulse.ticked_at is not None)
        health = await ask(data_dir / "demo", "health")
        assert isinstance(health, dict)
        assert (health["ok"], health["pid"]) == (True, os.getpid())
        stop.set()
        await task
    with pytest.raises(NoService):
        await ask(data_dir / "demo", "health")


async def test_a_signal_asks_for_the_stop(data_dir: Path) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        task, _ = await serving(core)
        os.kill(os.getpid(), signal.SIGTERM)
        assert await task == 0


async def test_a_part_that_breaks_ends_it_with_code_one(data_dir: Path) -> None:
    async def breaks(_: asyncio.Event) -> None:
        raise RuntimeError("out of order")

    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        task, _ = await serving(core, intake=[Part("bot", breaks)])
        assert await task == 1


async def test_with_somebody_to_push_to_the_first_report_is_queued(data_dir: Path) -> None:
    configured = settings(data_dir, {"WINDOW_START_HOUR": "0", "WINDOW_END_HOUR": "0"}, demo=True)
    async with open_core(configured, demo_latency=0) as core:
        core.snapshots.postman = postman = FakePostman()
        task, stop = await serving(core)
        await until(lambda: bool(postman.reports))
        stop.set()
        await task
    assert isinstance(postman.reports[0].due, Due)


SERVICE = """
import asyncio, pathlib, sys
from portfolio_bot.settings import load
from portfolio_bot.app import serve
from portfolio_bot.app.core import open_core
async def main():
    settings = load({}, data_dir=pathlib.Path(sys.argv[1]), demo=True)
    async with open_core(settings, demo_latency=float(sys.argv[2])) as core:
        print("open", flush=True)
        return await serve.run(core)
sys.exit(asyncio.run(main()))
"""


def started(folder: Path, latency: float) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(folder), str(latency)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    ends = time.monotonic() + 10
    while not (folder / "demo" / "control.sock").exists() and time.monotonic() < ends:
        time.sleep(0.01)
    time.sleep(0.3)
    return process


def test_a_stop_in_the_middle_of_a_report_ends_within_ten_seconds_with_code_zero(tmp_path: Path) -> None:
    with started(tmp_path, latency=60) as process:
        asked = time.monotonic()
        process.terminate()
        assert process.wait(timeout=10) == 0
    assert time.monotonic() - asked < 10


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    with started(tmp_path, latency=60) as process:
        process.terminate()
        time.sleep(0.2)
        asked = time.monotonic()
        process.terminate()
        assert process.wait(timeout=10) == 1
    assert time.monotonic() - asked < 1


def test_the_budgets_of_a_stop_fit_into_what_the_unit_allows() -> None:
    unit = (ROOT / "deploy" / "portfolio-bot.service").read_text()
    allowed = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    assert allowed is not None
    assert sum(lifecycle.BUDGETS) <= 10 < int(allowed[1])
