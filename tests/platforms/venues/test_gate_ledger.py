"""Gate.io's past: which state counts, fees inside and on top, words of the account books, lists without windows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.platforms.ledger import Batch, Hints, KeepsLedger, Price, Span
from tests.peers import faults
from tests.peers.faults import Reply
from tests.platforms.contract.peers import in_a_hurry, opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, millis, past, price, venue

DEPOSITS = "GET /api/v4/wallet/deposits"
WITHDRAWALS = "GET /api/v4/wallet/withdrawals"
PUSHES = "GET /api/v4/wallet/push"
SUB_ACCOUNTS = "GET /api/v4/wallet/sub_account_transfers"
BOOK = "GET /api/v4/spot/account_book"
DUST = "GET /api/v4/wallet/small_balance_history"
LENT = "GET /api/v4/earn/uni/interest_records"
TRADES = "GET /api/v4/spot/my_trades"
CANDLES = "GET /api/v4/spot/candlesticks"

SECONDS = int(NOON.timestamp())


def movement(**fields: object) -> dict[str, object]:
    usual = {"id": "w1", "currency": "usdt", "amount": "10", "txid": "hash", "timestamp": str(SECONDS)}
    return {**usual, "status": "DONE", "chain": "TRX", **fields}


async def flows(stream: str, endpoint: str, *rows: object) -> list[CashFlow]:
    found = (await past("gate", {endpoint: list(rows)}, stream)).records
    assert all(isinstance(record, CashFlow) for record in found)
    return list(found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "counts", "void"),
    [("DONE", 1, 0), ("DEP_CREDITED", 1, 0), ("PEND", 0, 0), ("TRACK", 0, 0), ("CANCEL", 0, 1), ("INVALID", 0, 1)],
)
async def test_a_deposit_counts_when_it_is_credited(status: str, counts: int, void: int) -> None:
    batch = await past("gate", {DEPOSITS: [movement(id="d1", status=status)]}, "deposits")
    assert (len(batch.records), batch.void) == (counts, ("d1",) * void)


@pytest.mark.parametrize("status", ["DONE", "PEND", "FAIL", "REVIEW"])
async def test_a_withdrawal_has_its_fee_inside_and_is_under_way_until_it_is_done(status: str) -> None:
    [found] = await flows("withdrawals", WITHDRAWALS, movement(fee="1", status=status))
    assert (found.kind, found.asset, found.amount, found.txid) == (FlowKind.WITHDRAWAL, "USDT", Decimal(-9), "hash")
    assert found.fee == Fee("USDT", Decimal(1))
    assert found.settled is (status == "DONE")


async def test_a_withdrawal_that_was_cancelled_never_happened() -> None:
    batch = await past("gate", {WITHDRAWALS: [movement(status="CANCEL")]}, "withdrawals")
    assert batch == Batch(void=("w1",))


async def test_a_fee_as_large_as_the_amount_is_refused() -> None:
    with pytest.raises(SourceError, match="fee"):
        await flows("withdrawals", WITHDRAWALS, movement(fee="10"))


async def test_a_list_inside_a_list_is_read_alike() -> None:
    [found] = await flows("withdrawals", WITHDRAWALS, [movement(fee="0")])
    assert found.amount == -10


def push(**fields: object) -> dict[str, object]:
    usual = {"id": 7, "push_uid": 1, "receive_uid": 2, "currency": "USDT", "amount": "5", "create_time": SECONDS}
    return {**usual, "status": "RECEIVED", "message": "", **fields}


async def test_a_push_is_a_withdrawal_on_one_side_and_a_deposit_on_the_other() -> None:
    served = {
        f"{PUSHES}?transaction_type=withdraw": [push(), push(id=8, status="PENDING"), push(id=9, status="REFUSED")],
        f"{PUSHES}?transaction_type=deposit": [push(id=10), push(id=11, status="PENDING")],
    }
    batch = await past("gate", served, "pushes")
    found = {record.id: record for record in batch.records if isinstance(record, CashFlow)}
    assert {name: (flow.amount, flow.settled) for name, flow in found.items()} == {
        "push:7": (Decimal(-5), True),
        "push:8": (Decimal(-5), False),
        "push:10": (Decimal(5), True),
    }
    assert batch.void == ("push:9",)


async def test_a_move_to_a_sub_account_is_a_transfer_that_names_it() -> None:
    move = {"timest": str(SECONDS), "client_order_id": "c1", "currency": "BTC", "sub_account": "10002", "amount": "1"}
    out, back = await flows("sub-accounts", SUB_ACCOUNTS, {**move, "direction": "to"}, {**move, "direction": "from"})
    assert (out.kind, out.amount, out.wallets) == (FlowKind.TRANSFER, Decimal(-1), "main → sub-account 10002")
    assert (back.amount, back.wallets) == (Decimal(1), "sub-account 10002 → main")


def booked(word: str, change: str, **fields: object) -> dict[str, object]:
    return {"id": "5", "time": int(millis()), "currency": "USDT", "change": change, "type": word, "text": "", **fields}


@pytest.mark.parametrize(
    ("word", "change", "kind"),
    [
        ("interest_in", "1", FlowKind.INCOME),
        ("airdrop", "1", FlowKind.INCOME),
        ("ab_rebate", "1", FlowKind.INCOME),
        ("interest_out", "-1", FlowKind.FEE),
        ("margin_interest_out", "-1", FlowKind.FEE),
        ("points_purchase", "-1", FlowKind.FEE),
        ("cv_buy", "1", FlowKind.CONVERSION),
        ("rp_sent", "-1", FlowKind.WITHDRAWAL),
        ("rp_rcvd", "1", FlowKind.DEPOSIT),
        ("c2c_om", "-1", FlowKind.UNCLASSIFIED),
        ("something_new", "1", FlowKind.UNCLASSIFIED),
    ],
)
async def test_every_word_of_the_spot_book_has_its_kind(word: str, change: str, kind: FlowKind) -> None:
    [found] = await flows("book", BOOK, booked(word, change))
    assert (found.id, found.kind, found.amount, found.detail) == ("5", kind, Decimal(change), word)


@pytest.mark.parametrize(
    "word", ["order_fee", "new_order", "deposit", "withdraw", "push_sent", "subaccount_trf", "borrow", "dust_swap_fee"]
)
async def test_what_other_lists_tell_is_left_out_of_the_book(word: str) -> None:
    assert await flows("book", BOOK, booked(word, "-1")) == []


async def test_vouchers_are_no_flow() -> None:
    assert await flows("book", BOOK, booked("airdrop", "100", currency="POINT")) == []
    assert await flows("deposits", DEPOSITS, movement(currency="POINT")) == []


@pytest.mark.parametrize(
    ("word", "change", "way"),
    [("perp_out", "-5", "spot → futures"), ("margin_in", "5", "margin → spot"), ("lend", "-5", "spot → earn")],
)
async def test_a_move_to_another_wallet_names_both(word: str, change: str, way: str) -> None:
    [found] = await flows("book", BOOK, booked(word, change))
    assert (found.kind, found.wallets) == (FlowKind.TRANSFER, way)


async def test_both_sides_of_an_exchange_share_what_the_book_says_of_it() -> None:
    sold, bought = booked("cv_sell", "-10", text="o1"), booked("cv_buy", "0.1", id="6", currency="BTC", text="o1")
    assert [flow.txid for flow in await flows("book", BOOK, sold, bought)] == ["exchange:o1"] * 2


@pytest.mark.parametrize(
    ("word", "change", "kind"),
    [
        ("pnl", "-5", FlowKind.FUTURES_PNL),
        ("fund", "0.1", FlowKind.FUNDING),
        ("refr", "1", FlowKind.INCOME),
        ("dnw", "100", FlowKind.TRANSFER),
        ("bonus_offset", "-1", FlowKind.UNCLASSIFIED),
    ],
)
async def test_every_word_of_the_futures_book_has_its_kind(word: str, change: str, kind: FlowKind) -> None:
    row = {"id": "3", "time": NOON.timestamp(), "change": change, "type": word, "text": "", "contract": "BTC_USD"}
    [found] = await flows("futures-btc-book", "GET /api/v4/futures/btc/account_book", row)
    assert (found.id, found.kind, found.asset, found.amount) == ("futures-btc:3", kind, "BTC", Decimal(change))
    assert found.wallets == ("spot → futures" if kind is FlowKind.TRANSFER else "")


async def test_a_change_without_an_id_is_told_from_others_by_what_it_says() -> None:
    row = {"time": NOON.timestamp(), "change": "-5", "type": "pnl", "text": "BTC_USDT:1"}
    same, _, other = await flows(
        "futures-usdt-book", "GET /api/v4/futures/usdt/account_book", row, row, {**row, "change": "-6"}
    )
    assert same.id != other.id
    assert len(await past_ids(row, row)) == 1


async def past_ids(*rows: object) -> set[str]:
    return {flow.id for flow in await flows("futures-usdt-book", "GET /api/v4/futures/usdt/account_book", *rows)}


async def test_fees_of_perpetuals_come_with_fills_and_those_of_options_from_their_book() -> None:
    row = {"time": NOON.timestamp(), "change": "-0.5", "type": "fee", "text": "", "id": "1"}
    assert await flows("futures-usdt-book", "GET /api/v4/futures/usdt/account_book", row) == []
    [found] = await flows("options-book", "GET /api/v4/options/account_book", row)
    assert (found.kind, found.asset, found.amount) == (FlowKind.FEE, "USDT", Decimal("-0.5"))


async def test_points_of_futures_are_no_money() -> None:
    row = {"time": NOON.timestamp(), "change": "-0.5", "type": "point_fee", "text": "", "id": "1"}
    assert await flows("futures-usdt-book", "GET /api/v4/futures/usdt/account_book", row) == []


def dust(number: int, before: timedelta) -> dict[str, object]:
    at = int((NOON - before).timestamp())
    return {"id": str(number), "create_time": at, "currency": "FLOKI", "amount": "182.5", "gt_amount": "0.001"}


async def test_small_balances_become_conversions_and_are_read_back_to_the_start_of_the_span() -> None:
    rows = [dust(number, timedelta(minutes=5 * number)) for number in range(150)]
    served = {f"{DUST}?page=1": rows[:100], f"{DUST}?page=2": [rows[100:]], f"{DUST}?page=3": [dust(999, timedelta(0))]}
    async with venue("gate", served) as peer, opened("gateio", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        found = (await made.past(streams["small-balances"], AROUND_NOON)).records
        assert len(peer.asked("/api/v4/wallet/small_balance_history")) == 1
    assert len(found) == 2 * 73
    first = [flow for flow in found if isinstance(flow, CashFlow) and flow.txid == "dust:0:FLOKI"]
    assert {flow.asset: flow.amount for flow in first} == {"FLOKI": Decimal("-182.5"), "GT": Decimal("0.001")}


async def test_of_lent_coins_only_interest_that_is_lent_anew_counts_here() -> None:
    row = {"status": 1, "currency": "USDT", "interest": "0.05", "create_time": int(millis())}
    again = {**row, "interest_status": "interest_reinvest"}
    failed = {**again, "status": 0, "interest": "9"}
    [found] = await flows("lent", LENT, {**row, "interest_status": "interest_dividend"}, again, again, failed)
    assert (found.kind, found.amount) == (FlowKind.INCOME, Decimal("0.05"))


def traded(**fields: object) -> dict[str, object]:
    usual = {"id": "1", "create_time_ms": f"{millis()}.5", "currency_pair": "BTC_USDT", "side": "sell", "amount": "2"}
    return {**usual, "price": "3", "fee": "0", "fee_currency": "USDT", "gt_fee": "0", "point_fee": "0", **fields}


@pytest.mark.parametrize(
    ("fields", "fees"),
    [
        ({"fee": "0.1"}, (Fee("USDT", Decimal("0.1")),)),
        ({"gt_fee": "0.2"}, (Fee("GT", Decimal("0.2")),)),
        ({"point_fee": "7"}, ()),
        ({"fee": "7", "fee_currency": "POINT"}, ()),
        ({"fee": "-0.1"}, (Fee("USDT", Decimal("-0.1")),)),
    ],
)
async def test_a_fee_is_paid_in_the_coin_that_the_venue_names(fields: dict[str, str], fees: tuple[Fee, ...]) -> None:
    [found] = (await past("gate", {TRADES: [traded(**fields)]}, "spot-trades")).records
    assert isinstance(found, Trade)
    assert (found.side, found.amount, found.cost, found.fees) == (Side.SELL, Decimal(2), Decimal(6), fees)


async def test_the_size_of_a_contract_tells_the_side() -> None:
    row = {
        "trade_id": "4",
        "create_time": NOON.timestamp(),
        "contract": "ETH_USD",
        "size": -3,
        "price": "2",
        "fee": "0.1",
    }
    served = {"GET /api/v4/futures/btc/my_trades_timerange": [row]}
    [found] = (await past("gate", served, "futures-btc-trades")).records
    assert isinstance(found, ContractTrade)
    assert (found.id, found.side, found.size, found.settle) == ("futures-btc:4", Side.SELL, Decimal(3), "BTC")


async def test_delivery_trades_come_without_windows_and_are_cut_to_the_span() -> None:
    row = {"create_time": NOON.timestamp(), "contract": "BTC_USDT_20260327", "size": 3, "price": "2", "fee": "0"}
    old = {**row, "id": 2, "create_time": (NOON - timedelta(days=9)).timestamp()}
    served = {"GET /api/v4/delivery/usdt/my_trades": [{**row, "id": 1}, old]}
    assert [record.id for record in (await past("gate", served, "delivery-trades")).records] == ["delivery-usdt:1"]


async def test_an_account_that_was_never_opened_has_no_past() -> None:
    async with venue("gate", {}) as peer, opened("gateio", peer.url) as made:
        never = Reply.of({"label": "USER_NOT_FOUND", "message": "please transfer funds first"}, 400)
        peer.fail(faults.instead(never))
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        assert await made.past(streams["futures-btc-book"], AROUND_NOON) == Batch()


async def test_a_price_is_that_of_the_minute_and_further_back_of_the_hour() -> None:
    def candle(opening: str) -> list[Any]:
        return [[str(SECONDS), "1", "5", "9", "1", opening, "1", "true"]]

    minute = await price("gate", {f"{CANDLES}?interval=1m&currency_pair=BTC_USDT": candle("60000")}, "BTC")
    assert minute == Price(Decimal(60000), "USDT", NOON)
    async with venue("gate", {f"{CANDLES}?interval=1h": candle("61000")}) as peer:
        too_old = Reply.of({"label": "INVALID_PARAM_VALUE", "message": "Candlestick too long ago"}, 400)
        peer.fail(faults.instead(too_old), f"{CANDLES}?interval=1m")
        async with opened("gateio", peer.url) as made:
            assert isinstance(made, KeepsLedger)
            assert await made.price_at("BTC", NOON) == Price(Decimal(61000), "USDT", NOON)


async def test_a_market_that_the_venue_does_not_know_is_asked_for_once() -> None:
    async with venue("gate", {}) as peer, opened("gateio", peer.url) as made:
        unknown = Reply.of({"label": "INVALID_CURRENCY_PAIR", "message": "no such pair"}, 400)
        peer.fail(faults.instead(unknown), CANDLES)
        assert isinstance(made, KeepsLedger)
        assert await made.price_at("ABC", NOON) is None
        asked = [seen.fields["currency_pair"] for seen in peer.asked("/api/v4/spot/candlesticks")]
    assert asked == ["ABC_USDT", "ABC_USDC", "ABC_BTC", "ABC_ETH"]


async def test_what_is_refused_of_long_ago_is_forgotten_and_what_is_refused_of_late_is_not_read() -> None:
    long_ago = Span(NOON - timedelta(days=900), NOON - timedelta(days=880))
    async with venue("gate", {}) as peer, opened("gateio", peer.url) as made:
        peer.fail(faults.instead(Reply.of({"label": "INVALID_PARAM_VALUE", "message": "too long ago"}, 400)), DEPOSITS)
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        assert await made.past(streams["deposits"], long_ago) == Batch()
        with pytest.raises(SourceError):
            await made.past(streams["deposits"], AROUND_NOON)
        peer.fail(faults.status(500), DEPOSITS)
        async with in_a_hurry():
            with pytest.raises(SourceError):
                await made.past(streams["deposits"], long_ago)
