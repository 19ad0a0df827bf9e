"""Figures of performance as screens and exports show them: filled by services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolio_bot.analytics.attribution import Explained
from portfolio_bot.analytics.benchmark import Plan, State
from portfolio_bot.analytics.performance import Performance
from portfolio_bot.model.figure import Figure, Unknown
from portfolio_bot.model.money import Currency
from portfolio_bot.report.profit_view import ProfitView


@dataclass(frozen=True, slots=True)
class BenchmarkFigures:
    """How the benchmark did from one instant to another, in USD.

    Attributes:
        value: what it is worth at the end; None while a price is missing.
        returned: its time-weighted return.
        held: the same without rebalancing.
        outperformance: (NAV - benchmark) / benchmark, of the period.
        outperformance_twr: the same of the two time-weighted returns.
    """

    value: Decimal | None
    returned: Figure
    held: Figure
    outperformance: Figure
    outperformance_twr: Figure


@dataclass(frozen=True, slots=True)
class BenchmarkView:
    """The benchmark over a period, in USD.

    Attributes:
        plan: what it is made of, and when it is rebalanced.
        nav: what the portfolio is worth at the end.
        twr: the portfolio's time-weighted return, since the basket's start.
        figures: how the two compare.
        states: the basket at every valuation from its start on; empty while it has no prices.
    """

    plan: Plan
    nav: Decimal
    twr: Figure
    figures: BenchmarkFigures
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """A period.

    Attributes:
        window: as it was asked for; "" for two instants.
        currency: of every amount.
        figures: all of them.
        why: the change taken apart; None where there is no change to explain.
        benchmark: None where none is followed, or not in this currency.
    """

    window: str
    currency: Currency
    figures: Performance
    why: Explained | None = None
    benchmark: BenchmarkFigures | None = None

    @property
    def ends(self) -> tuple[datetime, datetime] | None:
        """The instants that it goes from and to; None where there is no period."""
        period = self.figures.period
        return None if isinstance(period, Unknown) else (period.start.at, period.end.at)


@dataclass(frozen=True, slots=True)
class GainView:
    """Why value changed in a period, and the profit of its lots, which are counted in USD."""

    change: PerformanceView
    lots: ProfitView
