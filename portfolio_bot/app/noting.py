"""Beside every complete snapshot: the prices of the benchmark's coins, after the report and never in its way."""

from __future__ import annotations

import asyncio

from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.service.benchmarks import Benchmarks

PATIENCE = 3.0
"""Seconds that the end of a program waits for prices that are being asked for."""


class Noting:
    """Notes prices one snapshot after the other."""

    def __init__(self, benchmarks: Benchmarks, patience: float = PATIENCE) -> None:
        self._benchmarks, self._patience = benchmarks, patience
        self._under_way: set[asyncio.Task[None]] = set()

    def heard(self, portfolio: Portfolio) -> None:
        """A snapshot was stored."""
        task = asyncio.create_task(self._benchmarks.note(portfolio), name="prices of the benchmark")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """What is under way may end soon; a command without a service would else never note anything."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=self._patience)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
