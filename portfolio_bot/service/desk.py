"""What every way of sending shares: one lane for each chat, chats that moved, forms, and how the sending fares."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from portfolio_bot.model.days import Clock
from portfolio_bot.notify.base import DeliveryError, Message, OneWay, Sink, Trouble, plain_text
from portfolio_bot.notify.parts import parts, remarked, visible
from portfolio_bot.report import compose
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.forms import Forms
from portfolio_bot.service.lane import Fare, Lane, Pace, Rest, SeenIds
from portfolio_bot.service.posts import SLACK
from portfolio_bot.service.push import with_lines
from portfolio_bot.storage import memory, outbox
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store, Tx

log = logging.getLogger(__name__)

_MEMORY, _MOVED = "telegram", "moved:"
"""Under these names it is remembered that a group got another id."""

_SLACK_LIMIT: Final = 20_000
"""Units in one message to Slack, which takes twice as many characters, escaped ones counted whole."""

_GROUPS: Final = 100
"""Groups nothing was sent to yet whose highest message id is kept."""

_SHORTEST: Final = 256
"""Units below which a message is not cut any further."""


class Desk:
    """Lanes by chat, and what is known of them.

    Args:
        others: sinks of chats that the main one does not lead to, by chat: `slack`.
        reader: whom remarks in a chat are for, at this moment.

    Attributes:
        on_move: told the new id when a chat gets another one.
    """

    def __init__(
        self,
        store: Store,
        sink: Sink | None,
        clock: Clock,
        destination: str | None,
        reader: Callable[[str], Reader],
        *,
        others: Mapping[str, Sink],
        forms: Forms,
        pace: Pace,
        group_pace: Pace,
    ) -> None:
        self.on_move: Callable[[str], None] = lambda _: None
        self._store, self._sink, self._others, self._clock = store, sink, others, clock
        self._reader, self._forms = reader, forms
        self._pace, self._group_pace = pace, group_pace
        self._destination = destination
        self._moved: dict[str, str] = {}
        self._lanes: dict[str, Lane] = {}
        self._written_to: set[str] = set()
        self._elsewhere: dict[str, int] = {}
        self._common, self._silence = SeenIds(), Rest()

    async def restore(self) -> None:
        """Take over what an earlier life knew: where groups have moved, how high message ids were."""
        async with self._store.read() as tx:
            notes = await memory.all(tx, _MEMORY)
            highest = await outbox.highest_everywhere(tx)
        self._moved = {key.removeprefix(_MOVED): to for key, to in notes.items() if key.startswith(_MOVED)}
        for to in self._moved.values():
            self.on_move(to)
        for chat, message_id in highest.items():
            if self._moved.get(chat) is None:
                self._lane(chat).seen.begin_at(message_id)

    @property
    def destination(self) -> str | None:
        """Where pushes go now: the chat of the settings, or what it has become."""
        return self._followed(self._destination) if self._destination else None

    @property
    def state(self) -> Fare:
        """How the sending to the main chat fares."""
        return self._lane(self.destination).fare if self.destination else Fare()

    @property
    def paused(self) -> Mapping[str, str]:
        """Why nothing is sent any more, by chat; those in which all is well are left out."""
        return {chat: lane.fare.paused for chat, lane in self._lanes.items() if lane.fare.paused and lane.chat == chat}

    def leads_to(self, chat: str) -> bool:
        """Whether there is a way to a chat."""
        return (self._others.get(chat) or (None if chat == SLACK else self._sink)) is not None

    def saw(self, chat: str, message_id: int) -> None:
        """A message of somebody was seen in a chat: ids rise, and this one is not ours."""
        chat = self._followed(chat)
        if _counts_together(chat):
            self._common.add(message_id)
        elif chat in self._lanes or chat == self.destination:
            self._lane(chat).seen.add(message_id)
        else:  # nothing was ever sent there, but something may be
            self._elsewhere[chat] = max(message_id, self._elsewhere.pop(chat, 0))
            if len(self._elsewhere) > _GROUPS:
                del self._elsewhere[next(iter(self._elsewhere))]

    async def _other_form(self, lane: Lane, message: Message, error: DeliveryError) -> tuple[Message, ...]:
        """What to send instead at once; nothing if there is no other way than to wait or give up."""
        match error.trouble:
            case Trouble.NO_RICH if message.rich is not None:
                await self._forms.refused(lane.chat)
                return parts(message.classic)
            case Trouble.TOO_LONG | Trouble.REFUSED if message.rich is not None:
                return parts(message.classic)
            case Trouble.REFUSED if message.file is not None and message.file.picture and message.text:
                log.error("a picture was refused in chat %s, its words go without it", lane.chat)
                return parts(replace(message, file=None))
            case Trouble.BAD_MARKUP if message.html or message.rich is not None:
                log.error("the marks of a message could not be read in chat %s, it goes out as plain text", lane.chat)
                return (plain_text(message),)
            case Trouble.TOO_LONG if visible(message) > _SHORTEST:
                cut = parts(message, limit=max(visible(message) // 2, _SHORTEST))
                return cut if len(cut) > 1 else ()
            case Trouble.NO_TOPIC if message.topic is not None:
                log.warning("the topic %s of chat %s is gone, its message goes to the chat", message.topic, lane.chat)
                return (self._without_topic(lane.chat, message),)
            case Trouble.NO_REPLY if message.reply_to is not None:
                return (replace(message, reply_to=None),)
            case Trouble.MOVED if error.moved_to is not None and error.moved_to != lane.chat:
                await self._move(lane, error.moved_to)
                return (message,)
        return ()

    def _without_topic(self, chat: str, message: Message) -> Message:
        line = compose.topic_gone(self._reader(chat))
        return self._with_remarks(chat, message, with_lines(replace(message, topic=None), line))

    def _with_remarks(self, chat: str, before: Message, after: Message) -> Message:
        """What was added to the text is added to the rich form too."""
        told = plain_text(after.with_text(after.text.removeprefix(before.text))).text.strip()
        return remarked(after, told if after.text != before.text else "", slack=chat == SLACK)

    def _formed(self, chat: str, message: Message) -> Message:
        """In the form that the chat takes; whether messages are rich is a question about Telegram alone."""
        return message if message.rich is None or chat == SLACK or self._forms.rich(chat) else message.classic

    def _cut(self, chat: str, message: Message) -> tuple[Message, ...]:
        """In as many messages as the chat needs for it; through a webhook no file goes."""
        return parts(replace(message, file=None), limit=_SLACK_LIMIT) if chat == SLACK else parts(message)

    async def moved(self, chat: str, to: str) -> None:
        """Telegram says that a group has another id now: before anything is sent there, so that it is heard there."""
        if chat != self._destination and chat not in self._lanes:
            return
        lane = self._lane(chat)
        async with lane.turn:
            if lane.chat == chat:
                await self._move(lane, to)

    async def _move(self, lane: Lane, to: str) -> None:
        """A group became a supergroup: its letters and all that follows go to the new id."""
        before = lane.chat
        log.warning("chat %s has become %s: messages go there from now on", before, to)
        known = self._lanes.get(to)
        self._moved[before] = to
        self._lanes[to] = lane
        lane.chat, lane.seen = to, known.seen if known else SeenIds()
        if before in self._written_to:
            self._written_to.add(to)

        async def remember(tx: Tx) -> None:
            await memory.put(tx, _MEMORY, _MOVED + before, to)
            await outbox.redirect(tx, before, to)

        self.on_move(to)  # at once: whoever speaks there is heard even while the database is busy
        await self._store.write(remember)

    def _followed(self, chat: str) -> str:
        for _ in range(len(self._moved)):
            chat = self._moved.get(chat, chat)
        return chat

    def _lane(self, chat: str) -> Lane:
        chat = self._followed(chat)
        if chat not in self._lanes:
            pace = self._group_pace if chat.startswith(("-", "@")) else self._pace
            sink = self._others.get(chat) or self._sink or _Nowhere()
            if chat in self._others:
                self._lanes[chat] = Lane(chat, sink, pace)
            else:
                seen = self._common if _counts_together(chat) else SeenIds()
                seen.begin_at(self._elsewhere.pop(chat, 0))
                self._lanes[chat] = Lane(chat, sink, pace, seen=seen, rest=self._silence)
        return self._lanes[chat]

    def _pause(self, lane: Lane, error: DeliveryError) -> None:
        """If a chat that is written to is gone, nothing more is sent there until somebody speaks, or a restart."""
        wanted = lane.chat == self.destination or lane.chat in self._written_to
        if error.trouble is Trouble.GONE and wanted and not lane.fare.paused:
            lane.fare.paused = error.detail
            log.error("nothing can be sent to chat %s any more: %s", lane.chat, error.detail)

    def _failed(self, lane: Lane, error: DeliveryError) -> float:
        """Seconds to wait after a failure; the log hears of the first one only."""
        lane.fare.failures += 1
        if lane.fare.failing_since is None:
            lane.fare.failing_since = self._clock()
            log.warning("sending to chat %s fails: %s", lane.chat, error)
        return lane.pace.wait(error, lane.fare.failures)

    def _arrived(self, lane: Lane) -> None:
        if lane.fare.failing_since is not None:
            log.info("sending to chat %s works again", lane.chat)
        lane.fare.failures, lane.fare.failing_since, lane.fare.last_sent = 0, None, self._clock()

    async def _noted(self, chat: str, message_id: int) -> None:
        """Remember a message as ours, so that no probe after a restart overwrites it."""
        if not message_id:
            return
        try:
            await self._store.write(lambda tx: outbox.note_own(tx, chat, [message_id]))
        except StorageError as error:
            log.warning("a message id could not be remembered: %s", error)


class _Nowhere(OneWay):
    """The sink of chats to which there is no way: without a bot."""

    async def send(self, chat: str, message: Message) -> int:
        raise DeliveryError(Trouble.REFUSED, "there is no way to this chat")


def _counts_together(chat: str) -> bool:
    """Message ids of private chats and basic groups come from one counter of the bot; supergroups have their own."""
    return not chat.startswith(("-100", "@")) and chat.lstrip("-").isdigit()
