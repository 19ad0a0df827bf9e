"""What became of the money: its worth over a period, the benchmark beside it, and what came in or went out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from portfolio_bot.report.charts.axes import (
    CURVE,
    THIN,
    End,
    Plot,
    Sheet,
    drawn,
    ended,
    marked,
    plotted,
    room_for,
)
from portfolio_bot.report.charts.canvas import Canvas
from portfolio_bot.report.charts.labels import index_labels, money_labels
from portfolio_bot.report.charts.theme import theme_of
from portfolio_bot.report.charts.views import CurveView, Spot
from portfolio_bot.report.numbers import CONTEXT
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

_LEAST: Final = Decimal("0.01")
"""The axis spans at least so much of the largest value: what hardly moved looks so."""


def worth(view: CurveView, reader: Reader, sheet: Sheet, beside: str) -> str:
    """The picture; `view.curve` holds money, and has a point at least. Without amounts it becomes an index.

    Args:
        beside: what the benchmark is called.
    """
    voice, canvas = Voice.of(reader), Canvas(theme_of(light=reader.light))
    told = view.indexed() if reader.percent_only else view
    curve, other = told.curve, told.beside
    sheet.put(canvas)

    def label(values: Sequence[Decimal]) -> list[str]:
        return index_labels(voice, values) if reader.percent_only else money_labels(voice, values, view.currency)

    def last(spot: Spot) -> str:
        if reader.percent_only:
            return voice.numbers.ratio(spot.value)
        return voice.numbers.headline(spot.value, view.currency)

    names = [End(0, (last(curve[-1]),), canvas.theme.main, bold=True)]
    names += [End(0, (beside, last(other[-1])), canvas.theme.beside)] if other else []
    least = CONTEXT.multiply(max(spot.value.copy_abs() for spot in curve), _LEAST) or Decimal(1)
    plot = plotted(canvas, voice.numbers, [*curve, *other], least=least, label=label, room=room_for(names))
    return _curves(canvas, plot, view, (curve, other), names)


def _curves(
    canvas: Canvas, plot: Plot, view: CurveView, curves: tuple[Sequence[Spot], Sequence[Spot]], names: Sequence[End]
) -> str:
    curve, other = curves
    if len(other) > 1:
        drawn(canvas, plot, other, canvas.theme.beside, THIN)
    points = drawn(canvas, plot, curve, canvas.theme.main, CURVE)
    marked(canvas, plot, curve, view.crossings)
    ends = [End(points[-1][1], names[0].lines, names[0].colour, bold=True)]
    ends += [End(plot.at(other[-1])[1], names[1].lines, names[1].colour)] if other else []
    canvas.dot(points[-1], 8, canvas.theme.main)
    ended(canvas, points[-1][0] + 16 if len(curve) > 1 else points[-1][0] + 20, ends)
    return canvas.svg()
