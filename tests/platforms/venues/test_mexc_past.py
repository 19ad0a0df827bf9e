"""MEXC's past: which state counts, which amount has the fee in it, what is read from one side only."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.platforms.ledger import Batch, CutShort, Hints, KeepsLedger
from tests.peers import faults
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, changes, millis, past, price, venue

pytestmark = pytest.mark.usefixtures("unthrottled")

DEPOSITS = "GET /api/v3/capital/deposit/hisrec"
WITHDRAWALS = "GET /api/v3/capital/withdraw/history"
INTERNAL = "GET /api/v3/capital/transfer/internal"
DUST = "GET /api/v3/capital/convert"
MOVES = "GET /api/v1/private/account/transfer_record"
FUNDING = "GET /api/v1/private/position/funding_records"
POSITIONS = "GET /api/v1/private/position/open_positions"
CLOSED = "GET /api/v1/private/position/list/history_positions"
DEALS = "GET /api/v1/private/order/list/order_deals"
TRADES = "GET /api/v3/myTrades"
KLINES = "GET /api/v3/klines"
US = "209383"


def deposit(**fields: object) -> dict[str, object]:
    usual = {"amount": "10", "coin": "USDC-TRX", "network": "TRX", "status": "5", "txId": "51a8f4:0", "address": "T1"}
    return {**usual, "insertTime": millis(), **fields}


def withdrawal(**fields: object) -> dict[str, object]:
    usual = {"id": "adcd1c", "coin": "USDC-MATIC", "amount": "10", "transactionFee": "1", "status": "7"}
    return {**usual, "txId": "0xc8:0", "transHash": "0xc8", "applyTime": int(millis()), **fields}


def contract(data: object) -> dict[str, object]:
    return {"success": True, "code": 0, "data": data}


def paged(*rows: object, pages: int = 1) -> dict[str, object]:
    return contract({"pageSize": 100, "totalPage": pages, "currentPage": 1, "resultList": list(rows)})


def numbered(*rows: object) -> dict[str, object]:
    return {"data": list(rows), "totalRecords": len(rows), "page": 1, "totalPageNum": 1}


async def flows(served: dict[str, object], stream: str) -> list[CashFlow]:
    return [row for row in (await past("mexc", served, stream)).records if isinstance(row, CashFlow)]


@pytest.mark.parametrize(
    ("status", "counts", "void"), [(4, 0, 0), (5, 1, 0), (9, 0, 0), (12, 1, 0), (7, 0, 1), (10, 0, 1)]
)
async def test_a_deposit_counts_when_it_has_arrived(status: int, counts: int, void: int) -> None:
    batch = await past("mexc", {DEPOSITS: [deposit(status=status)]}, "deposits")
    assert changes(batch) == [("deposit", "USDC", 10)] * counts
    assert len(batch.void) == void


async def test_a_deposit_is_told_from_another_by_its_transaction_and_output() -> None:
    rows = [deposit(), deposit(), deposit(txId="51a8f4:1"), deposit(network="SOL")]
    found = await flows({DEPOSITS: rows}, "deposits")
    assert len({row.id for row in found}) == 3
    assert {row.txid for row in found} == {"51a8f4"}


async def test_a_deposit_that_is_rejected_later_takes_back_the_same_record() -> None:
    [row] = await flows({DEPOSITS: [deposit()]}, "deposits")
    assert (await past("mexc", {DEPOSITS: [deposit(status=7)]}, "deposits")).void == (row.id,)


async def test_the_fee_of_a_withdrawal_is_inside_its_amount() -> None:
    [row] = await flows({WITHDRAWALS: [withdrawal()]}, "withdrawals")
    assert (row.asset, row.amount, row.fee, row.txid) == ("USDC", Decimal(-9), Fee("USDC", Decimal(1)), "0xc8")


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 6, 10])
async def test_a_withdrawal_that_is_not_finished_is_under_way(status: int) -> None:
    assert [row.settled for row in await flows({WITHDRAWALS: [withdrawal(status=status)]}, "withdrawals")] == [False]


@pytest.mark.parametrize("status", [8, 9])
async def test_a_withdrawal_that_failed_never_happened(status: int) -> None:
    batch = await past("mexc", {WITHDRAWALS: [withdrawal(status=status)]}, "withdrawals")
    assert (batch.records, batch.void) == ((), ("adcd1c",))


@pytest.mark.parametrize(
    ("giver", "taker", "kind", "amount"),
    [
        (US, "7", FlowKind.WITHDRAWAL, -2),
        ("7", US, FlowKind.DEPOSIT, 2),
        ("me@example.org", "you@example.org", FlowKind.UNCLASSIFIED, 2),
    ],
)
async def test_a_transfer_between_users_has_a_direction_only_where_it_names_us(
    giver: str, taker: str, kind: FlowKind, amount: int
) -> None:
    row = {"tranId": "", "asset": "BTC", "amount": "2", "fromAccount": giver, "toAccount": taker, "status": "SUCCESS"}
    [found] = await flows({INTERNAL: numbered({**row, "timestamp": int(millis())})}, "internal")
    assert (found.kind, found.amount) == (kind, Decimal(amount))


async def test_dust_gives_a_coin_and_brings_mx_with_its_fee_beside() -> None:
    detail = {"id": "3e52a9", "convert": "0.008", "fee": "0.0002", "amount": "0.007", "asset": "ETHF", "time": millis()}
    group = {"convertTime": millis(), "convertDetails": [detail]}
    batch = await past("mexc", {DUST: numbered(group)}, "dust")
    assert changes(batch) == [("conversion", "ETHF", Decimal("-0.007")), ("conversion", "MX", Decimal("0.008"))]


async def test_a_move_between_spot_and_futures_is_read_from_one_side_only() -> None:
    row = {
        "id": 165230,
        "txid": "db13",
        "currency": "USDT",
        "amount": 5.5,
        "state": "SUCCESS",
        "createTime": int(millis()),
    }
    served = {MOVES: paged({**row, "type": "IN"}, {**row, "id": 2, "type": "OUT"}, {**row, "id": 3, "state": "FAILED"})}
    async with venue("mexc", served) as peer, opened("mexc", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        found = [
            record
            for stream in await made.streams(Hints(frozenset({"USDT"})))
            for record in (await made.past(stream, AROUND_NOON)).records
        ]
        assert not [seen for seen in peer.requests if seen.path == "/api/v3/capital/transfer"]
    moves = [row for row in found if isinstance(row, CashFlow)]
    assert len(moves) == len(found) == 4
    assert {(row.wallets, row.amount) for row in moves} == {
        (way, Decimal(amount)) for way in ("spot → futures", "futures → spot") for amount in ("5.5", "-5.5")
    }


async def test_pages_without_times_are_read_back_to_the_span_and_no_further() -> None:
    async with venue("mexc", {}) as peer, opened("mexc", peer.url) as made:
        for page in range(1, 6):
            at = NOON - timedelta(hours=4 * (page - 1))
            row = {"id": page, "symbol": "BTC_USDT", "funding": "0.5", "settleTime": int(millis(at))}
            peer.serve(f"{FUNDING}?page_num={page}", {"body": paged(row, pages=5)})
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        batch = await made.past(streams["funding"], AROUND_NOON)
        pages = [seen.fields["page_num"] for seen in peer.asked(FUNDING.removeprefix("GET "))]
    assert pages == ["1", "2", "3"]
    assert len(batch.records) == 3
    assert not batch.more


async def test_a_long_past_without_times_is_read_in_parts() -> None:
    async with venue("mexc", {}) as peer, opened("mexc", peer.url) as made:
        for page in range(1, 31):
            row = {"id": page, "symbol": "BTC_USDT", "funding": "0.5", "settleTime": int(millis()) - page}
            peer.serve(f"{FUNDING}?page_num={page}", {"body": paged(row, pages=30)})
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        first = await made.past(streams["funding"], AROUND_NOON)
        second = await made.past(streams["funding"], AROUND_NOON, first.token)
    assert (len(first.records), first.more) == (20, True)
    assert (len(second.records), second.more, second.token) == (10, False, "")


@pytest.mark.parametrize(("symbol", "settle"), [("SUSHI_USDT", "USDT"), ("BTC_USD", "BTC")])
async def test_funding_is_in_the_coin_that_a_contract_settles_in(symbol: str, settle: str) -> None:
    row = {"id": 1, "symbol": symbol, "funding": -0.25, "settleTime": int(millis())}
    assert changes(await past("mexc", {FUNDING: paged(row)}, "funding")) == [("funding", settle, Decimal("-0.25"))]


def deal(**fields: object) -> dict[str, object]:
    usual = {"id": 299444585, "symbol": "STEPN_USDT", "side": 4, "vol": 3, "price": 2.45, "fee": 0.0014, "profit": 1.5}
    return {**usual, "feeCurrency": "USDT", "timestamp": int(millis()), "category": 1, "taker": True, **fields}


async def deals(*rows: object) -> Batch:
    closed = contract([{"symbol": "STEPN_USDT", "updateTime": int(millis())}])
    return await past("mexc", {CLOSED: closed, f"{DEALS}?symbol=STEPN_USDT": contract(list(rows))}, "deals")


async def test_a_deal_is_a_trade_and_what_it_closed_is_a_result() -> None:
    batch = await deals(deal())
    [trade] = [row for row in batch.records if isinstance(row, ContractTrade)]
    assert (trade.side, trade.contract, trade.size, trade.settle) == (Side.SELL, "STEPN_USDT", Decimal(3), "USDT")
    assert (trade.price, trade.fees) == (Decimal("2.45"), (Fee("USDT", Decimal("0.0014")),))
    assert changes(batch) == [("futures_pnl", "USDT", Decimal("1.5"))]


@pytest.mark.parametrize(("side", "meant"), [(1, Side.BUY), (2, Side.BUY), (3, Side.SELL), (4, Side.SELL)])
async def test_closing_a_short_is_buying(side: int, meant: Side) -> None:
    assert [row.side for row in (await deals(deal(side=side, profit=0))).records] == [meant]  # type: ignore[union-attr]


async def test_a_liquidation_says_so() -> None:
    assert [row.detail for row in (await deals(deal(category=2, profit=0))).records] == ["liquidation"]  # type: ignore[union-attr]


async def test_an_open_position_names_a_contract_too() -> None:
    served = {POSITIONS: contract([{"symbol": "STEPN_USDT"}]), f"{DEALS}?symbol=STEPN_USDT": contract([deal(profit=0)])}
    assert len((await past("mexc", served, "deals")).records) == 1


def trade(number: int = 1, **fields: object) -> dict[str, object]:
    usual = {"id": f"dd44f7{number}", "symbol": "BTCUSDT", "price": "60000", "qty": "0.1", "quoteQty": "6000"}
    return {**usual, "commission": "0.3", "commissionAsset": "MX", "isBuyer": True, "time": millis(), **fields}


async def test_a_trade_pays_its_fee_in_the_coin_that_it_names() -> None:
    [found] = (await past("mexc", {TRADES: [trade()]}, "spot BTCUSDT", assets={"BTC"})).records
    assert isinstance(found, Trade)
    assert (found.side, found.amount, found.cost, found.fees) == (
        Side.BUY, Decimal("0.1"), Decimal(6000), (Fee("MX", Decimal("0.3")),),
    )  # fmt: skip


async def test_a_full_list_of_trades_is_asked_for_in_shorter_spans() -> None:
    with pytest.raises(CutShort):
        await past("mexc", {TRADES: [trade(number) for number in range(100)]}, "spot BTCUSDT", assets={"BTC"})


async def test_markets_are_found_in_one_question() -> None:
    async with venue("mexc", {}) as peer, opened("mexc", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        names = {stream.name for stream in await made.streams(Hints(frozenset({"BTC", "ETH", "NOSUCH"})))}
        asked = [seen.path for seen in peer.requests if seen.path != "/api/v3/uid"]  # whose account it is
    assert {name for name in names if name.startswith("spot")} == {"spot BTCUSDT", "spot ETHUSDT", "spot ETHBTC"}
    assert asked == ["/api/v3/ticker/price"]


async def test_each_horizon_is_told() -> None:
    async with venue("mexc", {}) as peer, opened("mexc", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        kept = {stream.name: stream.keeps for stream in await made.streams(Hints(frozenset({"BTC"})))}
    days = {name: None if keeps is None else keeps.days for name, keeps in kept.items()}
    assert (days["deposits"], days["withdrawals"], days["spot BTCUSDT"], days["deals"]) == (90, 90, 30, 90)
    assert days["funding"] is None


async def test_an_account_without_futures_has_no_past_there() -> None:
    never = {"success": False, "code": 1002, "message": "Contract not activated"}
    served = dict.fromkeys((MOVES, FUNDING, POSITIONS, CLOSED), never)
    async with venue("mexc", served) as peer, opened("mexc", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        for name in ("transfers", "funding", "deals"):
            assert await made.past(streams[name], AROUND_NOON) == Batch()


async def test_an_old_price_falls_back_on_longer_candles() -> None:
    candle = [int(millis()), "2400", "2500", "2300", "2410", "1", int(millis()) + 3_599_999, "2400"]
    served = {KLINES: [], f"{KLINES}?symbol=ETHUSDT&interval=60m": [candle]}
    found = await price("mexc", served, "ETH", NOON + timedelta(minutes=50))
    assert found is not None
    assert (found.amount, found.quote) == (Decimal(2410), "USDT")


async def test_a_coin_without_a_market_has_no_old_price() -> None:
    async with venue("mexc", {}) as peer:
        peer.fail(faults.status(400, {"code": -1121, "msg": "Invalid symbol."}), KLINES)
        async with opened("mexc", peer.url) as made:
            assert isinstance(made, KeepsLedger)
            assert await made.price_at("NOSUCH", NOON) is None
