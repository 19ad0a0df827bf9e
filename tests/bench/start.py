"""Cold processes: what a person waits for before the first word."""

from __future__ import annotations

import resource
import sys
import time
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import Measure, best_of
from tests.e2e.program import environment

COMMANDS = (
    (("--help",), 0.25, "argparse with twenty commands 0.04 s"),
    (("report", "--demo"), 0.8, ""),
    (("balance", "--json"), 1.0, "plain imports of everything 5.0 s"),
)


async def measure(**_: bool) -> list[Measure]:
    """Each command's best wall time and CPU time, and how many empty interpreters it is worth."""
    program = str(Path(sys.executable).parent / "portfolio-bot")
    with TemporaryDirectory() as folder:
        bare = await best_of(lambda: _seconds([sys.executable, "-c", "pass"], folder), 0.0, most=5)
        found = [Measure("python -c pass", bare, "s")]
        for words, goal, beside in COMMANDS:
            burnt: list[float] = []

            async def attempt(words: tuple[str, ...] = words, burnt: list[float] = burnt) -> float:
                before = _cpu()
                seconds = await _seconds([program, *words], folder)
                burnt.append(_cpu() - before)
                return seconds

            taken = await best_of(attempt, goal * 0.7, least=5, most=20, pause=0.3)
            times = f"{taken / bare:.0f} x an empty one, {min(burnt):.2f} s of CPU"
            found.append(Measure(" ".join(words), taken, "s", goal, "; ".join(filter(None, (times, beside)))))
    return found


async def _seconds(words: list[str], folder: str) -> float:
    started = time.perf_counter()
    process = await create_subprocess_exec(*words, cwd=folder, env=environment(TZ="UTC"), stdout=DEVNULL)
    if await process.wait():
        raise SystemExit(f"{' '.join(words)} failed")
    return time.perf_counter() - started


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
