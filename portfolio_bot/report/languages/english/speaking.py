"""The words about the language that somebody is spoken to in, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "speaking_headline": "Your language: {language}",
    "speaking_chosen": "You chose it. It holds for you alone, wherever you ask.",
    "speaking_settings": "`LANGUAGE` in the settings says so.",
    "speaking_client": "Your Telegram is set to it.",
    "speaking_nobody": "Nobody chose one: you, `LANGUAGE` in the settings and your Telegram are asked, in this order.",
}

CHAT: Final = {
    "speaking_en": "English",
    "speaking_ru": "Русский",
    "speaking_auto": "Auto",
}

HELPS: Final = {
    "language": "English or Russian",
}

ERRORS: Final = {
    "no_language": ErrorWords("is no language of this bot", "There are en and ru, and auto for neither."),
    "no_language_here": ErrorWords(
        "no language can be chosen here", "It is the one of `LANGUAGE`, here and on the command line."
    ),
}
