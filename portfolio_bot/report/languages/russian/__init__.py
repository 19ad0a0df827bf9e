"""All words in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.languages.gather import gathered
from portfolio_bot.report.languages.russian import (
    alerts,
    backup,
    charts,
    core,
    errors,
    explain,
    figures,
    hand,
    past,
    people,
    schedules,
    sending,
    speaking,
    terms,
    troubles,
)
from portfolio_bot.report.numbers import RUSSIAN


def _form(number: int) -> int:
    """One (1, 21, 101), few (2 to 4, 22), many (0, 5, 11 to 14)."""
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14} else 2


WORDS: Final = gathered(
    RUSSIAN,
    _form,
    (
        core,
        troubles,
        past,
        figures,
        explain,
        hand,
        schedules,
        alerts,
        charts,
        people,
        sending,
        backup,
        errors,
        terms,
        speaking,
    ),
)
