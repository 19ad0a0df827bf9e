"""When clock times are due: every clock change, restarts at any moment, a clock set back."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.rhythm import Clocked, Cron, Daily, Every, Monthly, Rhythm, Weekly, instants
from portfolio_bot.service.due import NAMED, Due, Rule, Standing, changed, due, set_back, upcoming
from portfolio_bot.service.window import ALWAYS, Window

ZONES = {name: Calendar.of(name) for name in ("Europe/Paris", "America/New_York", "Australia/Lord_Howe")}
RHYTHMS: dict[str, Clocked] = {
    "at night": Daily((time(2, 15), time(2, 45))),
    "twice": Daily((time(8, 30), time(20))),
    "fridays": Weekly((4,), (time(18),)),
    "month end": Monthly(None, (time(21),)),
    "work": Cron("0 9-18/3 * * mon-fri"),
    "nightly": Cron("*/30 0-4 * * *"),
}
WINDOWS = {"always": ALWAYS, "by day": Window(8, 20), "by night": Window(22, 6)}
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


PARIS = ZONES["Europe/Paris"]
BEGIN, END = at("2026-02-20T00:07"), at("2026-11-20T00:00")


def expected(rule: Rule, since: datetime, until: datetime) -> list[datetime]:
    """The slots in a stretch of time, day by day, by looking at the wall clock."""
    rhythm = rule.rhythm
    assert not isinstance(rhythm, Every)
    found, day = [], rule.calendar.day(since) - DAY
    while day <= rule.calendar.day(until) + DAY:
        for slot in instants(rhythm, rule.calendar, day):
            shown = slot.astimezone(rule.calendar.zone)
            minutes, first, last = shown.hour * 60 + shown.minute, rule.window.start * 60, rule.window.end * 60
            inside = first <= minutes <= last if first < last else minutes >= first or minutes <= last
            if since <= slot <= until and (rule.window.always or inside):
                found.append(slot)
        day += DAY
    return found


def lived(rule: Rule, moments: list[datetime]) -> list[tuple[datetime, Due]]:
    """What is sent when by somebody who looks only at these moments, and knows only the standing between two."""
    standing, sent = changed(rule, Standing(), moments[0]), []
    for now in moments:
        found = due(rule, standing, now)
        if found is not None:
            standing = Standing(standing.base, standing.not_before).done(found.slot)
            sent.append((now, found))
    return sent


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", RHYTHMS)
@pytest.mark.parametrize("hours", WINDOWS)
def test_whoever_looks_all_the_time_sends_every_slot_once_and_in_time(zone: str, name: str, hours: str) -> None:
    rule = Rule(RHYTHMS[name], WINDOWS[hours], ZONES[zone])
    wanted = expected(rule, BEGIN, END)
    moments = sorted({BEGIN, *wanted, *(slot + MINUTE for slot in wanted)})
    sent = lived(rule, moments)
    assert [one.slot for _, one in sent] == wanted
    assert not any(one.late or one.also for _, one in sent)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", RHYTHMS)
def test_whoever_is_restarted_at_random_loses_no_slot_and_repeats_none(zone: str, name: str) -> None:
    rule, chance = Rule(RHYTHMS[name], ALWAYS, ZONES[zone]), random.Random(f"{zone} {name}")
    moments, now = [BEGIN], BEGIN
    while now < END:
        now += timedelta(minutes=chance.choice([1, 4, 15, 240, 900]))
        moments.append(now)
    sent = lived(rule, moments)
    assert [slot for _, one in sent for slot in (*one.also, one.slot)] == expected(rule, BEGIN, moments[-1])
    assert all(one.late == (now - one.slot > 5 * MINUTE) for now, one in sent)
    assert any(one.late for _, one in sent)


@pytest.mark.parametrize("name", ["twice", "fridays", "work"])
def test_what_was_missed_outside_the_window_waits_for_its_opening(name: str) -> None:
    rule, chance = Rule(RHYTHMS[name], WINDOWS["by day"], PARIS), random.Random(name)
    moments = sorted(BEGIN + chance.random() * (END - BEGIN) for _ in range(400))
    standing, sent = changed(rule, Standing(), moments[0]), 0
    for now in moments:
        found = due(rule, standing, now)
        if found is not None:
            sent += 1
            assert not found.late or rule.window.contains(PARIS, now)
            assert rule.window.contains(PARIS, found.slot)
            standing = standing.done(found.slot)
    assert sent > 20


def test_a_month_end_that_was_slept_through_is_sent_once_and_late() -> None:
    rule = Rule(Monthly(None, (time(21),)), ALWAYS, PARIS)
    standing = Standing(at("2026-09-30T19:00"))
    found = due(rule, standing, at("2026-11-20T12:00"))
    assert found == Due(at("2026-10-31T20:00"), (), late=True)
    assert due(rule, standing.done(found.slot), at("2026-11-20T12:01")) is None


def test_after_a_year_away_the_newest_names_a_day_of_others_at_most() -> None:
    rule = Rule(Cron("*/5 * * * *"), ALWAYS, PARIS)
    found = due(rule, Standing(at("2025-11-20T12:00")), at("2026-11-20T12:02"))
    assert found is not None
    assert found.slot == at("2026-11-20T12:00")
    assert len(found.also) == NAMED
    assert found.also == tuple(found.slot - 5 * MINUTE * n for n in range(NAMED, 0, -1))


def test_a_new_rhythm_brings_back_nothing_that_lies_behind() -> None:
    now = at("2026-11-20T12:00")
    rule = Rule(Daily((time(8, 30),)), ALWAYS, PARIS)
    standing = changed(rule, Standing(base=at("2026-11-18T12:00")), now)
    assert due(rule, standing, now) is None
    assert upcoming(rule, standing, now, 2) == [at("2026-11-21T07:30"), at("2026-11-22T07:30")]


def test_the_preview_reaches_a_leap_day() -> None:
    rule = Rule(Cron("0 0 29 2 *"), ALWAYS, PARIS)
    found = upcoming(rule, Standing(), at("2026-11-20T12:00"), 2)
    assert [one.date() for one in found] == [date(2028, 2, 28), date(2032, 2, 28)]  # midnight in Paris is 23:00 before


def test_hours_that_a_rhythm_never_meets_have_no_preview() -> None:
    assert upcoming(Rule(Daily((time(7),)), Window(8, 20), PARIS), Standing(), BEGIN, 3) == []


@pytest.mark.parametrize("rhythm", [Daily((time(8, 30),)), Cron("0 * * * *"), Every(timedelta(hours=2))])
@pytest.mark.parametrize("back", [timedelta(minutes=20), timedelta(hours=3), timedelta(hours=30)])
def test_a_clock_set_back_repeats_no_slot(rhythm: Rhythm, back: timedelta) -> None:
    rule, now = Rule(rhythm, ALWAYS, PARIS), at("2026-11-18T06:00")
    standing, sent = changed(rule, Standing(), now), list[datetime]()
    for tick in range(3 * 24 * 12):
        now += 5 * MINUTE
        if tick == 450:
            now -= back
            standing = set_back(rule, standing, now)
        found = due(rule, standing, now)
        if found is not None:
            standing = standing.done(found.slot)
            sent.append(found.slot)
    assert len(sent) == len(set(sent))


def test_a_clock_that_came_back_from_the_far_future_silences_nobody() -> None:
    rule, now = Rule(Daily((time(8, 30),)), ALWAYS, PARIS), at("2026-11-20T12:00")
    standing = set_back(rule, Standing(base=at("2031-01-01T07:30")), now)
    assert upcoming(rule, standing, now, 1) == [at("2026-11-21T07:30")]
