"""What `make bench` measures, each figure beside its goal.

The machine may be busy with other things, so whatever is measured by the clock is tried several times and the best
try counts: being slower than one's best says something of the neighbours, not of the program.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure.

    Attributes:
        value: in `unit`.
        goal: the largest value that is good enough, in the same unit; None where there is only something to know.
        beside: what it is worth comparing with: the same work done the ordinary way, or by hand.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    beside: str = ""

    @property
    def reached(self) -> bool:
        """Whether the goal is reached; true without one."""
        return self.goal is None or self.value <= self.goal


async def best_of(
    attempt: Callable[[], Awaitable[float]], goal: float, *, least: int = 3, most: int = 10, pause: float = 0.0
) -> float:
    """The smallest of some tries: `least` of them, and up to `most` while the goal is not reached.

    Args:
        pause: seconds before each of the further tries, in which the neighbours may calm down.
    """
    best = await attempt()
    for number in range(1, most):
        if number >= least:
            if best <= goal:
                break
            await asyncio.sleep(pause)
        best = min(best, await attempt())
    return best
