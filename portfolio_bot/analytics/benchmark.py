"""The benchmark: a basket of coins that gets every deposit and loses every withdrawal that the portfolio does.

It begins with the first net asset value, split by its weights. A deposit buys by the weights, however far the basket
has drifted; a withdrawal takes the same part of every coin. Once a week the basket is brought back to its weights, from
its own value and never from the portfolio's; after a pause that is done once, not once for every week missed. Beside
it runs the same basket without rebalancing. There are no fees.

Everything follows from the list of ticks and flows, so a flow that is recorded late is mended by running again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.model.days import utc
from portfolio_bot.model.figure import Figure, Known, Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO

Prices: TypeAlias = Mapping[Asset, Decimal]
"""USD for one unit. A coin that is missing, or stands at 0 or less, has no price."""

_ONE = Decimal(1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Plan:
    """What the basket is.

    Attributes:
        weights: by coin, any numbers > 0: what counts is their part of the sum.
        day: of the weekly rebalance, 0 = Monday … 6 = Sunday.
        hour: of that day, 0 … 23, UTC.

    Raises:
        ValueError: no weight, one that is not positive, or a day or hour that does not exist.
    """

    weights: Mapping[Asset, Decimal]
    day: int = 0
    hour: int = 12

    def __post_init__(self) -> None:
        if not self.weights or min(self.weights.values()) <= 0:
            raise ValueError("a benchmark needs weights, each above 0")
        if not (0 <= self.day < _WEEK and 0 <= self.hour < 24):
            raise ValueError(f"there is no day {self.day} of the week with an hour {self.hour}")


class Tick(NamedTuple):
    """A complete snapshot: the portfolio's NAV in USD, > 0 for a start, and what prices were known then.

    `fresh` is false where a price is too old to rebalance by: the basket keeps its units until a newer one comes.
    """

    at: datetime
    nav: Decimal
    prices: Prices
    fresh: bool = True


class Flow(NamedTuple):
    """An external flow of the portfolio, USD at its own time, in +, out -. `id` makes it the same flow."""

    id: str
    at: datetime
    usd: Decimal


class Applied(NamedTuple):
    """A flow (its id) or the rebalance (`rebalance`), and the instant of the prices that it was done at."""

    what: str
    priced_at: datetime


class Basket(NamedTuple):
    """A basket at a tick.

    Attributes:
        units: by coin.
        value: USD, flows of this tick included; Unknown (`no_price`) while a price is missing.
        twr: since the start, a fraction, blind to flows; Unknown like the value.
    """

    units: Mapping[Asset, Decimal]
    value: Decimal | Unknown
    twr: Decimal | Unknown


class State(NamedTuple):
    """The benchmark after a tick.

    Attributes:
        basket: the rebalanced one.
        held: the same without rebalancing.
        applied: flows and the rebalance that were done since the tick before.
        rebalanced: whether the rebalance is among them.
        next_rebalance: when the next one is due, UTC.
        clamped: a withdrawal was larger than what was there, here or before; the basket then began anew.
    """

    at: datetime
    basket: Basket
    held: Basket
    applied: tuple[Applied, ...]
    rebalanced: bool
    next_rebalance: datetime
    clamped: bool


PricesAt: TypeAlias = Callable[[datetime], Prices | None]
"""All prices at one instant, if they are known for just that."""


def next_rebalance(now: datetime, day: int, hour: int) -> datetime:
    """The first `day` (0 = Monday) at `hour` o'clock UTC after now; in that very hour, a week later."""
    now = utc(now)
    ahead = (day - now.weekday()) % _WEEK
    if ahead == 0 and now.hour >= hour:
        ahead = _WEEK
    return now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=ahead)


@at_fifty_digits
def follow(plan: Plan, ticks: Iterable[Tick], flows: Iterable[Flow], prices_at: PricesAt | None = None) -> list[State]:
    """The benchmark beside every tick.

    Args:
        ticks: strictly ascending. The first one with a NAV above 0 and all prices is the start.
        flows: in any order; those before or at the start are inside its NAV; an id that comes twice counts once.
        prices_at: prices at the own time of a flow or rebalance; where there are none it is done at the prices of the
            first tick that has them.

    Returns:
        One state per tick from the start on; none if it never comes. A tick without all prices keeps the units: its
        values are Unknown, its flows and a due rebalance wait.
    """
    run: _Run | None = None
    waiting = sorted({flow.id: flow for flow in flows}.values(), key=lambda flow: (flow.at, flow.id))
    states: list[State] = []
    for tick in ticks:
        prices = _usable(plan, tick.prices)
        if run is not None:
            states.append(run.advance(tick.at, prices, fresh=tick.fresh))
        elif prices is not None and tick.nav > 0:
            run = _Run(plan, tick, prices, [flow for flow in waiting if flow.at > tick.at], prices_at)
            states.append(run.state(tick.at, prices, ()))
    return states


@at_fifty_digits
def outperformance(nav: Decimal, benchmark: Decimal | Unknown) -> Figure:
    """(NAV - benchmark) / benchmark, a fraction; Unknown where the benchmark has no value or is worth nothing.

    Flows distort it: beside it belongs the comparison of time-weighted returns.
    """
    if isinstance(benchmark, Unknown):
        return benchmark
    return Known((nav - benchmark) / benchmark) if benchmark else Unknown("benchmark_empty")


