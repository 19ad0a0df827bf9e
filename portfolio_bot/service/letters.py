"""Reports and notices as letters in the outbox, in the words of their reader and the form of their chat."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.notify.base import Message
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import SyncView
from portfolio_bot.service.posts import MAIN, Post
from portfolio_bot.service.push import payload_of
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.under_way import UnderWay
from portfolio_bot.service.watch import News, Notice
from portfolio_bot.storage import outbox
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)


class Sender(Protocol):
    """Whoever empties the outbox."""

    @property
    def destination(self) -> str | None:
        """The main chat, as it is now."""

    def nudge(self) -> None:
        """There is something new in the outbox."""

    async def answer(self, chat: str, message: Message) -> int | None:
        """Send in its turn, past the outbox, for some minutes if need be; None if it did not arrive."""


class Render(Protocol):
    """How the face of one kind of chat shows what is told. Topic, silence and what it answers are the writer's."""

    def at_once(self, content: str) -> bool:
        """Whether `report` can show this content: by the portfolio alone, with nothing to read or to draw."""

    def report(self, pushed: Pushed, reader: Reader) -> Message:
        """A report; called inside the transaction that stores its snapshot, so it must neither read nor draw."""

    async def content(self, pushed: Pushed, reader: Reader) -> Message:
        """Any content, from what is stored by now; called outside of every transaction."""

    def notice(self, document: Document, reader: Reader, news: News | None = None) -> Message:
        """A notice or an alert.

        Args:
            news: what it tells, where that is a question with answers to press.
        """


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter before it is queued."""

    key: str
    chat: str
    kind: str
    payload: dict[str, object]
    at: datetime


class Letters:
    """Writes letters; a `Postman` for snapshots.

    Args:
        reader: whom they are for, by chat, at this moment.
        window_open: whether sound is allowed now; outside the window notices arrive silently.
        render: as the face of a chat shows it, by chat; None where nothing can be sent.
        posts: where notices and alerts go.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        reader: Callable[[str], Reader],
        window_open: Callable[[], bool],
        render: Callable[[str], Render | None],
        posts: Sequence[Post] = (MAIN,),
    ) -> None:
        self._sender, self._reader, self._window_open = sender, reader, window_open
        self._render, self._posts = render, tuple(posts)
        self._telling = UnderWay()

    def at_once(self, content: str, posts: Sequence[Post]) -> bool:
        """Whether a content can be written in the transaction of its snapshot; else `prepare` writes it afterwards."""
        faces = [face for _, _, face in self._faces(posts)]
        return all(face.at_once(content) for face in faces)

    def main(self) -> str | None:
        """The main chat, as it is now; None if there is none."""
        return self._sender.destination

    async def report(self, tx: Tx, pushed: Pushed) -> None:
        """Queue a report; one that was queued before is left alone."""
        for post, chat, face in self._faces(pushed.posts):
            message = face.report(pushed, self._reader(chat))
            await _queue(tx, _reported(pushed, post, chat, message))

    async def prepare(self, pushed: Pushed) -> Callable[[Tx], Awaitable[None]]:
        """Write what has to be read or drawn.

        Returns:
            What queues it, in a transaction of the caller; what was queued before is left alone.
        """
        letters = []
        for post, chat, face in self._faces(pushed.posts):
            message = await _made(face, pushed, self._reader(chat))
            letters.append(_reported(pushed, post, chat, message))

        async def queue(tx: Tx) -> None:
            for letter in letters:
                await _queue(tx, letter)

        return queue

    async def notice(self, tx: Tx, notice: Notice, portfolio: Portfolio) -> None:
        """Queue a notice; one that was queued before is left alone."""
        for post, chat, face in self._faces(self._posts):
            reader = self._reader(chat)
            document = compose.notice(notice.news, reader, portfolio)
            message = self._sounding(face.notice(document, reader, notice.news), post)
            answers = post.key(notice.answers) if notice.answers else ""
            payload = payload_of(message, written=portfolio.at, answers=answers)
            await _queue(tx, _Letter(post.key(notice.key), chat, "notice", payload, portfolio.at))

    async def history(self, tx: Tx, key: str, view: SyncView) -> None:
        """Queue the notice that the past is read; one that was queued before is left alone."""
        for post, chat, face in self._faces((MAIN,)):
            reader = self._reader(chat)
            message = self._sounding(face.notice(compose.history_read(view, reader), reader), post)
            payload = payload_of(message, written=reader.now)
            await _queue(tx, _Letter(post.key(key), chat, "notice", payload, reader.now))

    def nudge(self) -> None:
        """What was queued is committed now."""
        self._sender.nudge()

    async def alarm(self, text: str) -> None:
        """Tell the owner at once, without the database; never raises, and nobody waits until it has arrived."""
        chat = self._sender.destination
        if chat is not None:
            self._telling.begin(self._tell(chat, text), name="alarm")

    async def _tell(self, chat: str, text: str) -> None:
        if await self._sender.answer(chat, Message(text, html=False)) is None:
            log.warning("the owner could not be told")

    def _faces(self, posts: Sequence[Post]) -> list[tuple[Post, str, Render]]:
        """Each address with its chat as it is now and the face there; those where nothing can be sent are left out."""
        found: dict[tuple[str, int | None], tuple[Post, str, Render]] = {}
        for post in posts:
            chat = post.chat or self._sender.destination
            face = None if chat is None else self._render(chat)
            if chat is not None and face is not None:
                found.setdefault((chat, post.topic), (post, chat, face))  # the main chat may be named by its id too
        return list(found.values())

    def _sounding(self, message: Message, post: Post) -> Message:
        return replace(message, silent=not self._window_open(), topic=post.topic)


async def _made(face: Render, pushed: Pushed, reader: Reader) -> Message:
    """What was wanted; the plain report where that cannot be made."""
    try:
        return await face.content(pushed, reader)
    except Exception:  # a picture that cannot be drawn must not cost the report
        log.exception("%s could not be made, the plain report takes its place", pushed.content)
        return face.report(pushed, reader)


def _reported(pushed: Pushed, post: Post, chat: str, message: Message) -> _Letter:
    slot = pushed.due.slot if pushed.due else None
    message = replace(message, silent=message.silent or pushed.silent, topic=post.topic)
    payload = payload_of(message, slot=slot, written=pushed.portfolio.at, series=post.key(pushed.series))
    return _Letter(post.key(pushed.key), chat, "report", payload, pushed.portfolio.at)


async def _queue(tx: Tx, letter: _Letter) -> None:
    await outbox.add(
        tx, key=letter.key, chat=letter.chat, payload=letter.payload, kind=letter.kind, not_before=letter.at
    )
