"""One process with nine sources: each alone, then whole reports as `/pull` makes them.

`measure` starts this module as a process of its own, so that the sources' peers take no time from it, and reads the
JSON that it prints. It collects garbage as the service does: off during the imports, which are then frozen, on from
there. The loop is watched twice: by the wall, which is what a person waits for, and by the thread's own time, in which
other programs do not count.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio_bot.app.core import Core, open_core
from portfolio_bot.app.start import house, settle
from portfolio_bot.bot.commands.pull import pull
from portfolio_bot.bot.dialog import Request
from portfolio_bot.bot.render import for_telegram
from portfolio_bot.platforms.base import Source
from portfolio_bot.settings import load
from tests.bench import Measure

ROUNDS = 3
PAUSE = 11.0
"""Seconds until Kraken's window of calls is empty again."""


@dataclass(slots=True)
class Lateness:
    """The longest time for which the loop ran one thing and nothing else, in seconds."""

    wall: float = 0.0
    thread: float = 0.0
    every: list[float] = field(default_factory=list)

    def percentile(self, part: int) -> float:
        """So late or less it was at so many of a hundred looks."""
        found = sorted(self.every)
        return found[min(len(found) * part // 100, len(found) - 1)] if found else 0.0


async def measure(**_: bool) -> list[Measure]:
    """Start the process and read what it found."""
    from tests.bench.service import NINE, slow
    from tests.e2e.program import ROOT, environment

    async with slow(*NINE) as settings:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, cwd=ROOT, env=environment(**settings), stdout=asyncio.subprocess.PIPE
        )
        out = (await process.communicate())[0]
    found = json.loads(out)
    path, reports = found["path"], found["reports"]
    seconds = min(report["seconds"] for report in reports)
    return [
        Measure("critical path: the slowest source alone", path, "s", None, found["slowest"]),
        Measure("report / critical path", seconds / path, "x", 1.1, "by hand 1.03, markets loaded first 11 to 23"),
        Measure("loop late in a report, by the wall", 1000 * min(r["wall"] for r in reports), "ms", 40.0),
        Measure("loop late in a report, by the thread's time", 1000 * max(r["thread"] for r in reports), "ms", 40.0),
        Measure("CPU of a report", 1000 * min(report["cpu"] for report in reports), "ms", None, "by hand 62"),
    ]


async def main() -> None:
    """Measure and print."""
    import portfolio_bot.bot.telegram  # noqa: F401 - the service has it too

    with TemporaryDirectory() as folder:
        async with open_core(load(data_dir=Path(folder))) as core:
            settle()
            sources = core.collect.sources()
            # the first time they connect and ask what is asked only once; later it is as in any report
            alone = {account: await _alone(source) for account, source in sources.items()}
            await asyncio.sleep(PAUSE)
            alone = {account: min(alone[account], await _alone(source)) for account, source in sources.items()}
            slowest = max(alone, key=lambda account: alone[account])
            reports = []
            for _ in range(ROUNDS):
                await asyncio.sleep(PAUSE)
                reports.append(await _report(core))
    print(json.dumps({"slowest": slowest, "path": alone[slowest], "reports": reports}))


async def _alone(source: Source) -> float:
    started = time.perf_counter()
    await source.read()
    return time.perf_counter() - started


async def _report(core: Core) -> dict[str, float]:
    """Collect, value, store, compose, render: everything but the sending."""
    async with watched() as late:
        started, cpu = time.perf_counter(), time.process_time()
        answer = await pull(house(core), Request("", core.reader(), who="bench"))
        message = for_telegram(answer)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    failed = [account for account, state in core.collect.states().items() if state.failure is not None]
    if failed or "$" not in message.text:
        raise SystemExit(f"not a report: {failed} {message.text}")
    return {"seconds": seconds, "cpu": cpu, "wall": late.wall, "thread": late.thread}


@asynccontextmanager
async def watched(tick: float = 0.001) -> AsyncIterator[Lateness]:
    """How late the loop is at most while the block runs, as the garbage collector is set now."""
    late = Lateness()

    async def watch() -> None:
        while True:
            wall, thread = time.perf_counter(), time.thread_time()
            await asyncio.sleep(tick)
            late.every.append(time.perf_counter() - wall - tick)
            late.wall = max(late.wall, late.every[-1])
            late.thread = max(late.thread, time.thread_time() - thread)

    watcher = asyncio.create_task(watch())
    await asyncio.sleep(tick)
    try:
        yield late
    finally:
        await asyncio.sleep(tick)
        watcher.cancel()


if __name__ == "__main__":
    gc.disable()
    asyncio.run(main())
