"""The benchmark over what is stored: the worked examples, and the prices it lives on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.benchmark import Plan
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Known, Note, Reason, Unknown
from portfolio_bot.model.trade import NOT_PRICED
from portfolio_bot.report.figures_views import BenchmarkView
from portfolio_bot.service.benchmarks import Benchmarks
from portfolio_bot.service.past import Past
from portfolio_bot.service.performance import Performances, Window
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import imported, ledger, prices, snapshots
from portfolio_bot.storage.imported import Figures, When
from portfolio_bot.storage.prices import AssetPrice, PriceOrigin
from portfolio_bot.storage.store import Store
from tests.analytics.examples import Case, cases, instant, near
from tests.builders import failed, info, live, rates, statement
from tests.service.fakes import NOON, Hands
from tests.service.test_past import flow

UTC_DAYS = Calendar.of("UTC")
HALVES = Plan({"BTC": Decimal(50), "ETH": Decimal(50)})


class Quoted:
    """Coins at fixed prices."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known
        self.asked: list[str] = []

    async def price(self, asset: str) -> Decimal | None:
        self.asked.append(asset)
        return Decimal(self.known[asset]) if asset in self.known else None


def benchmarks(store: Store, coins: Quoted, plan: Plan = HALVES) -> Benchmarks:
    return Benchmarks(store, plan, coins)


async def followed(store: Store, clock: Hands, plan: Plan = HALVES) -> BenchmarkView:
    past = Past(store, UTC_DAYS, clock, Transfers(store, UTC_DAYS, clock))
    found = await Performances(past, store, UTC_DAYS).over(Window())
    view = await Benchmarks(store, plan).view(found.figures)
    assert view is not None
    return view


async def closes(store: Store, rows: Mapping[str, str]) -> None:
    """NAV by instant."""
    points: dict[When, Figures] = {instant(at): Figures(Decimal(nav), None) for at, nav in rows.items()}
    await store.write(lambda tx: imported.store(tx, points))


async def quoted(store: Store, rows: Mapping[str, tuple[str, str]]) -> None:
    """BTC and ETH by instant."""
    given = [
        AssetPrice(coin, instant(at), Decimal(price))
        for at, pair in rows.items()
        for coin, price in zip(("BTC", "ETH"), pair, strict=True)
    ]
    await store.write(lambda tx: prices.add(tx, given))


LONG_ENOUGH = [case for case in cases("benchmark") if len(case["ticks"]) > 1]
"""One value is no period."""


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in LONG_ENOUGH])
async def test_worked_examples_come_out_of_the_store(store: Store, clock: Hands, case: Case) -> None:
    ticks, nav = case["ticks"], case["initial"]["nav"]
    clock.now = max(NOON, instant(ticks[-1]["t"]))
    await closes(store, {tick["t"]: nav for tick in ticks})
    await quoted(store, {tick["t"]: (tick["btc"], tick["eth"]) for tick in ticks})
    flows = [flow("typed", row["amount"], instant(row["t"])) for row in case["flows"]]
    await store.write(lambda tx: ledger.store(tx, "typed", "", flows))
    params = case["params"]
    weights = {coin: Decimal(part) for coin, part in params["weights"].items()}
    view = await followed(store, clock, Plan(weights, params["rebalance_day"], params["rebalance_hour"]))
    assert view.figures.value is not None
    assert near(view.figures.value, case["expected"]["final_value"], case["tol"])
    assert sum(state.rebalanced for state in view.states) == case["expected"]["rebalances"]
    if case["expected"]["benchmark_twr"] is not None:
        assert isinstance(view.figures.returned, Known)
        assert near(view.figures.returned.value, case["expected"]["benchmark_twr"], case["tol"])


async def test_without_prices_there_is_no_benchmark_and_not_zero(store: Store, clock: Hands) -> None:
    await closes(store, {"2026-01-01T12:00:00Z": "100", "2026-01-02T12:00:00Z": "110"})
    view = await followed(store, clock)
    assert view.states == ()
    assert view.figures.returned == view.figures.outperformance == Unknown("no_price", "BTC, ETH")


async def test_what_beats_the_basket_is_told_in_value_and_in_return(store: Store, clock: Hands) -> None:
    await closes(store, {"2026-01-01T12:00:00Z": "100", "2026-01-02T12:00:00Z": "132"})
    await quoted(store, {"2026-01-01T12:00:00Z": ("100", "10"), "2026-01-02T12:00:00Z": ("120", "12")})
    figures = (await followed(store, clock)).figures
    assert [figures.value, figures.returned, figures.outperformance, figures.outperformance_twr] == [
        Decimal(120), Known(Decimal("0.2")), Known(Decimal("0.1")), Known(Decimal("0.1")),
    ]  # fmt: skip


async def noted(store: Store) -> Mapping[tuple[str, datetime], Decimal]:
    async with store.read() as tx:
        return await prices.of_origin(tx, PriceOrigin.LIVE)


