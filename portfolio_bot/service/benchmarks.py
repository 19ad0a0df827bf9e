"""The benchmark beside the portfolio: what the same money would be worth in a basket of coins.

Prices of its coins are noted beside every complete snapshot, whether or not they are held; before that, imported ones
serve. Everything else is worked out anew each time, so that a flow recorded late is mended by asking again.
"""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Protocol

from portfolio_bot.analytics.benchmark import (
    Basket,
    Flow,
    Plan,
    Prices,
    State,
    Tick,
    follow,
    outperformance,
    outperformance_twr,
)
from portfolio_bot.analytics.performance import Performance
from portfolio_bot.analytics.returns import twr
from portfolio_bot.analytics.series import Flow as Crossed
from portfolio_bot.analytics.series import Period, Valuation
from portfolio_bot.model.figure import Figure, Known, Note, Reason, Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.portfolio import Complete, KnownAccount, Portfolio, Priced
from portfolio_bot.report.figures_views import BenchmarkFigures, BenchmarkView
from portfolio_bot.service.past import beside_the_loop
from portfolio_bot.storage import prices
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.prices import AssetPrice, PriceOrigin
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

PRICE_KEEPS = timedelta(days=3)
"""How old a price may be that values the basket: imported ones are of single days."""

OF_THE_MOMENT = timedelta(hours=1)
"""How old one may be to count as that of a flow or a rebalance; else they are done at the prices of the next value."""

REBALANCES_BY = timedelta(days=1)
"""How old one may be for a rebalance at the prices of the next value; it waits for a newer one."""

_NO_PRICE = "no_price"


class CoinPrices(Protocol):
    """Prices of coins that nobody holds."""

    async def price(self, asset: Asset) -> Decimal | None:
        """USD for one unit now; None if it cannot be told."""


class Benchmarks:
    """Follows the basket.

    Args:
        coins: None where nothing can be asked: a command that only looks at what is stored.
    """

    def __init__(self, store: Store, plan: Plan, coins: CoinPrices | None = None) -> None:
        self._store, self._plan, self._coins = store, plan, coins

    async def note(self, portfolio: Portfolio) -> None:
        """Keep the prices of the basket's coins at the moment of a complete snapshot. Never raises."""
        if not isinstance(portfolio.total_usd, Complete):
            return
        known = _held(portfolio, self._plan.weights.keys())
        for asset in self._plan.weights.keys() - known.keys():
            price = None if self._coins is None else await self._coins.price(asset)
            if price is not None:
                known[asset] = price
        rows = [AssetPrice(asset, portfolio.at, price, PriceOrigin.LIVE) for asset, price in sorted(known.items())]
        try:
            await self._store.write(lambda tx: prices.add(tx, rows))
        except StorageError as error:
            log.warning("prices of the benchmark could not be kept: %s", error)

    async def over(self, found: Performance) -> BenchmarkFigures | None:
        """Beside the portfolio in a period, from whose first value it begins; None where there is no period."""
        view = await self.view(found)
        return None if view is None else view.figures

    async def view(self, found: Performance) -> BenchmarkView | None:
        """The same, step by step."""
        period = found.period
        if isinstance(period, Unknown):
            return None
        async with self._store.read() as tx:
            series = await prices.series(
                tx, self._plan.weights.keys(), since=period.start.at - PRICE_KEEPS, until=period.end.at
            )
        work = partial(_view, self._plan, period, found.twr, series)
        return await beside_the_loop(work, len(period.valuations))

    async def begun(self, first: Valuation) -> BenchmarkView | None:
        """The basket at the only value that there is, bought for it; None without prices of that moment."""
        async with self._store.read() as tx:
            series = await prices.series(tx, self._plan.weights.keys(), since=first.at - PRICE_KEEPS, until=first.at)
        states = _at_values(self._plan, [first], [], series)
        if not states:
            return None
        unknown = Unknown(Reason.TOO_FEW_SNAPSHOTS)
        figures = BenchmarkFigures(first.value, unknown, unknown, unknown, unknown)
        return BenchmarkView(self._plan, first.value, unknown, figures, tuple(states))


def _view(
    plan: Plan, period: Period, whole: Figure, series: Mapping[Asset, Sequence[tuple[datetime, Decimal]]]
) -> BenchmarkView:
    states = _followed(plan, period, series)
    if isinstance(whole, Unknown) and whole.reason == Reason.INCOMPLETE_FLOWS:
        blind = [_blind(state, whole) for state in states]
        return BenchmarkView(
            plan, period.end.value, whole, BenchmarkFigures(None, whole, whole, whole, whole), tuple(blind)
        )
    weighted = _beside(states, period, whole)
    figures = _figures(states, period, weighted, ", ".join(plan.weights))
    return BenchmarkView(plan, period.end.value, weighted, figures, tuple(states))


