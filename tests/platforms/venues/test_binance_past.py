"""Binance's flows: which state counts, what stands in two lists at once, what has two sides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.platforms.ledger import Batch, CutShort, Hints, KeepsLedger, Span
from tests.peers import faults
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, changes, millis, past, venue

pytestmark = pytest.mark.usefixtures("unthrottled")

DEPOSITS = "GET /sapi/v1/capital/deposit/hisrec"
WITHDRAWALS = "GET /sapi/v1/capital/withdraw/history"
SPOT_ASSETS = "POST /sapi/v3/asset/getUserAsset"
FUNDING_ASSETS = "POST /sapi/v1/asset/get-funding-asset"
BANK_IN = "GET /sapi/v1/fiat/orders?transactionType=0"
BANK_OUT = "GET /sapi/v1/fiat/orders?transactionType=1"
BUYS = "GET /sapi/v1/fiat/payments?transactionType=0"
SALES = "GET /sapi/v1/fiat/payments?transactionType=1"
PAY = "GET /sapi/v1/pay/transactions"
P2P = "GET /sapi/v1/c2c/orderMatch/listUserOrderHistory"
CONVERT = "GET /sapi/v1/convert/tradeFlow"
DUST = "GET /sapi/v1/asset/dribblet?accountType=SPOT"
DIVIDENDS = "GET /sapi/v1/asset/assetDividend"
FLEXIBLE = "GET /sapi/v1/simple-earn/flexible/history/rewardsRecord?type=ALL"
LOCKED = "GET /sapi/v1/simple-earn/locked/history/rewardsRecord"
MARGIN_INTEREST = "GET /sapi/v1/margin/interestHistory"


def fiat(*rows: object) -> dict[str, object]:
    return {"code": "000000", "data": list(rows), "total": len(rows), "success": True}


def listed(*rows: object) -> dict[str, object]:
    return {"rows": list(rows), "total": len(rows)}


def deposit(**fields: object) -> dict[str, object]:
    usual = {"id": "769800519366885376", "amount": "2", "coin": "usdt", "status": 1, "txId": "hash", "transferType": 0}
    return {**usual, "insertTime": int(millis()), **fields}


def withdrawal(**fields: object) -> dict[str, object]:
    usual = {"id": "b6ae22", "amount": "8", "transactionFee": "1", "coin": "USDT", "status": 6, "txId": "hash"}
    return {**usual, "applyTime": "2026-03-01 12:00:00", "walletType": 0, **fields}


@pytest.mark.parametrize(
    ("status", "counts", "void"), [(0, 0, 0), (1, 1, 0), (6, 1, 0), (7, 0, 1), (8, 0, 0), (2, 0, 1)]
)
async def test_a_deposit_counts_when_it_is_credited(status: int, counts: int, void: int) -> None:
    batch = await past("binance", {DEPOSITS: [deposit(status=status)]}, "deposits")
    assert changes(batch) == [("deposit", "USDT", 2)] * counts
    assert len(batch.void) == void


async def test_a_deposit_stands_at_the_moment_that_it_was_credited() -> None:
    batch = await past("binance", {DEPOSITS: [deposit(completeTime=int(millis()) + 60_000)]}, "deposits")
    assert batch.records[0].at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("status", [1, 3, 5])
async def test_a_withdrawal_that_failed_never_happened(status: int) -> None:
    batch = await past("binance", {WITHDRAWALS: [withdrawal(status=status)]}, "withdrawals")
    assert (batch.records, batch.void) == ((), ("b6ae22",))


@pytest.mark.parametrize(("wallet", "assets"), [(0, SPOT_ASSETS), (1, FUNDING_ASSETS)])
@pytest.mark.parametrize(("shown", "under_way"), [("8", 0), ("9", 0), ("7.9", 1), ("0", 1)])
async def test_a_pending_withdrawal_is_under_way_once_its_wallet_no_longer_holds_it(
    wallet: int, assets: str, shown: str, under_way: int
) -> None:
    holds = [{"asset": "USDT", "free": "0", "locked": "0", "freeze": "0", "withdrawing": shown}]
    served = {WITHDRAWALS: [withdrawal(status=4, walletType=wallet)], assets: holds}
    batch = await past("binance", served, "withdrawals")
    assert [(row.amount, row.settled) for row in batch.records] == [(-8, False)] * under_way  # type: ignore[union-attr]
    assert batch.void == ()


async def test_one_column_covers_one_pending_withdrawal_and_not_two() -> None:
    pending = [withdrawal(id=name, status=4, applyTime=f"2026-03-01 12:00:0{name}") for name in ("1", "2")]
    holds = [{"asset": "USDT", "free": "0", "locked": "0", "freeze": "0", "withdrawing": "9"}]
    batch = await past("binance", {WITHDRAWALS: pending, SPOT_ASSETS: holds}, "withdrawals")
    assert [row.id for row in batch.records] == ["2"]


async def test_a_bank_transfer_counts_what_was_credited_and_what_was_debited() -> None:
    row = {"orderNo": "in", "fiatCurrency": "EUR", "indicatedAmount": "100", "amount": "99", "totalFee": "1"}
    both = {"status": "Successful", "createTime": int(millis()), "method": "BankAccount"}
    served = {BANK_IN: fiat({**row, **both}), BANK_OUT: fiat({**row, **both, "orderNo": "out"})}
    batch = await past("binance", served, "fiat orders")
    assert changes(batch) == [("deposit", "EUR", 99), ("withdrawal", "EUR", -100)]


@pytest.mark.parametrize(("status", "void"), [("Processing", 0), ("Expired", 1), ("Refunded", 1), ("Failed", 1)])
async def test_a_bank_transfer_that_did_not_happen_is_none(status: str, void: int) -> None:
    row = {"orderNo": "in", "fiatCurrency": "EUR", "indicatedAmount": "9", "amount": "9", "totalFee": "0"}
    batch = await past("binance", {BANK_IN: fiat({**row, "status": status, "createTime": 1})}, "fiat orders")
    assert (batch.records, len(batch.void)) == ((), void)


async def test_a_span_that_is_too_long_for_bank_transfers_is_halved() -> None:
    long = Span(NOON - timedelta(days=1000), NOON)
    async with venue("binance", {}) as peer, opened("binance", peer.url) as made:
        peer.fail(faults.status(400, {"code": -1127, "msg": "Too long."}), BANK_IN)
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        with pytest.raises(CutShort):
            await made.past(streams["fiat orders"], long)
        with pytest.raises(SourceError):
            await made.past(streams["fiat orders"], AROUND_NOON)


def payment(**fields: object) -> dict[str, object]:
    usual = {"orderNo": "order", "sourceAmount": "20", "fiatCurrency": "EUR", "obtainAmount": "4.4", "totalFee": "0.2"}
    more = {"cryptoCurrency": "LUNA", "price": "4.5", "status": "Completed", "createTime": int(millis())}
    return {**usual, **more, "paymentMethod": "Credit Card", **fields}


async def test_a_purchase_by_card_is_a_deposit_of_what_was_paid_and_its_conversion() -> None:
    batch = await past("binance", {BUYS: fiat(payment())}, "fiat payments")
    bought = Decimal("4.4")
    assert changes(batch) == [("conversion", "EUR", -20), ("conversion", "LUNA", bought), ("deposit", "EUR", 20)]
    assert {record.txid for record in batch.records} == {"order"}  # type: ignore[union-attr]


async def test_a_purchase_from_the_accounts_own_money_brings_no_money_in() -> None:
    batch = await past("binance", {BUYS: fiat(payment(paymentMethod="Cash Balance"))}, "fiat payments")
    assert [kind for kind, _, _ in changes(batch)] == ["conversion", "conversion"]


@pytest.mark.parametrize(("source", "obtain"), [("20", "4.4"), ("4.4", "20")])
async def test_a_sale_is_told_by_its_price_whichever_way_its_amounts_are_printed(source: str, obtain: str) -> None:
    row = payment(sourceAmount=source, obtainAmount=obtain, totalFee="0")
    batch = await past("binance", {SALES: fiat(row)}, "fiat payments")
    assert changes(batch) == [("conversion", "EUR", 20), ("conversion", "LUNA", Decimal("-4.4"))]


async def test_a_purchase_that_was_refunded_takes_back_all_that_it_was_recorded_as() -> None:
    made = await past("binance", {BUYS: fiat(payment())}, "fiat payments")
    refunded = await past("binance", {BUYS: fiat(payment(status="Refunded"))}, "fiat payments")
    assert {record.id for record in made.records} <= set(refunded.void)
    assert refunded.records == ()


async def test_a_payment_takes_the_coins_that_it_names_and_a_gift_brings_one() -> None:
    spent: dict[str, object] = {"amount": "-5", "currency": "USDT", "transactionId": "M_1", "orderType": "PAY"}
    parts = [{"currency": "USDT", "amount": "2"}, {"currency": "BNB", "amount": "0.01"}]
    got: dict[str, object] = {"amount": "7", "currency": "USDT", "transactionId": "M_2", "orderType": "C2C"}
    rows: list[dict[str, object]] = [{**spent, "fundsDetail": parts}, got]
    served = fiat(*({**row, "transactionTime": int(millis())} for row in rows))
    batch = await past("binance", {PAY: served}, "pay")
    assert changes(batch) == [
        ("deposit", "USDT", 7), ("withdrawal", "BNB", Decimal("-0.01")), ("withdrawal", "USDT", -2),
    ]  # fmt: skip


async def test_a_full_answer_that_cannot_be_paged_is_asked_for_in_shorter_spans() -> None:
    row = {"amount": "1", "currency": "USDT", "transactionTime": int(millis())}
    rows = [{**row, "transactionId": f"M_{number}"} for number in range(100)]
    with pytest.raises(CutShort):
        await past("binance", {PAY: fiat(*rows)}, "pay")


async def test_p2p_is_a_flow_of_the_coin_alone_and_is_not_asked_for_before_there_was_any() -> None:
    row = {"orderNumber": "1", "tradeType": "BUY", "asset": "USDT", "fiat": "RUB", "amount": "100", "commission": "1"}
    more = {"orderStatus": "COMPLETED", "createTime": int(millis())}
    sold = {**row, **more, "orderNumber": "2", "tradeType": "SELL"}
    undone = {**row, **more, "orderNumber": "3", "orderStatus": "CANCELLED"}
    batch = await past("binance", {P2P: fiat({**row, **more}, sold, undone)}, "p2p")
    assert changes(batch) == [("deposit", "USDT", 99), ("withdrawal", "USDT", -101)]
    early = Span(datetime(2018, 1, 1, tzinfo=UTC), datetime(2018, 1, 31, tzinfo=UTC))
    assert await past("binance", {P2P: fiat({**row, **more})}, "p2p", span=early) == Batch()


async def test_more_conversions_than_were_shown_are_asked_for_in_shorter_spans() -> None:
    with pytest.raises(CutShort):
        await past("binance", {CONVERT: {"list": [], "moreData": True}}, "convert")


async def test_dust_gives_each_coin_and_brings_one_with_its_charge_beside() -> None:
    detail = {"transId": 4359321, "serviceChargeAmount": "0.000009", "amount": "0.9", "transferedAmount": "0.000441"}
    details = [{**detail, "fromAsset": coin, "operateTime": int(millis())} for coin in ("USDT", "ETH")]
    group = {"transId": 45178372831, "operateTime": int(millis()), "userAssetDribbletDetails": details}
    batch = await past("binance", {DUST: {"total": 1, "userAssetDribblets": [group]}}, "dust")
    bnb = Decimal("0.000441")
    gone = Decimal("-0.9")
    assert changes(batch) == [("conversion", "BNB", bnb)] * 2 + [("conversion", coin, gone) for coin in ("ETH", "USDT")]
    assert len({record.txid for record in batch.records}) == 2  # type: ignore[union-attr]


def dividend(number: int, amount: str, **fields: object) -> dict[str, object]:
    return {"id": number, "amount": amount, "asset": "USDT", "divTime": int(millis()), "enInfo": "Flexible", **fields}


def reward(amount: str, at: datetime = NOON) -> dict[str, object]:
    return {"asset": "USDT", "rewards": amount, "projectId": "USDT001", "type": "REALTIME", "time": int(millis(at))}


async def test_a_payment_in_both_lists_is_income_once() -> None:
    rewards = [reward("0.5", NOON - timedelta(hours=1)), reward("0.7")]
    locked = [{"asset": "AXS", "amount": "3", "positionId": 1, "time": int(millis())}]
    served = {DIVIDENDS: listed(dividend(1, "0.5")), FLEXIBLE: listed(*rewards), LOCKED: listed(*locked)}
    batch = await past("binance", served, "income")
    assert changes(batch) == [
        ("income", "AXS", 3),
        ("income", "USDT", Decimal("0.5")),
        ("income", "USDT", Decimal("0.7")),
    ]


async def test_two_equal_rewards_beside_one_distribution_are_two_payments() -> None:
    twice = [reward("0.5"), reward("0.5", NOON - timedelta(hours=2))]
    batch = await past("binance", {DIVIDENDS: listed(dividend(1, "0.5")), FLEXIBLE: listed(*twice)}, "income")
    assert [amount for _, _, amount in changes(batch)] == [Decimal("0.5")] * 2


async def test_a_payment_at_the_edge_of_a_span_is_not_taken_for_two() -> None:
    edge = AROUND_NOON.end
    served = {
        DIVIDENDS: listed(dividend(1, "0.5", divTime=int(millis(edge + timedelta(minutes=5))))),
        FLEXIBLE: listed(reward("0.5", edge - timedelta(minutes=5))),
    }
    assert len((await past("binance", served, "income")).records) == 1


@pytest.mark.parametrize(("amount", "direction"), [("-2", 1), ("2", -1)])
async def test_a_distribution_that_takes_something_back_is_a_fee(amount: str, direction: int) -> None:
    batch = await past("binance", {DIVIDENDS: listed(dividend(1, amount, direction=direction))}, "income")
    assert changes(batch) == [("fee", "USDT", -2)]


async def test_interest_is_read_of_cross_margin_and_of_each_isolated_pair() -> None:
    sides = {"baseAsset": {"asset": "BNB", "netAsset": "0"}, "quoteAsset": {"asset": "USDT", "netAsset": "0"}}
    row = {"interestAccuredTime": int(millis()), "asset": "USDT", "interest": "0.5", "type": "PERIODIC"}
    served = {
        "GET /sapi/v1/margin/isolated/account": {"assets": [sides]},
        MARGIN_INTEREST: listed({**row, "txId": 1}),
        f"{MARGIN_INTEREST}?isolatedSymbol=BNBUSDT": listed({**row, "txId": 2, "isolatedSymbol": "BNBUSDT"}),
    }
    batch = await past("binance", served, "margin interest")
    assert changes(batch) == [("fee", "USDT", Decimal("-0.5"))] * 2


async def test_a_move_between_wallets_has_two_sides_that_belong_together() -> None:
    row = {"asset": "USDT", "amount": "5", "type": "UMFUTURE_MAIN", "tranId": 7, "timestamp": int(millis())}
    rows = [{**row, "status": "CONFIRMED"}, {**row, "status": "FAILED", "tranId": 8}]
    batch = await past("binance", {"GET /sapi/v1/asset/transfer?type=UMFUTURE_MAIN": listed(*rows)}, "transfers")
    assert changes(batch) == [("transfer", "USDT", -5), ("transfer", "USDT", 5)]
    assert {(record.txid, record.wallets) for record in batch.records} == {("7", "usd-m futures → spot")}  # type: ignore[union-attr]
