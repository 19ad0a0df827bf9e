"""How well each month did: a table of years and months, the stronger the colour the larger the figure."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from portfolio_bot.report.charts.axes import LABEL, MARGIN, Sheet
from portfolio_bot.report.charts.canvas import HEIGHT, WIDTH, Canvas, fitting, width_of
from portfolio_bot.report.charts.theme import Theme, contrast, mixed, theme_of
from portfolio_bot.report.charts.views import MonthReturn, MonthsView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

MOST_YEARS: Final = 10
"""Rows that can be read on a phone."""

_TOP: Final = 210
_TALLEST: Final = 104
_GAP: Final = 5
_TEN: Final = Decimal("0.0995")


def months(view: MonthsView, reader: Reader, sheet: Sheet) -> str:
    """The picture; one month at least has a return. The newest ten years."""
    voice, canvas = Voice.of(reader), Canvas(theme_of(light=reader.light))
    sheet.put(canvas)
    years = sorted({year for year, _ in view.months})[-MOST_YEARS:]
    left = MARGIN + width_of("2000", LABEL) + 18
    wide = (WIDTH - MARGIN - left - 14) / 13
    tall = min((HEIGHT - MARGIN - _TOP) / len(years), _TALLEST)
    strongest = _strongest(view)
    columns = [left + wide * place + (14 if place == 12 else 0) for place in range(13)]
    names = (*voice.numbers.style.headings, voice.word("chart_year"))
    for x, name in zip(columns, names, strict=True):
        size = fitting(name, LABEL, wide - _GAP)
        canvas.text((x + wide / 2, _TOP - 18), name, size, fill=canvas.theme.quiet, anchor="middle")
    for row, year in enumerate(reversed(years)):
        y = _TOP + row * tall
        canvas.text((MARGIN, y + tall / 2 + 9), str(year), LABEL, fill=canvas.theme.quiet)
        cells = [view.months.get((year, month)) for month in range(1, 13)]
        for x, cell in zip(columns, [*cells, view.years.get(year)], strict=True):
            _cell(canvas, voice, cell, (x, y, wide - _GAP, tall - _GAP), strongest)
    return canvas.svg()


def _strongest(view: MonthsView) -> Decimal:
    """The return that has the full colour: one wild month does not pale the others."""
    sizes = sorted(value.copy_abs() for _, value in view.known)
    return max(sizes[(len(sizes) - 1) * 9 // 10], Decimal("0.01"))


def _cell(
    canvas: Canvas, voice: Voice, cell: MonthReturn | None, box: tuple[float, float, float, float], strongest: Decimal
) -> None:
    x, y, wide, tall = box
    theme = canvas.theme
    if cell is None or cell.value is None:
        canvas.rect(x, y, wide, tall, theme.bar, radius=6)
        if cell is not None:
            canvas.text((x + wide / 2, y + tall / 2 + 9), "–", LABEL, fill=theme.quiet, anchor="middle")
        return
    part = min(float(cell.value.copy_abs() / strongest), 1.0)
    fill = mixed(theme.up if cell.value >= 0 else theme.down, theme.paper, 0.14 + 0.86 * part)
    canvas.rect(x, y, wide, tall, fill, radius=6)
    text = _figure(voice, cell.value) + ("*" if cell.partly else "")
    size = fitting(text, LABEL, wide - 4)
    canvas.text((x + wide / 2, y + tall / 2 + size * 0.36), text, size, fill=_ink(theme, fill), anchor="middle")


def _figure(voice: Voice, value: Decimal) -> str:
    """`+5.2`, `−12`, `+340`: percent, as precisely as a cell has room for."""
    size = value.copy_abs()
    places = 1 if size < _TEN else 0
    told = voice.numbers.percent_change(value, places).removesuffix("%").rstrip()
    return (
        told if size < Decimal(100) else told[0] + voice.word("chart_thousands", n=voice.numbers.count(int(size / 10)))
    )


def _ink(theme: Theme, fill: str) -> str:
    return max((theme.ink, theme.paper), key=lambda colour: contrast(colour, fill))
