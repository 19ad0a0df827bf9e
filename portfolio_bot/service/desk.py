"""What every way of sending shares: one lane for each chat, groups that moved, and how the sending fares."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from portfolio_bot.model.days import Clock
from portfolio_bot.notify.base import DeliveryError, Message, Sink, Trouble, plain_text
from portfolio_bot.service.lane import Lane, Pace, SeenIds
from portfolio_bot.storage import memory, outbox
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store, Tx

log = logging.getLogger(__name__)

_MEMORY, _MOVED = "telegram", "moved:"
"""Under these names it is remembered that a group got another id."""


@dataclass(slots=True)
class DeliveryState:
    """What health wants to know.

    Attributes:
        paused: why nothing is sent to the destination; "" while all is well.
        failing_since: since when sending fails; None while it works.
        last_sent: when something last arrived.
    """

    paused: str = ""
    failing_since: datetime | None = None
    last_sent: datetime | None = None


class Desk:
    """Lanes by chat, and what is known of them.

    Attributes:
        on_move: told the new id when a chat gets another one.
    """

    def __init__(
        self, store: Store, sink: Sink, clock: Clock, destination: str | None, pace: Pace, group_pace: Pace
    ) -> None:
        self.state = DeliveryState()
        self.on_move: Callable[[str], None] = lambda _: None
        self._store, self._sink, self._clock = store, sink, clock
        self._pace, self._group_pace = pace, group_pace
        self._destination = destination
        self._moved: dict[str, str] = {}
        self._lanes: dict[str, Lane] = {}
        self._failures = 0

    async def restore(self) -> None:
        """Take over what an earlier life knew: where a group has moved."""
        async with self._store.read() as tx:
            notes = await memory.all(tx, _MEMORY)
        self._moved = {key.removeprefix(_MOVED): to for key, to in notes.items() if key.startswith(_MOVED)}
        for to in self._moved.values():
            self.on_move(to)

    @property
    def destination(self) -> str | None:
        """Where pushes go now: the chat of the settings, or what it has become."""
        return self._followed(self._destination) if self._destination else None

    async def _other_form(self, lane: Lane, message: Message, error: DeliveryError) -> Message | None:
        """What to send instead at once; None if there is no other way than to wait or give up."""
        match error.trouble:
            case Trouble.BAD_MARKUP if message.html:
                log.error("Telegram could not read the marks of a message, it goes out as plain text")
                return plain_text(message)
            case Trouble.NO_TOPIC if message.topic is not None:
                return replace(message, topic=None)
            case Trouble.MOVED if error.moved_to is not None and error.moved_to != lane.chat:
                await self._move(lane, error.moved_to)
                return message
        return None

    async def _move(self, lane: Lane, to: str) -> None:
        """A group became a supergroup: its letters and all that follows go to the new id."""
        before = lane.chat
        log.warning("chat %s has become %s: messages go there from now on", before, to)
        self._moved[before] = to
        self._lanes[to] = lane
        lane.chat, lane.seen = to, SeenIds()

        async def remember(tx: Tx) -> None:
            await memory.put(tx, _MEMORY, _MOVED + before, to)
            await outbox.redirect(tx, before, to)

        await self._store.write(remember)
        self.on_move(to)

    def _followed(self, chat: str) -> str:
        for _ in range(len(self._moved)):
            chat = self._moved.get(chat, chat)
        return chat

    def _lane(self, chat: str) -> Lane:
        chat = self._followed(chat)
        if chat not in self._lanes:
            pace = self._group_pace if chat.startswith(("-", "@")) else self._pace
            self._lanes[chat] = Lane(chat, self._sink, pace)
        return self._lanes[chat]

    def _pause(self, chat: str, error: DeliveryError) -> None:
        """If the destination is gone, nothing more is sent there until somebody speaks there, or a restart."""
        if error.trouble is Trouble.GONE and chat == self.destination and not self.state.paused:
            self.state.paused = error.detail
            log.error("nothing can be sent to the destination any more: %s", error.detail)

    def _failed(self, error: DeliveryError) -> float:
        """Seconds to wait after a failure; the log hears of the first one only."""
        self._failures += 1
        if self.state.failing_since is None:
            self.state.failing_since = self._clock()
            log.warning("sending fails: %s", error)
        return self._pace.wait(error, self._failures)

    def _arrived(self) -> None:
        if self.state.failing_since is not None:
            log.info("sending works again")
        self._failures, self.state.failing_since, self.state.last_sent = 0, None, self._clock()

    async def _noted(self, chat: str, message_id: int) -> None:
        """Remember a message as ours, so that no probe after a restart overwrites it."""
        try:
            await self._store.write(lambda tx: outbox.note_own(tx, chat, [message_id]))
        except StorageError as error:
            log.warning("a message id could not be remembered: %s", error)