@at_fifty_digits
def outperformance_twr(portfolio: Decimal | Unknown, benchmark: Decimal | Unknown) -> Figure:
    """(1 + portfolio's TWR) / (1 + benchmark's TWR) - 1: what `outperformance` would be, had there been no flows."""
    if isinstance(portfolio, Unknown):
        return portfolio
    if isinstance(benchmark, Unknown):
        return benchmark
    return Known((1 + portfolio) / (1 + benchmark) - 1) if benchmark > -1 else Unknown("benchmark_empty")


def _usable(plan: Plan, prices: Prices | None) -> Prices | None:
    """The plan's prices; None if one is missing."""
    if prices is None:
        return None
    found = {asset: prices.get(asset, ZERO) for asset in plan.weights}
    return found if min(found.values()) > 0 else None


class _Basket:
    """Units, their value after the last event, and the growth of one unit of money since the start."""

    def __init__(self, weights: Prices) -> None:
        self._weights = weights
        self.units = dict.fromkeys(weights, ZERO)
        self.value = ZERO
        self.growth = _ONE

    def revalue(self, prices: Prices) -> None:
        value = sum((self.units[asset] * price for asset, price in prices.items()), ZERO)
        if self.value:
            self.growth *= value / self.value
        self.value = value

    def flow(self, usd: Decimal, prices: Prices) -> bool:
        """A flow at these prices; false if it took more than there was."""
        self.revalue(prices)
        if usd >= 0:
            for asset, weight in self._weights.items():
                self.units[asset] += weight * usd / prices[asset]
            self.value += usd
            return True
        enough = -usd <= self.value
        left = (self.value + usd) / self.value if enough and self.value else ZERO
        self.units = {asset: units * left for asset, units in self.units.items()}
        self.value = self.value + usd if enough else ZERO
        return enough

    def rebalance(self, prices: Prices) -> None:
        self.revalue(prices)
        for asset, weight in self._weights.items():
            self.units[asset] = weight * self.value / prices[asset]

    def shown(self, *, priced: bool) -> Basket:
        missing = Unknown("no_price")
        units = dict(self.units)
        return Basket(units, self.value, self.growth - 1) if priced else Basket(units, missing, missing)


class _Run:
    """Both baskets, what has not happened yet, and when the next rebalance is due."""

    def __init__(
        self, plan: Plan, start: Tick, prices: Prices, waiting: list[Flow], prices_at: PricesAt | None
    ) -> None:
        total = sum(plan.weights.values(), ZERO)
        weights = {asset: weight / total for asset, weight in plan.weights.items()}
        self._plan, self._prices_at = plan, prices_at
        self._basket, self._held = _Basket(weights), _Basket(weights)
        self._waiting = waiting[::-1]
        self._due = next_rebalance(start.at, plan.day, plan.hour)
        self._clamped = False
        for basket in (self._basket, self._held):
            basket.flow(start.nav, prices)

    def advance(self, at: datetime, prices: Prices | None, *, fresh: bool = True) -> State:
        """Flows by time, then the rebalance if it is due; each at its own prices, else at those of the tick."""
        applied: list[Applied] = []
        due, rebalanced = self._due, False
        while self._waiting and self._waiting[-1].at <= at:
            flow = self._waiting[-1]
            if not rebalanced and due <= flow.at:
                rebalanced = self._rebalance_at(due, applied)
            own = self._own(flow.at)
            used = prices if own is None else own
            if used is None:
                break  # the next ones wait too: they come after it
            self._waiting.pop()
            enough = [basket.flow(flow.usd, used) for basket in (self._basket, self._held)]
            self._clamped = self._clamped or not all(enough)
            applied.append(Applied(flow.id, at if own is None else flow.at))
        else:
            if not rebalanced and due <= at:
                rebalanced = self._rebalance_at(due, applied) or self._rebalance(prices if fresh else None, at, applied)
        if rebalanced:
            self._due = next_rebalance(at, self._plan.day, self._plan.hour)
        return self.state(at, prices, tuple(applied), rebalanced=rebalanced)

    def state(
        self, at: datetime, prices: Prices | None, applied: tuple[Applied, ...], *, rebalanced: bool = False
    ) -> State:
        shown = []
        for basket in (self._basket, self._held):
            if prices is not None:
                basket.revalue(prices)
            shown.append(basket.shown(priced=prices is not None))
        return State(at, shown[0], shown[1], applied, rebalanced, self._due, self._clamped)

    def _own(self, at: datetime) -> Prices | None:
        return None if self._prices_at is None else _usable(self._plan, self._prices_at(at))

    def _rebalance_at(self, due: datetime, applied: list[Applied]) -> bool:
        return self._rebalance(self._own(due), due, applied)

    def _rebalance(self, prices: Prices | None, at: datetime, applied: list[Applied]) -> bool:
        if prices is None:
            return False
        self._basket.rebalance(prices)
        applied.append(Applied("rebalance", at))
        return True
