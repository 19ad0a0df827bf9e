"""OKX's past: a bill never tells a deposit again, a negative fee is one that was paid, what a bill of each type was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Market, Side, Trade
from portfolio_bot.platforms.base import AccountConfig, Secret
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.ccxt_venue import CcxtSource
from portfolio_bot.platforms.ledger import CutShort, Hints, KeepsLedger, Span
from portfolio_bot.platforms.venues.okx import VENUE
from tests.platforms.contract.peers import CANARY, KeptMemory, opened, surroundings
from tests.platforms.venues.reading import AROUND_NOON, NOON, millis, past, price, venue

pytestmark = pytest.mark.usefixtures("unthrottled")

DEPOSITS = "GET /api/v5/asset/deposit-history"
WITHDRAWALS = "GET /api/v5/asset/withdrawal-history"
BILLS = "GET /api/v5/asset/bills"
OLD_BILLS = "GET /api/v5/asset/bills-history"
TRADING = "GET /api/v5/account/bills-archive"
CANDLES = "GET /api/v5/market/history-candles"


def ok(*rows: object) -> dict[str, object]:
    return {"code": "0", "msg": "", "data": list(rows)}


def deposit(**fields: object) -> dict[str, object]:
    usual = {"ccy": "USDT", "chain": "USDT-TRC20", "amt": "10", "txId": "hash", "state": "2", "fromWdId": ""}
    return {**usual, "ts": millis(), "depId": "7", **fields}


def withdrawal(**fields: object) -> dict[str, object]:
    usual = {"ccy": "ETH", "chain": "ETH-Ethereum", "amt": "2", "fee": "0.1", "txId": "hash", "state": "2"}
    return {**usual, "ts": millis(), "wdId": "9", **fields}


def bill(kind: str, change: str, **fields: object) -> dict[str, object]:
    usual = {"billId": f"bill{kind}{change}", "ccy": "USDT", "balChg": change, "type": kind}
    return {**usual, "ts": millis(NOON + timedelta(minutes=3)), **fields}


async def funding(**served: object) -> dict[str, CashFlow]:
    paths = {"deposits": DEPOSITS, "withdrawals": WITHDRAWALS, "bills": BILLS, "old": OLD_BILLS}
    batch = await past("okx", {paths[name]: ok(*rows) for name, rows in served.items()}, "funding")  # type: ignore[misc]
    return {flow.id: flow for flow in batch.records if isinstance(flow, CashFlow)}


@pytest.mark.parametrize(("state", "counts"), [("0", 0), ("1", 1), ("2", 1), ("8", 0), ("12", 0)])
async def test_a_deposit_counts_when_it_is_in_the_balance(state: str, counts: int) -> None:
    assert len(await funding(deposits=[deposit(state=state)])) == counts


async def test_a_deposit_from_another_user_comes_from_outside() -> None:
    [found] = (await funding(deposits=[deposit(fromWdId="5")])).values()
    assert (found.kind, found.detail) == (FlowKind.DEPOSIT, "from an OKX account")


@pytest.mark.parametrize(("state", "settled"), [("2", True), ("0", False), ("17", False), ("-3", False)])
async def test_a_withdrawal_is_under_way_until_it_is_done(state: str, settled: bool) -> None:
    [found] = (await funding(withdrawals=[withdrawal(state=state)])).values()
    assert (found.amount, found.fee, found.settled) == (Decimal(-2), Fee("ETH", Decimal("0.1")), settled)


@pytest.mark.parametrize("state", ["-1", "-2"])
async def test_a_withdrawal_that_came_back_never_happened_nor_did_its_bills(state: str) -> None:
    bills = [bill("2", "-2.1", ccy="ETH"), bill("13", "2.1", ccy="ETH")]
    served = {WITHDRAWALS: ok(withdrawal(state=state)), BILLS: ok(*bills)}
    batch = await past("okx", served, "funding")
    assert (batch.records, batch.void) == ((), ("withdrawal:9",))


async def test_a_bill_that_repeats_a_deposit_or_a_withdrawal_is_not_counted() -> None:
    found = await funding(
        deposits=[deposit()],
        withdrawals=[withdrawal()],
        bills=[bill("1", "10"), bill("2", "-2", ccy="ETH"), bill("221", "-0.1", ccy="ETH")],
    )
    assert set(found) == {"deposit:7", "withdrawal:9"}


async def test_each_deposit_accounts_for_one_bill_only() -> None:
    bills = [bill("1", "10", billId="a"), bill("1", "10", billId="b"), bill("1", "11", billId="c")]
    found = await funding(deposits=[deposit()], bills=bills)
    assert set(found) == {"deposit:7", "funding:b", "funding:c"}


async def test_a_bill_days_after_its_deposit_is_still_the_same_money() -> None:
    later = millis(NOON + timedelta(days=3))
    found = await funding(deposits=[deposit()], bills=[bill("1", "10", ts=later)])
    assert set(found) == {"deposit:7"}
    much_later = millis(NOON + timedelta(days=9))
    found = await funding(deposits=[deposit()], bills=[bill("1", "10", ts=much_later, billId="x")])
    assert set(found) == {"deposit:7", "funding:x"}


async def test_deposits_are_looked_for_from_a_week_before_the_span() -> None:
    async with venue("okx", {}) as peer, opened("okx", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        span = Span(NOON, NOON + timedelta(hours=1))
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        await made.past(streams["funding"], span)
        [asked] = peer.asked("/api/v5/asset/deposit-history")
        [bills] = peer.asked("/api/v5/asset/bills")
    assert int(asked.fields["before"]) == int(millis(NOON - timedelta(days=7))) - 1
    assert (int(bills.fields["before"]), int(bills.fields["after"])) == (
        int(millis(NOON)) - 1,
        int(millis(NOON + timedelta(hours=1))),
    )


async def test_the_newest_are_asked_for_without_an_end_unless_they_fill_a_page() -> None:
    now = datetime.now(UTC)
    for count, ends in ((1, 1), (100, 2)):
        made = [deposit(ts=millis(now - timedelta(minutes=n)), depId=str(n)) for n in range(count)]
        async with venue("okx", {DEPOSITS: ok(*made)}) as peer, opened("okx", peer.url) as source:
            assert isinstance(source, KeepsLedger)
            streams = {stream.name: stream for stream in await source.streams(Hints())}
            if count == 1:
                await source.past(streams["funding"], Span(now - timedelta(days=2), now))
            else:
                with pytest.raises((CutShort, SourceError)):  # the same page again and again
                    await source.past(streams["funding"], Span(now - timedelta(days=2), now))
            asked = peer.asked("/api/v5/asset/deposit-history")
        assert ["after" in seen.fields for seen in asked[:2]] == [False, True][:ends]


async def test_the_list_of_all_times_is_asked_only_for_what_is_old() -> None:
    now = datetime.now(UTC)
    for start, asked in ((now - timedelta(days=2), 0), (now - timedelta(days=60), 1)):
        async with venue("okx", {}) as peer, opened("okx", peer.url) as made:
            assert isinstance(made, KeepsLedger)
            streams = {stream.name: stream for stream in await made.streams(Hints())}
            await made.past(streams["funding"], Span(start, start + timedelta(days=1)))
            assert len(peer.asked("/api/v5/asset/bills-history")) == asked


async def test_a_bill_in_both_lists_counts_once() -> None:
    same = bill("83", "0.5", billId="s", ts=millis(NOON))
    assert set(await funding(bills=[same], old=[same, bill("83", "0.6", billId="t")])) == {"funding:s", "funding:t"}


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        (
            "20",
            "-5",
            [("transfer", "-5", "funding → sub-account"), ("transfer", "5", "funding → sub-account")],
        ),
        (
            "21",
            "5",
            [("transfer", "-5", "sub-account → funding"), ("transfer", "5", "sub-account → funding")],
        ),
        ("22", "-5", [("transfer", "-5", "funding → main account")]),
        ("23", "5", [("transfer", "5", "main account → funding")]),
        (
            "131",
            "-5",
            [("transfer", "-5", "funding → trading"), ("transfer", "5", "funding → trading")],
        ),
        (
            "130",
            "5",
            [("transfer", "-5", "trading → funding"), ("transfer", "5", "trading → funding")],
        ),
        ("117", "5", [("deposit", "5", "")]),
        ("116", "-5", [("withdrawal", "-5", "")]),
        ("313", "-5", [("withdrawal", "-5", "")]),
        ("83", "5", [("income", "5", "")]),
        ("84", "-5", [("fee", "-5", "")]),
        ("151", "5", [("income", "5", "")]),
        ("272", "5", [("conversion", "5", "")]),
        ("75", "-5", []),
        ("80", "-5", []),
        ("176", "5", []),
        ("999", "-5", [("unclassified", "-5", "")]),
        ("83", "0", []),
    ],
)
async def test_a_bill_of_the_funding_account_is_what_its_type_says(
    kind: str, change: str, expected: list[tuple[str, str, str]]
) -> None:
    found = await funding(bills=[bill(kind, change)])
    assert sorted((str(flow.kind), str(flow.amount), flow.wallets) for flow in found.values()) == expected
    if len(expected) == 2:
        assert len({flow.txid for flow in found.values()}) == 1


async def test_two_credentials_tell_one_side_each() -> None:
    """The main account's key and that of a sub-account, in one process."""
    secrets = {name: Secret(CANARY) for name in SOURCES["okx"].secrets}
    found: dict[str, list[str]] = {}

    def served(uid: str, kind: str, change: str) -> dict[str, object]:
        about = {"perm": "read_only", "ip": "", "uid": uid, "mainUid": "1"}
        return {"GET /api/v5/account/config": ok(about), BILLS: ok(bill(kind, change, billId="b"))}

    async with (
        venue("okx", served("1", "20", "-5")) as one,
        venue("okx", served("2", "23", "5")) as two,
        surroundings() as around,
    ):
        sources = [
            CcxtSource(VENUE, AccountConfig(f"okx-{name}", "okx", "", secrets, peer.url), around, KeptMemory(), {})
            for name, peer in (("sub", two), ("main", one))
        ]
        for source in sources:
            await source.read()
        for source in sources:
            streams = {stream.name: stream for stream in await source.streams(Hints())}
            batch = await source.past(streams["funding"], AROUND_NOON)
            found[source.account] = [str(flow.amount) for flow in batch.records if isinstance(flow, CashFlow)]
            assert batch.void == (("funding:b:out", "funding:b:in") if source.account == "okx-main" else ())
    assert found == {"okx-sub": ["5"], "okx-main": ["-5"]}


