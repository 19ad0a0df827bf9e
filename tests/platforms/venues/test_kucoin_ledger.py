"""KuCoin's past: movements without ids, words of its ledgers, fills market by market, what futures settle."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Market, Trade
from portfolio_bot.platforms.ledger import Batch, Hints, KeepsLedger, Price
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, millis, past, price, venue

DEPOSITS = "GET /api/v1/deposits"
WITHDRAWALS = "GET /api/v1/withdrawals"
MAIN = "GET /api/v1/accounts/ledgers"
TRADING = "GET /api/v1/hf/accounts/ledgers"
FILLS = "GET /api/v1/hf/fills"
FUTURES = "GET /api/v1/transaction-history"
CANDLES = "GET /api/v1/market/candles"


def good(data: object) -> dict[str, object]:
    return {"code": "200000", "data": data}


def page(*rows: object) -> dict[str, object]:
    return good({"currentPage": 1, "pageSize": 100, "totalNum": len(rows), "totalPage": 1, "items": list(rows)})


def movement(**fields: object) -> dict[str, object]:
    usual = {"currency": "USDT", "chain": "trx", "status": "SUCCESS", "isInner": False, "amount": "10", "fee": "1"}
    return {**usual, "walletTxId": "hash@address", "createdAt": int(millis()), **fields}


async def flows(stream: str, endpoint: str, answer: object) -> list[CashFlow]:
    found = (await past("kucoin", {endpoint: answer}, stream)).records
    assert all(isinstance(record, CashFlow) for record in found)
    return list(found)  # type: ignore[arg-type]


async def test_a_movement_without_an_id_is_told_from_others_by_what_it_says() -> None:
    one, other = await flows("deposits", DEPOSITS, page(movement(), movement(), movement(amount="11")))
    assert one.id != other.id
    assert (one.kind, one.txid, one.fee) == (FlowKind.DEPOSIT, "hash", Fee("USDT", Decimal(1)))


async def test_a_withdrawal_pays_its_fee_on_top_and_keeps_the_venues_id() -> None:
    [found] = await flows("withdrawals", WITHDRAWALS, page(movement(id="w1", isInner=True, walletTxId="")))
    assert (found.id, found.kind, found.amount, found.txid) == ("w1", FlowKind.WITHDRAWAL, Decimal(-10), None)
    assert found.fee == Fee("USDT", Decimal(1))


@pytest.mark.parametrize("status", ["PROCESSING", "WALLET_PROCESSING", "REVIEW"])
async def test_what_is_only_held_has_not_left(status: str) -> None:
    assert await past("kucoin", {WITHDRAWALS: page(movement(status=status))}, "withdrawals") == Batch()
    assert await past("kucoin", {DEPOSITS: page(movement(status=status))}, "deposits") == Batch()


async def test_a_withdrawal_that_failed_never_happened() -> None:
    batch = await past("kucoin", {WITHDRAWALS: page(movement(id="w1", status="FAILURE"))}, "withdrawals")
    assert batch == Batch(void=("w1",))


def entry(word: str, direction: str = "in", **fields: object) -> dict[str, Any]:
    usual = {"id": "5", "currency": "USDT", "amount": "2", "fee": "0", "balance": "1", "accountType": "MAIN"}
    return {**usual, "bizType": word, "direction": direction, "createdAt": int(millis()), "context": "", **fields}


@pytest.mark.parametrize(
    ("word", "direction", "kind"),
    [
        ("KuCoin Bonus", "in", FlowKind.INCOME),
        ("Airdrop/Fork", "in", FlowKind.INCOME),
        ("Staking Profits", "in", FlowKind.INCOME),
        ("KuCoin Earn Profits", "in", FlowKind.INCOME),
        ("RETURNED_FEES", "in", FlowKind.INCOME),
        ("KCS Pay Fees", "out", FlowKind.FEE),
        ("DEDUCTION_FEES", "out", FlowKind.FEE),
        ("Rewards", "out", FlowKind.FEE),
        ("Fiat Deposit", "in", FlowKind.DEPOSIT),
        ("Sell Crypto", "out", FlowKind.WITHDRAWAL),
        ("Instant Exchange", "out", FlowKind.CONVERSION),
        ("Public Offering Purchase", "out", FlowKind.UNCLASSIFIED),
        ("Something New", "in", FlowKind.UNCLASSIFIED),
    ],
)
async def test_every_word_of_the_main_ledger_has_its_kind(word: str, direction: str, kind: FlowKind) -> None:
    [found] = await flows("main", MAIN, page(entry(word, direction)))
    assert (found.id, found.kind, found.detail) == ("5", kind, word)
    assert found.amount == (2 if direction == "in" else -2)


@pytest.mark.parametrize("word", ["Deposit", "Withdrawal", "Trade_Exchange", "Borrowings", "Debt Repayment"])
async def test_what_other_lists_tell_is_left_out_of_the_ledger(word: str) -> None:
    assert await flows("main", MAIN, page(entry(word))) == []


@pytest.mark.parametrize(
    ("word", "account", "direction", "way"),
    [
        ("Transfer", "MAIN", "out", "main → another wallet"),
        ("SUB_TRANSFER", "TRADE", "in", "sub-account → spot"),
        ("Cross Margin", "MAIN", "out", "main → margin"),
        ("Staking", "MAIN", "out", "main → earn"),
    ],
)
async def test_a_move_to_another_wallet_names_both(word: str, account: str, direction: str, way: str) -> None:
    context = json.dumps({"orderId": "o1"})
    [found] = await flows("main", MAIN, page(entry(word, direction, accountType=account, context=context)))
    assert (found.kind, found.wallets, found.txid) == (FlowKind.TRANSFER, way, "o1")


async def test_the_ledgers_of_two_accounts_do_not_share_ids() -> None:
    made = {**entry("TRANSFER"), "accountType": "TRADE_HF", "createdAt": millis()}
    [main] = await flows("main", MAIN, page(entry("Transfer", "out")))
    [trading] = await flows("trading", TRADING, good([made]))
    assert (main.id, trading.id) == ("5", "hf:5")


async def test_a_direction_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SourceError, match="direction"):
        await flows("main", MAIN, page(entry("Rewards", "sideways")))


def fill(**fields: object) -> dict[str, object]:
    usual = {"id": 1, "tradeId": 11, "symbol": "KCS-USDT", "side": "buy", "price": "10", "size": "2", "funds": "20"}
    return {**usual, "fee": "0.02", "feeCurrency": "USDT", "createdAt": int(millis()), **fields}


def traded(symbol: str, **fields: object) -> dict[str, Any]:
    return {**entry("TRADE_EXCHANGE", accountType="TRADE_HF", context=json.dumps({"symbol": symbol})), **fields}


async def test_only_the_markets_that_the_ledger_names_are_asked() -> None:
    served = {TRADING: good([traded("KCS-USDT")]), f"{FILLS}?symbol=KCS-USDT": good({"items": [fill()], "lastId": 1})}
    async with venue("kucoin", served) as peer, opened("kucoin", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints(assets=frozenset({"BTC", "ETH"})))}
        [found] = (await made.past(streams["trading"], AROUND_NOON)).records
        assert [seen.fields["symbol"] for seen in peer.asked("/api/v1/hf/fills")] == ["KCS-USDT"]
    assert isinstance(found, Trade)
    assert (found.id, found.base, found.cost, found.market) == ("KCS-USDT:11:buy", "KCS", Decimal(20), Market.SPOT)
    assert found.fees == (Fee("USDT", Decimal("0.02")),)


async def test_where_the_ledger_names_none_the_markets_of_known_coins_are_asked() -> None:
    async with venue("kucoin", {}) as peer, opened("kucoin", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints(assets=frozenset({"ETH", "BTC"})))}
        await made.past(streams["trading"], AROUND_NOON)
        asked = {seen.fields["symbol"] for seen in peer.asked("/api/v1/hf/fills")}
    assert asked == {"BTC-USDT", "ETH-USDT", "ETH-BTC"}


async def test_trades_can_be_narrowed_to_tracked_coins() -> None:
    both = good([traded("KCS-USDT"), traded("BTC-USDT", id="6")])
    async with venue("kucoin", {TRADING: both}) as peer, opened("kucoin", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints(tracked=frozenset({"BTC"})))}
        await made.past(streams["trading"], AROUND_NOON)
        assert [seen.fields["symbol"] for seen in peer.asked("/api/v1/hf/fills")] == ["BTC-USDT"]


async def test_a_fill_is_the_same_in_the_lists_of_both_accounts() -> None:
    served = {TRADING: good([traded("KCS-USDT")]), FILLS: good({"items": [fill()], "lastId": 1})}
    [new] = (await past("kucoin", served, "trading")).records
    [old] = (await past("kucoin", {"GET /api/v1/fills": page(fill(tradeType="TRADE"))}, "classic-trades")).records
    assert new == old


async def test_margin_trades_are_asked_for_in_both_kinds() -> None:
    ledger, fills = "GET /api/v3/hf/margin/account/ledgers", "GET /api/v3/hf/margin/fills"
    made = entry("MARGIN_EXCHANGE", accountType="MARGIN_V2", context=json.dumps({"symbol": "KCS-USDT"}))
    one, other = good({"items": [fill()], "lastId": 1}), good({"items": [fill(id=2, tradeId=12)], "lastId": 2})
    kinds = {f"{fills}?tradeType=MARGIN_TRADE": one, f"{fills}?tradeType=MARGIN_ISOLATED_TRADE": other}
    found = (await past("kucoin", {ledger: good([made]), **kinds}, "margin")).records
    assert [record.market for record in found if isinstance(record, Trade)] == [Market.MARGIN, Market.MARGIN]


async def test_a_conversion_is_two_rows_with_one_id() -> None:
    order = {"orderId": "o1", "status": "SUCCESS", "fromCurrency": "BTC", "toCurrency": "USDT"}
    sizes = {"fromCurrencySize": "0.1", "toCurrencySize": "5000", "orderTime": int(millis())}
    failed = {**order, **sizes, "orderId": "o2", "status": "FAIL"}
    out, into = await flows("conversions", "GET /api/v1/convert/order/history", page({**order, **sizes}, failed))
    assert (out.asset, out.amount, into.asset, into.amount) == ("BTC", Decimal("-0.1"), "USDT", Decimal(5000))
    assert out.txid == into.txid == "convert:o1"


async def test_interest_on_debt_is_a_cost() -> None:
    row = {"currency": "USDT", "interestAmount": "0.05", "dayRatio": "0.001", "createdTime": int(millis())}
    [found] = await flows("margin-interest", "GET /api/v3/margin/interest", page(row, row))
    assert (found.kind, found.amount) == (FlowKind.FEE, Decimal("-0.05"))


def settled(word: str, amount: float, offset: int = 7, **fields: object) -> dict[str, object]:
    usual = {"time": int(millis()), "type": word, "amount": amount, "fee": 0, "accountEquity": 1, "remark": "XBTUSDM"}
    return {**usual, "status": "Completed", "offset": offset, "currency": "XBT", **fields}


@pytest.mark.parametrize(
    ("word", "amount", "kind", "moved"),
    [
        ("RealisedPNL", -0.5, FlowKind.FUTURES_PNL, "-0.5"),
        ("TransferIn", 2, FlowKind.TRANSFER, "2"),
        ("TransferOut", 2, FlowKind.TRANSFER, "-2"),
        ("Bonus", 2, FlowKind.UNCLASSIFIED, "2"),
    ],
)
async def test_every_word_of_futures_has_its_kind(word: str, amount: float, kind: FlowKind, moved: str) -> None:
    [found] = await flows("futures", FUTURES, good({"dataList": [settled(word, amount)], "hasMore": False}))
    assert (found.id, found.kind, found.asset, found.amount) == ("futures:XBT:7", kind, "BTC", Decimal(moved))
    assert bool(found.wallets) is (kind is FlowKind.TRANSFER)


async def test_what_is_not_settled_yet_is_none() -> None:
    pending = settled("RealisedPNL", 5, offset=-1, status="Pending")
    assert await flows("futures", FUTURES, good({"dataList": [pending], "hasMore": False})) == []


async def test_a_fill_of_a_contract_is_settled_in_its_coin() -> None:
    row = {"symbol": "XBTUSDM", "tradeId": "t1", "side": "sell", "price": "50000", "size": 10, "fee": "0.0001"}
    more = {"feeCurrency": "XBT", "settleCurrency": "XBT", "tradeType": "liquidation", "createdAt": int(millis())}
    exact = {"tradeTime": int(millis()) * 1_000_000 + 250_000}
    [found] = (await past("kucoin", {"GET /api/v1/fills": page({**row, **more, **exact})}, "futures-trades")).records
    assert isinstance(found, ContractTrade)
    assert (found.id, found.settle, found.size, found.detail) == ("XBTUSDM:t1", "BTC", Decimal(10), "liquidation")
    assert found.at == NOON + timedelta(microseconds=250)
    assert found.fees == (Fee("BTC", Decimal("0.0001")),)


async def test_a_price_is_that_of_the_minute_else_of_the_hour() -> None:
    def candle(opening: str) -> dict[str, object]:
        return good([[str(int(NOON.timestamp())), opening, "5", "9", "1", "2", "3"]])

    minute = await price("kucoin", {f"{CANDLES}?type=1min&symbol=KCS-USDT": candle("8.8")}, "KCS")
    hour = await price("kucoin", {CANDLES: good([]), f"{CANDLES}?type=1hour&symbol=KCS-BTC": candle("0.1")}, "KCS")
    assert minute == Price(Decimal("8.8"), "USDT", NOON)
    assert hour == Price(Decimal("0.1"), "BTC", NOON)
