"""How patient and how quick the service is, and its clock: those of the real world, and of tests that cannot wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from portfolio_bot.model.days import Clock
from portfolio_bot.net.timing import Timing
from portfolio_bot.platforms.base import PATIENCE
from portfolio_bot.service.lane import Pace
from portfolio_bot.service.scheduler import EVERY

if TYPE_CHECKING:
    from portfolio_bot.bot.telegram import FacePace

LOCK_WAIT = 60.0
"""Seconds for another process that works in the data folder to finish: a command, or a service that is ending."""


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Tempo:
    """All of it in seconds.

    Attributes:
        clock: tells the moment.
        timing: of one request.
        patience: of one account, for everything.
        pace: of sending to a private chat.
        face: of listening to Telegram; None for its own.
        tick: between two looks at what is due.
        lock_wait: for another process that holds the data folder.
    """

    clock: Clock = utc_now
    timing: Timing = field(default_factory=Timing)
    patience: float = PATIENCE
    pace: Pace = field(default_factory=Pace)
    face: FacePace | None = None
    tick: float = EVERY
    lock_wait: float = LOCK_WAIT
