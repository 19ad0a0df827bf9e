"""Colours. Blue and orange stay apart for every kind of colour blindness; nothing is said by colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a picture, as `#rrggbb`.

    Attributes:
        paper: behind everything.
        ink: figures and the title.
        quiet: labels.
        grid: lines behind the curve.
        main: the portfolio; what came in, what rose.
        other: what went out, what fell, debts.
        beside: the benchmark.
        up, down: cells of a rise and of a fall, at their strongest.
        bar: a cell of nothing.
    """

    paper: str
    ink: str
    quiet: str
    grid: str
    main: str
    other: str
    beside: str
    up: str
    down: str
    bar: str


LIGHT: Final = Theme(
    paper="#ffffff",
    ink="#15202b",
    quiet="#536170",
    grid="#e3e8ed",
    main="#0067b1",
    other="#b84a00",
    beside="#687480",
    up="#3f97dc",
    down="#ef8a3a",
    bar="#edf1f5",
)
DARK: Final = Theme(
    paper="#121a23",
    ink="#f2f5f8",
    quiet="#a3b0bd",
    grid="#273442",
    main="#5cb8ff",
    other="#ff9d4d",
    beside="#8d9aa8",
    up="#1b6ca8",
    down="#ad5318",
    bar="#1d2833",
)


def theme_of(*, light: bool) -> Theme:
    """The colours for a light or a dark screen."""
    return LIGHT if light else DARK


def mixed(colour: str, paper: str, part: float) -> str:
    """A colour of which so much (0 … 1) is mixed into the paper."""
    channels = zip(_channels(colour), _channels(paper), strict=True)
    return "#" + "".join(f"{round(own * part + back * (1 - part)):02x}" for own, back in channels)


def contrast(one: str, other: str) -> float:
    """How well one colour is read on another: 1 … 21, 4.5 is enough for text. Source: WCAG 2.1."""
    first, second = sorted((_luminance(one), _luminance(other)))
    return (second + 0.05) / (first + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
