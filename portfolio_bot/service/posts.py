"""Addresses: where a report, a picture or an alert is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SLACK: Final = "slack"
"""The chat behind the webhook of the settings."""


@dataclass(frozen=True, slots=True, order=True)
class Post:
    """An address.

    Attributes:
        chat: a Telegram chat's id, `slack` or `terminal`; "" for the main chat, whatever it is now.
        topic: the thread of a forum group; None for its main thread.
    """

    chat: str = ""
    topic: int | None = None

    def key(self, of: str) -> str:
        """The name under which something is queued for this address: that of the thing alone in the main chat."""
        return of if self == MAIN else f"{of}@{self}"

    def __str__(self) -> str:
        return self.chat if self.topic is None else f"{self.chat}/{self.topic}"

    @classmethod
    def of(cls, text: str) -> Post:
        """The reverse of `str`.

        Raises:
            ValueError: it is no address.
        """
        chat, _, topic = text.partition("/")
        return cls(chat, int(topic) if topic else None)


MAIN: Final = Post()
