"""Documents as Slack's Block Kit: headers, sections, tables as aligned code, quiet lines as context.

Text is mrkdwn, in which `&`, `<` and `>` are escaped and `verbatim` keeps Slack from making links, channels and
mentions of what it finds; a stranger's words with marks in them stand in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
    Span,
    Table,
    Text,
    Tone,
    plain,
    spans,
)
from portfolio_bot.report.layout import clean, cut, fit, foreign, steady
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.terminal import unpaged

SlackBlock: TypeAlias = dict[str, object]

MOST_BLOCKS: Final = 50
LONGEST: Final = 3000
LONGEST_HEADER: Final = 150
COLUMNS: Final = 60
"""Of a table: what a desktop shows without wrapping."""

ALERT: Final = "⚠ "
_FENCE: Final = "```"
_MARKS = re.compile(r"[*_~`:]")


def messages(document: Document) -> list[list[SlackBlock]]:
    """The blocks of each message: one, unless there are more blocks than it holds."""
    blocks = list(_packed(_parts(unpaged(document.blocks))))
    if document.watermark:
        blocks.append(_context(_escaped(document.watermark)))
    return [blocks[start : start + MOST_BLOCKS] for start in range(0, len(blocks), MOST_BLOCKS)]


_Part: TypeAlias = tuple[str, str]
"""Kind (`header`, `section`, `code`, `context` or `gap`) and text."""


def _parts(blocks: Iterable[Block]) -> Iterator[_Part]:
    for block in blocks:
        match block:
            case Headline(text, alert):
                head = (ALERT if alert else "") + clean(plain(text))
                yield "header", head
                if len(head) > LONGEST_HEADER:
                    yield "section", _escaped(head)
            case Heading(text) | Folded(title=text):
                yield "gap", ""
                yield "section", f"*{_mrkdwn(text)}*"
                if isinstance(block, Folded):
                    yield from _parts(block.blocks)
                    yield "gap", ""
            case Line(text, tone):
                kind = "context" if tone is Tone.QUIET else "section"
                yield kind, (ALERT if tone is Tone.ALERT else "") + _mrkdwn(text)
            case Foot(mark, text, mend):
                yield "section", (f"{mark} " if mark else "") + _mrkdwn(text)
                if mend:
                    yield "section", _mrkdwn(mend)
            case Table():
                # in code only a row of backticks could end it
                lines = (line.replace(NBSP, " ").replace("`", "'") for line in fit(block, COLUMNS).lines)
                yield from (("code", _escaped(line)) for line in lines)
                yield "gap", ""
            case Gap() | PageBreak():
                yield "gap", ""
            case _:
                assert_never(block)


def _packed(parts: Iterable[_Part]) -> Iterator[SlackBlock]:
    """Lines of one kind share a block as far as it holds them."""
    kind, lines = "gap", list[str]()
    for next_kind, text in parts:
        room = LONGEST - 2 * len(_FENCE) - 2
        for line in _lines(text, room) if next_kind != "header" else (text,):
            if lines and (next_kind != kind or next_kind == "header" or _length(lines) + len(line) + 1 > room):
                yield _block(kind, lines)
                lines = []
            kind = next_kind
            lines += [line] if kind != "gap" else []
        if next_kind == "gap" and lines:
            yield _block(kind, lines)
            lines = []
    if lines:
        yield _block(kind, lines)


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _lines(text: str, room: int) -> Iterator[str]:
    """A text in pieces that a block holds; none is cut inside an escaped character."""
    while len(text) > room:
        end = text.rfind(" ", 0, room)
        end = end if end > 0 else max(text.rfind("&", room - 6, room), room - 6)
        yield text[:end]
        text = text[end:].lstrip(" ")
    yield text


def _block(kind: str, lines: list[str]) -> SlackBlock:
    text = "\n".join(lines)
    match kind:
        case "header":
            return {
                "type": "header",
                "text": {"type": "plain_text", "text": cut(steady(text), LONGEST_HEADER), "emoji": False},
            }
        case "context":
            return _context(text)
        case "code":
            return _section(f"{_FENCE}\n{text}\n{_FENCE}")
        case _:
            return _section(text)


def _section(text: str) -> SlackBlock:
    return {"type": "section", "text": _marked(text)}


def _context(text: str) -> SlackBlock:
    return {"type": "context", "elements": [_marked(text)]}


def _marked(text: str) -> SlackBlock:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _mrkdwn(text: Text) -> str:
    return "".join(map(_span, spans(text)))


def _span(part: Span) -> str:
    if isinstance(part, Code):
        return _code(clean(part.text))
    if isinstance(part, Foreign):
        word = foreign(part.text)
        return _code(word) if _MARKS.search(word) else _escaped(word)
    return _escaped(clean(part))


def _code(text: str) -> str:
    """In code nothing is formatted; a backtick would end it."""
    return f"`{_escaped(text.replace('`', chr(39)))}`"


def _escaped(text: str) -> str:
    return steady(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
