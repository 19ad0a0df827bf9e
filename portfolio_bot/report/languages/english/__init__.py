"""All words in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.languages.english import (
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
from portfolio_bot.report.languages.gather import gathered
from portfolio_bot.report.numbers import ENGLISH


def _form(number: int) -> int:
    return 0 if number == 1 else 1


WORDS: Final = gathered(
    ENGLISH,
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
