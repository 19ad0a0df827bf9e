"""Returns that deposits and withdrawals do not disturb: of an interval, of a day, of a period.

A return over an interval is `profit / capital`, and the rules differ only in how much of its flows they count as
capital: all of them (`start`), each by the part of the interval that it was there (`dietz`), inflows wholly and
outflows not at all (`pp`). Where a valuation stands at every flow they agree, and the return is exact; `auto` takes
the first rule that is safe for the interval, and the interval names the one that was used. Source: GIPS and CFA
material on true time weighting; Modified Dietz; the daily rule of Portfolio Performance.

Values of which there is one for every snapshot or day are tuples: a frozen dataclass takes five times as long to make.
Returns are fractions (0.05 = 5 %), exact to 50 digits. Everything here is of one currency; a return in roubles comes
from values and flows in roubles, never from the dollar return and a rate.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, Overflow
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from portfolio_bot.analytics.digits import at_fifty_digits, micros
from portfolio_bot.analytics.series import Closing, Flow, Valuation, settled
from portfolio_bot.model.figure import Figure, Known, Note, Reason, Unknown
from portfolio_bot.model.money import ZERO

SHORT = timedelta(hours=2)
"""Two default snapshot intervals: so near a valuation a flow may count as if it stood at the interval's start."""

_SAFE_OUTFLOW = 2
"""`start` is safe while outflows are at most one part in so many of what was there."""

_SAFE_CAPITAL = Decimal("0.1")
"""`dietz` is safe while its weighted capital is at least this part of what was there."""

_MISALIGNED_SIZE = Decimal("0.1")
_MISALIGNED_FIT = Decimal("0.2")

YEAR = 365
MONTH = 30
_WILD = 10
_LARGEST_EXPONENT = 308

_ONE = Decimal(1)


class Method(StrEnum):
    """How the capital of an interval is counted (public names of a setting)."""

    AUTO = "auto"
    START = "start"
    DIETZ = "dietz"
    PP = "pp"


class Rule(StrEnum):
    """How the capital of an interval was counted. `simple`: there was no flow."""

    SIMPLE = "simple"
    START = "start"
    DIETZ = "dietz"
    PP = "pp"


class Interval(NamedTuple):
    """The return between two neighbouring valuations.

    Attributes:
        start, end: the valuations.
        net_flows: of the flows with start ≤ at < end.
        profit: end − start − net flows, exactly.
        value: the return, never under −1; None where there is none: the index then stands still.
        rule: the one that was used; None where there is no return.
        notes: why there is no return (none of them if simply nothing was there), or how far it may be trusted.
    """

    start: Valuation
    end: Valuation
    net_flows: Decimal
    profit: Decimal
    value: Decimal | None
    rule: Rule | None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeWeighted:
    """A time-weighted return and the links it is made of.

    Attributes:
        figure: ∏(1 + r) − 1, not annualised.
        intervals: oldest first; those without a return count as 0 %.
        funded_again: after a total loss the start of the interval in which money came back; None without a loss, or
            while nothing came back.
        since_funding: the return from there on, since `figure` stays at −100 % for ever; None where `funded_again` is.
    """

    figure: Figure
    intervals: tuple[Interval, ...]
    funded_again: datetime | None = None
    since_funding: Figure | None = None


class DayReturn(NamedTuple):
    """What changed between two day closes that follow each other.

    Attributes:
        day: the local day whose close ends it.
        since: the day of the close before.
        start, end: instants of the two closes.
        profit: close − previous close − net flows, in the currency of the series.
        net_flows: between the closes, one at the instant of a close counts in the day after it.
        percent: the return, chained over the valuations between; `gap` if it spans several days.
        span_days: 1 unless days without a close lie between.
    """

    day: date
    since: date
    start: datetime
    end: datetime
    profit: Decimal
    net_flows: Decimal
    percent: Figure
    span_days: int


