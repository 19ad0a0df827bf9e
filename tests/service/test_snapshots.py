"""Collect, value, remember: on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import Complete, Incomplete, KnownAccount, Portfolio, ReadingState
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.due import Due
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.snapshots import PULL, STATUS, Snapshots, Trigger
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.storage import accounts, outbox, slots
from portfolio_bot.storage import snapshots as stored
from portfolio_bot.storage.errors import DiskFull
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx
from tests.service.fakes import (
    HANG,
    NOON,
    FakePostman,
    FakeRates,
    FakeSource,
    Hands,
    collecting,
    down,
    errand,
    settings,
    statement,
)

PARIS = Calendar.of("Europe/Paris")
POLL = Trigger("poll", errands=(errand(Due(NOON)),))


async def opened(
    store: Store, collect: Collect, clock: Hands, *, postman: FakePostman | None = None, rates: FakeRates | None = None
) -> Snapshots:
    preferences = Preferences(store, clock, settings())
    timetable = Timetable(store, preferences, PARIS, clock)
    snapshots = Snapshots(collect, store, rates or FakeRates(), timetable, calendar=PARIS, clock=clock, postman=postman)
    await snapshots.load()
    return snapshots


async def newest(store: Store) -> Portfolio | None:
    async with store.read() as tx:
        return await stored.newest(tx)


async def test_a_snapshot_is_stored_as_it_is_answered(store: Store, clock: Hands) -> None:
    snapshots = await opened(store, collecting(FakeSource("bybit", {"BTC": "2"}, clock=clock), clock=clock), clock)
    portfolio = await snapshots.take(STATUS)
    assert isinstance(portfolio.total_usd, Complete)
    assert await newest(store) == portfolio
    assert snapshots.taken_at == snapshots.complete_at == NOON


async def test_answers_from_memory_make_no_second_snapshot(store: Store, clock: Hands) -> None:
    snapshots = await opened(store, collecting(FakeSource("bybit", {"BTC": "2"}, clock=clock), clock=clock), clock)
    first = await snapshots.take(STATUS)
    clock.turn(seconds=30)
    second = await snapshots.take(STATUS)
    assert isinstance(second.accounts[0], KnownAccount)
    assert second.accounts[0].state is ReadingState.CACHED
    assert await newest(store) == first


async def test_who_shares_a_round_shares_its_snapshot(store: Store, clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "2"}, clock=clock, takes=0.02)
    snapshots = await opened(store, collecting(source, clock=clock), clock)
    first, second = await asyncio.gather(snapshots.take(STATUS), snapshots.take(STATUS))
    assert first is second
    async with store.read() as tx:
        assert len(await stored.nav_points(tx, NOON - timedelta(days=1), NOON + timedelta(days=1))) == 1


async def test_what_is_not_complete_is_stored_as_that(store: Store, clock: Hands) -> None:
    good = FakeSource("bybit", {"BTC": "2"}, clock=clock)
    snapshots = await opened(store, collecting(good, FakeSource("okx", down(), clock=clock), clock=clock), clock)
    await snapshots.take(STATUS)
    found = await newest(store)
    assert found is not None
    assert isinstance(found.total_usd, Incomplete)
    assert snapshots.complete_at is None


async def test_when_nobody_answers_only_the_failures_are_stored(store: Store, clock: Hands) -> None:
    snapshots = await opened(store, collecting(FakeSource("okx", down(), clock=clock), clock=clock), clock)
    await snapshots.take(STATUS)
    assert await newest(store) is None
    async with store.read() as tx:
        assert (await accounts.states(tx))["okx"].failures_in_row == 1


async def test_an_account_that_answered_is_stored_though_its_currency_has_no_rate(store: Store, clock: Hands) -> None:
    roubles = replace(statement("tbank", {}), native_currency="RUB")
    rates = FakeRates()
    rates.rub = Unknown("no_rate", "USD/RUB")
    collect = collecting(FakeSource("tbank", roubles, clock=clock), clock=clock, rates=rates)
    snapshots = await opened(store, collect, clock, rates=rates)
    portfolio = await snapshots.take(STATUS)
    assert not portfolio.all_dark
    stored = await newest(store)
    assert stored is not None
    assert stored.total_usd == Incomplete(Money(Decimal(0), "USD"), ("tbank",))


async def test_the_last_good_value_stands_in_after_a_restart(store: Store, clock: Hands) -> None:
    good = FakeSource("bybit", {"BTC": "2"}, clock=clock)
    await (await opened(store, collecting(good, clock=clock), clock)).take(STATUS)
    clock.turn(hours=1)
    again = await opened(store, collecting(FakeSource("bybit", down(), clock=clock), clock=clock), clock)
    portfolio = await again.take(STATUS)
    (account,) = portfolio.accounts
    assert isinstance(account, KnownAccount)
    assert (account.state, account.as_of) == (ReadingState.STALE, NOON)


async def test_a_report_its_slot_and_its_snapshot_are_one_transaction(store: Store, clock: Hands) -> None:
    class Broken(FakePostman):
        async def report(self, tx: Tx, pushed: Pushed) -> None:
            await super().report(tx, pushed)
            raise RuntimeError("rendering broke")

    source = FakeSource("bybit", {"BTC": "2"}, clock=clock)
    snapshots = await opened(store, collecting(source, clock=clock), clock, postman=Broken())
    with pytest.raises(RuntimeError):
        await snapshots.take(POLL)
    assert await newest(store) is None
    async with store.read() as tx:
        assert await outbox.find(tx, "report:2026-11-20T12:00") is None
        assert await slots.last(tx, "report") is None


async def test_a_report_is_queued_once_for_its_slot(store: Store, clock: Hands) -> None:
    postman = FakePostman()
    source = FakeSource("bybit", {"BTC": "2"}, clock=clock)
    snapshots = await opened(store, collecting(source, clock=clock), clock, postman=postman)
    await snapshots.take(POLL)
    await snapshots.take(POLL)
    assert [pushed.key for pushed in postman.reports] == ["report:2026-11-20T12:00"]
    assert postman.nudges == 2
    async with store.read() as tx:
        assert await slots.last(tx, "report") == NOON


async def test_a_report_is_compared_with_the_close_of_the_day_before(store: Store, clock: Hands) -> None:
    postman = FakePostman()
    source = FakeSource("bybit", {"BTC": "2"}, {"BTC": "2.2"}, clock=clock)
    snapshots = await opened(store, collecting(source, clock=clock), clock, postman=postman)
    yesterday = await snapshots.take(STATUS)
    clock.turn(days=1)
    await snapshots.take(Trigger("poll", errands=(errand(Due(clock.now, late=True, also=(NOON,))),)))
    (pushed,) = postman.reports
    assert pushed.baseline == yesterday
    assert pushed.late is not None
    assert pushed.late.also == (NOON,)


async def test_an_account_that_goes_and_returns_is_told_once_each(store: Store, clock: Hands) -> None:
    postman = FakePostman()
    source = FakeSource("bybit", {"BTC": "1"}, down(), down(), down(), {"BTC": "1"}, {"BTC": "1"}, clock=clock)
    snapshots = await opened(store, collecting(source, clock=clock), clock, postman=postman)
    for _ in range(6):
        await snapshots.take(PULL)
        clock.turn(minutes=5)
    assert [notice.key.split(":")[0] for notice in postman.notices] == ["down", "back"]


async def test_a_full_disk_costs_no_snapshot(store: Store, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    postman = FakePostman()
    source = FakeSource("bybit", {"BTC": "2"}, clock=clock)
    snapshots = await opened(store, collecting(source, clock=clock), clock, postman=postman)
    written = store.write

    async def full(_: object) -> None:
        raise DiskFull("portfolio.db")

    monkeypatch.setattr(store, "write", full)
    await snapshots.take(POLL)
    assert snapshots.is_pushed(errand(Due(NOON)))
    clock.turn(minutes=2)
    await snapshots.take(STATUS)
    assert len(postman.alarms) == 1
    assert "disk is full" in postman.alarms[0]
    monkeypatch.setattr(store, "write", written)
    await snapshots.write_waiting()
    async with store.read() as tx:
        points = await stored.nav_points(tx, NOON, NOON + timedelta(hours=1))
    assert [point.at for point in points] == [NOON, NOON + timedelta(minutes=2)]
    assert len(postman.reports) == 1


async def test_a_clock_that_was_set_back_costs_the_snapshot_but_not_the_report(store: Store, clock: Hands) -> None:
    postman = FakePostman()
    source = FakeSource("bybit", {"BTC": "2"}, clock=clock)
    snapshots = await opened(store, collecting(source, clock=clock), clock, postman=postman)
    await snapshots.take(STATUS)
    clock.turn(hours=-2)
    await snapshots.take(Trigger("poll", errands=(errand(Due(clock.now)),)))
    assert len(postman.reports) == 1
    found = await newest(store)
    assert found is not None
    assert found.at == NOON


async def test_one_hangs_one_is_refused_and_the_report_still_comes_with_both_named(store: Store, clock: Hands) -> None:
    postman = FakePostman()
    sources = (
        FakeSource("bybit", {"BTC": "2"}, clock=clock),
        FakeSource("okx", HANG, clock=clock, patience=0.05),
        FakeSource("kraken", down(FailureKind.BAD_KEY), clock=clock),
    )
    snapshots = await opened(store, collecting(*sources, clock=clock), clock, postman=postman)
    await snapshots.take(POLL)
    portfolio = postman.reports[0].portfolio
    assert isinstance(portfolio.total_usd, Incomplete)
    assert portfolio.total_usd.missing == ("okx", "kraken")


async def test_progress_is_handed_through(store: Store, clock: Hands) -> None:
    told: list[Mapping[str, str]] = []
    snapshots = await opened(store, collecting(FakeSource("bybit", {"BTC": "2"}, clock=clock), clock=clock), clock)
    await snapshots.take(PULL, told.append)
    assert told[-1] == {"bybit": "ok"}
