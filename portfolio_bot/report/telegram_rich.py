"""Pages as Telegram's rich messages (Bot API 10.2 and later): the very words of a classic page, in real tables.

A page here is a page there: each is made from what `telegram_html` put on it. All text goes as blocks and never as
markup, so no word of a stranger can bring any along, and Telegram is told to look for no links, names or commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, TypeAlias

from portfolio_bot.report.document import (
    Code,
    Document,
    Foot,
    Heading,
    Headline,
    Line,
    Row,
    Table,
    Text,
    Tone,
    spans,
)
from portfolio_bot.report.layout import arranged, clean, foreign, shown, steady
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.telegram_html import ALERT, COLUMNS, render
from portfolio_bot.report.telegram_pages import LIMIT, Box, InTable, Page, Said

LONGEST: Final = 32_768
MOST_BLOCKS: Final = 500
MOST_COLUMNS: Final = 20

Rich: TypeAlias = dict[str, object]
_HEADLINE, _HEADING = 3, 5
_WIDE: Final = 10_000
"""Columns of a screen on which every table fits: in folded detail none of them may go."""


def pages(document: Document, limit: int = LIMIT) -> list[Rich | None]:
    """The rich form of each page; None where a page has to stay classic."""
    return [rich(page) for page in render(document, limit)]


def tabular(page: Page) -> bool:
    """Whether the rich form shows more than other fonts: the page has a table or folded detail."""
    return folded(page) or any(isinstance(said, InTable) for box in page.boxes for said in box.said)


def folded(page: Page) -> bool:
    """Whether it has folded detail, whose tables only the rich form can align."""
    return any(box.title is not None for box in page.boxes)


def rich(page: Page) -> Rich | None:
    """Telegram's `InputRichMessage` of a page; None where it would be beyond the limits."""
    blocks = list(_blocks(page.boxes))
    if not blocks or _count(blocks) > MOST_BLOCKS or len(page.text) * 2 > LONGEST or not _narrow(page.boxes):
        return None
    return {"blocks": blocks, "skip_entity_detection": True}


def _narrow(boxes: Iterable[Box]) -> bool:
    tables = (said.table for box in boxes for said in box.said if isinstance(said, InTable))
    return all(len(table.columns) <= MOST_COLUMNS for table in tables)


def _count(blocks: Iterable[Rich]) -> int:
    """Blocks as Telegram counts them: those inside others and the rows of tables too."""
    found = 0
    for block in blocks:
        inner, rows = block.get("blocks"), block.get("cells")
        found += 1 + (_count(inner) if isinstance(inner, list) else 0) + (len(rows) if isinstance(rows, list) else 0)
    return found


def _blocks(boxes: Iterable[Box]) -> Iterator[Rich]:
    """Boxes in their order; lines that belong to one paragraph are one block."""
    waiting: list[Said] = []
    for box in boxes:
        prose = box.title is None and not any(isinstance(said, InTable) for said in box.said)
        if waiting and (not prose or box.apart or not _together(waiting[-1], box.said)):
            yield from _said(waiting, COLUMNS)
            waiting = []
        if prose:
            waiting += box.said
        elif box.title is None:
            yield from _said(box.said, COLUMNS)
        else:
            yield {"type": "details", "summary": _text(box.title), "blocks": list(_said(box.said, _WIDE))}
    yield from _said(waiting, COLUMNS)


def _together(before: Said, after: Sequence[Said]) -> bool:
    return bool(after) and _style(before) == _style(after[0])


def _style(said: Said) -> tuple[str, object]:
    """What may share a block: lines of prose by how loud they are, rows by their table; a heading stands alone."""
    match said:
        case InTable(table):
            return "table", id(table)
        case Line(tone=Tone.QUIET):
            return "footer", None
        case Line() | Foot():
            return "paragraph", type(said)
        case _:
            return "heading", id(said)


def _said(lines: Iterable[Said], columns: int) -> Iterator[Rich]:
    for (kind, _), group in groupby(lines, _style):
        members = list(group)
        if kind == "table":
            yield _table([one for one in members if isinstance(one, InTable)], columns)
        elif kind == "heading":
            yield from (_heading(one) for one in members if isinstance(one, Headline | Heading))
        else:
            yield {"type": kind, "text": _joined(map(_line, members))}


def _heading(said: Headline | Heading) -> Rich:
    alert = ALERT if isinstance(said, Headline) and said.alert else ""
    size = _HEADLINE if isinstance(said, Headline) else _HEADING
    return {"type": "heading", "text": _plainest([*([alert] if alert else []), *_runs(said.text)]), "size": size}


def _line(said: Said) -> list[object]:
    match said:
        case Line(text, tone):
            return [*([ALERT] if tone is Tone.ALERT else []), *_runs(text)]
        case Foot(mark, text, mend):
            told: list[object] = [*([f"{mark} "] if mark else []), *_runs(text)]
            return [*told, "\n", *_runs(mend)] if mend else told
        case _:
            return []


def _joined(lines: Iterable[list[object]]) -> object:
    found: list[object] = []
    for runs in lines:
        found += [*(["\n"] if found else []), *runs]
    return _plainest(found)


def _text(text: Text) -> object:
    return _plainest(list(_runs(text)))


def _plainest(runs: list[object]) -> object:
    """Neighbouring strings as one, and a text of one string as that string."""
    found: list[object] = []
    for run in runs:
        last = found[-1] if found else None
        if isinstance(run, str) and isinstance(last, str):
            found[-1] = last + run
        else:
            found.append(run)
    return found[0] if len(found) == 1 else found


def _runs(text: Text) -> Iterator[object]:
    for part in spans(text):
        if isinstance(part, str):
            yield steady(clean(part))
        elif isinstance(part, Code):
            yield {"type": "code", "text": steady(clean(part.text))}
        else:
            yield steady(foreign(part.text))


def _table(rows: Sequence[InTable], columns: int) -> Rich:
    """The rows of one table; what a phone shows below a row stands below it here too."""
    table = rows[0].table
    beside, below = arranged(table, columns)
    cells = [line for one in rows for line in _row(table, one.row, beside, below)]
    return {"type": "table", "cells": cells, "is_compact": True}


def _row(table: Table, row: Row | None, beside: Sequence[int], below: Sequence[int]) -> Iterator[list[Rich]]:
    if row is None:
        yield [_cell(clean(table.columns[i].title), right=table.columns[i].right, header=True) for i in beside]
        return
    if row.spans:
        yield [_cell(shown(row.cells[0]), span=len(beside))]
        return
    cells = dict(enumerate(row.cells))
    yield [_cell(shown(cells[i]) if i in cells else "", right=table.columns[i].right) for i in beside]
    titles = {i: f"{table.columns[i].title}{NBSP}" if table.titled and table.columns[i].title else "" for i in below}
    under = [titles[i] + shown(cells[i]) for i in below if i in cells and cells[i].text]
    if under:
        yield [_cell(table.joint.join(under), span=len(beside))]


def _cell(text: str, *, right: bool = False, header: bool = False, span: int = 1) -> Rich:
    cell: Rich = {"align": "right" if right else "left", "valign": "top", "text": steady(text)}
    if header:
        cell["is_header"] = True
    return {**cell, "colspan": span} if span > 1 else cell
