"""When an account may be asked again after it failed: pure functions over what is remembered of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from portfolio_bot.model.account import AccountState
from portfolio_bot.model.failure import REFUSED, Failure, FailureKind

REFUSED_PAUSE = timedelta(hours=1)
"""A refused key is not mended within a minute, and hammering with it gets addresses blocked."""

PATIENT_FAILURES = 3
"""So many fetches in a row may fail before the account is left alone for a while."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=60), timedelta(minutes=15)


def may_ask(state: AccountState, now: datetime, *, forced: bool) -> bool:
    """Whether the venue may be asked now.

    A time that the venue itself named is never undercut. Otherwise a person who asks for a fetch (`forced`) always
    gets one; by itself nobody asks during a pause, nor ever after a failure that only a new setting can mend.
    """
    failure = state.failure
    if failure is None:
        return True
    if failure.retry_at is not None and now < failure.retry_at:
        return False
    if forced or state.paused_until is None:
        return forced or not failure.final
    # a pause that reaches further than any pause was made by a clock that was wrong
    over = now >= state.paused_until or state.paused_until - now > REFUSED_PAUSE
    return over and not failure.final


def after_failure(state: AccountState, failure: Failure, now: datetime) -> AccountState:
    """What is remembered after a fetch failed."""
    # a statement that the broker is still preparing is no failed fetch
    in_row = state.failures_in_row + (failure.kind is not FailureKind.IN_PROGRESS)
    pause = None
    if failure.kind in REFUSED:
        pause = REFUSED_PAUSE
    elif in_row >= PATIENT_FAILURES:
        # the exponent is capped: after a month of failures two to its power would be no timedelta any more
        pause = min(FIRST_PAUSE * 2 ** min(in_row - PATIENT_FAILURES, 10), LONGEST_PAUSE)
    return replace(
        state,
        failure=failure,
        since=state.since or now,
        failures_in_row=in_row,
        paused_until=now + pause if pause else None,
    )


def after_restart(state: AccountState) -> AccountState:
    """A restart tries once, whatever failed before; only the venue's own time still stands."""
    failure = state.failure and replace(state.failure, final=False)
    return replace(state, failure=failure, paused_until=None)
