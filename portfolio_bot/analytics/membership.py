"""Accounts that join or leave the portfolio: their value is a flow, never a return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.series import Flow, Valuation
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


@dataclass(frozen=True, slots=True)
class Linked:
    """Valuations that returns may link, and the flows of accounts that joined or left."""

    valuations: tuple[Valuation, ...]
    flows: tuple[Flow, ...]


@at_fifty_digits
def linked(snapshots: Sequence[Parts]) -> Linked:
    """Turn what joined or left between complete snapshots into flows.

    An account joins at its first snapshot: the valuation there is without it, and its value flows in just after.
    One that is no longer there left with its last counted value, just after the snapshot before. An account that
    fails is still there, in a snapshot that is not complete and therefore not in this list.

    Args:
        snapshots: complete ones only, strictly ascending.

    Returns:
        As many valuations as snapshots, and one more just after the last if an account joins at it, so that a
        period's end is the NAV that people see. Flows oldest first.
    """
    flows: list[Flow] = []
    valuations = [Valuation(one.at, one.total) for one in snapshots[:1]]
    for before, now in pairwise(snapshots):
        joined = left = ZERO
        if before.accounts is not None and now.accounts is not None:
            left = sum((value for name, value in before.accounts.items() if name not in now.accounts), ZERO)
            joined = sum((value for name, value in now.accounts.items() if name not in before.accounts), ZERO)
        flows += [Flow(at, value) for at, value in ((before.at, -left), (now.at, joined)) if value]
        valuations.append(Valuation(now.at, now.total - joined))
    if valuations and valuations[-1].value != snapshots[-1].total:
        valuations.append(Valuation(snapshots[-1].at + _JUST_AFTER, snapshots[-1].total))
    return Linked(tuple(valuations), tuple(sorted(flows, key=lambda flow: flow.at)))
