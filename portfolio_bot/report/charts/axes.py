"""What curves have in common: the title, the two axes, and what stands at the end of a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

from portfolio_bot.report.charts.canvas import HEIGHT, WIDTH, XY, Canvas, cut, fitting, width_of
from portfolio_bot.report.charts.moments import time_ticks
from portfolio_bot.report.charts.scale import Scale, span_of, thinned, ticks
from portfolio_bot.report.charts.views import Crossing, Spot
from portfolio_bot.report.numbers import Numbers

MARGIN: Final = 40
TOP: Final = 166
BOTTOM: Final = HEIGHT - 74
LABEL: Final = 26
END: Final = 32
"""Sizes of letters: at an axis, and at the end of a line."""

CURVE: Final = 5.0
THIN: Final = 3.0
_SHORTEST_DASH: Final = 7
"""Pixels: a stretch without a close that is shorter cannot be seen as dashed."""

_MARK, _MARKS_APART = 11, 26


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands around a picture.

    Attributes:
        title: the answer, the figure first.
        below: from when to when.
        watermark: that the accounts are simulated; "" where they are not.
    """

    title: str
    below: str
    watermark: str = ""

    def put(self, canvas: Canvas) -> None:
        """On paper."""
        room = float(WIDTH - 2 * MARGIN)
        size = fitting(self.title, 50, room, least=32, bold=True)
        canvas.text((MARGIN, 74), cut(self.title, size, room, bold=True), size, bold=True)
        if self.watermark:
            mark = cut(self.watermark, LABEL, room / 2)
            canvas.text((WIDTH - MARGIN, 120), mark, LABEL, fill=canvas.theme.other, anchor="end")
            room -= width_of(mark, LABEL) + MARGIN
            big = fitting(self.watermark, 96, WIDTH - 4 * MARGIN, bold=True)
            canvas.text((WIDTH / 2, HEIGHT / 2 + 80), self.watermark, big, anchor="middle", bold=True, opacity=0.07)
        canvas.text((MARGIN, 120), cut(self.below, LABEL, room), LABEL, fill=canvas.theme.quiet)


@dataclass(frozen=True, slots=True)
class End:
    """What stands at the end of a line.

    Attributes:
        y: where the line ends.
        lines: the figure, and over it a name where there is one.
    """

    y: float
    lines: tuple[str, ...]
    colour: str
    bold: bool = False

    @property
    def width(self) -> float:
        """How much room it takes."""
        return max(width_of(line, self.size, bold=self.bold) for line in self.lines)

    @property
    def size(self) -> float:
        """Of its letters."""
        return END if self.bold else LABEL


@dataclass(frozen=True, slots=True)
class Plot:
    """The room between the axes."""

    x: Scale
    y: Scale

    def at(self, spot: Spot) -> XY:
        """Where a point is drawn."""
        return self.x(spot.at.timestamp()), self.y(float(spot.value))


def plotted(
    canvas: Canvas,
    numbers: Numbers,
    spots: Sequence[Spot],
    *,
    least: Decimal,
    label: Callable[[Sequence[Decimal]], list[str]],
    room: float,
    zero: bool = False,
) -> Plot:
    """The axes for points, with their lines and labels.

    Args:
        spots: of all curves, one at least; the time axis goes from the earliest to the latest.
        least: the value axis spans no less.
        label: of the ticks of the value axis.
        room: pixels to keep free right of the curve, for what stands at its end.
        zero: the value axis begins or ends there.
    """
    values = [spot.value for spot in spots] + ([Decimal(0)] if zero else [])
    low, high = span_of(values, least)
    if zero and max(values) == 0:
        high = Decimal(0)
    marks = ticks(low, high)
    labels = label(marks)
    left = MARGIN + max((width_of(one, LABEL) for one in labels), default=0.0) + 16
    first, last = min(spot.at for spot in spots), max(spot.at for spot in spots)
    right = WIDTH - MARGIN - room
    y = Scale(float(low), float(high), BOTTOM, TOP)
    x = Scale(first.timestamp(), last.timestamp(), left, right)
    if first == last:
        x = Scale(first.timestamp() - 1, first.timestamp() + 1, left, right)
    theme = canvas.theme
    for value, text in zip(marks, labels, strict=True):
        strong = value == 0
        canvas.line((left, y(float(value))), (right, y(float(value))), theme.quiet if strong else theme.grid, 2)
        canvas.text((left - 16, y(float(value)) + 9), text, LABEL, fill=theme.quiet, anchor="end")
    for tick in time_ticks(numbers, first, last, lambda at: x(at.timestamp()), size=LABEL, right=WIDTH - 8):
        canvas.line((tick.x, BOTTOM + 2), (tick.x, BOTTOM + 10), theme.quiet, 2)
        canvas.text((tick.x, BOTTOM + 44), tick.label, LABEL, fill=theme.quiet, anchor="middle")
    return Plot(x, y)


