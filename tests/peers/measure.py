"""What a piece of work costs the process: the longest stall of the loop, the growth of memory."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

STATUS = Path("/proc/self/status")
RESET_PEAK = Path("/proc/self/clear_refs")


@dataclass(slots=True)
class Growth:
    """Peak of resident memory above the start, in MB; 0 where the system doesn't tell (no Linux)."""

    megabytes: float = 0.0


@contextmanager
def memory_growth() -> Iterator[Growth]:
    """How far resident memory rises at most while the block runs."""
    growth = Growth()
    gc.collect()
    with contextlib.suppress(OSError):
        RESET_PEAK.write_text("5")  # the peak begins anew
    before = _kilobytes("VmRSS")
    yield growth
    growth.megabytes = max(0.0, (_kilobytes("VmHWM") - before) / 1024)


def _kilobytes(name: str) -> int:
    if not STATUS.exists():
        return 0
    return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith(name + ":"))


@dataclass(slots=True)
class Stall:
    """The longest time for which the loop ran one thing and nothing else, in seconds of this thread's own time."""

    longest: float = 0.0


@asynccontextmanager
async def loop_stall(tick: float = 0.001) -> AsyncIterator[Stall]:
    """Watch the loop while the block runs.

    Counted is the time of the thread, not of the wall, so that a busy machine is no stall; collections of garbage,
    which come when they come, are put off.
    """
    stall = Stall()

    async def watch() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(tick)
            stall.longest = max(stall.longest, time.thread_time() - before)

    gc.disable()
    watcher = asyncio.create_task(watch())
    await asyncio.sleep(0)
    try:
        yield stall
    finally:
        await asyncio.sleep(0)
        watcher.cancel()
        gc.enable()
