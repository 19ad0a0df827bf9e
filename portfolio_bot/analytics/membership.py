"""Accounts that join or leave the portfolio: their value is a flow, never a return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.series import Flow, Valuation
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId

_JUST_AFTER = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Parts:
    """A complete snapshot by account, in one currency.

    Attributes:
        at: its instant, aware UTC.
        total: NAV of everything.
        accounts: what each account is worth; None where only the total is known (history from elsewhere): no account
            counts as joining or leaving on either side of such a point.
    """

    at: datetime
    total: Decimal
    accounts: Mapping[AccountId, Decimal] | None


class Joint(NamedTuple):
    """What joined or left just after an instant: an account, or something inside one.

    Attributes:
        value: what flowed in with it (+) or out (-).
        joined: the valuation at `at` is still without it.
        cause: as `borders.BorderCause` names it, of something inside an account; "" for a whole account.
        asset: what came or went; "" for several, or where nobody can tell.
        inside: the wallet or the inner account; "" for none.
    """

    at: datetime
    account: AccountId
    value: Decimal
    joined: bool
    cause: str = ""
    asset: Asset = ""
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """Valuations that returns may link, and the accounts that joined or left, oldest first."""

    valuations: tuple[Valuation, ...]
    joints: tuple[Joint, ...]

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The same as flows: one for all accounts of an instant that went the same way."""
        sums: dict[tuple[datetime, bool], Decimal] = {}
        for one in self.joints:
            key = one.at, one.joined
            sums[key] = sums.get(key, ZERO) + one.value
        return tuple(Flow(at, value) for (at, _), value in sums.items() if value)


@at_fifty_digits
def linked(snapshots: Sequence[Parts], inside: Iterable[Joint] = ()) -> Linked:
    """Turn what joined or left between complete snapshots into flows.

    An account joins at its first snapshot: the valuation there is without it, and its value flows in just after.
    One that is no longer there left with its last counted value, just after the snapshot before. An account that
    fails is still there, in a snapshot that is not complete and therefore not in this list.

    Args:
        snapshots: complete ones only, strictly ascending.
        inside: what joined or left inside accounts, each at the instant of one of the snapshots.

    Returns:
        As many valuations as snapshots, and one more just after the last if an account joins at it, so that a
        period's end is the NAV that people see. Flows oldest first.
    """
    # what joined at the first of them has been there for as long as is known
    joints = [one for one in inside if snapshots and (one.at > snapshots[0].at or not one.joined)]
    came_inside: dict[datetime, Decimal] = {}
    for one in joints:
        came_inside[one.at] = came_inside.get(one.at, ZERO) + (one.value if one.joined else ZERO)
    valuations = [Valuation(first.at, first.total) for first in snapshots[:1]]
    for before, now in pairwise(snapshots):
        left, came = _only_in(before, now), _only_in(now, before)
        joints += [Joint(before.at, name, -value, joined=False) for name, value in left]
        joints += [Joint(now.at, name, value, joined=True) for name, value in came]
        without = sum((value for _, value in came), came_inside.get(now.at, ZERO))
        valuations.append(Valuation(now.at, now.total - without))
    if valuations and valuations[-1].value != snapshots[-1].total:
        valuations.append(Valuation(snapshots[-1].at + _JUST_AFTER, snapshots[-1].total))
    return Linked(tuple(valuations), tuple(sorted(joints, key=lambda one: one.at)))


def _only_in(one: Parts, other: Parts) -> list[tuple[AccountId, Decimal]]:
    """Accounts that the other snapshot does not know; none where either knows only the total."""
    if one.accounts is None or other.accounts is None:
        return []
    return [(name, value) for name, value in one.accounts.items() if name not in other.accounts]
