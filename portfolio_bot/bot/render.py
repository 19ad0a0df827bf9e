"""Answers as messages: pages with a pager for Telegram, the whole text for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portfolio_bot.bot import contents
from portfolio_bot.bot.buttons import pager
from portfolio_bot.bot.dialog import Answer
from portfolio_bot.bot.house import House
from portfolio_bot.bot.owner import answers
from portfolio_bot.notify.base import Message
from portfolio_bot.report import telegram_html, terminal
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.snapshots import Pushed
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


@dataclass(frozen=True, slots=True)
class ChatRender:
    """How pushes are shown in a chat with buttons: each like the answer to the command that shows the same.

    Attributes:
        house: whom contents are asked of that are not the report itself; without one there is only the report.
        breakdown: reports have the subtotal of the exchanges.
        show: the face of the chat.
    """

    house: Callable[[], House] | None = None
    breakdown: bool = True
    show: Callable[[Answer], Message] = for_telegram

    def at_once(self, content: str) -> bool:
        """Whether `report` can show this content."""
        return contents.at_once(content) or self.house is None

    def report(self, pushed: Pushed, reader: Reader) -> Message:
        """A report with the buttons that `/status` gives it."""
        return self.show(contents.report(pushed, reader, breakdown=self.breakdown))

    async def content(self, pushed: Pushed, reader: Reader) -> Message:
        """Any content with its buttons."""
        if self.at_once(pushed.content) or self.house is None:
            return self.report(pushed, reader)
        return self.show(await contents.answer(self.house(), pushed, reader))

    def notice(self, document: Document, reader: Reader, news: News | None = None) -> Message:
        """A notice, with its answers where it asks."""
        return self.show(Answer(document, answers(news, reader)))
