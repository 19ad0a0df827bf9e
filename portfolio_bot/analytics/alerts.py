"""Alerts with memory: what was measured now and what is remembered become a new memory and what is to be told.

A rule measures subjects: the total, an asset, an account, a flow. An alert is raised when a subject is beyond its
limit, and again so in a second measurement; it is over when the measure came back by a fifth of the limit, and again
so in a second one. Between the two, noise changes nothing. Whoever is told once is told again only where it became
worse by half of the limit, a day later at the soonest.

Nothing here knows the time: every instant comes with a `Round`, so a year moved by an hour gives the same year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.alert_states import AlertRule, AlertState, Event, Measure, Round, States, Subject, What

AGREE_AFTER: Final = timedelta(minutes=5)
"""Two measurements this far apart are two. Meanwhile the record of a deposit that made the first one is read."""

TOLD_AGAIN: Final = timedelta(hours=24)
"""An alert that lasts is told again at most so often."""

WORSE: Final = Decimal("0.5")
"""By so much of its limit a measure has to become worse to be told again."""

ECHO: Final = timedelta(hours=26)
"""So long after a recovery a comparison with a day ago still meets what it recovered from."""


def judge(states: States, look: Round) -> tuple[dict[Subject, AlertState], list[Event]]:
    """The memory after a look, and what is to be told of it.

    Args:
        states: the memory before; not changed.
    """
    after: dict[Subject, AlertState] = {}
    events: list[Event] = []
    measured = {one.subject: one for one in look.measures}
    for subject in {**states, **measured}:
        before = states.get(subject, AlertState())
        if subject.rule in look.off:
            continue
        measure = measured.get(subject)
        if measure is None:
            lost = subject.rule in look.judged and subject not in look.away
            state, event = _lost(subject, before, look.at) if lost else (before, None)
        else:
            state, event = _judged(before, measure, look.at)
        events += [event] if event else []
        if _worth_keeping(state, look.at):
            after[subject] = state
    return after, events


def snoozed(state: AlertState, until: datetime, by: str) -> AlertState:
    """Silent until an instant."""
    return replace(state, snoozed_until=until, acknowledged=False, by=by)


def acknowledged(state: AlertState, by: str) -> AlertState:
    """Silent until it is over."""
    return replace(state, acknowledged=True, snoozed_until=None, by=by)


def heard(state: AlertState) -> AlertState:
    """Neither snoozed nor acknowledged any more."""
    return replace(state, acknowledged=False, snoozed_until=None, by="")


def key_of(subject: Subject, since: datetime) -> str:
    """The key of the letter that raises an alert."""
    return f"alert:{subject.rule}:{subject.name}:{since.isoformat()}"


def _judged(before: AlertState, measure: Measure, at: datetime) -> tuple[AlertState, Event | None]:
    state = replace(before, value=measure.value, limit=measure.limit, told=measure.told)
    if state.since is None:
        return _at_rest(state, measure, at)
    if measure.is_back(state.side):
        if not _agreed(state.pending, at, at_once=measure.confirmed):
            return _waiting(state, at), None
        return _over(state, measure, at)
    state = replace(state, pending=None)
    return _lasting(state, measure, at)


def _at_rest(state: AlertState, measure: Measure, at: datetime) -> tuple[AlertState, Event | None]:
    side = measure.side
    if not measure.seems(side) or _is_echo(state, measure, at) or _too_soon(state, measure, at):
        return replace(state, pending=None, side=0), None
    if state.side != side:  # what waited to be confirmed was on the other side
        state = replace(state, pending=None, side=side)
    if not measure.reaches(side) or not _agreed(state.pending, at, at_once=measure.confirmed):
        return _waiting(state, at), None
    raised = replace(
        state,
        since=state.pending or at,
        pending=None,
        told_at=None,
        told_value=None,
        letters=0,
        key="",
        against=measure.against,
        echo_until=None,
        acknowledged=False,
    )
    return _lasting(raised, measure, at)


def _lasting(state: AlertState, measure: Measure, at: datetime) -> tuple[AlertState, Event | None]:
    """Tell it for the first time, or again where that is due."""
    if state.is_quiet(at) or not _is_news(state, measure, at):
        return state, None
    assert state.since is not None  # noqa: S101 - it is raised
    key = key_of(measure.subject, state.since)
    first = not state.key
    event = Event(
        What.RAISED if first else What.AGAIN,
        measure.subject,
        key if first else f"{key}:{state.letters}",
        state.since,
        measure.value,
        measure.limit,
        state.side,
        measure.told,
        answers="" if first else state.key,
    )
    told = replace(
        state,
        key=state.key or key,
        told_at=at,
        told_value=measure.value,
        letters=state.letters + 1,
        snoozed_until=None,
    )
    return told, event


def _is_news(state: AlertState, measure: Measure, at: datetime) -> bool:
    if state.told_at is None or state.told_value is None:
        return True
    if state.snoozed_until is not None:  # over by now, and it lasts
        return True
    if at - state.told_at < TOLD_AGAIN or measure.subject.rule is AlertRule.HIGH or not measure.limit:
        return False  # what has no limit does not become worse
    return (measure.value - state.told_value) * state.side >= measure.limit * WORSE


def _over(state: AlertState, measure: Measure | None, at: datetime) -> tuple[AlertState, Event | None]:
    assert state.since is not None  # noqa: S101 - it is raised
    subject = measure.subject if measure else None
    event = None
    if state.key and subject is not None and subject.rule is not AlertRule.HIGH:
        event = _ended(subject, state, gone=False)
    came_back = (
        measure is not None
        and measure.whole_way is not None
        and measure.whole_way * state.side < measure.way_back
        and subject is not None
    )
    rest = AlertState(
        ended=at,
        snoozed_until=state.snoozed_until,
        by=state.by if state.snoozed_until else "",
        against=state.against if came_back else None,
        echo_until=at + ECHO if came_back else None,
        value=state.value,
        limit=state.limit,
        told=state.told,
    )
    return rest, event


def _lost(subject: Subject, state: AlertState, at: datetime) -> tuple[AlertState, Event | None]:
    """There is nothing to measure any more: what was raised is over."""
    if state.since is None:
        return replace(state, pending=None, side=0), None
    event = _ended(subject, state, gone=True) if state.key and subject.rule is not AlertRule.HIGH else None
    return AlertState(ended=at, value=state.value, limit=state.limit, told=state.told), event


def _ended(subject: Subject, state: AlertState, *, gone: bool) -> Event:
    assert state.since is not None  # noqa: S101 - it was raised
    key = f"{key_of(subject, state.since)}:over"
    return Event(
        What.OVER,
        subject,
        key,
        state.since,
        state.value,
        state.limit,
        state.side,
        state.told,
        answers=state.key,
        gone=gone,
    )


def _is_echo(state: AlertState, measure: Measure, at: datetime) -> bool:
    """Whether it only compares with the depth, or the height, that the value has come back from."""
    if state.echo_until is None or at >= state.echo_until or measure.whole_way is None:
        return False
    return abs(measure.whole_way) < measure.limit


def _too_soon(state: AlertState, measure: Measure, at: datetime) -> bool:
    """A new high is told once a day, however often it is reached."""
    return measure.subject.rule is AlertRule.HIGH and state.ended is not None and at - state.ended < TOLD_AGAIN


def _agreed(pending: datetime | None, at: datetime, *, at_once: bool) -> bool:
    return at_once or (pending is not None and at - pending >= AGREE_AFTER)


def _waiting(state: AlertState, at: datetime) -> AlertState:
    # a clock that was set back must not keep anybody waiting for the moment at which it had been
    waits = state.pending is not None and state.pending <= at
    return state if waits else replace(state, pending=at)


def _worth_keeping(state: AlertState, at: datetime) -> bool:
    """Whether anything of it can matter to a later look."""
    remembered = state.ended is not None and at - state.ended < ECHO
    snoozes = state.snoozed_until is not None and at < state.snoozed_until
    return state.active or state.pending is not None or remembered or snoozes


def active(states: States) -> Iterator[tuple[Subject, AlertState]]:
    """What is raised now, the oldest first."""
    raised = [(subject, state) for subject, state in states.items() if state.active]
    yield from sorted(raised, key=lambda one: (one[1].since is None, one[1].since, one[0]))