async def test_prices_are_noted_beside_a_complete_snapshot_held_or_not(store: Store, clock: Hands) -> None:
    made = statement("bybit", "BTC spot 1", "BTC/USD 60000", at=NOON)
    portfolio = value([live(made)], info("bybit"), rates("80"), at=NOON)
    coins = Quoted({"ETH": "3000"})
    await benchmarks(store, coins).note(portfolio)
    assert await noted(store) == {("BTC", NOON): Decimal(60_000), ("ETH", NOON): Decimal(3000)}
    assert coins.asked == ["ETH"]


async def test_nothing_is_noted_beside_an_incomplete_snapshot(store: Store, clock: Hands) -> None:
    portfolio = value([failed("bybit")], info("bybit"), rates("80"), at=NOON)
    await benchmarks(store, Quoted({"BTC": "1", "ETH": "1"})).note(portfolio)
    assert await noted(store) == {}


async def test_a_coin_that_nobody_can_price_leaves_the_others_alone(store: Store, clock: Hands) -> None:
    portfolio = value([live(statement("bybit", "USD cash 1", at=NOON))], info("bybit"), rates("80"), at=NOON)
    await benchmarks(store, Quoted({"ETH": "3000"})).note(portfolio)
    assert await noted(store) == {("ETH", NOON): Decimal(3000)}


async def test_an_old_price_does_not_value_the_basket(store: Store, clock: Hands) -> None:
    await closes(store, {"2026-01-01T12:00:00Z": "100", "2026-01-09T12:00:00Z": "110"})
    await quoted(store, {"2026-01-01T12:00:00Z": ("100", "10")})
    assert (await followed(store, clock)).figures.returned == Unknown("no_price", "BTC, ETH")


async def test_a_deposit_buys_by_the_weights(store: Store, clock: Hands) -> None:
    start = NOON - timedelta(days=1)
    for at, nav in ((start, "100"), (NOON, "150")):
        portfolio = value([live(statement("bybit", f"USD cash {nav}", at=at))], info("bybit"), rates("80"), at=at)
        await store.write(lambda tx, p=portfolio: snapshots.add(tx, p, trigger="poll"))  # type: ignore[misc]
        await quoted(store, {at.isoformat(): ("100", "10")})
    await store.write(lambda tx: ledger.store(tx, "bybit", "", [flow("bybit", "50", NOON - timedelta(hours=1))]))
    view = await followed(store, clock)
    assert view.figures.value == 150
    assert view.figures.returned == Known(Decimal(0))


async def test_where_prices_begin_later_both_are_compared_from_there_on(store: Store, clock: Hands) -> None:
    await closes(store, {"2026-01-01T12:00:00Z": "100", "2026-01-02T12:00:00Z": "200", "2026-01-03T12:00:00Z": "220"})
    await quoted(store, {"2026-01-02T12:00:00Z": ("100", "10"), "2026-01-03T12:00:00Z": ("110", "11")})
    view = await followed(store, clock)
    assert view.states[0].at == instant("2026-01-02T12:00:00Z")
    assert view.twr == Known(Decimal("0.1"), (Note.TRUNCATED,))
    assert view.figures.returned == Known(Decimal("0.1"), (Note.TRUNCATED,))
    assert view.figures.outperformance_twr == Known(Decimal(0), (Note.TRUNCATED,))


async def test_a_flow_at_a_value_is_in_the_basket_from_the_next_one_on(store: Store, clock: Hands) -> None:
    await closes(store, {"2026-01-01T12:00:00Z": "100", "2026-01-02T12:00:00Z": "100", "2026-01-03T12:00:00Z": "150"})
    await quoted(store, {f"2026-01-0{day}T12:00:00Z": ("100", "10") for day in (1, 2, 3)})
    await store.write(lambda tx: ledger.store(tx, "bybit", "", [flow("bybit", "50", instant("2026-01-02T12:00:00Z"))]))
    view = await followed(store, clock)
    assert [state.basket.value for state in view.states] == [100, 100, 150]


async def snapshots_of(store: Store, accounts: Mapping[str, str], at: datetime) -> None:
    readings = [live(statement(name, f"USD cash {usd}", at=at)) for name, usd in accounts.items()]
    portfolio = value(readings, info(*accounts), rates("80"), at=at)
    await store.write(lambda tx: snapshots.add(tx, portfolio, trigger="poll"))


async def test_no_rebalance_by_a_price_of_days_ago_and_one_when_a_new_one_comes(store: Store, clock: Hands) -> None:
    # 2026-01-05 is a Monday: due at 12:00, and the price is of Saturday
    days = ("2026-01-03T12:00:00Z", "2026-01-05T13:00:00Z", "2026-01-05T18:00:00Z", "2026-01-06T02:00:00Z")
    await closes(store, dict.fromkeys(days, "100"))
    await quoted(store, {days[0]: ("100", "10"), "2026-01-04T00:00:00Z": ("200", "10"), days[3]: ("200", "10")})
    states = (await followed(store, clock)).states
    assert [state.rebalanced for state in states] == [False, False, False, True]
    assert [state.basket.value for state in states] == [100, 150, 150, 150]
    assert states[2].basket.units == {"BTC": Decimal("0.5"), "ETH": 5}
    assert states[3].basket.units == {"BTC": Decimal("0.375"), "ETH": Decimal("7.5")}


