"""Health is what was done lately."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.service.health import Doctor, Pulse
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.snapshots import STATUS, Snapshots
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.storage import outbox
from portfolio_bot.storage.errors import StoreUnreachable
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, FakeRates, FakeSource, Hands, collecting, settings

PARIS = Calendar.of("Europe/Paris")


def doctor(store: Store, clock: Hands, pulse: Pulse) -> Doctor:
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, clock=clock), clock=clock)
    timetable = Timetable(store, Preferences(store, clock, settings()), PARIS, clock)
    return Doctor(store, Snapshots(collect, store, FakeRates(), timetable, calendar=PARIS, clock=clock), clock, pulse)


async def test_a_service_that_polls_and_ticks_is_well(store: Store, clock: Hands) -> None:
    asked = doctor(store, clock, Pulse(polled=lambda: NOON, ticked_at=NOON))
    await asked.snapshots.take(STATUS)
    clock.turn(seconds=90)
    health = await asked.look()
    assert health.troubles == ()
    assert (health.pid, health.complete) == (os.getpid(), timedelta(seconds=90))


async def test_a_bot_that_hears_nobody_is_not_well_though_it_lives(store: Store, clock: Hands) -> None:
    asked = doctor(store, clock, Pulse(polled=lambda: NOON, ticked_at=NOON + timedelta(minutes=11)))
    clock.turn(minutes=11)
    health = await asked.look()
    assert health.troubles == ("no successful Telegram poll for 11 min",)
    assert health.as_json()["ok"] is False


async def test_a_scheduler_that_stands_still_is_not_well(store: Store, clock: Hands) -> None:
    asked = doctor(store, clock, Pulse(ticked_at=NOON))
    clock.turn(minutes=5)
    assert len((await asked.look()).troubles) == 1


async def test_only_a_scheduler_that_ticks_lets_the_manager_believe_in_us(store: Store, clock: Hands) -> None:
    asked = doctor(store, clock, Pulse())
    assert asked.ticking()
    asked.pulse.ticked_at = clock()
    clock.turn(minutes=1)
    assert asked.ticking()
    clock.turn(minutes=2)
    assert not asked.ticking()


async def test_what_only_a_person_can_mend_is_said_at_once(store: Store, clock: Hands) -> None:
    asked = doctor(store, clock, Pulse(complaints=lambda: ["Telegram refuses the bot's token"]))
    assert (await asked.look()).troubles == ("Telegram refuses the bot's token",)


async def test_without_a_bot_nobody_misses_its_polls(store: Store, clock: Hands) -> None:
    clock.turn(days=3)
    assert (await doctor(store, clock, Pulse(ticked_at=clock.now)).look()).troubles == ()


async def test_letters_that_wait_are_counted(store: Store, clock: Hands) -> None:
    await store.write(lambda tx: outbox.add(tx, key="a", chat="1", payload={}, kind="report", not_before=NOON))
    health = await doctor(store, clock, Pulse()).look()
    assert (health.waiting, health.dead) == (1, 0)
    assert json.dumps(health.as_json())


async def test_a_database_that_does_not_answer_is_told_not_raised(
    store: Store, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise StoreUnreachable("portfolio.db", "gone")

    monkeypatch.setattr(store, "read", gone)
    health = await doctor(store, clock, Pulse()).look()
    assert health.troubles == ("the database does not answer",)
