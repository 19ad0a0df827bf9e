"""One chat's way out: one call at a time, paced, and able to find out what became of a message.

A message whose fate is unknown is asked about before it is repeated: an edit with the identical content says "not
modified" where it arrived. Ids rise, so it can only stand behind the highest id known before the attempt; an id that
is known to be another message is never touched, because an edit would overwrite it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from portfolio_bot.notify.base import DeliveryError, Message, Sink, Trouble

log = logging.getLogger(__name__)

T = TypeVar("T")

KEPT_IDS = 500
"""Known ids kept for a chat: many times what a probe looks at."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast, how patient; all in seconds.

    Attributes:
        every: between two calls in the long run; a private chat takes one a second, a group 20 a minute.
        burst: calls that may follow one another at once after a rest.
        first_wait, longest_wait: after a failure, doubling.
        token_wait: after the token was refused, which no hurry mends.
        probes: ids that are asked about one message.
    """

    every: float = 1.0
    burst: int = 3
    first_wait: float = 1.0
    longest_wait: float = 60.0
    token_wait: float = 300.0
    probes: int = 8

    def wait(self, error: DeliveryError, failures: int) -> float:
        """Seconds until the next try after that many failures in a row (1 = the first)."""
        if error.retry_after is not None:
            return error.retry_after
        if error.trouble is Trouble.TOKEN:
            return self.token_wait
        return min(self.first_wait * 2.0 ** min(failures - 1, 10), self.longest_wait)


GROUP = Pace(every=3.0)


class SeenIds:
    """Message ids of a chat that are accounted for: ours and other people's."""

    def __init__(self) -> None:
        self.highest: int | None = None
        self._known: OrderedDict[int, None] = OrderedDict()

    def begin_at(self, message_id: int) -> None:
        """So high the ids were in an earlier life; 0 = nobody knows."""
        self.highest = max(self.highest or 0, message_id) or None

    def add(self, message_id: int) -> None:
        """Somebody's message stands under this id."""
        self.highest = max(self.highest or 0, message_id)
        self._known[message_id] = None
        if len(self._known) > KEPT_IDS:
            self._known.popitem(last=False)

    def after(self, base: int, count: int) -> Iterator[int]:
        """The next `count` ids behind `base` under which a lost message of ours may stand."""
        candidate = base
        while count:
            candidate += 1
            if candidate not in self._known:
                count -= 1
                yield candidate


@dataclass(slots=True)
class Fare:
    """How the sending to a chat fares: what health wants to know.

    Attributes:
        paused: why nothing is sent there; "" while all is well.
        failing_since: since when sending fails; None while it works.
        last_sent: when something last arrived.
        failures: in a row.
    """

    paused: str = ""
    failing_since: datetime | None = None
    last_sent: datetime | None = None
    failures: int = 0


@dataclass(slots=True)
class Rest:
    """Until when a bot keeps silent in all its chats: its token was refused.

    Attributes:
        until: by the lanes' own clock.
    """

    until: float = 0.0


