"""Bybit's past: which state counts, which sign a fee has, what a row of the log was, what is told only once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.platforms.base import AccountConfig, Secret
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.ccxt_venue import CcxtSource
from portfolio_bot.platforms.ledger import Batch, Hints, KeepsLedger
from portfolio_bot.platforms.venues.bybit import VENUE
from portfolio_bot.platforms.venues.bybit_fills import pair_of
from tests.platforms.contract.peers import CANARY, KeptMemory, opened, surroundings
from tests.platforms.venues.reading import AROUND_NOON, NOON, millis, past, price, venue

pytestmark = pytest.mark.usefixtures("unthrottled")

DEPOSITS = "GET /v5/asset/deposit/query-record"
INTERNAL = "GET /v5/asset/deposit/query-internal-record"
WITHDRAWALS = "GET /v5/asset/withdraw/query-record"
LOG = "GET /v5/account/transaction-log"
WALLET = "GET /v5/asset/fundinghistory"
KLINE = "GET /v5/market/kline"


def ok(result: object) -> dict[str, object]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1}


def listed(*rows: object, name: str = "list") -> dict[str, object]:
    return ok({name: list(rows), "nextPageCursor": ""})


def deposit(**fields: object) -> dict[str, object]:
    usual = {"coin": "usdt", "chain": "TRX", "amount": "10", "txID": "hash", "txIndex": "0", "status": 3, "id": "7"}
    return {**usual, "successAt": millis(), **fields}


def withdrawal(**fields: object) -> dict[str, object]:
    usual = {"coin": "USDT", "chain": "TRX", "amount": "10", "txID": "", "withdrawFee": "1", "withdrawId": "9"}
    return {**usual, "status": "success", "createTime": millis(), "withdrawType": 0, **fields}


async def flows(stream: str, endpoint: str, *rows: object, name: str = "list") -> list[CashFlow]:
    batch = await past("bybit", {endpoint: listed(*rows, name=name)}, stream)
    assert all(isinstance(record, CashFlow) for record in batch.records)
    return list(batch.records)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "counts", "void"),
    [(1, 0, 0), (2, 0, 0), (3, 1, 0), (10011, 0, 0), (10012, 1, 0), (4, 0, 1), (70011, 0, 1)],
)
async def test_a_deposit_counts_when_it_is_credited_and_not_when_it_was_taken_back(
    state: int, counts: int, void: int
) -> None:
    batch = await past("bybit", {DEPOSITS: listed(deposit(status=state), name="rows")}, "deposits")
    assert (len(batch.records), len(batch.void)) == (counts, void)


async def test_a_deposit_without_an_id_is_known_by_its_transaction() -> None:
    [found] = await flows("deposits", DEPOSITS, deposit(id=""), name="rows")
    assert (found.id, found.asset, found.txid) == ("deposit:hash:0", "USDT", "hash")


@pytest.mark.parametrize(
    ("state", "settled"),
    [("success", True), ("BlockchainConfirmed", True), ("Pending", False), ("SecurityCheck", False)],
)
async def test_a_withdrawal_is_under_way_until_the_venue_says_it_left(state: str, settled: bool) -> None:
    [found] = await flows("withdrawals", WITHDRAWALS, withdrawal(status=state), name="rows")
    assert (found.amount, found.fee, found.settled) == (Decimal(-10), Fee("USDT", Decimal(1)), settled)


@pytest.mark.parametrize("state", ["CancelByUser", "Reject", "Fail"])
async def test_a_withdrawal_that_came_back_never_happened(state: str) -> None:
    batch = await past("bybit", {WITHDRAWALS: listed(withdrawal(status=state), name="rows")}, "withdrawals")
    assert (batch.records, batch.void) == ((), ("withdrawal:9",))


async def test_the_key_of_a_sub_account_is_not_asked_for_what_only_a_master_may_read() -> None:
    for master, there in ((True, True), (False, False)):
        key = ok({"isMaster": master, "userID": 5, "readOnly": 1, "permissions": {}})
        async with venue("bybit", {"GET /v5/user/query-api": key}) as peer, opened("bybit", peer.url) as made:
            assert isinstance(made, KeepsLedger)
            names = {stream.name for stream in await made.streams(Hints())}
        assert {"withdrawals", "sub_transfers"} <= names or not there
        assert "withdrawals" not in names or there


def moved_between(sender: str, receiver: str) -> dict[str, object]:
    return {
        "transferId": "t", "coin": "BTC", "amount": "3", "fromMemberId": sender, "toMemberId": receiver,
        "fromAccountType": "UNIFIED", "toAccountType": "UNIFIED", "timestamp": millis(), "status": "SUCCESS",
    }  # fmt: skip


UNIVERSAL = "GET /v5/asset/transfer/query-universal-transfer-list"
SUB = "1234567"


def about_key(*, main: bool) -> dict[str, object]:
    uid, parent = ("5", "0") if main else (SUB, "5")
    wallet = ["SubMemberTransfer" if main else "SubMemberTransferList"]
    return ok({"isMaster": main, "userID": uid, "parentUid": parent, "readOnly": 1, "permissions": {"Wallet": wallet}})


async def sub_transfers(row: object, *, main: bool) -> Batch:
    served = {"GET /v5/user/query-api": about_key(main=main), UNIVERSAL: listed(row)}
    return await past("bybit", served, "sub_transfers")


@pytest.mark.parametrize(
    ("sender", "receiver", "wallets"),
    [("5", SUB, "main → sub-account …4567"), (SUB, "5", "sub-account …4567 → main")],
)
async def test_a_transfer_with_a_sub_account_that_only_this_key_sees_has_two_sides(
    sender: str, receiver: str, wallets: str
) -> None:
    batch = await sub_transfers(moved_between(sender, receiver), main=True)
    found = [flow for flow in batch.records if isinstance(flow, CashFlow)]
    assert sorted(flow.amount for flow in found) == [-3, 3]
    assert {(flow.kind, flow.txid, flow.wallets) for flow in found} == {(FlowKind.TRANSFER, "t", wallets)}
    assert batch.void == ("t",)


async def test_from_one_sub_account_to_another_nothing_moves_here() -> None:
    assert (await sub_transfers(moved_between("8", "9"), main=True)).records == ()


@pytest.mark.parametrize(
    ("sender", "receiver", "amount", "wallets"),
    [("5", SUB, "3", "main → sub-account"), (SUB, "5", "-3", "sub-account → main")],
)
async def test_a_sub_accounts_own_key_tells_its_own_side(sender: str, receiver: str, amount: str, wallets: str) -> None:
    batch = await sub_transfers(moved_between(sender, receiver), main=False)
    [found] = batch.records
    assert isinstance(found, CashFlow)
    assert (found.id, str(found.amount), found.txid, found.wallets) == ("t", amount, "t", wallets)


async def test_two_credentials_tell_one_side_each() -> None:
    """The main account's key and that of the sub-account, in one process."""
    secrets = {name: Secret(CANARY) for name in SOURCES["bybit"].secrets}
    found: dict[str, list[CashFlow]] = {}
    async with (
        venue(
            "bybit", {"GET /v5/user/query-api": about_key(main=True), UNIVERSAL: listed(moved_between("5", SUB))}
        ) as one,
        venue(
            "bybit", {"GET /v5/user/query-api": about_key(main=False), UNIVERSAL: listed(moved_between("5", SUB))}
        ) as two,
        surroundings() as around,
    ):
        sources = [
            CcxtSource(VENUE, AccountConfig(f"bybit-{name}", "bybit", "", secrets, peer.url), around, KeptMemory(), {})
            for name, peer in (("sub", two), ("main", one))
        ]
        for source in sources:
            await source.read()
        for source in sources:
            streams = {stream.name: stream for stream in await source.streams(Hints())}
            batch = await source.past(streams["sub_transfers"], AROUND_NOON)
            found[source.account] = [flow for flow in batch.records if isinstance(flow, CashFlow)]
            if source.account == "bybit-main":
                assert batch.void == ("t:in", "t:out")
    assert {account: [str(flow.amount) for flow in flows] for account, flows in found.items()} == {
        "bybit-sub": ["3"],
        "bybit-main": ["-3"],
    }


