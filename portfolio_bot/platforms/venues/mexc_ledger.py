"""MEXC's past: deposits, withdrawals, moves between its two wallets, dust, funding, trades, old prices.

How far back it goes: deposits and withdrawals 90 days, spot trades 30 days, contract deals 90 days, the futures side
(moves, funding) to the beginning. What is older can only come from a file.

Moves between spot and futures are read from the futures side alone, which remembers all of them; the spot side would
tell the same ones again for 6 months.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.platforms.candles import Size, in_klines
from portfolio_bot.platforms.ledger import Ask, Batch, CutShort, Hints, Ledger, Stream, StreamReader
from portfolio_bot.platforms.markets import likely
from portfolio_bot.platforms.paging import (
    MOST_PAGES,
    PAGE,
    between,
    by_number,
    each_once,
    last_millis,
    millis,
    moment,
    unless_full,
)
from portfolio_bot.platforms.records import digest, exchanged, flow, moved_inside, one_of, yes
from portfolio_bot.platforms.strict import Row, amount, maybe, rows, said, stated, table, text
from portfolio_bot.platforms.venue import Api, upper

OPENED = date(2018, 4, 1)
LIMIT = 1000
TRADES_LIMIT = 100
PAGES_AT_ONCE = 20
QUOTES = ("USDT", "USDC", "BTC", "ETH", "MX", "USDE")
BRIDGES = ("USDT", "USDC", "BTC", "ETH", "MX")
CANDLES = (Size("1m", timedelta(minutes=1)), Size("60m", timedelta(hours=1)), Size("1d", timedelta(days=1)))
MX = "MX"

ARRIVED, NO_DEPOSIT = frozenset({"5", "12"}), frozenset({"7", "8", "10"})
SENT, NOT_SENT = frozenset({"7"}), frozenset({"8", "9"})

_WEEK = timedelta(days=7)
_HELD_UP = timedelta(days=14)
_MONTH = timedelta(days=30)
_QUARTER = timedelta(days=90)
_HALF_A_YEAR = timedelta(days=180)
_SIDES = {"1": Side.BUY, "2": Side.BUY, "3": Side.SELL, "4": Side.SELL}
"""Open long, close short, open short, close long."""

_WORDS = {"2": "liquidation", "4": "adl"}
"""Orders that were not the owner's."""

_WAYS = {"IN": "spot → futures", "OUT": "futures → spot"}


async def deposits(ask: Ask) -> Batch:
    """From the chain. They have no id: what tells one from another is its transaction, output, coin and network."""
    answer = rows(await ask.api.call("spot_private_get_capital_deposit_hisrec", {**between(ask.span), "limit": LIMIT}))
    records: list[CashFlow] = []
    void: list[str] = []
    for row in unless_full(answer, LIMIT):
        name, status = _deposit(row), text(row, "status")
        if status in ARRIVED:
            at, asset = moment(row, "insertTime"), _coin(row)
            records += flow(ask, FlowKind.DEPOSIT, name, at, asset, amount(row, "amount"), txid=_txid(row))
        elif status in NO_DEPOSIT:
            void.append(name)
    return Batch(tuple(records), tuple(void))


async def withdrawals(ask: Ask) -> Batch:
    """To the chain and to other users. MEXC prints the amount with the fee in it."""
    params = {**between(ask.span), "limit": LIMIT}
    answer = rows(await ask.api.call("spot_private_get_capital_withdraw_history", params))
    records: list[CashFlow] = []
    void: list[str] = []
    for row in unless_full(answer, LIMIT):
        name, status = text(row, "id"), text(row, "status")
        if status in NOT_SENT:
            void.append(name)
            continue
        fee = stated(row, "transactionFee")
        records += flow(
            ask,
            FlowKind.WITHDRAWAL,
            name,
            moment(row, "applyTime"),
            _coin(row),
            fee - amount(row, "amount"),
            fee=fee,
            txid=_txid(row),
            settled=status in SENT,
        )
    return Batch(tuple(records), tuple(void))


async def between_users(ask: Ask) -> Batch:
    """To and from other users. Which of the two is us can be told by the number of the account only: where a mail
    address or a telephone number stands instead, the row is kept and told, and not guessed.
    """
    found = await _dataset(ask, "spot_private_get_capital_transfer_internal")
    done = [row for row in found if text(row, "status") == "SUCCESS"]
    us = await _number(ask.api) if done else ""
    records: list[CashFlow] = []
    for row in done:
        moved, at, asset = amount(row, "amount"), moment(row, "timestamp"), upper(text(row, "asset"))
        giver, taker = text(row, "fromAccount"), text(row, "toAccount")
        kind = FlowKind.UNCLASSIFIED
        if us in {giver, taker}:
            kind, moved = (FlowKind.WITHDRAWAL, -moved) if us == giver else (FlowKind.DEPOSIT, moved)
        printed = said(row, "tranId") or None
        name = printed or digest(asset, moved, at, giver, taker)
        records += flow(ask, kind, f"user:{name}", at, asset, moved, txid=printed, detail="internal transfer")
    return Batch(tuple(records))


