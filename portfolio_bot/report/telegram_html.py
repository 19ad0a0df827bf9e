"""Documents as Telegram messages: pages of valid HTML, and the same pages as plain text for when HTML is refused.

A message holds 4096 UTF-16 units of visible text. Tables stand in `<pre>`, 30 columns wide; folded detail stands in
an expandable quote, as prose, because a phone does not fold preformatted text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeAlias, assert_never

from portfolio_bot.report.document import (
    Block,
    Code,
    Document,
    Folded,
    Foot,
    Foreign,
    Gap,
    Heading,
    Headline,
    Line,
    PageBreak,
    Row,
    Span,
    Table,
    Text,
    Tone,
    plain,
    spans,
)
from portfolio_bot.report.layout import clean, fit, foreign, shown, steady, wrapped

LIMIT: Final = 4096
CAPTION: Final = 1024
"""Units of the text under a picture."""

COLUMNS: Final = 30
LONGEST_LINE: Final = 1000
MARKS: Final = 90
"""Marks on a page; Telegram keeps a hundred and drops the rest."""
ALERT: Final = "⚠ "
_HARMLESS = re.compile(r"(?!.*\d{5})[\w ()*,'&+-]*")
"""What no chat turns into a link, a command, a tag or a telephone number."""


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


def pages(document: Document, limit: int = LIMIT) -> list[str]:
    """The document as HTML messages, each within Telegram's limit."""
    return [page.html for page in render(document, limit)]


def plain_pages(document: Document) -> list[str]:
    """The same pages as text without markup."""
    return [page.text for page in render(document)]


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def render(document: Document, limit: int = LIMIT) -> list[Page]:
    """The document in pages of so many units; each begins with the headline and ends with the watermark."""
    pieces = list(_pieces(document.blocks))
    head = next((piece.lines[0] for piece in pieces if piece is not None and piece.kind is _Kind.HEAD), None)
    mark = _Part.of(document.watermark).from_(Line(document.watermark, Tone.QUIET)) if document.watermark else None
    reserve = sum(units(part.text) + 16 for part in (head, mark) if part is not None)
    packed = list(_packed(pieces, limit - reserve))
    if len(packed) < 2:
        return [_page(content, None, mark) for content in packed]
    numbered = []
    for number, content in enumerate(packed, 1):
        rest = [piece for piece in content if piece.kind is not _Kind.HEAD]
        numbered.append(_page(rest, _counted(head, f" · {number}/{len(packed)}") if head else None, mark))
    return numbered


def _counted(head: _Part, count: str) -> _Part:
    """The headline with the number of the page."""
    said = head.said
    if isinstance(said, Headline):
        said = replace(said, text=(*spans(said.text), count))
    return (head + _Part.of(count)).from_(said)


class _Kind(Enum):
    HEAD = "head"
    PROSE = "prose"
    FOOT = "foot"
    TABLE = "table"
    FOLD = "fold"


_BOXED = frozenset({_Kind.TABLE, _Kind.FOLD})
_RUNS_ON = frozenset({(_Kind.HEAD, _Kind.PROSE), (_Kind.PROSE, _Kind.PROSE), (_Kind.FOOT, _Kind.FOOT)})


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of markup beside what of it is seen, and what it was made of where it is a whole line."""

    html: str
    text: str
    said: Said | None = field(default=None, compare=False)

    @classmethod
    def of(cls, text: str) -> _Part:
        tidy = steady(clean(text))
        return cls(html.escape(tidy, quote=False), tidy)

    def __add__(self, other: _Part) -> _Part:
        return _Part(self.html + other.html, self.text + other.text)

    def from_(self, said: Said | None) -> _Part:
        return replace(self, said=said)

    def within(self, tag: str) -> _Part:
        return _Part(f"<{tag}>{self.html}</{tag.split(maxsplit=1)[0]}>", self.text)


_NOTHING = _Part("", "")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block: lines that a page may part only between them."""

    kind: _Kind
    lines: tuple[_Part, ...]
    title: _Part | None = None
    named: Text | None = None
    apart: bool = False  # a new paragraph, whatever stands before

    @property
    def box(self) -> Box:
        said = tuple(part.said for part in self.lines if part.said is not None)
        return Box(said, self.named, self.apart)

    @property
    def units(self) -> int:
        return sum(units(part.text) + 1 for part in self._all) + 1

    @property
    def marks(self) -> int:
        return (self.kind in _BOXED) + sum(part.html.count("</") for part in self._all)

    @property
    def _all(self) -> tuple[_Part, ...]:
        return (self.title, *self.lines) if self.title else self.lines

    @property
    def part(self) -> _Part:
        joined = _joined(self._all, "\n")
        match self.kind:
            case _Kind.TABLE:
                return joined.within("pre")
            case _Kind.FOLD:
                return joined.within("blockquote expandable")
            case _:
                return joined


def _joined(parts: Iterable[_Part], between: str) -> _Part:
    result = _NOTHING
    for part in parts:
        result = result + _Part(between, between) + part if result.text else part
    return result


def _page(content: Sequence[_Piece], head: _Part | None, mark: _Part | None) -> Page:
    pieces = list(content)
    if head is not None:
        pieces.insert(0, _Piece(_Kind.HEAD, (head,)))
    if mark is not None:
        pieces.append(_Piece(_Kind.PROSE, (mark,), apart=True))
    result, before = _NOTHING, None
    for piece in pieces:
        if before is not None:
            result += _between(before, piece)
        result += piece.part
        before = piece
    return Page(result.html, result.text, tuple(piece.box for piece in pieces))


