"""Profit from what is stored: the same as from a list, in pages, in windows, with what records do not explain."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.lot_book import Flag
from portfolio_bot.analytics.lot_events import other_events
from portfolio_bot.analytics.lot_moves import UnknownBasis
from portfolio_bot.analytics.lot_report import AssetProfit, Disposal
from portfolio_bot.analytics.lots import Ledger
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade, Worth, WorthSource
from portfolio_bot.report.profit_view import ProfitView
from portfolio_bot.service.profit import Profits, Rules
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger, prices, snapshots
from portfolio_bot.storage.ledger import Record
from portfolio_bot.storage.prices import AssetPrice
from portfolio_bot.storage.store import Store
from tests.builders import info, live, rates, statement
from tests.service.fakes import NOON, Hands

UTC_DAYS = Calendar.of("UTC")
DAY = timedelta(days=1)
START = NOON - 40 * DAY


def worth(usd: str) -> Worth:
    return Worth(Decimal(usd), WorthSource.DOLLARS)


def trade(day: float, side: str, amount: str, cost: str, account: AccountId = "bybit", fee: str = "0") -> Trade:
    """So much BTC for so many USD, days after the start."""
    fees = (Fee("USD", Decimal(fee)),) if Decimal(fee) else ()
    return Trade(
        f"{day}-{side}", account, START + day * DAY, Side(side), "BTC", "USD", Decimal(amount), Decimal(cost),
        worth(cost), fees,
    )  # fmt: skip


async def record(store: Store, *records: Record) -> None:
    for account in {one.account for one in records}:
        mine = [one for one in records if one.account == account]
        await store.write(lambda tx, account=account, mine=mine: ledger.store(tx, account, "", mine))  # type: ignore[misc]


async def held(store: Store, text: str, at_price: str, account: AccountId = "bybit") -> None:
    made = statement(account, text, f"BTC/USD {at_price}", at=NOON)
    portfolio = value([live(made)], info(account), rates("80"), at=NOON)
    await store.write(lambda tx: snapshots.add(tx, portfolio, trigger="poll"))


def profits(store: Store, clock: Hands, rules: Rules | None = None) -> Profits:
    return Profits(store, UTC_DAYS, clock, Transfers(store, UTC_DAYS, clock), rules)


def btc(view: ProfitView) -> AssetProfit:
    return next(one for one in view.end.assets if one.asset == "BTC")


async def test_first_in_is_first_out(store: Store, clock: Hands) -> None:
    await record(store, trade(0, "buy", "1", "100"), trade(1, "buy", "1", "200"), trade(2, "sell", "1", "250", fee="1"))
    await held(store, "BTC spot 1", "300")
    view = await profits(store, clock).over()
    found = btc(view)
    assert [found.realised, found.cost, found.unrealised, found.fees] == [149, 200, 100, 1]
    assert view.end.residual == 0


async def test_a_window_counts_what_happened_inside_by_lots_of_all_time(store: Store, clock: Hands) -> None:
    await record(
        store, trade(0, "buy", "2", "200"), trade(5, "sell", "1", "150"), trade(20, "sell", "1", "180", fee="3")
    )
    await held(store, "BTC spot 1", "300")
    view = await profits(store, clock).over("10d", since=START + 10 * DAY)
    assert [view.realised(btc(view)), view.fees(btc(view)), view.total("realised")] == [77, 3, 77]


async def test_a_window_that_ends_early_ignores_what_came_later(store: Store, clock: Hands) -> None:
    await record(store, trade(0, "buy", "2", "200"), trade(5, "sell", "1", "150"), trade(20, "sell", "1", "180"))
    view = await profits(store, clock).over(until=START + 10 * DAY)
    assert [view.total("realised"), btc(view).quantity] == [50, 1]


async def test_without_a_snapshot_the_newest_imported_price_values_what_is_left(store: Store, clock: Hands) -> None:
    await record(store, trade(0, "buy", "2", "200"))
    await store.write(lambda tx: prices.add(tx, [AssetPrice("BTC", START + 30 * DAY, Decimal(130))]))
    assert btc(await profits(store, clock).over()).unrealised == 60


async def test_pages_give_what_one_list_gives(store: Store, clock: Hands) -> None:
    trades = [
        trade(number / 50, "buy" if number % 3 else "sell", str(1 + number % 7), str(100 + number), fee="0.5")
        for number in range(700)
    ]
    deposits = [
        CashFlow(f"d{day}", "bybit", FlowKind.DEPOSIT, START + day * DAY, "BTC", Decimal(3), worth("300"))
        for day in range(0, 14, 2)
    ]
    await record(store, *trades, *deposits)
    once = Ledger()
    others = other_events(deposits, (), (), UTC_DAYS)
    once.feed_all(sorted([*trades, *others], key=lambda event: (event.at, isinstance(event, Trade))))
    assert (await profits(store, clock).over()).end == once.profit({})


async def test_the_fee_of_a_contract_is_a_cost_and_its_result_a_flow(store: Store, clock: Hands) -> None:
    paid = (Fee("USDT", Decimal(2), worth("2")),)
    fill = ContractTrade("7", "bybit", START, Side.SELL, "BTCUSDT", "USDT", Decimal(1), Decimal(100), paid)
    result = CashFlow("8", "bybit", FlowKind.FUTURES_PNL, START + DAY, "USDT", Decimal(30), worth("30"))
    await record(store, fill, result)
    view = await profits(store, clock).over()
    assert [view.bucket("futures_pnl"), view.bucket("fee"), view.end.residual] == [30, -2, 0]


@pytest.mark.parametrize(("sold", "missing"), [("1", {}), ("-1", {("bybit", "BTC"): Decimal(1)})])
async def test_opening_lots_cover_what_records_do_not_explain(
    store: Store, clock: Hands, sold: str, missing: dict[tuple[str, str], Decimal]
) -> None:
    side = "sell" if Decimal(sold) > 0 else "buy"
    await record(store, trade(5, side, "1", "150"))
    await store.write(lambda tx: prices.add(tx, [AssetPrice("BTC", START, Decimal(90))]))
    await held(store, "BTC spot 2" if side == "sell" else "USD cash 1", "300")
    view = await profits(store, clock, Rules(unknown=UnknownBasis.OPENING, start=START + DAY)).over()
    assert {key: amount for key, amount in view.missing.items() if key[1] == "BTC"} == missing
    if side == "sell":
        found = btc(view)
        assert [found.realised, found.quantity, found.cost] == [60, 2, 180]
        assert Flag.ESTIMATED in found.flags
        assert view.end.residual == 0


async def test_disposals_of_a_period_are_told_with_their_lots(store: Store, clock: Hands) -> None:
    await record(store, trade(0, "buy", "2", "200"), trade(5, "sell", "1", "150"), trade(20, "sell", "1", "180"))
    told: list[Disposal] = []
    await profits(store, clock).disposals(START + 10 * DAY, NOON, told.append)
    assert [(one.gain, one.lots[0].acquired_at) for one in told] == [(Decimal(80), START)]
