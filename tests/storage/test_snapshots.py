"""Snapshots: heads that cannot lie, bodies that come back, a clock that cannot run back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.storage import snapshots
from portfolio_bot.storage.bodies import UnreadableBody
from portfolio_bot.storage.snapshots import ImplausibleClock
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tables import account_value, snapshot, snapshot_body
from tests.storage.builders import NOON, complete, incomplete, provisional, without_rub

HOUR = timedelta(hours=1)


async def add(store: Store, *portfolios: Portfolio) -> list[int]:
    return [
        await store.write(lambda tx, p=portfolio: snapshots.add(tx, p, trigger="hourly"))  # type: ignore[misc]
        for portfolio in portfolios
    ]


async def newest(store: Store) -> Portfolio | None:
    async with store.read() as tx:
        return await snapshots.newest(tx)


@pytest.mark.parametrize("portfolio", [complete(), provisional(), incomplete(), without_rub()])
async def test_a_portfolio_comes_back_equal(store: Store, portfolio: Portfolio) -> None:
    await add(store, portfolio)
    assert await newest(store) == portfolio


async def test_only_a_complete_total_is_a_nav(store: Store) -> None:
    await add(store, complete(), provisional(NOON + HOUR), incomplete(NOON + 2 * HOUR))
    async with store.read() as tx:
        rows = (await tx.execute(select(snapshot).order_by(snapshot.c.at))).all()
    hundred = Decimal(100)
    assert [(r.state, r.nav, r.best_known, r.at_least) for r in rows] == [
        ("complete", hundred, None, None),
        ("provisional", None, hundred, None),
        ("incomplete", None, None, hundred),
    ]
    assert [r.rub for r in rows] == [Decimal(7860), None, None]


@pytest.mark.parametrize("lie", ["nav = '1'", "best_known = NULL", "rub = '1'", "state = 'complete'", "state = 'fine'"])
async def test_the_table_itself_refuses_a_head_that_lies(store: Store, lie: str) -> None:
    await add(store, provisional())
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.execute(text(f"UPDATE snapshot SET {lie}")))


async def test_each_account_has_its_value_and_a_failed_one_has_none(store: Store) -> None:
    await add(store, incomplete())
    async with store.read() as tx:
        rows = (await tx.execute(select(account_value).order_by(account_value.c.account))).all()
    assert [(r.account, r.state, r.nav) for r in rows] == [("bybit", "live", Decimal(100)), ("okx", "failed", None)]
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.execute(update(account_value).values(nav=None)))


async def test_numbers_rise_in_the_order_of_storing(store: Store) -> None:
    assert await add(store, complete(), complete(NOON + HOUR), complete(NOON + HOUR - timedelta(minutes=4))) == [
        1,
        2,
        3,
    ]
    stored_last = await newest(store)
    assert stored_last is not None
    assert stored_last.at == NOON + HOUR - timedelta(minutes=4)


async def test_two_of_one_instant_lie_a_microsecond_apart(store: Store) -> None:
    await add(store, complete(usd="1"), complete(usd="2"), complete(usd="3"))
    async with store.read() as tx:
        points = await snapshots.nav_points(tx, NOON, NOON + HOUR)
    assert [(p.at - NOON, p.usd) for p in points] == [(timedelta(microseconds=n), Decimal(n + 1)) for n in range(3)]


async def test_a_clock_that_stepped_far_back_stores_nothing(store: Store) -> None:
    await add(store, complete())
    with pytest.raises(ImplausibleClock, match=r"11:54 UTC, but the newest snapshot is of 2026-11-20 12:00"):
        await add(store, complete(NOON - timedelta(minutes=5, seconds=1)))
    await add(store, complete(NOON - timedelta(minutes=5)))


async def test_a_clock_that_was_never_set_stores_nothing(store: Store) -> None:
    with pytest.raises(ImplausibleClock, match="before 2020"):
        await add(store, complete(datetime(1970, 1, 1, tzinfo=UTC)))


async def test_a_snapshot_is_found_by_its_instant_or_a_later_one(store: Store) -> None:
    await add(store, complete(usd="1"), provisional(NOON + HOUR))
    async with store.read() as tx:
        assert await snapshots.at(tx, NOON) == complete(usd="1")
        assert await snapshots.at(tx, NOON + HOUR / 2) == complete(usd="1")
        assert await snapshots.at(tx, NOON + 2 * HOUR) == provisional(NOON + HOUR)
        assert await snapshots.at(tx, NOON - HOUR) is None


async def test_the_last_complete_one_is_found_behind_partial_ones(store: Store) -> None:
    await add(store, complete(usd="1"), complete(NOON + HOUR, "2"), provisional(NOON + 2 * HOUR))
    async with store.read() as tx:
        assert await snapshots.last_complete(tx) == NavPoint(NOON + HOUR, Decimal(2), Decimal("157.2"))
        assert await snapshots.last_complete(tx, NOON + HOUR) == NavPoint(NOON, Decimal(1), Decimal("78.6"))
        assert await snapshots.last_complete(tx, NOON) is None


async def test_points_are_the_complete_ones_of_the_span_oldest_first(store: Store) -> None:
    portfolios = [complete(NOON + n * HOUR, str(n + 1)) if n % 3 else provisional(NOON + n * HOUR) for n in range(9)]
    await add(store, *portfolios)
    async with store.read() as tx:
        points = await snapshots.nav_points(tx, NOON + 2 * HOUR, NOON + 7 * HOUR)
    assert [point.usd for point in points] == [Decimal(n) for n in (3, 5, 6, 8)]
    assert points == [NavPoint.of(complete(p.at, str(p.usd))) for p in points]


async def test_more_points_than_are_decoded_at_once_come_whole(store: Store) -> None:
    head = {"trigger": "hourly", "state": "complete"}
    rows = [{"at": NOON + n * HOUR, "seq": n, "nav": Decimal(n), **head} for n in range(2500)]
    await store.write(lambda tx: tx.execute(snapshot.insert(), rows))
    async with store.read() as tx:
        points = await snapshots.nav_points(tx, NOON, NOON + 9999 * HOUR)
    assert [point.usd for point in points] == [Decimal(n) for n in range(2500)]


async def test_bodies_of_one_day_share_a_key_and_another_day_has_its_own(store: Store) -> None:
    hours = [complete(NOON + n * HOUR, str(n)) for n in range(30)]
    await add(store, *hours)
    async with store.read() as tx:
        keys = await tx.scalar(text("SELECT count(*) FROM body_key"))
        for portfolio in hours:
            assert await snapshots.at(tx, portfolio.at) == portfolio
    assert keys == 2


async def test_a_snapshot_without_its_body_is_damage_not_emptiness(store: Store) -> None:
    await add(store, complete())
    await store.write(lambda tx: tx.execute(snapshot_body.delete()))
    with pytest.raises(UnreadableBody, match="2026-11-20 12:00 UTC is not there"):
        await newest(store)


async def test_an_instant_of_another_zone_is_the_same_snapshot(store: Store) -> None:
    local = NOON.astimezone(ZoneInfo("Asia/Tokyo"))
    await add(store, replace(complete(), at=local))
    assert await newest(store) == complete()