class IndexPoint(NamedTuple):
    """Growth of one unit of money at the close of a day."""

    day: date
    value: Decimal


@at_fifty_digits
def interval_return(start: Valuation, end: Valuation, flows: Iterable[Flow], method: Method = Method.AUTO) -> Interval:
    """The return between two valuations by the cascade, or by a rule that is forced.

    A forced rule that would divide by nothing or lose more than everything gives way to `pp`, which always answers
    where there was any capital. The interval has no return while nothing was there, where value appeared out of
    nothing (`delta_without_capital`), and where either end is below zero (`negative_nav`).

    Args:
        start, end: end after start.
        flows: those with start ≤ at < end, in any order; others are a mistake of the caller.

    Raises:
        ValueError: the valuations or flows are out of order.
    """
    inside = [flow for flow in flows if flow.amount]
    if start.at >= end.at or any(not start.at <= flow.at < end.at for flow in inside):
        raise ValueError(f"flows or valuations outside {start.at.isoformat()} to {end.at.isoformat()}")
    return _between(start, end, inside, method)


@at_fifty_digits
def twr(series: Sequence[Valuation], flows: Iterable[Flow], method: Method = Method.AUTO) -> TimeWeighted:
    """The time-weighted return from the first valuation to the last.

    Args:
        series: of complete snapshots, strictly ascending; over a hole the interval spans it.
        flows: in any order; those outside have no effect.

    Returns:
        Unknown for fewer than two valuations, and where no interval has a return.
    """
    flows = [flow for flow in flows if flow.amount]
    found = tuple(_intervals(settled(series, flows), flows, method))
    if not found:
        return TimeWeighted(Unknown(Reason.TOO_FEW_SNAPSHOTS), ())
    figure = _linked(found, _misaligned(found))
    losses = [place for place, one in enumerate(found) if one.value == -1]
    if not losses:
        return TimeWeighted(figure, found)
    after = found[losses[-1] + 1 :]
    again = next((place for place, one in enumerate(after) if one.start.value or one.net_flows or one.end.value), None)
    if again is None:
        return TimeWeighted(figure, found)
    return TimeWeighted(figure, found, after[again].start.at, _linked(after[again:]))


@at_fifty_digits
def daily_returns(
    closes: Sequence[Closing],
    series: Iterable[Valuation] = (),
    flows: Iterable[Flow] = (),
    method: Method = Method.AUTO,
) -> list[DayReturn]:
    """Returns from each day close to the next, oldest first.

    Args:
        closes: of days that are over, oldest first.
        series: further valuations between them, so that flows lie near one; of two at one instant this one counts.
        flows: in any order.

    Returns:
        One fewer than there are closes; none for fewer than two.
    """
    flows = [flow for flow in flows if flow.amount]
    known = {close.valuation.at: close.valuation for close in closes}
    known.update((one.at, one) for one in series)
    kept = settled([known[at] for at in sorted(known)], flows)
    places = {one.at: place for place, one in enumerate(kept)}
    links = list(_intervals(kept, flows, method))
    # a close that had to give way to a later one of the same span is no end of any interval
    ends = [close for close in closes if close.valuation.at in places]
    found = []
    for before, close in pairwise(ends):
        start, end = before.valuation.at, close.valuation.at
        between, span = links[places[start] : places[end]], (close.day - before.day).days
        profit = net = ZERO
        for one in between:
            profit += one.profit
            net += one.net_flows
        percent = _linked(between, (Note.GAP,) if span > 1 else ())
        found.append(DayReturn(close.day, before.day, start, end, profit, net, percent, span))
    return found


@at_fifty_digits
def index(returns: Sequence[DayReturn]) -> list[IndexPoint]:
    """Growth of 1 from the first close on: it is 1 there, and stands still over days without a return."""
    if not returns:
        return []
    level = _ONE
    points = [IndexPoint(returns[0].since, level)]
    for one in returns:
        if isinstance(one.percent, Known):
            level *= 1 + one.percent.value
        points.append(IndexPoint(one.day, level))
    return points