async def test_weeks_without_us_are_made_up_for_by_one_rebalance(store: Store, clock: Hands) -> None:
    days = ("2026-01-03T12:00:00Z", "2026-02-03T12:00:00Z", "2026-02-03T13:00:00Z")
    await closes(store, dict.fromkeys(days, "100"))
    await quoted(store, dict.fromkeys(days[1:], ("400", "10")) | {days[0]: ("100", "10")})
    states = (await followed(store, clock)).states
    assert [state.rebalanced for state in states] == [False, True, False]
    assert states[-1].next_rebalance == instant("2026-02-09T12:00:00Z")


async def test_a_missing_price_keeps_the_units_and_the_flow_waits_for_the_next(store: Store, clock: Hands) -> None:
    days = ("2026-01-06T12:00:00Z", "2026-01-12T11:00:00Z", "2026-01-13T11:00:00Z")
    await closes(store, dict.fromkeys(days, "100"))
    await quoted(store, {days[0]: ("100", "10"), days[2]: ("100", "10")})
    moved = flow("typed", "100", instant("2026-01-11T00:00:00Z"))
    await store.write(lambda tx: ledger.store(tx, "typed", "", [moved]))
    states = (await followed(store, clock)).states
    assert [state.basket.value for state in states] == [100, Unknown("no_price"), 200]
    assert states[1].basket.units == states[0].basket.units
    assert [len(state.applied) for state in states] == [0, 0, 2]


async def test_more_taken_out_than_it_is_worth_empties_it_and_says_so(store: Store, clock: Hands) -> None:
    days = ("2026-01-06T12:00:00Z", "2026-01-07T12:00:00Z", "2026-01-08T12:00:00Z")
    await closes(store, dict.fromkeys(days, "100"))
    await quoted(store, {days[0]: ("100", "10"), days[1]: ("10", "1"), days[2]: ("10", "1")})
    taken = flow("typed", "-50", instant(days[1]) - timedelta(hours=1))
    given = flow("typed", "30", instant(days[2]) - timedelta(hours=1))
    await store.write(lambda tx: ledger.store(tx, "typed", "", [taken, given]))
    view = await followed(store, clock)
    assert [state.clamped for state in view.states] == [False, True, True]
    assert [state.basket.value for state in view.states] == [100, 0, 30]


async def test_own_transfers_are_no_flows_of_it_and_an_account_that_joins_is_one(store: Store, clock: Hands) -> None:
    begin = NOON - timedelta(hours=3)
    held = ({"bybit": "100", "okx": "50"}, {"bybit": "60", "okx": "90"}, {"bybit": "60", "okx": "90", "kraken": "70"})
    for hour, accounts in enumerate(held):
        await snapshots_of(store, accounts, begin + timedelta(hours=hour))
        await quoted(store, {(begin + timedelta(hours=hour)).isoformat(): ("100", "10")})
    sent = flow("bybit", "-40", begin + timedelta(minutes=20), txid="0xaa")
    got = flow("okx", "40", begin + timedelta(minutes=25), txid="0xaa")
    await store.write(lambda tx: ledger.store(tx, "bybit", "", [sent]))
    await store.write(lambda tx: ledger.store(tx, "okx", "", [got]))
    view = await followed(store, clock)
    assert [len(state.applied) for state in view.states] == [0, 0, 0, 1]
    assert view.figures.value == 220
    assert view.figures.outperformance == Known(Decimal(0))


async def test_of_a_withdrawal_only_the_day_is_known_and_it_leaves_at_its_end(store: Store, clock: Hands) -> None:
    days = ("2026-01-06T12:00:00Z", "2026-01-07T12:00:00Z", "2026-01-08T12:00:00Z")
    await closes(store, dict.fromkeys(days, "100"))
    await quoted(store, {days[0]: ("100", "10"), days[1]: ("200", "20"), days[2]: ("200", "20")})
    taken = flow("typed", "-50", instant(days[1]).date())
    await store.write(lambda tx: ledger.store(tx, "typed", "", [taken]))
    view = await followed(store, clock)
    assert [state.basket.value for state in view.states] == [100, 200, 150]


async def test_with_a_flow_of_unknown_value_nobody_knows_the_basket(store: Store, clock: Hands) -> None:
    await closes(store, {"2026-01-01T12:00:00Z": "100", "2026-01-02T12:00:00Z": "100", "2026-01-03T12:00:00Z": "150"})
    await quoted(store, {f"2026-01-0{day}T12:00:00Z": ("100", "10") for day in (1, 2, 3)})
    coin = replace(flow("bybit", "5", instant("2026-01-02T13:00:00Z")), asset="XYZ", usd=NOT_PRICED)
    await store.write(lambda tx: ledger.store(tx, "bybit", "", [coin]))
    view = await followed(store, clock)
    missing = Unknown(Reason.INCOMPLETE_FLOWS)
    assert view.figures.outperformance == view.figures.returned == view.states[-1].basket.value == missing
    assert view.figures.value is None
