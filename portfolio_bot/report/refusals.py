"""Why a wish cannot be met, in the words of a language: for a screen, for one line of a shell, for a log."""

from __future__ import annotations

from portfolio_bot.report.numbers import Style
from portfolio_bot.report.views import Refusal
from portfolio_bot.report.words import Catalogue, fill_plain


def told(refused: Refusal, words: Catalogue) -> tuple[str, str]:
    """What is wrong, continuing what was typed (`is no interval`), and what would be right."""
    said = words.errors[refused.name]
    values = {name: _value(value, words.style) for name, value in refused.values.items()}
    mend = f"{fill_plain(said.mend, values)} {refused.more}".strip()
    return fill_plain(said.reason, values), mend


def begun(reason: str) -> str:
    """A reason that begins its sentence, where nothing was typed that could."""
    return reason[:1].upper() + reason[1:]


def sentence(refused: Refusal, words: Catalogue) -> str:
    """All of it on one line: `"ten" is no interval. Minutes (45), or 45m, 2h, 1d.`"""
    reason, mend = told(refused, words)
    if refused.value:
        first = fill_plain(words.phrases["error"], {"value": refused.value, "reason": reason})
    else:
        first = fill_plain(words.phrases["error_bare"], {"reason": begun(reason)})
    return f"{first} {mend}".strip()


def _value(value: str | int, style: Style) -> str:
    return f"{value:,}".replace(",", style.group) if isinstance(value, int) else value