async def test_a_move_between_own_wallets_has_two_sides_that_say_they_belong_together() -> None:
    row = {
        "transferId": "t", "coin": "BTC", "amount": "3", "fromAccountType": "FUND", "toAccountType": "UNIFIED",
        "timestamp": millis(), "status": "SUCCESS",
    }  # fmt: skip
    found = await flows("own_transfers", "GET /v5/asset/transfer/query-inter-transfer-list", row)
    assert sorted(flow.amount for flow in found) == [-3, 3]
    assert {(flow.txid, flow.wallets) for flow in found} == {("t", "funding → unified")}


def logged(kind: str, **fields: object) -> dict[str, object]:
    usual = {"id": "log", "currency": "USDT", "funding": "", "cashFlow": "0", "fee": "0", "change": "-2", "tradeId": ""}
    return {**usual, "category": "linear", "symbol": "BTCUSDT", "type": kind, "transactionTime": millis(), **fields}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (logged("SETTLEMENT", funding="-2"), [("funding", "-2")]),
        (logged("SETTLEMENT", funding="1", cashFlow="4", change="5"), [("funding", "1"), ("futures_pnl", "4")]),
        (logged("TRADE", cashFlow="7", fee="1", change="6"), [("futures_pnl", "7")]),
        (logged("TRADE", category="option", cashFlow="-30", fee="1", change="-31"), [("futures_pnl", "-30")]),
        (logged("TRADE", category="spot", cashFlow="-7", change="-7"), []),
        (logged("LIQUIDATION", cashFlow="-9", fee="1", change="-10"), [("futures_pnl", "-9")]),
        (logged("ADL", cashFlow="9"), [("futures_pnl", "9")]),
        (logged("DELIVERY", category="option", cashFlow="12"), [("futures_pnl", "12")]),
        (logged("INTEREST"), [("fee", "-2")]),
        (logged("AIRDROP", change="2"), [("income", "2")]),
        (logged("BONUS_RECOLLECT"), [("fee", "-2")]),
        (logged("FEE_REFUND", change="0.5"), [("income", "0.5")]),
        (logged("TRANSFER_IN", change="2"), []),
        (logged("BORROW", change="2"), []),
        (logged("ONCHAINEARN_SUBSCRIPTION"), []),
        (logged("CURRENCY_SELL"), [("conversion", "-2")]),
        (logged("AUTO_DEDUCTION"), [("unclassified", "-2")]),
        (logged("SOMETHING_NEW"), [("unclassified", "-2")]),
        (logged("SOMETHING_NEW", change="0"), []),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else None,
)
async def test_a_row_of_the_log_is_what_it_says(row: dict[str, object], expected: list[tuple[str, str]]) -> None:
    found = await flows("log", LOG, row)
    assert [(str(flow.kind), str(flow.amount)) for flow in found] == expected
    assert all(flow.fee is None for flow in found)


