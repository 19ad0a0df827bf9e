"""The schedule in use, on a real database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.storage import updates
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx
from tests.service.fakes import NOON, Hands, settings

HOUR = timedelta(hours=1)


async def opened(store: Store, clock: Hands, minutes: int = 120, start: int = 8, end: int = 20) -> Timetable:
    preferences = Preferences(store, clock, settings(minutes, start, end))
    await preferences.load()
    return Timetable(store, preferences, Calendar.of("Europe/Paris"), clock)


async def report(timetable: Timetable, store: Store) -> datetime:
    (errand,) = await timetable.due()
    await store.write(lambda tx: timetable.done(tx, errand))
    return errand.due.slot


async def test_a_service_that_restarts_every_ten_minutes_reports_every_two_hours(store: Store, clock: Hands) -> None:
    reported = []
    for _ in range(36):
        timetable = await opened(store, clock)
        await timetable.begin()
        if await timetable.due():
            reported.append(await report(timetable, store))
        clock.turn(minutes=10)
    assert reported == [NOON, NOON + 2 * HOUR, NOON + 4 * HOUR]


async def test_the_very_first_slot_survives_a_restart_before_the_opening(store: Store, clock: Hands) -> None:
    clock.now = NOON.replace(hour=2)
    await (await opened(store, clock)).begin()
    clock.now = NOON.replace(hour=7, minute=20)
    timetable = await opened(store, clock)
    await timetable.begin()
    assert await report(timetable, store) == NOON.replace(hour=7)


async def test_a_new_interval_counts_from_its_moment_and_survives(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    await timetable.begin()
    await report(timetable, store)
    clock.turn(minutes=10)
    view = await timetable.set_interval("45m", "telegram:7")
    assert view.interval == timedelta(minutes=45)
    assert view.next_runs == tuple(NOON + timedelta(minutes=minutes) for minutes in (55, 100, 145))
    assert (await (await opened(store, clock)).view()) == view


async def test_a_new_window_holds_at_once_and_survives(store: Store, clock: Hands) -> None:
    clock.now = NOON.replace(hour=21)
    timetable = await opened(store, clock)
    await timetable.begin()
    assert await timetable.due() == ()
    assert not timetable.open_now()
    view = await timetable.set_window("always", "telegram:7")
    assert view.window == (0, 0)
    assert len(await timetable.due()) == 1
    assert (await opened(store, clock)).open_now()


async def test_a_mistake_changes_nothing(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    before = await timetable.view()
    with pytest.raises(UserError):
        await timetable.set_interval("ten", "telegram:7")
    with pytest.raises(UserError):
        await timetable.set_window("8-99", "telegram:7")
    assert await timetable.view() == before


async def test_a_change_and_the_mark_that_it_was_made_land_together(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)

    async def once(tx: Tx) -> None:
        if await updates.seen(tx, 1001):
            raise LookupError("done before")

    await timetable.set_interval("45", "telegram:7", along=once)
    with pytest.raises(LookupError):
        await timetable.set_interval("90", "telegram:7", along=once)
    assert timetable.interval == timedelta(minutes=45)


async def test_a_reset_goes_back_to_the_settings(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    await timetable.set_interval("45", "telegram:7")
    await timetable.set_window("9-10", "telegram:7")
    assert (await timetable.reset("POLL_INTERVAL_MINUTES", "telegram:7")).interval == 2 * HOUR
    assert (await timetable.reset("window_end_hour", "telegram:7")).window == (8, 20)


async def test_whoever_ticks_hears_of_a_change(store: Store, clock: Hands) -> None:
    heard: list[bool] = []
    timetable = await opened(store, clock)
    timetable.on_change = lambda: heard.append(True)
    await timetable.set_interval("45", "telegram:7")
    assert heard == [True]


async def test_after_a_clock_was_set_back_the_next_report_is_one_interval_away(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    await timetable.begin()
    await report(timetable, store)
    clock.now = NOON - 3 * HOUR
    assert await timetable.clock_was_set_back()
    assert not await timetable.clock_was_set_back()
    assert (await timetable.upcoming(1)) == [NOON - HOUR]
