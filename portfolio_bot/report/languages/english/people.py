"""The words about who may do what, and how a chat is spoken to, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

ERRORS: Final = {
    "only_an_owner": ErrorWords("only an owner may change this", "Ask the owner of this bot."),
}
