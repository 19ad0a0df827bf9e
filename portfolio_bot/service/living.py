"""The living message: one pinned message of a chat that always shows the newest report.

It is edited after every snapshot, and only where the way is free: a push never waits for it, and what is left out is
caught up a minute later. Somebody who deletes it gets a new one; who switches it off gets a last word in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Final, Protocol

from portfolio_bot.notify.base import Message
from portfolio_bot.service.choices import Choices, of_chat
from portfolio_bot.service.looks import Looks

log = logging.getLogger(__name__)

LIVING_ID: Final = "living_id"
"""Under this name a chat remembers which message it is."""

_WHO: Final = "portfolio-bot"


AFTER: Final = 1.0
AGAIN: Final = 60.0


class Board(Protocol):
    """Who sends."""

    async def keep(self, chat: str, message: Message, *, edit: int | None = None) -> int | None:
        """Show something that may be left out, in a message or in a new one; its id, None if it was left out."""

    async def show(self, chat: str, message: Message, *, edit: int | None = None) -> int | None:
        """The same for what nobody will try again."""

    async def pin(self, chat: str, message_id: int) -> bool:
        """Pin a message silently."""


class Living:
    """Keeps the living messages. A component: it serves until it is told to stop.

    Args:
        chats: which chats may have one.
        render: the newest report as a chat is shown it; None while there is none.
        last_word: what stands in a message that is not kept up to date any more.
        after: seconds that a push has to go first.
        again: seconds after which what was left out is tried again.
    """

    def __init__(
        self,
        board: Board,
        looks: Looks,
        choices: Choices,
        *,
        chats: Callable[[], Collection[str]],
        render: Callable[[str], Awaitable[Message | None]],
        last_word: Callable[[str], Message],
        after: float = AFTER,
        again: float = AGAIN,
    ) -> None:
        self._board, self._looks, self._choices = board, looks, choices
        self._chats, self._render, self._last_word = chats, render, last_word
        self._after, self._again = after, again
        self._left_out = False
        self._shown: dict[str, Message] = {}
        self._wake = asyncio.Event()
        self._wake.set()  # something may have been switched since the last life

    def heard(self) -> None:
        """There is a new report, or somebody switched something."""
        self._wake.set()

    async def serve(self, stop: asyncio.Event) -> None:
        """Keep them until told to stop."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                woken = asyncio.create_task(self._wake.wait())
                patience = self._again if self._left_out else None
                await asyncio.wait({stopping, woken}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._after):
                        await stop.wait()
                if not stop.is_set():
                    self._wake.clear()
                    await self.keep()
        finally:
            stopping.cancel()

    async def keep(self) -> None:
        """Bring every living message up to date; one that fails costs no other."""
        self._left_out = False
        for chat in self._chats():
            try:
                await self._keep(chat)
            except Exception:  # a message that may be left out must not end the keeping of all
                log.exception("the living message of chat %s could not be kept", chat)

    async def _keep(self, chat: str) -> None:
        stored = self._choices.get(of_chat(chat), LIVING_ID)
        place = int(stored) if stored else None
        if not self._looks.of(chat=chat).living:
            if place is not None:
                await self._end(chat, place)
            return
        message = await self._render(chat)
        if message is None or (place is not None and self._shown.get(chat) == message):
            return
        arrived = await self._board.keep(chat, message, edit=place)
        if arrived is None:  # a first one whose fate is unknown is not tried again: it would be there twice
            self._left_out = self._left_out or place is not None
            return
        self._shown[chat] = message
        if arrived != place:
            await self._choices.set(of_chat(chat), LIVING_ID, str(arrived), _WHO, noted=False)
            await self._board.pin(chat, arrived)

    async def _end(self, chat: str, place: int) -> None:
        self._shown.pop(chat, None)
        await self._choices.set(of_chat(chat), LIVING_ID, None, _WHO, noted=False)
        await self._board.show(chat, self._last_word(chat), edit=place)
