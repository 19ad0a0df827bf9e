"""In which form a chat takes messages: rich where that works, classic where it once did not."""

from __future__ import annotations

import logging
from typing import Final

from portfolio_bot.service.choices import Choices, of_chat
from portfolio_bot.storage.errors import StorageError

log = logging.getLogger(__name__)

FORM: Final = "form"
RICH: Final = "rich"
CLASSIC: Final = "classic"
BOT: Final = "bot"
"""Who is said to have chosen what was not a person's choice."""


class Forms:
    """What is known of the chats.

    Args:
        choices: where it is remembered; None remembers nothing beyond this life.
        wish: what the settings want: `auto`, `rich` or `classic`.
    """

    def __init__(self, choices: Choices | None = None, wish: str = "auto") -> None:
        self._choices, self._wish = choices, wish
        self._refused: set[str] = set()

    def rich(self, chat: str) -> bool:
        """Whether a rich message is worth a try.

        A person's choice of `rich` counts until the chat refuses once more; so does that of the settings, once in
        each life.
        """
        chosen = self._choices.get(of_chat(chat), FORM) if self._choices else None
        if chosen == RICH:
            return True
        if chosen == CLASSIC:
            return self._wish == RICH and chat not in self._refused
        return self._wish != CLASSIC and chat not in self._refused

    async def refused(self, chat: str) -> None:
        """A rich message was refused there: the chat stays classic."""
        if chat not in self._refused:
            log.warning("a rich message was refused in chat %s: it gets classic ones from now on", chat)
        self._refused.add(chat)
        if self._choices is not None:
            try:
                await self._choices.set(of_chat(chat), FORM, CLASSIC, BOT)
            except StorageError as error:
                log.warning("the form of a chat could not be remembered: %s", error)