async def test_without_the_right_to_its_list_a_conversion_is_told_by_the_log() -> None:
    denied = {"retCode": 10005, "retMsg": "Permission denied", "result": {}, "time": 1}
    served = {
        LOG: listed(logged("CURRENCY_SELL", currency="BTC", change="-0.1")),
        "GET /v5/asset/exchange/query-convert-history": denied,
    }
    [found] = (await past("bybit", served, "log")).records
    assert isinstance(found, CashFlow)
    assert found.kind is FlowKind.CONVERSION


@pytest.mark.parametrize(
    ("group", "names", "streams"),
    [
        ("Exchange", ["ExchangeHistory"], {"conversions", "small_balances"}),
        ("Earn", ["Earn"], {"savings", "onchain_earn"}),
        ("Wallet", ["SubMemberTransfer"], {"sub_transfers"}),
    ],
)
async def test_a_key_is_not_asked_for_what_it_may_not_see(group: str, names: list[str], streams: set[str]) -> None:
    for granted in (names, [], ["AccountTransfer"] if group == "Wallet" else []):
        key = ok({"isMaster": True, "userID": 5, "readOnly": 1, "permissions": {group: granted}})
        async with venue("bybit", {"GET /v5/user/query-api": key}) as peer, opened("bybit", peer.url) as made:
            assert isinstance(made, KeepsLedger)
            offered = {stream.name for stream in await made.streams(Hints())}
        assert offered & streams == (streams if granted == names else set())


