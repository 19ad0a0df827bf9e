"""`run` and `demo` as processes: ready, asked by their command line, alone in their folder, stopped in good order."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from portfolio_bot.cli import outcome
from tests.e2e.program import Program
from tests.peers.telegram import TOKEN, telegram_peer

OWNER = 5512


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, {"DEMO_MODE": "true", "WINDOW_START_HOUR": "0", "WINDOW_END_HOUR": "0"})


async def printed(process: asyncio.subprocess.Process, words: str) -> None:
    """Wait until a process has printed something."""
    assert process.stdout
    async with asyncio.timeout(20):
        while words not in (line := (await process.stdout.readline()).decode()):
            assert line, "it ended before"


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, float]:
    """Ask it to stop; its exit code and the seconds it took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.wait(), 15)
    return process.returncode, time.monotonic() - began


async def test_without_a_terminal_the_demo_prints_its_report_and_goes_on_serving(program: Program) -> None:
    async with program.running("demo") as service:
        await printed(service, "Demo: simulated accounts")
        health = (await program("healthcheck", "--json")).json
        assert health["ok"] is True
        assert health["pid"] == service.pid
        assert (await program("pull", "--json")).json["demo"] is True
        code, seconds = await ended(service)
    assert (code, seconds < 10) == (outcome.GOOD, True)
    assert (await program("healthcheck")).code == outcome.FAILED


async def test_a_second_service_on_the_same_folder_ends_at_once_and_names_the_first(program: Program) -> None:
    async with program.running("demo") as service:
        await printed(service, "Demo: simulated accounts")
        second = await program("demo", patience=15)
    assert second.code == outcome.FAILED
    assert f"process {service.pid}" in second.err


async def test_the_demo_talks_on_a_terminal_until_control_d(program: Program) -> None:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "portfolio_bot", "demo", "--scenario", "outage",
        cwd=program.folder, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    os.close(theirs)
    try:
        seen = await read_until(ours, r"\[1\]")
        assert "Kraken*" in seen
        os.write(ours, b"/history\n")
        await read_until(ours, r"at the last close")
        os.write(ours, b"\x04")
        assert await asyncio.wait_for(process.wait(), 15) == outcome.GOOD
    finally:
        os.close(ours)


async def read_until(descriptor: int, pattern: str, seconds: float = 20) -> str:
    """What a terminal shows, until a pattern is in it."""
    os.set_blocking(descriptor, False)
    seen = ""
    async with asyncio.timeout(seconds):
        while not re.search(pattern, seen):
            try:
                seen += os.read(descriptor, 65536).decode()
            except BlockingIOError:
                await asyncio.sleep(0.02)
    return seen


@asynccontextmanager
async def manager(program: Program) -> AsyncIterator[socket.socket]:
    """A service manager that listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(program.folder / "notify"))
        listening.setblocking(False)
        program.settings["NOTIFY_SOCKET"] = str(program.folder / "notify")
        yield listening


async def test_run_is_ready_answers_in_telegram_and_stops(program: Program) -> None:
    async with telegram_peer() as peer, manager(program) as listening:
        owner = peer.user(OWNER)
        program.settings |= {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_BASE_URL": peer.url, "TELEGRAM_CHAT_ID": str(OWNER),
        }  # fmt: skip
        async with program.running("run") as service:
            loop = asyncio.get_running_loop()
            assert await asyncio.wait_for(loop.sock_recv(listening, 100), 20) == b"READY=1"
            owner.says("/status")
            await peer.until(lambda: any("crypto" in m.text for m in peer.messages(OWNER) if m.own), 20)
            assert (await program("healthcheck")).code == outcome.GOOD
            code, seconds = await ended(service)
            assert service.stderr
            log = (await service.stderr.read()).decode()
    assert (code, seconds < 10) == (outcome.GOOD, True)
    assert TOKEN not in log
    assert TOKEN.split(":")[1] not in log


async def test_set_up_mode_tells_the_number_to_put_into_the_settings(program: Program) -> None:
    async with telegram_peer() as peer:
        somebody = peer.user(OWNER)
        program.settings |= {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_BASE_URL": peer.url}
        async with program.running("run"):
            somebody.says("/start")
            await peer.until(lambda: any(f"TELEGRAM_CHAT_ID={OWNER}" in m.text for m in peer.messages(OWNER)), 20)


async def test_a_report_can_be_sent_without_a_service(program: Program) -> None:
    async with telegram_peer() as peer:
        peer.user(OWNER)
        program.settings |= {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_BASE_URL": peer.url, "TELEGRAM_CHAT_ID": str(OWNER),
        }  # fmt: skip
        done = await program("report", "--send", "--json")
        assert (done.code, done.json["demo"]) == (outcome.GOOD, True)
        assert len([message for message in peer.messages(OWNER) if message.own]) == 1
