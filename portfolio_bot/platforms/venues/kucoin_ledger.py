"""KuCoin's past: deposits, withdrawals, the ledgers of its accounts, conversions, trades, futures.

How far back: the ledger of the main account 1 year, a day at a time; futures trades 3 months, a week at a time; the
rest as far as the venue's records since February 2019 go, trades a week at a time; what it refuses of a time over a
year ago counts as forgotten.

Fills of the trading accounts are told market by market. Which markets come into question tells the ledger of the same
week; where that remembers nothing, those of all known coins are asked. A pending withdrawal is only held, it has not
left the balance yet. What futures settle every eight hours is one sum of result, funding and fees. What is borrowed
and repaid is left out: debt and balance change alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import Market, Trade
from portfolio_bot.platforms.candles import Form, Size, price_then
from portfolio_bot.platforms.ledger import (
    Ask,
    Batch,
    Hints,
    Ledger,
    Read,
    Record,
    Span,
    Stream,
    StreamReader,
    while_remembered,
)
from portfolio_bot.platforms.markets import likely
from portfolio_bot.platforms.paging import SECOND, moment, seconds
from portfolio_bot.platforms.records import digest, exchanged, fees_of, flow, side_of
from portfolio_bot.platforms.strict import Row, amount, listed, rows, stated, text
from portfolio_bot.platforms.venue import Api, upper
from portfolio_bot.platforms.venues.kucoin import is_unified
from portfolio_bot.platforms.venues.kucoin_futures import futures_ledger, futures_trades
from portfolio_bot.platforms.venues.kucoin_pages import by_last_id, came_in, context_of, numbered, once
from portfolio_bot.platforms.venues.kucoin_unified import unified_ledger, unified_trades
from portfolio_bot.platforms.venues.kucoin_words import is_trade, kind_of, other_end

DAY, WEEK, YEAR = timedelta(days=1), timedelta(days=7), timedelta(days=365)
SLACK = timedelta(seconds=30)
QUOTES = ("USDT", "USDC", "BTC", "ETH", "KCS")
_ACCOUNTS = {"MAIN": "main", "TRADE": "spot", "TRADE_HF": "spot", "MARGIN": "margin", "CONTRACT": "futures"}


async def deposits(ask: Ask) -> Batch:
    """What was credited, from chains and from other users; the venue gives no ids."""
    found = await numbered(ask, "private_get_deposits")
    done = [row for row in found if text(row, "status") == "SUCCESS"]
    return Batch(once(record for row in done for record in _crossing(ask, row, FlowKind.DEPOSIT)))


async def withdrawals(ask: Ask) -> Batch:
    """What was sent; the fee comes on top."""
    found = await numbered(ask, "private_get_withdrawals")
    done = [row for row in found if text(row, "status") == "SUCCESS"]
    void = tuple(_movement(row, FlowKind.WITHDRAWAL) for row in found if text(row, "status") == "FAILURE")
    return Batch(once(record for row in done for record in _crossing(ask, row, FlowKind.WITHDRAWAL)), void)


def _crossing(ask: Ask, row: Row, kind: FlowKind) -> list[CashFlow]:
    moved = amount(row, "amount") if kind is FlowKind.DEPOSIT else -amount(row, "amount")
    txid = str(row.get("walletTxId") or "").partition("@")[0]  # behind it the address
    return flow(
        ask,
        kind,
        _movement(row, kind),
        moment(row, "createdAt"),
        upper(text(row, "currency")),
        moved,
        fee=stated(row, "fee"),
        txid=txid or None,
        detail="between KuCoin users" if row.get("isInner") is True else "",
    )


def _movement(row: Row, kind: FlowKind) -> str:
    """Its id, or what tells it from others."""
    if row.get("id"):
        return text(row, "id")
    return digest(kind, row.get("currency"), row.get("amount"), row.get("createdAt"), row.get("walletTxId"))


async def main_ledger(ask: Ask) -> Batch:
    """Entries of the main account and of those that the venue has since given up."""
    found = await numbered(ask, "private_get_accounts_ledgers", each_once_by="id")
    return Batch(tuple(record for row in found for record in _entry(ask, row, "")))


def _entry(ask: Ask, row: Row, prefix: str) -> list[CashFlow]:
    """What an entry of a ledger is; the sign is told by its direction, fees are inside the amount."""
    word, size = text(row, "bizType"), amount(row, "amount")
    moved = size if came_in(row) else -size
    kind = kind_of(word, moved)
    if kind is None:
        return []
    at, coin, order = moment(row, "createdAt"), upper(text(row, "currency")), context_of(row).get("orderId")
    linked = str(order) if order and kind in {FlowKind.TRANSFER, FlowKind.CONVERSION} else None
    way = ""
    if kind is FlowKind.TRANSFER:
        here = _ACCOUNTS.get(text(row, "accountType").upper(), "another wallet")
        there = other_end(word)
        way = f"{there} → {here}" if moved > 0 else f"{here} → {there}"
    name = f"{prefix}{text(row, 'id')}"
    return flow(ask, kind, name, at, coin, moved, txid=linked, detail=word, wallets=way)


@dataclass(frozen=True, slots=True)
class TradingAccount:
    """One that is told by a ledger and, market by market, by fills.

    Attributes:
        ledger, fills: methods.
        prefix: in front of the ids of the ledger.
        kinds: of fills, each asked for alone; "" where there is but one.
    """

    ledger: str
    fills: str
    prefix: str
    market: Market
    kinds: tuple[str, ...]


SPOT = TradingAccount("private_get_hf_accounts_ledgers", "private_get_hf_fills", "hf:", Market.SPOT, ("",))
MARGIN = TradingAccount(
    "private_get_hf_margin_account_ledgers",
    "private_get_hf_margin_fills",
    "margin:",
    Market.MARGIN,
    ("MARGIN_TRADE", "MARGIN_ISOLATED_TRADE"),
)


def trading(account: TradingAccount, known: Sequence[str], tracked: AbstractSet[Asset]) -> Read:
    """Its ledger, and the fills of the markets that the ledger names.

    Args:
        known: markets to ask for as long as the ledger has not named a single one.
        tracked: of which coins trades are wanted; empty = of all.
    """
    told = False

    async def read(ask: Ask) -> Batch:
        nonlocal told
        entries = await by_last_id(ask, account.ledger, {})
        records: list[Record] = [record for row in entries for record in _entry(ask, row, account.prefix)]
        traded = {str(context_of(row).get("symbol")) for row in entries if is_trade(text(row, "bizType"))} - {"None"}
        told = told or bool(traded)
        wanted = {name for name in traded if not tracked or not tracked.isdisjoint(name.split("-"))}
        # a fill and its entry are not of one millisecond
        wider = replace(ask, span=Span(ask.span.start - SLACK, ask.span.end + SLACK))
        for symbol in sorted(wanted) if told else known:
            for kind in account.kinds:
                params = {"symbol": symbol, **({"tradeType": kind} if kind else {})}
                found = await by_last_id(wider, account.fills, params)
                records += [_fill(ask, row, account.market) for row in found]
        return Batch(once(records))

    return read


def _fill(ask: Ask, row: Row, market: Market = Market.SPOT) -> Trade:
    symbol = text(row, "symbol")
    base, separator, quote = symbol.partition("-")
    if not separator:
        raise SourceError.of(FailureKind.BAD_ANSWER, "symbol is not a pair")
    side, coin = side_of(row), str(row.get("feeCurrency") or quote)
    cost = stated(row, "fee")
    return Trade(
        f"{symbol}:{text(row, 'tradeId')}:{side}",  # the same in the lists of the former and of today's account
        ask.account,
        moment(row, "createdAt"),
        side,
        upper(base),
        upper(quote),
        amount(row, "size"),
        amount(row, "funds"),
        fees=fees_of((upper(coin), cost + amount(row, "tax", blank=ZERO))),
        market=market,
        price=amount(row, "price"),
    )


async def classic_trades(ask: Ask) -> Batch:
    """Fills from before the trading account of today; no market need be named."""
    found = await numbered(ask, "private_get_fills")
    spot = [row for row in found if "-" in text(row, "symbol")]  # futures have a list of their own
    return Batch(once(_fill(ask, row) for row in spot if row.get("tradeType", "TRADE") == "TRADE"))


async def conversions(ask: Ask) -> Batch:
    """Coins exchanged for others at a quoted price."""
    found = await numbered(ask, "private_get_convert_order_history", page="page")
    records: list[Record] = []
    for row in found:
        if text(row, "status") != "SUCCESS":
            continue
        given = (upper(text(row, "fromCurrency")), amount(row, "fromCurrencySize"), ZERO)
        got = (upper(text(row, "toCurrency")), amount(row, "toCurrencySize"), ZERO)
        records += exchanged(ask, f"convert:{text(row, 'orderId')}", moment(row, "orderTime"), given, got, "convert")
    return Batch(once(records))


async def margin_interest(ask: Ask) -> Batch:
    """Interest on what was borrowed on cross margin; it is added to the debt."""
    found = await numbered(ask, "private_get_margin_interest", times=("startTime", "endTime"))
    records: list[Record] = []
    for row in found:
        coin, due, at = upper(text(row, "currency")), amount(row, "interestAmount"), moment(row, "createdTime")
        name = digest("margin interest", coin, row.get("interestAmount"), row.get("createdTime"))
        records += flow(ask, FlowKind.FEE, name, at, coin, -abs(due), detail="margin interest")
    return Batch(once(records))


SIZES = (Size("1min", timedelta(minutes=1)), Size("1hour", timedelta(hours=1)), Size("1day", DAY))
CANDLE = Form(opening=1, closing=2, unit=SECOND)


async def price(api: Api, base: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """The price of the minute, else of the hour, else of the day."""

    async def ask(size: Size) -> Sequence[object]:
        window = {"startAt": seconds(at - 2 * size.length), "endAt": seconds(at) + 1}
        params = {"symbol": f"{base}-{quote}", "type": size.name, **window}
        return listed(await api.call("public_get_market_candles", params), "data")

    return await price_then(at, SIZES, ask, CANDLE)


def _weekly(name: str, title: str, read: Read) -> StreamReader:
    return StreamReader(Stream(name, title, window=WEEK - 2 * SLACK), while_remembered(read))


async def found(api: Api, hints: Hints) -> Sequence[StreamReader]:
    """The trading accounts, which need to know what markets there are; in their place the unified account."""
    answer = await api.once("public_get_market_alltickers")
    listed = frozenset(text(row, "symbol") for row in rows(answer, "data", "ticker"))
    known = [f"{base}-{quote}" for base, quote in likely(hints, listed, QUOTES, separator="-")]
    spot, margin = trading(SPOT, known, hints.tracked), trading(MARGIN, (), hints.tracked)
    if await is_unified(api):
        return (
            _weekly("unified", "unified account", unified_ledger),
            _weekly("unified-trades", "trades of the unified account", unified_trades(known)),
        )
    return (
        _weekly("trading", "trading account and its trades", spot),
        _weekly("margin", "margin account and its trades", margin),
    )


LEDGER = Ledger(
    opened=date(2019, 2, 18),
    streams=(
        StreamReader(Stream("deposits", "deposits", border=True), deposits),
        StreamReader(Stream("withdrawals", "withdrawals", border=True), withdrawals),
        StreamReader(Stream("main", "main account", window=DAY, keeps=YEAR), main_ledger),
        _weekly("conversions", "conversions", conversions),
        StreamReader(Stream("margin-interest", "margin interest", window=timedelta(days=30)), margin_interest),
        StreamReader(Stream("futures", "futures results and transfers", window=DAY, keeps=YEAR), futures_ledger),
        StreamReader(Stream("futures-trades", "futures trades", window=WEEK, keeps=timedelta(days=90)), futures_trades),
        _weekly("classic-trades", "spot trades of the former account", classic_trades),
    ),
    found=found,
    price=price,
    bridges=("USDT", "USDC", "BTC", "ETH"),
)
