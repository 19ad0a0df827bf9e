"""Buttons: their labels in the reader's language, and the lines they say."""

from __future__ import annotations

from collections.abc import Iterable

from portfolio_bot.bot.arguments import View
from portfolio_bot.bot.dialog import Answer, Rows
from portfolio_bot.notify.base import Key
from portfolio_bot.report.numbers import SYMBOLS
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

ACTION_LIMIT = 64
"""Bytes that Telegram gives a button."""

ROW = 4
"""Buttons side by side: more are unreadable on a phone."""


def key(label: str, *words: object) -> Key:
    """A button that says a line of these words; empty ones are left out.

    Raises:
        ValueError: the line is longer than a button can hold: a bug of the caller.
    """
    action = " ".join(text for text in map(str, words) if text)
    if len(action.encode()) > ACTION_LIMIT:
        raise ValueError(f"a button of {len(action.encode())} bytes")
    return Key(label, action)


def named(reader: Reader, name: str, *words: object, **values: str) -> Key:
    """A button whose label is among the words of the reader's language, under `name`."""
    return key(Voice.of(reader).chat(name, **values), *words)


def currency(reader: Reader, base: str, view: View, *words: object) -> Key:
    """The button that shows the same in the next currency: the reader's own, roubles, dollars, and round again.

    Args:
        base: the currency of the settings.
        words: the command, and what stands behind the view's own words.
    """
    order = list(dict.fromkeys((base, "RUB", "USD")))
    other = order[(order.index(reader.currency) + 1) % len(order)]
    command, *rest = words
    return key(SYMBOLS.get(other, other), command, view.to(currency=other.lower()), *rest)


def in_rows(keys: Iterable[Key], size: int = ROW) -> Rows:
    """Buttons row by row."""
    every = tuple(keys)
    return tuple(every[start : start + size] for start in range(0, len(every), size))


def pager(answer: Answer, pages: int) -> Rows:
    """`‹ 2 / 5 ›` where there is more than one page and a line that turns them."""
    return turns(answer.page, pages, answer.turn)


def turns(page: int, pages: int, line: str) -> Rows:
    """The same for an answer that makes its own pages.

    Args:
        line: what a button says; `{page}` in it stands for the number.
    """
    if pages < 2 or not line:
        return ()
    page = min(max(page, 1), pages)

    def to(number: int) -> str:
        return line.replace("{page}", str(number))

    row = [key(f"{page} / {pages}", to(page))]
    if page > 1:
        row.insert(0, key("‹", to(page - 1)))
    if page < pages:
        row.append(key("›", to(page + 1)))
    return (tuple(row),)
