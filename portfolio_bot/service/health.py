"""Whether the service does its work: by what was done lately, not by the process being alive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import portfolio_bot
from portfolio_bot.model.days import Clock
from portfolio_bot.service.snapshots import Snapshots
from portfolio_bot.storage import outbox
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.outbox import LetterState
from portfolio_bot.storage.store import Store

DEAF_AFTER = timedelta(minutes=3)
"""Without a successful poll for so long the bot hears nobody, whatever its process does."""

STUCK_AFTER = timedelta(minutes=2)
"""Without a tick for so long no report will come."""


@dataclass(frozen=True, slots=True)
class Health:
    """A look at the running service.

    Attributes:
        polled: age of the last successful Telegram poll; None without a bot.
        ticked: age of the last tick of the scheduler; None without one.
        complete: age of the newest complete snapshot; None before the first.
        waiting: letters that are not delivered yet; None if the database does not answer.
        dead: letters that never will be.
        database: it answers.
        complaints: what other parts say is wrong with them.
    """

    version: str
    pid: int
    database: bool
    polled: timedelta | None = None
    ticked: timedelta | None = None
    complete: timedelta | None = None
    waiting: int | None = None
    dead: int | None = None
    complaints: tuple[str, ...] = ()

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong, each in a few words; nothing if all is well."""
        found = []
        if not self.database:
            found.append("the database does not answer")
        if self.polled is not None and self.polled > DEAF_AFTER:
            found.append(f"no successful Telegram poll for {_minutes(self.polled)}")
        if self.ticked is not None and self.ticked > STUCK_AFTER:
            found.append(f"the scheduler stands still for {_minutes(self.ticked)}")
        return (*found, *self.complaints)

    def as_json(self) -> dict[str, object]:
        """For the control socket and `healthcheck --json`; ages in whole seconds."""
        return {
            "ok": not self.troubles,
            "troubles": list(self.troubles),
            "version": self.version,
            "pid": self.pid,
            "database": self.database,
            "telegram_poll_age_seconds": _seconds(self.polled),
            "tick_age_seconds": _seconds(self.ticked),
            "complete_snapshot_age_seconds": _seconds(self.complete),
            "outbox_waiting": self.waiting,
            "outbox_dead": self.dead,
        }


@dataclass(slots=True)
class Pulse:
    """Where the parts leave word that they did their work; the moments of what was done last."""

    polled: Callable[[], datetime | None] = lambda: None
    """When the last poll succeeded, or polling began; None without a bot."""
    ticked_at: datetime | None = None
    complaints: Callable[[], Iterable[str]] = tuple
    """What keeps a part from its work that only a person can mend, each in a few words."""


@dataclass(slots=True)
class Doctor:
    """Asks everybody how they are."""

    store: Store
    snapshots: Snapshots
    clock: Clock
    pulse: Pulse = field(default_factory=Pulse)

    def ticking(self) -> bool:
        """Whether the scheduler still looks at what is due, as far as one can tell."""
        age = _age(self.pulse.ticked_at, self.clock())
        return age is None or age <= STUCK_AFTER

    async def look(self) -> Health:
        """The health of now; never raises for a sick database, that is what it is for."""
        now = self.clock()
        letters: Mapping[LetterState, int] | None
        try:
            async with self.store.read() as tx:
                letters = await outbox.depth(tx)
        except StorageError:
            letters = None
        return Health(
            version=portfolio_bot.__version__,
            pid=os.getpid(),
            database=letters is not None,
            polled=_age(self.pulse.polled(), now),
            ticked=_age(self.pulse.ticked_at, now),
            complete=_age(self.snapshots.complete_at, now),
            waiting=None if letters is None else _sum(letters, LetterState.PENDING, LetterState.SENDING),
            dead=None if letters is None else _sum(letters, LetterState.DEAD),
            complaints=tuple(self.pulse.complaints()),
        )


def _age(moment: datetime | None, now: datetime) -> timedelta | None:
    return None if moment is None else max(now - moment, timedelta(0))


def _sum(letters: Mapping[LetterState, int], *states: LetterState) -> int:
    return sum(letters.get(state, 0) for state in states)


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else int(age.total_seconds())


def _minutes(age: timedelta) -> str:
    return f"{int(age.total_seconds() // 60)} min"
