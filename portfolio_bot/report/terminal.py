"""Documents as text: for the command line and the chat in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import Final, assert_never

from portfolio_bot.report.document import (
    Block,
    Code,
    Document,
    Folded,
    Foot,
    Gap,
    Heading,
    Headline,
    Line,
    PageBreak,
    Table,
    Text,
    Tone,
    spans,
)
from portfolio_bot.report.layout import INDENT, clean, fit, foreign, wrapped
from portfolio_bot.report.numbers import NBSP

WIDTH: Final = 80
NARROWEST: Final = 20
ALERT: Final = "⚠ "


class _Ink(Enum):
    NONE = ""
    BOLD = "1"
    QUIET = "2"
    ALERT = "33"


class _Kind(Enum):
    PROSE = "prose"
    FOOT = "foot"
    TABLE = "table"


def text(document: Document, width: int = WIDTH, *, colour: bool = False) -> str:
    """The document in lines of at most `width` columns, without a line end at its end.

    Args:
        colour: emphasis by ANSI codes; whatever they say is said by words or marks too.
    """
    lines: list[str] = []
    before: _Kind | None = None
    marked = (Gap(), Line(document.watermark, Tone.QUIET)) if document.watermark else ()
    for kind, block in _said(unpaged((*document.blocks, *marked)), max(width, NARROWEST), colour):
        if before is not None and (kind is None or kind is not before) and lines[-1]:
            lines.append("")
        lines += [line.replace(NBSP, " ") for line in block]
        before = kind or before
    return "\n".join(lines).strip("\n")


def unpaged(blocks: Iterable[Block]) -> Iterator[Block]:
    """A terminal has no pages: a table that a page parted is one again, so that it aligns."""
    before: Block | None = None
    for block in blocks:
        if isinstance(block, PageBreak):
            continue
        if isinstance(before, Table) and isinstance(block, Table) and before.columns == block.columns:
            before = replace(before, rows=before.rows + block.rows)
            continue
        if before is not None:
            yield before
        before = block
    if before is not None:
        yield before


def _said(blocks: Iterable[Block], width: int, colour: bool) -> Iterator[tuple[_Kind | None, list[str]]]:
    """Each block in lines; None as its kind asks for an empty line."""
    for block in blocks:
        match block:
            case Headline(said, alert):
                mark = ALERT if alert else ""
                yield _Kind.PROSE, _inked(wrapped(mark + _prose(said), width), _Ink.BOLD, colour)
            case Heading(said):
                yield None, []
                yield _Kind.PROSE, _inked(wrapped(_prose(said), width), _Ink.BOLD, colour)
            case Line(said, tone):
                ink = {Tone.PLAIN: _Ink.NONE, Tone.QUIET: _Ink.QUIET, Tone.ALERT: _Ink.ALERT}[tone]
                mark = ALERT if tone is Tone.ALERT else ""
                yield _Kind.PROSE, _inked(wrapped(mark + _prose(said), width, INDENT if mark else ""), ink, colour)
            case Foot():
                yield _Kind.FOOT, _foot(block, width)
            case Table():
                yield _Kind.TABLE, fit(block, width).lines
            case Folded(title, inner):
                yield None, []
                yield _Kind.PROSE, _inked(wrapped(_prose(title), width), _Ink.BOLD, colour)
                for kind, lines in _said(inner, width - len(INDENT), colour):
                    yield (kind, [INDENT + line for line in lines]) if kind else (None, [])
            case Gap() | PageBreak():
                yield None, []
            case _:
                assert_never(block)


def _foot(foot: Foot, width: int) -> list[str]:
    indent = " " * (len(foot.mark) + 1) if foot.mark else ""
    lines = wrapped(_prose(foot.text), width, indent, f"{foot.mark} " if foot.mark else "")
    return lines + (wrapped(_prose(foot.mend), width, indent, indent) if foot.mend else [])


def _prose(said: Text) -> str:
    return "".join(
        clean(part) if isinstance(part, str) else clean(part.text) if isinstance(part, Code) else foreign(part.text)
        for part in spans(said)
    )


def _inked(lines: list[str], ink: _Ink, colour: bool) -> list[str]:
    return [f"\x1b[{ink.value}m{line}\x1b[0m" for line in lines] if colour and ink is not _Ink.NONE else lines
