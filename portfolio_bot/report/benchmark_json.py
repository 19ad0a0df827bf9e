"""The benchmark as the public JSON. Money in USD with 8 places at most, fractions with 12."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from portfolio_bot.analytics.benchmark import State
from portfolio_bot.analytics.series import Period
from portfolio_bot.model.figure import Figure, Known, Reason, Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.report.as_json import Json, instant
from portfolio_bot.report.figures_json import figure, money
from portfolio_bot.report.figures_views import BenchmarkView, PerformanceView
from portfolio_bot.report.numbers import fraction_text, plain

_NO_PRICE = Unknown("no_price")


def benchmark(view: BenchmarkView | None, found: PerformanceView, basket: Mapping[Asset, Decimal]) -> dict[str, Json]:
    """`benchmark --json`.

    Args:
        view: None where there is no period; of a single value its beginning.
        found: the portfolio over the same period.
        basket: its weights, any numbers above 0.
    """
    weights = _weights(basket)
    period = found.figures.period
    if view is None or not isinstance(period, Period):
        why = period if isinstance(period, Unknown) else Unknown(Reason.TOO_FEW_SNAPSHOTS)
        known: dict[str, Figure] = dict.fromkeys(_FIGURES, why)
        if view is None:
            return _shape(None, weights, None, known, why.reason)
        begun = view.states[0]
        known |= {"nav": Known(view.nav), **_values(begun)}
        return _shape(view, weights, begun, known, why.reason, begun)
    states, figures = view.states, view.figures
    newest = states[-1] if len(states) > 1 else None
    known = {
        "nav": Known(view.nav),
        **_values(newest),
        "benchmark_return": figures.returned,
        "held_return": figures.held,
        "twr": view.twr,
        "outperformance": figures.outperformance,
        "outperformance_twr": figures.outperformance_twr,
    }
    start = None if newest is None else states[0]
    return _shape(view, weights, start, known, _state(newest), newest)


def _values(state: State | None) -> dict[str, Figure]:
    return {
        "benchmark_value": _value(state.basket.value if state else _NO_PRICE),
        "held_value": _value(state.held.value if state else _NO_PRICE),
    }


_FIGURES = (
    "nav", "benchmark_value", "held_value", "benchmark_return", "held_return", "twr", "outperformance",
    "outperformance_twr",
)  # fmt: skip
_MONEY = frozenset({"nav", "benchmark_value", "held_value"})


def _shape(
    view: BenchmarkView | None,
    weights: dict[str, Json],
    start: State | None,
    known: dict[str, Figure],
    state: str,
    newest: State | None = None,
) -> dict[str, Json]:
    units: dict[str, Json] = {}
    if newest is not None:
        units = {asset: plain(amount) for asset, amount in newest.basket.units.items()}
    rebalanced = [one for one in view.states if one.rebalanced] if view is not None else []
    return {
        "weights": weights,
        "start": None if start is None else instant(start.at),
        "end": None if newest is None else instant(newest.at),
        **{name: (money if name in _MONEY else figure)(known[name]) for name in _FIGURES},
        "units": units,
        "rebalances": [instant(one.at) for one in rebalanced],
        "next_rebalance": None if newest is None else instant(newest.next_rebalance),
        "state": state,
    }


def _weights(basket: Mapping[Asset, Decimal]) -> dict[str, Json]:
    whole = sum(basket.values())
    return {asset: fraction_text(part / whole) for asset, part in basket.items()}


def _state(newest: State | None) -> str:
    """Whether it has a value now: `ok`, why not, or `clamped` once a withdrawal was larger than it."""
    if newest is None:
        return _NO_PRICE.reason
    if isinstance(newest.basket.value, Unknown):
        return str(newest.basket.value.reason)
    return "clamped" if newest.clamped else "ok"


def _value(value: Decimal | Unknown) -> Figure:
    return value if isinstance(value, Unknown) else Known(value)
