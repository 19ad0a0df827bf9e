"""Flows, trades and prices as CSV files have them: every line checked, nothing stored. Pure.

`id` is what makes a row the same row. Without one it is a hash of the row and its ordinal among equal rows of the
file, so the same file twice is the same rows.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import SIGNS, CashFlow, FlowKind
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import NOT_PRICED, ContractTrade, Fee, Market, Origin, Side, Trade, Worth, WorthSource
from portfolio_bot.report.as_csv import FLOWS, TRADES
from portfolio_bot.report.ledger_json import FUTURES
from portfolio_bot.service.csv_table import Row, read_table
from portfolio_bot.service.file_lines import LineError
from portfolio_bot.storage.ledger import Record
from portfolio_bot.storage.prices import AssetPrice, PriceOrigin

PRICES: Final = ("time", "asset", "usd")
NO_ACCOUNT: Final = "manual"
"""Whose records are that name no account."""

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that was read. With any error nothing may be stored."""

    records: tuple[Record, ...] = ()
    prices: tuple[AssetPrice, ...] = ()
    errors: tuple[LineError, ...] = ()


def parse_flows(data: bytes, *, now: datetime) -> Parsed:
    """A file of cash flows. Pure.

    Args:
        now: a later time is an error.
    """
    found: list[tuple[int, Record]]
    found, errors = read_table(data, FLOWS, ("time", "kind", "asset", "amount"), lambda row: _flow(row, now))
    return _records(found, errors, lambda record: (record.account, record.id))


def parse_trades(data: bytes, *, now: datetime) -> Parsed:
    """A file of trades; see `parse_flows`."""
    found: list[tuple[int, Record]]
    found, errors = read_table(data, TRADES, ("time", "side", "base", "quote", "amount"), lambda row: _trade(row, now))
    return _records(found, errors, lambda record: (record.account, record.id))


def parse_prices(data: bytes, *, now: datetime) -> Parsed:
    """A file of prices in USD; a date alone is midnight UTC. See `parse_flows`."""
    found, errors = read_table(data, PRICES, PRICES, lambda row: _price(row, now))
    errors = (*errors, *_twice((line, (price.asset, price.at.isoformat())) for line, price in found))
    return Parsed(prices=tuple(price for _, price in found), errors=errors)


def _records(
    found: Sequence[tuple[int, Record]], errors: tuple[LineError, ...], key: Callable[[Record], Key]
) -> Parsed:
    named = _with_ids(found)
    return Parsed(tuple(record for _, record in named), errors=(*errors, *_twice((n, key(one)) for n, one in named)))


def _with_ids(found: Sequence[tuple[int, Record]]) -> list[tuple[int, Record]]:
    """Rows without an id get one from what they say, and from how many said the same before."""
    counts: Counter[str] = Counter()
    named: list[tuple[int, Record]] = []
    for line, record in found:
        if not record.id:
            text = repr(record)
            counts[text] += 1
            name = hashlib.sha256(f"{text}#{counts[text]}".encode()).hexdigest()[:16]
            record = replace(record, id=name) if isinstance(record, CashFlow) else record._replace(id=name)  # noqa: PLW2901
        named.append((line, record))
    return named


def _twice(keys: Iterable[tuple[int, Key]]) -> Iterable[LineError]:
    lines: dict[Key, int] = {}
    for line, key in keys:
        if key in lines:
            yield LineError(line, "", " ".join(key)[:40], f"the same row as in line {lines[key]}")
        lines.setdefault(key, line)


