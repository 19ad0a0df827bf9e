"""Beside every complete snapshot: the prices of the benchmark's coins, after the report and never in its way."""

from __future__ import annotations

from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.service.benchmarks import Benchmarks
from portfolio_bot.service.under_way import UnderWay

PATIENCE = 3.0
"""Seconds that the end of a program waits for prices that are being asked for."""


class Noting:
    """Notes prices one snapshot after the other."""

    def __init__(self, benchmarks: Benchmarks, patience: float = PATIENCE) -> None:
        self._benchmarks, self._patience = benchmarks, patience
        self._under_way = UnderWay()

    def heard(self, portfolio: Portfolio) -> None:
        """A snapshot was stored."""
        self._under_way.begin(self._benchmarks.note(portfolio), name="prices of the benchmark")

    async def close(self) -> None:
        """What is under way may end soon; a command without a service would else never note anything."""
        await self._under_way.close(self._patience)