class Lane:
    """Everything that goes to one chat goes through here. Whoever sends holds `turn`.

    Args:
        seen: known ids; chats whose ids come from one counter share them.
        rest: shared by all chats of one bot.
    """

    def __init__(
        self,
        chat: str,
        sink: Sink,
        pace: Pace,
        *,
        seen: SeenIds | None = None,
        rest: Rest | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.chat = chat
        self.turn = asyncio.Lock()
        self.seen = SeenIds() if seen is None else seen
        self.fare = Fare()
        self.pace = pace
        self._sink = sink
        self._now, self._sleep = now, sleep
        self._open_at, self._rest = 0.0, Rest() if rest is None else rest
        self._probed: tuple[Message, int, set[int]] | None = None
        self._earned, self._counted_at = float(pace.burst), now()

    def know(self, ids: Iterable[int]) -> None:
        """Take over what was known before a restart."""
        for message_id in sorted(ids):
            self.seen.add(message_id)

    @property
    def busy(self) -> bool:
        """Somebody is sending, or the chat wants to be left alone: what may be left out should be."""
        return self.turn.locked() or max(self._open_at, self._rest.until) > self._now()

    async def send(self, message: Message) -> int:
        """Send once.

        Raises:
            DeliveryError: as the sink, also while the chat or a refused token want to be left alone.
        """
        self._probed = None  # it may stand under any id from now on, also one that was found empty
        message_id = await self._through(lambda: self._sink.send(self.chat, message))
        if message_id:
            self.seen.add(message_id)
        return message_id

    async def edit(self, message_id: int, message: Message, *, caption: bool = False) -> None:
        """Replace a message of ours; that it says exactly this already is a success.

        Args:
            caption: only the words below its picture.

        Raises:
            DeliveryError: as `send`; `no_message` if it is not there any more, `other_kind` if it cannot become this.
        """
        await self._unless_unchanged(lambda: self._sink.edit(self.chat, message_id, message, caption=caption))

    async def delete(self, message_id: int) -> None:
        """Take a message of ours away; that it is gone already is a success.

        Raises:
            DeliveryError: as `send`.
        """
        try:
            await self._through(lambda: self._sink.delete(self.chat, message_id))
        except DeliveryError as error:
            if error.trouble is not Trouble.NO_MESSAGE:
                raise

    async def pin(self, message_id: int) -> None:
        """Pin a message of ours.

        Raises:
            DeliveryError: as `send`; `no_message`, `refused`.
        """
        await self._unless_unchanged(lambda: self._sink.pin(self.chat, message_id))

    async def find(self, message: Message, base: int | None) -> int | None:
        """The id under which a message of unknown fate arrived, or None if it did not.

        Args:
            message: what was sent, to the letter.
            base: the highest id known before it was; None if there was none, and then nobody can tell.

        Raises:
            DeliveryError: the question itself met a trouble; ask again later.
        """
        if base is None:
            return None
        empty = self._empty(message, base)
        for candidate in self.seen.after(base, self.pace.probes):
            if candidate in empty:
                continue
            try:
                await self._unless_unchanged(partial(self._sink.probe, self.chat, candidate, message))
            except DeliveryError as error:
                if error.trouble in {Trouble.NO_MESSAGE, Trouble.OTHER_KIND}:
                    empty.add(candidate)
                    continue
                if error.permanent:
                    return None
                raise
            self.seen.add(candidate)
            return candidate
        return None

    def _empty(self, message: Message, base: int) -> set[int]:
        """Ids that an interrupted search for the same message has looked at: it goes on where it was."""
        if self._probed is None or self._probed[:2] != (message, base):
            self._probed = message, base, set()
        return self._probed[2]

    async def _unless_unchanged(self, call: Callable[[], Awaitable[None]]) -> None:
        try:
            await self._through(call)
        except DeliveryError as error:
            if error.trouble is not Trouble.UNCHANGED:
                raise

    async def _through(self, call: Callable[[], Awaitable[T]]) -> T:
        self._refuse_while_closed()
        await self._paced()
        try:
            return await call()
        except DeliveryError as error:
            if error.trouble is Trouble.FLOOD and error.retry_after is not None:
                self._open_at = self._now() + error.retry_after
                log.info("chat %s wants %.0f s of peace", self.chat, error.retry_after)
            elif error.trouble is Trouble.TOKEN:
                self._rest.until = self._now() + self.pace.token_wait
            raise

    def _refuse_while_closed(self) -> None:
        for opens, trouble in ((self._open_at, Trouble.FLOOD), (self._rest.until, Trouble.TOKEN)):
            closed = opens - self._now()
            if closed > 0:
                raise DeliveryError(trouble, "still within an earlier wait", retry_after=closed)

    async def _paced(self) -> None:
        """Wait for one's turn: `burst` calls at once, then one each `every` seconds."""
        now = self._now()
        if self.pace.every > 0:
            self._earned = min(self._earned + (now - self._counted_at) / self.pace.every, float(self.pace.burst))
        self._counted_at = now
        self._earned -= 1
        if self._earned < 0:
            await self._sleep(-self._earned * self.pace.every)
