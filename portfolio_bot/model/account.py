"""What is remembered of an account between readings: failures in a row, a pause, a suspicion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portfolio_bot.model.failure import Failure
from portfolio_bot.model.statement import Statement


@dataclass(frozen=True, slots=True)
class Suspicion:
    """An answer that is not believed until a second one, asked later, agrees with it.

    Attributes:
        reason: what is odd about it, as `analytics.suspicion` names it.
        at: when it was answered, aware UTC.
        statement: the answer itself.
    """

    reason: str
    at: datetime
    statement: Statement


@dataclass(frozen=True, slots=True)
class AccountState:
    """How an account has fared lately. The defaults are those of an account that never failed.

    Attributes:
        failure: of the last reading; None if it succeeded.
        since: when the present outage began, aware UTC; None while there is none.
        failures_in_row: failed fetches since the last good one.
        paused_until: nobody asks the venue before; None for no pause.
        suspicion: an answer that waits to be confirmed.
    """

    failure: Failure | None = None
    since: datetime | None = None
    failures_in_row: int = 0
    paused_until: datetime | None = None
    suspicion: Suspicion | None = None
