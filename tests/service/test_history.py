"""What was, as the owner's days cut it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.valuation import AccountInfo, value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import RateTable
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.reading import Live
from portfolio_bot.model.trade import Worth, WorthSource
from portfolio_bot.report.views import Crossed
from portfolio_bot.service.history import History
from portfolio_bot.storage import imported, ledger, snapshots
from portfolio_bot.storage.imported import Figures
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, Hands, statement

PARIS = Calendar.of("Europe/Paris")
DAY = timedelta(days=1)


async def put(store: Store, at: datetime, amount: str) -> Portfolio:
    infos = {"bybit": AccountInfo("bybit", "Bybit", "bybit", is_exchange=True)}
    portfolio = value([Live("bybit", statement("bybit", {"BTC": amount}, at))], infos, RateTable({}), at=at)
    await store.write(lambda tx: snapshots.add(tx, portfolio, trigger="poll"))
    return portfolio


async def test_without_a_past_there_is_nothing_to_compare_with(store: Store, clock: Hands) -> None:
    history = History(store, PARIS, clock)
    assert await history.newest() is None
    assert await history.closes(30) == []
    assert await history.baseline() is None


async def test_today_is_compared_with_the_last_snapshot_of_yesterday(store: Store, clock: Hands) -> None:
    await put(store, NOON - DAY, "1")
    close = await put(store, NOON - DAY + timedelta(hours=9), "2")
    newest = await put(store, NOON, "3")
    history = History(store, PARIS, clock)
    assert await history.baseline() == close
    assert await history.newest() == newest
    assert [(close.open, str(close.point.usd)) for close in await history.closes()] == [(True, "300"), (False, "200")]


async def test_yesterday_ends_with_the_owners_day(store: Store, clock: Hands) -> None:
    clock.now = NOON.replace(hour=23, minute=30)  # after midnight in Paris
    close = await put(store, NOON, "1")
    assert await History(store, PARIS, clock).baseline() == close
    assert await History(store, Calendar.of("UTC"), clock).baseline() is None


async def test_an_imported_close_is_compared_with_by_its_total_alone(store: Store, clock: Hands) -> None:
    closes = {date(2026, 11, 19): Figures(Decimal(500), None)}
    await store.write(lambda tx: imported.store(tx, closes))
    found = await History(store, PARIS, clock).baseline()
    assert isinstance(found, NavPoint)
    assert found.usd == 500


async def test_the_history_of_something_else_is_nothing_to_compare_with(store: Store, clock: Hands) -> None:
    closes = {date(2026, 11, 19): Figures(Decimal(500), None)}
    await store.write(lambda tx: imported.store(tx, closes))
    await store.write(lambda tx: imported.set_separate(tx, separate=True))
    assert await History(store, PARIS, clock).baseline() is None
    close = await put(store, NOON - DAY, "1")
    assert await History(store, PARIS, clock).baseline() == close


async def told(store: Store, *flows: CashFlow) -> None:
    for flow in flows:
        await store.write(lambda tx, flow=flow: ledger.store(tx, flow.account, "", [flow]))  # type: ignore[misc]


async def test_what_came_since_the_close_is_told_apart_and_own_transfers_did_not(store: Store, clock: Hands) -> None:
    await put(store, NOON - DAY, "1")
    dollars = Worth(Decimal(10), WorthSource.DOLLARS)
    early = CashFlow("1", "bybit", FlowKind.DEPOSIT, NOON - 2 * DAY, "USD", Decimal(10), dollars)
    late = CashFlow("2", "bybit", FlowKind.DEPOSIT, NOON - DAY / 2, "USD", Decimal(10), dollars)
    blind = CashFlow("3", "okx", FlowKind.DEPOSIT, NOON - DAY / 2, "XYZ", Decimal(10))
    sent = CashFlow("4", "bybit", FlowKind.WITHDRAWAL, NOON - DAY / 2, "BTC", Decimal(-1), txid="t")
    got = CashFlow("5", "okx", FlowKind.DEPOSIT, NOON - DAY / 3, "BTC", Decimal(1), txid="t")
    await told(store, early, late, blind, sent, got)
    history = History(store, PARIS, clock)
    found = await history.crossed(await history.baseline())
    assert sorted(found, key=lambda one: one.account) == [Crossed("bybit", Decimal(10)), Crossed("okx", None)]
    assert await history.crossed(None) == ()
