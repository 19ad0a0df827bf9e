"""Telegram's HTML, read as strictly as Telegram reads it: tags, nesting, entities, lengths in UTF-16 units."""

from __future__ import annotations

import re
from dataclasses import dataclass

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
    "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
MAX_TEXT = 4096
MAX_ENTITIES = 100

_TOKEN = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:\s+[^<>]*)?)>|&(#x?[0-9a-fA-F]+|[a-zA-Z]+);|([<&])|([^<&]+)")
_ATTRIBUTE = re.compile(r'\s*([\w-]+)(?:\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|([^\s"\'>]+)))?')


class Refused(Exception):
    """A 400 in Telegram's words."""


@dataclass(frozen=True)
class Entity:
    """A mark over a stretch of text; offset and length in UTF-16 units."""

    kind: str
    offset: int
    length: int
    extra: str = ""


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def parse(source: str) -> tuple[str, tuple[Entity, ...]]:
    """Visible text and its entities, blanks trimmed at both ends as Telegram does.

    Raises:
        Refused: what Telegram would not parse, and what it would drop without a word (marks within `pre` or `code`,
            a quote within a quote): a message that relies on that is wrong too.
    """
    text: list[str] = []
    length = 0
    open_tags: list[tuple[str, str, int]] = []
    entities: list[Entity] = []
    for match in _TOKEN.finditer(source):
        closing, tag, attributes, reference, stray, plain = match.groups()
        if stray:
            raise _cannot(f'unexpected "{stray}" at byte offset {len(source[: match.start()].encode())}')
        if tag and not closing:
            _check_nesting(tag, attributes, [name for name, _, _ in open_tags])
            open_tags.append((tag, attributes.strip(), length))
        elif tag:
            if not open_tags or open_tags[-1][0] != tag:
                raise _cannot(f'unexpected end tag "{tag}"')
            _, extra, start = open_tags.pop()
            if length > start:
                entities.append(Entity(TAGS[tag], start, length - start, extra))
        else:
            piece = plain or _character(reference)
            text.append(piece)
            length += units(piece)
    if open_tags:
        raise _cannot(f'can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    if len(entities) > MAX_ENTITIES:
        raise Refused(f"more than {MAX_ENTITIES} entities: Telegram would drop the rest")
    return "".join(text).strip(), tuple(sorted(entities, key=lambda entity: (entity.offset, -entity.length)))


def check_length(text: str) -> None:
    """Raises `Refused` for an empty text and for one over the limit."""
    if not text:
        raise Refused("message text is empty")
    if units(text) > MAX_TEXT:
        raise Refused("message is too long")


def _character(reference: str) -> str:
    if reference.startswith("#"):
        return chr(int("0" + reference[1:], 16 if reference[1:2] in "xX" else 10))
    if reference not in NAMED:
        raise _cannot(f'named entity "&{reference};" is none of the four that exist')
    return NAMED[reference]


def _check_nesting(tag: str, attributes: str, around: list[str]) -> None:
    if tag not in TAGS:
        raise _cannot(f'unsupported start tag "{tag}"')
    given = {name: a or b or c for name, a, b, c in _ATTRIBUTE.findall(attributes) if name}
    if tag == "a" and not given.get("href"):
        raise _cannot('tag "a" without "href"')
    if tag == "span" and given.get("class") != "tg-spoiler":
        raise _cannot('tag "span" must have class "tg-spoiler"')
    if set(given) - {"href", "class", "expandable", "emoji-id"}:
        raise _cannot(f'unknown attribute in "{tag}"')
    kinds = {TAGS[name] for name in around}
    if kinds & {"pre", "code"} and not (tag == "code" and around[-1] == "pre"):
        raise Refused(f"<{tag}> within <pre> or <code>: Telegram drops one of them")
    if tag in {"pre", "code"} and kinds - {"blockquote", "pre"}:
        raise Refused(f"<{tag}> within another mark: Telegram drops one of them")
    if tag == "blockquote" and "blockquote" in kinds:
        raise Refused("a quote within a quote")


def _cannot(detail: str) -> Refused:
    return Refused(f"can't parse entities: {detail}")