@at_fifty_digits
def annualised(value: Decimal, days: Decimal | int) -> Figure:
    """A period's return told per year of 365 days: (1 + r)^(365 / days) − 1.

    From 365 days on it is the ordinary compound rate; under that the period's own return is the headline and this
    one is `extrapolated`. Under 30 days, or from ±1000 % on, it is also `not_shown`. Source: GIPS 2010, 5.A.4.

    Args:
        value: the period's return as a fraction.
        days: its length, fractions kept.

    Returns:
        Unknown for less than a day (`too_short`), a loss of more than everything, and beyond 1e308 (`overflow`).
    """
    if days < 1:
        return Unknown(Reason.TOO_SHORT)
    if value < -1:
        return Unknown(Reason.NEGATIVE_NAV)
    try:
        per_year = (1 + value) ** (Decimal(YEAR) / days) - 1
    except Overflow:
        return Unknown(Reason.OVERFLOW)
    if per_year.adjusted() >= _LARGEST_EXPONENT:
        return Unknown(Reason.OVERFLOW)
    return Known(per_year, yearly_notes(per_year, days))


def yearly_notes(per_year: Decimal, days: Decimal | int) -> tuple[Note, ...]:
    """What has to be said beside a fraction per year that was measured over so many days."""
    if days >= YEAR:
        return ()
    shown = days >= MONTH and abs(per_year) < _WILD
    return (Note.EXTRAPOLATED,) if shown else (Note.EXTRAPOLATED, Note.NOT_SHOWN)


@at_fifty_digits
def weights(interval: Interval, flows: Iterable[Flow]) -> list[Decimal]:
    """Which part of each of its flows counts as capital in an interval, by the rule that it used.

    Its return is profit / (start + Σ weight × flow).
    """
    if interval.rule is Rule.DIETZ:
        return [_weight(flow, interval.start.at, interval.end.at) for flow in flows]
    return [ZERO if interval.rule is Rule.PP and flow.amount < 0 else _ONE for flow in flows]


def _intervals(kept: Sequence[Valuation], flows: Iterable[Flow], method: Method) -> Iterator[Interval]:
    """Each two neighbours with the flows between them."""
    ordered = sorted(flows, key=lambda flow: flow.at)
    moments = [flow.at for flow in ordered]
    place = bisect_left(moments, kept[0].at) if kept else 0
    for start, end in pairwise(kept):
        after = place
        while after < len(moments) and moments[after] < end.at:
            after += 1
        yield _between(start, end, ordered[place:after], method)
        place = after


def _between(start: Valuation, end: Valuation, flows: Sequence[Flow], method: Method) -> Interval:
    begin, final = start.value, end.value
    if begin < 0 or final < 0:
        net = sum((flow.amount for flow in flows), ZERO)
        return Interval(start, end, net, final - begin - net, None, None, (Note.NEGATIVE_NAV,))
    if flows:
        return _with_flows(start, end, flows, method)
    profit = final - begin
    if begin:
        return Interval(start, end, ZERO, profit, profit / begin, Rule.SIMPLE)
    return Interval(start, end, ZERO, profit, None, None, (Note.DELTA_WITHOUT_CAPITAL,) if profit else ())


