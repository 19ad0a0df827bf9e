"""Several schedules at once, on a real database."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.rhythm import Cron, Daily, Every, Monthly, Weekly
from portfolio_bot.report import compose, terminal
from portfolio_bot.service.due import Rule
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.health import Pulse
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.schedule import MOST, Schedule
from portfolio_bot.service.scheduler import Rounds
from portfolio_bot.service.snapshots import Snapshots
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.service.window import Window
from portfolio_bot.storage import choices, schedules
from portfolio_bot.storage.errors import DiskFull
from portfolio_bot.storage.store import Store
from tests.report import gallery
from tests.service.fakes import NOON, FakePostman, FakeRates, FakeSource, Hands, collecting, settings
from tests.service.test_due_times import expected

PARIS = Calendar.of("Europe/Paris")
ANN = "telegram:7"
CONTENTS = ("report", "chart", "performance")
MORNING = Schedule("morning", Daily((time(8, 30),)))
FRIDAY = Schedule("friday", Weekly((4,), (time(18),)), "performance", (Post(SLACK),), silent=True)
CLOSE = Schedule("close", Monthly(None, (time(21),)), "chart")
WORK = Schedule("work", Cron("0 9-18/3 * * mon-fri"), window=Window(9, 18))


async def opened(store: Store, clock: Hands) -> Timetable:
    preferences = Preferences(store, clock, settings())
    await preferences.load()
    timetable = Timetable(store, preferences, PARIS, clock)
    await timetable.load()
    return timetable


class Life:
    """One life of the service, from its start to its stop."""

    def __init__(self, store: Store, clock: Hands, timetable: Timetable, postman: FakePostman) -> None:
        self.source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
        collect = collecting(self.source, clock=clock)
        self.snapshots = Snapshots(collect, store, FakeRates(), timetable, calendar=PARIS, clock=clock, postman=postman)
        self.rounds = Rounds(
            self.snapshots, timetable, collect, calendar=PARIS, clock=clock, pulse=Pulse(), pushes=True,
            every=timedelta(days=30), daily=time(0, 5),
        )  # fmt: skip


async def life(store: Store, clock: Hands, postman: FakePostman) -> Life:
    return Life(store, clock, await opened(store, clock), postman)


async def test_a_schedule_survives_a_restart_with_all_it_says(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    for one in (MORNING, FRIDAY, CLOSE, WORK):
        await timetable.put(one, ANN)
    again = await opened(store, clock)
    assert again.all() == [again.default, CLOSE, FRIDAY, MORNING, WORK]


async def test_the_first_is_the_one_that_is_always_there(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    assert [one.name for one in timetable.all()] == ["default"]
    await timetable.put(replace(timetable.default, content="chart", silent=True, posts=(Post(SLACK),)), ANN)
    await timetable.set_interval("45", ANN)
    again = (await opened(store, clock)).default
    assert (again.content, again.silent, again.posts) == ("chart", True, (Post(SLACK),))
    assert (again.rhythm, again.window) == (Every(timedelta(minutes=45)), Window(8, 20))
    with pytest.raises(UserError):
        await timetable.remove("default", ANN)


async def test_a_paused_one_sends_nothing_and_makes_up_for_nothing(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    await timetable.begin()
    await timetable.put(replace(timetable.default, paused=True), ANN)
    await timetable.put(replace(MORNING, paused=True), ANN)
    clock.turn(hours=24)
    assert await timetable.due() == ()
    assert await timetable.upcoming(name="morning") == []
    await timetable.put(MORNING, ANN)
    assert await timetable.due() == ()
    assert (await timetable.upcoming(1, name="morning")) == [datetime(2026, 11, 22, 7, 30, tzinfo=UTC)]


async def test_nobody_is_told_that_reports_come_while_they_are_paused(store: Store, clock: Hands) -> None:
    timetable, me = await opened(store, clock), gallery.reader()
    await timetable.begin()
    assert not (await timetable.view()).paused
    await timetable.put(replace(timetable.default, paused=True), ANN)
    view = await timetable.set_interval("45m", ANN)
    for document in (compose.schedule(view, me), compose.window(view, me), compose.start(me, schedule=view)):
        assert "/schedules default resume" in terminal.text(document, 80)


async def test_an_interval_that_is_resumed_counts_from_then_as_its_preview_says(store: Store, clock: Hands) -> None:
    timetable, one = await opened(store, clock), Schedule("often", Every(timedelta(hours=4)))
    await timetable.put(replace(timetable.default, paused=True), ANN)
    await timetable.put(one, ANN)
    await timetable.put(replace(one, paused=True), ANN)
    clock.turn(hours=9)
    await timetable.put(one, ANN)
    assert await timetable.due() == ()
    (first, *_) = await timetable.upcoming(name="often")
    assert first == clock() + timedelta(hours=4)
    clock.turn(hours=4)
    assert [errand.due.slot for errand in await timetable.due()] == [first]


async def test_what_a_newer_version_made_is_never_overwritten(store: Store, clock: Hands) -> None:
    newer = '{"version": 99}'
    await store.write(lambda tx: schedules.put(tx, "morning", newer, clock(), ANN))
    timetable = await opened(store, clock)
    assert timetable.get("morning") is None
    assert "morning" in timetable.names
    with pytest.raises(UserError):
        await timetable.put(MORNING, ANN)
    async with store.read() as tx:
        assert await schedules.all(tx) == {"morning": newer}


async def test_a_change_is_noted_with_who_made_it_and_can_be_taken_back(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    first = await timetable.put(MORNING, ANN)
    second = await timetable.put(replace(MORNING, rhythm=Daily((time(9),)), silent=True), ANN)
    third = await timetable.remove("morning", ANN)
    async with store.read() as tx:
        noted = [(one.who, one.what, one.before, one.after) for one in reversed(await choices.changes(tx, 9))]
    assert noted == [
        (ANN, "schedule:morning", None, "daily 08:30 report to main"),
        (ANN, "schedule:morning", "daily 08:30 report to main", "daily 09:00 report to main silent"),
        (ANN, "schedule:morning", "daily 09:00 report to main silent", None),
    ]
    await timetable.undo("morning", third, ANN, CONTENTS)
    assert timetable.get("morning") == replace(MORNING, rhythm=Daily((time(9),)), silent=True)
    await timetable.undo("morning", second, ANN, CONTENTS)
    assert timetable.get("morning") == MORNING
    await timetable.undo("morning", first, ANN, CONTENTS)
    assert timetable.get("morning") is None
    with pytest.raises(UserError):
        await timetable.undo("friday", second, ANN, CONTENTS)


@pytest.mark.parametrize("one", [FRIDAY, CLOSE, WORK, replace(MORNING, posts=(MAIN, Post("-100", 4)), paused=True)])
async def test_whatever_was_removed_comes_back_as_it_was(store: Store, clock: Hands, one: Schedule) -> None:
    timetable = await opened(store, clock)
    await timetable.put(one, ANN)
    number = await timetable.remove(one.name, ANN)
    await timetable.undo(one.name, number, ANN, CONTENTS)
    assert timetable.get(one.name) == one


async def test_what_would_never_come_is_refused_and_changes_nothing(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    with pytest.raises(UserError):
        await timetable.put(replace(MORNING, window=Window(9, 18)), ANN)
    assert timetable.get("morning") is None
    assert (await opened(store, clock)).get("morning") is None


async def test_there_is_an_end_to_them(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    for number in range(MOST):
        await timetable.put(replace(MORNING, name=f"m{number}"), ANN)
    with pytest.raises(UserError):
        await timetable.put(MORNING, ANN)
    await timetable.put(replace(MORNING, name="m1", silent=True), ANN)


async def test_one_of_another_version_is_left_out_with_a_word(
    store: Store, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    timetable = await opened(store, clock)
    await timetable.put(MORNING, ANN)
    await store.write(lambda tx: schedules.put(tx, "moon", '{"version": 9, "phase": "full"}', NOON, ANN))
    await store.write(lambda tx: schedules.put(tx, "noise", "no json", NOON, ANN))
    again = await opened(store, clock)
    assert [one.name for one in again.all()] == ["default", "morning"]
    assert "the schedule moon cannot be read" in caplog.text
    assert "the schedule noise cannot be read" in caplog.text


async def test_a_name_that_was_used_before_begins_anew(store: Store, clock: Hands) -> None:
    timetable = await opened(store, clock)
    await timetable.put(MORNING, ANN)
    clock.turn(hours=48)
    await timetable.remove("morning", ANN)
    await timetable.put(MORNING, ANN)
    assert all(errand.schedule.is_default for errand in await timetable.due())


async def test_one_fetch_serves_all_that_are_due(store: Store, clock: Hands) -> None:
    postman = FakePostman()
    first = await life(store, clock, postman)
    timetable = await opened(store, clock)
    for name, content in (("a", "report"), ("b", "chart"), ("c", "details"), ("d", "performance")):
        await timetable.put(Schedule(name, Daily((time(14),)), content), ANN)
    first = Life(store, clock, timetable, postman)
    await first.rounds.tick()
    clock.turn(minutes=60)
    asked = first.source.asked
    await first.rounds.tick()
    assert first.source.asked == asked + 1
    told = [(one.key, one.content) for one in postman.reports]
    assert told[0] == ("report:2026-11-20T12:00", "report")
    assert sorted(told[1:]) == [
        ("report:a:2026-11-20T13:00", "report"),
        ("report:b:2026-11-20T13:00", "chart"),
        ("report:c:2026-11-20T13:00", "details"),
        ("report:d:2026-11-20T13:00", "performance"),
    ]
    await first.rounds.tick()
    assert len(postman.reports) == 5


async def test_a_picture_is_not_drawn_while_the_database_is_written(
    store: Store, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = drawn = False
    real = store.write

    async def watched(work: object) -> object:
        nonlocal writing
        writing = True
        try:
            return await real(work)  # type: ignore[arg-type]
        finally:
            writing = False

    class Painter(FakePostman):
        async def prepare(self, pushed: Pushed):  # type: ignore[no-untyped-def]
            nonlocal drawn
            assert not writing
            drawn = True
            return await super().prepare(pushed)

    postman = Painter()
    one = await life(store, clock, postman)
    await one.rounds.tick()
    timetable = await opened(store, clock)
    await timetable.put(Schedule("b", Daily((time(14),)), "chart"), ANN)
    monkeypatch.setattr(store, "write", watched)
    clock.turn(minutes=60)
    await Life(store, clock, timetable, postman).rounds.tick()
    assert drawn
    assert postman.reports[-1].content == "chart"


async def test_a_full_disk_delays_a_picture_and_loses_none(
    store: Store, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: object) -> None:
        raise DiskFull("portfolio.db")

    postman = FakePostman()
    timetable = await opened(store, clock)
    await timetable.put(replace(timetable.default, paused=True), ANN)
    await timetable.put(Schedule("b", Daily((time(14),)), "chart"), ANN)
    one = Life(store, clock, timetable, postman)
    await one.rounds.tick()
    clock.turn(minutes=60)
    monkeypatch.setattr(store, "write", full)
    asked = one.source.asked
    for _ in range(40):
        await one.rounds.tick()
        clock.turn(seconds=15)
    assert one.source.asked == asked + 1
    monkeypatch.undo()
    for _ in range(8):
        await one.rounds.tick()
        clock.turn(seconds=15)
    assert [push.key for push in postman.reports] == ["report:b:2026-11-20T13:00"]


async def test_a_run_that_was_missed_while_down_is_sent_once_and_late(store: Store, clock: Hands) -> None:
    postman = FakePostman()
    one = await life(store, clock, postman)
    await one.rounds.tick()
    timetable = await opened(store, clock)
    await timetable.put(replace(timetable.default, paused=True), ANN)
    await timetable.put(MORNING, ANN)
    clock.turn(days=3)
    for _ in range(3):
        again = await life(store, clock, postman)
        await again.rounds.tick()
        clock.turn(minutes=10)
    late = [push for push in postman.reports if not push.errand or push.errand.schedule.name == "morning"]
    assert [push.key for push in late] == ["report:morning:2026-11-23T07:30"]
    assert late[0].late is not None
    assert len(late[0].late.also) == 2


async def test_a_year_of_several_with_restarts_at_random_sends_exactly_what_it_should(
    store: Store, clock: Hands
) -> None:
    """Each life sees only some ticks; the database is all that they share."""
    clock.now = begin = datetime(2026, 1, 15, 6, 2, tzinfo=UTC)
    chance = random.Random(6)
    timetable = await opened(store, clock)
    await timetable.begin()
    await timetable.set_interval("1d", ANN)
    made = (MORNING, FRIDAY, CLOSE, WORK)
    for one in made:
        await timetable.put(one, ANN)
    slots, late = defaultdict[str, list[datetime]](list), 0
    while clock.now < begin + timedelta(days=365):
        if chance.random() < 0.1:
            timetable = await opened(store, clock)
        for errand in await timetable.due():
            await store.write(partial(timetable.done, errand=errand))
            slots[errand.schedule.name] += [*errand.due.also, errand.due.slot]
            late += errand.due.late
        clock.turn(minutes=chance.choice([4, 400, 900, 1500, 2900]))
    for one in made:
        wanted = expected(Rule(one.rhythm, one.window, PARIS), begin, slots[one.name][-1])
        if one is not WORK:  # of whose many slots the newest names no more than a phone can show
            assert slots[one.name] == wanted, one.name
        assert slots[one.name] == sorted(set(slots[one.name]) & set(wanted)), one.name
        assert len(slots[one.name]) >= 11
    assert len(slots["default"]) == len(set(slots["default"])) > 300
    assert late > 50