async def dust(ask: Ask) -> Batch:
    """Small balances made into MX. What is printed as converted has the fee already taken off."""
    records: list[CashFlow] = []
    for group in await _dataset(ask, "spot_private_get_capital_convert"):
        for row in rows(group, "convertDetails"):
            fee = stated(row, "fee")
            given = (upper(text(row, "asset")), amount(row, "amount"), ZERO)
            got = (MX, amount(row, "convert") + fee, fee)
            records += exchanged(ask, text(row, "id"), moment(row, "time"), given, got, "dust")
    return Batch(tuple(records))


async def own_transfers(ask: Ask) -> Batch:
    """Moves between spot and futures."""
    found, token = await _newest_first(ask, "contract_private_get_account_transfer_record", "createTime")
    records: list[CashFlow] = []
    for row in found:
        if text(row, "state") == "SUCCESS":
            wallets = one_of(_WAYS, row, "type")
            asset, at = upper(text(row, "currency")), moment(row, "createTime")
            records += moved_inside(ask, text(row, "id"), at, asset, amount(row, "amount"), wallets, text(row, "type"))
    return Batch(tuple(records), token=token, more=bool(token))


async def funding(ask: Ask) -> Batch:
    """Paid (-) or received (+) for holding a contract, in the coin that it settles in."""
    found, token = await _newest_first(ask, "contract_private_get_position_funding_records", "settleTime")
    records: list[CashFlow] = []
    for row in found:
        name, symbol, at = f"funding:{text(row, 'id')}", text(row, "symbol"), moment(row, "settleTime")
        records += flow(ask, FlowKind.FUNDING, name, at, _settle(symbol), amount(row, "funding"), detail=symbol)
    return Batch(tuple(records), token=token, more=bool(token))


async def deals(ask: Ask) -> Batch:
    """Fills of contracts, and the results of what they closed; asked for by the symbols of the account's positions."""
    records: list[CashFlow | ContractTrade] = []
    for symbol in sorted(await _symbols(ask)):
        for row in await _deals_of(ask, symbol):
            settle, at = _settle(symbol), moment(row, "timestamp")
            fee, result = stated(row, "fee"), stated(row, "profit")
            coin = upper(text(row, "feeCurrency")) if row.get("feeCurrency") else settle
            name = f"{symbol}:{text(row, 'id')}"
            records.append(
                ContractTrade(
                    id=name,
                    account=ask.account,
                    at=at,
                    side=one_of(_SIDES, row, "side"),
                    contract=symbol,
                    settle=settle,
                    size=amount(row, "vol"),
                    price=amount(row, "price"),
                    fees=(Fee(coin, fee),) if fee else (),
                    realised=result,
                    detail=_WORDS.get(text(row, "category"), "") if maybe(row, "category") else "",
                )
            )
            records += flow(ask, FlowKind.FUTURES_PNL, f"result:{name}", at, settle, result, detail=symbol)
    return Batch(tuple(records))


def spot_trades(base: Asset, quote: Asset) -> StreamReader:
    """Every fill of one spot market in the last 30 days."""
    symbol = f"{base}{quote}"

    async def read(ask: Ask) -> Batch:
        params = {**between(ask.span), "symbol": symbol, "limit": TRADES_LIMIT}
        found = rows(await ask.api.call("spot_private_get_mytrades", params))
        return Batch(tuple(_trade(ask, row, base, quote) for row in unless_full(found, TRADES_LIMIT)))

    return StreamReader(Stream(f"spot {symbol}", f"spot trades {symbol}", window=_MONTH, keeps=_MONTH), read)


async def found(api: Api, hints: Hints) -> Sequence[StreamReader]:
    """A stream for each spot market of a coin that is known; one question."""
    listed = frozenset(text(row, "symbol") for row in rows(await api.call("spot_public_get_ticker_price")))
    return [spot_trades(*pair) for pair in likely(hints, listed, QUOTES)]