def drawn(canvas: Canvas, plot: Plot, spots: Sequence[Spot], colour: str, width: float) -> list[XY]:
    """A curve: dashed where days without a complete close lie in it, a dot where it has one point.

    Returns:
        Its points, as drawn.
    """
    points = [plot.at(spot) for spot in spots]
    if len(points) == 1:
        canvas.dot(points[0], 9, colour)
        return points
    kept = thinned(points, abs(plot.x.end - plot.x.start))
    run: list[XY] = []
    for before, here in pairwise(kept):
        run = run or [points[before]]
        holed = any(spot.after_gap for spot in spots[before + 1 : here + 1])
        if holed and points[here][0] - points[before][0] >= _SHORTEST_DASH:
            if len(run) > 1:
                canvas.path(run, colour, width)
            canvas.path([points[before], points[here]], colour, width, dashed=True)
            run = [points[here]]
        else:
            run.append(points[here])
    if len(run) > 1:
        canvas.path(run, colour, width)
    return points


def marked(canvas: Canvas, plot: Plot, spots: Sequence[Spot], crossings: Sequence[Crossing]) -> None:
    """Triangles on a curve: up below it where something came in, down above it where something went out.

    Those that would lie on one another are one.
    """
    last: dict[bool, float] = {}
    for one in crossings:
        x = plot.x(one.at.timestamp())
        if not spots or not spots[0].at <= one.at <= spots[-1].at or x - last.get(one.incoming, -1e9) < _MARKS_APART:
            continue
        last[one.incoming] = x
        y, side = plot.y(_between(spots, one.at)), 1 if one.incoming else -1
        corners = [
            (x, y + side * 6),
            (x - _MARK, y + side * (6 + 1.7 * _MARK)),
            (x + _MARK, y + side * (6 + 1.7 * _MARK)),
        ]
        canvas.shape(corners, canvas.theme.main if one.incoming else canvas.theme.other)


def _between(spots: Sequence[Spot], at: datetime) -> float:
    """The value of a curve at an instant, on the straight line between its two points."""
    low, high = 0, len(spots) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if spots[middle].at <= at else (low, middle)
    before, after = spots[low], spots[high]
    if after.at <= before.at:
        return float(before.value)
    part = (at - before.at) / (after.at - before.at)
    return float(before.value) + (float(after.value) - float(before.value)) * part


def room_for(ends: Sequence[End]) -> float:
    """Pixels right of the curves for what stands at their ends."""
    return max(end.width for end in ends) + 18


def ended(canvas: Canvas, x: float, ends: Sequence[End]) -> None:
    """Figures at the ends of lines, moved apart where they would lie on one another."""
    gap, heights = 10.0, [sum(end.size * 1.15 for _ in end.lines) for end in ends]
    order = sorted(range(len(ends)), key=lambda place: ends[place].y)
    tops: dict[int, float] = {}
    below = float(TOP - END)
    for place in order:
        tops[place] = max(ends[place].y - heights[place] / 2, below)
        below = tops[place] + heights[place] + gap
    over = BOTTOM + END / 2
    for place in reversed(order):
        tops[place] = min(tops[place], over - heights[place])
        over = tops[place] - gap
    for place, end in enumerate(ends):
        for number, line in enumerate(end.lines):
            y = tops[place] + end.size * (0.88 + 1.15 * number)
            canvas.text((x, y), line, end.size, fill=end.colour, bold=end.bold, halo=True)
