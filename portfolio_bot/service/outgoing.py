"""Letters of the outbox on their way to their chat, in its order, each until it has arrived.

That a try begins is committed before the call; a try of unknown fate, also one that a crash cut short, is asked about
before it is repeated. A letter of several messages goes on where it was. Reports that pile up give way to the newest
of their series, which says for which others it stands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from portfolio_bot.notify.base import DeliveryError, Message, Trouble
from portfolio_bot.notify.parts import visible
from portfolio_bot.report.telegram_pages import CAPTION
from portfolio_bot.service.desk import Desk
from portfolio_bot.service.lane import Lane
from portfolio_bot.service.parcel import Parcel
from portfolio_bot.service.posts import SLACK
from portfolio_bot.service.push import repeated
from portfolio_bot.storage import outbox
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.outbox import Letter, LetterState
from portfolio_bot.storage.store import Tx

log = logging.getLogger(__name__)

REPORT = "report"
"""The kind of letters that give way to a newer one; all others arrive one by one."""


class Outgoing(Desk):
    """Sends letters; whose turn it is and how long to wait is decided by whoever asks."""

    async def _send_all(self, chat: str, stop: asyncio.Event | None) -> float | None:
        """Send everything that a chat may get now.

        Returns:
            Seconds until it is worth trying again; None if nothing went wrong.
        """
        lane = self._lane(chat)
        self._written_to.add(lane.chat)
        if lane.fare.paused:
            await self._kept_short(lane)
        try:
            while not (stop and stop.is_set()) and not lane.fare.paused and await self._send_next(lane):
                pass
        except DeliveryError as error:
            return self._failed(lane, error)
        return None

    async def _send_next(self, lane: Lane) -> bool:
        """One step: a letter sent, settled or given up; False if none is due.

        Raises:
            DeliveryError: it could not be delivered now; what the database has to know of that is written.
        """
        async with lane.turn:
            letters = await self._due(lane.chat)
            if not letters:
                return False
            doubtful = next((letter for letter in letters if letter.state is LetterState.SENDING), None)
            if doubtful is not None:
                await self._settle(lane, doubtful)
            else:
                await self._try(lane, await self._first(letters))
        return True

    async def _kept_short(self, lane: Lane) -> None:
        """While nothing is sent to a chat, its reports give way to the newest all the same: pictures fill a disk."""
        async with lane.turn:
            letters = await self._due(lane.chat)
            if len(letters) > 1 and letters[0].state is LetterState.PENDING:
                await self._first(letters)

    async def _due(self, chat: str) -> list[Letter]:
        """What may be sent now; what nobody wants any more, or nobody can read, is given up on the way."""
        now = self._clock()
        async with self._store.read() as tx:
            letters = await outbox.due(tx, now, chat)
        if any(letter.expires_at is not None and letter.expires_at <= now for letter in letters):
            for gone in await self._store.write(lambda tx: outbox.expire(tx, now)):
                log.info("%s was not sent in time and is not wanted any more", gone.key)
            async with self._store.read() as tx:
                letters = await outbox.due(tx, now, chat)
        for letter in [letter for letter in letters if not _readable(letter)]:
            log.error("%s cannot be read and is given up", letter.key)
            await self._store.write(partial(outbox.mark_dead, id=letter.id, error="unreadable", at=now))
            letters.remove(letter)
        return letters

    async def _settle(self, lane: Lane, letter: Letter) -> None:
        """Find out what became of a try that nobody saw the end of."""
        parcel, base = Parcel.of(letter.payload), letter.last_seen_message_id
        if base is not None:
            together = lane.seen is self._common
            async with self._store.read() as tx:
                lane.know(await outbox.own_after(tx, None if together else letter.chat, base))
        try:
            found = await lane.find(parcel.in_hand, base)
        except DeliveryError as error:
            if error.trouble is not Trouble.MOVED or error.moved_to in {None, lane.chat}:
                raise
            await self._move(lane, str(error.moved_to))
            found = None  # what stands in the old group cannot be asked about any more
        if found is not None:
            await self._one_arrived(lane, letter, parcel, found)
            return
        log.info("%s: a try of unknown fate left no trace, it is repeated", letter.key)
        again = parcel.again().to_json()

        async def repeat(tx: Tx) -> None:
            await outbox.collapse(tx, (), letter.id, again, self._clock())
            await outbox.mark_pending(tx, letter.id, letter.not_before, "fate of a try unknown")

        await self._store.write(repeat)

    async def _in_doubt(self, lane: Lane) -> Letter | None:
        """The letter of a chat of which nobody knows whether it arrived; None too where the database cannot tell."""
        try:
            async with self._store.read() as tx:
                letter = await outbox.in_doubt(tx, lane.chat)
        except StorageError as error:
            log.warning("the outbox cannot be used: %s", error)
            return None
        return letter if letter is not None and _readable(letter) else None

    async def _first(self, letters: Sequence[Letter]) -> Letter:
        """The letter to send next, once older reports have given way to the newest of their series."""
        waiting: dict[str, list[Letter]] = {}
        for letter in letters:
            parcel = Parcel.of(letter.payload)
            if letter.kind == REPORT and not parcel.begun:
                waiting.setdefault(parcel.push.series, []).append(letter)
        left = list(letters)
        for *older, newest in waiting.values():
            if not older:
                continue
            slots = frozenset[datetime]().union(*(Parcel.of(letter.payload).push.slots for letter in older))
            parcel = Parcel.of(newest.payload)
            payload = replace(parcel, push=parcel.push.standing_for(slots), rest=()).to_json()
            await self._store.write(partial(self._collapsed, older, newest, payload))
            left = [letter for letter in left if letter not in older]
            left[left.index(newest)] = replace(newest, payload=payload)
        return left[0]

    async def _collapsed(self, older: Sequence[Letter], newest: Letter, payload: dict[str, object], tx: Tx) -> None:
        now = self._clock()
        for letter in older:
            await outbox.collapse(tx, (), letter.id, Parcel.of(letter.payload).light().to_json(), now)
        await outbox.collapse(tx, [letter.id for letter in older], newest.id, payload, now)

    async def _dead(self, letter: Letter, error: DeliveryError, tx: Tx) -> None:
        now = self._clock()
        await outbox.collapse(tx, (), letter.id, Parcel.of(letter.payload).light().to_json(), now)
        await outbox.mark_dead(tx, letter.id, str(error), now)

    async def _try(self, lane: Lane, letter: Letter) -> None:
        """Send a letter: its messages one after the other, in another form where one is wanted."""
        parcel = Parcel.of(letter.payload)
        messages = await self._worded(lane, parcel)
        while messages:
            trying = parcel.trying(messages)
            try:
                arrived = await self._attempt(lane, letter, trying)
            except DeliveryError as error:
                other = await self._other_form(lane, messages[0], error)
                if not other:
                    await self._give_up_or_wait(lane, letter, error)
                    return
                others = messages[1:]
                if error.trouble is Trouble.NO_TOPIC:  # said once: the others stand where the first one does
                    others = tuple(replace(message, topic=None) for message in others)
                messages = (*other, *others)
            else:
                parcel = await self._one_arrived(lane, letter, trying, arrived)
                messages = parcel.rest

    async def _worded(self, lane: Lane, parcel: Parcel) -> tuple[Message, ...]:
        """What a letter says now: with its remarks, as the answer that it is, in the form that the chat takes."""
        reader, push = self._reader(lane.chat), parcel.push
        if parcel.begun and parcel.rest:
            first, *others = parcel.rest
            return (repeated(first, reader) if push.doubtful else first, *others)
        # where words and file part anyway, a caption's limit is none for the remarks
        apart = lane.chat == SLACK or visible(push.message) > CAPTION
        alone = replace(push, message=replace(push.message, file=None)) if apart else push
        worded = replace(alone.worded(reader), file=push.message.file)
        message = self._with_remarks(lane.chat, push.message, worded)
        if push.answers and message.reply_to is None:
            message = replace(message, reply_to=await self._answered(lane, push.answers))
        return self._cut(lane.chat, self._formed(lane.chat, message))

    async def _answered(self, lane: Lane, key: str) -> int | None:
        """The message that a letter arrived as, if it did in this chat."""
        async with self._store.read() as tx:
            letter = await outbox.find(tx, key)
        return letter.message_ids[0] if letter and letter.chat == lane.chat and letter.message_ids else None

    async def _attempt(self, lane: Lane, letter: Letter, parcel: Parcel) -> int:
        """One call, which the database knows of before it is made."""
        highest, payload = lane.seen.highest, parcel.to_json()

        async def begin(tx: Tx) -> None:
            if highest is not None:
                await outbox.note_seen(tx, lane.chat, highest)
            await outbox.collapse(tx, (), letter.id, payload, self._clock())  # what is asked about, to the letter
            await outbox.mark_sending(tx, letter.id, self._clock())

        await self._store.write(begin)
        return await lane.send(parcel.in_hand)

    async def _one_arrived(self, lane: Lane, letter: Letter, parcel: Parcel, message_id: int) -> Parcel:
        """The message in hand has arrived: with the last one, the letter has."""
        after, now = parcel.after(message_id), self._clock()
        ids = [arrived for arrived in after.arrived if arrived]

        async def note(tx: Tx) -> None:
            if after.rest:
                await outbox.collapse(tx, (), letter.id, after.to_json(), now)
                await outbox.mark_pending(tx, letter.id, letter.not_before)
                await outbox.note_own(tx, lane.chat, ids)
                return
            if parcel.push.message.file is not None:
                await outbox.collapse(tx, (), letter.id, after.light().to_json(), now)
            await outbox.mark_sent(tx, letter.id, ids, now)

        await self._store.write(note)
        self._arrived(lane)
        return after

    async def _give_up_or_wait(self, lane: Lane, letter: Letter, error: DeliveryError) -> None:
        """Write down what a failed try means for its letter.

        Raises:
            DeliveryError: nothing else can be sent either.
        """
        now = self._clock()
        if error.unknown_fate:  # it stays `sending`: it is asked about before anything else is sent
            raise error
        if error.permanent:
            await self._store.write(partial(self._dead, letter, error))
            log.error("%s can never be delivered: %s", letter.key, error)
            if error.trouble is not Trouble.GONE:
                return
            self._pause(lane, error)
        else:
            # a token is mended by a restart, which should not have to wait for anything
            wait = 0.0 if error.trouble is Trouble.TOKEN else error.retry_after or 0.0
            retry_at = now + timedelta(seconds=wait)
            await self._store.write(lambda tx: outbox.mark_pending(tx, letter.id, retry_at, str(error)))
        raise error


def _readable(letter: Letter) -> bool:
    """Whether its payload is one of ours; an older or newer version may have written another."""
    try:
        Parcel.of(letter.payload)
    except (ValueError, TypeError, KeyError):
        return False
    return True