async def price(api: Api, base: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """From the candles of the spot market: by the minute for about a month, by the hour and the day for longer."""
    return await in_klines(api, "spot_public_get_klines", f"{base}{quote}", at, CANDLES)


def _trade(ask: Ask, row: Row, base: Asset, quote: Asset) -> Trade:
    fee = stated(row, "commission")
    return Trade(
        id=text(row, "id"),
        account=ask.account,
        at=moment(row, "time"),
        side=Side.BUY if yes(row, "isBuyer") else Side.SELL,
        base=base,
        quote=quote,
        amount=amount(row, "qty"),
        cost=amount(row, "quoteQty"),
        fees=(Fee(upper(text(row, "commissionAsset")), fee),) if fee else (),
        price=amount(row, "price"),
    )


async def _dataset(ask: Ask, method: str) -> list[Row]:
    """All numbered pages of the spot side; an empty one ends it."""
    found: list[Row] = []
    before: Sequence[Row] = ()
    for number in range(1, MOST_PAGES + 1):
        answer = await ask.api.call(method, {**between(ask.span), "page": number, "limit": PAGE})
        part = rows(answer, "data")
        _not_again(part, before)
        found += part
        before = part
        last = number >= amount(table(answer), "totalPageNum", blank=ZERO)
        if not part or (last and len(part) < PAGE):
            return found
    raise CutShort


async def _newest_first(ask: Ask, method: str, time_field: str, at_once: int = PAGES_AT_ONCE) -> tuple[list[Row], str]:
    """Pages of the futures side back to the beginning of the span, and the number of the page to go on with.

    They take no time. What comes in meanwhile pushes rows to later pages: some are read twice, none is missed.
    """
    found: list[Row] = []
    before: Sequence[Row] = ()
    first = int(ask.token or 1)
    for number in range(first, first + at_once):
        answer = await ask.api.call(method, {"page_num": number, "page_size": PAGE})
        part = _results(answer)
        _not_again(part, before)
        found += part
        before = part
        done = not part or (len(part) < PAGE and number >= _last_page(answer))
        if done or max(moment(row, time_field) for row in part) < ask.span.start:
            return found, ""
    return found, str(first + at_once)


def _not_again(part: Sequence[Row], before: Sequence[Row]) -> None:
    if part and part == before:
        raise SourceError.of(FailureKind.BAD_ANSWER, "the same page came twice")


def _results(answer: object) -> Sequence[Row]:
    """A page of the futures side: a bare list, or one inside an envelope of counts."""
    data = table(answer).get("data")
    return rows(answer, "data") if isinstance(data, list) else rows(answer, "data", "resultList")


def _last_page(answer: object) -> Decimal:
    """The number of the last page; where it isn't told, the first that is not full is the last."""
    data = table(answer).get("data")
    return ZERO if isinstance(data, list) else amount(table(answer, "data"), "totalPage")


async def _symbols(ask: Ask) -> set[str]:
    """Of what is open, and of what was closed in the span or later."""
    opened, (closed, token) = await asyncio.gather(
        ask.api.call("contract_private_get_position_open_positions"),
        _newest_first(ask, "contract_private_get_position_list_history_positions", "updateTime", MOST_PAGES),
    )
    if token:
        raise CutShort
    return {text(row, "symbol") for row in (*rows(opened, "data"), *closed)}


async def _deals_of(ask: Ask, symbol: str) -> list[Row]:
    """All pages of a symbol's fills in the span."""
    window = {"start_time": millis(ask.span.start), "end_time": last_millis(ask.span)}

    async def page(number: int) -> Sequence[Row]:
        params = {"symbol": symbol, **window, "page_num": number, "page_size": PAGE}
        return _results(await ask.api.call("contract_private_get_order_list_order_deals", params))

    return each_once(await by_number(page, full=PAGE), lambda row: text(row, "id"))


async def _number(api: Api) -> str:
    return text(table(await api.call("spot_private_get_uid")), "uid")


def _coin(row: Row) -> Asset:
    """`USDC-TRX` is USDC on a certain chain."""
    return upper(text(row, "coin").partition("-")[0])


def _txid(row: Row) -> str | None:
    """The transaction alone: MEXC puts the index of the output behind it (`…:0`)."""
    name = next((field for field in ("transHash", "txId") if row.get(field)), None)
    return None if name is None else text(row, name, longest=128).partition(":")[0]


def _deposit(row: Row) -> str:
    transaction = text(row, "txId", longest=128) if row.get("txId") else moment(row, "insertTime")
    return digest(transaction, text(row, "coin"), row.get("network"), amount(row, "amount"), row.get("address"))


def _settle(symbol: str) -> Asset:
    """`SUSHI_USDT` settles in USDT, the inverse `BTC_USD` in BTC."""
    base, _, quote = symbol.partition("_")
    return upper(base if quote == "USD" else quote or base)


LEDGER = Ledger(
    opened=OPENED,
    streams=(
        StreamReader(
            Stream("deposits", "deposits", window=_WEEK, keeps=_QUARTER, again=_HELD_UP, border=True), deposits
        ),
        StreamReader(
            Stream("withdrawals", "withdrawals", window=_WEEK, keeps=_QUARTER, again=_HELD_UP, border=True), withdrawals
        ),
        StreamReader(
            Stream("internal", "transfers between users", window=_WEEK, keeps=_HALF_A_YEAR, border=True), between_users
        ),
        StreamReader(Stream("transfers", "moves between wallets"), own_transfers),
        StreamReader(Stream("dust", "dust conversions", window=_MONTH), dust),
        StreamReader(Stream("funding", "funding of contracts"), funding),
        StreamReader(Stream("deals", "contract deals", window=_MONTH, keeps=_QUARTER), deals),
    ),
    found=found,
    price=price,
    bridges=BRIDGES,
)
