"""Deadlines of one request. A file of its own, so that naming them does not import an HTTP client."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Deadlines of one request, in seconds."""

    total: float = 10.0
    connect: float = 5.0