def trading_bill(kind: str, change: str, **fields: object) -> dict[str, object]:
    usual = {"billId": "623950854533513219", "ccy": "USDT", "balChg": change, "pnl": "0", "fee": "0", "type": kind}
    more = {"subType": "", "instType": "SWAP", "instId": "BTC-USDT-SWAP", "from": "", "to": "", "ordId": "o"}
    return {**usual, **more, "ts": millis(), **fields}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (trading_bill("8", "-3", pnl="-3", subType="173"), ("funding", "-3")),
        (trading_bill("8", "0", pnl="2", subType="174"), ("funding", "2")),
        (trading_bill("2", "6", pnl="7", fee="-1"), ("futures_pnl", "7")),
        (trading_bill("2", "-94", pnl="7", fee="-1", mgnMode="isolated"), ("futures_pnl", "7")),
        (trading_bill("2", "-31", fee="-1", instType="OPTION"), ("futures_pnl", "-30")),
        (trading_bill("2", "0.5", instType="SPOT"), None),
        (trading_bill("2", "-1", fee="-1"), None),
        (trading_bill("5", "-10", pnl="-9", fee="-1"), ("futures_pnl", "-9")),
        (trading_bill("3", "4", pnl="4", instType="FUTURES"), ("futures_pnl", "4")),
        (trading_bill("34", "4", pnl="4"), ("futures_pnl", "4")),
        (trading_bill("7", "-0.2", instType="MARGIN"), ("fee", "-0.2")),
        (trading_bill("38", "0.2", instType=""), ("income", "0.2")),
        (trading_bill("16", "100", instType=""), None),
        (trading_bill("6", "-5"), None),
        (trading_bill("1", "5", **{"from": "6", "to": "18"}), None),
        (trading_bill("1", "5", **{"from": "18", "to": "18"}), ("transfer", "5")),
        (trading_bill("4", "-6", fee="-1", instType="SPOT"), ("conversion", "-5")),
        (trading_bill("27", "5", instType=""), None),
        (trading_bill("28", "5", instType=""), ("conversion", "5")),
        (trading_bill("44", "0.1", subType="381", instType=""), ("income", "0.1")),
        (trading_bill("99", "5", instType=""), ("unclassified", "5")),
    ],
    ids=lambda value: f"{value['type']} {value['instType']}" if isinstance(value, dict) else None,
)
async def test_a_bill_of_the_trading_account_is_what_its_type_says(
    row: dict[str, object], expected: tuple[str, str] | None
) -> None:
    found = (await past("okx", {TRADING: ok(row)}, "trading")).records
    assert [(str(flow.kind), str(flow.amount)) for flow in found if isinstance(flow, CashFlow)] == (
        [] if expected is None else [expected]
    )


