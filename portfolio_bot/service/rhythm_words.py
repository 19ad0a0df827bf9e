"""Rhythms as people type them, as buttons say them and as the database keeps them: one form for all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Final

from portfolio_bot.model.cron import FIELDS, NoCron, fields_of
from portfolio_bot.model.rhythm import Clocked, Cron, Daily, Every, Monthly, Rhythm, Weekly
from portfolio_bot.service.errors import UserError

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
"""What the owner may choose in the chat; the settings file may go down to one minute."""

EVERY, DAILY, WEEKLY, MONTH_END, MONTHLY, CRON = "every", "daily", "weekly", "month-end", "monthly", "cron"
KINDS: Final = (EVERY, DAILY, WEEKLY, MONTH_END, MONTHLY, CRON)

MOST_TIMES: Final = 12

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RUSSIAN_DAYS: Final = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_WEEK: Final = range(7)

_UNIT: Final = "m|min|minutes?|h|hours?|d|days?|м|мин|минут[аыу]?|ч|час(?:а|ов)?|д|дн|день|дня|дней"
_INTERVAL = re.compile(rf"([0-9]{{1,6}})\s*({_UNIT})?", re.IGNORECASE)
_UNITS: Final = {
    letter: timedelta(**{unit: 1})
    for letters, unit in (("mм", "minutes"), ("hч", "hours"), ("dд", "days"))
    for letter in letters
}
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})", re.ASCII)
_DAY_OF_MONTH = re.compile(r"[1-9]|[12]\d|3[01]", re.ASCII)
_QUOTES: Final = "\"'«»“”„‘’`"
_A_DAY: Final = 24 * 60


def parse_interval(text: str) -> timedelta:
    """An interval as people type it: `45`, `45m`, `2h`, `1d`, `2ч`.

    Raises:
        UserError: it is none, or shorter than 5 minutes or longer than 7 days.
    """
    match = _INTERVAL.fullmatch(text.strip())
    if not match:
        raise UserError(text, "no_interval")
    interval = int(match[1]) * _UNITS[(match[2] or "m")[0].lower()]
    if not SHORTEST <= interval <= LONGEST:
        raise UserError(text, "interval_too_short" if interval < SHORTEST else "interval_too_long")
    return interval


def rhythm_word(rhythm: Rhythm) -> str:
    """As `rhythm_of` reads it: `daily 08:30`, `weekly mon,fri 18:00`, `cron 0 9-18/3 * * mon-fri`."""
    match rhythm:
        case Every(interval):
            return f"{EVERY} {interval // timedelta(minutes=1)}m"
        case Daily(times):
            return f"{DAILY} {times_word(times)}"
        case Weekly(days, times):
            return f"{WEEKLY} {days_word(days)} {times_word(times)}"
        case Monthly(None, times):
            return f"{MONTH_END} {times_word(times)}"
        case Monthly(day, times):
            return f"{MONTHLY} {day} {times_word(times)}"
        case Cron(expression):
            return f"{CRON} {expression}"


def days_word(days: Sequence[int]) -> str:
    """`fri`, `mon,thu`, `mon-fri`."""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    return ",".join(DAYS[day] for day in days)


def times_word(times: Sequence[time]) -> str:
    """`08:30,20:00`."""
    return ",".join(f"{at:%H:%M}" for at in times)


def rhythm_of(text: str) -> Rhythm:
    """A rhythm that nothing follows.

    Raises:
        UserError: it is none, or something does follow.
    """
    rhythm, rest = take_rhythm(text.split())
    if rest:
        raise UserError(" ".join(rest), "schedule_no_rhythm")
    return rhythm


def take_rhythm(words: Sequence[str]) -> tuple[Rhythm, list[str]]:
    """The rhythm at the beginning of a line, and what follows.

    Raises:
        UserError: there is none, or it is incomplete.
    """
    kind, rest = (words[0].lower(), list(words[1:])) if words else ("", [])
    match kind:
        case "every":
            return _every(rest)
        case "daily":
            times, rest = take_times(rest)
            return Daily(times), rest
        case "weekly":
            days = _days(rest)
            times, rest = take_times(rest[1:])
            return Weekly(days, times), rest
        case "month-end":
            times, rest = take_times(rest)
            return Monthly(None, times), rest
        case "monthly":
            if not rest:
                raise UserError("", "schedule_day_missing")
            if not _DAY_OF_MONTH.fullmatch(rest[0]):
                raise UserError(rest[0], "schedule_no_day_of_month")
            times, after = take_times(rest[1:])
            return Monthly(int(rest[0]), times), after
        case "cron":
            return _cron(rest)
    raise UserError(words[0], "schedule_no_rhythm") if words else UserError("", "schedule_rhythm_missing")


def take_times(words: Sequence[str]) -> tuple[tuple[time, ...], list[str]]:
    """Clock times at the beginning of a line, an `at` before them or not, and what follows.

    Raises:
        UserError: there is none, one that no clock shows, or two that are too close.
    """
    rest = list(words)
    if rest and rest[0].lower() == "at":
        rest.pop(0)
    found: set[time] = set()
    while rest and rest[0][:1].isdigit():
        found |= {_time(text) for text in rest.pop(0).split(",") if text}
    if not found:
        raise UserError(rest[0], "schedule_no_time") if rest else UserError("", "schedule_time_missing")
    times = tuple(sorted(found))
    if len(times) > MOST_TIMES:
        raise UserError(times_word(times), "schedule_many_times", most=MOST_TIMES)
    _far_enough(times)
    return times, rest


def _every(words: list[str]) -> tuple[Rhythm, list[str]]:
    if not words:
        raise UserError("", "schedule_interval_missing")
    if len(words) > 1 and words[0].isdigit() and re.fullmatch(_UNIT, words[1], re.IGNORECASE):
        return Every(parse_interval(f"{words[0]}{words[1]}")), words[2:]
    return Every(parse_interval(words[0])), words[1:]


def _time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise UserError(text, "schedule_no_time")
    return time(int(match[1]), int(match[2]))


def _far_enough(times: Sequence[time]) -> None:
    """No two within five minutes: across midnight too."""
    minutes = [at.hour * 60 + at.minute for at in times]
    if len(minutes) < 2:
        return
    steps = [after - before for before, after in pairwise([*minutes, minutes[0] + _A_DAY])]
    if min(steps) * timedelta(minutes=1) < SHORTEST:
        raise UserError(times_word(times[:3]), "schedule_too_often")


def _days(words: Sequence[str]) -> tuple[int, ...]:
    if not words:
        raise UserError("", "schedule_weekday_missing")
    text, found = words[0], set[int]()
    for part in text.lower().split(","):
        first, dash, last = part.partition("-")
        low, high = _day(first, text), _day(last if dash else first, text)
        found |= {(low + step) % 7 for step in range((high - low) % 7 + 1)}
    return tuple(day for day in _WEEK if day in found)


def _day(word: str, text: str) -> int:
    for number in _WEEK:
        english = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[number]
        if word == _RUSSIAN_DAYS[number] or (len(word) >= 3 and english.startswith(word)):
            return number
    raise UserError(text, "schedule_no_weekday")


def _cron(words: list[str]) -> tuple[Clocked, list[str]]:
    expression, rest = _quoted(words) if words and words[0][:1] in _QUOTES else (words[:FIELDS], words[FIELDS:])
    text = " ".join(expression).lower()
    if not text:
        raise UserError("", "schedule_cron_missing")
    try:
        fields = fields_of(text)
    except NoCron as error:
        raise UserError(error.field, "schedule_no_cron") from None
    _far_enough(fields.times)
    rhythm = Cron(text)
    if not any(rhythm.on(day) for day in _FOUR_YEARS):
        raise UserError(text, "schedule_never")
    return rhythm, rest


_FOUR_YEARS: Final = tuple(date(2024, 1, 1) + timedelta(days=number) for number in range(4 * 365 + 1))
"""Every day of the month and of the week there is, 29 February among them, though not each of them on each."""


def _quoted(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands between quotes, and what follows."""
    text = " ".join(words)[1:]
    end = next((place for place, sign in enumerate(text) if sign in _QUOTES), len(text))
    return text[:end].split(), text[end + 1 :].split()
