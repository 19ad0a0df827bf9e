"""Everything that answers how well it went, from what is stored. None of it asks a source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from portfolio_bot.analytics.series import Kept
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.report.figures_views import BenchmarkView, GainView, PerformanceView
from portfolio_bot.report.profit_view import ProfitView
from portfolio_bot.service.benchmarks import Benchmarks
from portfolio_bot.service.explain import Explanations
from portfolio_bot.service.past import Past
from portfolio_bot.service.performance import Performances, Window
from portfolio_bot.service.profit import Profits


@dataclass(frozen=True, slots=True)
class Figures:
    """The services, and what takes two of them.

    Attributes:
        tracked: the only assets whose profit is listed; all if empty. Sums are of everything all the same.
    """

    past: Past
    performances: Performances
    profits: Profits
    benchmarks: Benchmarks
    explanations: Explanations
    tracked: frozenset[Asset] = frozenset()

    async def gain(self, window: Window, currency: Kept = "USD") -> GainView:
        """Why value changed in a period, and the profit of its lots.

        Args:
            currency: of the first; lots are counted in USD.
        """
        change = await self.performances.over(window, currency)
        return GainView(change, await self.lots(window))

    async def lots(self, window: Window) -> ProfitView:
        """Profit of lots in a period; what ends after the newest there is ends with that."""
        newest = await self.profits.newest()
        if newest is None:
            return await self.profits.over(window.name)
        view = await self._lots(window, newest)
        return self._narrowed(view) if self.tracked else view

    async def _lots(self, window: Window, newest: datetime) -> ProfitView:
        until = None if window.until is None or window.until >= newest else window.until
        since = window.begin(newest)
        if since is not None:
            since = min(since, until or newest)
        return await self.profits.over(window.name, since=since, until=until)

    def _narrowed(self, view: ProfitView) -> ProfitView:
        assets = tuple(one for one in view.end.assets if one.asset in self.tracked)
        return replace(view, end=replace(view.end, assets=assets))

    async def basket(self, window: Window) -> tuple[PerformanceView, BenchmarkView | None]:
        """The portfolio over a period in USD, and the benchmark beside it: where there is one value, its beginning."""
        found = await self.performances.over(window)
        if isinstance(found.figures.period, Unknown):
            book, _ = await self.performances.measured(window)
            values = book.track.valuations
            return found, await self.benchmarks.begun(values[0]) if len(values) == 1 else None
        return found, await self.benchmarks.view(found.figures)