def fill(**fields: object) -> dict[str, object]:
    usual = {"billId": "680800019754098688", "instId": "BTC-USDT", "side": "sell", "fillSz": "0.5", "fillPx": "50000"}
    return {**usual, "fee": "-25", "feeCcy": "USDT", "fillTime": millis(), "ts": millis(), "subType": "2", **fields}


async def filled(inst_type: str, **fields: object) -> Trade | ContractTrade:
    served = {f"GET /api/v5/trade/fills-history?instType={inst_type}": ok(fill(**fields))}
    [found] = (await past("okx", served, f"fills_{inst_type.lower()}")).records
    assert isinstance(found, (Trade, ContractTrade))
    return found


async def test_a_negative_fee_was_paid_and_a_positive_one_is_a_rebate() -> None:
    found = await filled("SPOT")
    assert isinstance(found, Trade)
    assert (found.side, found.cost, found.fees) == (Side.SELL, Decimal(25000), (Fee("USDT", Decimal(25)),))
    assert (await filled("SPOT", fee="0.3", feeCcy="BTC")).fees == (Fee("BTC", Decimal("-0.3")),)
    assert (await filled("SPOT", fee="0", feeCcy="")).fees == ()


async def test_a_fill_on_margin_says_so() -> None:
    found = await filled("MARGIN")
    assert isinstance(found, Trade)
    assert found.market is Market.MARGIN


