"""What goes out: pushes from the outbox and answers to commands, in one order for each chat.

Each chat has a worker of its own, so that none waits for another. A push is in the database until it has arrived.
Answers are not stored: nobody wants one that is ten minutes old.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from portfolio_bot.model.days import Clock
from portfolio_bot.notify.base import DeliveryError, Message, Sink, Trouble
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.forms import Forms
from portfolio_bot.service.lane import GROUP, Lane, Pace
from portfolio_bot.service.outgoing import Outgoing
from portfolio_bot.service.push import repeated
from portfolio_bot.storage import outbox
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

ANSWER_LIFE = timedelta(minutes=10)
LOOK_EVERY = 15.0
"""Seconds after which the outbox is looked at even if nobody said that there is something new."""


class Delivery(Outgoing):
    """The only sender.

    Args:
        sink: the way to all chats but those of `others`; None if there is none.
        destination: the main chat; None if there is none, then only answers are sent.
        reader: whom the remarks about late and repeated messages are for, by chat, at this moment.
        others: ways to chats of another kind, by chat.
        forms: which chats take rich messages.
        pace: of private chats; a group has its own.
    """

    def __init__(
        self,
        store: Store,
        sink: Sink | None,
        clock: Clock,
        *,
        destination: str | None,
        reader: Callable[[str], Reader],
        others: Mapping[str, Sink] | None = None,
        forms: Forms | None = None,
        pace: Pace | None = None,
        group_pace: Pace = GROUP,
        look_every: float = LOOK_EVERY,
    ) -> None:
        super().__init__(
            store,
            sink,
            clock,
            destination,
            reader,
            others=others or {},
            forms=forms or Forms(),
            pace=pace or Pace(),
            group_pace=group_pace,
        )
        self._look_every = look_every
        self._wake = asyncio.Event()

    def nudge(self) -> None:
        """There is something new in the outbox, or a reason to hope."""
        woken, self._wake = self._wake, asyncio.Event()
        woken.set()

    def heard_from(self, chat: str) -> None:
        """Somebody spoke in a chat: if it was given up, it is worth another try."""
        lane = self._lanes.get(self._followed(chat))
        if lane is not None and lane.fare.paused:
            log.info("chat %s is back: sending goes on", lane.chat)
            lane.fare.paused = ""
            self.nudge()

    async def answer(
        self,
        chat: str,
        message: Message,
        *,
        edit: int | None = None,
        picture: bool = False,
        asked_at: datetime | None = None,
    ) -> int | None:
        """Answer a command or a press, after whatever was to be sent there before.

        Args:
            edit: the message to replace; if it is gone, the answer comes as a new one. A picture cannot become words:
                then the answer comes as a new one too, and the picture goes.
            picture: that message is a picture.
            asked_at: when it was asked for; an answer that cannot be given within ten minutes is dropped.

        Returns:
            The message's id; None if it was dropped.
        """
        ends = (asked_at or self._clock()) + ANSWER_LIFE
        lane = self._lane(chat)
        async with lane.turn:
            if not await self._without_doubt(lane, ends):
                return None
            old = edit if picture and message.file is None else None
            place = None if old is not None else edit
            arrived = await self._insist(lane, self._cut(lane.chat, self._formed(lane.chat, message)), place, ends)
            if old is not None and arrived is not None:
                await self._take_away(lane, old)
        if arrived is not None:
            if lane.fare.failing_since is not None:
                self.nudge()  # what waits in the outbox need not wait any longer
            self._arrived(lane)
        return arrived

    async def show(self, chat: str, message: Message, *, edit: int | None = None, picture: bool = False) -> int | None:
        """Show something that may be left out, such as progress: only if the way is free, and only once.

        Args:
            edit: the message to show it in; below it, if that is a picture; in a new one, if it is gone.
            picture: that message is a picture.

        Returns:
            The message's id; `edit` if it was left out or did not arrive.
        """
        arrived = await self.keep(chat, message, edit=edit, picture=picture)
        return edit if arrived is None else arrived

    async def keep(self, chat: str, message: Message, *, edit: int | None = None, picture: bool = False) -> int | None:
        """As `show`, but None if it was left out or nobody knows whether it arrived."""
        lane = self._lane(chat)
        if lane.busy or lane.fare.paused:
            return None
        message = self._formed(lane.chat, message)
        async with lane.turn:
            if await self._in_doubt(lane) is not None:
                return None
            try:
                arrived = await self._shown(lane, message, edit, picture)
            except DeliveryError:
                return None
        if arrived is not None and arrived != edit:
            await self._noted(lane.chat, arrived)
        return arrived

    async def remove(self, chat: str, message_id: int) -> bool:
        """Delete a message of ours; False if that did not work."""
        lane = self._lane(chat)
        async with lane.turn:
            return await self._take_away(lane, message_id)

    async def pin(self, chat: str, message_id: int) -> bool:
        """Pin a message of ours, silently; False if that did not work, for want of the right for instance."""
        lane = self._lane(chat)
        async with lane.turn:
            try:
                await lane.pin(message_id)
            except DeliveryError as error:
                log.info("a message could not be pinned in chat %s: %s", lane.chat, error)
                return False
        return True

    async def aside(self, chat: str, message: Message) -> None:
        """Say something once to somebody who is nobody to us; nothing of it is kept."""
        if self._sink is not None:
            with contextlib.suppress(DeliveryError):
                await Lane(chat, self._sink, self._pace).send(message)

    async def serve(self, stop: asyncio.Event) -> None:
        """Send what is due until told to stop; the send in hand is finished first."""
        stopping = asyncio.create_task(stop.wait())
        workers: dict[str, asyncio.Task[None]] = {}
        try:
            while not stop.is_set():
                wake = self._wake
                for chat in await self._chats():
                    if chat not in workers:
                        workers[chat] = asyncio.create_task(self._work(chat, stop, stopping), name=f"letters to {chat}")
                await self._rest(wake, stopping, self._look_every)
            if workers:
                await asyncio.wait(workers.values())
        finally:
            stopping.cancel()
            for worker in workers.values():
                worker.cancel()  # only where there is no time left to finish what is in hand
            if workers:
                await asyncio.wait(workers.values())

    async def flush(self, seconds: float) -> bool:
        """Send what is due within a time, trying again where it fails; without a running service.

        Returns:
            Whether nothing is left.
        """
        ends = asyncio.get_running_loop().time() + seconds
        return all(await asyncio.gather(*(self._flush(chat, ends) for chat in await self._chats())))

    async def send_due(self, stop: asyncio.Event | None = None) -> float:
        """Send everything that may be sent now.

        Returns:
            Seconds until it is worth looking again.
        """
        waits = await asyncio.gather(*(self._send(chat, stop) for chat in await self._chats()))
        return min(waits, default=self._look_every)

    async def _work(self, chat: str, stop: asyncio.Event, stopping: asyncio.Task[Literal[True]]) -> None:
        """Everything for one chat, until told to stop."""
        while not stop.is_set():
            wake = self._wake
            await self._rest(wake, stopping, await self._send(chat, stop))

    async def _rest(self, wake: asyncio.Event, stopping: asyncio.Task[Literal[True]], seconds: float) -> None:
        woken = asyncio.create_task(wake.wait())
        try:
            await asyncio.wait({stopping, woken}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _chats(self) -> list[str]:
        """The chats that wait for a letter and to which there is a way; letters to one that moved are sent after it."""
        try:
            async with self._store.read() as tx:
                waiting = await outbox.chats(tx)
            for chat in waiting:
                to = self._followed(chat)
                if to != chat:
                    await self._store.write(partial(outbox.redirect, chat=chat, to=to))
        except StorageError as error:
            log.warning("the outbox cannot be used: %s", error)
            return []
        return [chat for chat in dict.fromkeys(map(self._followed, waiting)) if self.leads_to(chat)]

    async def _send(self, chat: str, stop: asyncio.Event | None = None) -> float:
        try:
            wait = await self._send_all(chat, stop)
        except StorageError as error:
            log.warning("the outbox cannot be used: %s", error)
        except Exception:  # a bug about one letter must not end the sending of all others
            log.exception("sending broke down and begins again")
        else:
            return self._look_every if wait is None else wait
        return self._look_every

    async def _flush(self, chat: str, ends: float) -> bool:
        while True:
            wait = await self._send(chat)
            async with self._store.read() as tx:
                waiting = await outbox.due(tx, datetime.max.replace(tzinfo=UTC), self._followed(chat))
            left = ends - asyncio.get_running_loop().time()
            if not waiting or self._lane(chat).fare.paused or wait >= left:
                return not waiting
            await asyncio.sleep(wait)

    async def _without_doubt(self, lane: Lane, ends: datetime) -> bool:
        """Find out what became of a letter in doubt, before anything else is sent there; False once it is too late.

        An answer that went out first would stand where the letter is looked for, and a crash before its id is noted
        would let the search overwrite it.
        """
        failures = 0
        while (letter := await self._in_doubt(lane)) is not None:
            try:
                await self._settle(lane, letter)
            except StorageError as error:
                log.warning("the outbox cannot be used: %s", error)
                break
            except DeliveryError as error:
                failures += 1
                wait = lane.pace.wait(error, failures)
                if self._clock() + timedelta(seconds=wait) > ends:
                    log.warning("an answer was dropped: %s", error)
                    return False
                await asyncio.sleep(wait)
        return True

    async def _insist(self, lane: Lane, messages: tuple[Message, ...], edit: int | None, ends: datetime) -> int | None:
        """Deliver an answer, message by message; the id of its first, None once it is too late or of no use."""
        first: int | None = None
        for message in messages:
            arrived = await self._insist_on(lane, message, edit, ends)
            if arrived is None:
                break
            if arrived != edit:
                await self._noted(lane.chat, arrived)
            first, edit = arrived if first is None else first, None
        return first

    async def _insist_on(self, lane: Lane, message: Message, edit: int | None, ends: datetime) -> int | None:
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
                    message = message if said else self._said_again(lane.chat, message)
                    doubtful, said = False, True
                return await lane.send(message)
            except DeliveryError as error:
                if edit is not None and error.trouble in {Trouble.NO_MESSAGE, Trouble.OTHER_KIND}:
                    edit = None  # a file that somebody asked for stays where it is
                    continue
                other = await self._other_form(lane, message, error)
                if other:
                    message, *more = other
                    if more:
                        return await self._insist(lane, other, edit, ends)
                    continue
                failures += 1
                doubtful = doubtful or (error.unknown_fate and edit is None)
                wait = lane.pace.wait(error, failures)
                if error.permanent or self._clock() + timedelta(seconds=wait) > ends:
                    log.warning("an answer was dropped: %s", error)
                    self._pause(lane, error)
                    return None
                await asyncio.sleep(wait)

    def _said_again(self, chat: str, message: Message) -> Message:
        return self._with_remarks(chat, message, repeated(message, self._reader(chat)))

    async def _shown(self, lane: Lane, message: Message, edit: int | None, picture: bool) -> int | None:
        """Show something once, in a form that the chat takes; None if nobody can tell where it stands.

        Raises:
            DeliveryError: as the lane.
        """
        base, place = lane.seen.highest, edit
        while True:
            try:
                if place is not None:
                    await lane.edit(place, message, caption=picture)
                    return place
                return await lane.send(message)
            except DeliveryError as error:
                if place is not None and error.trouble in {Trouble.NO_MESSAGE, Trouble.OTHER_KIND}:
                    place = None  # it is gone, or a file that stays as it is
                    continue
                if place is None and error.unknown_fate:
                    return await lane.find(message, base)
                other = await self._other_form(lane, message, error)
                if not other:
                    raise
                message = other[0]

    async def _take_away(self, lane: Lane, message_id: int) -> bool:
        try:
            await lane.delete(message_id)
        except DeliveryError as error:
            log.info("a message could not be deleted in chat %s: %s", lane.chat, error)
            return False
        return True