def _with_flows(start: Valuation, end: Valuation, flows: Sequence[Flow], method: Method) -> Interval:
    inflow = sum((flow.amount for flow in flows if flow.amount > 0), ZERO)
    net = sum((flow.amount for flow in flows), ZERO)
    outflow, profit, there = inflow - net, end.value - start.value - net, start.value + inflow
    if not there:
        return Interval(start, end, net, profit, None, None, (Note.DELTA_WITHOUT_CAPITAL,) if profit else ())
    at_start = all(flow.until is None and flow.at == start.at for flow in flows)
    for rule in _order(start, end, flows, method, at_start=at_start):
        capital = _capital(rule, start, end, flows)
        if capital <= 0 or profit < -capital or (profit == -capital and end.value):
            continue  # nothing to divide by, or a loss of more than everything: no return of this capital
        if method is Method.AUTO and not at_start and not _is_safe(rule, capital, there, outflow):
            continue
        break
    else:
        rule, capital = Rule.PP, there
    # without a profit every rule says 0, and where a valuation stands at every flow there is nothing to guess
    exact = not profit or (at_start and capital == start.value + net)
    notes = [] if exact else [Note.APPROXIMATE]
    fell_back = method is Method.AUTO and any(flow.until is None for flow in flows)
    if rule is Rule.PP and notes and (outflow * 2 > there or (fell_back and outflow)):
        notes.append(Note.APPROX_LARGE_OUTFLOW)
    return Interval(start, end, net, profit, profit / capital, rule, tuple(notes))


def _order(
    start: Valuation, end: Valuation, flows: Sequence[Flow], method: Method, *, at_start: bool
) -> tuple[Rule, ...]:
    """The rules to try before `pp`."""
    if method is not Method.AUTO:
        return () if method is Method.PP else (Rule(method),)
    if at_start:
        return (Rule.START,)
    if all(flow.until is not None for flow in flows):
        return ()
    timed = all(flow.until is None for flow in flows)
    return (Rule.START, Rule.DIETZ) if timed and end.at - start.at <= SHORT else (Rule.DIETZ,)


def _is_safe(rule: Rule, capital: Decimal, there: Decimal, outflow: Decimal) -> bool:
    if rule is Rule.START:
        return outflow * _SAFE_OUTFLOW <= there
    return capital >= _SAFE_CAPITAL * there


def _capital(rule: Rule, start: Valuation, end: Valuation, flows: Sequence[Flow]) -> Decimal:
    if rule is Rule.START:
        return start.value + sum((flow.amount for flow in flows), ZERO)
    return start.value + sum((flow.amount * _weight(flow, start.at, end.at) for flow in flows), ZERO)


def _weight(flow: Flow, start: datetime, end: datetime) -> Decimal:
    """The part of the interval that a flow was there; of an outflow whose date alone is known, none of it."""
    if flow.until is not None:
        return _ONE if flow.amount > 0 else ZERO
    return Decimal(micros(end - flow.at)) / micros(end - start)


def _linked(links: Sequence[Interval], more: tuple[Note, ...] = ()) -> Figure:
    """The returns of these intervals, chained; Unknown if none of them has one."""
    if len(links) == 1 and links[0].value is not None and links[0].value > -1:
        return Known(links[0].value, (*links[0].notes, *more))
    growth, any_return, said = _ONE, False, dict[Note, None]()
    for one in links:
        if one.value is not None:
            any_return = True
            growth *= 1 + one.value
        if one.notes:
            said.update(dict.fromkeys(one.notes))
    notes = (*said, *more)
    if any_return:
        return Known(growth - 1, (*notes, Note.TOTAL_LOSS) if not growth else notes)
    for reason in (Reason.NEGATIVE_NAV, Reason.DELTA_WITHOUT_CAPITAL):
        if reason.value in notes:
            return Unknown(reason)
    return Unknown(Reason.NOTHING_INVESTED)


def _misaligned(links: Sequence[Interval]) -> tuple[Note, ...]:
    """A flow that seems to be dated into the interval beside the one whose value it changed.

    It shows as a profit of its size in one interval and as a loss of its size in the neighbour that has the flow.
    """
    for pair in pairwise(links):
        for jump, dated in (pair, pair[::-1]):
            size = abs(dated.net_flows)
            if not size or size < _MISALIGNED_SIZE * abs(jump.start.value):
                continue
            slack = _MISALIGNED_FIT * size
            if abs(jump.profit - dated.net_flows) <= slack and abs(dated.profit + dated.net_flows) <= slack:
                return (Note.SUSPECTED_MISALIGNMENT,)
    return ()
