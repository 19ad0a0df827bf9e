"""The benchmark over what is stored: the worked examples, and the prices it lives on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.benchmark import Plan
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Known, Note, Unknown
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
