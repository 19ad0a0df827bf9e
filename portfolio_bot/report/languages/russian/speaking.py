"""The words about the language that somebody is spoken to in, in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "speaking_headline": "Ваш язык: {language}",
    "speaking_chosen": "Так выбрано вами. Действует только для вас, где бы вы ни спросили.",
    "speaking_settings": "Так задано в настройках: `LANGUAGE`.",
    "speaking_client": "Такой язык у вашего Telegram.",
    "speaking_nobody": "Его никто не выбирал: сначала решаете вы, потом `LANGUAGE` в настройках, потом ваш Telegram.",
}

CHAT: Final = {
    "speaking_en": "English",
    "speaking_ru": "Русский",
    "speaking_auto": "Авто",
}

HELPS: Final = {
    "language": "английский или русский",
}

ERRORS: Final = {
    "no_language": ErrorWords("такого языка у бота нет", "Есть en и ru; auto – без своего выбора."),
    "no_language_here": ErrorWords("здесь язык не выбирают", "Его задаёт `LANGUAGE`: и здесь, и в командной строке."),
}
