"""Alerts with memory: what was measured now and what is remembered become a new memory and what is to be told.

A rule measures subjects: the total, an asset, an account, a flow. An alert is raised when a subject is beyond its
limit, and again so in a second measurement; it is over when the measure came back by a fifth of the limit, and again
so in a second one. Between the two, noise changes nothing. Whoever is told once is told again only where it became
worse by half of the limit, a day later at the soonest.

Nothing here knows the time: every instant comes with a `Round`, so a year moved by an hour gives the same year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from portfolio_bot.model.money import ZERO

AGREE_AFTER: Final = timedelta(minutes=5)
"""Two measurements this far apart are two. Meanwhile the record of a deposit that made the first one is read."""

TOLD_AGAIN: Final = timedelta(hours=24)
"""An alert that lasts is told again at most so often."""

HYSTERESIS: Final = Decimal("0.2")
"""By so much of its limit a measure has to come back before its alert is over."""

WORSE: Final = Decimal("0.5")
"""By so much of its limit a measure has to become worse to be told again."""

ECHO: Final = timedelta(hours=26)
"""So long after a recovery a comparison with a day ago still meets what it recovered from."""


class AlertRule(StrEnum):
    """What is watched (public names)."""

    TOTAL = "total"  # the whole within a day, flows taken out
    DRAWDOWN = "drawdown"  # below the highest close
    ASSET = "asset"  # the price of something held, within a day
    SHARE = "share"  # of one asset in the whole
    DEPEG = "depeg"  # a stablecoin away from its dollar
    FX = "fx"  # roubles for a dollar, within a day
    HIGH = "high"  # above every earlier close
    SOURCE = "source"  # an account that does not answer
    COVERAGE = "coverage"  # what was read beside the venue's own total
    KEY = "key"  # what a key may do, and when it ends
    OUTFLOW = "outflow"  # money that left and reached no own account


ON_VALUES: Final = frozenset(
    {AlertRule.TOTAL, AlertRule.DRAWDOWN, AlertRule.ASSET, AlertRule.SHARE, AlertRule.DEPEG, AlertRule.FX}
    | {AlertRule.HIGH}
)
"""What only complete snapshots may judge."""


class Subject(NamedTuple):
    """What an alert is about.

    Attributes:
        name: an account, an asset, a flow; "" for the whole.
    """

    rule: AlertRule
    name: str = ""


class Part(NamedTuple):
    """What one asset had to do with a change, USD."""

    asset: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Told:
    """What is said beside a measure: whatever there is of it.

    Attributes:
        title: the name that people know the subject by.
        now, before: USD of the whole, prices, or rates.
        flows: USD that came in less what went out; None where none is told.
        parts: the assets that did most of it, the greatest first.
        when: of the peak, of the day compared with, or when a flow left.
        amount: of an asset, as the record has it.
        words: what a venue or a record says.
    """

    title: str = ""
    now: Decimal | None = None
    before: Decimal | None = None
    flows: Decimal | None = None
    parts: tuple[Part, ...] = ()
    when: datetime | None = None
    amount: Decimal | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One subject measured.

    Attributes:
        value: as people read it, with its sign; percent for all rules that have a limit.
        limit: from here on it is beyond (> 0); for `HIGH` from anything above 0.
        against: where a comparison with a day ago is made, the instant it starts from.
        whole_way: the same since `AlertState.against`, where the service could tell: whether an alert is over because
            the value came back, or because the comparison moved on.
        confirmed: it needs no second measurement.
    """

    subject: Subject
    value: Decimal
    limit: Decimal
    told: Told = field(default_factory=Told)
    against: datetime | None = None
    whole_way: Decimal | None = None
    confirmed: bool = False

    @property
    def side(self) -> int:
        """Up or down."""
        return 1 if self.value > 0 else -1

    def reaches(self, side: int) -> bool:
        """Whether it is beyond its limit on a side."""
        if self.subject.rule is AlertRule.HIGH:
            return self.value > 0
        return self.value * side >= self.limit

    def is_back(self, side: int) -> bool:
        """Whether an alert on that side is over."""
        if self.subject.rule is AlertRule.HIGH:
            return self.value <= -self.limit
        return self.value * side < self.way_back

    @property
    def way_back(self) -> Decimal:
        """Where its alert is over."""
        return self.limit * (1 - HYSTERESIS)


@dataclass(frozen=True, slots=True)
class AlertState:
    """What is remembered of a subject. Nothing at all is remembered of one that is well and was not snoozed.

    Attributes:
        since: when what is raised began; None while nothing is.
        side: 1 above, −1 below.
        pending: when a measure first said otherwise; a second one has to agree.
        told_at: when people were last told; None if they never were.
        told_value: what they were told.
        letters: how many times they were told of this.
        key: of the letter that raised it; "" if none did.
        against: the instant that the raising measure was compared with.
        echo_until: until then the comparison with a day ago may meet the move that this recovered from.
        ended: when the last one was over; None if there was none.
        snoozed_until: nothing is told before.
        acknowledged: nothing is told until it is over.
        by: who pressed that.
        value, limit, told: as measured last.
    """

    since: datetime | None = None
    side: int = 0
    pending: datetime | None = None
    told_at: datetime | None = None
    told_value: Decimal | None = None
    letters: int = 0
    key: str = ""
    against: datetime | None = None
    echo_until: datetime | None = None
    ended: datetime | None = None
    snoozed_until: datetime | None = None
    acknowledged: bool = False
    by: str = ""
    value: Decimal = ZERO
    limit: Decimal = ZERO
    told: Told = field(default_factory=Told)

    @property
    def active(self) -> bool:
        """Whether it is raised."""
        return self.since is not None

    def is_quiet(self, now: datetime) -> bool:
        """Whether people asked not to hear of it now."""
        return self.acknowledged or (self.snoozed_until is not None and now < self.snoozed_until)


class What(StrEnum):
    """What happened to an alert."""

    RAISED = "raised"
    AGAIN = "again"  # it lasts and became worse, or a snooze is over
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell.

    Attributes:
        key: unique for it: rule, subject, the beginning of the episode.
        answers: key of the letter that raised it; "" for none.
        value, limit, side, told: as measured.
        since: when the episode began.
        gone: it is over because there is nothing left to measure.
    """

    what: What
    subject: Subject
    key: str
    since: datetime
    value: Decimal
    limit: Decimal
    side: int
    told: Told
    answers: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """One look at everything.

    Attributes:
        at: the moment of all its measures, aware UTC.
        judged: rules that could be measured; what is remembered of the others stands.
        away: subjects that could not be measured although their rule could.
        off: rules that are switched off: what is remembered of them is forgotten without a word.
    """

    at: datetime
    measures: Sequence[Measure] = ()
    judged: frozenset[AlertRule] = frozenset()
    away: frozenset[Subject] = frozenset()
    off: frozenset[AlertRule] = frozenset()


States = Mapping[Subject, AlertState]


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
    if not measure.reaches(side) or _is_echo(state, measure, at) or _too_soon(state, measure, at):
        return replace(state, pending=None, side=0), None
    if state.side != side:  # what waited to be confirmed was on the other side
        state = replace(state, pending=None, side=side)
    if not _agreed(state.pending, at, at_once=measure.confirmed):
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
