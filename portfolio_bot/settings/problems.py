"""What is wrong with the settings: all of it at once, each with the variable, the reason and the mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that stops the start.

    Attributes:
        variable: its name as the owner wrote it, or the one that is missing.
        reason: what is wrong and how to mend it. Never holds a secret or a part of one.
    """

    variable: str
    reason: str


class SettingsError(Exception):
    """The settings cannot be used; nothing has been started."""

    def __init__(
        self,
        problems: Sequence[Problem],
        *,
        warnings: Sequence[str] = (),
        where: str = "environment",
        fault: Literal["wrong", "missing"] = "wrong",
    ) -> None:
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)
        self.where = where
        self.fault = fault
        super().__init__(self.text())

    def text(self) -> str:
        """The whole list for people, one line each, the names aligned."""
        count = len(self.problems)
        head = "1 setting is" if count == 1 else f"{count} settings are"
        width = max(len(problem.variable) for problem in self.problems)
        lines = [f"  {problem.variable:<{width}}  {problem.reason}" for problem in self.problems]
        return "\n".join([f"{head} {self.fault} ({self.where}):", *lines])
