"""From figures to curves: pure, and done beside the loop where the past is long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Final

from portfolio_bot.analytics.benchmark import State
from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.performance import Performance, Track
from portfolio_bot.analytics.returns import DayReturn, Method, daily_returns
from portfolio_bot.analytics.series import Closing, Period, Valuation
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Known, Unknown
from portfolio_bot.report.charts.views import ChartKind, Crossing, MonthReturn, Spot

BY_HOUR: Final = timedelta(days=8)
"""Periods up to this long are drawn with every value there is, longer ones by their day closes."""

_ONE = Decimal(1)
_DAY = timedelta(days=1)
_JUST_BEFORE = timedelta(milliseconds=1)


def marks_of(track: Track, period: Period, calendar: Calendar) -> list[Closing]:
    """The values that a picture shows: the period's two ends, and the closes between; in a short one all."""
    if period.end.at - period.start.at <= BY_HOUR:
        return [_closing(one, calendar) for one in period.valuations]
    inside = {one.at for one in period.valuations}
    found = {close.valuation.at: close for close in track.closings if close.valuation.at in inside}
    for one in (period.start, period.end):
        found.setdefault(one.at, _closing(one, calendar))
    return [found[at] for at in sorted(found)]


def _closing(one: Valuation, calendar: Calendar) -> Closing:
    # the close of a day that is known by its date alone stands at the first instant of the next one
    return Closing(calendar.day(one.at - _JUST_BEFORE), one)


def curve_of(kind: ChartKind, marks: Sequence[Closing], found: Performance, method: Method) -> tuple[Spot, ...]:
    """The curve; empty where its figure is unknown.

    Args:
        found: the figures of the period, which has one.
    """
    period = found.period
    if isinstance(period, Unknown) or len(marks) < 2:
        return ()
    if kind is ChartKind.WORTH:
        return tuple(worth_curve(marks))
    if isinstance(found.max_drawdown if kind is ChartKind.DRAWDOWN else found.twr, Unknown):
        return ()
    steps = daily_returns(marks, period.valuations, period.flows, method)
    return tuple(return_curve(steps) if kind is ChartKind.TWR else fall_curve(steps))


def worth_curve(marks: Sequence[Closing]) -> Iterator[Spot]:
    """What everything was worth."""
    yield Spot(*_of(marks[0].valuation))
    for before, here in pairwise(marks):
        yield Spot(*_of(here.valuation), after_gap=here.day - before.day > _DAY)


def _of(one: Valuation) -> tuple[datetime, Decimal]:
    return one.at, one.value


@at_fifty_digits
def return_curve(steps: Sequence[DayReturn]) -> list[Spot]:
    """The return since the beginning: a fraction; it stands still where a step has none."""
    if not steps:
        return []
    level, found = _ONE, [Spot(steps[0].start, Decimal(0))]
    for one in steps:
        if isinstance(one.percent, Known):
            level *= 1 + one.percent.value
        found.append(Spot(one.end, level - 1, after_gap=one.span_days > 1))
    return found


@at_fifty_digits
def fall_curve(steps: Sequence[DayReturn]) -> list[Spot]:
    """How far it was below its peak so far: fractions <= 0."""
    found, peak = list[Spot](), _ONE
    for spot in return_curve(steps):
        level = 1 + spot.value
        peak = max(peak, level)
        found.append(spot._replace(value=level / peak - 1 if peak else Decimal(-1)))
    return found


@at_fifty_digits
def beside_curve(kind: ChartKind, states: Iterable[State], curve: Sequence[Spot]) -> tuple[Spot, ...]:
    """The benchmark at the instants of a curve; where it begins later, its return begins at the height of the curve."""
    height = {spot.at: spot.value for spot in curve}
    found: list[Spot] = []
    base, gap = _ONE, False
    for state in states:
        if state.at not in height:
            continue
        value = state.basket.value if kind is ChartKind.WORTH else state.basket.twr
        if isinstance(value, Unknown):
            gap = True
            continue
        if kind is ChartKind.TWR:
            base = base if found else (1 + height[state.at]) / (1 + value) if value > -1 else _ONE
            value = base * (1 + value) - 1
        found.append(Spot(state.at, value, after_gap=gap and bool(found)))
        gap = False
    return tuple(found) if len(found) > 1 else ()


def crossings_of(period: Period) -> tuple[Crossing, ...]:
    """What came in or went out."""
    return tuple(Crossing(flow.at, flow.amount > 0) for flow in period.flows)


def missing_of(marks: Sequence[Closing]) -> tuple[tuple[date, date], ...]:
    """Days between that have no complete close, as stretches."""
    return tuple(
        (before.day + _DAY, here.day - _DAY) for before, here in pairwise(marks) if here.day - before.day > _DAY
    )


@at_fifty_digits
def by_month(days: Iterable[DayReturn]) -> dict[tuple[int, int], MonthReturn]:
    """Returns of months, linked from those of days.

    A return over several days counts in the month in which it ends.

    Args:
        days: oldest first.
    """
    return {
        month: _linked(list(inside), *_borders(*month))
        for month, inside in groupby(days, key=lambda one: (one.day.year, one.day.month))
    }


@at_fifty_digits
def by_year(months: dict[tuple[int, int], MonthReturn]) -> dict[int, MonthReturn]:
    """Returns of years, linked from those of months."""
    found: dict[int, MonthReturn] = {}
    for year, inside in groupby(sorted(months), key=lambda month: month[0]):
        parts = [months[month] for month in inside]
        level = _ONE
        for one in parts:
            level *= 1 + (one.value or 0)
        known = any(one.value is not None for one in parts)
        found[year] = MonthReturn(level - 1 if known else None, len(parts) < 12 or any(one.partly for one in parts))
    return found


def _linked(days: Sequence[DayReturn], first: date, last: date) -> MonthReturn:
    level, known = _ONE, [one.percent.value for one in days if isinstance(one.percent, Known)]
    for value in known:
        level *= 1 + value
    whole = days[0].since == first - _DAY and days[-1].day == last and len(known) == len(days)
    return MonthReturn(level - 1 if known else None, not whole)


def _borders(year: int, month: int) -> tuple[date, date]:
    """The first and the last day of a month."""
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after - _DAY
