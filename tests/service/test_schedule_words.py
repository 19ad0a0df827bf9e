"""Schedules as people type them and as the database keeps them."""

from __future__ import annotations

import json
from datetime import time, timedelta

import pytest

from portfolio_bot.model.rhythm import Cron, Daily, Every, Monthly, Rhythm, Weekly
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.rhythm_words import rhythm_of, rhythm_word
from portfolio_bot.service.schedule import Schedule, name_of, schedule_of, spec_of
from portfolio_bot.service.schedule_words import Vocabulary, Wish, line_of, read_wish
from portfolio_bot.service.window import Window

HERE = Post("-100", 5)
WORDS = Vocabulary(("report", "chart", "performance"), HERE, slack=True, known=(Post("42"),))
STANDARD = Schedule("default", Every(timedelta(hours=2)), window=Window(8, 20))

RHYTHMS: list[tuple[str, Rhythm, str]] = [
    ("every 45m", Every(timedelta(minutes=45)), "every 45m"),
    ("every 2h", Every(timedelta(hours=2)), "every 120m"),
    ("every 2ч", Every(timedelta(hours=2)), "every 120m"),
    ("every 45 минут", Every(timedelta(minutes=45)), "every 45m"),
    ("every 3 дня", Every(timedelta(days=3)), "every 4320m"),
    ("Every 90 min", Every(timedelta(minutes=90)), "every 90m"),
    ("daily 08:30", Daily((time(8, 30),)), "daily 08:30"),
    ("daily at 8.30", Daily((time(8, 30),)), "daily 08:30"),
    ("daily 20:00,08:30", Daily((time(8, 30), time(20))), "daily 08:30,20:00"),
    ("daily 08:30 20:00", Daily((time(8, 30), time(20))), "daily 08:30,20:00"),
    ("weekly fri 18:00", Weekly((4,), (time(18),)), "weekly fri 18:00"),
    ("weekly Friday at 18:00", Weekly((4,), (time(18),)), "weekly fri 18:00"),
    ("weekly thu,mon 09:00", Weekly((0, 3), (time(9),)), "weekly mon,thu 09:00"),
    ("weekly mon-fri 09:00", Weekly((0, 1, 2, 3, 4), (time(9),)), "weekly mon-fri 09:00"),
    ("weekly sat-mon 09:00", Weekly((0, 5, 6), (time(9),)), "weekly mon,sat,sun 09:00"),
    ("weekly пн,ср 09:00", Weekly((0, 2), (time(9),)), "weekly mon,wed 09:00"),
    ("month-end 21:00", Monthly(None, (time(21),)), "month-end 21:00"),
    ("monthly 15 21:00", Monthly(15, (time(21),)), "monthly 15 21:00"),
    ('cron "0 9-18/3 * * mon-fri"', Cron("0 9-18/3 * * mon-fri"), "cron 0 9-18/3 * * mon-fri"),
    ("cron «0 9 * * MON»", Cron("0 9 * * mon"), "cron 0 9 * * mon"),
    ("cron 0 9 * * mon", Cron("0 9 * * mon"), "cron 0 9 * * mon"),
]


@pytest.mark.parametrize(("text", "rhythm", "word"), RHYTHMS)
def test_rhythms_are_read_as_people_type_them_and_kept_in_one_form(text: str, rhythm: Rhythm, word: str) -> None:
    assert rhythm_of(text) == rhythm
    assert rhythm_word(rhythm) == word
    assert rhythm_of(word) == rhythm


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "schedule_rhythm_missing"),
        ("sometimes", "schedule_no_rhythm"),
        ("08:30", "schedule_no_rhythm"),
        ("every", "schedule_interval_missing"),
        ("every ten", "no_interval"),
        ("every 4m", "interval_too_short"),
        ("every 8d", "interval_too_long"),
        ("daily", "schedule_time_missing"),
        ("daily noon", "schedule_no_time"),
        ("daily 24:00", "schedule_no_time"),
        ("daily 8", "schedule_no_time"),
        ("daily 08:60", "schedule_no_time"),
        ("daily 08:30,08:34", "schedule_too_often"),
        ("daily 23:58,00:01", "schedule_too_often"),
        ("daily " + ",".join(f"{hour}:00" for hour in range(13)), "schedule_many_times"),
        ("weekly", "schedule_weekday_missing"),
        ("weekly funday 18:00", "schedule_no_weekday"),
        ("weekly fr 18:00", "schedule_no_weekday"),
        ("weekly 18:00", "schedule_no_weekday"),
        ("weekly fri", "schedule_time_missing"),
        ("month-end", "schedule_time_missing"),
        ("month-end noon", "schedule_no_time"),
        ("month-end 21:00 often", "schedule_no_rhythm"),
        ("monthly", "schedule_day_missing"),
        ("monthly 32 21:00", "schedule_no_day_of_month"),
        ("monthly 0 21:00", "schedule_no_day_of_month"),
        ("monthly 15", "schedule_time_missing"),
        ("cron", "schedule_cron_missing"),
        ("cron 0 9 * *", "schedule_no_cron"),
        ('cron "* * * * *"', "schedule_too_often"),
        ("cron 0 9 30 feb *", "schedule_never"),
        ("cron 0 9 * * someday", "schedule_no_cron"),
    ],
)
def test_what_is_no_rhythm_is_told_why(text: str, error: str) -> None:
    with pytest.raises(UserError) as caught:
        rhythm_of(text)
    assert caught.value.refusal.name == error


