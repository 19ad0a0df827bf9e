"""Life and death of the long-lived parts of the process.

Every part works until it is told to stop, finishes what is in hand and returns. An exception in one is recorded and
stops the whole, but cancels nobody: a poller or a send that is cut off half-way is worse than a second of waiting.
Only what is still busy when its time is up is cancelled, and named.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Protocol

log = logging.getLogger(__name__)

INTAKE = 1.0
"""Seconds for closing the ways in: no new tick, update or request."""
HANDLERS = 5.0
"""Seconds for what is in hand: handlers and fetches."""
SEND = 2.0
"""Seconds for the message that is on its way; what is unsent is safe in the outbox."""
CLIENTS = 1.0
"""Seconds for closing connections."""
DATABASE = 1.0
"""Seconds for the writer to drain and the database to close."""

BUDGETS = (INTAKE, HANDLERS, SEND, CLIENTS, DATABASE)
"""Their sum is the longest stop; the service manager must wait longer than that."""

_LAST_WORD = 0.2
"""Of each budget, the seconds left for a cancelled part to die in."""


class Component(Protocol):
    """A long-lived part."""

    @property
    def name(self) -> str:
        """For the log."""

    async def serve(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, finish what is in hand, return. To return earlier is to ask for the stop."""


@dataclass(frozen=True, slots=True)
class Part:
    """A component made of a name and a function."""

    name: str
    serve: Callable[[asyncio.Event], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True)
class Stage:
    """Parts that are stopped together, and the seconds they get for it."""

    budget: float
    parts: Sequence[Component]


@dataclass(slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        broken: names of parts that ended with an exception (it is in the log).
        late: names of parts that had to be cancelled.
    """

    broken: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The exit code: 1 if anything broke. Lateness is not failure: nothing acknowledged is lost by it."""
        return 1 if self.broken else 0


async def run(stages: Sequence[Stage], stop: asyncio.Event) -> Outcome:
    """Start all parts, wait for `stop`, then stop the stages one after the other.

    Args:
        stages: in the order of stopping; what earlier ones still need stands in later ones.
        stop: set by a signal, by a part that returned, or by one that broke.
    """
    outcome = Outcome()
    told = [asyncio.Event() for _ in stages]
    tasks = [
        [asyncio.create_task(_guarded(part, event, stop, outcome), name=part.name) for part in stage.parts]
        for stage, event in zip(stages, told, strict=True)
    ]
    try:
        await stop.wait()
        for stage, event, group in zip(stages, told, tasks, strict=True):
            event.set()
            await _finish(group, stage.budget, outcome)
    finally:
        # reached with living tasks only if we ourselves are cancelled
        for task in (task for group in tasks for task in group):
            task.cancel()
    return outcome


async def _guarded(part: Component, told: asyncio.Event, stop: asyncio.Event, outcome: Outcome) -> None:
    try:
        await part.serve(told)
    except Exception:  # one broken part must not take the others down half-way through their work
        log.exception("%s broke", part.name)
        outcome.broken.append(part.name)
    finally:
        if not stop.is_set():
            stop.set()


async def _finish(group: Sequence[asyncio.Task[None]], budget: float, outcome: Outcome) -> None:
    last_word = min(_LAST_WORD, budget / 4)
    _, busy = await _wait(group, budget - last_word)
    for task in busy:
        log.warning("%s did not finish within %g s and is cut off", task.get_name(), budget)
        outcome.late.append(task.get_name())
        task.cancel()
    await _wait(busy, last_word)


async def _wait(
    tasks: Sequence[asyncio.Task[None]] | set[asyncio.Task[None]], seconds: float
) -> tuple[set[asyncio.Task[None]], set[asyncio.Task[None]]]:
    return await asyncio.wait(tasks, timeout=seconds) if tasks else (set(), set())
