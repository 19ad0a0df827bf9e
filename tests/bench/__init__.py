"""What `make bench` measures, each figure beside its goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure.

    Attributes:
        value: in `unit`.
        goal: the largest value that is good enough, in the same unit; None where there is only something to know.
    """

    name: str
    value: float
    unit: str
    goal: float | None

    @property
    def reached(self) -> bool:
        """Whether the goal is reached; true without one."""
        return self.goal is None or self.value <= self.goal
