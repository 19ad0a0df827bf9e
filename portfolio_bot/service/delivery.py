"""What goes out: pushes from the outbox and answers to commands, in one order for each chat.

A push is in the database until it has arrived. That a try begins is committed before the call; a try of unknown fate,
also one that a crash cut short, is asked about before it is repeated. Reports that pile up give way to the newest,
which says for which others it stands. Answers are not stored: nobody wants one that is ten minutes old.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from portfolio_bot.model.days import Clock
from portfolio_bot.notify.base import DeliveryError, Message, Sink, Trouble, plain_text
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.lane import GROUP, Lane, Pace, SeenIds
from portfolio_bot.service.push import Push, repeated
from portfolio_bot.storage import memory, outbox
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.outbox import Letter, LetterState
from portfolio_bot.storage.store import Store, Tx

log = logging.getLogger(__name__)

REPORT = "report"
"""The kind of letters that give way to a newer one; all others arrive one by one."""

ANSWER_LIFE = timedelta(minutes=10)
LOOK_EVERY = 15.0
"""Seconds after which the outbox is looked at even if nobody said that there is something new."""

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


class Delivery:
    """The only sender.

    Args:
        destination: the chat that pushes go to; None if there is none, then only answers are sent.
        reader: whom the remarks about late and repeated messages are for, at this moment.
        pace: of private chats; a group has its own.
    """

    def __init__(
        self,
        store: Store,
        sink: Sink,
        clock: Clock,
        *,
        destination: str | None,
        reader: Callable[[], Reader],
        pace: Pace | None = None,
        group_pace: Pace = GROUP,
        look_every: float = LOOK_EVERY,
    ) -> None:
        self.state = DeliveryState()
        self._store, self._sink, self._clock, self._reader = store, sink, clock, reader
        self._pace, self._group_pace, self._look_every = pace or Pace(), group_pace, look_every
        self._destination = destination
        self._moved: dict[str, str] = {}
        self._lanes: dict[str, Lane] = {}
        self._wake = asyncio.Event()
        self._failures = 0
        self.on_move: Callable[[str], None] = lambda _: None

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

    def nudge(self) -> None:
        """There is something new in the outbox, or a reason to hope."""
        self._wake.set()

    def saw(self, chat: str, message_id: int) -> None:
        """A message of somebody was seen in a chat: ids rise, and this one is not ours."""
        self._lane(chat).seen.add(message_id)

    def heard_from(self, chat: str) -> None:
        """Somebody spoke in a chat: if it was given up, it is worth another try."""
        if self.state.paused and chat == self.destination:
            log.info("the destination is back: sending goes on")
            self.state.paused = ""
            self.nudge()

    async def answer(
        self, chat: str, message: Message, *, edit: int | None = None, asked_at: datetime | None = None
    ) -> int | None:
        """Answer a command or a press, after whatever was to be sent there before.

        Args:
            edit: the message to replace; if it is gone, the answer comes as a new one.
            asked_at: when it was asked for; an answer that cannot be given within ten minutes is dropped.

        Returns:
            The message's id; None if it was dropped.
        """
        ends = (asked_at or self._clock()) + ANSWER_LIFE
        lane = self._lane(chat)
        async with lane.turn:
            arrived = await self._insist(lane, message, edit, ends)
        if arrived is not None:
            self._arrived()
            if edit is None:
                await self._noted(lane.chat, arrived)
        return arrived

    async def show(self, chat: str, message: Message, *, edit: int | None = None) -> int | None:
        """Show something that may be left out, such as progress: only if the way is free, and only once.

        Returns:
            The message's id; None if it was left out or did not arrive.
        """
        lane = self._lane(chat)
        if lane.busy:
            return edit
        async with lane.turn:
            try:
                if edit is not None:
                    await lane.edit(edit, message)
                    return edit
                arrived = await lane.send(message)
            except DeliveryError:
                return edit
        await self._noted(lane.chat, arrived)
        return arrived

    async def aside(self, chat: str, message: Message) -> None:
        """Say something once to somebody who is nobody to us; nothing of it is kept."""
        with contextlib.suppress(DeliveryError):
            await Lane(chat, self._sink, self._pace).send(message)

    async def serve(self, stop: asyncio.Event) -> None:
        """Send what is due until told to stop; the send in hand is finished first."""
        stopping = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                wait = await self.send_due(stop)
                woken = asyncio.ensure_future(self._wake.wait())
                await asyncio.wait({stopping, woken}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
        finally:
            stopping.cancel()

    async def flush(self, seconds: float) -> bool:
        """Send what is due within a time, trying again where it fails; without a running service.

        Returns:
            Whether nothing is left.
        """
        ends = asyncio.get_running_loop().time() + seconds
        while True:
            wait = await self.send_due()
            async with self._store.read() as tx:
                waiting = await outbox.due(tx, datetime.max.replace(tzinfo=UTC), self.destination or "")
            left = ends - asyncio.get_running_loop().time()
            if not waiting or self.state.paused or wait >= left:
                return not waiting
            await asyncio.sleep(wait)

    async def send_due(self, stop: asyncio.Event | None = None) -> float:
        """Send everything that may be sent now.

        Returns:
            Seconds until it is worth looking again.
        """
        try:
            while not (stop and stop.is_set()) and not self.state.paused and await self._send_next():
                pass
        except DeliveryError as error:
            return self._failed(error)
        except StorageError as error:
            log.warning("the outbox cannot be used: %s", error)
        return self._look_every

    async def _send_next(self) -> bool:
        """One step: a letter sent, settled or given up; False if none is due.

        Raises:
            DeliveryError: it could not be delivered now; what the database has to know of that is written.
        """
        destination, now = self.destination, self._clock()
        if destination is None:
            return False
        async with self._store.read() as tx:
            letters = await outbox.due(tx, now, destination)
        if any(letter.expires_at is not None and letter.expires_at <= now for letter in letters):
            for gone in await self._store.write(lambda tx: outbox.expire(tx, now)):
                log.info("%s was not sent in time and is not wanted any more", gone.key)
            async with self._store.read() as tx:
                letters = await outbox.due(tx, now, destination)
        if not letters:
            return False
        lane = self._lane(destination)
        async with lane.turn:
            doubtful = next((letter for letter in letters if letter.state is LetterState.SENDING), None)
            if doubtful is not None:
                await self._settle(lane, doubtful)
            else:
                await self._try(lane, await self._newest(letters))
        return True

    async def _settle(self, lane: Lane, letter: Letter) -> None:
        """Find out what became of a try that nobody saw the end of."""
        push, base = Push.of(letter.payload), letter.last_seen_message_id
        if base is not None:
            async with self._store.read() as tx:
                lane.know(await outbox.own_after(tx, letter.chat, base))
        found = await lane.find(push.sent_as or push.message, base)
        if found is not None:
            await self._mark_sent(letter, found)
            return
        log.info("%s: a try of unknown fate left no trace, it is repeated", letter.key)
        again = replace(push, doubtful=True).to_json()

        async def repeat(tx: Tx) -> None:
            await outbox.collapse(tx, (), letter.id, again, self._clock())
            await outbox.mark_pending(tx, letter.id, letter.not_before, "fate of a try unknown")

        await self._store.write(repeat)

    async def _newest(self, letters: Sequence[Letter]) -> Letter:
        """The letter to send next, once older reports have given way to the newest."""
        *older, newest = [letter for letter in letters if letter.kind == REPORT] or letters[:1]
        if not older:
            return letters[0]
        slots = frozenset[datetime]().union(*(Push.of(letter.payload).slots for letter in older))
        payload = Push.of(newest.payload).standing_for(slots).to_json()
        ids = [letter.id for letter in older]
        await self._store.write(lambda tx: outbox.collapse(tx, ids, newest.id, payload, self._clock()))
        left = [letter for letter in letters if letter not in older]
        return replace(newest, payload=payload) if left[0] is newest else left[0]

    async def _try(self, lane: Lane, letter: Letter) -> None:
        """Send a letter, in another form where Telegram wants one."""
        push = Push.of(letter.payload)
        message = push.worded(self._reader())
        while True:
            try:
                arrived = await self._attempt(lane, letter, replace(push, sent_as=message))
            except DeliveryError as error:
                other = await self._other_form(lane, message, error)
                if other is None:
                    await self._give_up_or_wait(letter, error)
                    return
                message = other
            else:
                await self._mark_sent(letter, arrived)
                return

    async def _attempt(self, lane: Lane, letter: Letter, push: Push) -> int:
        """One call, which the database knows of before it is made."""
        highest, payload = lane.seen.highest, push.to_json()

        async def begin(tx: Tx) -> None:
            if highest is not None:
                await outbox.note_seen(tx, lane.chat, highest)
            await outbox.collapse(tx, (), letter.id, payload, self._clock())  # what is asked about, to the letter
            await outbox.mark_sending(tx, letter.id, self._clock())

        await self._store.write(begin)
        return await lane.send(push.sent_as or push.message)

    async def _give_up_or_wait(self, letter: Letter, error: DeliveryError) -> None:
        """Write down what a failed try means for its letter.

        Raises:
            DeliveryError: nothing else can be sent either.
        """
        now = self._clock()
        if error.unknown_fate:  # it stays `sending`: it is asked about before anything else is sent
            raise error
        if error.permanent:
            await self._store.write(lambda tx: outbox.mark_dead(tx, letter.id, str(error), now))
            log.error("%s can never be delivered: %s", letter.key, error)
            if error.trouble is not Trouble.GONE:
                return
            self._pause(error)
        else:
            retry_at = now + timedelta(seconds=error.retry_after or 0)
            await self._store.write(lambda tx: outbox.mark_pending(tx, letter.id, retry_at, str(error)))
        raise error

    async def _mark_sent(self, letter: Letter, message_id: int) -> None:
        await self._store.write(lambda tx: outbox.mark_sent(tx, letter.id, [message_id], self._clock()))
        self._arrived()

    async def _insist(self, lane: Lane, message: Message, edit: int | None, ends: datetime) -> int | None:
        """Deliver an answer; None once it is too late or of no use."""
        failures, doubtful, said, base = 0, False, False, lane.seen.highest
        while True:
            try:
                if edit is not None:
                    await lane.edit(edit, message)
                    return edit
                if doubtful:
                    found = await lane.find(message, base)
                    if found is not None:
                        return found
                    message = message if said else repeated(message, self._reader())
                    doubtful, said = False, True
                return await lane.send(message)
            except DeliveryError as error:
                if edit is not None and error.trouble is Trouble.NO_MESSAGE:
                    edit = None
                    continue
                other = await self._other_form(lane, message, error)
                if other is not None:
                    message = other
                    continue
                failures += 1
                doubtful = doubtful or (error.unknown_fate and edit is None)
                wait = lane.pace.wait(error, failures)
                if error.permanent or self._clock() + timedelta(seconds=wait) > ends:
                    log.warning("an answer was dropped: %s", error)
                    self._pause(error)
                    return None
                await asyncio.sleep(wait)

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

    def _pause(self, error: DeliveryError) -> None:
        """The destination is gone: nothing more is sent there until somebody speaks there, or a restart."""
        if error.trouble is Trouble.GONE and not self.state.paused:
            self.state.paused = error.detail
            log.error("nothing can be sent to the destination any more: %s", error.detail)

    def _failed(self, error: DeliveryError) -> float:
        """Seconds to wait after a failure; the log hears of the first one only."""
        self._failures += 1
        if self.state.failing_since is None:
            self.state.failing_since = self._clock()
            log.warning("sending fails: %s", error)
        return min(self._pace.wait(error, self._failures), max(self._look_every, self._pace.longest_wait))

    def _arrived(self) -> None:
        if self.state.failing_since is not None:
            log.info("sending works again")
            self.nudge()  # what waits in the outbox need not wait any longer
        self._failures, self.state.failing_since, self.state.last_sent = 0, None, self._clock()

    async def _noted(self, chat: str, message_id: int) -> None:
        """Remember a message as ours, so that no probe after a restart overwrites it."""
        try:
            await self._store.write(lambda tx: outbox.note_own(tx, chat, [message_id]))
        except StorageError as error:
            log.warning("a message id could not be remembered: %s", error)
