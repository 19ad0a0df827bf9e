"""The service as a process: its first poll, its memory, a report over its slowest source, the loop's longest stall.

Nine sources answer every request after 200 ms, from a process of their own (this one).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import Measure
from tests.e2e.program import ROOT, Program, environment, several
from tests.peers.faults import late
from tests.peers.telegram import TOKEN, TelegramPeer, telegram_peer

DELAY = 0.2
NINE = ("bybit", "okx", "binance", "kraken", "krakenfutures", "kucoin", "gateio", "mexc", "tbank")
TWO = ("bybit", "okx")
OWNER = 7001
REPORTS = 8


async def measure() -> list[Measure]:
    """Everything about the running service."""
    found = await _reports()
    for sources, goal in ((TWO, 120.0), (NINE, 130.0)):
        found += await _process(sources, goal)
    return found


async def _reports() -> list[Measure]:
    """One process, nine sources: each alone, then all at once."""
    async with _slow(*NINE) as settings:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.reports", cwd=ROOT, env=environment(**settings),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
    figures = json.loads(out)
    path, reports = figures["alone"], figures["reports"]
    return [
        Measure("critical path: slowest source alone", path, "s", None),
        Measure("report, nine sources at 200 ms", min(reports), "s", None),
        Measure("report / critical path", min(reports) / path, "x", 1.1),
        Measure("longest loop stall in a report", figures["stall"] * 1000, "ms", 40.0),
    ]


async def _process(sources: tuple[str, ...], goal: float) -> list[Measure]:
    """`portfolio-bot run`, from its start to its eighth report."""
    label = f"{len(sources)} sources"
    with TemporaryDirectory() as folder:
        async with _slow(*sources) as settings, telegram_peer() as telegram:
            settings |= {
                "TELEGRAM_BOT_TOKEN": TOKEN,
                "TELEGRAM_CHAT_ID": str(OWNER),
                "TELEGRAM_BASE_URL": telegram.url,
                "WINDOW_START_HOUR": "0",
                "WINDOW_END_HOUR": "0",
            }
            user = telegram.user(OWNER)
            started = time.monotonic()
            async with Program(Path(folder), settings).running("run") as process:
                await telegram.until(lambda: telegram.made("getUpdates"), 30)
                poll = time.monotonic() - started
                await telegram.until(lambda: _reports_in(telegram), 30)
                report = time.monotonic() - started
                await asyncio.sleep(3)
                idle = _resident(process.pid, "VmRSS")
                for number in range(REPORTS):
                    user.says("/pull")
                    await telegram.until(partial(_has, telegram, number + 2), 40)
                await asyncio.sleep(1)
                after, peak = _resident(process.pid, "VmRSS"), _resident(process.pid, "VmHWM")
    return [
        Measure(f"first poll, {label}", poll, "s", 2.0),
        Measure(f"first report, {label}", report, "s", 2.5),
        Measure(f"memory idle, {label}", idle, "MB", goal),
        Measure(f"memory after {REPORTS} reports, {label}", after, "MB", 155.0),
        Measure(f"memory at its peak, {label}", peak, "MB", 190.0),
    ]


def _reports_in(telegram: TelegramPeer) -> list[object]:
    return [shown for shown in telegram.messages(OWNER) if "$" in shown.text]


def _has(telegram: TelegramPeer, number: int) -> bool:
    return len(_reports_in(telegram)) >= number


@asynccontextmanager
async def _slow(*sources: str) -> AsyncIterator[dict[str, str]]:
    """Settings that lead to sources which take their time."""
    async with AsyncExitStack() as stack:
        settings, peers = await stack.enter_async_context(several(*sources))
        for peer in peers.values():
            peer.fail(late(DELAY))
        yield settings


def _resident(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":")) / 1024
