"""Deadlines, and the two marks that travel with a task. A file of its own, so that it costs no HTTP client."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)
"""Set by the writer task of the store: nobody may wait for the network while the database is held."""

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""`loop.time()` at which the work in hand must be over; set by whoever gave the source its patience."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Deadlines of one request, in seconds."""

    total: float = 10.0
    connect: float = 5.0
