"""From values and instants to pixels: round ticks, and no more points than can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from portfolio_bot.report.numbers import CONTEXT

_STEPS: Final = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight way from values to pixels.

    Attributes:
        low, high: values, low < high.
        start, end: where they are drawn.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value is drawn."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def span_of(values: Sequence[Decimal], least: Decimal) -> tuple[Decimal, Decimal]:
    """From where to where an axis has to go.

    Args:
        values: at least one.
        least: the axis spans no less, so that what hardly moves looks so.
    """
    low, high = min(values), max(values)
    room = CONTEXT.multiply(CONTEXT.subtract(high, low), Decimal("0.04"))
    low, high = CONTEXT.subtract(low, room), CONTEXT.add(high, room)
    lacking = CONTEXT.subtract(least, CONTEXT.subtract(high, low))
    if lacking > 0:
        half = CONTEXT.divide(lacking, Decimal(2))
        low, high = CONTEXT.subtract(low, half), CONTEXT.add(high, half)
    return low, high


def step_for(low: Decimal, high: Decimal, most: int) -> Decimal:
    """The smallest of 1, 2, 5, 10, 20, … that has no more than so many multiples between (most >= 2)."""
    rough = CONTEXT.divide(CONTEXT.subtract(high, low), Decimal(max(most, 2)))
    size = Decimal(1).scaleb(rough.adjusted() - 1)
    while True:
        for step in _STEPS:
            if len(_multiples(low, high, step * size)) <= most:
                return step * size
        size = size.scaleb(1)


def ticks(low: Decimal, high: Decimal, most: int = 6) -> list[Decimal]:
    """Round values between two others, both included, ascending; at most so many.

    Args:
        low, high: low < high.
    """
    return _multiples(low, high, step_for(low, high, most))


def _multiples(low: Decimal, high: Decimal, step: Decimal) -> list[Decimal]:
    first = CONTEXT.divide(low, step).to_integral_value(ROUND_CEILING)
    last = CONTEXT.divide(high, step).to_integral_value(ROUND_FLOOR)
    if last - first > 200:
        return [step] * 201  # too many to be written down, and surely more than anybody asked for
    return [CONTEXT.multiply(first + number, step) for number in range(int(last - first) + 1)]


def thinned(points: Sequence[tuple[float, float]], width: float) -> list[int]:
    """Which points to draw: at most about one for each pixel, the highest and the lowest of each two among them.

    Args:
        points: (x, y), x ascending, in pixels.
        width: of the drawing.

    Returns:
        Places, ascending; the first and the last one always.
    """
    if len(points) <= width:
        return list(range(len(points)))
    kept = {0, len(points) - 1}
    column, begin = None, 0
    for place, (x, _) in enumerate(points):
        if int(x // 2) != column:
            kept |= _extremes(points, begin, place)
            column, begin = int(x // 2), place
    return sorted(kept | _extremes(points, begin, len(points)))


def _extremes(points: Sequence[tuple[float, float]], begin: int, end: int) -> set[int]:
    places = range(begin, end)
    return (
        {min(places, key=lambda one: points[one][1]), max(places, key=lambda one: points[one][1])} if places else set()
    )
