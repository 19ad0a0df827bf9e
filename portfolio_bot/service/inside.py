"""What changed places inside the portfolio: no gain of one account or coin, and no loss of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from portfolio_bot.analytics.attribution import Cause, Entry
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import FIAT, Asset
from portfolio_bot.model.trade import Side, Trade, Worth
from portfolio_bot.service.past import PastBook


def carried(book: PastBook, start: datetime, end: datetime) -> Iterator[Entry]:
    """Own transfers that arrived with start <= at < end: until then the money counts with the account that sent it.

    One of whose two accounts was not in the total is a flow, and told as such.
    """
    crossed = {one.flow.key for one in book.crossings}
    for link in book.matching.transfers:
        sent, got = link.withdrawal, link.deposit
        at = got.instant(book.rates.calendar)
        if not start <= at < end or sent.key in crossed or got.key in crossed:
            continue
        value = book.rates.value(got)
        value = book.rates.value(sent) if value is None else value
        if value is not None:
            size = value.copy_abs()
            yield moved(sent.account, sent.asset, -size)
            yield moved(got.account, got.asset, size)


def changed(book: PastBook, flows: Iterable[CashFlow]) -> Iterator[Entry]:
    """Conversions: what was given, and what was got for it."""
    for flow in flows:
        value = book.rates.value(flow) if flow.kind is FlowKind.CONVERSION else None
        if value is not None:
            yield moved(flow.account, flow.asset, value)


def traded(book: PastBook, trade: Trade) -> Iterator[tuple[Asset, Decimal]]:
    """Both legs of a trade at its one value, before fees; nothing where that is not known."""
    value = book.rates.converted(trade.usd.usd, trade.at) if isinstance(trade.usd, Worth) else None
    if value is not None:
        size = value.copy_abs() if trade.side is Side.BUY else -value.copy_abs()
        yield trade.base, size
        yield trade.quote, -size


def moved(account: str, asset: Asset, value: Decimal) -> Entry:
    """An entry of its own for value that only changed places."""
    return Entry(account, asset, Cause.MOVED, value, asset if asset in FIAT else "USD")
