"""How a person or a chat is spoken to: the settings, under what was chosen in the chat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portfolio_bot.service.choices import Choices, of_chat, of_user

LANGUAGE: Final = "language"
CLIENT_LANGUAGE: Final = "client_language"
"""What the person's Telegram is set to: noted when they speak, never chosen by them here."""

FORM, PERCENT_ONLY, LIVING, THEME = "form", "percent_only", "living", "theme"
YES, NO = "yes", "no"
LIGHT, DARK = "light", "dark"


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody is spoken to.

    Attributes:
        language: two letters.
        form: of messages: `auto`, `rich` or `classic`.
        percent_only: no amounts.
        living: a pinned message always shows the newest report.
        light: pictures are for a light screen.
    """

    language: str
    form: str = "auto"
    percent_only: bool = False
    living: bool = False
    light: bool = False


class Looks:
    """Looks by person and chat.

    Args:
        standard: what the settings say.
        language_is_set: the owner named the language in the settings: it counts before that of a person's Telegram.
    """

    def __init__(self, choices: Choices, standard: Look, *, language_is_set: bool) -> None:
        self._choices, self._standard, self._language_is_set = choices, standard, language_is_set

    def of(self, user: int | None = None, chat: str | None = None) -> Look:
        """The look for a person in a chat; None where there is none in particular.

        A private chat's id is its person's: who is written to there is that person.
        """
        if user is None and chat is not None and chat.isdigit():
            user = int(chat)
        scope = None if chat is None else of_chat(chat)
        return Look(
            self._language(user),
            self._chosen(scope, FORM) or self._standard.form,
            self._yes(scope, PERCENT_ONLY, standard=self._standard.percent_only),
            self._yes(scope, LIVING, standard=self._standard.living),
            (self._chosen(scope, THEME) or (LIGHT if self._standard.light else DARK)) == LIGHT,
        )

    def _language(self, user: int | None) -> str:
        scope = None if user is None else of_user(user)
        own = self._chosen(scope, LANGUAGE)
        client = None if self._language_is_set else self._chosen(scope, CLIENT_LANGUAGE)
        return own or client or self._standard.language

    def _yes(self, scope: str | None, name: str, *, standard: bool) -> bool:
        chosen = self._chosen(scope, name)
        return standard if chosen is None else chosen == YES

    def _chosen(self, scope: str | None, name: str) -> str | None:
        return None if scope is None else self._choices.get(scope, name)
