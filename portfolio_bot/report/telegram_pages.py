"""Pieces of a message packed into pages: how long a page may be, how many marks it may hold, where it may be torn."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeAlias

from portfolio_bot.report.document import Foot, Heading, Headline, Line, Row, Table, Text
from portfolio_bot.report.layout import clean, steady

LIMIT: Final = 4096
"""Units of the visible text of a message."""

CAPTION: Final = 1024
"""Units of what stands below a picture or a file."""

MARKS: Final = 90
"""Marks on a page; Telegram keeps a hundred and drops the rest."""


@dataclass(frozen=True, slots=True)
class InTable:
    """A row of a table; None for the row of its titles."""

    table: Table
    row: Row | None


Said: TypeAlias = Headline | Heading | Line | Foot | InTable
"""What a line of a page was made of."""


@dataclass(frozen=True, slots=True)
class Box:
    """A block of a page, as another form of the same page needs it.

    Attributes:
        said: line by line.
        title: of folded detail; None of anything else.
        apart: a new paragraph.
    """

    said: tuple[Said, ...]
    title: Text | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One message: as HTML, as plain text with the same content, and what both were made of."""

    html: str
    text: str
    boxes: tuple[Box, ...] = ()


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


class Kind(Enum):
    """What a block is: by this it keeps its distance from its neighbours."""

    HEAD = "head"
    PROSE = "prose"
    FOOT = "foot"
    TABLE = "table"
    FOLD = "fold"


_BOXED = frozenset({Kind.TABLE, Kind.FOLD})
_RUNS_ON = frozenset({(Kind.HEAD, Kind.PROSE), (Kind.PROSE, Kind.PROSE), (Kind.FOOT, Kind.FOOT)})


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of markup beside what of it is seen, and what it was made of where it is a whole line."""

    html: str
    text: str
    said: Said | None = field(default=None, compare=False)

    @classmethod
    def of(cls, text: str) -> Part:
        """Text that no reader's phone turns into anything else."""
        tidy = steady(clean(text))
        return cls(html.escape(tidy, quote=False), tidy)

    def __add__(self, other: Part) -> Part:
        return Part(self.html + other.html, self.text + other.text)

    def from_(self, said: Said | None) -> Part:
        """The same, made of this."""
        return replace(self, said=said)

    def within(self, tag: str) -> Part:
        """The same in a mark."""
        return Part(f"<{tag}>{self.html}</{tag.split(maxsplit=1)[0]}>", self.text)


NOTHING = Part("", "")


@dataclass(frozen=True, slots=True)
class Piece:
    """A block: lines that a page may part only between them."""

    kind: Kind
    lines: tuple[Part, ...]
    title: Part | None = None
    named: Text | None = None
    apart: bool = False  # a new paragraph, whatever stands before

    @property
    def box(self) -> Box:
        """What another form of the page needs of it."""
        said = tuple(part.said for part in self.lines if part.said is not None)
        return Box(said, self.named, self.apart)

    @property
    def units(self) -> int:
        """So long it is on a page."""
        return sum(units(part.text) + 1 for part in self._all) + 1

    @property
    def marks(self) -> int:
        """So many marks it takes."""
        return (self.kind in _BOXED) + sum(part.html.count("</") for part in self._all)

    @property
    def _all(self) -> tuple[Part, ...]:
        return (self.title, *self.lines) if self.title else self.lines

    @property
    def part(self) -> Part:
        """All of it in one."""
        whole = joined(self._all, "\n")
        match self.kind:
            case Kind.TABLE:
                return whole.within("pre")
            case Kind.FOLD:
                return whole.within("blockquote expandable")
            case _:
                return whole


def joined(parts: Iterable[Part], between: str) -> Part:
    """Several as one."""
    result = NOTHING
    for part in parts:
        result = result + Part(between, between) + part if result.text else part
    return result


def page_of(content: Sequence[Piece], head: Part | None, mark: Part | None) -> Page:
    """A page of these pieces, below a headline of its own and above the watermark."""
    pieces = list(content)
    if head is not None:
        pieces.insert(0, Piece(Kind.HEAD, (head,)))
    if mark is not None:
        pieces.append(Piece(Kind.PROSE, (mark,), apart=True))
    result, before = NOTHING, None
    for piece in pieces:
        if before is not None:
            result += _between(before, piece)
        result += piece.part
        before = piece
    return Page(result.html, result.text, tuple(piece.box for piece in pieces))


def _between(before: Piece, after: Piece) -> Part:
    """A box brings its own distance in HTML; as text it needs an empty line like any other paragraph."""
    if before.kind in _BOXED or after.kind in _BOXED:
        return Part("\n", "\n\n")
    if (before.kind, after.kind) in _RUNS_ON and not after.apart:
        return Part("\n", "\n")
    return Part("\n\n", "\n\n")


def packed(pieces: Iterable[Piece | None], room: int) -> Iterator[list[Piece]]:
    """Pieces by page: whole where they fit on any page, torn between lines where they do not; None breaks a page."""
    page = _Open(room)
    for piece in pieces:
        if piece is not None and page.takes(piece):
            page.add(piece)
            continue
        if piece is not None and not _Open(room).takes(piece):
            full, page = _torn(piece, page, room)
            yield from full
            continue
        if page.pieces:
            yield page.pieces
            page = _Open(room)
        if piece is not None:
            page.add(piece)
    if page.pieces:
        yield page.pieces


def _torn(piece: Piece, page: _Open, room: int) -> tuple[list[list[Piece]], _Open]:
    """The pages that a long piece fills, beginning on this one, and the page on which it ends."""
    full: list[list[Piece]] = []
    begun = replace(piece, lines=())
    for line in piece.lines:
        grown = replace(begun, lines=(*begun.lines, line))
        if not page.takes(grown) and (begun.lines or page.pieces):
            if begun.lines:
                page.add(begun)
            full.append(page.pieces)
            page, grown = _Open(room), replace(piece, lines=(line,))
        begun = grown
    page.add(begun)
    return full, page


class _Open:
    """A page that is being filled."""

    def __init__(self, room: int) -> None:
        self.pieces: list[Piece] = []
        self._room, self._marks = room, MARKS

    def takes(self, piece: Piece) -> bool:
        """Whether it fits."""
        return piece.units <= self._room and piece.marks <= self._marks

    def add(self, piece: Piece) -> None:
        """One more, whether it fits or not."""
        self.pieces.append(piece)
        self._room -= piece.units
        self._marks -= piece.marks
