"""Money-weighted return (XIRR): the yearly rate at which dated payments are worth nothing.

NPV(r) = Σ aᵢ (1 + r)^(−(tᵢ − t₀) / 365 days) = 0, fractions of days kept. Signs are the investor's: what is paid in is
negative, what is taken out and what is there at the end is positive. The base of 365 days is that of Excel, Google,
OpenOffice and Portfolio Performance.

The search is for x = ln(1 + r), where rates from −100 % to anything lie on one line. Most histories prove to have at
most one root on either side of zero; the others are scanned. A scan with fewer steps misses roots that lie together,
and false position is no substitute for bisection: with values over hundreds of powers of ten it stops at an end of
its bracket. Floats are good enough: a rate is irrational anyway.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from math import exp, expm1, fsum, log
from typing import TypeAlias

from portfolio_bot.analytics.digits import at_fifty_digits, days, from_float, micros
from portfolio_bot.analytics.returns import YEAR, yearly_notes
from portfolio_bot.analytics.series import Period
from portfolio_bot.model.figure import Figure, Known, Note, Reason, Unknown
from portfolio_bot.model.money import ZERO

Payment: TypeAlias = tuple[datetime, Decimal]
"""When (aware UTC) and how much, in the investor's sign and in one currency."""

_STEPS = 350
_LOWEST, _HIGHEST = -14.0, 21.0
_SPANS = 40.0
_CLOSE_ENOUGH = 1e-15
_LARGEST_LOG = 709.0
"""exp of more is no float."""

_LARGEST_RATE = log(1e9)

_END_OF_THE_LINE = 1e300


@dataclass(frozen=True, slots=True)
class MoneyWeighted:
    """A money-weighted return.

    Attributes:
        annual: the rate per year of 365 days as a fraction; Unknown under a day. Under a year it is `extrapolated`,
            under 30 days `not_shown` too.
        period: the same rate over the whole span, (1 + r)^(days / 365) − 1: the headline under a year.
        days: from the first payment to the last, those of nothing included.
        roots: all rates above −1 and under 1e9 that fit, ascending; those beyond only where there is none inside.
    """

    annual: Figure
    period: Figure
    days: Decimal
    roots: tuple[Decimal, ...] = ()


@at_fifty_digits
def xirr(payments: Iterable[Payment]) -> MoneyWeighted:
    """The rate at which these payments are worth nothing.

    Args:
        payments: in any order; a payment of nothing only extends the span.

    Returns:
        Unknown where money only went one way (`no_sign_change`), where all happened at one instant
        (`zero_duration`), where no rate fits (`no_root`) and where the rate is too large to tell (`overflow`). Where
        several fit it is the one nearest to zero in |ln(1 + r)|, with the note `multiple_roots`.
    """
    payments = list(payments)
    merged: dict[datetime, Decimal] = {}
    for at, amount in payments:
        merged[at] = merged.get(at, ZERO) + amount
    span = max(merged) - min(merged) if merged else timedelta(0)
    if not span and _both_ways(amount for _, amount in payments):
        return _none(Reason.ZERO_DURATION, span)
    if not _both_ways(merged.values()):
        return _none(Reason.NO_SIGN_CHANGE, span)
    flows = [(at, merged[at]) for at in sorted(merged) if merged[at]]
    found = _plausible(_Schedule(flows).roots())
    if not found:
        return _none(Reason.NO_ROOT, span)
    nearest = min(found, key=abs)
    notes = (Note.MULTIPLE_ROOTS,) if len(found) > 1 else ()
    length = days(span)
    return MoneyWeighted(
        annual=_annual(nearest, length, notes),
        period=_grown(nearest * micros(span) / micros(timedelta(days=YEAR)), notes),
        days=length,
        roots=tuple(from_float(expm1(x)) for x in found if x <= _LARGEST_LOG),
    )


@at_fifty_digits
def money_weighted(period: Period) -> MoneyWeighted:
    """The money-weighted return of a period: its start value and flows paid in, its end value taken out.

    A flow of which only the date is known counts from the start of that day if it came in, and to its end if it
    went out.

    Returns:
        As `xirr`; `total_loss` instead of `no_sign_change` where something was paid in and nothing is left.
    """
    payments = payments_of(period)
    found = xirr(payments)
    lost = not period.end.value and any(amount < 0 for _, amount in payments)
    if lost and found.annual == Unknown(Reason.NO_SIGN_CHANGE):
        return MoneyWeighted(Unknown(Reason.TOTAL_LOSS), Unknown(Reason.TOTAL_LOSS), found.days)
    return found


@at_fifty_digits
def payments_of(period: Period) -> list[Payment]:
    """What a period's rate is worked out from: its start value, each of its flows in their order, its end value."""
    end = period.end.at
    payments = [(period.start.at, -period.start.value)]
    for flow in period.flows:
        late = flow.until is not None and flow.amount < 0
        payments.append((min(flow.until or end, end) if late else flow.at, -flow.amount))
    return [*payments, (end, period.end.value)]


