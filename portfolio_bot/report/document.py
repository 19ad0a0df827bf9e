"""What is said, without markup: a document is a row of blocks, and every face renders the same one.

All text is plain. Markup is the renderer's, so no word of a stranger can bring any along; a renderer takes control
and bidi characters out of everything. Prose is a string, or a tuple of strings, `Code` and `Foreign`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias, TypeVar

from portfolio_bot.report.numbers import HIDDEN, MINUS

_SIGNS = f"+{MINUS}"
_NOTHING = frozenset({"", "–"})
"""What may stand in a column of amounts where there is none."""

T = TypeVar("T")

FOREIGN_LENGTH = 64
"""Longest word of a stranger (a venue's asset name, an error's detail) that is shown."""


@dataclass(frozen=True, slots=True)
class Code:
    """To be copied letter by letter: a setting, a line to type."""

    text: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A stranger's words, an asset's name or a venue's detail: cut to 64 characters and never turned into a link."""

    text: str


Span: TypeAlias = str | Code | Foreign
Text: TypeAlias = str | tuple[Span, ...]


class Tone(Enum):
    """What a line wants of its reader."""

    PLAIN = "plain"
    QUIET = "quiet"  # context
    ALERT = "alert"  # needs somebody: shown with ⚠


@dataclass(frozen=True, slots=True)
class Headline:
    """The first line: stands alone in a notification, so the figure comes first. `alert` where somebody is needed."""

    text: Text
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """Begins a part of the document."""

    text: Text


@dataclass(frozen=True, slots=True)
class Line:
    """One idea of prose. Lines that follow one another are one paragraph."""

    text: Text
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Gap:
    """Ends a paragraph."""


@dataclass(frozen=True, slots=True)
class Foot:
    """What a mark in a figure or a table means, and the mend.

    Attributes:
        mark: `*` or `†`.
        text: what happened.
        mend: what to do; empty where it mends itself.
    """

    mark: str
    text: Text
    mend: Text = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        right: figures are aligned right.
        shrinks: may be cut with an ellipsis where the screen is narrow (names).
        optional: left out where the screen is too narrow.
        below: moves to a second line of its row where the screen is too narrow.
        title: stands over it; "" for none.
    """

    right: bool = False
    shrinks: bool = False
    optional: bool = False
    below: bool = False
    title: str = ""


NAME = Column(shrinks=True)
FIGURE = Column(right=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure or word of a table.

    Attributes:
        mark: a footnote's mark: it stays when the text is cut.
        foreign: the text is a stranger's.
    """

    text: str
    mark: str = ""
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells under their columns; missing ones at the end are empty. A single cell may run over the whole width."""

    cells: tuple[Cell, ...]
    spans: bool = False

    @classmethod
    def of(cls, *cells: str | Cell) -> Row:
        """A row of plain texts and cells."""
        return cls(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells))

    @classmethod
    def over(cls, text: str) -> Row:
        """A remark between the rows."""
        return cls((Cell(text),), spans=True)


@dataclass(frozen=True, slots=True)
class Table:
    """What must align. At most 30 columns wide on a phone; how that is reached stands in the columns.

    Attributes:
        joint: between cells that stand below.
        wide_from: on narrower screens columns that may go below do so, even if there were room.
        titled: titles stand over the columns; where one had to go below, before its cells.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    joint: str = " × "
    wide_from: int = 0
    titled: bool = False

    def __post_init__(self) -> None:
        """A column in which nothing but hidden amounts would stand is left out."""
        hidden = {place for place in range(len(self.columns)) if self._is_hidden(place)}
        if hidden:
            object.__setattr__(self, "columns", _without(self.columns, hidden))
            rows = (row if row.spans else replace(row, cells=_without(row.cells, hidden)) for row in self.rows)
            object.__setattr__(self, "rows", tuple(rows))

    def _is_hidden(self, place: int) -> bool:
        texts = {row.cells[place].text.lstrip(_SIGNS) for row in self.rows if not row.spans and place < len(row.cells)}
        return HIDDEN in texts and texts <= {HIDDEN, *_NOTHING}


@dataclass(frozen=True, slots=True)
class Folded:
    """Detail that is closed until somebody opens it; `title` stays readable."""

    title: Text
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows belongs on the next page of a chat."""


Block: TypeAlias = Headline | Heading | Line | Gap | Foot | Table | Folded | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A message. `watermark` stands on every page, for instance that the accounts are simulated."""

    blocks: tuple[Block, ...]
    watermark: str = ""

    @classmethod
    def of(cls, *blocks: Block, watermark: str = "") -> Document:
        """A document of these blocks."""
        return cls(blocks, watermark)

    def then(self, *blocks: Block) -> Document:
        """The same document with more at its end."""
        return replace(self, blocks=(*self.blocks, *blocks))


def _without(parts: tuple[T, ...], places: set[int]) -> tuple[T, ...]:
    return tuple(part for place, part in enumerate(parts) if place not in places)


def spans(text: Text) -> Iterator[Span]:
    """The parts of a text, empty ones left out."""
    parts: Sequence[Span] = (text,) if isinstance(text, str) else text
    return (part for part in parts if part)


def plain(text: Text) -> str:
    """A text without its marks."""
    return "".join(part if isinstance(part, str) else part.text for part in spans(text))
