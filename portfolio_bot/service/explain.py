"""What stands behind a figure: the snapshots, prices, rates, flows and lots from which anybody can work it out again.

The figures come from the very functions that make them everywhere else; here is only what they were made of.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Generic, TypeVar, get_args

from portfolio_bot.analytics.digits import at_fifty_digits, days
from portfolio_bot.analytics.irr import payments_of, present_values
from portfolio_bot.analytics.lot_report import Disposal
from portfolio_bot.analytics.returns import Interval, Method, Rule, twr, weights
from portfolio_bot.analytics.series import Flow, Kept, Period, Valuation, flow_of
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Figure, Known, Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.history import NavPoint, Origin
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.trade import Trade
from portfolio_bot.report.explain_views import Counted, Link, Paid, PnlView, TwrView, XirrView
from portfolio_bot.report.profit_view import ProfitView
from portfolio_bot.service.past import PastBook, beside_the_loop
from portfolio_bot.service.performance import Performances, Window
from portfolio_bot.service.profit import Profits, sourced_prices
from portfolio_bot.storage import ledger, snapshots
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.trade_stream import every_trade
from portfolio_bot.storage.tx import Tx

T = TypeVar("T")

MOST_SNAPSHOTS = 200
"""Snapshots beside flows that are opened for one explanation."""

MOST_EVENTS = 10_000
"""Trades, and disposals, that one explanation holds; the newest."""

_JUST_AFTER = timedelta(milliseconds=1)
"""A period may end so much after its last snapshot, to take in an account that joined there."""

_INSTANT = timedelta(microseconds=1)


class Explanations:
    """Explains figures.

    Args:
        calendar: of the owner.
        method: how capital is counted where a flow has no valuation at its instant.
    """

    def __init__(
        self,
        store: Store,
        calendar: Calendar,
        performances: Performances,
        profits: Profits,
        method: Method = Method.AUTO,
    ) -> None:
        self._store, self._calendar = store, calendar
        self._performances, self._profits, self._method = performances, profits, method

    async def total(self) -> Portfolio | None:
        """The newest snapshot: it holds whatever its total was made of; None before the first."""
        async with self._store.read() as tx:
            return await snapshots.newest(tx)

    async def imported_total(self) -> NavPoint | None:
        """The newest total of a history from elsewhere, of which nothing but the sum is known; None without any."""
        found: dict[Kept, Valuation] = {}
        for currency in get_args(Kept):
            since = await self._performances.newest(currency)
            if since is not None:
                book, _ = await self._performances.measured(Window("", since=since), currency)
                found[currency] = book.track.valuations[-1]
        newest = max((one.at for one in found.values()), default=None)
        if newest is None:
            return None
        both = {currency: one.value for currency, one in found.items() if one.at == newest}
        return NavPoint(newest, both.get("USD"), both.get("RUB"), Origin.IMPORTED)

    async def twr(self, window: Window, currency: Kept = "USD") -> TwrView:
        """Every link of a time-weighted return."""
        book, found = await self._performances.measured(window, currency)
        if isinstance(found.period, Unknown):
            return TwrView(window.name, currency, found, self._method, (), {})
        counted = _counted(book, found.period, self._calendar)
        work = partial(_links, found.period, counted, self._method)
        links = await beside_the_loop(work, len(found.period.valuations))
        beside = {at for link in links if link.flows for at in (link.interval.start.at, link.interval.end.at)}
        ends = [found.period.start.at, found.period.end.at]
        wanted = [*ends, *sorted(beside - {*ends})]
        portfolios = await self._portfolios(wanted[:MOST_SNAPSHOTS])
        left_out = len(wanted[MOST_SNAPSHOTS:])
        return TwrView(window.name, currency, found, self._method, links, portfolios, left_out)

    async def xirr(self, window: Window, currency: Kept = "USD") -> XirrView:
        """Every payment of a money-weighted return."""
        book, found = await self._performances.measured(window, currency)
        if isinstance(found.period, Unknown):
            return XirrView(window.name, currency, found, found.period, (), {})
        counted = _counted(book, found.period, self._calendar)
        rate = _rate(found.xirr.annual, found.xirr.roots)
        portfolios = await self._portfolios([found.period.start.at, found.period.end.at])
        return XirrView(window.name, currency, found, rate, _payments(found.period, counted, rate), portfolios)

    async def pnl(self, view: ProfitView, asset: Asset | None = None) -> PnlView:
        """The profit of lots in the period of a view; for one asset with every event behind it.

        Args:
            asset: in whatever case it is recorded.
        """
        rules = self._profits.rules
        known = {one.asset for one in view.end.assets} | {one.asset for one in view.end.cash}
        if asset is not None:
            asset = next((name for name in sorted(known) if name.casefold() == asset.casefold()), asset)
        async with self._store.read() as tx:
            seen = await sourced_prices(tx, view.until, known)
            found = PnlView(view, str(rules.scope), str(rules.unknown), asset, seen)
            if asset is None:
                return found
            trades = await _trades(tx, asset, view)
            flows = [flow for flow in await ledger.flows(tx, since=view.since, until=view.until) if _is_of(flow, asset)]
        disposals = _Newest[Disposal]()

        def told(one: Disposal) -> None:
            if one.asset == asset:
                disposals.add(one)

        await self._profits.disposals(view.since, view.until + _INSTANT, told, valued_at=view.until)
        return replace(
            found,
            trades=tuple(trades.kept),
            flows=tuple(flows[::-1]),
            disposals=tuple(disposals.kept),
            left_out=trades.left_out + disposals.left_out,
        )

    async def _portfolios(self, instants: Iterable[datetime]) -> Mapping[datetime, Portfolio]:
        """The snapshots of these instants; those that were imported have none."""
        found: dict[datetime, Portfolio] = {}
        async with self._store.read() as tx:
            for at in instants:
                portfolio = await snapshots.at(tx, at)
                if portfolio is not None and at - portfolio.at <= _JUST_AFTER:
                    found[at] = portfolio
        return found


class _Newest(Generic[T]):
    """The newest of many, and how many there were before them."""

    def __init__(self) -> None:
        self.kept: deque[T] = deque(maxlen=MOST_EVENTS)
        self.left_out = 0

    def add(self, one: T) -> None:
        """One more, newer than all before."""
        self.left_out += len(self.kept) == MOST_EVENTS
        self.kept.append(one)


def _counted(book: PastBook, period: Period, calendar: Calendar) -> list[Counted]:
    """What the flows of a period were made of: the same flows, each with its record or its account."""
    found: list[Counted] = []
    for one in book.crossings:
        value = book.rates.value(one.flow)
        if value:
            flow = flow_of(one.flow, value, calendar) if one.at is None else Flow(one.at, value)
            found.append(Counted(flow, record=one.flow, later=one.at is not None))
    found += [Counted(Flow(joint.at, joint.value), joint=joint) for joint in book.joints if joint.value]
    inside = [one for one in found if period.start.at <= one.flow.at < period.end.at]
    return sorted(inside, key=lambda one: one.flow.at)


@at_fifty_digits
def _links(period: Period, counted: Sequence[Counted], method: Method) -> tuple[Link, ...]:
    links: list[Link] = []
    growth, place = Decimal(1), 0
    for one in twr(period.valuations, [each.flow for each in counted], method).intervals:
        after = place
        while after < len(counted) and counted[after].flow.at < one.end.at:
            after += 1
        inside = counted[place:after]
        place = after
        parts = weights(one, [each.flow for each in inside])
        growth *= 1 if one.value is None else 1 + one.value
        links.append(Link(one, tuple(zip(inside, parts, strict=True)), _capital(one, inside, parts), growth))
    return tuple(links)


def _capital(one: Interval, flows: Sequence[Counted], parts: Sequence[Decimal]) -> Decimal | None:
    if one.rule is None:
        return None
    if one.rule is Rule.SIMPLE:
        return one.start.value
    return one.start.value + sum((part * each.flow.amount for each, part in zip(flows, parts, strict=True)), ZERO)


def _rate(annual: Figure, roots: Sequence[Decimal]) -> Figure:
    """The rate per year, also where it is not told because the period is shorter than a day."""
    if isinstance(annual, Known) or not roots:
        return annual
    return Known(min(roots, key=lambda root: abs((1 + root).ln())))


@at_fifty_digits
def _payments(period: Period, counted: Sequence[Counted], rate: Figure) -> tuple[Paid, ...]:
    payments = payments_of(replace(period, flows=tuple(one.flow for one in counted)))
    behind = [None, *counted, None]
    first = min(at for at, _ in payments)
    known = isinstance(rate, Known) and rate.value > -1
    present: Sequence[Decimal | None] = [None] * len(payments)
    if known and isinstance(rate, Known):
        present = present_values(payments, rate.value)
    rows = zip(payments, present, behind, strict=True)
    return tuple(Paid(at, amount, days(at - first), worth, one) for (at, amount), worth, one in rows)


async def _trades(tx: Tx, asset: Asset, view: ProfitView) -> _Newest[Trade]:
    found = _Newest[Trade]()
    async for page in every_trade(tx, view.until + _INSTANT, since=view.since):
        for trade in page:
            if isinstance(trade, Trade) and asset in {trade.base, trade.quote, *(fee.asset for fee in trade.fees)}:
                found.add(trade)
        await asyncio.sleep(0)
    return found


def _is_of(flow: CashFlow, asset: Asset) -> bool:
    return flow.settled and (flow.asset == asset or (flow.fee is not None and flow.fee.asset == asset))
