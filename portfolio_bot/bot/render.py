"""Answers as messages: pages with a pager for Telegram, the whole text for a terminal."""

from __future__ import annotations

from portfolio_bot.bot.buttons import pager
from portfolio_bot.bot.dialog import Answer
from portfolio_bot.notify.base import Message
from portfolio_bot.report import telegram_html, terminal


def for_telegram(answer: Answer, *, topic: int | None = None, silent: bool = False) -> Message:
    """One message: the page that is wanted, its buttons, and those that turn pages."""
    pages = telegram_html.pages(answer.document)
    page = min(max(answer.page, 1), len(pages))
    rows = (*answer.rows, *pager(answer, len(pages)))
    return Message(pages[page - 1], rows, silent=silent, topic=topic)


def for_terminal(answer: Answer, width: int, *, colour: bool = False) -> Message:
    """The whole document as text; a terminal scrolls by itself."""
    return Message(terminal.text(answer.document, width, colour=colour), answer.rows, html=False)
