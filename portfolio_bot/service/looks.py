"""How a person or a chat is spoken to: the settings, under what was chosen in the chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from portfolio_bot.report.people_views import LookRow, SpokenBy
from portfolio_bot.report.views import SettingOrigin, SettingView
from portfolio_bot.report.voice import CATALOGUES
from portfolio_bot.service.choices import Choices, of_chat, of_user
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.preferences import Along

LANGUAGE: Final = "language"
CLIENT_LANGUAGE: Final = "client_language"
"""What the person's Telegram is set to: noted when they speak, never chosen by them here."""

FORM, PERCENT_ONLY, LIVING, THEME = "form", "percent_only", "living", "theme"
YES, NO = "yes", "no"
LIGHT, DARK = "light", "dark"
ON, OFF = "on", "off"


@dataclass(frozen=True, slots=True)
class _Choice:
    """One thing to choose for a chat: its setting, and what is stored for each word that people type."""

    name: str
    setting: str
    words: Mapping[str, str]
    settings: Mapping[str, str]


_YES_NO: Final = {ON: YES, OFF: NO}
_TRUE_FALSE: Final = {YES: "true", NO: "false"}
_FORMS: Final = {form: form for form in ("auto", "rich", "classic")}
_THEMES: Final = {theme: theme for theme in (DARK, LIGHT)}
CHOICES: Final = {
    "percent": _Choice(PERCENT_ONLY, "PERCENT_ONLY", _YES_NO, _TRUE_FALSE),
    "living": _Choice(LIVING, "LIVING_MESSAGE", _YES_NO, _TRUE_FALSE),
    "form": _Choice(FORM, "MESSAGE_FORM", _FORMS, _FORMS),
    "theme": _Choice(THEME, "CHART_THEME", _THEMES, _THEMES),
}
"""What can be chosen for a chat, by the word that people type."""

OF_SETTINGS: Final = {choice.setting: word for word, choice in CHOICES.items()}
"""The same by the setting that stands below it."""


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
        origins: where settings come from, by name; what is not there is a default.
    """

    def __init__(
        self,
        choices: Choices,
        standard: Look,
        *,
        language_is_set: bool,
        origins: Mapping[str, SettingOrigin] | None = None,
    ) -> None:
        self._choices, self._standard, self._language_is_set = choices, standard, language_is_set
        self._origins = origins or {}
        self.on_change: list[Callable[[], None]] = []
        self.on_language: list[Callable[[int], None]] = []

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

    def rows(self, chat: str) -> list[LookRow]:
        """What is in force for a chat, and who chose it."""
        look = self.of(chat=chat)
        values = {
            "percent": ON if look.percent_only else OFF,
            "living": ON if look.living else OFF,
            "form": look.form,
            "theme": LIGHT if look.light else DARK,
        }
        return [
            LookRow(
                word,
                values[word],
                SettingOrigin.CHAT
                if self._choices.get(of_chat(chat), choice.name) is not None
                else self._origins.get(choice.setting, SettingOrigin.DEFAULT),
            )
            for word, choice in CHOICES.items()
        ]

    async def choose(self, chat: str, word: str, value: str | None, who: str, *, along: Along | None = None) -> None:
        """Choose for a chat, or take a choice back with None.

        Args:
            word: `percent`, `living`, `form` or `theme`.
            value: `on`, `off`, or a word of that choice.
            who: for the record.
            along: lands in the same transaction.

        Raises:
            UserError: there is no such choice or no such value.
        """
        choice = CHOICES.get(word)
        if choice is None:
            raise UserError(word, "look_no_choice")
        if value == "":
            raise UserError(word, "look_no_value_said", values=", ".join(choice.words))
        if value is not None and value not in choice.words:
            raise UserError(value, "look_no_value", values=", ".join(choice.words))
        stored = None if value is None else choice.words[value]
        await self._choices.set(of_chat(chat), choice.name, stored, who, along=along)
        for heard in self.on_change:
            heard()

    def chats(self, word: str) -> list[str]:
        """Chats for which something was chosen."""
        return [scope.removeprefix("chat:") for scope in self._choices.within(CHOICES[word].name)]

    def laid_over(self, views: Sequence[SettingView], chat: str) -> list[SettingView]:
        """The settings as they are in a chat, where it has its own choices."""
        return [self._laid_over(view, chat) for view in views]

    def _laid_over(self, view: SettingView, chat: str) -> SettingView:
        choice = CHOICES.get(OF_SETTINGS.get(view.name, ""))
        made = None if choice is None else self._choices.made(of_chat(chat), choice.name)
        if choice is None or made is None:
            return view
        return replace(
            view,
            value=choice.settings.get(made.value, made.value),
            origin=SettingOrigin.CHAT,
            below=view.value,
            live=True,
            changed_at=made.changed_at,
        )

    async def speak(self, user: int, language: str | None, who: str, *, along: Along | None = None) -> None:
        """Choose the language of a person, or take the choice back with None.

        Args:
            language: two letters.
            who: for the record.
            along: lands in the same transaction.
        """
        await self._choices.set(of_user(user), LANGUAGE, language, who, along=along)
        for heard in self.on_language:
            heard(user)

    def spoken_by(self, user: int) -> SpokenBy:
        """Who says in which language a person is spoken to."""
        return self._spoken(user)[1]

    def _language(self, user: int | None) -> str:
        return self._spoken(user)[0]

    def _spoken(self, user: int | None) -> tuple[str, SpokenBy]:
        scope = None if user is None else of_user(user)
        own, client = self._chosen(scope, LANGUAGE), self._chosen(scope, CLIENT_LANGUAGE)
        if own in CATALOGUES:
            return own, SpokenBy.CHOICE
        if self._language_is_set:
            return self._standard.language, SpokenBy.SETTINGS
        return (client, SpokenBy.CLIENT) if client in CATALOGUES else (self._standard.language, SpokenBy.NOBODY)

    def _yes(self, scope: str | None, name: str, *, standard: bool) -> bool:
        chosen = self._chosen(scope, name)
        return standard if chosen is None else chosen == YES

    def _chosen(self, scope: str | None, name: str) -> str | None:
        return None if scope is None else self._choices.get(scope, name)
