"""Paper to draw on: shapes and text become SVG. Lengths are pixels of a picture of 1280 x 720."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal
from xml.sax.saxutils import escape

from portfolio_bot.report.charts.theme import Theme
from portfolio_bot.report.charts.widths import BOLD, REGULAR

WIDTH: Final = 1280
HEIGHT: Final = 720
SMALLEST: Final = 22
"""No text is smaller: a phone shows the picture at a third of its size."""

_STRANGE: Final = "\u25a1"
"""Stands for a character that the fonts do not have: one that is not drawn would vanish unseen."""

Anchor = Literal["start", "middle", "end"]
XY = tuple[float, float]


def _by_character(table: Mapping[int, str]) -> dict[str, int]:
    return {character: width for width, characters in table.items() for character in characters}


_WIDTHS: Final = {False: _by_character(REGULAR), True: _by_character(BOLD)}


def legible(text: str) -> str:
    """Text as the fonts can draw it: what they lack is a box, and what is no character at all is left out."""
    known = _WIDTHS[False].keys() & _WIDTHS[True].keys()
    folded = unicodedata.normalize("NFC", text)
    return "".join(
        one if one in known else " " if one.isspace() else _STRANGE
        for one in folded
        if one in known or one.isspace() or unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Mn", "Me"}
    )


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is drawn."""
    table = _WIDTHS[bold]
    return sum(table.get(one, table[_STRANGE]) for one in legible(text)) * size / 1000


def cut(text: str, size: float, most: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    text = legible(text)
    if width_of(text, size, bold=bold) <= most + 0.5:  # what was just made to fit, fits
        return text
    while text and width_of(text + "…", size, bold=bold) > most:
        text = text[:-1]
    return text.rstrip() + "…"


def fitting(text: str, size: float, most: float, *, least: float = SMALLEST, bold: bool = False) -> float:
    """The size at which a text is no wider than `most`; never under the least."""
    wide = width_of(text, size, bold=bold)
    return size if wide <= most else max(least, size * most / wide)


class Canvas:
    """A picture in the making: later shapes lie above earlier ones."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._parts: list[str] = []
        self.rect(0, 0, WIDTH, HEIGHT, theme.paper)

    def text(
        self,
        at: XY,
        text: str,
        size: float,
        *,
        fill: str | None = None,
        anchor: Anchor = "start",
        bold: bool = False,
        opacity: float = 1,
        halo: bool = False,
    ) -> None:
        """A line of text; `at` is on its base line.

        Args:
            fill: the colour; the ink where it is None.
            anchor: which end of it stands at `at`.
            halo: a rim of paper keeps it apart from lines below it.
        """
        more = ' font-weight="bold"' if bold else ""
        more += f' text-anchor="{anchor}"' if anchor != "start" else ""
        more += f' opacity="{opacity:g}"' if opacity < 1 else ""
        x, y = at
        place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}"'
        shown = escape(legible(text))
        if halo:
            rim = f'fill="none" stroke="{self.theme.paper}" stroke-width="8" stroke-linejoin="round"'
            self._parts.append(f"<text {place} {rim}{more}>{shown}</text>")
        self._parts.append(f'<text {place} fill="{fill or self.theme.ink}"{more}>{shown}</text>')

    def rect(self, x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0) -> None:
        """A box from its upper left corner."""
        round_ = f' rx="{radius:g}"' if radius else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{round_}/>'
        )

    def line(self, start: XY, end: XY, colour: str, width: float = 2) -> None:
        """A straight line."""
        self.path([start, end], colour, width)

    def path(self, points: Sequence[XY], colour: str, width: float, *, dashed: bool = False) -> None:
        """A line through points."""
        dash = f' stroke-dasharray="{width * 2.4:.1f} {width * 1.8:.1f}"' if dashed else ""
        self._parts.append(
            f'<path d="{_way(points)}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
            f' stroke-linejoin="round" stroke-linecap="{"butt" if dashed else "round"}"{dash}/>'
        )

    def area(self, points: Sequence[XY], fill: str, opacity: float) -> None:
        """What lies between points."""
        self._parts.append(f'<path d="{_way(points)}Z" fill="{fill}" fill-opacity="{opacity:g}"/>')

    def shape(self, points: Sequence[XY], fill: str) -> None:
        """A small mark with a rim of paper, that keeps it apart from the line it stands on."""
        rim = f'stroke="{self.theme.paper}" stroke-width="3" stroke-linejoin="round"'
        self._parts.append(f'<path class="mark" d="{_way(points)}Z" fill="{fill}" {rim}/>')

    def dot(self, at: XY, radius: float, fill: str) -> None:
        """A point."""
        rim = f'stroke="{self.theme.paper}" stroke-width="3"'
        self._parts.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}" fill="{fill}" {rim}/>')

    def svg(self) -> str:
        """All of it."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="DejaVu Sans">'
        return "\n".join((head, *self._parts, "</svg>"))


def _way(points: Iterable[XY]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