@pytest.mark.parametrize(
    ("line", "wish"),
    [
        ("daily 08:30 report", Wish(Daily((time(8, 30),)), "report")),
        (
            "weekly fri 18:00 performance silent to slack",
            Wish(Weekly((4,), (time(18),)), "performance", (Post(SLACK),), silent=True),
        ),
        ("month-end 21:00 chart", Wish(Monthly(None, (time(21),)), "chart")),
        (
            'cron "0 9-18/3 * * mon-fri" report window 9-18',
            Wish(Cron("0 9-18/3 * * mon-fri"), "report", window=Window(9, 18)),
        ),
        ("every 2h to here,slack loud", Wish(Every(timedelta(hours=2)), None, (HERE, Post(SLACK)), silent=False)),
        ("daily 08:30 to main,main,42", Wish(Daily((time(8, 30),)), None, (MAIN, Post("42")))),
    ],
)
def test_a_line_says_everything_about_a_schedule(line: str, wish: Wish) -> None:
    assert read_wish(line.split(), WORDS) == wish


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("report", "schedule_no_rhythm"),
        ("daily 08:30 poem", "schedule_no_word"),
        ("daily 08:30 window", "schedule_window_missing"),
        ("daily 08:30 window 9", "no_window"),
        ("daily 08:30 window 9-25", "window_beyond_clock"),
        ("daily 08:30 to", "schedule_address_missing"),
        ("daily 08:30 to -100999", "schedule_no_address"),
        ("daily 08:30 to here,mars", "schedule_no_address"),
    ],
)
def test_a_word_that_means_nothing_is_told(line: str, error: str) -> None:
    with pytest.raises(UserError) as caught:
        read_wish(line.split(), WORDS)
    assert caught.value.refusal.name == error


def test_slack_that_is_not_set_up_is_no_address() -> None:
    with pytest.raises(UserError) as caught:
        read_wish(["daily", "08:30", "to", "slack"], Vocabulary(("report",)))
    assert caught.value.refusal.name == "schedule_no_slack"


def test_a_change_says_only_what_changes() -> None:
    morning = Schedule("morning", Daily((time(8, 30),)), "chart", (HERE,), Window(8, 20), silent=True)
    changed = read_wish(["at", "09:00"], WORDS, morning).of(morning)
    assert changed == Schedule("morning", Daily((time(9),)), "chart", (HERE,), Window(8, 20), silent=True)
    assert read_wish(["weekly", "fri", "18:00", "loud"], WORDS, morning).of(morning).rhythm == Weekly((4,), (time(18),))


@pytest.mark.parametrize("rhythm", [Every(timedelta(hours=2)), Cron("0 9 * * *")])
def test_what_has_no_times_of_its_own_takes_none(rhythm: Rhythm) -> None:
    with pytest.raises(UserError) as caught:
        read_wish(["at", "09:00"], WORDS, Schedule("x", rhythm))
    assert caught.value.refusal.name == "schedule_no_times_of_its_own"


@pytest.mark.parametrize("name", ["morning", "Утро-2", "q", "a-b-c", "12345678901234567890"])
def test_a_name_is_letters_digits_and_hyphens(name: str) -> None:
    assert name_of(name) == name.lower()


@pytest.mark.parametrize(
    "name", ["", "a b", "-a", "a_b", "a:b", "a/b", "123456789012345678901", "ежедневный-отчёт", "a--b"]
)
def test_a_name_that_no_button_could_say_is_none(name: str) -> None:
    with pytest.raises(UserError):
        name_of(name)


SCHEDULES = [
    Schedule("morning", Daily((time(8, 30),))),
    Schedule("a", Weekly((0, 4), (time(18),)), "performance", (MAIN, Post(SLACK)), silent=True),
    Schedule("b", Cron("0 9 * * mon"), "chart", (Post("-100123", 7),), Window(22, 6), paused=True),
    Schedule("c", Every(timedelta(days=7)), window=Window(9, 18)),
    Schedule("default", STANDARD.rhythm, "chart", (Post(SLACK),), STANDARD.window, silent=True, paused=True),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=[one.name for one in SCHEDULES])
def test_what_is_kept_is_read_again(schedule: Schedule) -> None:
    assert schedule_of(schedule.name, spec_of(schedule), STANDARD) == schedule


@pytest.mark.parametrize("schedule", SCHEDULES, ids=[one.name for one in SCHEDULES])
def test_what_the_record_says_can_be_made_again(schedule: Schedule) -> None:
    words = Vocabulary(("report", "chart", "performance"), slack=True, known=schedule.posts)
    base = STANDARD if schedule.is_default else Schedule(schedule.name, Every(timedelta(hours=1)))
    wish = read_wish(line_of(schedule).split(), words, STANDARD if schedule.is_default else None)
    assert wish.of(base) == schedule


@pytest.mark.parametrize(
    "broken",
    [
        {"version": 2},
        {"rhythm": "at full moon"},
        {"window": "9"},
        {"content": ""},
        {"posts": []},
        {"posts": ["x/y"]},
    ],
)
def test_what_another_version_wrote_is_an_error_and_no_guess(broken: dict[str, object]) -> None:
    spec = {**json.loads(spec_of(SCHEDULES[0])), **broken}
    with pytest.raises((ValueError, KeyError, TypeError)):
        schedule_of("morning", json.dumps(spec), STANDARD)
