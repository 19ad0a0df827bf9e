"""Every figure over ten years of days, in the time of a blink."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from time import process_time

from portfolio_bot.analytics.irr import MoneyWeighted, money_weighted
from portfolio_bot.analytics.returns import annualised, daily_returns, index, twr
from portfolio_bot.analytics.risk import drawdown, index_notes, ratios
from portfolio_bot.analytics.series import Closing, Flow, Period, Valuation, cut
from portfolio_bot.model.figure import Known
from tests.analytics.examples import START

DAYS = 3650
GENEROUS = 0.5
"""Seconds of processor time; some 0.04 are needed on an idle machine."""


def ten_years() -> tuple[list[Closing], list[Flow]]:
    """A walk with a deposit a month and a withdrawal a year, in amounts of eight decimals."""
    random, value = Random(5), 10_000.0
    closes, flows = [], []
    for day in range(DAYS):
        at = START + timedelta(days=day)
        closes.append(Closing(date(2026, 1, 1) + timedelta(days=day), Valuation(at, Decimal(f"{value:.8f}"))))
        value *= 1 + random.gauss(0.0005, 0.03)
        if day % 30 == 7:
            amount = -0.2 * value if day % 360 == 7 else 500.0
            flows.append(Flow(at + timedelta(hours=11), Decimal(f"{amount:.8f}")))
            value += amount
    return closes, flows


def all_figures(closes: list[Closing], flows: list[Flow]) -> MoneyWeighted:
    """Everything that a performance report shows."""
    series = [close.valuation for close in closes]
    period = cut(series, flows)
    assert isinstance(period, Period)
    whole = twr(series, flows).figure
    assert isinstance(whole, Known)
    annualised(whole.value, period.days)
    days = daily_returns(closes, (), flows)
    drawdown(index(days), index_notes(days))
    ratios(days)
    return money_weighted(period)


def test_every_figure_over_ten_years_of_days_is_quick() -> None:
    closes, flows = ten_years()
    begun = process_time()
    found = all_figures(closes, flows)
    assert process_time() - begun < GENEROUS
    assert isinstance(found.annual, Known)
