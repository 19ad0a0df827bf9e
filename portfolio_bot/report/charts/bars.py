"""What everything is in: a list of bars, the largest first, with the share and the value of each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Protocol

from portfolio_bot.report.charts.axes import MARGIN, Sheet
from portfolio_bot.report.charts.canvas import HEIGHT, WIDTH, Canvas, cut, width_of
from portfolio_bot.report.charts.theme import theme_of
from portfolio_bot.report.reader import Reader

_TOP: Final = 156
_TALLEST: Final = 92
_TEXT: Final = 30
_WIDEST_NAME: Final = 340
_APART: Final = 22


class Row(Protocol):
    """What a bar shows."""

    @property
    def name(self) -> str:
        """A stranger's, perhaps."""

    @property
    def value(self) -> Decimal:
        """How long the bar is; negative ones go the other way."""

    @property
    def share(self) -> str:
        """Of the whole."""

    @property
    def money(self) -> str:
        """Its value; "" where it is not to be shown."""

    @property
    def rest(self) -> bool:
        """Many things together."""


def bars(rows: Sequence[Row], reader: Reader, sheet: Sheet) -> str:
    """The picture; one row at least."""
    canvas = Canvas(theme_of(light=reader.light))
    sheet.put(canvas)
    theme = canvas.theme
    tall = min((HEIGHT - MARGIN / 2 - _TOP) / len(rows), _TALLEST)
    names = max(min(width_of(row.name, _TEXT), _WIDEST_NAME) for row in rows)
    money = max(width_of(row.money, _TEXT) for row in rows)
    share = max(width_of(row.share, _TEXT, bold=True) for row in rows)
    left = MARGIN + names + _APART
    right = WIDTH - MARGIN - money - (_APART if money else 0) - share - _APART
    low, high = min(0.0, *(float(row.value) for row in rows)), max(0.0, *(float(row.value) for row in rows))
    unit = (right - left) / ((high - low) or 1)
    zero = left - low * unit
    for place, row in enumerate(rows):
        y = _TOP + tall * place
        base, width = y + tall / 2 + _TEXT * 0.36, abs(float(row.value)) * unit
        debt = row.value < 0
        colour = theme.other if debt else theme.beside if row.rest else theme.main
        canvas.rect(zero - width if debt else zero, y + tall * 0.18, max(width, 2), tall * 0.64, colour, radius=5)
        canvas.text((MARGIN, base), cut(row.name, _TEXT, _WIDEST_NAME), _TEXT)
        canvas.text((right + _APART + share, base), row.share, _TEXT, anchor="end", bold=True)
        if row.money:
            canvas.text((WIDTH - MARGIN, base), row.money, _TEXT, anchor="end", fill=theme.quiet)
    if low < 0 < high:
        canvas.line((zero, _TOP), (zero, _TOP + tall * len(rows)), theme.quiet, 2)
    return canvas.svg()