def _flow(row: Row, now: datetime) -> Record | None:
    at, kind = row.moment("time", now), row.one_of("kind", _KINDS)
    asset, amount, usd = row.asset("asset"), row.number("amount"), row.number("usd_value")
    fee, account = _fee(row), row.text("account", longest=64)
    txid, id_, note = row.text("txid"), row.text("id", longest=128), row.text("note")
    if amount is None and not row.cells.get("amount"):
        row.refuse("amount", "is missing")
    if kind is not None and amount is not None:
        _check_sign(row, kind, amount)
    if usd is not None and amount is not None and usd * amount < 0:
        row.refuse("usd_value", "has another sign than the amount")
    if fee is not None and fee.amount < 0:
        row.refuse("fee_amount", "must be above 0: it is a cost on top")
    if row.errors or at is None or kind is None or amount is None:
        return None
    return CashFlow(
        id_,
        account or NO_ACCOUNT,
        kind,
        at,
        asset,
        amount,
        _stated(usd, asset, amount),
        fee,
        txid or None,
        note=note,
        origin=Origin.IMPORTED,
    )


_KINDS: Final = {str(kind): kind for kind in FlowKind}
_MARKETS: Final = {str(market): str(market) for market in Market} | {FUTURES: FUTURES}
_SIDES: Final = {str(side): side for side in Side}


def _check_sign(row: Row, kind: FlowKind, amount: Decimal) -> None:
    if not amount:
        row.refuse("amount", "a flow of nothing is no flow")
    elif amount * SIGNS.get(kind, amount) < 0:
        wanted = "above" if SIGNS[kind] > 0 else "below"
        row.refuse("amount", f"the amount of a {kind} is {wanted} 0")


def _stated(usd: Decimal | None, asset: str, amount: Decimal) -> Worth | Unknown:
    if usd is not None:
        return Worth(usd, WorthSource.STATED)
    return Worth(amount, WorthSource.DOLLARS) if asset == "USD" else NOT_PRICED


def _fee(row: Row) -> Fee | None:
    asset, amount = row.asset("fee_asset", optional=True), row.number("fee_amount")
    if amount is None or (not amount and not asset):
        return None
    if not asset:
        row.refuse("fee_asset", "the asset of the fee is missing")
        return None
    usd = Worth(amount, WorthSource.DOLLARS) if asset == "USD" else NOT_PRICED
    return Fee(asset, amount, usd) if amount else None


def _trade(row: Row, now: datetime) -> Record | None:
    at, side = row.instant("time", now), row.one_of("side", _SIDES)
    base, quote, amount = row.asset("base"), row.asset("quote"), row.above_zero("amount")
    price, cost, fee = row.number("price"), row.number("cost"), _fee(row)
    account, id_ = row.text("account", longest=64) or NO_ACCOUNT, row.text("id", longest=128)
    market = row.one_of("market", _MARKETS, str(Market.SPOT))
    if amount is None and not row.cells.get("amount"):
        row.refuse("amount", "is missing")
    for column, figure in (("price", price), ("cost", cost)):
        if figure is not None and figure < 0:
            row.refuse(column, "is below 0")
    if market == FUTURES and cost is not None:
        row.refuse("cost", "a contract has none: leave it empty")
    if market != FUTURES and price is None and cost is None and not row.errors:
        row.refuse("cost", "one of price and cost is needed")
    if row.errors or at is None or side is None or amount is None or market is None:
        return None
    fees = (fee,) if fee is not None else ()
    if market == FUTURES:
        return ContractTrade(id_, account, at, side, base, quote, amount, price, fees, origin=Origin.IMPORTED)
    if cost is None:
        with exactly():
            cost = amount * (price or ZERO)
    usd = Worth(cost, WorthSource.DOLLARS) if quote == "USD" else NOT_PRICED
    return Trade(
        id_, account, at, side, base, quote, amount, cost, usd, fees, Market(market), price, Origin.IMPORTED
    )  # fmt: skip


def _price(row: Row, now: datetime) -> AssetPrice | None:
    at, asset, usd = row.instant("time", now, of_date=timedelta(0)), row.asset("asset"), row.above_zero("usd")
    if usd is None and not row.cells.get("usd"):
        row.refuse("usd", "is missing")
    if row.errors or at is None or usd is None:
        return None
    return AssetPrice(asset, at, usd, PriceOrigin.IMPORTED)
