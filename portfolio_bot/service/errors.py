"""What a person asked for that cannot be done: said the same way by the chat and by the command line."""

from __future__ import annotations


class UserError(Exception):
    """A wish that cannot be met as it was put.

    Attributes:
        value: what was given, as it was typed, cut to 60 characters; untrusted, escaped by the face. "" for none.
        reason: what is wrong with it, continuing a sentence that begins with the value (`is no interval`).
        mend: what would be right, whole sentences.
    """

    def __init__(self, value: str, reason: str, mend: str) -> None:
        self.value, self.reason, self.mend = value[:60], reason, mend
        super().__init__(str(self))

    def __str__(self) -> str:
        subject = f'"{self.value}" ' if self.value else ""
        reason = self.reason if self.value else self.reason[:1].upper() + self.reason[1:]
        return f"{subject}{reason}. {self.mend}".strip()
