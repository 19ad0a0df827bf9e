"""In which language somebody is spoken to, and why in this one."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import Document, Headline, Line, Tone
from portfolio_bot.report.people_views import SpokenBy
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

_NAMES: Final = {"en": "language_en", "ru": "language_ru"}
_WHY: Final = {
    SpokenBy.CHOICE: "speaking_chosen",
    SpokenBy.SETTINGS: "speaking_settings",
    SpokenBy.CLIENT: "speaking_client",
    SpokenBy.NOBODY: "speaking_nobody",
}


def language(by: SpokenBy, reader: Reader) -> Document:
    """The reader's language, and who says so."""
    voice = Voice.of(reader)
    name = voice.word(_NAMES.get(reader.language, "language_en"))
    return said(reader, Headline(voice.say("speaking_headline", language=name)), Line(voice.say(_WHY[by]), Tone.QUIET))
