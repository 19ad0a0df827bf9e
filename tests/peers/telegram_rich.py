"""Rich messages on loopback: one of three forms, each field known to the client library, within Telegram's limits."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser

from pydantic import BaseModel

from portfolio_bot.bot.lean_aiogram import types
from tests.peers.telegram_html import Refused

MAX_CHARACTERS = 32_768
MAX_BLOCKS = 500
MAX_DEPTH = 16
FORMS = {"html", "markdown", "blocks"}
VOID = {"br", "hr", "img"}


def rich_text(message: object) -> str:
    """What is to be read in a rich message, line by line.

    Raises:
        Refused: it has not exactly one form, a field that nobody knows, or is too large.
    """
    if not isinstance(message, Mapping):
        raise Refused("rich_message is no object")
    given = {form for form in FORMS if message.get(form) is not None}
    if len(given) != 1:
        raise Refused(f"a rich message with the forms {sorted(given)}")
    refuse_unknown(types.InputRichMessage.model_validate(message), "rich_message")
    blocks = message.get("blocks")
    if isinstance(blocks, list):
        if _count(blocks) > MAX_BLOCKS or _depth(blocks) > MAX_DEPTH:
            raise Refused("RICH_MESSAGE_TOO_LONG")
        text = "\n".join(line for line in (_words(block) for block in blocks) if line)
    else:
        text = _markup(str(message.get("html") or message.get("markdown")))
    if not text.strip():
        raise Refused("message text is empty")
    if len(text) > MAX_CHARACTERS:
        raise Refused("RICH_MESSAGE_TOO_LONG")
    return text


def refuse_unknown(value: object, where: str) -> None:
    """The library keeps fields that it does not know; Telegram ignores them, which is never what was meant."""
    if isinstance(value, BaseModel):
        if value.model_extra:
            raise Refused(f"unknown fields {sorted(value.model_extra)} in {where}")
        for name in type(value).model_fields:
            refuse_unknown(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for inner in value:
            refuse_unknown(inner, where)


def _words(value: object) -> str:
    """All text in a block, in its order; cells of a row and items of a list stand apart."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        inner = [_words(one) for one in value]
        return ("" if all(isinstance(one, str | Mapping) for one in value) and _inline(value) else "\n").join(inner)
    if isinstance(value, Mapping):
        told = (
            _words(value[name]) for name in ("summary", "title", "text", "cells", "blocks", "items") if name in value
        )
        return "\n".join(line for line in told if line)
    return ""


def _inline(value: list[object]) -> bool:
    return any(isinstance(one, str) for one in value)


def _count(value: object) -> int:
    if isinstance(value, list):
        return sum(_count(one) for one in value)
    if isinstance(value, Mapping):
        return 1 + sum(_count(inner) for name, inner in value.items() if name in {"blocks", "items", "cells"})
    return 0


def _depth(value: object) -> int:
    if isinstance(value, list):
        return max((_depth(one) for one in value), default=0)
    if isinstance(value, Mapping):
        return 1 + max((_depth(inner) for inner in value.values()), default=0)
    return 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refused(f'can\'t parse rich message: unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _markup(source: str) -> str:
    reader = _Reader()
    reader.feed(source)
    reader.close()
    if reader.open:
        raise Refused(f'can\'t parse rich message: "{reader.open[-1]}" is never closed')
    return "\n".join(word.strip() for word in reader.words if word.strip())
