"""Text in columns: cleaning, true widths, and fitting a table to a screen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from portfolio_bot.report.document import FOREIGN_LENGTH, Cell, Row, Table
from portfolio_bot.report.numbers import NBSP

ELLIPSIS = "…"
GAP = 2
NARROW_GAP = 1
INDENT = "  "
SHORTEST_NAME = 4
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MARKS_IN_A_ROW = 2

_LEFT_TO_RIGHT = "\u200e"
_LEFTWARD = (
    "\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
)
"""Hebrew, Arabic and their like: all blocks whose letters run from right to left."""
_RUN_LEFTWARD = re.compile(f"[{_LEFTWARD}]+(?:[ {NBSP}][{_LEFTWARD}]+)*")


def clean(text: str) -> str:
    """One line without control, bidi, invisible and unassigned characters, and without towers of accents."""
    if text.isascii() and text.isprintable():
        return text
    seen: list[str] = []
    marks = 0
    for character in text:
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if character in "\t\n\r":
            seen.append(" ")
        elif kind not in _UNSEEN and marks <= MARKS_IN_A_ROW:
            seen.append(character)
    return "".join(seen)


def steady(text: str) -> str:
    """A line for a chat: words from right to left turn neither the figures beside them nor the line around.

    Marks that nobody sees stand on both sides of them; put them in last, since `clean` takes them out.
    """
    return text if text.isascii() else _RUN_LEFTWARD.sub(f"{_LEFT_TO_RIGHT}\\g<0>{_LEFT_TO_RIGHT}", text)


def foreign(text: str) -> str:
    """A stranger's words: cleaned, spaces joined, cut to 64 characters."""
    tidy = " ".join(clean(text).split())
    return tidy if len(tidy) <= FOREIGN_LENGTH else tidy[: FOREIGN_LENGTH - 1] + ELLIPSIS


def shown(cell: Cell) -> str:
    """The text of a cell as it may stand on a screen, with its mark."""
    return (foreign(cell.text) if cell.foreign else clean(cell.text)) + cell.mark


def _shown_in(cell: Cell, columns: int) -> str:
    """The same, cut to so many columns; the mark stays."""
    text = shown(cell)
    return (
        text if width(text) <= columns else cut(text[: -len(cell.mark) or None], columns - len(cell.mark)) + cell.mark
    )


def width(text: str) -> int:
    """Columns that a fixed font needs: two for wide characters, none for accents."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def cut(text: str, columns: int) -> str:
    """At most so many columns, with an ellipsis where something is missing."""
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for character in text:
        used += _columns(character)
        if used > columns - 1:
            break
        kept += character
    return kept.rstrip() + ELLIPSIS if columns > 0 else ""


def padded(text: str, columns: int, *, right: bool) -> str:
    """Filled up with spaces."""
    space = " " * max(columns - width(text), 0)
    return space + text if right else text + space


def wrapped(text: str, columns: int, indent: str = "", first: str = "") -> list[str]:
    """Lines of at most so many columns, broken at plain spaces only.

    Args:
        indent: before every line but the first.
        first: before the first.
    """
    words = text.split(" ")
    lines = [first + words[0]]
    for word in words[1:]:
        candidate = f"{lines[-1]} {word}"
        if width(candidate) <= columns:
            lines[-1] = candidate
        else:
            lines.append(indent + word)
    return lines


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table on a screen: one group of lines per row, which a page must not tear apart."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def lines(self) -> list[str]:
        """All lines."""
        return [line for row in self.rows for line in row]


def fit(table: Table, columns: int) -> Fitted:
    """The table in at most so many columns.

    Whatever fits stands side by side, unless the screen is too narrow for the table's taste. Where it does not fit:
    gaps get narrow, optional columns go, columns that may go below do so, and names are cut, in this order.
    """
    widths, gap = _way(table, columns)
    return _laid(table, widths, gap, columns)


def arranged(table: Table, columns: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which columns stand side by side in so many columns of a screen, as `fit` has it, and which go below."""
    beside = tuple(sorted(_way(table, columns)[0]))
    return beside, _below(table, beside)


def _below(table: Table, beside: Container[int]) -> tuple[int, ...]:
    return tuple(i for i, column in enumerate(table.columns) if column.below and i not in beside)


def _way(table: Table, columns: int) -> tuple[dict[int, int], int]:
    """The widths of the columns that stand side by side, and the gap between them."""
    everything = tuple(range(len(table.columns)))
    kept = tuple(i for i in everything if not table.columns[i].optional)
    above = tuple(i for i in kept if not table.columns[i].below)
    ways = ((everything, GAP), (everything, NARROW_GAP), (kept, GAP), (kept, NARROW_GAP))
    for chosen, gap in ways if columns >= table.wide_from else ():
        widths = _widths(table, chosen)
        if sum(widths.values()) + gap * (len(chosen) - 1) <= columns:
            return widths, gap
    gap = GAP if sum(_widths(table, above).values()) + GAP * (len(above) - 1) <= columns else NARROW_GAP
    return _shrunk(table, _widths(table, above), columns - gap * (len(above) - 1)), gap


def _widths(table: Table, chosen: Sequence[int]) -> dict[int, int]:
    rows = [row for row in table.rows if not row.spans]
    found = {i: max((width(shown(row.cells[i])) for row in rows if i < len(row.cells)), default=0) for i in chosen}
    if table.titled:
        found = {i: max(size, width(table.columns[i].title)) for i, size in found.items()}
    return {i: size for i, size in found.items() if size}


def _shrunk(table: Table, widths: dict[int, int], room: int) -> dict[int, int]:
    result = dict(widths)
    while sum(result.values()) > room:
        names = [i for i in result if table.columns[i].shrinks and result[i] > SHORTEST_NAME]
        if not names:
            break
        longest = max(names, key=lambda i: result[i])
        result[longest] -= 1
    return result


def _laid(table: Table, widths: dict[int, int], gap: int, columns: int) -> Fitted:
    below = _below(table, widths)
    rows = [_row(table, row, widths, below, gap, columns) for row in table.rows]
    if table.titled and not below:
        header = Row(tuple(Cell(column.title) for column in table.columns))
        rows.insert(0, _row(table, header, widths, [], gap, columns))
    return Fitted(tuple(rows))


def _row(
    table: Table, row: Row, widths: dict[int, int], below: Sequence[int], gap: int, columns: int
) -> tuple[str, ...]:
    if row.spans:
        return tuple(wrapped(shown(row.cells[0]), columns, INDENT))
    cells = dict(enumerate(row.cells))
    parts = [
        padded(_shown_in(cells[i], size) if i in cells else "", size, right=table.columns[i].right)
        for i, size in sorted(widths.items())
    ]
    first = (" " * gap).join(parts).rstrip()
    titles = {i: f"{table.columns[i].title}{NBSP}" if table.titled and table.columns[i].title else "" for i in below}
    under = [titles[i] + shown(cells[i]) for i in below if i in cells and cells[i].text]
    return (first, *_under(under, table.joint, columns))


def _under(parts: Sequence[str], joint: str, columns: int) -> Iterable[str]:
    """The cells that moved below: on one line, or each on its own where that is too long. A figure is never cut."""
    if not parts:
        return ()
    line = INDENT + joint.join(parts)
    if width(line) <= columns:
        return (line,)
    sign = joint.lstrip() if joint.startswith(" ") else ""  # a comma ends what stands before it
    own = (parts[0], *(sign + part for part in parts[1:]))
    return [line for part in own for line in wrapped(part, columns, INDENT, INDENT)]