@pytest.mark.parametrize(
    "told",
    [
        ok({}),
        ok({"permissions": None}),
        {"retCode": 10005, "retMsg": "Permission denied", "result": {}, "time": 1},
        {"retCode": 99999, "retMsg": "?", "result": {}, "time": 1},
    ],
)
async def test_a_key_of_which_nothing_is_told_is_asked_for_every_list(told: dict[str, object]) -> None:
    async with venue("bybit", {"GET /v5/user/query-api": told}) as peer, opened("bybit", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        offered = {stream.name for stream in await made.streams(Hints())}
    assert {"deposits", "withdrawals", "conversions", "savings", "sub_transfers"} <= offered


async def test_rows_of_the_log_that_print_one_id_are_told_apart() -> None:
    rows = [
        logged("SETTLEMENT", funding="-2", tradeId="t1"),
        logged("SETTLEMENT", funding="-2", tradeId="t2"),
        logged("INTEREST"),
        logged("INTEREST", transactionTime=millis(NOON + timedelta(hours=1))),
        logged("INTEREST", currency="BTC"),
        logged("INTEREST"),
    ]
    assert len({flow.id for flow in await flows("log", LOG, *rows)}) == 5


async def test_a_conversion_that_has_its_own_record_is_not_told_by_the_log_again() -> None:
    record = {
        "exchangeTxId": "x", "fromCoin": "BTC", "fromAmount": "0.1", "toCoin": "USDT", "toAmount": "5000",
        "exchangeStatus": "success", "createdAt": millis(NOON + timedelta(seconds=2)),
    }  # fmt: skip
    rows = [
        logged("CURRENCY_SELL", id="a", currency="BTC", change="-0.1"),
        logged("CURRENCY_BUY", id="b", change="5000"),
        logged("CURRENCY_BUY", id="c", change="5000.1"),
    ]
    served = {LOG: listed(*rows), "GET /v5/asset/exchange/query-convert-history": listed(record)}
    [left] = (await past("bybit", served, "log")).records
    assert left.id.startswith("c:")
    both = (await past("bybit", served, "conversions")).records
    assert {record.id for record in both} == {"x:from", "x:to"}


async def test_small_balances_become_one_coin_with_the_fee_taken_off() -> None:
    part = {"status": "success", "toCoin": "USDC", "toAmount": "1", "feeCoin": "USDC", "feeAmount": "0.1"}
    record = {
        "exchangeTxId": "d", "toCoin": "USDC", "toAmount": "2", "status": "success", "createdAt": millis(),
        "subRecords": [{**part, "fromCoin": "SOL", "fromAmount": "3"}, {**part, "fromCoin": "XRP", "fromAmount": "4"}],
    }  # fmt: skip
    served = {"GET /v5/asset/covert/small-balance-history?cursor=1": ok({"records": [record], "cursor": "1"})}
    found = (await past("bybit", served, "small_balances")).records
    assert {(flow.asset, str(flow.amount)) for flow in found if isinstance(flow, CashFlow)} == {
        ("SOL", "-3"), ("XRP", "-4"), ("USDC", "2")
    }  # fmt: skip
    assert {flow.txid for flow in found if isinstance(flow, CashFlow)} == {"d"}


@pytest.mark.parametrize("name", ["list", "yield"])
async def test_interest_is_read_under_either_name_of_its_list(name: str) -> None:
    row = {"coin": "USDT", "id": "3", "amount": "0.06", "status": "Success", "createdAt": millis()}
    pending = {**row, "id": "4", "status": "Pending"}
    served = {"GET /v5/earn/yield?category=FlexibleSaving": listed(row, pending, name=name)}
    [found] = (await past("bybit", served, "savings")).records
    assert isinstance(found, CashFlow)
    assert (found.id, found.kind, str(found.amount)) == ("FlexibleSaving:3", FlowKind.INCOME, "0.06")


def booked(business: str, direction: str = "I", **fields: object) -> dict[str, object]:
    usual = {"currency": "USDT", "txnAmt": "5", "afterAmt": "105", "createTime": str(int(NOON.timestamp()))}
    return {**usual, "ioDirection": direction, "showBusiTypeEn": business, "descriptionEn": "", **fields}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (booked("Fiat", descriptionEn="P2P Purchase"), FlowKind.DEPOSIT),
        (booked("Fiat", "O", descriptionEn="P2P Sale"), FlowKind.WITHDRAWAL),
        (booked("Bybit Pay", "O"), FlowKind.WITHDRAWAL),
        (booked("Bybit Card", "O"), FlowKind.WITHDRAWAL),
        (booked("Airdrop"), FlowKind.INCOME),
        (booked("Launchpool", descriptionEn="Launchpool Reward"), FlowKind.INCOME),
        (booked("Launchpool", "O", descriptionEn="Launchpool Subscribe"), None),
        (booked("Deposit"), None),
        (booked("Withdraw", "O"), None),
        (booked("Earn", descriptionEn="Flexible Interest Distribution"), None),
        (booked("Transfer", "O"), None),
        (booked("Moon Dust"), FlowKind.UNCLASSIFIED),
    ],
    ids=lambda value: value["showBusiTypeEn"] if isinstance(value, dict) else None,
)
async def test_of_the_funding_wallet_only_that_counts_which_nothing_else_tells(
    row: dict[str, object], kind: FlowKind | None
) -> None:
    found = await flows("funding_wallet", WALLET, row)
    assert [flow.kind for flow in found] == ([] if kind is None else [kind])
    assert all(flow.at == NOON and abs(flow.amount) == 5 for flow in found)


