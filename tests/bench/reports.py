"""Run as a process of its own by `tests.bench.service`: each source alone, then reports of all; JSON on its output."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio_bot.app.core import open_core
from portfolio_bot.settings import load
from tests.peers.measure import loop_stall

PAUSE = 11.0
"""Seconds until Kraken's window of calls is empty again."""


async def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        settings = load(data_dir=Path(folder))
        async with open_core(settings, patient=True) as core:
            sources = core.collect.sources()
            for source in sources.values():  # the first reading of each signs, imports and connects
                await source.read()
            gc.collect()
            gc.freeze()
            await asyncio.sleep(PAUSE)
            alone = 0.0
            for source in sources.values():
                started = time.perf_counter()
                await source.read()
                alone = max(alone, time.perf_counter() - started)
            reports, stall = [], 0.0
            for _ in range(3):
                await asyncio.sleep(PAUSE)
                async with loop_stall() as seen:
                    started = time.perf_counter()
                    await core.collect.collect(max_age=timedelta(0), forced=True)
                    reports.append(time.perf_counter() - started)
                stall = max(stall, seen.longest)
            print(json.dumps({"alone": alone, "reports": reports, "stall": stall}))


if __name__ == "__main__":
    asyncio.run(main())