def _between(before: _Piece, after: _Piece) -> _Part:
    """A box brings its own distance in HTML; as text it needs an empty line like any other paragraph."""
    if before.kind in _BOXED or after.kind in _BOXED:
        return _Part("\n", "\n\n")
    if (before.kind, after.kind) in _RUNS_ON and not after.apart:
        return _Part("\n", "\n")
    return _Part("\n\n", "\n\n")


def _packed(pieces: Iterable[_Piece | None], room: int) -> Iterator[list[_Piece]]:
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


def _torn(piece: _Piece, page: _Open, room: int) -> tuple[list[list[_Piece]], _Open]:
    """The pages that a long piece fills, beginning on this one, and the page on which it ends."""
    full: list[list[_Piece]] = []
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
        self.pieces: list[_Piece] = []
        self._room, self._marks = room, MARKS

    def takes(self, piece: _Piece) -> bool:
        """Whether it fits."""
        return piece.units <= self._room and piece.marks <= self._marks

    def add(self, piece: _Piece) -> None:
        """One more, whether it fits or not."""
        self.pieces.append(piece)
        self._room -= piece.units
        self._marks -= piece.marks


def _pieces(blocks: Iterable[Block]) -> Iterator[_Piece | None]:
    apart = False
    for block in blocks:
        if isinstance(block, Gap):
            apart = True
            continue
        for piece in _of(block):
            if piece is None or piece.part.text:
                yield replace(piece, apart=apart or piece.apart) if piece is not None else None
                apart = False


def _of(block: Block) -> Iterator[_Piece | None]:
    match block:
        case Headline(text, alert):
            head = (_Part.of(ALERT) if alert else _NOTHING) + _bold(text)
            yield _Piece(_Kind.HEAD, (head.from_(block),))
        case Heading(text):
            yield _Piece(_Kind.PROSE, (_bold(text).from_(block),), apart=True)
        case Line():
            for line in _lines(block):
                yield _Piece(_Kind.PROSE, (line,))
        case Foot():
            yield _Piece(_Kind.FOOT, (_foot(block),))
        case Table():
            fitted = fit(block, COLUMNS).rows
            titles = [None] * (len(fitted) - len(block.rows))
            rows = zip(fitted, (*titles, *block.rows), strict=True)
            lines = tuple(_joined(map(_Part.of, row), "\n").from_(InTable(block, of)) for row, of in rows)
            if lines:
                yield _Piece(_Kind.TABLE, lines)
        case Folded(title, inner):
            yield _Piece(_Kind.FOLD, tuple(_inside(inner)), title=_bold(title), named=title)
        case PageBreak():
            yield None
        case Gap():
            return
        case _:
            assert_never(block)


def _inside(blocks: Iterable[Block]) -> Iterator[_Part]:
    """What stands in a quote: prose only, because a quote is read, not aligned."""
    for block in blocks:
        match block:
            case Headline(text=text) | Heading(text=text):
                yield _bold(text).from_(Heading(text))
            case Line():
                yield from _lines(block)
            case Foot():
                yield _foot(block)
            case Table():
                yield from (_as_prose(block, row).from_(InTable(block, row)) for row in block.rows)
            case Folded(title, inner):
                yield _bold(title).from_(Heading(title))
                yield from _inside(inner)
            case Gap() | PageBreak():
                continue
            case _:
                assert_never(block)


def _as_prose(table: Table, row: Row) -> _Part:
    """A row as a line: the name, what stays on its line, then what would stand below."""
    cells = [(column, cell) for column, cell in zip(table.columns, row.cells, strict=False) if shown(cell)]
    if not cells:
        return _NOTHING
    first = cells[0][1]
    name = _prose((Foreign(first.text) if first.foreign else first.text,))
    above = [shown(cell) for column, cell in cells[1:] if not column.below]
    below = table.joint.join(shown(cell) for column, cell in cells[1:] if column.below)
    rest = " · ".join(part for part in (*above, below) if part)
    return name + _Part.of(f"  {rest}") if rest else name


def _lines(line: Line) -> Iterator[_Part]:
    mark = _Part.of(ALERT) if line.tone is Tone.ALERT else _NOTHING
    if units(plain(line.text)) <= LONGEST_LINE:
        yield (mark + _prose(line.text)).from_(line)
        return
    for part in wrapped(clean(plain(line.text)), LONGEST_LINE // 2):
        for start in range(0, len(part), LONGEST_LINE // 2):
            cut = part[start : start + LONGEST_LINE // 2]
            yield (mark + _Part.of(cut)).from_(Line(cut, line.tone))
            mark, line = _NOTHING, replace(line, tone=Tone.QUIET if line.tone is Tone.QUIET else Tone.PLAIN)


def _foot(foot: Foot) -> _Part:
    said = _Part.of(f"{foot.mark} " if foot.mark else "") + _prose(foot.text)
    return (said + _Part("\n", "\n") + _prose(foot.mend) if foot.mend else said).from_(foot)


def _bold(text: Text) -> _Part:
    return _prose(text, "b")


def _prose(text: Text, tag: str = "") -> _Part:
    """Prose in a mark; code stays outside of it, because Telegram lets no mark be in another's code."""
    result, open_ = _NOTHING, _NOTHING
    for part in spans(text):
        said = _span(part)
        if said.html.startswith("<code>"):
            result += (open_.within(tag) if tag and open_.text else open_) + said
            open_ = _NOTHING
        else:
            open_ += said
    return result + (open_.within(tag) if tag and open_.text else open_)


def _span(part: Span) -> _Part:
    if isinstance(part, str):
        return _Part.of(part)
    if isinstance(part, Code):
        return _Part.of(part.text).within("code")
    # a name like "prize.example" would become a link in prose; in code it stays what it is
    tidy = foreign(part.text)
    word = _Part.of(tidy)
    return word if _HARMLESS.fullmatch(tidy) else word.within("code")