async def test_equal_rows_of_the_funding_wallet_are_told_apart_by_the_balance_after_them() -> None:
    found = await flows("funding_wallet", WALLET, booked("Fiat"), booked("Fiat"), booked("Fiat", afterAmt="110"))
    assert len({flow.id for flow in found}) == 2


def execution(**fields: object) -> dict[str, object]:
    usual = {"symbol": "BTCUSDT", "side": "Buy", "execFee": "0.001", "execId": "e", "execPrice": "50000"}
    more = {"execQty": "0.5", "execType": "Trade", "execValue": "25000", "execTime": millis(), "feeCurrency": ""}
    return {**usual, **more, **fields}


async def traded(category: str, **fields: object) -> Trade | ContractTrade | None:
    served = {f"GET /v5/execution/list?category={category}": listed(execution(**fields))}
    found: Any = (await past("bybit", served, f"trades_{category}")).records
    return found[0] if found else None


@pytest.mark.parametrize(
    ("fields", "fee"),
    [
        ({"side": "Buy"}, Fee("BTC", Decimal("0.001"))),
        ({"side": "Sell"}, Fee("USDT", Decimal("0.001"))),
        ({"side": "Buy", "feeCurrency": "USDT", "execFee": "-0.2"}, Fee("USDT", Decimal("-0.2"))),
    ],
)
async def test_a_spot_fee_is_in_what_was_received_unless_the_venue_names_a_coin(
    fields: dict[str, object], fee: Fee
) -> None:
    found = await traded("spot", **fields)
    assert isinstance(found, Trade)
    assert (found.base, found.quote, found.cost, found.fees) == ("BTC", "USDT", Decimal(25000), (fee,))


async def test_a_tax_beside_the_fee_is_a_fee() -> None:
    found = await traded("spot", extraFees=[{"feeCoin": "INR", "fee": "3"}])
    assert isinstance(found, Trade)
    assert found.fees == (Fee("BTC", Decimal("0.001")), Fee("INR", Decimal(3)))


@pytest.mark.parametrize("kind", ["Funding", "SessionSettlePnL"])
async def test_a_funding_payment_among_the_executions_is_no_trade(kind: str) -> None:
    assert await traded("linear", execType=kind) is None


@pytest.mark.parametrize(
    ("kind", "word"),
    [("AdlTrade", "adl"), ("BustTrade", "liquidation"), ("Delivery", "delivery"), ("Brand_New", "Brand_New")],
)
async def test_what_was_no_order_of_the_owner_says_so(kind: str, word: str) -> None:
    found = await traded("linear", execType=kind, side="Sell")
    assert isinstance(found, ContractTrade)
    assert (found.side, found.detail, found.settle) == (Side.SELL, word, "USDT")


async def test_a_settlement_without_a_side_is_left_to_the_log() -> None:
    assert await traded("inverse", execType="Settle", side="") is None
    with pytest.raises(SourceError):
        await traded("inverse", side="")


@pytest.mark.parametrize(
    ("category", "symbol", "settle"),
    [
        ("linear", "ETHUSDT", "USDT"),
        ("linear", "BTCUSDT-21FEB25", "USDT"),
        ("linear", "ETHPERP", "USDC"),
        ("linear", "BTC-24MAR23", "USDC"),
        ("inverse", "BTCUSD", "BTC"),
        ("inverse", "ETHUSDH23", "ETH"),
        ("option", "BTC-13FEB25-89000-P-USDT", "USDT"),
        ("option", "ETH-28FEB25-2800-C", "USDC"),
    ],
)
async def test_a_contract_is_settled_in_the_coin_of_its_kind(category: str, symbol: str, settle: str) -> None:
    found = await traded(category, symbol=symbol)
    assert isinstance(found, ContractTrade)
    assert (found.contract, found.settle, found.size) == (symbol, settle, Decimal("0.5"))


