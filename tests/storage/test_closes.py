"""Day closes are cut from snapshots by the days of the reader's zone."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.history import DayClose, NavPoint, Origin
from portfolio_bot.storage import imported, ledger, snapshots
from portfolio_bot.storage.columns import micros
from portfolio_bot.storage.imported import Figures, When
from portfolio_bot.storage.store import Store, Tx
from portfolio_bot.storage.tables import snapshot
from tests.storage.builders import NOON, PARIS, complete, moment, provisional

NEW_YORK = Calendar.of("America/New_York")


async def heads(store: Store, rows: Iterable[tuple[datetime, str | None]]) -> None:
    """Heads alone, fast: an instant with a NAV, or with None for a partial total."""
    values = [
        {
            "at": at,
            "seq": number,
            "trigger": "hourly",
            "state": "provisional" if nav is None else "complete",
            "nav": None if nav is None else Decimal(nav),
            "best_known": Decimal(1) if nav is None else None,
        }
        for number, (at, nav) in enumerate(rows, 1)
    ]
    await store.write(lambda tx: tx.execute(snapshot.insert(), values))


async def closes(store: Store, calendar: Calendar, now: datetime, limit: int | None = None) -> list[DayClose]:
    async with store.read() as tx:
        return await snapshots.closes(tx, calendar, now=now, limit=limit)


def short(found: Iterable[DayClose]) -> list[str]:
    return [f"{close.day:%d}={close.point.usd}{' open' if close.open else ''}" for close in found]


def picked(rows: Iterable[tuple[datetime, str | None]], calendar: Calendar) -> list[tuple[date, Decimal]]:
    """The naive way: read everything and pick."""
    last: dict[date, Decimal] = {}
    for at, nav in sorted(rows):
        if nav is not None:
            last[calendar.day(at)] = Decimal(nav)
    return sorted(last.items(), reverse=True)


async def test_today_comes_first_and_is_open(store: Store) -> None:
    await heads(store, [(NOON - timedelta(days=1), "1"), (NOON, "2"), (NOON + timedelta(hours=1), "3")])
    assert short(await closes(store, PARIS, NOON + timedelta(hours=2))) == ["20=3 open", "19=1"]


async def test_a_day_is_closed_by_its_last_complete_snapshot(store: Store) -> None:
    rows = [("2026-11-19 08:00", "1"), ("2026-11-19 20:00", "2"), ("2026-11-19 22:00", None)]
    await heads(store, [(moment(at), nav) for at, nav in rows])
    assert short(await closes(store, PARIS, NOON)) == ["19=2"]


async def test_a_day_without_a_complete_snapshot_is_left_out(store: Store) -> None:
    await heads(store, [(NOON - timedelta(days=2), "1"), (NOON - timedelta(days=1), None)])
    assert short(await closes(store, PARIS, NOON)) == ["18=1"]


async def test_the_first_instant_of_a_day_belongs_to_it_and_the_one_before_does_not(store: Store) -> None:
    midnight = moment("2026-11-18 23:00")  # in Paris
    await heads(store, [(midnight - timedelta(microseconds=1), "1"), (midnight, "2")])
    assert short(await closes(store, PARIS, NOON)) == ["19=2", "18=1"]


async def test_another_zone_cuts_the_same_snapshots_anew(store: Store) -> None:
    await heads(store, [(moment("2026-11-18 23:30"), "1"), (moment("2026-11-19 03:00"), "2")])
    assert short(await closes(store, PARIS, NOON)) == ["19=2"]
    assert short(await closes(store, NEW_YORK, NOON)) == ["18=2"]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
async def test_two_years_of_hours_are_cut_as_picking_by_hand_would(store: Store, zone: str) -> None:
    chance, calendar = random.Random(1), Calendar.of(zone)
    start = moment("2025-01-15 00:30")
    rows = [
        (start + n * timedelta(hours=1), None if n % 97 == 0 else str(n))
        for n in range(2 * 8766)
        if chance.random() > 0.3 and not 4000 < n < 6000
    ]
    await heads(store, rows)
    now = start + timedelta(hours=2 * 8766)
    found = await closes(store, calendar, now)
    assert [(close.day, close.point.usd) for close in found] == picked(rows, calendar)
    assert await closes(store, calendar, now, limit=40) == found[:40]
    assert await closes(store, calendar, now, limit=500) == found[:500]


async def test_a_limit_counts_closes_and_crosses_a_gap_of_years(store: Store) -> None:
    await heads(store, [(moment("2020-03-01 12:00"), "1"), (moment("2020-03-02 12:00"), "2"), (NOON, "3")])
    assert short(await closes(store, PARIS, NOON, limit=2)) == ["20=3 open", "02=2"]
    assert short(await closes(store, PARIS, NOON)) == ["20=3 open", "02=2", "01=1"]


async def test_a_limit_of_one_gives_the_newest(store: Store) -> None:
    await heads(store, [(NOON - timedelta(days=1), "1"), (NOON, "2")])
    assert short(await closes(store, PARIS, NOON, limit=1)) == ["20=2 open"]


async def test_both_currencies_of_a_close_come_from_one_snapshot(store: Store) -> None:
    await store.write(lambda tx: snapshots.add(tx, complete(usd="2"), trigger="hourly"))
    (close,) = await closes(store, PARIS, NOON)
    assert close.point == NavPoint(NOON, Decimal(2), Decimal("157.2"))


async def test_imported_closes_fill_the_days_that_have_none_of_ours(store: Store) -> None:
    await heads(store, [(moment("2026-11-19 12:00"), "1")])
    elsewhere: dict[When, Figures] = {
        date(2026, 11, 19): Figures(Decimal(90), None),
        date(2026, 11, 18): Figures(None, Decimal(800)),
        moment("2026-11-17 08:00"): Figures(Decimal(70), None),
        moment("2026-11-17 09:00"): Figures(Decimal(71), None),
        moment("2026-11-16 23:00"): Figures(Decimal(60), None),  # the 17th in Paris
        date(2010, 1, 1): Figures(Decimal(1), None),
    }
    await store.write(lambda tx: imported.store(tx, elsewhere))
    found = await closes(store, PARIS, NOON)
    assert short(found) == ["19=1", "18=None", "17=71", "01=1"]
    assert [close.point.origin for close in found] == [Origin.LIVE, *[Origin.IMPORTED] * 3]
    assert found[1].point.rub == Decimal(800)


async def test_an_instant_at_midnight_opens_the_next_day_only(store: Store) -> None:
    midnight: dict[When, Figures] = {moment("2026-11-18 23:00"): Figures(Decimal(1), None)}
    await store.write(lambda tx: imported.store(tx, midnight))
    async with store.read() as tx:
        assert list(await imported.closes(tx, PARIS, date(2026, 11, 18), date(2026, 11, 18))) == []
    assert short(await closes(store, PARIS, NOON)) == ["19=1"]


async def thinned(store: Store, calendar: Calendar, before: date) -> list[int]:
    removed = []
    while count := await store.write(lambda tx: snapshots.thin(tx, calendar, before=before)):
        removed.append(count)
    return removed


async def test_thinning_keeps_every_close_and_all_of_the_newer_days(store: Store) -> None:
    start = moment("2026-08-01 00:30")
    taken = [(provisional if n % 30 == 0 else complete)(start + n * timedelta(hours=6), str(n)) for n in range(450)]

    async def add(tx: Tx) -> None:
        for portfolio in taken:
            await snapshots.add(tx, portfolio, trigger="hourly")

    await store.write(add)
    now, before = taken[-1].at, date(2026, 11, 1)
    whole = await closes(store, PARIS, now)
    removed = await thinned(store, PARIS, before)
    assert len(removed) > 1
    assert await closes(store, PARIS, now) == whole
    async with store.read() as tx:
        kept = {micros(p.at) for p in taken if PARIS.day(p.at) >= before}
        kept |= {micros(close.point.at) for close in whole if close.day < before}
        for table in ("snapshot", "snapshot_body", "account_value"):
            assert set(await tx.scalars(text(f"SELECT at FROM {table}"))) == kept
        for portfolio in taken:
            if micros(portfolio.at) in kept:
                assert await snapshots.at(tx, portfolio.at) == portfolio
        idle = "SELECT count(*) FROM body_key WHERE day NOT IN (SELECT day FROM snapshot_body)"
        assert await tx.scalar(text(idle)) == 0


async def test_thinning_keeps_the_snapshots_beside_deposits_and_withdrawals(store: Store) -> None:
    start = moment("2026-09-01 00:30")
    hours = [start + n * timedelta(hours=1) for n in range(24 * 60)]
    await heads(store, [(at, None if n % 7 == 0 else str(n)) for n, at in enumerate(hours)])
    chance = random.Random(4)
    kinds = [FlowKind.DEPOSIT, FlowKind.WITHDRAWAL, FlowKind.TRANSFER, FlowKind.UNCLASSIFIED]
    flows = [
        CashFlow(str(n), "bybit", kind, at, "BTC", Decimal(-1 if kind is FlowKind.WITHDRAWAL else 1))
        for n, at in enumerate([*chance.choices(hours, k=12), start + timedelta(days=44, minutes=chance.random())])
        for kind in [chance.choice(kinds)]
    ]
    await store.write(lambda tx: ledger.store(tx, "bybit", "", flows))
    before = date(2026, 10, 15)
    whole = await closes(store, PARIS, NOON)
    assert len(await thinned(store, PARIS, before)) > 1
    complete_ones = [at for n, at in enumerate(hours) if n % 7]
    kept = {at for at in hours if PARIS.day(at) >= before} | {close.point.at for close in whole}
    for flow in flows:
        if flow.kind in kinds[:2]:
            moment_of_it = flow.instant(PARIS)
            kept |= {max(at for at in complete_ones if at <= moment_of_it)}
            kept |= {min(at for at in complete_ones if at > moment_of_it)}
    async with store.read() as tx:
        assert set(await tx.scalars(text("SELECT at FROM snapshot"))) == {micros(at) for at in kept}
    assert await closes(store, PARIS, NOON) == whole


async def test_thinning_never_takes_the_newest_snapshot_nor_an_empty_store(store: Store) -> None:
    assert await thinned(store, PARIS, date(2030, 1, 1)) == []
    for portfolio in (complete(), provisional(NOON + timedelta(hours=1)), provisional(NOON + timedelta(hours=2))):
        await store.write(lambda tx, p=portfolio: snapshots.add(tx, p, trigger="hourly"))  # type: ignore[misc]
    assert await thinned(store, PARIS, date(2030, 1, 1)) == [1]
    async with store.read() as tx:
        assert await snapshots.newest(tx) == provisional(NOON + timedelta(hours=2))
