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
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from portfolio_bot.model.days import Clock
from portfolio_bot.notify.base import DeliveryError, Message, Sink, Trouble
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.desk import Desk
from portfolio_bot.service.lane import GROUP, Lane, Pace
from portfolio_bot.service.push import Push, repeated
from portfolio_bot.storage import outbox
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.outbox import Letter, LetterState
from portfolio_bot.storage.store import Store, Tx

log = logging.getLogger(__name__)

REPORT = "report"
"""The kind of letters that give way to a newer one; all others arrive one by one."""

ANSWER_LIFE = timedelta(minutes=10)
LOOK_EVERY = 15.0
"""Seconds after which the outbox is looked at even if nobody said that there is something new."""


class Delivery(Desk):
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
        super().__init__(store, sink, clock, destination, pace or Pace(), group_pace)
        self._reader, self._look_every = reader, look_every
        self._wake = asyncio.Event()

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
            if self.state.failing_since is not None:
                self.nudge()  # what waits in the outbox need not wait any longer
            self._arrived()
            if arrived != edit:
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
                try:
                    wait = await self.send_due(stop)
                except Exception:  # a bug about one letter must not end the sending of all others
                    log.exception("sending broke down and begins again")
                    wait = self._look_every
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
        destination = self.destination
        letters = await self._due(destination) if destination else []
        if destination is None or not letters:
            return False
        lane = self._lane(destination)
        async with lane.turn:
            doubtful = next((letter for letter in letters if letter.state is LetterState.SENDING), None)
            if doubtful is not None:
                await self._settle(lane, doubtful)
            else:
                await self._try(lane, await self._newest(letters))
        return True

    async def _due(self, destination: str) -> list[Letter]:
        """What may be sent now; what nobody wants any more, or nobody can read, is given up on the way."""
        now = self._clock()
        async with self._store.read() as tx:
            letters = await outbox.due(tx, now, destination)
        if any(letter.expires_at is not None and letter.expires_at <= now for letter in letters):
            for gone in await self._store.write(lambda tx: outbox.expire(tx, now)):
                log.info("%s was not sent in time and is not wanted any more", gone.key)
            async with self._store.read() as tx:
                letters = await outbox.due(tx, now, destination)
        for letter in [letter for letter in letters if not _readable(letter)]:
            log.error("%s cannot be read and is given up", letter.key)
            await self._store.write(lambda tx, one=letter.id: outbox.mark_dead(tx, one, "unreadable", now))  # type: ignore[misc]
            letters.remove(letter)
        return letters

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
            self._pause(letter.chat, error)
        else:
            # a token is mended by a restart, which should not have to wait for anything
            wait = 0.0 if error.trouble is Trouble.TOKEN else error.retry_after or 0.0
            retry_at = now + timedelta(seconds=wait)
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
                    self._pause(lane.chat, error)
                    return None
                await asyncio.sleep(wait)


def _readable(letter: Letter) -> bool:
    """Whether its payload is one of ours; an older or newer version may have written another."""
    try:
        Push.of(letter.payload)
    except (ValueError, TypeError):
        return False
    return True
