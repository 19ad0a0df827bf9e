"""Lines typed in Russian, read as the English ones that the commands take, whatever the reader's language is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from portfolio_bot.report.languages.russian.typed import ALERTS_TYPED, PHRASES_TYPED, WORDS_TYPED

_LONGEST: Final = max(len(phrase.split()) for phrase in PHRASES_TYPED)


def spelled(words: Sequence[str]) -> list[str]:
    """The words in English; what is none of those known in Russian stays as it was typed."""
    found: list[str] = []
    at = 0
    while at < len(words):
        taken, english = _at(words[at:])
        found += english
        at += taken
    return found


def alert_spelled(text: str) -> str:
    """A line about alerts in English: `просадка 7,5` as `drawdown 7,5`."""
    return " ".join(ALERTS_TYPED.get(_plain(word), word) for word in text.split())


def _at(words: Sequence[str]) -> tuple[int, list[str]]:
    """How many words the first meaning takes, and what it is in English."""
    for length in range(min(_LONGEST, len(words)), 1, -1):
        phrase = PHRASES_TYPED.get(" ".join(_plain(word) for word in words[:length]))
        if phrase is not None:
            return length, phrase.split()
    word = _plain(words[0])
    if word in {"в", "на"}:  # of a time, else of a place
        return 1, ["at" if len(words) > 1 and words[1][:1].isdigit() else "to"]
    return 1, WORDS_TYPED[word].split() if word in WORDS_TYPED else [words[0]]


def _plain(word: str) -> str:
    return word.lower().replace("ё", "е")
