"""Every figure of a period at once: how value changed, what came and went, how well it did, how rough the way was.

All of one currency. Each figure is a value with its validity; a period without two complete valuations has none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.irr import MoneyWeighted, money_weighted
from portfolio_bot.analytics.returns import (
    Method,
    Rule,
    TimeWeighted,
    annualised,
    daily_returns,
    index,
    twr,
)
from portfolio_bot.analytics.risk import Drawdown, Ratios, drawdown, index_notes, ratios
from portfolio_bot.analytics.series import Closing, Flow, Period, Valuation, cut
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Figure, Known, Reason, Unknown
from portfolio_bot.model.flow import FlowKey
from portfolio_bot.model.money import ZERO


@dataclass(frozen=True, slots=True)
class Track:
    """What is known of the portfolio's past in one currency.

    Attributes:
        valuations: of complete snapshots and imported closes, strictly ascending.
        closings: of local days that are over, oldest first; each is one of the valuations.
        flows: deposits and withdrawals that crossed the border of the portfolio, in any order.
        joined: values of accounts, and of what is inside them, that joined (+) or left (-), in any order.
        unpriced: flows without a value in this currency, with their moment: no figure of a period that holds one.
    """

    valuations: tuple[Valuation, ...]
    closings: tuple[Closing, ...] = ()
    flows: tuple[Flow, ...] = ()
    joined: tuple[Flow, ...] = ()
    unpriced: tuple[tuple[datetime, FlowKey], ...] = ()

    @property
    def all_flows(self) -> tuple[Flow, ...]:
        """Whatever is no performance."""
        return (*self.flows, *self.joined)


@dataclass(frozen=True, slots=True)
class Performance:
    """A period in figures; fractions are fractions (0.05 = 5 %), money is in the currency of the track.

    Attributes:
        period: its valuations and flows; Unknown where there is none.
        change: end - start.
        net_flows: what came in less what went out, accounts that joined or left among it.
        profit: change - net flows.
        simple_return: profit / (start + net flows).
        twr: time-weighted, of the period.
        rules: how the capital of its intervals was counted.
        twr_annualized: the same per year; `extrapolated` under a year.
        xirr: money-weighted, per year, and of the period itself.
        max_drawdown: the deepest fall of the daily index, <= 0; dates stand in `falls`.
        falls: the drawdown with its dates; None where there is none to tell.
        ratios: volatility, Sharpe, Sortino.
        since_funding: after a total loss the return since money came back; None without one.
    """

    period: Period | Unknown
    change: Figure
    net_flows: Figure
    profit: Figure
    simple_return: Figure
    twr: Figure
    rules: tuple[Rule, ...]
    twr_annualized: Figure
    xirr: MoneyWeighted
    max_drawdown: Figure
    falls: Drawdown | None
    ratios: Ratios
    since_funding: Figure | None = None

    @property
    def start_value(self) -> Figure:
        """NAV at the start."""
        return self.period if isinstance(self.period, Unknown) else Known(self.period.start.value, self.period.notes)

    @property
    def end_value(self) -> Figure:
        """NAV at the end."""
        return self.period if isinstance(self.period, Unknown) else Known(self.period.end.value, self.period.notes)


@at_fifty_digits
def measure(
    track: Track,
    calendar: Calendar,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    method: Method = Method.AUTO,
    risk_free_annual: Decimal = ZERO,
) -> Performance:
    """The figures of the period from `since` to `until`, as `series.cut` finds its ends.

    Args:
        calendar: of the owner, for the days of the drawdown.
        method: how capital is counted where a flow has no valuation at its instant.
        risk_free_annual: a fraction per year.
    """
    period = cut(track.valuations, track.all_flows, since=since, until=until)
    if isinstance(period, Unknown):
        return _nothing(period, period)
    if any(period.start.at <= at < period.end.at for at, _ in track.unpriced):
        return _nothing(period, Unknown(Reason.INCOMPLETE_FLOWS))
    weighted = twr(period.valuations, period.flows, method)
    falls, spread = _risk(track, period, calendar, method, risk_free_annual)
    return Performance(
        period=period,
        change=Known(period.end.value - period.start.value, period.notes),
        net_flows=Known(period.net_flows),
        profit=Known(period.profit, period.notes),
        simple_return=period.percent,
        twr=_with(weighted.figure, period),
        rules=_rules(weighted),
        twr_annualized=_per_year(weighted.figure, period.days),
        xirr=money_weighted(period),
        max_drawdown=falls if isinstance(falls, Unknown) else Known(falls.depth, falls.notes),
        falls=None if isinstance(falls, Unknown) else falls,
        ratios=spread,
        since_funding=weighted.since_funding,
    )


def _risk(
    track: Track, period: Period, calendar: Calendar, method: Method, risk_free_annual: Decimal
) -> tuple[Drawdown | Unknown, Ratios]:
    """Drawdown over the whole period, its unfinished days too; the ratios over days between two closes only."""
    start, end = period.start, period.end
    moments = [close.valuation.at for close in track.closings]
    closes = track.closings[bisect_left(moments, start.at) : bisect_right(moments, end.at)]
    between = daily_returns(closes, period.valuations, period.flows, method)
    marks: Sequence[Closing] = closes
    if not closes or closes[0].valuation.at > start.at:
        marks = [Closing(calendar.day(start.at), start), *marks]
    if marks[-1].valuation.at < end.at:
        marks = [*marks, Closing(calendar.day(end.at), end)]
    whole = daily_returns(marks, period.valuations, period.flows, method) if len(marks) > len(closes) else between
    return drawdown(index(whole), index_notes(whole)), ratios(between, risk_free_annual=risk_free_annual)


def _with(figure: Figure, period: Period) -> Figure:
    """With what has to be said of the period's ends."""
    if isinstance(figure, Unknown) or not period.notes:
        return figure
    return Known(figure.value, tuple(dict.fromkeys((*figure.notes, *period.notes))))


def _rules(weighted: TimeWeighted) -> tuple[Rule, ...]:
    return tuple(dict.fromkeys(one.rule for one in weighted.intervals if one.rule is not None))


def _per_year(figure: Figure, days: Decimal) -> Figure:
    return figure if isinstance(figure, Unknown) else annualised(figure.value, days)


def _nothing(period: Period | Unknown, why: Unknown) -> Performance:
    return Performance(
        period=period,
        change=why,
        net_flows=why,
        profit=why,
        simple_return=why,
        twr=why,
        rules=(),
        twr_annualized=why,
        xirr=MoneyWeighted(why, why, ZERO),
        max_drawdown=why,
        falls=None,
        ratios=Ratios(why, why, why, why),
    )
