"""Messages to the screen: where a demo's pushes go."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.base import DeliveryError, Message, Trouble


class ConsoleSink:
    """A screen always takes what it is given, so nothing here can fail.

    Args:
        show: prints a message; what was shown cannot be taken back, so an edit is shown as well.
    """

    def __init__(self, show: Callable[[Message], None], redactor: Redactor) -> None:
        self._show, self._redactor = show, redactor
        self._ids = itertools.count(1)

    async def send(self, chat: str, message: Message) -> int:
        """See `Sink.send`."""
        self._show(message.with_text(self._redactor.message(message.text)))
        return next(self._ids)

    async def edit(self, chat: str, message_id: int, message: Message, *, caption: bool = False) -> None:
        """See `Sink.edit`."""
        self._show(message.with_text(self._redactor.message(message.text)))

    async def probe(self, chat: str, message_id: int, message: Message) -> None:
        """Nothing is ever lost on the way to a screen, but what an earlier process showed is not to be found."""
        raise DeliveryError(Trouble.NO_MESSAGE)

    async def delete(self, chat: str, message_id: int) -> None:
        """What was shown stays."""

    async def pin(self, chat: str, message_id: int) -> None:
        """A screen scrolls."""
