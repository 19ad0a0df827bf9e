"""Profit, first in, first out, over everything that is recorded: trades are streamed, only open lots stay in memory."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from portfolio_bot.analytics.lot_events import (
    Booked,
    LotEvent,
    Openings,
    movements,
    openings,
    other_events,
    place,
)
from portfolio_bot.analytics.lot_moves import LotScope, UnknownBasis
from portfolio_bot.analytics.lot_report import Disposal, Profit
from portfolio_bot.analytics.lots import Ledger
from portfolio_bot.analytics.shares import exactly
from portfolio_bot.analytics.transfers import Matching
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.portfolio import KnownAccount, Portfolio, Priced
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Fee, Trade, Worth, WorthSource
from portfolio_bot.report.explain_views import Valued
from portfolio_bot.report.profit_view import ProfitView
from portfolio_bot.storage import imported, ledger, prices, snapshots
from portfolio_bot.storage.ledger_rows import AnyTrade
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.trade_stream import every_trade
from portfolio_bot.storage.tx import Tx

_PRICE_KEEPS = timedelta(days=3)
"""How old a price may be that values what is held."""

_NEVER = timedelta(microseconds=1)


_NOTHING = Openings((), {})


class Matches(Protocol):
    """Who knows which flows are own transfers."""

    async def matching(self) -> Matching:
        """Of all flows there are, as the owner has it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How lots are counted.

    Attributes:
        scope: which lots a sale may use.
        unknown: what a disposal without a known cost is.
        start: when records begin, for opening lots; None: with the first record.
    """

    scope: LotScope = LotScope.GLOBAL
    unknown: UnknownBasis = UnknownBasis.EXCLUDE
    start: datetime | None = None


class Profits:
    """Counts lots anew each time it is asked; keeps nothing."""

    def __init__(
        self, store: Store, calendar: Calendar, clock: Clock, matches: Matches, rules: Rules | None = None
    ) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._matches, self._rules = matches, rules or Rules()

    async def over(
        self, window: str = "all", *, since: datetime | None = None, until: datetime | None = None
    ) -> ProfitView:
        """Profit of a period, with what is held valued at its end.

        Args:
            window: how the period is called.
            since: None for everything from the first record on.
            until: None for the newest snapshot, without one the newest of what was imported.
        """
        matching = await self._matches.matching()
        async with self._store.read() as tx:
            events = await self._others(tx, matching)
            end = until or await self._newest(tx)
            opening = await self._openings(tx, events, end)
            run = _Run(self._rules, [*_as_events(opening), *events])
            before: Profit | None = None
            if since is not None:
                await run.feed(tx, since)
                before = run.ledger.profit(await _prices(tx, since, run.ledger.assets))
            await run.feed(tx, end + _NEVER, after=since)
            found = run.ledger.profit(await _prices(tx, end, run.ledger.assets))
            return ProfitView(window, since, end, found, before, opening.missing)

    async def newest(self) -> datetime | None:
        """Up to when there is something to count: the newest snapshot, without one the newest of what was imported."""
        async with self._store.read() as tx:
            return await _known_until(tx, self._calendar)

    @property
    def rules(self) -> Rules:
        """How lots are counted."""
        return self._rules

    async def disposals(
        self,
        since: datetime | None,
        until: datetime,
        sink: Callable[[Disposal], None],
        *,
        valued_at: datetime | None = None,
    ) -> None:
        """Tell every disposal with since ≤ at < until, oldest first.

        Args:
            since: None for everything.
            valued_at: of which instant the balances are that opening lots follow from; None for the newest.
        """
        matching = await self._matches.matching()
        async with self._store.read() as tx:
            events = await self._others(tx, matching)
            opening = await self._openings(tx, events, valued_at or await self._newest(tx))

            def told(one: Disposal) -> None:
                if (since is None or since <= one.at) and one.at < until:
                    sink(one)

            await _Run(self._rules, [*_as_events(opening), *events], told).feed(tx, until)

    async def _newest(self, tx: Tx) -> datetime:
        return await _known_until(tx, self._calendar) or self._clock()

    async def _others(self, tx: Tx, matching: Matching) -> list[LotEvent]:
        inside = {flow.key for flow in matching.inside}
        flows = [flow for flow in await ledger.flows(tx) if flow.settled and flow.key not in inside]
        under_way = [flow for flow in matching.in_transit if flow.settled]
        return other_events(flows, matching.transfers, under_way, self._calendar)

    async def _openings(self, tx: Tx, events: Sequence[LotEvent], end: datetime) -> Openings:
        """The lots that must have been there before records begin, where the owner wants them worked out."""
        if self._rules.unknown is not UnknownBasis.OPENING:
            return _NOTHING
        portfolio = await snapshots.at(tx, end)
        if portfolio is None:
            return _NOTHING
        wanted = _balances(portfolio)
        first = events[0].at if events else None
        later: dict[tuple[AccountId, Asset], Decimal] = {}
        with exactly():
            for event in events:
                _count(later, event, portfolio.at)
        async for page in every_trade(tx, portfolio.at + _NEVER):
            first = page[0].at if first is None else min(first, page[0].at)
            with exactly():
                for trade in page:
                    _count(later, _event(trade), portfolio.at)
            await asyncio.sleep(0)
        begin = self._rules.start or first or portfolio.at
        known = await _prices(tx, begin, {asset for _, asset in {*wanted, *later}})
        with exactly():
            before = {key: wanted.get(key, Decimal(0)) - later.get(key, Decimal(0)) for key in {*wanted, *later}}
        return openings(
            before,
            (),
            at=begin - _NEVER,
            price=lambda asset: Worth(known[asset], WorthSource.SNAPSHOT, begin) if asset in known else None,
        )


class _Run:
    """One pass through everything, which may stop on the way."""

    def __init__(self, rules: Rules, others: list[LotEvent], sink: Callable[[Disposal], None] | None = None) -> None:
        self.ledger = Ledger(scope=rules.scope, unknown=rules.unknown, sink=sink)
        self._others, self._places, self._next = others, [place(event) for event in others], 0

    async def feed(self, tx: Tx, until: datetime, *, after: datetime | None = None) -> None:
        """Everything before an instant, without what came before `after`: that was fed already."""
        async for page in _pages(tx, until, after):
            cut = bisect_left(self._places, place(page[-1]), self._next)
            self._take(page, self._others[self._next : cut])
            self._next = cut
            await asyncio.sleep(0)
        cut = self._next
        while cut < len(self._others) and self._others[cut].at < until:
            cut += 1
        self._take([], self._others[self._next : cut])
        self._next = cut

    def _take(self, page: Sequence[LotEvent], others: list[LotEvent]) -> None:
        if not others:
            self.ledger.feed_all(page)
        else:
            self.ledger.feed_all(sorted([*page, *others], key=place))


async def _pages(tx: Tx, until: datetime, after: datetime | None) -> AsyncIterator[Sequence[LotEvent]]:
    """Pages in order; one that holds nothing but fills of coins, as nearly all do, is what was read."""
    async for trades in every_trade(tx, until, since=after):
        coins = [trade for trade in trades if isinstance(trade, Trade)]
        if len(coins) == len(trades):
            yield coins
        elif page := [event for trade in trades for event in _events(trade)]:
            yield sorted(page, key=place)


def _as_events(opening: Openings) -> list[LotEvent]:
    return [Booked(flow.at, flow) for flow in opening.flows if isinstance(flow.at, datetime)]


def _event(trade: AnyTrade) -> LotEvent | None:
    return trade if isinstance(trade, Trade) else None


def _events(trade: AnyTrade) -> list[LotEvent]:
    """A fill of coins is an event; of a contract only its fees are, since its result is a flow of its own."""
    if isinstance(trade, Trade):
        return [trade]
    return [Booked(trade.at, _paid(trade, number, fee)) for number, fee in enumerate(trade.fees) if fee.amount]


def _paid(trade: ContractTrade, number: int, fee: Fee) -> CashFlow:
    kind = FlowKind.FEE if fee.amount > 0 else FlowKind.FUTURES_PNL  # a rebate is a result
    usd = fee.usd._replace(usd=-fee.usd.usd) if isinstance(fee.usd, Worth) else fee.usd
    return CashFlow(f"{trade.id}:fee:{number}", trade.account, kind, trade.at, fee.asset, -fee.amount, usd)


def _count(later: dict[tuple[AccountId, Asset], Decimal], event: LotEvent | None, until: datetime) -> None:
    """Add up what events changed; needs an exact context."""
    if event is None or event.at > until:
        return
    for account, asset, change in movements(event):
        later[account, asset] = later.get((account, asset), Decimal(0)) + change


def _balances(portfolio: Portfolio) -> dict[tuple[AccountId, Asset], Decimal]:
    found: dict[tuple[AccountId, Asset], Decimal] = {}
    for account in portfolio.accounts:
        for row in account.holdings if isinstance(account, KnownAccount) else ():
            if not isinstance(row, Priced) or row.covered:
                found[account.id, row.asset] = found.get((account.id, row.asset), Decimal(0)) + row.amount
    return found


async def _known_until(tx: Tx, calendar: Calendar) -> datetime | None:
    portfolio = await snapshots.newest(tx)
    if portfolio is not None:
        return portfolio.at
    closes = [when if isinstance(when, datetime) else calendar.end(when) for when in await imported.stored(tx)]
    flows, trades = await ledger.flows(tx, limit=1), await ledger.trades(tx, limit=1)
    records = [flow.instant(calendar) for flow in flows] + [trade.at for trade in trades]
    price = await prices.newest(tx)
    return max([*closes, *records, *([] if price is None else [price])], default=None)


async def _prices(tx: Tx, at: datetime, assets: frozenset[Asset] | set[Asset]) -> Mapping[Asset, Decimal]:
    """USD for one unit at an instant."""
    return {asset: found.usd for asset, found in (await sourced_prices(tx, at, assets)).items()}


async def sourced_prices(tx: Tx, at: datetime, assets: Iterable[Asset]) -> Mapping[Asset, Valued]:
    """Of the snapshot then, else the newest noted one; without snapshots of any age."""
    found: dict[Asset, Valued] = {}
    portfolio = await snapshots.at(tx, at)
    if portfolio is not None and at - portfolio.at <= _PRICE_KEEPS:
        for account in portfolio.accounts:
            for row in account.holdings if isinstance(account, KnownAccount) else ():
                if isinstance(row, Priced) and row.amount:
                    found.setdefault(row.asset, Valued(row.price, str(row.source), row.as_of))
    for asset in sorted(set(assets) - set(found)):
        noted = await prices.at_or_before(tx, asset, at)
        if noted is not None:
            found[asset] = Valued(noted.usd, str(noted.origin), noted.at)
    return found
