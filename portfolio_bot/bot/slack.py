"""What goes to Slack: the report of its own, and everything else as it is, both as blocks with their plain twin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from portfolio_bot.bot import contents
from portfolio_bot.bot.house import House
from portfolio_bot.notify.base import Message
from portfolio_bot.report import compose, slack_blocks, terminal
from portfolio_bot.report.compose.performance import kept
from portfolio_bot.report.document import Document
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.performance import Window
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.watch import News

log = logging.getLogger(__name__)

GAINS: Final = (Window.back(1, "24h"), Window.back(7, "7d"), Window())
PATIENCE: Final = 5.0
"""Seconds that the gains may take; then the report goes without them."""


@dataclass(frozen=True, slots=True)
class SlackRender:
    """How a channel is written to.

    Attributes:
        house: whom the gains and other contents are asked of; without one the report stands alone.
    """

    house: Callable[[], House] | None = None

    def at_once(self, content: str) -> bool:
        """Whether `report` can show this content: not where gains have to be read first."""
        return self.house is None

    def report(self, pushed: Pushed, reader: Reader) -> Message:
        """The report without gains."""
        return as_message(compose.slack_report(pushed.portfolio, reader, late=pushed.late))

    async def content(self, pushed: Pushed, reader: Reader) -> Message:
        """The report with its gains, or any other content in words: through a webhook no picture goes."""
        if self.house is None:
            return self.report(pushed, reader)
        row = contents.in_words(pushed.content)
        if row.handler is not None:
            return as_message((await contents.answer(self.house(), pushed, reader, row)).document)
        gains = await _gains(self.house(), reader)
        return as_message(compose.slack_report(pushed.portfolio, reader, gains, late=pushed.late))

    def notice(self, document: Document, reader: Reader, news: News | None = None) -> Message:
        """A notice or an alert; a channel has no buttons to answer with."""
        return as_message(document)


async def _gains(house: House, reader: Reader) -> Sequence[PerformanceView]:
    try:
        async with asyncio.timeout(PATIENCE):
            return [await house.figures.performances.gained(window, kept(reader.currency)) for window in GAINS]
    except Exception:  # how well it did must not cost the report of what there is
        log.exception("the gains for Slack cannot be told")
        return ()


def as_message(document: Document) -> Message:
    """A document as blocks; as its plain twin alone where one message cannot hold them."""
    text = terminal.text(document, slack_blocks.COLUMNS)
    found = slack_blocks.messages(document)
    return Message(text, html=False, rich={"blocks": found[0]} if len(found) == 1 else None)
