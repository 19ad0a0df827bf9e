"""Figures that may not exist. `Unknown` has no arithmetic, so forgetting the case is a type error."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias


class Reason(StrEnum):
    """Why a figure of performance cannot be given. The names are public: they are the `status` of a figure."""

    TOO_FEW_SNAPSHOTS = "too_few_snapshots"  # a return needs two complete ones
    TOO_FEW_RETURNS = "too_few_returns"  # a deviation needs two
    TOO_SHORT = "too_short"  # under a day nothing is told per year
    ZERO_DURATION = "zero_duration"  # everything happened at one instant
    NOTHING_INVESTED = "nothing_invested"  # no money was at work at any time
    BASE_NOT_POSITIVE = "base_not_positive"  # what a percentage would be of is zero or less
    DELTA_WITHOUT_CAPITAL = "delta_without_capital"  # value appeared where nothing was, and no flow explains it
    NEGATIVE_NAV = "negative_nav"  # debt exceeded assets: no fraction of it means anything
    OVERFLOW = "overflow"  # beyond any number worth printing
    NO_SIGN_CHANGE = "no_sign_change"  # money only went one way
    TOTAL_LOSS = "total_loss"  # all that was paid in is gone
    NO_ROOT = "no_root"  # no rate makes the flows worth zero
    INCOMPLETE_FLOWS = "incomplete_flows"  # something came or went whose value is not known
    ZERO_DEVIATION = "zero_deviation"  # nothing to divide by: returns never differed, or never fell short


class Note(StrEnum):
    """What has to be said beside a figure (public names)."""

    APPROXIMATE = "approximate"  # a flow had no valuation at its instant
    APPROX_LARGE_OUTFLOW = "approx_large_outflow"  # booked at the end of its interval: may understate
    DELTA_WITHOUT_CAPITAL = "delta_without_capital"  # a stretch was left out, for that reason
    NEGATIVE_NAV = "negative_nav"  # a stretch was left out, for that reason
    TOTAL_LOSS = "total_loss"  # everything was lost on the way
    SUSPECTED_MISALIGNMENT = "suspected_misalignment"  # a flow seems to be dated beside the jump that it made
    GAP = "gap"  # one figure over several days
    TRUNCATED = "truncated"  # history begins after the period does
    STALE_START = "stale_start"  # the first snapshot is much older than the period
    STALE_END = "stale_end"  # the last snapshot is much older than the period's end
    BASE_NEAR_ZERO = "base_near_zero"  # most of the money left: the percentage is no measure of performance
    EXTRAPOLATED = "extrapolated"  # told per year from less than a year
    NOT_SHOWN = "not_shown"  # too short or too wild to be put before people; machines may have it
    MULTIPLE_ROOTS = "multiple_roots"  # several rates fit: the one nearest to zero is given
    SHORT_SAMPLE = "short_sample"  # fewer than 30 returns
    GAPS_LEFT_OUT = "gaps_left_out"  # returns over several days are no daily returns
    UNDEFINED_LEFT_OUT = "undefined_left_out"  # days without a return


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a figure cannot be given.

    Attributes:
        reason: a key of `report.words` (`no_rate`, `incomplete`, …) or a `Reason`.
        detail: what the sentence names (a currency pair, a date).
    """

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A figure that can be given.

    Attributes:
        value: unrounded; its unit, sign and currency are those of the function that made it.
        notes: what has to be said beside it, each once.
    """

    value: Decimal
    notes: tuple[Note, ...] = ()


Figure: TypeAlias = Known | Unknown
"""A figure with its validity: the status is `ok`, or the reason why there is none."""
