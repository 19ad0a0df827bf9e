"""When an account may be asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio_bot.model.account import AccountState
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.service.breaker import after_failure, after_restart, may_ask
from tests.service.fakes import NOON, down

MINUTE = timedelta(minutes=1)


def failed(times: int, kind: FailureKind = FailureKind.TIMEOUT) -> AccountState:
    state = AccountState()
    for _ in range(times):
        state = after_failure(state, down(kind), NOON)
    return state


def test_two_failures_pause_nothing() -> None:
    assert may_ask(failed(2), NOON, forced=False)


@pytest.mark.parametrize(("times", "minutes"), [(3, 1), (4, 2), (5, 4), (6, 8), (7, 15), (8, 15), (500, 15)])
def test_from_the_third_failure_on_the_pause_doubles_to_a_quarter_of_an_hour(times: int, minutes: int) -> None:
    state = failed(times)
    assert not may_ask(state, NOON + minutes * MINUTE - timedelta(seconds=1), forced=False)
    assert may_ask(state, NOON + minutes * MINUTE, forced=False)


def test_a_person_may_probe_during_a_pause() -> None:
    assert may_ask(failed(5), NOON, forced=True)


def test_a_refused_key_is_tried_again_after_an_hour() -> None:
    state = failed(1, FailureKind.BAD_KEY)
    assert not may_ask(state, NOON + 59 * MINUTE, forced=False)
    assert may_ask(state, NOON + 60 * MINUTE, forced=False)
    assert may_ask(state, NOON, forced=True)


def test_a_final_failure_is_never_tried_again_by_itself() -> None:
    state = after_failure(AccountState(), down(FailureKind.KEY_EXPIRED, final=True), NOON)
    assert not may_ask(state, NOON + timedelta(days=30), forced=False)
    assert may_ask(state, NOON, forced=True)
    assert may_ask(after_restart(state), NOON, forced=False)


def test_a_final_failure_without_a_pause_of_its_own_is_left_alone_too() -> None:
    state = after_failure(AccountState(), down(FailureKind.UNAVAILABLE, final=True), NOON)
    assert not may_ask(state, NOON + timedelta(days=1), forced=False)


def test_a_time_that_the_venue_named_binds_everybody_even_after_a_restart() -> None:
    state = after_failure(AccountState(), down(FailureKind.RATE_LIMITED, retry_at=NOON + 2 * MINUTE), NOON)
    assert not may_ask(state, NOON + MINUTE, forced=True)
    assert not may_ask(after_restart(state), NOON + MINUTE, forced=True)
    assert may_ask(state, NOON + 2 * MINUTE, forced=False)


def test_a_restart_ends_a_pause_but_remembers_the_outage() -> None:
    state = after_restart(failed(5))
    assert may_ask(state, NOON, forced=False)
    assert (state.since, state.failures_in_row) == (NOON, 5)


def test_a_pause_from_a_clock_that_was_ahead_does_not_last() -> None:
    state = after_failure(failed(4), down(), NOON + timedelta(days=400))
    assert may_ask(state, NOON, forced=False)


def test_a_statement_in_preparation_is_no_failed_fetch() -> None:
    assert failed(5, FailureKind.IN_PROGRESS).failures_in_row == 0
