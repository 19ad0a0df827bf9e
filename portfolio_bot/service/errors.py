"""What a person asked for that cannot be done: data, which the face puts into its reader's words."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.languages import english
from portfolio_bot.report.views import Refusal
from portfolio_bot.report.words import fill_plain

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

    def __init__(self, value: str, name: str, mend: str | None = None, /, **values: str | int) -> None:
        # TODO: the form with a mend is the old one, in English only; it goes when its last user has gone
        literal = None if mend is None else (name, mend)
        self.refusal = Refusal(value[:LONGEST], name, values, literal=literal)
        super().__init__(value, name)

    @classmethod
    def again(cls, refusal: Refusal) -> UserError:
        """One that was met elsewhere, in another process for instance."""
        error = cls(refusal.value, refusal.name, **refusal.values)
        error.refusal = refusal
        return error

    @property
    def value(self) -> str:
        """What was typed."""
        return self.refusal.value

    @property
    def reason(self) -> str:
        """What is wrong, in English: for the log."""
        words = self.refusal.literal or self._english(0)
        return words if isinstance(words, str) else words[0]

    @property
    def mend(self) -> str:
        """What would be right, in English: for the log."""
        words = self.refusal.literal or self._english(1)
        return words if isinstance(words, str) else words[1]

    def _english(self, part: int) -> str:
        words = english.WORDS.errors[self.refusal.name]
        values = {name: str(value) for name, value in self.refusal.values.items()}
        return fill_plain((words.reason, words.mend)[part], values)

    def __str__(self) -> str:
        subject = f'"{self.value}" ' if self.value else ""
        reason = self.reason if self.value else self.reason[:1].upper() + self.reason[1:]
        return f"{subject}{reason}. {self.mend}".strip()
