"""What comes into view inside accounts, from the reading to the figures, on a real database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Literal

import pytest

from portfolio_bot.analytics.attribution import Parts
from portfolio_bot.analytics.borders import BorderCause
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Known
from portfolio_bot.model.portfolio import Complete
from portfolio_bot.model.statement import Holding, Statement, SubAccount, UnreadableWallet, Wallet
from portfolio_bot.platforms.identity import ACCOUNT
from portfolio_bot.report import explain_json
from portfolio_bot.report.compose import explain as compose_explain
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.service import borders
from portfolio_bot.service.explain import Explanations
from portfolio_bot.service.performance import Window
from portfolio_bot.service.snapshots import STATUS
from portfolio_bot.storage import borders as stored
from portfolio_bot.storage import memory, snapshots
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx
from tests.builders import info, live, rates
from tests.report.gallery import reader
from tests.report.shown import text
from tests.service.fakes import NOON, FakeSource, Hands, collecting, statement
from tests.service.test_past import flow
from tests.service.test_performance import over, performances, record
from tests.service.test_snapshots import opened

HOUR = timedelta(hours=1)


def seen(
    account: str, spot: str, futures: str | None = None, coins: str = "", price: str | None = None, hour: int = 0
) -> Statement:
    """Dollars in the spot wallet and, where the key may read it, in futures; and coins that may have a price."""
    rows = [Holding("USD", Wallet.SPOT, Decimal(spot), read_from="Spot")]
    rows += [Holding("USDC", Wallet.FUTURES, Decimal(futures), read_from="Futures")] if futures else []
    rows += [Holding("OLD", Wallet.SPOT, Decimal(coins), read_from="Spot")] if coins else []
    prices = {("USDC", "USD"): Decimal(1), **({("OLD", "USD"): Decimal(price)} if price else {})}
    return Statement(
        account,
        NOON + hour * HOUR,
        tuple(rows),
        prices,
        unreadable=() if futures is not None else (UnreadableWallet("Futures"),),
        wallets_read=("Spot",) if futures is None else ("Spot", "Futures"),
    )


async def took(store: Store, *statements: Statement, hour: int, rub: str = "80") -> None:
    readings = [live(one) for one in statements]
    accounts = info(*(one.account for one in statements))
    portfolio = value(readings, accounts, rates(rub), at=NOON + hour * HOUR)
    assert isinstance(portfolio.total_usd, Complete)

    async def write(tx: Tx) -> None:
        await borders.note(tx, portfolio, await snapshots.add(tx, portfolio, trigger="poll"))

    await store.write(write)


def accounts_part(view: PerformanceView) -> Decimal:
    assert view.why is not None
    return view.why.total.accounts


def adds_up(parts: Parts) -> bool:
    told = parts.market + parts.fx + parts.flows + parts.income + parts.fees + parts.accounts + parts.moved
    return parts.end - parts.start == told


def twr(view: PerformanceView) -> Decimal:
    assert isinstance(view.figures.twr, Known)
    return view.figures.twr.value


@pytest.fixture
def later(clock: Hands) -> Hands:
    clock.turn(days=9)
    return clock


async def test_a_wallet_that_becomes_readable_is_no_return(store: Store, later: Hands) -> None:
    await took(store, seen("bybit", "100"), hour=0)
    await took(store, seen("bybit", "110", "500"), hour=1)
    await took(store, seen("bybit", "121", "550"), hour=2)
    view = await over(store, later)
    assert twr(view) == Decimal("0.21")
    assert accounts_part(view) == 500
    assert view.why is not None
    assert (view.why.by_asset["USDC"].accounts, view.why.by_asset["USDC"].market) == (Decimal(500), Decimal(50))
    assert view.why.by_account["bybit"].accounts == 500


async def test_an_explanation_names_what_came_into_view(store: Store, later: Hands) -> None:
    await took(store, seen("bybit", "100"), hour=0)
    await took(store, seen("bybit", "110", "500"), hour=1)
    explaining = Explanations(store, Calendar.of("UTC"), performances(store, later), None)  # type: ignore[arg-type]
    view = await explaining.twr(Window())
    told = json.dumps(explain_json.twr(view))
    assert '"what": "readable", "account": "bybit", "inside": "Futures", "asset": "USDC"' in told
    shown = " ".join(text(compose_explain.twr(view, {"bybit": "Bybit"}, reader())).split())
    assert "Futures on Bybit, readable now" in shown


async def test_a_period_that_begins_where_a_wallet_became_readable_counts_it_as_having_come(
    store: Store, later: Hands
) -> None:
    await took(store, seen("bybit", "100"), hour=0)
    await took(store, seen("bybit", "110", "500"), hour=1)
    await took(store, seen("bybit", "121", "550"), hour=2)
    view = await over(store, later, Window("", since=NOON + HOUR))
    assert twr(view) == Decimal("0.1")
    assert view.why is not None
    assert adds_up(view.why.total)
    assert (view.why.by_asset["USDC"].start, view.why.by_asset["USDC"].market) == (Decimal(0), Decimal(50))


async def test_a_first_price_is_no_return_and_neither_is_its_loss(store: Store, later: Hands) -> None:
    for hour, price in enumerate([None, "5", "6", None]):
        await took(store, seen("bybit", "100", coins="10", price=price), hour=hour)
    view = await over(store, later)
    assert twr(view) == pytest.approx(Decimal(160) / 150 - 1, abs=Decimal("1e-20"))
    assert accounts_part(view) == -10
    assert (await over(store, later, currency="RUB")).why is not None


async def test_an_account_with_its_own_key_now_is_no_flow(store: Store, later: Hands) -> None:
    await store.write(
        lambda tx: memory.put(tx, "okx-second", ACCOUNT, json.dumps({"login": "k9", "main": None, "key": "x"}))
    )
    await took(store, seen("okx", "100"), seen("okx-second", "50"), hour=0)
    await took(store, seen("okx", "100"), seen("okx-third", "55"), hour=1)
    await store.write(
        lambda tx: memory.put(tx, "okx-third", ACCOUNT, json.dumps({"login": "k9", "main": None, "key": "x"}))
    )
    await took(store, seen("okx", "100"), seen("okx-fourth", "60"), hour=2)
    await store.write(lambda tx: memory.put(tx, "okx-fourth", ACCOUNT, "damaged"))
    async with store.read() as tx:
        assert await stored.all_since(tx, NOON) == [], "nobody knew whose they were"
    await took(store, seen("okx", "100"), seen("okx-third", "66"), hour=3)
    await took(store, seen("okx", "100"), seen("okx-second", "83"), hour=4)
    async with store.read() as tx:
        found = await stored.all_since(tx, NOON)
    assert [(one.account, one.value, one.cause, one.entered) for one in found] == [
        ("okx-second", Decimal(66), BorderCause.MOVED, False),
        ("okx-second", Decimal(-83), BorderCause.MOVED, True),
    ]
    view = await over(store, later, Window("", since=NOON + 3 * HOUR + HOUR / 2))
    assert twr(view) == pytest.approx(Decimal(183) / 166 - 1, abs=Decimal("1e-20"))


def brokers(hour: int, *subs: tuple[str, str]) -> Statement:
    """Accounts inside a token, in dollars."""
    at = NOON + hour * HOUR
    return Statement(
        "tbank",
        at,
        tuple(Holding("USD", Wallet.CASH, Decimal(worth), part=key) for key, worth in subs),
        sub_accounts=tuple(SubAccount(f"***{key}", key, key, Decimal(worth), "USD", at) for key, worth in subs),
    )


async def test_an_inner_account_that_a_recorded_deposit_filled_is_counted_once(store: Store, later: Hands) -> None:
    await took(store, brokers(0, ("k1", "100")), hour=0)
    await took(store, brokers(1, ("k1", "110"), ("k2", "60")), hour=1)
    await took(store, brokers(2, ("k1", "121")), hour=2)
    assert accounts_part(await over(store, later)) == 0
    await record(store, flow("tbank", "40", NOON + HOUR / 2), flow("tbank", "-60", NOON + HOUR * 3 / 2))
    view = await over(store, later)
    assert view.why is not None
    assert (view.why.total.accounts, view.why.total.flows) == (Decimal(20), Decimal(-20))
    assert view.figures.profit == Known(Decimal(21))


async def test_a_snapshot_that_shows_a_new_wallet_notes_it(store: Store, clock: Hands) -> None:
    before = replace(statement("bybit", {"BTC": "1"}), unreadable=(UnreadableWallet("Futures"),))
    more = (*before.holdings, Holding("ETH", Wallet.FUTURES, Decimal(9), read_from="Futures"))
    now = replace(statement("bybit", {"BTC": "1", "ETH": "9"}), holdings=more, wallets_read=("Futures",))
    source = FakeSource("bybit", before, now, clock=clock)
    taking = await opened(store, collecting(source, clock=clock), clock)
    await taking.take(STATUS)
    clock.turn(hours=1)
    assert (await taking.take(STATUS)).total_usd == Complete(replace(taking.latest.total_usd.value))  # type: ignore[union-attr]
    async with store.read() as tx:
        [one] = await stored.all_since(tx, NOON)
    assert (one.inside, one.asset, one.value, one.at) == ("Futures", "ETH", Decimal(900), clock())


@pytest.mark.parametrize("currency", ["USD", "RUB"])
@pytest.mark.parametrize("seed", range(2))
async def test_whatever_comes_into_view_the_parts_add_up(
    store: Store, later: Hands, seed: int, currency: Literal["USD", "RUB"]
) -> None:
    chance = Random(seed)
    factor, growth = Decimal(1), Decimal(1)
    for hour in range(12):
        if hour:
            factor = Decimal(chance.randint(90, 111)) / 100
            growth *= factor
        futures, price = (chance.choice((None, "7")), chance.choice((None, "3")))
        made = [
            seen(
                name,
                str(100 * growth),
                None if futures is None else str(Decimal(futures) * growth),
                "10",
                None if price is None else str(Decimal(price) * growth),
            )
            for name in ("bybit", "okx", "mexc")[: chance.randint(1, 3)]
        ]
        await took(store, *made, hour=hour)
    views: Sequence[PerformanceView] = [
        await over(store, later, currency=currency),
        await over(store, later, Window("", since=NOON + 5 * HOUR), currency),
    ]
    assert abs(twr(views[0]) - (growth - 1)) < Decimal("1e-20")
    for view in views:
        assert view.why is not None
        assert adds_up(view.why.total)
        assert all(adds_up(parts) for parts in (*view.why.by_account.values(), *view.why.by_asset.values()))


async def test_thinning_keeps_the_snapshots_beside_a_border(store: Store, later: Hands) -> None:
    for hour in range(48):
        await took(store, seen("bybit", str(100 + hour), "500" if hour >= 20 else None), hour=hour)
    first_close = Window("", since=NOON + 11 * HOUR)
    before = twr(await over(store, later, first_close))
    days = Calendar.of("UTC")
    removed = await store.write(lambda tx: snapshots.thin(tx, days, before=days.day(NOON) + timedelta(days=2)))
    assert removed > 30
    assert twr(await over(store, later, first_close)) == pytest.approx(before, abs=Decimal("1e-20"))
    assert [one.at for one in (await performances(store, later).measured(Window()))[0].joints] == [NOON + 20 * HOUR]
