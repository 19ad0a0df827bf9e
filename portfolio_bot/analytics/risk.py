"""Risk, from daily returns that flows do not disturb: drawdown on their index, deviation per year of 365 days.

We sample every day of the week, weekends included, so a year has 365 returns, for broker accounts too. Drawdown is
exact; the others are floats inside, since a square root is irrational anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from math import fsum, sqrt

from portfolio_bot.analytics.digits import at_fifty_digits, from_float
from portfolio_bot.analytics.returns import YEAR, DayReturn, IndexPoint
from portfolio_bot.model.figure import Figure, Known, Note, Reason, Unknown
from portfolio_bot.model.money import ZERO

ENOUGH = 30
"""Returns under which a statistic is marked as one of a short sample."""

_NO_DEVIATION = 1e-12
"""Deviations under this part of the largest return are rounding, not risk."""

_LEVEL = Decimal("1e-40")
"""Two values of the index that differ by less than this part are equal: chained returns are rounded at 50 digits."""


@dataclass(frozen=True, slots=True)
class UnderWater:
    """A stretch below an earlier peak.

    Attributes:
        since: the last day at the peak.
        until: the first day at the old peak again; None while it lasts.
        days: from `since` to the last close below the peak.
    """

    since: date
    until: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall from a peak, as fractions of it.

    Attributes:
        depth: ≤ 0; −0.1 is 10 % under the peak.
        peak: the day of the peak; the start counts as one.
        trough: the day of the lowest close under it; the same day where nothing ever fell.
        recovery: the first day at the old peak again; None while it lasts, and where nothing ever fell.
        current: ≤ 0, the distance of the last close from the highest.
        longest: the longest stretch under water; None where nothing ever fell.
        notes: `undefined_left_out` where the index stands still over days without a return.
    """

    depth: Decimal
    peak: date
    trough: date
    recovery: date | None
    current: Decimal
    longest: UnderWater | None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Ratios:
    """Statistics of daily returns, per year.

    Attributes:
        volatility: sample standard deviation × √year, a fraction.
        downside: root mean square of what fell short, over all days, × √year, a fraction.
        sharpe: mean excess over the risk-free rate, in deviations.
        sortino: the same in downside deviations.
    """

    volatility: Figure
    downside: Figure
    sharpe: Figure
    sortino: Figure


@at_fifty_digits
def drawdown(index: Sequence[IndexPoint], notes: Iterable[Note] = ()) -> Drawdown | Unknown:
    """The deepest drawdown of an index of returns, never of raw NAV: a withdrawal is no loss.

    Args:
        index: > 0 at its first point, days ascending.
        notes: handed on, from `index_notes`.

    Returns:
        Of equally deep ones the first; Unknown (`too_few_returns`) for fewer than two points.
    """
    if len(index) < 2:
        return Unknown(Reason.TOO_FEW_RETURNS)
    peak = left = worst_peak = trough = last_below = index[0]
    worst = fall = ZERO
    recovery: date | None = None
    stretches: list[UnderWater] = []
    for point in index[1:]:
        if point.value < peak.value * (1 - _LEVEL):
            last_below, fall = point, point.value / peak.value - 1
            if fall < worst:
                worst, worst_peak, trough, recovery = fall, peak, point, None
            continue
        if fall:
            stretches.append(UnderWater(left.day, point.day, (last_below.day - left.day).days))
            recovery = point.day if worst_peak is peak else recovery
        # of equal peaks the first one counts, unless the index has been under water since
        risen = point.value > peak.value * (1 + _LEVEL)
        peak, left, fall = (point if fall or risen else peak), point, ZERO
    if fall:
        stretches.append(UnderWater(left.day, None, (last_below.day - left.day).days))
    return Drawdown(
        depth=worst,
        peak=worst_peak.day,
        trough=trough.day,
        recovery=recovery if worst else None,
        current=fall,
        longest=max(stretches, key=lambda stretch: stretch.days, default=None),
        notes=tuple(dict.fromkeys(notes)),
    )


def index_notes(returns: Iterable[DayReturn]) -> tuple[Note, ...]:
    """What has to be said beside figures of the index of these returns."""
    undefined = any(isinstance(one.percent, Unknown) for one in returns)
    return (Note.UNDEFINED_LEFT_OUT,) if undefined else ()


@at_fifty_digits
def ratios(
    returns: Iterable[DayReturn],
    *,
    risk_free_annual: Decimal = ZERO,
    least_annual: Decimal | None = None,
    periods: int = YEAR,
) -> Ratios:
    """Volatility, Sharpe and Sortino of daily returns.

    Returns over several days are left out (`gaps_left_out`), and so are days without one. Fewer than 30 are a
    `short_sample`. Sources: Sharpe 1994; Sortino as Rollinger and Hoffman put it, the mean over all days.

    Args:
        returns: in any order.
        risk_free_annual: a fraction per year, > −1.
        least_annual: the return that a day must reach not to fall short, per year; None for the risk-free one.
        periods: returns a year: 365 for ours.

    Returns:
        Unknown for fewer than two returns, and where a ratio has nothing to divide by (`zero_deviation`).
    """
    sample, notes = _sample(returns)
    if len(sample) < 2:
        missing = Unknown(Reason.TOO_FEW_RETURNS)
        return Ratios(missing, missing, missing, missing)
    # each day's excess is taken before floats come in, so that equal returns stay equal
    excess = _over(sample, risk_free_annual, periods)
    surplus = excess if least_annual is None else _over(sample, least_annual, periods)
    mean, root = fsum(excess) / len(excess), sqrt(periods)
    deviation = sqrt(fsum([(one - mean) ** 2 for one in excess]) / (len(excess) - 1))
    if deviation <= _NO_DEVIATION * float(max(map(abs, sample))):
        deviation = 0.0
    short = sqrt(fsum([min(0.0, one) ** 2 for one in surplus]) / len(surplus))

    def known(number: float) -> Figure:
        return Known(from_float(number), notes)

    def ratio(numerator: float, denominator: float) -> Figure:
        return known(numerator / denominator * root) if denominator else Unknown(Reason.ZERO_DEVIATION)

    return Ratios(
        volatility=known(deviation * root),
        downside=known(short * root),
        sharpe=ratio(mean, deviation),
        sortino=ratio(fsum(surplus) / len(surplus), short),
    )


def _sample(returns: Iterable[DayReturn]) -> tuple[list[Decimal], tuple[Note, ...]]:
    """The daily returns among these, and what has to be said about the sample."""
    sample: list[Decimal] = []
    notes: list[Note] = []
    for one in returns:
        if isinstance(one.percent, Unknown):
            notes.append(Note.UNDEFINED_LEFT_OUT)
        elif one.span_days > 1:
            notes.append(Note.GAPS_LEFT_OUT)
        else:
            sample.append(one.percent.value)
            notes += [note for note in one.percent.notes if note is not Note.GAP]
    short = (Note.SHORT_SAMPLE,) if len(sample) < ENOUGH else ()
    return sample, tuple(dict.fromkeys(chain(notes, short)))


def _over(sample: Iterable[Decimal], annual: Decimal, periods: int) -> list[float]:
    daily = (1 + annual) ** (Decimal(1) / periods) - 1 if annual else ZERO
    return [float(one - daily) for one in sample]
