"""When a report is due. The year at the end is checked against an oracle that knows nothing of our functions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.rhythm import Every
from portfolio_bot.service import due as dues
from portfolio_bot.service.due import Rule, Standing, daily_slot, due, slot_key, snapshot_due, upcoming
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.rhythm_words import parse_interval
from portfolio_bot.service.window import Window, parse_window

PARIS = Calendar.of("Europe/Paris")
NEW_YORK = Calendar.of("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DAY = Window(8, 20)


def rule(minutes: int = 120, window: Window = DAY, calendar: Calendar = PARIS) -> Rule:
    return Rule(Every(timedelta(minutes=minutes)), window, calendar)


def next_slot(rule: Rule, standing: Standing, now: datetime) -> datetime:
    assert isinstance(rule.rhythm, Every)
    return dues.next_slot(rule, rule.rhythm.interval, standing, now)


def test_the_first_start_in_an_open_window_is_the_first_slot() -> None:
    now = at("2026-11-20T12:00")
    found = due(rule(), Standing().started(now), now)
    assert found is not None
    assert (found.slot, found.late) == (now, False)


def test_a_first_start_at_night_waits_for_the_opening_on_the_hour() -> None:
    now = at("2026-11-20T22:17")
    standing = Standing().started(now)
    assert due(rule(), standing, now) is None
    assert next_slot(rule(), standing, now) == at("2026-11-21T07:00")  # 08:00 in Paris


def test_only_the_first_start_counts() -> None:
    first = Standing().started(at("2026-11-20T22:17"))
    assert first.started(at("2026-11-21T09:00")) == first


def test_a_slot_outside_the_window_moves_to_the_next_opening() -> None:
    standing = Standing(base=at("2026-11-20T18:30"))  # 19:30 in Paris
    assert next_slot(rule(), standing, standing.base or at("2026-11-20")) == at("2026-11-21T07:00")


def test_both_oclocks_belong_to_the_window() -> None:
    assert Window(8, 20).contains(PARIS, at("2026-11-20T07:00"))
    assert Window(8, 20).contains(PARIS, at("2026-11-20T19:00"))
    assert not Window(8, 20).contains(PARIS, at("2026-11-20T19:00:01"))


def test_a_window_over_midnight_is_open_on_both_sides_of_it() -> None:
    night = Window(22, 6)
    assert night.contains(PARIS, at("2026-11-20T22:30"))
    assert night.contains(PARIS, at("2026-11-20T03:00"))
    assert not night.contains(PARIS, at("2026-11-20T12:00"))


def test_equal_hours_mean_always() -> None:
    assert all(Window(5, 5).contains(PARIS, at(f"2026-11-20T{hour:02}:59")) for hour in range(24))


def test_an_opening_that_the_spring_skips_is_the_first_instant_after_the_gap() -> None:
    # New York, 8 March 2026: 02:00 does not exist, 03:00 EDT is 07:00 UTC
    assert Window(2, 20).fit(NEW_YORK, at("2026-03-08T05:00")) == at("2026-03-08T07:00")


def test_an_opening_that_autumn_has_twice_is_the_first_one() -> None:
    # Paris, 25 October 2026: 02:00 is both 00:00 and 01:00 UTC
    assert Window(2, 20).fit(PARIS, at("2026-10-24T23:00")) == at("2026-10-25T00:00")


def test_of_several_missed_slots_the_newest_stands_for_all() -> None:
    found = due(rule(), Standing(base=at("2026-11-20T08:00")), at("2026-11-20T14:20"))
    assert found is not None
    assert found.slot == at("2026-11-20T14:00")
    assert found.also == (at("2026-11-20T10:00"), at("2026-11-20T12:00"))
    assert found.late


def test_five_minutes_are_not_late() -> None:
    found = due(rule(), Standing(base=at("2026-11-20T08:00")), at("2026-11-20T10:05"))
    assert found is not None
    assert not found.late


def test_the_last_slot_of_the_day_is_reported_though_the_window_shuts_with_it() -> None:
    standing = Standing(base=at("2026-11-20T17:00"))
    found = due(rule(), standing, at("2026-11-20T19:00:14"))
    assert found is not None
    assert found.slot == at("2026-11-20T19:00")


def test_a_slot_missed_in_the_evening_waits_for_the_morning() -> None:
    standing = Standing(base=at("2026-11-20T17:00"))
    assert due(rule(), standing, at("2026-11-20T21:00")) is None
    found = due(rule(), standing, at("2026-11-21T07:00:10"))
    assert found is not None
    assert (found.slot, found.also, found.late) == (at("2026-11-21T07:00"), (at("2026-11-20T19:00"),), False)


def test_a_new_interval_counts_from_its_own_moment() -> None:
    standing = Standing(base=at("2026-11-20T12:00")).interval_changed(at("2026-11-20T12:40"))
    assert next_slot(rule(45), standing, at("2026-11-20T12:40")) == at("2026-11-20T13:25")


def test_a_new_window_does_not_bring_back_what_the_old_one_missed() -> None:
    now = at("2026-11-20T22:00")
    standing = Standing(base=at("2026-11-20T18:00")).window_changed(now)
    assert next_slot(rule(window=Window(0, 0)), standing, now) == now


def test_a_new_window_leaves_a_slot_alone_that_lies_ahead() -> None:
    now = at("2026-11-20T13:00")
    standing = Standing(base=at("2026-11-20T12:00")).window_changed(now)
    assert next_slot(rule(window=Window(6, 22)), standing, now) == at("2026-11-20T14:00")


def test_a_clock_set_back_makes_nobody_wait_longer_than_an_interval() -> None:
    now = at("2026-11-20T10:00")
    standing = Standing(base=at("2031-01-01T10:00")).clock_set_back(now)
    assert next_slot(rule(), standing, now) == at("2026-11-20T12:00")


def test_a_clock_gone_to_2200_costs_no_time() -> None:
    standing = Standing(base=at("2026-11-20T12:00"))
    found = due(rule(1, Window(0, 0)), standing, at("2200-01-01T00:00"))
    assert found is not None
    assert found.slot == at("2200-01-01T00:00")


def test_the_preview_begins_after_what_is_due_now() -> None:
    now = at("2026-11-20T14:20")
    found = upcoming(rule(), Standing(base=at("2026-11-20T08:00")), now, 3)
    assert found == [at("2026-11-20T16:00"), at("2026-11-20T18:00"), at("2026-11-21T07:00")]


def test_the_preview_of_a_shut_window_begins_at_its_opening() -> None:
    found = upcoming(rule(), Standing(base=at("2026-11-20T17:00")), at("2026-11-20T23:00"), 2)
    assert found == [at("2026-11-21T07:00"), at("2026-11-21T09:00")]


def test_a_slot_is_named_in_utc_to_the_second_where_it_has_seconds() -> None:
    assert slot_key(at("2026-11-20T08:00"), "") == "report:2026-11-20T08:00"
    assert slot_key(at("2026-11-20T08:00:05"), "") == "report:2026-11-20T08:00:05"


def test_the_daily_moment_is_local_and_never_ahead() -> None:
    assert daily_slot(PARIS, time(0, 5), at("2026-11-20T12:00")) == at("2026-11-19T23:05")
    assert daily_slot(PARIS, time(23, 0), at("2026-11-20T12:00")) == at("2026-11-19T22:00")


@pytest.mark.parametrize(
    ("newest", "expected"),
    [(None, True), ("2026-11-20T11:30", False), ("2026-11-20T11:00", True), ("2026-11-19T23:00", True)],
)
def test_a_snapshot_is_due_after_its_interval(newest: str | None, expected: bool) -> None:
    stored = at(newest) if newest else None
    now = at("2026-11-20T12:00")
    assert snapshot_due(stored, timedelta(hours=1), daily_slot(PARIS, time(0, 5), now), now) is expected


def test_a_snapshot_is_due_at_the_daily_moment_though_one_was_just_taken() -> None:
    now = at("2026-11-19T23:05:10")
    daily = daily_slot(PARIS, time(0, 5), now)
    assert snapshot_due(at("2026-11-19T23:04"), timedelta(hours=1), daily, now)
    assert not snapshot_due(at("2026-11-19T23:05:02"), timedelta(hours=1), daily, now)


@pytest.mark.parametrize(
    ("text", "minutes"), [("45", 45), ("45m", 45), ("2h", 120), ("1d", 1440), ("90 min", 90), ("7D", 10080)]
)
def test_intervals_are_read_as_people_type_them(text: str, minutes: int) -> None:
    assert parse_interval(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["ten", "", "-5", "4", "4m", "8d", "1.5h", "45 45", "٤٥", "1e3"])
def test_what_is_no_interval_is_named_with_the_mend(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_interval(text)
    assert caught.value.refusal.value == text
    assert "5 minutes to 7 days" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("8-20", Window(8, 20)),
        ("8 20", Window(8, 20)),
        ("08:00–20:00", Window(8, 20)),
        ("22-6", Window(22, 6)),
        ("8-24", Window(8, 0)),
        ("0-24", Window(0, 0)),
        ("always", Window(0, 0)),
        ("Off", Window(0, 0)),
    ],
)
def test_windows_are_read_as_people_type_them(text: str, window: Window) -> None:
    assert parse_window(text) == window


@pytest.mark.parametrize("text", ["8", "8-25", "24-3", "8:30-20", "", "morning"])
def test_what_is_no_window_is_named_with_the_mend(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_window(text)
    assert caught.value.refusal.value == text


# --- a year of it ---------------------------------------------------------------------------------------------------

MINUTE = timedelta(minutes=1)
STEP = 4
"""Minutes between two ticks: less than what makes a report late."""

Push = tuple[datetime, bool]
"""A slot, and whether it was late."""


class Life:
    """What happens in the year: who is up when, what the clock shows, what the owner changes."""

    def __init__(self, begins: datetime) -> None:
        self.begins = begins
        self.down = [(begins + timedelta(days=40, hours=9), begins + timedelta(days=43, hours=12, minutes=7))]
        self.crash_loop = (begins + timedelta(days=70), begins + timedelta(days=71))
        self.changes = {
            begins + timedelta(days=10, minutes=723): 45,
            begins + timedelta(days=85, minutes=605): 7,
            begins + timedelta(days=120, minutes=1131): 600,
            begins + timedelta(days=200, minutes=660): 1440,
            begins + timedelta(days=270, minutes=741): 90,
        }
        self.jumps = {
            begins + timedelta(days=20, minutes=647): 60,
            begins + timedelta(days=31, minutes=701): -60,
            begins + timedelta(days=100, minutes=603): 120,
            begins + timedelta(days=140, minutes=777): -120,
        }

    def ticks(self) -> Iterator[tuple[datetime, bool, int, int]]:
        """(what the clock shows, whether the service is up, minutes it jumped just now, new interval or 0)."""
        step = STEP * MINUTE
        jumps = {(when - self.begins) // step: minutes for when, minutes in self.jumps.items()}
        changes = {(when - self.begins) // step: minutes for when, minutes in self.changes.items()}
        shown = real = self.begins
        for number in range(366 * 24 * 60 // STEP):
            jumped = jumps.get(number, 0)
            shown += jumped * MINUTE
            yield shown, not any(a <= real < b for a, b in self.down), jumped, changes.get(number, 0)
            shown += step
            real += step


def pushed(life: Life, window: Window, calendar: Calendar) -> list[Push]:
    """What our functions do in that life; a crash loop forgets everything but the standing, every ten minutes."""
    standing, current = Standing(), rule(120, window, calendar)
    sent: dict[datetime, bool] = {}
    for now, up, jumped, changed in life.ticks():
        if not up:
            continue
        if life.crash_loop[0] <= now < life.crash_loop[1] and now.minute % 10 < STEP:
            continue  # it is just starting
        standing = standing.started(now)
        if jumped < 0:
            standing = standing.clock_set_back(now)
        if changed:
            current, standing = rule(changed, window, calendar), standing.interval_changed(now)
        found = due(current, standing, now)
        if found:
            standing = standing.done(found.slot)
            sent.setdefault(found.slot, found.late)
    return list(sent.items())


def expected(life: Life, window: Window, calendar: Calendar) -> list[Push]:
    """The oracle: it walks minute by minute with a stop-watch and looks at the wall clock."""

    @cache
    def hour_shown(begun: datetime) -> int:  # both zones are whole hours from UTC
        return begun.astimezone(calendar.zone).hour

    def is_open(minute: datetime) -> bool:
        shown = hour_shown(minute.replace(minute=0)) * 60 + minute.minute
        if window.start == window.end:
            return True
        if window.start < window.end:
            return window.start * 60 <= shown <= window.end * 60
        return shown >= window.start * 60 or shown <= window.end * 60

    interval, last = 120, life.begins - timedelta(days=1)
    minute, pending = life.begins, None
    sent: dict[datetime, bool] = {}
    for now, up, jumped, changed in life.ticks():
        if jumped < 0:
            minute, last = now, min(last, now)
        while minute <= now:
            if minute - last >= interval * MINUTE and is_open(minute):
                pending = last = minute
            minute += MINUTE
        starting = life.crash_loop[0] <= now < life.crash_loop[1] and now.minute % 10 < STEP
        if changed:
            interval, last, pending = changed, now, None
        if pending is not None and up and not starting:
            late = now - pending > 5 * MINUTE
            if is_open(now) or not late:
                sent.setdefault(pending, late)
                pending = None
    return list(sent.items())


@pytest.mark.parametrize(
    ("calendar", "window"),
    [(PARIS, DAY), (NEW_YORK, DAY), (NEW_YORK, Window(22, 6))],
    ids=["Paris by day", "New York by day", "New York by night"],
)
def test_in_a_year_of_trouble_the_pushes_are_exactly_the_expected_ones(calendar: Calendar, window: Window) -> None:
    life = Life(at("2026-01-15T06:00"))
    found = pushed(life, window, calendar)
    assert found == expected(life, window, calendar)
    assert len(found) > 2000
