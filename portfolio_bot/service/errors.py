"""What a person asked for that cannot be done: data, which the face puts into its reader's words."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.languages import english
from portfolio_bot.report.refusals import sentence
from portfolio_bot.report.views import Refusal

LONGEST: Final = 60
"""Characters of what was typed that are shown again."""


class UserError(Exception):
    """A wish that cannot be met as it was put.

    Args:
        value: what was given, as it was typed; untrusted, escaped by the face. "" for none.
        name: which error it is: its words are `errors` of the catalogue.
        values: fill the places of those words; a number is written as the reader writes it.

    Attributes:
        refusal: all of it, as data.
    """

    def __init__(self, value: str, name: str, /, **values: str | int) -> None:
        self.refusal = Refusal(value[:LONGEST], name, values)
        super().__init__(value, name)

    @classmethod
    def again(cls, refusal: Refusal) -> UserError:
        """One that was met elsewhere, in another process for instance."""
        error = cls(refusal.value, refusal.name, **refusal.values)
        error.refusal = refusal
        return error

    def __str__(self) -> str:
        """In English: for the log."""
        return sentence(self.refusal, english.WORDS)
