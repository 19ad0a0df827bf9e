"""Figures of performance: the services behind them, with the choices of the settings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from portfolio_bot.analytics.benchmark import Plan
from portfolio_bot.analytics.lot_moves import LotScope, UnknownBasis
from portfolio_bot.analytics.returns import Method
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.service.benchmarks import Benchmarks, CoinPrices
from portfolio_bot.service.charts import Charts
from portfolio_bot.service.explain import Explanations
from portfolio_bot.service.figures import Figures
from portfolio_bot.service.history import History
from portfolio_bot.service.past import Past
from portfolio_bot.service.performance import Performances
from portfolio_bot.service.profit import Profits, Rules
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage.store import Store

if TYPE_CHECKING:
    from portfolio_bot.settings.model import Analysis


def figures_of(
    analysis: Analysis,
    store: Store,
    transfers: Transfers,
    *,
    calendar: Calendar,
    clock: Clock,
    coins: CoinPrices | None = None,
) -> Figures:
    """The services, on what is stored.

    Args:
        coins: who can price the benchmark's coins now; None where nothing is to be asked.
    """
    past = Past(store, calendar, clock, transfers)
    plan = Plan(dict(analysis.benchmark), analysis.rebalance_day, analysis.rebalance_hour)
    benchmarks = Benchmarks(store, plan, coins)
    performances = Performances(
        past,
        store,
        calendar,
        method=Method(analysis.twr_method),
        risk_free_annual=analysis.risk_free_annual,
        benchmark=benchmarks,
    )
    rules = Rules(LotScope(analysis.lot_scope), UnknownBasis(analysis.unknown_basis), _start(analysis, calendar))
    profits = Profits(store, calendar, clock, transfers, rules)
    explanations = Explanations(store, calendar, performances, profits, Method(analysis.twr_method))
    return Figures(past, performances, profits, benchmarks, explanations, frozenset(analysis.tracked_assets))


def charts_of(analysis: Analysis, figures: Figures, history: History, calendar: Calendar) -> Charts:
    """Who draws them."""
    return Charts(figures, history.newest, calendar, method=Method(analysis.twr_method))


def _start(analysis: Analysis, calendar: Calendar) -> datetime | None:
    first = analysis.historical_start_date
    return None if first is None else calendar.start(first)
