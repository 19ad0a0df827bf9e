"""The memory of alerts: raised once, over once, silent where people asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.analytics.alert_states import (
    AlertRule,
    AlertState,
    Event,
    Measure,
    Part,
    Round,
    Subject,
    Told,
    What,
)
from portfolio_bot.analytics.alerts import acknowledged, heard, judge, snoozed
from portfolio_bot.storage.alerts import of_text, to_text

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOTAL, HIGH = Subject(AlertRule.TOTAL), Subject(AlertRule.HIGH)
States = dict[Subject, AlertState]

values = st.lists(
    st.one_of(st.none(), st.decimals(min_value=-12, max_value=12, places=1)), min_size=1, max_size=40
)  # None: this snapshot judged nothing


def look(value: str | Decimal | None, at: datetime, subject: Subject = TOTAL, limit: str = "5") -> Round:
    if value is None:
        return Round(at)
    return Round(at, [Measure(subject, Decimal(value), Decimal(limit))], frozenset({subject.rule}))


def told(rounds: Iterable[Round], states: States | None = None) -> tuple[list[Event], States]:
    events: list[Event] = []
    states = states or {}
    for one in rounds:
        states, more = judge(states, one)
        events += more
    return events, states


def hourly(
    *measured: str | Decimal | None, subject: Subject = TOTAL, start: datetime = NOON, limit: str = "5"
) -> list[Round]:
    return [look(value, start + hour * HOUR, subject, limit) for hour, value in enumerate(measured)]


def whats(events: Sequence[Event]) -> list[str]:
    return [event.what.value for event in events]


def test_one_measurement_raises_nothing_and_a_second_one_does() -> None:
    assert told(hourly("-6", "-1", "-6", "-1"))[0] == []
    (event,), states = told(hourly("-6", "-6.2"))
    assert (event.what, event.value, event.side) == (What.RAISED, Decimal("-6.2"), -1)
    assert event.key == f"alert:total::{NOON.isoformat()}"
    assert states[TOTAL].since == NOON


def test_two_looks_within_minutes_are_one_measurement() -> None:
    rounds = [look("-6", NOON), look("-6", NOON + timedelta(minutes=4))]
    assert told(rounds)[0] == []


def test_it_is_over_once_it_came_back_by_a_fifth_of_its_limit_twice() -> None:
    events, states = told(hourly("-6", "-6", "-4.1", "-4.5", "-3.9", "-3.9"))
    assert whats(events) == ["raised", "over"]
    assert events[1].answers == events[0].key
    assert not states[TOTAL].active


def test_a_fall_and_a_rise_are_two_alerts_of_which_the_first_ends() -> None:
    events, _ = told(hourly("-6", "-6", "7", "7", "7", "7"))
    assert [(event.what.value, event.side) for event in events] == [("raised", -1), ("over", -1), ("raised", 1)]


def test_what_is_not_judged_stands() -> None:
    events, states = told(hourly("-6", "-6", None, None, None))
    assert whats(events) == ["raised"]
    assert states[TOTAL].active


def test_it_is_told_again_a_day_later_and_only_if_it_became_worse() -> None:
    lasting = ["-6"] * 30
    assert whats(told(hourly("-6", *lasting, "-6.5"))[0]) == ["raised"]
    events, _ = told(hourly("-6", *lasting, "-9", "-13"))
    assert whats(events) == ["raised", "again"]
    assert events[1].answers == events[0].key
    assert events[1].key != events[0].key


def test_what_is_acknowledged_is_silent_until_it_is_over() -> None:
    _, states = told(hourly("-6", "-6"))
    states = {TOTAL: acknowledged(states[TOTAL], "ann")}
    events, states = told(hourly(*["-20"] * 60, "0", "0", start=NOON + 2 * HOUR), states)
    assert whats(events) == ["over"]
    assert whats(told(hourly("-6", "-6", start=NOON + 70 * HOUR), states)[0]) == ["raised"]


def test_what_is_snoozed_is_told_once_the_snooze_is_over_if_it_lasts() -> None:
    _, states = told(hourly("-6", "-6"))
    states = {TOTAL: snoozed(states[TOTAL], NOON + 12 * HOUR, "ann")}
    events, after = told(hourly(*["-6"] * 30, start=NOON + 2 * HOUR), states)
    assert whats(events) == ["again"]
    assert after[TOTAL].snoozed_until is None
    events, _ = told(hourly("0", "0", start=NOON + 2 * HOUR), states)
    assert whats(events) == ["over"]


def test_a_snooze_outlasts_an_end_and_a_new_beginning_is_told_when_it_is_over() -> None:
    _, states = told(hourly("-6", "-6"))
    states = {TOTAL: snoozed(states[TOTAL], NOON + 20 * HOUR, "ann")}
    events, _ = told(hourly("0", "0", *["-7"] * 20, start=NOON + 2 * HOUR), states)
    assert whats(events) == ["over", "raised"]


def test_who_wants_to_hear_of_it_again_does() -> None:
    _, states = told(hourly("-6", "-6"))
    quiet = acknowledged(states[TOTAL], "ann")
    assert not heard(quiet).is_quiet(NOON)
    events, _ = told(hourly(*["-12"] * 30, start=NOON + 2 * HOUR), {TOTAL: heard(quiet)})
    assert whats(events) == ["again"]


def test_a_recovery_is_no_rise_when_it_is_compared_with_the_depth_a_day_later() -> None:
    day_ago, depth = NOON - 24 * HOUR, Decimal("7.5")

    def measure(value: str, at: datetime, way: str) -> Round:
        one = Measure(TOTAL, Decimal(value), Decimal(5), against=day_ago, whole_way=Decimal(way))
        return Round(at, [one], frozenset({AlertRule.TOTAL}))

    fall = [measure("-7", NOON + hour * HOUR, "-7") for hour in range(10)]
    back = [measure("0", NOON + hour * HOUR, "0") for hour in range(10, 24)]
    echo = [measure(str(depth), NOON + hour * HOUR, "0") for hour in range(24, 34)]
    assert whats(told([*fall, *back, *echo])[0]) == ["raised", "over"]
    risen = [measure(str(depth), NOON + hour * HOUR, "7") for hour in range(24, 34)]
    assert whats(told([*fall, *back, *risen])[0]) == ["raised", "over", "raised"]


def test_a_new_high_is_told_once_and_again_only_after_a_fall_and_a_day() -> None:
    events, _ = told(hourly("0.1", "0.2", "-0.5", "0.4", "0.9", subject=HIGH, limit="1"))
    assert whats(events) == ["raised"]
    again = hourly("0.1", "0.2", "-2", "-2", "0.3", "0.3", *["-2"] * 24, "0.1", "0.1", subject=HIGH, limit="1")
    assert whats(told(again)[0]) == ["raised", "raised"]


def test_a_rule_that_is_switched_off_is_forgotten_without_a_word() -> None:
    _, states = told(hourly("-6", "-6"))
    events, states = told([Round(NOON + 5 * HOUR, off=frozenset({AlertRule.TOTAL}))], states)
    assert (events, states) == ([], {})


def test_what_is_held_no_more_is_over() -> None:
    bitcoin = Subject(AlertRule.ASSET, "BTC")
    _, states = told(hourly("-6", "-6", subject=bitcoin))
    (event,), _ = told([Round(NOON + 5 * HOUR, judged=frozenset({AlertRule.ASSET}))], states)
    assert (event.what, event.gone) == (What.OVER, True)


def test_a_clock_that_was_set_back_neither_raises_nor_blocks() -> None:
    rounds = [*hourly("-6"), *hourly("-6", start=NOON - 3 * HOUR)]
    events, states = told(rounds)
    assert events == []
    assert whats(told(hourly("-6", start=NOON - 2 * HOUR), states)[0]) == ["raised"]


def test_a_state_is_the_same_once_it_was_stored() -> None:
    state = AlertState(
        since=NOON,
        side=-1,
        pending=NOON + HOUR,
        told_at=NOON,
        told_value=Decimal("-6.20"),
        letters=2,
        key="alert:total::x",
        against=NOON,
        echo_until=NOON,
        ended=NOON,
        snoozed_until=NOON,
        acknowledged=True,
        by="telegram:1",
        value=Decimal(-7),
        limit=Decimal(5),
        told=Told("Bybit", Decimal(1), Decimal(2), Decimal(3), (Part("BTC", Decimal(-4)),), NOON, Decimal(5), ("BTC",)),
    )
    assert of_text(to_text(state)) == state
    assert of_text(to_text(AlertState())) == AlertState()


@given(values)
def test_no_event_without_a_change_of_state(measured: list[Decimal | None]) -> None:
    states: States = {}
    for one in hourly(*measured):
        after, events = judge(states, one)
        assert not events or after != states
        states = after


@given(values)
def test_an_alert_ends_before_it_is_raised_again_and_every_key_is_new(measured: list[Decimal | None]) -> None:
    events, _ = told(hourly(*measured))
    course = [event.what for event in events if event.what is not What.AGAIN]
    assert course == [What.RAISED, What.OVER] * (len(course) // 2) + [What.RAISED] * (len(course) % 2)
    assert len({event.key for event in events}) == len(events)


@given(st.lists(st.decimals(min_value="-4.9", max_value="-4.1", places=1), max_size=60))
def test_noise_inside_the_band_changes_nothing(noise: list[Decimal]) -> None:
    assert told(hourly(*noise))[0] == []
    events, _ = told(hourly("-6", "-6", *noise))
    assert whats(events) == ["raised"]


@given(values, st.timedeltas(min_value=timedelta(days=-900), max_value=timedelta(days=900)))
def test_a_year_moved_is_the_same_year(measured: list[Decimal | None], by: timedelta) -> None:
    here, there = told(hourly(*measured))[0], told(hourly(*measured, start=NOON + by))[0]
    assert [(e.what, e.value, e.since + by) for e in here] == [(e.what, e.value, e.since) for e in there]


@given(values, st.integers(min_value=0, max_value=40))
def test_a_restart_in_the_middle_gives_the_same_events(measured: list[Decimal | None], cut: int) -> None:
    rounds = hourly(*measured)
    events, states = told(rounds[:cut])
    stored = {subject: of_text(to_text(state)) for subject, state in states.items()}
    more, _ = told(rounds[cut:], stored)
    assert [*events, *more] == told(rounds)[0]
