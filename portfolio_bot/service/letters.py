"""Reports and notices as letters in the outbox, in the words of their reader."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.notify.base import Message
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import SyncView
from portfolio_bot.service.push import payload_of
from portfolio_bot.service.snapshots import Pushed
from portfolio_bot.service.watch import News, Notice
from portfolio_bot.storage import outbox
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)


class Sender(Protocol):
    """Whoever empties the outbox."""

    @property
    def destination(self) -> str | None:
        """The chat that pushes go to now."""

    def nudge(self) -> None:
        """There is something new in the outbox."""

    async def answer(self, chat: str, message: Message) -> int | None:
        """Send in its turn, past the outbox, for some minutes if need be; None if it did not arrive."""


class Render(Protocol):
    """How the face of the destination shows a document as one message."""

    def __call__(self, document: Document, *, report: bool, news: News | None = None) -> Message:
        """The message; a report's has the buttons of one, also those that turn its pages.

        Args:
            news: what it tells, where that is a question with answers to press.
        """


class Letters:
    """Writes letters; a `Postman` for snapshots.

    Args:
        reader: whom they are for, at this moment.
        window_open: whether sound is allowed now; outside the window notices arrive silently.
        render: as the face of the destination shows it.
        breakdown: reports have the subtotal of the exchanges.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        reader: Callable[[], Reader],
        window_open: Callable[[], bool],
        render: Render,
        breakdown: bool = True,
    ) -> None:
        self._sender, self._reader, self._window_open = sender, reader, window_open
        self._render, self._breakdown = render, breakdown
        self._telling: set[asyncio.Task[None]] = set()

    async def report(self, tx: Tx, pushed: Pushed) -> None:
        """Queue a report; one that was queued before is left alone."""
        document = compose.status(
            pushed.portfolio,
            self._reader(),
            baseline=pushed.baseline,
            crossed=pushed.crossed,
            late=pushed.late,
            breakdown=self._breakdown,
        )
        message = self._render(document, report=True)
        slot = pushed.due.slot if pushed.due else None
        await self._queue(tx, pushed.key, "report", message, pushed.portfolio.at, slot)

    async def notice(self, tx: Tx, notice: Notice, portfolio: Portfolio) -> None:
        """Queue a notice; one that was queued before is left alone."""
        document = compose.notice(notice.news, self._reader(), portfolio)
        message = replace(self._render(document, report=False, news=notice.news), silent=not self._window_open())
        await self._queue(tx, notice.key, "notice", message, portfolio.at)

    async def history(self, tx: Tx, key: str, view: SyncView) -> None:
        """Queue the notice that the past is read; one that was queued before is left alone."""
        reader = self._reader()
        document = compose.history_read(view, reader)
        message = replace(self._render(document, report=False), silent=not self._window_open())
        await self._queue(tx, key, "notice", message, reader.now)

    def nudge(self) -> None:
        """What was queued is committed now."""
        self._sender.nudge()

    async def alarm(self, text: str) -> None:
        """Tell the owner at once, without the database; never raises, and nobody waits until it has arrived."""
        chat = self._sender.destination
        if chat is not None:
            telling = asyncio.create_task(self._tell(chat, text), name="alarm")
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    async def _tell(self, chat: str, text: str) -> None:
        if await self._sender.answer(chat, Message(text, html=False)) is None:
            log.warning("the owner could not be told")

    async def _queue(
        self, tx: Tx, key: str, kind: str, message: Message, at: datetime, slot: datetime | None = None
    ) -> None:
        chat = self._sender.destination
        if chat is None:
            return
        payload = payload_of(message, slot=slot, written=at)
        await outbox.add(tx, key=key, chat=chat, payload=payload, kind=kind, not_before=at)
