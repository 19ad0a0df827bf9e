"""Flows, trades and prices from files: line by line, all or nothing, the same file twice changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Market, Origin, Side, Trade, Worth, WorthSource
from portfolio_bot.report import as_csv
from portfolio_bot.service.ledger_csv import Parsed, parse_flows, parse_prices, parse_trades
from portfolio_bot.service.ledger_import import Plan, apply, plan
from portfolio_bot.storage import ledger, prices
from portfolio_bot.storage.prices import AssetPrice
from portfolio_bot.storage.store import Store
from tests.clock import moment
from tests.service.fakes import NOON

FLOWS = "time,account,kind,asset,amount,usd_value,fee_asset,fee_amount,txid,id,note\n"
TRADES = "time,account,id,side,base,quote,amount,price,cost,fee_asset,fee_amount,market\n"


def flows(*lines: str, header: str = FLOWS) -> Parsed:
    return parse_flows((header + "\n".join(lines) + "\n").encode(), now=NOON)


def trades(*lines: str, header: str = TRADES) -> Parsed:
    return parse_trades((header + "\n".join(lines) + "\n").encode(), now=NOON)


def said(parsed: Parsed) -> list[tuple[int, str, str]]:
    return [(error.line, error.column, error.reason) for error in parsed.errors]


async def stored(store: Store, parsed: Parsed) -> Plan:
    return await store.write(lambda tx: apply(tx, parsed))


async def there(store: Store) -> tuple[list[CashFlow], list[Trade | ContractTrade]]:
    async with store.read() as tx:
        return await ledger.flows(tx), await ledger.trades(tx)


def test_a_row_says_everything_about_a_flow() -> None:
    [found] = flows("2026-01-02T03:04Z,okx,withdrawal,btc,-0.5,-30000,BTC,0.0001,0xAB,w1,to the vault").records
    fee = Fee("BTC", Decimal("0.0001"))
    worth = Worth(Decimal(-30_000), WorthSource.STATED)
    assert found == CashFlow(
        "w1", "okx", FlowKind.WITHDRAWAL, moment("2026-01-02 03:04"), "BTC", Decimal("-0.5"), worth, fee, "0xAB",
        note="to the vault", origin=Origin.IMPORTED,
    )  # fmt: skip


def test_the_columns_may_come_in_any_order_and_most_may_be_missing() -> None:
    [found] = flows("10,USD,deposit,202601020304", header="amount,asset,kind,time\n").records
    assert isinstance(found, CashFlow)
    assert (found.account, found.at, found.usd) == (
        "manual", moment("2026-01-02 03:04"), Worth(Decimal(10), WorthSource.DOLLARS),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "asset"),
    [
        ("btc", "BTC"), ("Btc", "BTC"), ("kSHIB", "kSHIB"), ("stETH", "stETH"), ("$WIF", "$WIF"),
        ("币安人生", "币安人生"),
        ("BRK B", "BRK B"), ("SPY   270115C00400000", "SPY   270115C00400000"), ("'@X", "@X"), ("1inch", "1INCH"),
    ],
)  # fmt: skip
def test_an_asset_may_have_any_name_that_a_platform_gives_it(typed: str, asset: str) -> None:
    [found] = flows(f"2026-01-02,,deposit,{typed},5,,,,,,").records
    assert isinstance(found, CashFlow)
    assert found.asset == asset


def test_a_date_alone_is_the_owners_day() -> None:
    [found] = flows("23-02-2026,,deposit,USD,5,,,,,,").records
    assert isinstance(found, CashFlow)
    assert found.at == date(2026, 2, 23)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("2026-01-02T03:04,a,deposit,BTC,1,,,,,,", "time", "a time without a zone"),
        ("2036-01-02T03:04Z,a,deposit,BTC,1,,,,,,", "time", "in the future"),
        ("yesterday,a,deposit,BTC,1,,,,,,", "time", "neither"),
        ("2026-01-02,a,gift,BTC,1,,,,,,", "kind", "is none of deposit"),
        ("2026-01-02,a,deposit,,1,,,,,,", "asset", "is missing"),
        ("2026-01-02,a,deposit,BTC,,,,,,,", "amount", "is missing"),
        ("2026-01-02,a,deposit,BTC,0,,,,,,", "amount", "of nothing"),
        ("2026-01-02,a,deposit,BTC,-1,,,,,,", "amount", "above 0"),
        ("2026-01-02,a,withdrawal,BTC,1,,,,,,", "amount", "below 0"),
        ('2026-01-02,a,deposit,BTC,"1,5",,,,,,', "amount", "decimal mark is a point"),
        ("2026-01-02,a,deposit,BTC,1e999999999,,,,,,", "amount", "no exact number"),
        ("2026-01-02,a,deposit,BTC,1,-5,,,,,", "usd_value", "another sign"),
        ("2026-01-02,a,deposit,BTC,1,,,0.1,,,", "fee_asset", "missing"),
        ("2026-01-02,a,deposit,BTC,1,,BTC,-0.1,,,", "fee_amount", "above 0"),
        ("2026-01-02,a,deposit,BTC,1", "", "needs 11 cells"),
    ],
)
def test_a_bad_cell_of_a_flow_is_named_with_its_line(line: str, column: str, reason: str) -> None:
    parsed = flows("2026-01-01,a,deposit,USD,1,,,,,,", line)
    [(number, where, why)] = said(parsed)
    assert (number, where) == (3, column)
    assert reason in why


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("2026-01-02,a,1,buy,BTC,USD,1,5,,,,", "time", "a date alone"),
        ("2026-01-02T00:00Z,a,1,hold,BTC,USD,1,5,,,,", "side", "is none of buy"),
        ("2026-01-02T00:00Z,a,1,buy,BTC,USD,-1,5,,,,", "amount", "above 0"),
        ("2026-01-02T00:00Z,a,1,buy,BTC,USD,1,,,,,", "cost", "one of price and cost"),
        ("2026-01-02T00:00Z,a,1,buy,BTC,USD,1,-5,,,,", "price", "below 0"),
        ("2026-01-02T00:00Z,a,1,buy,BTC,USD,1,5,,,,moon", "market", "is none of spot"),
        ("2026-01-02T00:00Z,a,1,buy,BTCUSDT,USDT,1,5,7,,,futures", "cost", "leave it empty"),
    ],
)
def test_a_bad_cell_of_a_trade_is_named(line: str, column: str, reason: str) -> None:
    [(number, where, why)] = said(trades(line))
    assert (number, where) == (2, column)
    assert reason in why


def test_an_unknown_column_and_a_missing_one_are_both_told() -> None:
    parsed = flows("1,2,3,4", header="time,kind,asset,worth\n")
    assert [(column, reason.split(":")[0]) for _, column, reason in said(parsed)] == [
        ("worth", "unknown column"), ("amount", "the column is missing"),
    ]  # fmt: skip


def test_the_same_id_twice_is_an_error() -> None:
    line = "2026-01-02,a,deposit,USD,1,,,,,x,"
    assert said(flows(line, line)) == [(3, "", "the same row as in line 2")]


def test_equal_rows_without_an_id_are_two() -> None:
    line = "2026-01-02,a,deposit,USD,1,,,,,,"
    parsed = flows(line, line)
    assert parsed.errors == ()
    assert len({record.id for record in parsed.records}) == 2


def test_a_cost_follows_from_the_price() -> None:
    [found] = trades("2026-01-02T00:00Z,a,1,buy,BTC,USD,0.1,60000.5,,,,").records
    assert isinstance(found, Trade)
    assert (found.cost, found.price, found.market) == (Decimal("6000.05"), Decimal("60000.5"), Market.SPOT)


async def test_the_same_file_twice_changes_nothing(store: Store) -> None:
    parsed = flows("2026-01-02,a,deposit,BTC,1,,,,,,", "2026-01-02,a,deposit,BTC,1,,,,,,")
    first, second = await stored(store, parsed), await stored(store, parsed)
    assert [(one.new, one.same, one.changed) for one in (first, second)] == [(2, 0, 0), (0, 2, 0)]


async def test_a_known_id_with_other_content_is_a_change_that_is_shown(store: Store) -> None:
    await stored(store, flows("2026-01-02,a,deposit,BTC,1,,,,,x,"))
    async with store.read() as tx:
        what = await plan(tx, flows("2026-01-02,a,deposit,BTC,2,,,,,x,now right"))
    assert (what.new, what.same, what.changed) == (0, 0, 1)
    assert [(change.column, change.before, change.after) for change in what.changes] == [
        ("amount", "1", "2"), ("note", "", "now right"),
    ]  # fmt: skip


async def test_nothing_of_a_file_with_an_error_is_stored(store: Store) -> None:
    await stored(store, flows("2026-01-02,a,deposit,BTC,1,,,,,x,", "2026-01-02,a,deposit,BTC,oh,,,,,y,"))
    assert await there(store) == ([], [])


async def test_a_record_that_a_venue_told_under_another_id_is_the_same_by_its_transaction(store: Store) -> None:
    told = CashFlow("9", "okx", FlowKind.DEPOSIT, NOON, "BTC", Decimal(1), txid="AA")
    await store.write(lambda tx: ledger.store(tx, "okx", "deposits", [told]))
    what = await stored(store, flows("2026-11-20T12:00Z,okx,deposit,BTC,1,,,,aa,mine,"))
    assert (what.new, len((await there(store))[0])) == (0, 1)


async def test_a_row_that_may_be_one_that_is_there_is_pointed_out(store: Store) -> None:
    told = CashFlow("9", "okx", FlowKind.DEPOSIT, NOON - timedelta(minutes=50), "BTC", Decimal(1))
    await store.write(lambda tx: ledger.store(tx, "okx", "deposits", [told]))
    what = await stored(store, flows("2026-11-20T12:00Z,okx,deposit,BTC,1,,,,,mine,"))
    assert (what.new, what.near) == (1, ("okx 9",))


async def test_a_stated_value_replaces_one_that_was_looked_up(store: Store) -> None:
    found = Worth(Decimal(100), WorthSource.VENUE_HISTORY)
    told = CashFlow("9", "okx", FlowKind.DEPOSIT, NOON, "BTC", Decimal(1), found)
    await store.write(lambda tx: ledger.store(tx, "okx", "deposits", [told]))
    await stored(store, flows("2026-11-20T12:00Z,okx,deposit,BTC,1,110,,,,9,"))
    [kept] = (await there(store))[0]
    assert kept == replace(told, usd=Worth(Decimal(110), WorthSource.STATED))


async def test_prices_are_taken_by_moment_and_a_date_is_midnight(store: Store) -> None:
    parsed = parse_prices(b"time,asset,usd\n2026-01-02,btc,60000\n2026-01-02T08:00Z,ETH,3000.5\n", now=NOON)
    assert (await stored(store, parsed)).new == 2
    async with store.read() as tx:
        assert await prices.at_or_before(tx, "BTC", NOON) == AssetPrice(
            "BTC", moment("2026-01-02 00:00"), Decimal(60_000)
        )
    again = parse_prices(b"time,asset,usd\n2026-01-02,BTC,61000\n2026-01-02T08:00Z,ETH,3000.5\n", now=NOON)
    what = await stored(store, again)
    assert (what.new, what.same, what.changed) == (0, 1, 1)


@pytest.mark.parametrize("line", ["2026-01-02,BTC,0", "2026-01-02,BTC,-1", "2026-01-02,BTC,", "2026-01-02,,1"])
def test_a_price_that_is_none_is_refused(line: str) -> None:
    assert len(parse_prices(f"time,asset,usd\n{line}\n".encode(), now=NOON).errors) == 1


# whatever is exported comes back as it was

AMOUNTS = st.decimals(min_value="0.00000001", max_value="1e9", places=8)
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12).map(str.strip)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
NAMES = st.sampled_from(["BTC", "ETH", "USD", "1INCH", "XRP.F"])


@st.composite
def a_flow(draw: st.DrawFn) -> CashFlow:
    amount, kind = (
        draw(AMOUNTS),
        draw(st.sampled_from([kind for kind in FlowKind if kind is not FlowKind.UNCLASSIFIED])),
    )
    signed = -amount if kind in {FlowKind.WITHDRAWAL, FlowKind.FEE} else amount
    usd = draw(
        st.one_of(st.just(Unknown("not_priced")), AMOUNTS.map(lambda usd: Worth(usd, WorthSource.VENUE_HISTORY)))
    )
    if isinstance(usd, Worth) and signed < 0:
        usd = usd._replace(usd=-usd.usd)
    fee = draw(st.one_of(st.none(), st.builds(Fee, NAMES, AMOUNTS)))
    return CashFlow(
        draw(st.uuids()).hex, "okx", kind, draw(MOMENTS), draw(NAMES), signed, usd, fee, draw(TEXTS) or None,
        detail="spot", note=draw(TEXTS), wallets="a → b",
    )  # fmt: skip


@given(st.lists(a_flow(), max_size=8))
@settings(max_examples=60, deadline=None)
def test_an_export_of_flows_comes_back_row_by_row(rows: list[CashFlow]) -> None:
    parsed = parse_flows(as_csv.flows(rows).encode(), now=NOON)
    if not rows:
        return
    assert parsed.errors == ()
    assert [record.id for record in parsed.records] == [row.id for row in rows]


async def test_an_export_is_taken_in_again_without_a_difference(store: Store) -> None:
    rows = [
        CashFlow("1", "okx", FlowKind.DEPOSIT, NOON, "BTC", Decimal("0.123456789"),
                 Worth(Decimal("7407.40734012345678"), WorthSource.VENUE_HISTORY), note="=danger"),
        CashFlow("2", "okx", FlowKind.WITHDRAWAL, NOON, "ETH", Decimal(-1), fee=Fee("ETH", Decimal("0.01")), txid="0x",
                 settled=False),
        CashFlow("3", "manual", FlowKind.OPENING, date(2026, 1, 1), "SOL", Decimal(5), cost=Decimal(100)),
    ]  # fmt: skip
    fills: list[Trade | ContractTrade] = [
        Trade("1", "okx", NOON, Side.BUY, "BTC", "USDT", Decimal(1), Decimal("60000.123"),
              fees=(Fee("BTC", Decimal("0.001")), Fee("OKB", Decimal("0.5"))), price=Decimal("60000.1")),
        Trade("2", "okx", NOON, Side.SELL, "ETH", "BTC", Decimal(1), Decimal("0.05"), market=Market.MARGIN),
        ContractTrade("3", "okx", NOON, Side.SELL, "BTC-USDT-SWAP", "USDT", Decimal(2), realised=Decimal(5)),
    ]  # fmt: skip
    for account in ("okx", "manual"):
        mine = [one for one in (*rows, *fills) if one.account == account]
        await store.write(lambda tx, account=account, mine=mine: ledger.store(tx, account, "deposits", mine))  # type: ignore[misc]
    before = await there(store)
    for parsed in (
        parse_flows(as_csv.flows(before[0]).encode(), now=NOON),
        parse_trades(as_csv.trades(before[1]).encode(), now=NOON),
    ):
        what = await stored(store, parsed)
        assert (what.new, what.changed, what.errors) == (0, 0, ())
    assert await there(store) == before
