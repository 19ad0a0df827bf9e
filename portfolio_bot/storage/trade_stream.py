"""Every trade there is, oldest first, a page at a time: a list of a million of them would be all of a small server.

A million rows are decoded here, so columns come as they are stored and are read without a detour; what they hold is
told by `ledger_rows`, and a test holds the two together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, select

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.trade import NOT_PRICED, ContractTrade, Fee, Market, Origin, Side, Trade, Worth, WorthSource
from portfolio_bot.storage.columns import as_stored
from portfolio_bot.storage.ledger_rows import FUTURES, AnyTrade, fees_of
from portfolio_bot.storage.tables import trade
from portfolio_bot.storage.tx import Tx

FETCHED: Final = 256
"""Rows that are asked for in one go, since each time two threads wait for each other."""

PAGE: Final = 64
"""Rows that are decoded in one go: they hold the loop up for less than a millisecond. With rows and records of one
page there are fewer new objects than make the garbage collector run, which takes a tenth of the time otherwise."""

_NAMES: Final = (
    "id", "account", "at", "side", "base", "quote", "amount", "cost", "usd", "usd_source", "priced_at", "fees",
    "market", "price", "origin", "realised", "detail",
)  # fmt: skip

_AT: Final = _NAMES.index("at")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)  # so many times this is a timedelta in half the time
_SIDES: Final = {str(side): side for side in Side}
_MARKETS: Final = {str(market): market for market in Market}
_ORIGINS: Final = {str(origin): origin for origin in Origin}
_SOURCES: Final = {str(source): source for source in WorthSource}
_ONE_FEE: Final = 5
"""Pieces between the quotation marks of a single fee without a value: `[["BNB","0.02"]]`."""

_new = tuple.__new__  # what a NamedTuple's own constructor calls, after a detour through Python


async def every_trade(
    tx: Tx, until: datetime | None = None, *, since: datetime | None = None
) -> AsyncIterator[list[AnyTrade]]:
    """All trades with since ≤ at < until, by instant, then account, then id; ids of digits as numbers: shorter first.

    Args:
        since, until: None for no bound.
    """
    waiting: list[Any] = []
    async with tx.stream(_query(since, until), execution_options={"yield_per": FETCHED}) as result:
        async for rows in result.partitions():
            waiting += rows
            whole = bisect_left(waiting, waiting[-1][_AT], key=_instant)  # the last instant may go on in the next rows
            for page in _pages(waiting[:whole]):
                yield _decoded(page)
            del waiting[:whole]
    for page in _pages(waiting):
        yield _decoded(page)


def _query(since: datetime | None, until: datetime | None) -> Select[Any]:
    columns = trade.c
    plain = [as_stored(columns[name]) for name in _NAMES]
    query = select(*plain).order_by(columns.at)  # by more than the index has, all columns would be sorted through
    if since is not None:
        query = query.where(columns.at >= since)
    return query if until is None else query.where(columns.at < until)


def _pages(rows: list[Any]) -> Iterator[Sequence[Any]]:
    """Rows that came by instant, put in order where several share one: seldom."""
    if len({row[_AT] for row in rows}) < len(rows):
        rows.sort(key=_order)
    for first in range(0, len(rows), PAGE):
        yield rows[first : first + PAGE]


def _instant(row: Any) -> int:
    at: int = row[_AT]
    return at


def _order(row: Any) -> tuple[int, str, int, str]:
    id_, account, at = row[:3]
    return at, account, len(id_), id_


def _decoded(rows: Sequence[Any]) -> list[AnyTrade]:
    """The same as `ledger_rows.trade_of` of each."""
    found: list[AnyTrade] = []
    at_before, moment = 0, _EPOCH
    for (
        id_, account, at, side, base, quote, amount, cost, usd, source, priced_at, fees, market, printed, origin,
        realised, detail,
    ) in rows:  # fmt: skip
        if at != at_before:
            at_before, moment = at, _EPOCH + _MICROSECOND * at
        paid = _fees(fees) if fees else ()
        price = None if printed is None else Decimal(printed)
        if market == FUTURES:
            result = None if realised is None else Decimal(realised)
            found.append(
                ContractTrade(
                    id_, account, moment, _SIDES[side], base, quote, Decimal(amount), price, paid, result, detail,
                    _ORIGINS[origin],
                )
            )  # fmt: skip
            continue
        worth: Worth | Unknown = NOT_PRICED
        if usd is not None:
            priced = moment if priced_at == at else None if priced_at is None else _EPOCH + _MICROSECOND * priced_at
            worth = _new(Worth, (Decimal(usd), _SOURCES[source], priced))
        found.append(
            _new(
                Trade,
                (
                    id_, account, moment, _SIDES[side], base, quote, Decimal(amount), Decimal(cost), worth, paid,
                    _MARKETS[market], price, _ORIGINS[origin],
                ),
            )
        )  # fmt: skip
    return found


def _fees(text: str) -> tuple[Fee, ...]:
    """Nearly always one, without a value of its own or any odd letter in its name."""
    parts = text.split('"')
    if len(parts) == _ONE_FEE and "\\" not in text:
        return (_new(Fee, (parts[1], Decimal(parts[3]), NOT_PRICED)),)
    return fees_of(text)
