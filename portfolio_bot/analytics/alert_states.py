"""What alerts are made of: what is watched, what was measured, what is remembered, what is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from portfolio_bot.model.money import ZERO

HYSTERESIS: Final = Decimal("0.2")
"""By so much of its limit a measure has to come back before its alert is over."""


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
        settled: what it may be instead, once every record is there: money that moved just now has none yet, or one
            that is dated earlier. Only what is so in each case is so.
    """

    subject: Subject
    value: Decimal
    limit: Decimal
    told: Told = field(default_factory=Told)
    against: datetime | None = None
    whole_way: Decimal | None = None
    confirmed: bool = False
    settled: tuple[Decimal, ...] = ()

    @property
    def side(self) -> int:
        """Up or down."""
        return 1 if self.value > 0 else -1

    def reaches(self, side: int) -> bool:
        """Whether it is beyond its limit on a side, whatever the records that come may say."""
        return all(self._beyond(value, side) for value in self._values)

    def seems(self, side: int) -> bool:
        """Whether it is so by what is on record now."""
        return self._beyond(self.value, side)

    def is_back(self, side: int) -> bool:
        """Whether an alert on that side is over."""
        if self.subject.rule is AlertRule.HIGH:
            return all(value <= -self.limit for value in self._values)
        return all(value * side < self.way_back for value in self._values)

    @property
    def way_back(self) -> Decimal:
        """Where its alert is over."""
        return self.limit * (1 - HYSTERESIS)

    def _beyond(self, value: Decimal, side: int) -> bool:
        return value > 0 if self.subject.rule is AlertRule.HIGH else value * side >= self.limit

    @property
    def _values(self) -> tuple[Decimal, ...]:
        return (self.value, *self.settled)


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


States: TypeAlias = Mapping[Subject, AlertState]
"""What is remembered."""