@pytest.mark.parametrize(
    ("symbol", "pair"),
    [
        ("BTCUSDT", ("BTC", "USDT")),
        ("USDCUSDT", ("USDC", "USDT")),
        ("USDTBRL", ("USDT", "BRL")),
        ("METHETH", ("METH", "ETH")),
        ("SOLBTC", ("SOL", "BTC")),
        ("BTCUSDE", ("BTC", "USDE")),
    ],
)
def test_a_spot_symbol_is_taken_apart(symbol: str, pair: tuple[str, str]) -> None:
    assert pair_of(symbol) == pair


def test_a_market_that_is_quoted_in_nothing_known_is_never_guessed() -> None:
    with pytest.raises(SourceError, match="BTCXYZ"):
        pair_of("BTCXYZ")


def candle(began: object, opened: str, closed: str) -> list[str]:
    return [str(began), opened, "9", "1", closed, "1", "1"]


async def test_a_price_is_that_of_the_minute() -> None:
    minute = listed(candle(millis(), "100", "200"))
    served = {f"{KLINE}?symbol=SOLUSDT&interval=1": minute}
    found = await price("bybit", served, "SOL", NOON + timedelta(seconds=50))
    assert found is not None
    assert (found.amount, found.quote) == (Decimal(200), "USDT")
    early = await price("bybit", served, "SOL", NOON + timedelta(seconds=5))
    assert early is not None
    assert early.amount == 100


async def test_an_hour_or_a_day_stands_in_for_a_minute_that_is_not_kept() -> None:
    stale = listed(candle(millis(NOON - timedelta(hours=3)), "1", "1"))
    served = {
        f"{KLINE}?symbol=SOLUSDT&interval=1": stale,
        f"{KLINE}?symbol=SOLUSDT&interval=D": listed(candle(millis(NOON - timedelta(hours=12)), "100", "200")),
    }
    found = await price("bybit", served, "SOL")
    assert found is not None
    assert found.amount == 200


async def test_a_coin_without_a_market_has_no_price() -> None:
    unknown = {"retCode": 10001, "retMsg": "Not supported symbols", "result": {}, "time": 1}
    assert await price("bybit", {KLINE: unknown}, "NOPE") is None
    assert await price("bybit", {}, "NOPE") is None


@pytest.mark.parametrize("amount", ["-5", "NaN", "1e400000", "", None])
async def test_a_deposit_that_cannot_be_is_a_bad_answer(amount: object) -> None:
    with pytest.raises(SourceError) as caught:
        await past("bybit", {DEPOSITS: listed(deposit(amount=amount), name="rows")}, "deposits")
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER


@pytest.mark.parametrize("cursor", ["next page", "a&startTime=0", "x#", "a\r\nHost: elsewhere", 5, "x" * 1001])
async def test_a_cursor_that_would_change_the_question_is_refused(cursor: object) -> None:
    answered = ok({"rows": [deposit()], "nextPageCursor": cursor})
    with pytest.raises(SourceError, match="nextPageCursor"):
        await past("bybit", {DEPOSITS: answered}, "deposits")


@pytest.mark.parametrize(
    ("stream", "endpoint", "name", "row", "field"),
    [
        ("withdrawals", WITHDRAWALS, "rows", withdrawal(), "withdrawFee"),
        ("log", LOG, "list", logged("SETTLEMENT"), "funding"),
        ("log", LOG, "list", logged("TRADE"), "cashFlow"),
        ("trades_spot", "GET /v5/execution/list?category=spot", "list", execution(), "execFee"),
    ],
)
async def test_what_is_not_said_is_not_taken_for_zero(
    stream: str, endpoint: str, name: str, row: dict[str, object], field: str
) -> None:
    silent = {told: value for told, value in row.items() if told != field}
    with pytest.raises(SourceError, match=f"{field} is not there"):
        await past("bybit", {endpoint: listed(silent, name=name)}, stream)
