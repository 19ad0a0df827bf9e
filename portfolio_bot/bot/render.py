"""Answers as messages: pages with a pager for Telegram, the whole text for a terminal."""

from __future__ import annotations

from collections.abc import Callable

from portfolio_bot.bot.arguments import View
from portfolio_bot.bot.buttons import pager
from portfolio_bot.bot.commands import status
from portfolio_bot.bot.dialog import Answer
from portfolio_bot.bot.owner import answers
from portfolio_bot.notify.base import Message
from portfolio_bot.report import telegram_html, terminal
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.letters import Render
from portfolio_bot.service.watch import News


def for_telegram(answer: Answer, *, topic: int | None = None, silent: bool = False) -> Message:
    """One message: the page that is wanted, its buttons, and those that turn pages."""
    pages = telegram_html.pages(answer.document)
    page = min(max(answer.page, 1), len(pages))
    rows = (*answer.rows, *pager(answer, len(pages)))
    return Message(pages[page - 1], rows, silent=silent, topic=topic, file=answer.file)


def for_terminal(answer: Answer, width: int, *, colour: bool = False) -> Message:
    """The whole document as text; a terminal scrolls by itself."""
    return Message(terminal.text(answer.document, width, colour=colour), answer.rows, html=False)


def letters(reader: Callable[[], Reader], show: Callable[[Answer], Message] = for_telegram) -> Render:
    """How pushes are shown: a report with the buttons that `/status` gives it.

    Args:
        reader: whom they are for.
        show: the face of the destination.
    """

    def render(document: Document, *, report: bool, news: News | None = None) -> Message:
        if report:
            return show(status.answer(document, View(), reader()))
        return show(Answer(document, answers(news, reader())))

    return render
