"""Figures of performance as the public JSON: each a value with its status, so that none can be taken for another.

Money in plain notation with 8 places at most, fractions with 12; 0.05 is 5 %.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from decimal import Decimal

from portfolio_bot.analytics.attribution import Parts
from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.performance import Performance
from portfolio_bot.analytics.returns import DayReturn
from portfolio_bot.analytics.series import Kept, Period
from portfolio_bot.model.figure import Figure, Known, Reason, Unknown
from portfolio_bot.model.money import ZERO
from portfolio_bot.report.as_json import Json, instant
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.numbers import MONEY_PLACES, fraction_text, money_text, rounded

PARTS = ("market", "fx", "flows", "income", "fees", "accounts")
"""What a change is made of; they add up to it."""

NO_BENCHMARK = Unknown("no_benchmark")
"""None is followed, or not in this currency."""


def figure(found: Figure, as_text: Callable[[Decimal], str] = fraction_text) -> dict[str, Json]:
    """One figure with its validity: `ok`, or why there is none."""
    if isinstance(found, Unknown):
        return {"value": None, "status": str(found.reason), "notes": []}
    return {"value": as_text(found.value), "status": "ok", "notes": [str(note) for note in found.notes]}


def money(found: Figure) -> dict[str, Json]:
    """An amount of money with its validity."""
    return figure(found, money_text)


def performance(view: PerformanceView) -> dict[str, Json]:
    """`performance --json`."""
    found = view.figures
    period = found.period if isinstance(found.period, Period) else None
    total = None if view.why is None else evened(view.why.total)
    sums = {name: getattr(found, name) for name in ("change", "net_flows", "profit")}
    if total is not None:
        sums = {name: _instead(sums[name], value) for name, value in _sums(total).items()}
    return {
        "start": None if period is None else instant(period.start.at),
        "end": None if period is None else instant(period.end.at),
        "days": None if period is None else fraction_text(period.days),
        "currency": view.currency,
        "start_value": money(found.start_value),
        "end_value": money(found.end_value),
        "net_flows": money(sums["net_flows"]),
        "change": money(sums["change"]),
        "change_parts": {name: money(_part(total, name, found)) for name in PARTS},
        "profit": money(sums["profit"]),
        "simple_return": figure(found.simple_return),
        "twr": figure(found.twr),
        "twr_rules": [str(rule) for rule in found.rules],
        "twr_annualized": figure(found.twr_annualized),
        "xirr": figure(found.xirr.annual),
        "xirr_period": figure(found.xirr.period),
        "max_drawdown": figure(found.max_drawdown),
        "drawdown": _drawdown(found),
        "volatility": figure(found.ratios.volatility),
        "sharpe": figure(found.ratios.sharpe),
        "sortino": figure(found.ratios.sortino),
        **_benchmark(view),
    }


def returns(days: Iterable[DayReturn], currency: Kept = "USD") -> list[Json]:
    """`returns --json`: newest first."""
    return [day_return(one, currency) for one in days]


def day_return(one: DayReturn, currency: Kept = "USD") -> dict[str, Json]:
    """`latest-return --json`; amounts carry the currency in their names: `usd`, `flows_usd`."""
    percent, name = one.percent, currency.lower()
    return {
        "date": one.day.isoformat(),
        "from": one.since.isoformat(),
        "span_days": one.span_days,
        name: None if lacks_flows(one) else money_text(one.profit),
        "percent": None if isinstance(percent, Unknown) else fraction_text(percent.value * 100),
        f"flows_{name}": None if lacks_flows(one) else money_text(one.net_flows),
    }


def lacks_flows(one: DayReturn) -> bool:
    """Whether something came or went on that day whose value is not known: then no amount of it is right."""
    return isinstance(one.percent, Unknown) and one.percent.reason == Reason.INCOMPLETE_FLOWS


def why(parts: Parts) -> dict[str, Json]:
    """A change taken apart, of one account or asset."""
    names, told = ("start", *PARTS, "moved", "end"), evened(parts)
    return {name: money_text(getattr(told, name)) for name in names}


@at_fifty_digits
def evened(parts: Parts) -> Parts:
    """The same as printed, and still adding up: the market, which is the rest, takes what rounding leaves."""
    told = {part.name: rounded(getattr(parts, part.name), MONEY_PLACES) for part in fields(parts)}
    others = sum((told[name] for name in (*PARTS, "moved") if name != "market"), ZERO)
    return Parts(**{**told, "market": told["end"] - told["start"] - others})


@at_fifty_digits
def _sums(total: Parts) -> dict[str, Decimal]:
    """What follows from the printed parts."""
    change, crossed = total.end - total.start, total.flows + total.accounts
    return {"change": change, "net_flows": crossed, "profit": change - crossed}


def _instead(found: Figure, value: Decimal) -> Figure:
    return found if isinstance(found, Unknown) else Known(value, found.notes)


def _part(total: Parts | None, name: str, found: Performance) -> Figure:
    if total is not None:
        return Known(getattr(total, name))
    return found.change if isinstance(found.change, Unknown) else Unknown(Reason.TOO_FEW_SNAPSHOTS)


def _drawdown(found: Performance) -> Json:
    falls = found.falls
    if falls is None:
        return None
    return {
        "peak": falls.peak.isoformat(),
        "trough": falls.trough.isoformat(),
        "recovery": None if falls.recovery is None else falls.recovery.isoformat(),
        "current": fraction_text(falls.current),
        "longest_days": None if falls.longest is None else falls.longest.days,
    }


def _benchmark(view: PerformanceView) -> dict[str, Json]:
    compared = view.benchmark
    if compared is None:
        names = ("benchmark_return", "outperformance", "outperformance_twr")
        missing = view.figures.change if isinstance(view.figures.change, Unknown) else NO_BENCHMARK
        return {name: figure(missing) for name in names}
    return {
        "benchmark_return": figure(compared.returned),
        "outperformance": figure(compared.outperformance),
        "outperformance_twr": figure(compared.outperformance_twr),
    }