@at_fifty_digits
def present_values(payments: Sequence[Payment], rate: Decimal) -> list[Decimal]:
    """What each payment is worth at the instant of the first one, at a rate per year of 365 days above −1."""
    first = min(at for at, _ in payments)
    year = micros(timedelta(days=YEAR))
    return [amount * (1 + rate) ** (-Decimal(micros(at - first)) / year) for at, amount in payments]


def _both_ways(amounts: Iterable[Decimal]) -> bool:
    return len({_sign(amount) for amount in amounts} - {0}) == 2


def _none(reason: Reason, span: timedelta) -> MoneyWeighted:
    return MoneyWeighted(Unknown(reason), Unknown(reason), days(span))


def _plausible(roots: Sequence[float]) -> Sequence[float]:
    """The roots whose rate a float tells from −1, and below a billion; all where there are none such.

    A schedule of many signs may have further ones out there. They say nothing about money, but over a very short
    span the only one may lie there.
    """
    return [x for x in roots if x < _LARGEST_RATE and expm1(x) > -1] or roots


def _annual(x: float, length: Decimal, notes: tuple[Note, ...]) -> Figure:
    if length < 1:
        return Unknown(Reason.TOO_SHORT)
    figure = _grown(x, notes)
    if isinstance(figure, Unknown):
        return figure
    return Known(figure.value, (*notes, *yearly_notes(figure.value, length)))


def _grown(x: float, notes: tuple[Note, ...]) -> Figure:
    return Known(from_float(expm1(x)), notes) if x <= _LARGEST_LOG else Unknown(Reason.OVERFLOW)


class _Schedule:
    """Payments of two or more instants, none of nothing, with both signs among them; their value as a function of x."""

    def __init__(self, flows: Sequence[tuple[datetime, Decimal]]) -> None:
        first, last = flows[0][0], flows[-1][0]
        largest = max(abs(amount) for _, amount in flows)
        year = micros(timedelta(days=YEAR))
        self._exact = [amount for _, amount in flows]
        # years since the first payment, and until the last one: whichever keeps every factor at 1 or less
        self._since = [(float(amount / largest), micros(at - first) / year) for at, amount in flows]
        self._until = [(float(amount / largest), micros(last - at) / year) for at, amount in flows]
        self._span = micros(last - first) / year
        self._total = sum(self._exact, ZERO)

    def roots(self) -> list[float]:
        """All x with a value of nothing, ascending."""
        forward, backward = _changes(self._exact), _changes(self._exact[::-1])
        # partial sums bound the roots (Norstrom): forward ones those above zero, backward ones those below
        if self._total and forward <= 1 and backward <= 1:
            return [root for side in (-1, 1) for root in self._beyond(0.0, side)]
        if not self._total and forward == 0 and backward == 0:
            return [0.0]
        return self._scan()

    def _sign(self, x: float) -> int:
        """Of the value at x; exact at 0."""
        if not x:
            return _sign(self._total)
        if x > 0:
            return _sign(fsum([amount * exp(-x * years) for amount, years in self._since]))
        return _sign(fsum([amount * exp(x * years) for amount, years in self._until]))

    def _scan(self) -> list[float]:
        grid = {0.0}
        for low, high in ((_LOWEST, _HIGHEST), (-_SPANS / self._span, _SPANS / self._span)):
            grid.update(low + (high - low) * step / _STEPS for step in range(_STEPS + 1))
        places = sorted(grid)
        signs = [self._sign(x) for x in places]
        found = [x for x, sign in zip(places, signs, strict=True) if not sign]
        for (low, at_low), (high, at_high) in pairwise(zip(places, signs, strict=True)):
            if at_low * at_high < 0:
                insort(found, self._bisect(low, high, at_low))
        return [*self._beyond(places[0], -1), *found, *self._beyond(places[-1], 1)]

    def _beyond(self, edge: float, side: int) -> list[float]:
        """The root between an edge and the end of the line on that side; none if the sign is the same at both."""
        # far out only the payment counts that is not discounted at all: the first on the right, the last on the left
        far, near = _sign(self._exact[0] if side > 0 else self._exact[-1]), self._sign(edge)
        if near in (0, far):
            return []
        step, low = 1 / self._span, edge
        while self._sign(edge + side * step) != far:
            low = edge + side * step
            step *= 2
            if step > _END_OF_THE_LINE:
                return []  # the outermost payment is too small beside the others to be seen in floats
        return [self._bisect(low, edge + side * step, near)]

    def _bisect(self, low: float, high: float, at_low: int) -> float:
        while abs(high - low) > _CLOSE_ENOUGH * max(1.0, abs(low)):
            middle = (low + high) / 2
            if middle in (low, high):
                break
            sign = self._sign(middle)
            if not sign:
                return middle
            low, high = (middle, high) if sign == at_low else (low, middle)
        return (low + high) / 2


def _sign(number: Decimal | float) -> int:
    return (number > 0) - (number < 0)


def _changes(amounts: Sequence[Decimal]) -> int:
    """How often the partial sums change sign; zeros do not count."""
    signs = [_sign(total) for total in accumulate(amounts) if total]
    return sum(one != other for one, other in pairwise(signs))
