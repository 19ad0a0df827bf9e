"""Pasts that pictures are made of: told by a few numbers, measured by the real mathematics."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from portfolio_bot.analytics.benchmark import Flow as BasketFlow
from portfolio_bot.analytics.benchmark import Plan, Tick, follow
from portfolio_bot.analytics.performance import Track, measure
from portfolio_bot.analytics.returns import Method, daily_returns
from portfolio_bot.analytics.series import Closing, Flow, Valuation
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Figure, Known, Unknown
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.report.charts.bars import bars
from portfolio_bot.report.charts.months import months
from portfolio_bot.report.charts.returns import drawdown, returns
from portfolio_bot.report.charts.views import ChartKind, CurveView, MonthsView, Spot
from portfolio_bot.report.charts.worth import worth
from portfolio_bot.report.compose.curves import beside_name, curve_sheet, months_sheet
from portfolio_bot.report.compose.split import split, split_sheet
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.chart_views import (
    beside_curve,
    by_month,
    by_year,
    crossings_of,
    curve_of,
    marks_of,
    missing_of,
)

PARIS = Calendar.of("Europe/Paris")
NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
TODAY = date(2026, 11, 20)


@dataclass
class Past:
    """A past, day by day."""

    track: Track
    prices: dict[datetime, Decimal] = field(default_factory=dict)
    drawn: dict[tuple[ChartKind, str, bool], CurveView] = field(default_factory=dict)
    """Curves that were worked out before: the same ones are drawn in many forms."""


def reader(*, language: str = "en", light: bool = False, percent_only: bool = False, **more: object) -> Reader:
    told = Reader(PARIS, "Europe/Paris", NOW, language=language, light=light, percent_only=percent_only)
    return replace(told, **more)  # type: ignore[arg-type]


def past(
    days: int,
    *,
    seed: int = 7,
    start: float = 40_000,
    drift: float = 0.0012,
    noise: float = 0.015,
    flows: Sequence[tuple[int, float]] = (),
    without: Sequence[int] = (),
) -> Past:
    """So many closes up to now.

    Args:
        flows: days ago, and how much came in (+) or went out (-).
        without: days ago that have no close.
    """
    chance, value, price = random.Random(seed), start, 100.0
    crossed = dict(flows)
    closes: list[Closing] = []
    given: list[Flow] = []
    prices: dict[datetime, Decimal] = {}
    for ago in range(days - 1, -1, -1):
        day = TODAY - timedelta(days=ago)
        at = NOW if ago == 0 else PARIS.end(day) - timedelta(minutes=5)
        step = chance.gauss(drift, noise)
        value *= 1 + step
        price *= 1 + 0.7 * step + chance.gauss(0, noise / 2)
        if ago in crossed:
            value += crossed[ago]
            given.append(Flow(at - timedelta(hours=9), Decimal(str(crossed[ago]))))
        if ago not in without:
            closes.append(Closing(day, Valuation(at, Decimal(f"{value:.2f}"))))
            prices[at] = Decimal(f"{price:.4f}")
    return Past(Track(tuple(one.valuation for one in closes), tuple(closes[:-1]), tuple(given)), prices)


def hourly(hours: int, *, seed: int = 3) -> Past:
    """A value of every hour."""
    chance, value = random.Random(seed), 45_000.0
    found = []
    for ago in range(hours - 1, -1, -1):
        value *= 1 + chance.gauss(0, 0.003) + 0.001 * math.sin(ago / 9)
        found.append(Valuation(NOW - timedelta(hours=ago), Decimal(f"{value:.2f}")))
    return Past(Track(tuple(found)))


def only(*values: float) -> Past:
    """A close a day of these values."""
    found = past(len(values), noise=0)
    told = [replace(one, value=Decimal(str(value))) for one, value in zip(found.track.valuations, values, strict=True)]
    closes = [replace(one, valuation=told[place]) for place, one in enumerate(found.track.closings)]
    return Past(Track(tuple(told), tuple(closes)), found.prices)


def view_of(kind: ChartKind, told: Past, *, currency: str = "USD", benchmark: bool = True) -> CurveView:
    """The curve of a whole past."""
    wanted = (kind, currency, benchmark)
    if wanted not in told.drawn:
        told.drawn[wanted] = _view_of(kind, told, currency, benchmark=benchmark)
    return told.drawn[wanted]


def _view_of(kind: ChartKind, told: Past, currency: str, *, benchmark: bool) -> CurveView:
    found = measure(told.track, PARIS)
    period = found.period
    if isinstance(period, Unknown):
        spots = tuple(Spot(one.at, one.value) for one in told.track.valuations)
        return CurveView("all", currency, found, spots if kind is ChartKind.WORTH else ())
    marks = marks_of(told.track, period, PARIS)
    curve = curve_of(kind, marks, found, Method.AUTO)
    beside: tuple[Spot, ...] = ()
    returned: Figure | None = None
    if benchmark and told.prices and kind is not ChartKind.DRAWDOWN:
        ticks = [Tick(one.at, one.value, {"BTC": told.prices[one.at]}) for one in period.valuations]
        states = follow(
            Plan({"BTC": Decimal(1)}),
            ticks,
            [BasketFlow(str(place), one.at, one.amount) for place, one in enumerate(period.flows)],
        )
        beside = beside_curve(kind, states, curve)
        last = states[-1].basket.twr if states else Unknown("no_price")
        returned = last if isinstance(last, Unknown) else Known(last)
    return CurveView(
        "all", currency, found, curve, beside, ("BTC", "ETH") if beside else (), returned,
        crossings_of(period), missing_of(marks),
    )  # fmt: skip


def curve_svg(kind: ChartKind, told: Past, who: Reader, **more: bool) -> str:
    """The picture of a whole past."""
    view = view_of(kind, told, currency="RUB" if who.currency == "RUB" else "USD", **more)
    sheet = curve_sheet(kind, view, who)
    beside = beside_name(Voice.of(who), view)
    if kind is ChartKind.WORTH:
        return worth(view, who, sheet, beside)
    return returns(view, who, sheet, beside) if kind is ChartKind.TWR else drawdown(view, who, sheet)


@cache
def _months_of(track: Track) -> MonthsView:
    found = by_month(daily_returns(track.closings, track.valuations, track.flows))
    return MonthsView("USD", found, by_year(found))


def months_of(told: Past) -> MonthsView:
    """The months of a whole past."""
    return _months_of(told.track)


def months_svg(told: Past, who: Reader) -> str:
    view = months_of(told)
    return months(view, who, months_sheet(view, who))


def split_svg(kind: ChartKind, portfolio: Portfolio, who: Reader) -> str:
    view = split(kind, portfolio, who)
    return bars(view.bars, who, split_sheet(view))