def _blind(state: State, why: Unknown) -> State:
    """A basket that did not get all flows: nobody knows what would be in it."""
    basket = Basket({}, why, why)
    return state._replace(basket=basket, held=basket)


def _followed(plan: Plan, period: Period, series: Mapping[Asset, Sequence[tuple[datetime, Decimal]]]) -> list[State]:
    """The basket at every valuation of the period from its start on."""
    return _at_values(plan, period.valuations, period.flows, series)


def _at_values(
    plan: Plan,
    values: Sequence[Valuation],
    crossed: Sequence[Crossed],
    series: Mapping[Asset, Sequence[tuple[datetime, Decimal]]],
) -> list[State]:
    look = _Look(series)
    ticks = [
        Tick(one.at, one.value, look(one.at, PRICE_KEEPS) or {}, look(one.at, REBALANCES_BY) is not None)
        for one in values
    ]
    # a flow at the instant of a value is not inside it here: it happens just after it
    flows = [
        Flow(f"{flow.at.isoformat()}:{place}", _effective(flow) + _JUST_AFTER, flow.amount)
        for place, flow in enumerate(crossed)
    ]
    return follow(plan, ticks, flows, lambda at: look(at, OF_THE_MOMENT))


def _effective(flow: Crossed) -> datetime:
    """When money came, or left: of a day alone its start, or its end."""
    return flow.until - _JUST_AFTER if flow.until is not None and flow.amount < 0 else flow.at


_JUST_AFTER = timedelta(microseconds=1)


def _beside(states: Sequence[State], period: Period, whole: Figure) -> Figure:
    """The portfolio's return over the stretch that the basket has: like with like."""
    if len(states) < 2 or states[0].at == period.start.at:
        return whole
    since = [one for one in period.valuations if one.at >= states[0].at]
    return _truncated(twr(since, period.flows).figure)


def _truncated(figure: Figure) -> Figure:
    return figure if isinstance(figure, Unknown) else Known(figure.value, (*figure.notes, Note.TRUNCATED))


def _figures(states: Sequence[State], period: Period, weighted: Figure, coins: str) -> BenchmarkFigures:
    """Of the stretch that the basket has; a basket of one moment has gone no way.

    Args:
        coins: its names, for where their prices are not known.
    """
    unknown = Unknown(_NO_PRICE, coins)
    if len(states) < 2:
        return BenchmarkFigures(None, unknown, unknown, unknown, unknown)
    basket, held = states[-1].basket, states[-1].held
    portfolio = weighted if isinstance(weighted, Unknown) else weighted.value
    found = (
        _figure(basket.twr),
        _figure(held.twr),
        outperformance(period.end.value, basket.value),
        outperformance_twr(portfolio, basket.twr),
    )
    told = [unknown if isinstance(one, Unknown) and one.reason == _NO_PRICE else one for one in found]
    if states[0].at != period.start.at:
        told = [_truncated(one) for one in told]
    return BenchmarkFigures(None if isinstance(basket.value, Unknown) else basket.value, *told)


def _figure(found: Decimal | Unknown) -> Figure:
    return found if isinstance(found, Unknown) else Known(found)


def _held(portfolio: Portfolio, assets: Collection[Asset]) -> dict[Asset, Decimal]:
    """Prices that the snapshot itself has."""
    found: dict[Asset, Decimal] = {}
    for account in portfolio.accounts:
        for row in account.holdings if isinstance(account, KnownAccount) else ():
            if isinstance(row, Priced) and row.asset in assets:
                found.setdefault(row.asset, row.price)
    return found


class _Look:
    """All prices at one instant: the newest until then, if it is not too old."""

    def __init__(self, series: Mapping[Asset, Sequence[tuple[datetime, Decimal]]]) -> None:
        self._series = {asset: ([at for at, _ in rows], [usd for _, usd in rows]) for asset, rows in series.items()}

    def __call__(self, at: datetime, keeps: timedelta) -> Prices | None:
        found: dict[Asset, Decimal] = {}
        for asset, (instants, values) in self._series.items():
            place = bisect_right(instants, at) - 1
            if place < 0 or at - instants[place] > keeps:
                return None
            found[asset] = values[place]
        return found
