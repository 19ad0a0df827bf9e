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
from portfolio_bot.report import telegram_html, telegram_rich, terminal
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.telegram_pages import CAPTION, LIMIT
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.watch import News

RICH, AUTO, CLASSIC = "rich", "auto", "classic"


def for_telegram(
    answer: Answer, *, topic: int | None = None, silent: bool = False, form: str = CLASSIC, pushed: bool = False
) -> Message:
    """One message: the page that is wanted, its buttons, and those that turn pages.

    A client that is too old shows nothing of a rich message, and no bot can see how old a client is. So unless somebody
    chose otherwise only that is rich in which the classic form says less well what there is, folded detail, and only
    as an answer: the report itself, and whatever comes by itself, is read by every client, lock screen and watch.

    Args:
        form: `rich`, `auto` or `classic`.
        pushed: it comes by itself.
    """
    captioned = answer.file is not None and answer.file.picture
    pages = telegram_html.render(answer.document, CAPTION if captioned else LIMIT)
    number = min(max(answer.page, 1), len(pages))
    page, rows = pages[number - 1], (*answer.rows, *pager(answer, len(pages)))
    wanted = telegram_rich.tabular(page) if form == RICH else form == AUTO and not pushed and telegram_rich.folded(page)
    rich = telegram_rich.rich(page) if wanted and answer.file is None else None
    return Message(page.html, rows, silent=silent, topic=topic, file=answer.file, rich=rich)


def for_terminal(answer: Answer, width: int, *, colour: bool = False) -> Message:
    """The whole document as text; a terminal scrolls by itself."""
    return Message(terminal.text(answer.document, width, colour=colour), answer.rows, html=False, file=answer.file)


@dataclass(frozen=True, slots=True)
class ChatRender:
    """How pushes are shown in a chat with buttons: each like the answer to the command that shows the same.

    Attributes:
        house: whom contents are asked of that are not the report itself; without one there is only the report.
        breakdown: reports have the subtotal of the exchanges.
        show: the face of the chat; None for Telegram's.
    """

    house: Callable[[], House] | None = None
    breakdown: bool = True
    show: Callable[[Answer], Message] | None = None

    def at_once(self, content: str) -> bool:
        """Whether `report` can show this content."""
        return contents.at_once(content) or self.house is None

    def report(self, pushed: Pushed, reader: Reader) -> Message:
        """A report with the buttons that `/status` gives it."""
        return self._shown(contents.report(pushed, reader, breakdown=self.breakdown), reader)

    async def content(self, pushed: Pushed, reader: Reader) -> Message:
        """Any content with its buttons."""
        if self.at_once(pushed.content) or self.house is None:
            return self.report(pushed, reader)
        return self._shown(await contents.answer(self.house(), pushed, reader), reader)

    def notice(self, document: Document, reader: Reader, news: News | None = None) -> Message:
        """A notice, with its answers where it asks."""
        return self._shown(Answer(document, answers(news, reader)), reader)

    def _shown(self, answer: Answer, reader: Reader) -> Message:
        return for_telegram(answer, form=reader.form, pushed=True) if self.show is None else self.show(answer)
