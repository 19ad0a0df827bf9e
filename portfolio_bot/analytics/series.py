"""What every figure of performance starts from: valuations and flows in one currency, and a period of them.

A flow at the instant of a valuation happens just after it, so intervals are half-open: a flow belongs to the one with
start ≤ flow < end. Flows before the first valuation or at and after the last one concern no figure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal, TypeAlias

from portfolio_bot.analytics.digits import at_fifty_digits, days
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Figure, Known, Note, Reason, Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.history import DayClose, NavPoint
from portfolio_bot.model.money import ZERO

Kept: TypeAlias = Literal["USD", "RUB"]
"""The currencies in which the NAV itself is stored."""

_NEAR_ZERO = Decimal("0.1")
_STALE_PART = 10
_STALE_AT_LEAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Valuation:
    """NAV of everything at an instant (aware UTC), in the one currency of its series; negative is net debt."""

    at: datetime
    value: Decimal


@dataclass(frozen=True, slots=True)
class Flow:
    """Value that crossed the border of the portfolio, in the currency of the series it is used with.

    Attributes:
        at: when it reached or left what the accounts report, aware UTC. If only its date is known, the start of that
            local day.
        amount: positive in, negative out, at the prices of its own time.
        until: the end of that local day, if only the date is known: it then counts in the interval that ends with
            the day's close, an inflow at the start of it, an outflow at its end. None for a known instant.
    """

    at: datetime
    amount: Decimal
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """The valuation that closes a local day."""

    day: date
    valuation: Valuation


@dataclass(frozen=True, slots=True)
class Period:
    """Valuations from a start to an end, the flows between, and the profit they leave.

    Attributes:
        valuations: two or more, oldest first; the first and the last one are the period's ends.
        flows: those with start ≤ at < end, oldest first.
        days: its length, in days of 86,400 seconds.
        inflows, outflows: sums, both ≥ 0.
        net_flows: inflows − outflows.
        profit: end − start − net flows, exactly.
        percent: profit as a fraction of start + net flows, the money that was there to earn it.
        notes: `truncated`, `stale_start`, `stale_end`: the ends are not those that were asked for.
    """

    valuations: tuple[Valuation, ...]
    flows: tuple[Flow, ...]
    days: Decimal
    inflows: Decimal
    outflows: Decimal
    net_flows: Decimal
    profit: Decimal
    percent: Figure
    notes: tuple[Note, ...]

    @property
    def start(self) -> Valuation:
        """The valuation it begins with; flows at this instant are inside."""
        return self.valuations[0]

    @property
    def end(self) -> Valuation:
        """The valuation it ends with; flows at this instant are outside."""
        return self.valuations[-1]


def valuations(points: Iterable[NavPoint], currency: Kept) -> list[Valuation]:
    """The NAV points that have a value in this currency, oldest first; of two at one instant the later in the list."""
    found = {point.at: value for point in points if (value := _value(point, currency)) is not None}
    return [Valuation(at, found[at]) for at in sorted(found)]


def closings(closes: Iterable[DayClose], currency: Kept) -> list[Closing]:
    """The closes of days that are over and have a value in this currency, oldest first."""
    found = [
        Closing(close.day, Valuation(close.point.at, value))
        for close in closes
        if not close.open and (value := _value(close.point, currency)) is not None
    ]
    return sorted(found, key=lambda close: close.day)


def flow_of(movement: CashFlow, value: Decimal, calendar: Calendar) -> Flow:
    """A movement across the border as a flow.

    Args:
        movement: an external one; transfers, income, fees and trades are no flows, which is decided before.
        value: what it was worth at its own time in the currency of the series, with the sign of its amount.
        calendar: of the owner, for a movement of which only the date is known.
    """
    if isinstance(movement.at, datetime):
        return Flow(movement.at, value)
    return Flow(calendar.start(movement.at), value, calendar.end(movement.at))


def _value(point: NavPoint, currency: Kept) -> Decimal | None:
    return point.usd if currency == "USD" else point.rub


def settled(series: Sequence[Valuation], flows: Iterable[Flow]) -> list[Valuation]:
    """The valuations between which returns may be linked.

    Where only the date of a flow is known, the valuations inside that day cannot be told to lie before or after it:
    of them only the last, the day's close, is kept.

    Args:
        series: strictly ascending in time.

    Raises:
        ValueError: it is not.
    """
    instants = [valuation.at for valuation in series]
    for earlier, later in pairwise(instants):
        if earlier >= later:
            raise ValueError(f"valuations out of order: {earlier.isoformat()} before {later.isoformat()}")
    dropped: set[int] = set()
    for flow in flows:
        if flow.until is not None:
            # a valuation at the very start of the day closes the day before
            dropped.update(range(bisect_right(instants, flow.at), bisect_right(instants, flow.until) - 1))
    if not dropped:
        return list(series)
    return [valuation for place, valuation in enumerate(series) if place not in dropped]


@at_fifty_digits
def cut(
    series: Sequence[Valuation],
    flows: Iterable[Flow],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Period | Unknown:
    """The period from one instant to another, and its profit.

    Args:
        series: valuations of complete snapshots, strictly ascending.
        flows: in the same currency, in any order.
        since: the wanted start: the latest valuation at or before it begins the period, else the earliest of all
            (`truncated`). More than an hour and a tenth of the window before it is `stale_start`. None for
            everything there is.
        until: the wanted end: the latest valuation at or before it. None for the newest.

    Returns:
        The period; Unknown (`too_few_snapshots`) where its ends are not two different valuations.
    """
    flows = sorted((flow for flow in flows if flow.amount), key=lambda flow: flow.at)
    kept = settled(series, flows)
    instants = [valuation.at for valuation in kept]
    last = len(kept) - 1 if until is None else bisect_right(instants, until) - 1
    first = 0 if since is None else max(0, bisect_right(instants, since) - 1)
    if last <= first:
        return Unknown(Reason.TOO_FEW_SNAPSHOTS)
    start, end = kept[first], kept[last]
    moments = [flow.at for flow in flows]
    inside = flows[bisect_left(moments, start.at) : bisect_left(moments, end.at)]
    inflows = sum((flow.amount for flow in inside if flow.amount > 0), ZERO)
    outflows = -sum((flow.amount for flow in inside if flow.amount < 0), ZERO)
    profit = end.value - start.value - inflows + outflows
    return Period(
        valuations=tuple(kept[first : last + 1]),
        flows=tuple(inside),
        days=days(end.at - start.at),
        inflows=inflows,
        outflows=outflows,
        net_flows=inflows - outflows,
        profit=profit,
        percent=percent_of_base(profit, start.value + inflows - outflows, start.value + inflows),
        notes=_end_notes(start.at, end.at, since, until),
    )


@at_fifty_digits
def percent_of_base(profit: Decimal, base: Decimal, most: Decimal | None = None) -> Figure:
    """Profit as a fraction of the money it was earned with.

    Args:
        profit: in any currency.
        base: start + net flows, which is the same as end − profit.
        most: start + inflows, if known: a base under a tenth of it is noted as `base_near_zero`.

    Returns:
        A fraction, 0.05 = 5 %; Unknown (`base_not_positive`) for a base of zero or less. After large withdrawals it
        is no measure of performance: show the time-weighted return beside it.
    """
    if base <= 0:
        return Unknown(Reason.BASE_NOT_POSITIVE)
    near_zero = most is not None and base < _NEAR_ZERO * most
    return Known(profit / base, (Note.BASE_NEAR_ZERO,) if near_zero else ())


def _end_notes(start: datetime, end: datetime, since: datetime | None, until: datetime | None) -> tuple[Note, ...]:
    wanted_end = end if until is None else until
    window = wanted_end - (start if since is None else since)
    patience = max(_STALE_AT_LEAST, window / _STALE_PART)
    found = []
    if since is not None and start > since:
        found.append(Note.TRUNCATED)
    if since is not None and since - start > patience:
        found.append(Note.STALE_START)
    if wanted_end - end > patience:
        found.append(Note.STALE_END)
    return tuple(found)
