"""How well it did: the time-weighted return over a period, and the benchmark's beside it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from portfolio_bot.report.charts.axes import CURVE, THIN, End, Sheet, drawn, ended, plotted, room_for
from portfolio_bot.report.charts.canvas import XY, Canvas
from portfolio_bot.report.charts.labels import percent_labels
from portfolio_bot.report.charts.theme import theme_of
from portfolio_bot.report.charts.views import CurveView, Spot
from portfolio_bot.report.numbers import CONTEXT
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

_LEAST: Final = Decimal("0.005")
_ROOM_BELOW: Final = Decimal("1.12")
"""How much deeper the axis goes than the curve, for the figure below its deepest point."""


def returns(view: CurveView, reader: Reader, sheet: Sheet, beside: str) -> str:
    """The picture; both curves hold fractions.

    Args:
        beside: what the benchmark is called.
    """
    voice, canvas = Voice.of(reader), Canvas(theme_of(light=reader.light))
    sheet.put(canvas)
    curves: list[tuple[Sequence[Spot], tuple[str, ...]]] = [(view.curve, (_last(voice, view.curve),))]
    if view.beside:
        curves.append((view.beside, (beside, _last(voice, view.beside))))
    colours = (canvas.theme.main, canvas.theme.beside)
    names = [End(0, lines, colours[place], bold=not place) for place, (_, lines) in enumerate(curves)]
    label = partial(percent_labels, voice)
    plot = plotted(
        canvas, voice.numbers, [*view.curve, *view.beside], least=_LEAST, label=label, room=room_for(names), zero=True
    )
    ends: list[End] = []
    for place, (spots, lines) in reversed(list(enumerate(curves))):
        points = drawn(canvas, plot, spots, colours[place], THIN if place else CURVE)
        ends.append(End(points[-1][1], lines, colours[place], bold=not place))
    canvas.dot(points[-1], 8, canvas.theme.main)
    ended(canvas, points[-1][0] + 16, ends)
    return canvas.svg()


def drawdown(view: CurveView, reader: Reader, sheet: Sheet) -> str:
    """How far it was below its peak: filled below zero; the curve holds fractions <= 0."""
    voice, canvas = Voice.of(reader), Canvas(theme_of(light=reader.light))
    sheet.put(canvas)
    theme, last = canvas.theme, _last(voice, view.curve)
    label = partial(percent_labels, voice)
    room = room_for([End(0, (last,), theme.other, bold=True)])
    worst = min(range(len(view.curve)), key=lambda place: view.curve[place].value)
    deepest = view.curve[worst]
    below = deepest._replace(value=CONTEXT.multiply(deepest.value, _ROOM_BELOW))
    plot = plotted(canvas, voice.numbers, [*view.curve, below], least=_LEAST, label=label, room=room, zero=True)
    points = drawn(canvas, plot, view.curve, theme.other, CURVE)
    floor = plot.y(0.0)
    outline: list[XY] = [(points[0][0], floor), *points, (points[-1][0], floor)]
    canvas.area(outline, theme.other, 0.22)
    if deepest.value < view.curve[-1].value:
        lowest = voice.numbers.percent_change(deepest.value)
        x = min(max(points[worst][0], plot.x.start + 70), plot.x.end - 70)
        canvas.dot(points[worst], 7, theme.other)
        canvas.text((x, points[worst][1] + 38), lowest, 28, anchor="middle", halo=True)
    canvas.dot(points[-1], 8, theme.other)
    ended(canvas, points[-1][0] + 16, [End(points[-1][1], (last,), theme.other, bold=True)])
    return canvas.svg()


def _last(voice: Voice, curve: Sequence[Spot]) -> str:
    return voice.numbers.percent_change(curve[-1].value)
