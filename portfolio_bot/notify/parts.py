"""Messages that are too long for one, as several: cut between lines, marks closed and opened again, nothing lost."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from portfolio_bot.notify.base import Message, plain_text
from portfolio_bot.report.telegram_pages import CAPTION, LIMIT, units

_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^>]*)>")


def visible(message: Message) -> int:
    """The length of a message as Telegram counts it."""
    return units(plain_text(message).text if message.html else message.text)


def parts(message: Message, limit: int = LIMIT) -> tuple[Message, ...]:
    """A message as those that really go out, in their order: mostly itself.

    The buttons stand below the last, the file and what it answers belong to the first; only the first makes a sound.
    What is too long for a caption follows the file, but for its first line, which notifications show.

    Args:
        limit: UTF-16 units that one message may show.
    """
    if message.rich is not None and message.file is None:
        return (message,)
    if message.file is not None:
        below = min(limit, CAPTION)
        if visible(message) <= below:
            return (message,)
        head, _, tail = message.text.partition("\n")
        if visible(message.with_text(head)) > below or _unclosed(head) or not tail.strip():
            head, tail = "", message.text
        texts = [head, *_pieces(tail, limit, message.html)]
    else:
        if visible(message) <= limit:
            return (message,)
        texts = list(_pieces(message.text, limit, message.html))
    first, *others = [texts[0], *(text for text in texts[1:] if _length(text, message.html))]
    follow = replace(message, rows=(), silent=True, file=None, rich=None, reply_to=None)
    cut = [replace(message, text=first, rows=(), rich=None), *(follow.with_text(text) for text in others)]
    return (*cut[:-1], replace(cut[-1], rows=message.rows))


def shortened(message: Message, limit: int) -> Message:
    """As much of a message as fits, for what may be incomplete, such as progress below a picture."""
    if visible(message) <= limit:
        return message
    return message.with_text(next(_pieces(message.text, limit, message.html)))


def remarked(message: Message, told: str, *, slack: bool = False) -> Message:
    """The rich form with a remark at its end; the text is left as it is.

    Args:
        told: the remark, plain.
        slack: the form is Slack's blocks.
    """
    if message.rich is None or not told:
        return message
    rich, blocks = dict(message.rich), message.rich.get("blocks")
    if slack and isinstance(blocks, list):
        element = {"type": "plain_text", "text": told, "emoji": False}
        rich["blocks"] = [*blocks, {"type": "context", "elements": [element]}]
    elif isinstance(blocks, list):
        rich["blocks"] = [*blocks, {"type": "footer", "text": told}]
    elif isinstance(rich.get("html"), str):
        rich["html"] = f"{rich['html']}<footer>{html.escape(told, quote=False)}</footer>"
    else:
        return message.classic  # the remark counts for more than the form
    return replace(message, rich=rich)


def blocks_of(rich: Mapping[str, object]) -> list[object]:
    """Slack's blocks; at most as many as one message holds."""
    found = rich.get("blocks")
    return found[:50] if isinstance(found, list) else []


def _pieces(source: str, limit: int, marked: bool) -> Iterator[str]:
    """Texts of at most `limit` visible units; marks that run on are closed at each cut and opened again behind it."""
    open_tags: list[str] = []
    piece, room = "", limit
    for line in _lines(source, limit, marked):
        length = _length(line, marked) + 1
        if length > room + 1 and piece.strip():
            yield piece.rstrip("\n") + _closing(open_tags)
            piece, room = "".join(open_tags), limit
        piece += line + "\n"
        room -= length
        if marked:
            open_tags = _still_open(open_tags, line)
    yield piece.rstrip("\n")


def _lines(source: str, limit: int, marked: bool) -> Iterator[str]:
    """The lines; one that is longer than a message loses its marks and is cut."""
    for line in source.split("\n"):
        if _length(line, marked) <= limit:
            yield line
            continue
        bare = html.unescape(_TAG.sub("", line)) if marked else line
        while bare:
            cut = bare[:limit]
            while units(cut) > limit:
                cut = cut[: -max(1, (units(cut) - limit) // 2)]
            bare = bare[len(cut) :]
            yield html.escape(cut, quote=False) if marked else cut


def _length(line: str, marked: bool) -> int:
    return units(html.unescape(_TAG.sub("", line)) if marked else line)


def _still_open(open_tags: list[str], line: str) -> list[str]:
    now = list(open_tags)
    for match in _TAG.finditer(line):
        if not match[1]:
            now.append(match[0])
        elif now:
            now.pop()
    return now


def _closing(open_tags: list[str]) -> str:
    names = [match[2] for tag in reversed(open_tags) if (match := _TAG.match(tag))]
    return "".join(f"</{name}>" for name in names)


def _unclosed(head: str) -> bool:
    return bool(_still_open([], head))
