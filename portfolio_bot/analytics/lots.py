"""Lots, first in, first out: realised and unrealised profit from trades, cash flows and own transfers.

A `Ledger` is fed with events one by one, oldest first, and keeps open lots only, so a million trades need no more
memory than what they left open. Rules, and the ways not taken:

- One value in USD for both legs of a trade. Fees are capitalised: a buy costs more, a sale brings less; a fee in
  the base changes the quantity instead; a fee in a third coin is also a disposal of that coin at its market value.
- Total costs are kept, not prices (`lot_book`), so costs always add up.
- Dollars, currencies and crypto dollars have no lots; their price moves are revaluation.
- A deposit in kind is a lot at its value of that moment. A withdrawal takes lots away; what they were worth more
  than they cost is a withdrawn gain, no realised profit.
- Own transfers move the oldest lots with date and cost; the network fee leaves first and its cost is lost.
- Income is worth its market value, which becomes the cost of its lot. Results of derivatives, funding and fees are
  signed buckets; paid in a coin, they bring or take lots of that coin too.
- What left without ever having come, or has no price, is never guessed: see `UnknownBasis` and `Flag`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import assert_never

from portfolio_bot.analytics.lot_book import Book, Cash, Flag, LotSource
from portfolio_bot.analytics.lot_events import ESTIMATED, Arrival, Booked, Conversion, Departure, LotEvent
from portfolio_bot.analytics.lot_moves import BEGINNING, CASH_LIKE, LotScope, Moves, Place, UnknownBasis
from portfolio_bot.analytics.lot_profit import open_lots, profit
from portfolio_bot.analytics.lot_report import Disposal, DisposalKind, Lot, Profit
from portfolio_bot.analytics.shares import exactly, share
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Fee, Market, Side, Trade, Worth

__all__ = ["CASH_LIKE", "Ledger", "LotScope", "UnknownBasis"]

_PAGE = 256
_BUY, _MARGIN, _TRADE = Side.BUY, Market.MARGIN, DisposalKind.TRADE  # looked up once, not a million times
_DISPOSAL = {
    FlowKind.FEE: DisposalKind.FEE,
    FlowKind.FUNDING: DisposalKind.FUNDING,
    FlowKind.FUTURES_PNL: DisposalKind.FUTURES_PNL,
}


class Ledger:
    """Open lots and what became of those that left.

    Args:
        scope: which lots a sale may use.
        unknown: what a disposal without a known cost is.
        cash_like: assets without lots.
        sink: is told every disposal, in order, after the page of events that it came in; None to make none.
    """

    def __init__(
        self,
        *,
        scope: LotScope = LotScope.GLOBAL,
        unknown: UnknownBasis = UnknownBasis.EXCLUDE,
        cash_like: AbstractSet[Asset] = CASH_LIKE,
        sink: Callable[[Disposal], None] | None = None,
    ) -> None:
        self._moves = Moves(scope, unknown, cash_like, tell=sink is not None)
        self._sink = sink
        self._now = BEGINNING
        self._seen: set[tuple[object, ...]] = set()

    def feed(self, event: LotEvent) -> None:
        """Take one event in; one that has come before at this instant (same account and id) changes nothing.

        Raises:
            ValueError: it is older than the one before: sort by `lot_events.place`.
        """
        self.feed_all((event,))

    def feed_all(self, events: Iterable[LotEvent]) -> None:
        """Take many events in, oldest first, in pages of any size.

        Raises:
            ValueError: an event is older than the one before; those before it are taken in.
        """
        source = iter(events)
        # the events are made, and the sink is called, outside of our decimal context
        while page := list(islice(source, _PAGE)):
            try:
                with exactly():
                    for event in page:
                        self._take_in(event)
            finally:
                self._hand_over()

    @property
    def assets(self) -> frozenset[Asset]:
        """Whatever was named so far."""
        return frozenset(self._moves.tallies)

    def open_lots(self) -> tuple[Lot, ...]:
        """All open lots, shorts and those between two accounts, by asset, oldest first."""
        return open_lots(self._moves)

    def profit(self, prices: Mapping[Asset, Decimal]) -> Profit:
        """Everything so far, valued now.

        Args:
            prices: USD for one unit of each asset; what is missing has no price. USD itself is 1.
        """
        with exactly():
            return profit(self._moves, prices)

    def _hand_over(self) -> None:
        made = self._moves.disposals
        if made and self._sink is not None:
            told = tuple(made)
            made.clear()
            for disposal in told:
                self._sink(disposal)

    def _take_in(self, event: LotEvent) -> None:
        at = event.at
        if at > self._now:
            self._now = at
            self._seen.clear()
        elif at < self._now:
            raise ValueError(f"events must come in order: {at} after {self._now}")
        if isinstance(event, Trade):
            key, seen = (event.account, event.id), self._seen
            if key not in seen:
                seen.add(key)
                self._moves.at, self._moves.cause = at, event.id
                self._trade(event)
            return
        flow = event.given[0] if isinstance(event, Conversion) else event.flow
        if not self._is_new((type(event), flow.account, flow.id), flow.id, at):
            return
        if isinstance(event, Booked):
            self._booked(event.flow)
        elif isinstance(event, Conversion):
            self._conversion(event)
        else:
            self._transfer(event)

    def _is_new(self, key: tuple[object, ...], cause: str, at: datetime) -> bool:
        seen = self._seen
        if key in seen:
            return False
        seen.add(key)
        self._moves.at, self._moves.cause = at, cause
        return True

    # trades

    def _trade(self, trade: Trade) -> None:
        moves = self._moves
        # unpacked at once: each attribute of a tuple is looked up anew
        _, account, _, side, base_asset, quote_asset, quantity, cost, worth, fees, market, _, _ = trade
        base, quote = moves.place(base_asset, account), moves.place(quote_asset, account)
        value = worth.usd if isinstance(worth, Worth) else None
        base_fee = quote_fee = quote_usd = other_usd = ZERO
        tally = base.tally
        for fee in fees:
            if fee.asset == base_asset:
                base_fee += fee.amount
                usd = _within(fee, value, quantity)
            elif fee.asset == quote_asset:
                quote_fee += fee.amount
                usd = _within(fee, value, cost)
                quote_usd += usd
            else:
                usd = self._third_coin(fee, account)
                other_usd += usd
            tally.fees += usd
        tally.trades += 1
        if value is None:
            moves.crossed -= other_usd
            tally.flags.add(Flag.UNPRICED)
        else:
            tally.volume += value
        buys = side is _BUY
        amount = quantity - base_fee if buys else quantity + base_fee
        if value is None:
            self._swap(trade, base, quote, amount, quote_fee)
        elif amount <= 0 or market is _MARGIN or isinstance(base, Cash) or isinstance(quote, Book):
            usd = value + quote_usd if buys else value - quote_usd
            self._swap(trade, base, quote, amount, quote_fee, usd, usd + other_usd if buys else usd - other_usd)
        elif buys:
            paid = value + quote_usd
            quote.settle(-(cost + quote_fee), -paid)
            moves.buy(base, account, amount, paid + other_usd)
        else:
            received = value - quote_usd
            moves.sell(base, account, amount, received - other_usd)
            quote.settle(cost - quote_fee, received)

    def _swap(
        self,
        trade: Trade,
        base: Place,
        quote: Place,
        amount: Decimal,
        quote_fee: Decimal,
        of_quote: Decimal | None = None,
        of_base: Decimal | None = None,
    ) -> None:
        """Any trade; those of spot, for cash and with a value go the short way. The value of each leg is in USD."""
        moves, account, on_margin = self._moves, trade.account, trade.market is _MARGIN
        if trade.side is _BUY:
            moves.remove(quote, account, trade.cost + quote_fee, of_quote, _TRADE, may_short=on_margin)
            moves.bring(base, account, amount, of_base, LotSource.BUY)
        else:
            moves.remove(base, account, amount, of_base, _TRADE, may_short=on_margin)
            moves.bring(quote, account, trade.cost - quote_fee, of_quote, LotSource.BUY)

    def _third_coin(self, fee: Fee, account: AccountId) -> Decimal:
        """Pay a fee in a coin that is not traded here; the USD that it adds to the trade."""
        moves, usd = self._moves, _usd(fee.usd)
        place = moves.place(fee.asset, account)
        if usd is None:
            place.tally.flags.add(Flag.FEE_PRICE_MISSING)
        if isinstance(place, Cash):
            place.settle(-fee.amount, None if usd is None else -usd)
        elif fee.amount < 0:
            moves.bring(place, account, -fee.amount, -(usd or ZERO), LotSource.REBATE)
        elif usd is None:
            return moves.remove_at_cost(place, account, fee.amount, DisposalKind.FEE)
        else:
            moves.remove(place, account, fee.amount, usd, DisposalKind.FEE)
        return usd or ZERO

    # cash flows

    def _booked(self, flow: CashFlow) -> None:
        if flow.fee is not None and flow.amount < 0:
            self._lose(flow.fee, flow)  # the oldest lots pay the fee, the next ones leave
        match flow.kind:
            case FlowKind.DEPOSIT | FlowKind.WITHDRAWAL | FlowKind.TRANSFER:
                self._cross_border(flow)
            case FlowKind.INCOME:
                self._income(flow)
            case FlowKind.FEE | FlowKind.FUNDING | FlowKind.FUTURES_PNL:
                self._bucket(flow)
            case FlowKind.OPENING:
                self._opening(flow)
            case FlowKind.CONVERSION | FlowKind.UNCLASSIFIED:
                self._unreadable(flow)
            case _:
                assert_never(flow.kind)
        if flow.fee is not None and flow.amount > 0:
            self._lose(flow.fee, flow)

    def _cross_border(self, flow: CashFlow) -> None:
        moves, usd = self._moves, _usd(flow.usd)
        moves.flows += usd or ZERO
        if flow.amount > 0:
            self._enter(flow, usd, LotSource.DEPOSIT)
        else:
            self._leave(flow, usd, DisposalKind.WITHDRAWAL)

    def _opening(self, flow: CashFlow) -> None:
        moves, usd = self._moves, _usd(flow.usd)
        moves.opened += usd or ZERO
        if flow.detail == ESTIMATED:
            self._place(flow).tally.flags.add(Flag.ESTIMATED)
        if flow.amount > 0:
            self._enter(flow, usd, LotSource.OPENING)
        else:
            self._leave(flow, usd, DisposalKind.TRADE, may_short=True)

    def _enter(self, flow: CashFlow, usd: Decimal | None, source: LotSource) -> None:
        """A lot at its value of the moment, or at what the owner says that it once cost."""
        moves, place, cost = self._moves, self._place(flow), usd
        if flow.cost is not None and isinstance(place, Book):
            cost = flow.cost
            moves.crossed += cost - (usd or ZERO)
        moves.bring(place, flow.account, flow.amount, cost, source)

    def _leave(self, flow: CashFlow, usd: Decimal | None, kind: DisposalKind, *, may_short: bool = False) -> None:
        proceeds = None if usd is None else -usd
        self._moves.remove(self._place(flow), flow.account, -flow.amount, proceeds, kind, may_short=may_short)

    def _income(self, flow: CashFlow) -> None:
        usd = _usd(flow.usd)
        self._moves.income += usd or ZERO
        self._place(flow).tally.income += usd or ZERO
        self._bring_for_nothing(flow, usd, LotSource.INCOME)

    def _bucket(self, flow: CashFlow) -> None:
        moves, usd, place = self._moves, _usd(flow.usd), self._place(flow)
        if flow.amount > 0:
            self._bring_for_nothing(flow, usd, LotSource.SETTLEMENT)
        elif usd is None and isinstance(place, Book):
            usd = -moves.remove_at_cost(place, flow.account, -flow.amount, _DISPOSAL[flow.kind])
        else:
            self._leave(flow, usd, _DISPOSAL[flow.kind])
        moves.bucket(flow.kind, usd or ZERO)

    def _bring_for_nothing(self, flow: CashFlow, usd: Decimal | None, source: LotSource) -> None:
        """What was paid for by nothing: without a price it costs nothing, and all it ever fetches will be gain."""
        place = self._place(flow)
        if usd is None:
            place.tally.flags.add(Flag.UNPRICED)
        cost = usd if usd is not None or isinstance(place, Cash) else ZERO
        self._moves.bring(place, flow.account, flow.amount, cost, source)

    def _unreadable(self, flow: CashFlow) -> None:
        """Neither flow nor profit, since nobody knows: the quantity moves, without a basis."""
        moves, usd, place = self._moves, _usd(flow.usd), self._place(flow)
        place.tally.flags.add(Flag.UNCLASSIFIED)
        if isinstance(place, Cash):
            place.settle(flow.amount, usd)
            moves.crossed += usd or ZERO
        elif flow.amount > 0:
            moves.bring(place, flow.account, flow.amount, None, LotSource.UNCLASSIFIED)
        else:
            self._leave(flow, None, DisposalKind.UNCLASSIFIED)

    def _lose(self, fee: Fee, flow: CashFlow) -> None:
        """A fee beside a flow: a coin is lost at its cost, cash goes into the bucket of fees."""
        moves, usd, place = self._moves, _usd(fee.usd), self._moves.place(fee.asset, flow.account)
        if usd is None and fee.asset == flow.asset and isinstance(flow.usd, Worth):
            usd = share(abs(flow.usd.usd), fee.amount, abs(flow.amount))
        if usd is None:
            place.tally.flags.add(Flag.FEE_PRICE_MISSING)
        if isinstance(place, Cash):
            place.settle(-fee.amount, None if usd is None else -usd)
            moves.bucket(FlowKind.FEE, -(usd or ZERO))
        elif fee.amount < 0:
            moves.bring(place, flow.account, -fee.amount, -(usd or ZERO), LotSource.REBATE)
            moves.bucket(FlowKind.FEE, -(usd or ZERO))
        elif fee.amount:
            moves.remove(place, flow.account, fee.amount, ZERO, DisposalKind.NETWORK_FEE)
        place.tally.fees += usd or ZERO

    def _place(self, flow: CashFlow) -> Place:
        return self._moves.place(flow.asset, flow.account)

    def _transfer(self, event: Departure | Arrival) -> None:
        moves, flow = self._moves, event.flow
        if isinstance(event, Departure):
            if flow.fee is not None and flow.fee.asset != flow.asset:
                self._lose(flow.fee, flow)
            if event.lost:
                self._lose(Fee(flow.asset, event.lost), flow)
            moves.carry_out(flow.key, flow.asset, flow.account, event.sent)
        else:
            moves.carry_in(event.sender, flow.asset, flow.account, event.received)
            if flow.fee is not None:
                self._lose(flow.fee, flow)

    # conversions

    def _conversion(self, event: Conversion) -> None:
        """A disposal of each asset given, an acquisition of each one got, at one value: of what was got, if known."""
        moves, given, got = self._moves, _values(event.given), _values(event.got)
        value = _sum(got)
        if value is None:
            value = _sum(given)
        proceeds, costs = _split(value, given), _split(value, got)
        for flow, part in zip(event.given, proceeds, strict=True):
            moves.remove(self._place(flow), flow.account, -flow.amount, part, DisposalKind.CONVERSION)
        for flow, part in zip(event.got, costs, strict=True):
            moves.bring(self._place(flow), flow.account, flow.amount, part, LotSource.CONVERSION)
        if value is not None:  # a side whose parts cannot be told apart is outside of what is known
            moves.crossed += value if None in proceeds else ZERO
            moves.crossed -= value if None in costs else ZERO
        for flow in (*event.given, *event.got):
            if flow.fee is not None:
                self._lose(flow.fee, flow)


def _usd(worth: Worth | Unknown) -> Decimal | None:
    return worth.usd if isinstance(worth, Worth) else None


def _within(fee: Fee, value: Decimal | None, quantity: Decimal) -> Decimal:
    """A fee in a coin that the trade itself prices: its part of the trade's value."""
    if value is None or not quantity:
        return _usd(fee.usd) or ZERO
    return fee.amount if value == quantity else share(value, fee.amount, quantity)


def _values(flows: Iterable[CashFlow]) -> list[Decimal | None]:
    return [abs(flow.usd.usd) if isinstance(flow.usd, Worth) else None for flow in flows]


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    total = ZERO
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _split(value: Decimal | None, weights: list[Decimal | None]) -> list[Decimal | None]:
    """A value over its parts by their own values; all of it for a single one, None where they are not known."""
    whole = _sum(weights)
    if value is None or len(weights) == 1:
        return [value] * len(weights)
    if not whole:
        return [None] * len(weights)
    parts = [share(value, weight or ZERO, whole) for weight in weights[:-1]]
    return [*parts, value - sum(parts, ZERO)]