@pytest.mark.parametrize(
    ("inst_type", "name", "settle"),
    [
        ("SWAP", "BTC-USDT-SWAP", "USDT"),
        ("SWAP", "BTC-USD-SWAP", "BTC"),
        ("FUTURES", "ETH-USDC-260327", "USDC"),
        ("OPTION", "BTC-USD-260327-60000-C", "BTC"),
    ],
)
async def test_a_contract_is_settled_in_the_coin_of_its_name(inst_type: str, name: str, settle: str) -> None:
    found = await filled(inst_type, instId=name, feeCcy="", subType="104", fillPnl="-7")
    assert isinstance(found, ContractTrade)
    assert (found.contract, found.settle, found.detail, found.realised) == (name, settle, "liquidation", Decimal(-7))


async def test_a_conversion_has_two_legs_and_a_rejected_one_none() -> None:
    row = {
        "tradeId": "t", "side": "buy", "baseCcy": "ETH", "quoteCcy": "USDT", "fillBaseSz": "0.01",
        "fillQuoteSz": "30", "state": "fullyFilled", "ts": millis(),
    }  # fmt: skip
    served = {"GET /api/v5/asset/convert/history": ok(row, {**row, "tradeId": "u", "state": "rejected"})}
    found = (await past("okx", served, "conversions")).records
    legs = {(flow.asset, str(flow.amount), flow.txid) for flow in found if isinstance(flow, CashFlow)}
    assert legs == {("ETH", "0.01", "t"), ("USDT", "-30", "t")}
    sold = await past("okx", {"GET /api/v5/asset/convert/history": ok({**row, "side": "sell"})}, "conversions")
    assert {str(flow.amount) for flow in sold.records if isinstance(flow, CashFlow)} == {"-0.01", "30"}


async def test_interest_without_an_id_is_the_same_row_when_it_comes_again() -> None:
    row = {"ccy": "USDT", "amt": "100", "earnings": "0.001", "rate": "0.01", "ts": millis()}
    served = {"GET /api/v5/finance/savings/lending-history": ok(row, row, {**row, "earnings": "0.002"})}
    found = (await past("okx", served, "savings")).records
    assert len({record.id for record in found}) == 2


async def test_a_price_is_that_of_the_minute_in_dollars_first() -> None:
    minute = [millis(), "100", "9", "1", "200", "1", "1", "1", "1"]
    found = await price("okx", {f"{CANDLES}?instId=SOL-USDC&bar=1m": ok(minute)}, "SOL", NOON + timedelta(seconds=50))
    assert found is not None
    assert (found.amount, found.quote) == (Decimal(200), "USDC")


async def test_a_coin_without_a_market_has_no_price() -> None:
    unknown = {"code": "51001", "msg": "Instrument ID doesn't exist", "data": []}
    assert await price("okx", {CANDLES: unknown}, "NOPE") is None


@pytest.mark.parametrize(
    ("stream", "endpoint", "row", "field"),
    [
        ("funding", WITHDRAWALS, withdrawal(), "fee"),
        ("trading", TRADING, trading_bill("2", "-1", instType="OPTION"), "fee"),
        ("trading", TRADING, trading_bill("8", "-1"), "balChg"),
        ("fills_spot", "GET /api/v5/trade/fills-history?instType=SPOT", fill(), "fee"),
    ],
)
async def test_what_is_not_said_is_not_taken_for_zero(
    stream: str, endpoint: str, row: dict[str, object], field: str
) -> None:
    silent = {told: value for told, value in row.items() if told != field}
    with pytest.raises(SourceError, match=f"{field} is not there"):
        await past("okx", {endpoint: ok(silent)}, stream)
