"""Gate.io's past: deposits, withdrawals, pushes to and from other users, moves to sub-accounts, trades, account books.

Windows are at most 30 days. Small balances and delivery trades are listed without a window, newest first. Horizon: none
that the venue names; what it refuses of a time over a year ago counts as forgotten.

Of the spot account book what other lists tell in more detail is left out: orders and their fees, deposits,
withdrawals, pushes, sub-accounts, small balances. So is what is borrowed and repaid: debt and balance change alike.
Interest of Lend & Earn that is paid out stands in the book; what is lent anew never passes the spot account and is
read from its own list. Vouchers (POINT) are no money. Trades of options need the name of a market and are not read;
their fees and results stand in the account book of options.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import ContractTrade, Side, Trade
from portfolio_bot.platforms.candles import Form, Size, price_then
from portfolio_bot.platforms.ledger import Ask, Batch, Ledger, Read, Record, Stream, StreamReader, while_remembered
from portfolio_bot.platforms.paging import SECOND, by_number, each_once, moment, seconds
from portfolio_bot.platforms.records import digest, earned_or_paid, exchanged, fees_of, flow, one_of, side_of
from portfolio_bot.platforms.strict import Row, amount, listed, rows, said, stated, text
from portfolio_bot.platforms.venue import NO_PARAMS, Api, Refused, upper
from portfolio_bot.platforms.venues.gate import VOUCHERS
from portfolio_bot.platforms.venues.gate_book import IN_CONTRACTS, kind_of, way_of

MONTH = timedelta(days=30)
PAGE = 100
"""What every list gives; some give more, but not all of them say so."""

TRADES_PAGE = 1000

_DEPOSITED = frozenset({"DONE", "DEP_CREDITED"})
_OUTWARD = {"from": False, "to": True}
_NEVER = frozenset({"CANCEL", "CANCELLED", "INVALID", "REFUSED"})

Pages = Callable[[int], Awaitable[Sequence[Row]]]


async def deposits(ask: Ask) -> Batch:
    """What was credited; the rest is read again later."""
    found = each_once(await _by_offset(ask, "private_wallet_get_deposits"), _id)
    done = [row for row in found if text(row, "status") in _DEPOSITED]
    return Batch(
        tuple(
            record
            for row in done
            for record in flow(
                ask,
                FlowKind.DEPOSIT,
                _id(row),
                moment(row, "timestamp", SECOND),
                _coin(row),
                amount(row, "amount"),
                txid=_txid(row),
            )
            if record.asset not in VOUCHERS
        ),
        void=tuple(_id(row) for row in found if text(row, "status") in _NEVER),
    )


async def withdrawals(ask: Ask) -> Batch:
    """The venue prints the fee inside the amount, and takes both off at once."""
    found = each_once(await _by_offset(ask, "private_wallet_get_withdrawals"), _id)
    sent = [row for row in found if text(row, "status") not in _NEVER and _coin(row) not in VOUCHERS]
    return Batch(
        tuple(record for row in sent for record in _withdrawal(ask, row)),
        void=tuple(_id(row) for row in found if text(row, "status") in _NEVER),
    )


def _withdrawal(ask: Ask, row: Row) -> list[CashFlow]:
    fee = stated(row, "fee")
    net = amount(row, "amount") - fee
    if net <= 0:
        raise SourceError.of(FailureKind.BAD_ANSWER, "amount is not more than fee")
    at, coin = moment(row, "timestamp", SECOND), _coin(row)
    settled = text(row, "status") == "DONE"
    return flow(ask, FlowKind.WITHDRAWAL, _id(row), at, coin, -net, fee=fee, txid=_txid(row), settled=settled)


async def pushes(ask: Ask) -> Batch:
    """From and to other users of the venue. What nobody has accepted yet has left, and comes back if refused."""
    records: list[Record] = []
    void: list[str] = []
    for direction, sign in (("withdraw", -1), ("deposit", 1)):
        params = {"transaction_type": direction}
        for row in each_once(await _by_offset(ask, "private_wallet_get_push", params), _id):
            name, status = f"push:{_id(row)}", text(row, "status")
            if status in _NEVER:
                void.append(name)
                continue
            done = status == "RECEIVED"
            if sign > 0 and not done:
                continue
            kind = FlowKind.DEPOSIT if sign > 0 else FlowKind.WITHDRAWAL
            at, moved = moment(row, "create_time", SECOND), sign * amount(row, "amount")
            records += flow(ask, kind, name, at, _coin(row), moved, detail="push", settled=done)
    return Batch(tuple(records), tuple(void))


async def to_sub_accounts(ask: Ask) -> Batch:
    """Moves between the main account and its sub-accounts, which its wallets do not hold."""
    found = await _by_offset(ask, "private_wallet_get_sub_account_transfers")
    records: list[Record] = []
    for row in found:
        given, at, coin = str(row.get("client_order_id") or ""), moment(row, "timest", SECOND), _coin(row)
        other, out = text(row, "sub_account"), one_of(_OUTWARD, row, "direction")
        name = digest(given, coin, row.get("amount"), row.get("timest"), other, out)
        moved = -amount(row, "amount") if out else amount(row, "amount")
        way = f"main → sub-account {other}" if out else f"sub-account {other} → main"
        records += flow(ask, FlowKind.TRANSFER, f"sub:{name}", at, coin, moved, txid=given or None, wallets=way)
    return Batch(tuple(records))


async def spot_trades(ask: Ask) -> Batch:
    """Fills of the spot market, of unified and of margin accounts."""

    async def page(number: int) -> Sequence[Row]:
        params = {**_span(ask), "page": number, "limit": TRADES_PAGE}
        return rows(await ask.api.call("private_spot_get_my_trades", params))

    return Batch(tuple(_spot_trade(ask, row) for row in each_once(await by_number(page, full=TRADES_PAGE), _id)))


def _spot_trade(ask: Ask, row: Row) -> Trade:
    base, separator, quote = text(row, "currency_pair").partition("_")
    if not separator:
        raise SourceError.of(FailureKind.BAD_ANSWER, "currency_pair is not a pair")
    at = moment(row, "create_time_ms") if row.get("create_time_ms") else moment(row, "create_time", SECOND)
    size, price = amount(row, "amount"), amount(row, "price")
    fee = stated(row, "fee")
    paid = (upper(text(row, "fee_currency")), fee) if fee else ("", ZERO)
    fees = fees_of(paid, ("GT", amount(row, "gt_fee", blank=ZERO)))
    fees = tuple(cost for cost in fees if cost.asset not in VOUCHERS)
    side, pair = side_of(row), (upper(base), upper(quote))
    return Trade(_id(row), ask.account, at, side, *pair, size, size * price, fees=fees, price=price)


def contract_trades(
    method: str, settle: str, prefix: str, *, windowed: bool = True
) -> Callable[[Ask], Awaitable[Batch]]:
    """Fills of perpetuals or of delivery contracts. Where the venue takes no window all of them are read."""

    async def read(ask: Ask) -> Batch:
        params: dict[str, object] = {"settle": settle}
        if windowed:
            found = await _by_offset(ask, method, params)
        else:
            found = await _since(ask, method, params, "create_time")
        made = [_contract_trade(ask, row, settle, prefix) for row in found]
        return Batch(tuple({trade.id: trade for trade in made}.values()))

    return read


def _contract_trade(ask: Ask, row: Row, settle: str, prefix: str) -> ContractTrade:
    number = text(row, "trade_id") if row.get("trade_id") is not None else _id(row)
    size, coin = amount(row, "size"), upper(settle)
    return ContractTrade(
        f"{prefix}:{number}",
        ask.account,
        moment(row, "create_time", SECOND),
        Side.BUY if size > 0 else Side.SELL,
        text(row, "contract"),
        coin,
        abs(size),
        amount(row, "price"),
        fees_of((coin, stated(row, "fee"))),
    )


def contract_book(
    method: str, settle: str, wallet: str, fees_with_fills: bool = True
) -> Callable[[Ask], Awaitable[Batch]]:
    """Results, funding and moves of an account for contracts."""

    async def read(ask: Ask) -> Batch:
        params: dict[str, object] = {"settle": settle} if settle else {}
        coin = upper(settle or "usdt")
        records: list[Record] = []
        for row in await _by_offset(ask, method, params):
            word, change = text(row, "type"), amount(row, "change")
            kind = IN_CONTRACTS.get(word, FlowKind.UNCLASSIFIED)
            if kind is None or (word == "fee" and fees_with_fills):
                continue
            number = row.get("id") or digest(row.get("time"), word, row.get("change"), row.get("text"))
            name, at = f"{wallet}-{coin.lower()}:{number}", moment(row, "time", SECOND)
            way = ""
            if kind is FlowKind.TRANSFER:
                way = f"spot → {wallet}" if change > 0 else f"{wallet} → spot"
            detail = f"{word} {row['contract']}" if row.get("contract") else word
            records += flow(ask, _by_sign(kind, change), name, at, coin, change, detail=detail, wallets=way)
        return Batch(tuple(records))

    return read


async def book(ask: Ask) -> Batch:
    """Everything else that changed the spot account."""

    async def page(number: int) -> Sequence[Row]:
        return rows(await ask.api.call("private_spot_get_account_book", {**_span(ask), "page": number, "limit": PAGE}))

    records: list[Record] = []
    for row in each_once(await by_number(page, full=PAGE), _id):
        word, change, coin = text(row, "type"), amount(row, "change"), _coin(row)
        kind = kind_of(word, change)
        if kind is None or coin in VOUCHERS:
            continue
        order = f"exchange:{row.get('text') or row.get('time')}"[:64] if kind is FlowKind.CONVERSION else ""
        way = way_of(word, change) if kind is FlowKind.TRANSFER else ""
        at, given = moment(row, "time"), order or None
        records += flow(ask, kind, _id(row), at, coin, change, txid=given, detail=word, wallets=way)
    return Batch(tuple(records))


async def small_balances(ask: Ask) -> Batch:
    """Small amounts that were turned into GT."""
    records: list[Record] = []
    for row in await _since(ask, "private_wallet_get_small_balance_history", {}, "create_time", paged="page"):
        at, coin = moment(row, "create_time", SECOND), _coin(row)
        given, got = (coin, amount(row, "amount"), ZERO), ("GT", amount(row, "gt_amount"), ZERO)
        records += exchanged(ask, f"dust:{_id(row)}:{coin}", at, given, got, "small balance")
    return Batch(tuple(records))


async def lent(ask: Ask) -> Batch:
    """Interest of Lend & Earn that was lent anew at once."""

    async def page(number: int) -> Sequence[Row]:
        params = {**_span(ask), "page": number, "limit": PAGE}
        return rows(await ask.api.call("private_earn_get_uni_interest_records", params))

    records: list[Record] = []
    for row in await by_number(page, full=PAGE):
        if row.get("interest_status") != "interest_reinvest" or not amount(row, "status"):
            continue
        at, coin = moment(row, "create_time"), _coin(row)
        name = digest("lent", coin, row.get("interest"), row.get("create_time"))
        records += flow(ask, FlowKind.INCOME, name, at, coin, amount(row, "interest"), detail="interest_reinvest")
    return Batch(tuple({record.id: record for record in records}.values()))


def _by_sign(kind: FlowKind, change: Decimal) -> FlowKind:
    """Interest and rebates are income or cost, whichever sign they have."""
    if kind in {FlowKind.INCOME, FlowKind.FEE}:
        return earned_or_paid(change)
    return kind


async def _by_offset(ask: Ask, method: str, params: Mapping[str, object] = NO_PARAMS) -> list[Row]:
    """All rows of a span, of a list that is paged by offsets."""

    async def page(offset: int) -> Sequence[Row]:
        return _flat(await ask.api.call(method, {**_span(ask), **params, "limit": PAGE, "offset": offset}))

    return await by_number(page, full=PAGE, first=0, step=PAGE)


async def _since(
    ask: Ask, method: str, params: Mapping[str, object], field: str, *, paged: str = "offset"
) -> list[Row]:
    """The rows of a span out of a list without windows, newest first: read until it is older than the span."""
    kept: list[Row] = []

    async def page(position: int) -> Sequence[Row]:
        found = _flat(await ask.api.call(method, {**params, "limit": PAGE, paged: position}))
        kept.extend(row for row in found if ask.span.start <= moment(row, field, SECOND) < ask.span.end)
        older = any(moment(row, field, SECOND) < ask.span.start for row in found)
        return () if older else found

    first, step = (1, 1) if paged == "page" else (0, PAGE)
    await by_number(page, full=PAGE, first=first, step=step)
    return kept


def _flat(answer: object) -> Sequence[Row]:
    """A list of rows; some lists put it into a list of its own."""
    if isinstance(answer, list) and answer and all(isinstance(part, list) for part in answer):
        return [row for part in answer for row in rows(part)]
    return rows(answer)


def _span(ask: Ask) -> dict[str, object]:
    """Whole seconds, both ends included."""
    return {"from": seconds(ask.span.start), "to": seconds(ask.span.end - timedelta(microseconds=1))}


def _id(row: Row) -> str:
    return text(row, "id")


def _coin(row: Row) -> Asset:
    return upper(text(row, "currency"))


def _txid(row: Row) -> str | None:
    return said(row, "txid", longest=200) or None


TOO_LONG_AGO = "INVALID_PARAM_VALUE"
SIZES = (Size("1m", timedelta(minutes=1)), Size("1h", timedelta(hours=1)), Size("1d", timedelta(days=1)))
CANDLE = Form(opening=5, closing=2, unit=SECOND)


async def price(api: Api, base: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """The price of the minute; the venue keeps 10,000 candles of each length, so of the hour or day further back."""

    async def ask(size: Size) -> Sequence[object]:
        params = {"currency_pair": f"{base}_{quote}", "interval": size.name}
        window = {"from": seconds(at - 2 * size.length), "to": seconds(at)}
        try:
            return listed(await api.call("public_spot_get_candlesticks", {**params, **window}))
        except Refused as error:
            if error.code != TOO_LONG_AGO:
                raise
            return ()

    return await price_then(at, SIZES, ask, CANDLE)


def _monthly(name: str, title: str, read: Read, *, border: bool = False) -> StreamReader:
    return StreamReader(Stream(name, title, window=MONTH, border=border), while_remembered(read))


def _perpetual(settle: str) -> tuple[StreamReader, ...]:
    trades = contract_trades("private_futures_get_settle_my_trades_timerange", settle, f"futures-{settle}")
    changes = contract_book("private_futures_get_settle_account_book", settle, "futures")
    name, coin = f"futures-{settle}", settle.upper()
    return (
        _monthly(f"{name}-book", f"futures results and funding in {coin}", changes),
        _monthly(f"{name}-trades", f"futures trades in {coin}", trades),
    )


LEDGER = Ledger(
    opened=date(2017, 11, 1),
    streams=(
        _monthly("deposits", "deposits", deposits, border=True),
        _monthly("withdrawals", "withdrawals", withdrawals, border=True),
        _monthly("pushes", "transfers to and from other users", pushes, border=True),
        _monthly("sub-accounts", "transfers to sub-accounts", to_sub_accounts, border=True),
        _monthly("book", "spot account book", book),
        StreamReader(Stream("small-balances", "small balances"), small_balances),
        _monthly("lent", "interest of Lend & Earn", lent),
        _monthly("spot-trades", "spot trades", spot_trades),
        *_perpetual("usdt"),
        *_perpetual("btc"),
        _monthly(
            "delivery-book",
            "delivery results",
            contract_book("private_delivery_get_settle_account_book", "usdt", "delivery"),
        ),
        StreamReader(
            Stream("delivery-trades", "delivery trades"),
            contract_trades("private_delivery_get_settle_my_trades", "usdt", "delivery-usdt", windowed=False),
        ),
        _monthly(
            "options-book",
            "options results",
            contract_book("private_options_get_account_book", "", "options", fees_with_fills=False),
        ),
    ),
    price=price,
    bridges=("USDT", "USDC", "BTC", "ETH"),
)
