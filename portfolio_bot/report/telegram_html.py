"""Documents as Telegram messages: pages of valid HTML, and the same pages as plain text for when HTML is refused.

A message holds 4096 UTF-16 units of visible text. Tables stand in `<pre>`, 30 columns wide; folded detail stands in
an expandable quote, as prose, because a phone does not fold preformatted text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, assert_never

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
from portfolio_bot.report.layout import clean, fit, foreign, shown, wrapped
from portfolio_bot.report.telegram_pages import (
    LIMIT,
    NOTHING,
    InTable,
    Kind,
    Page,
    Part,
    Piece,
    joined,
    packed,
    page_of,
    units,
)

COLUMNS: Final = 30
LONGEST_LINE: Final = 1000
ALERT: Final = "⚠ "
_HARMLESS = re.compile(r"(?!.*\d{5})[\w ()*,'&+-]*")
"""What no chat turns into a link, a command, a tag or a telephone number."""


def pages(document: Document, limit: int = LIMIT) -> list[str]:
    """The document as HTML messages, each within Telegram's limit."""
    return [page.html for page in render(document, limit)]


def plain_pages(document: Document) -> list[str]:
    """The same pages as text without markup."""
    return [page.text for page in render(document)]


def render(document: Document, limit: int = LIMIT) -> list[Page]:
    """The document in pages of so many units; each begins with the headline and ends with the watermark."""
    pieces = list(_pieces(document.blocks))
    head = next((piece.lines[0] for piece in pieces if piece is not None and piece.kind is Kind.HEAD), None)
    mark = Part.of(document.watermark).from_(Line(document.watermark, Tone.QUIET)) if document.watermark else None
    reserve = sum(units(part.text) + 16 for part in (head, mark) if part is not None)
    contents = list(packed(pieces, limit - reserve))
    if len(contents) < 2:
        return [page_of(content, None, mark) for content in contents]
    numbered = []
    for number, content in enumerate(contents, 1):
        rest = [piece for piece in content if piece.kind is not Kind.HEAD]
        numbered.append(page_of(rest, _counted(head, f" · {number}/{len(contents)}") if head else None, mark))
    return numbered


def _counted(head: Part, count: str) -> Part:
    """The headline with the number of the page."""
    said = head.said
    if isinstance(said, Headline):
        said = replace(said, text=(*spans(said.text), count))
    return (head + Part.of(count)).from_(said)


def _pieces(blocks: Iterable[Block]) -> Iterator[Piece | None]:
    apart = False
    for block in blocks:
        if isinstance(block, Gap):
            apart = True
            continue
        for piece in _of(block):
            if piece is None or piece.part.text:
                yield replace(piece, apart=apart or piece.apart) if piece is not None else None
                apart = False


def _of(block: Block) -> Iterator[Piece | None]:
    match block:
        case Headline(text, alert):
            head = (Part.of(ALERT) if alert else NOTHING) + _bold(text)
            yield Piece(Kind.HEAD, (head.from_(block),))
        case Heading(text):
            yield Piece(Kind.PROSE, (_bold(text).from_(block),), apart=True)
        case Line():
            for line in _lines(block):
                yield Piece(Kind.PROSE, (line,))
        case Foot():
            yield Piece(Kind.FOOT, (_foot(block),))
        case Table():
            fitted = fit(block, COLUMNS).rows
            titles = [None] * (len(fitted) - len(block.rows))
            rows = zip(fitted, (*titles, *block.rows), strict=True)
            lines = tuple(joined(map(Part.of, row), "\n").from_(InTable(block, of)) for row, of in rows)
            if lines:
                yield Piece(Kind.TABLE, lines)
        case Folded(title, inner):
            yield Piece(Kind.FOLD, tuple(_inside(inner)), title=_bold(title), named=title)
        case PageBreak():
            yield None
        case Gap():
            return
        case _:
            assert_never(block)


def _inside(blocks: Iterable[Block]) -> Iterator[Part]:
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


def _as_prose(table: Table, row: Row) -> Part:
    """A row as a line: the name, what stays on its line, then what would stand below."""
    cells = [(column, cell) for column, cell in zip(table.columns, row.cells, strict=False) if shown(cell)]
    if not cells:
        return NOTHING
    first = cells[0][1]
    name = _prose((Foreign(first.text) if first.foreign else first.text,))
    above = [shown(cell) for column, cell in cells[1:] if not column.below]
    below = table.joint.join(shown(cell) for column, cell in cells[1:] if column.below)
    rest = " · ".join(part for part in (*above, below) if part)
    return name + Part.of(f"  {rest}") if rest else name


def _lines(line: Line) -> Iterator[Part]:
    mark = Part.of(ALERT) if line.tone is Tone.ALERT else NOTHING
    if units(plain(line.text)) <= LONGEST_LINE:
        yield (mark + _prose(line.text)).from_(line)
        return
    for part in wrapped(clean(plain(line.text)), LONGEST_LINE // 2):
        for start in range(0, len(part), LONGEST_LINE // 2):
            cut = part[start : start + LONGEST_LINE // 2]
            yield (mark + Part.of(cut)).from_(Line(cut, line.tone))
            mark, line = NOTHING, replace(line, tone=Tone.QUIET if line.tone is Tone.QUIET else Tone.PLAIN)


def _foot(foot: Foot) -> Part:
    said = Part.of(f"{foot.mark} " if foot.mark else "") + _prose(foot.text)
    return (said + Part("\n", "\n") + _prose(foot.mend) if foot.mend else said).from_(foot)


def _bold(text: Text) -> Part:
    return _prose(text, "b")


def _prose(text: Text, tag: str = "") -> Part:
    """Prose in a mark; code stays outside of it, because Telegram lets no mark be in another's code."""
    result, open_ = NOTHING, NOTHING
    for part in spans(text):
        said = _span(part)
        if said.html.startswith("<code>"):
            result += (open_.within(tag) if tag and open_.text else open_) + said
            open_ = NOTHING
        else:
            open_ += said
    return result + (open_.within(tag) if tag and open_.text else open_)


def _span(part: Span) -> Part:
    if isinstance(part, str):
        return Part.of(part)
    if isinstance(part, Code):
        return Part.of(part.text).within("code")
    # a name like "prize.example" would become a link in prose; in code it stays what it is
    tidy = foreign(part.text)
    word = Part.of(tidy)
    return word if _HARMLESS.fullmatch(tidy) else word.within("code")
