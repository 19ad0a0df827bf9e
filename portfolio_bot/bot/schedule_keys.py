"""Buttons about schedules. They all say `plan …`: a short word, so that a name and a rhythm have room beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Final

from portfolio_bot.bot import buttons
from portfolio_bot.bot.asking import ask
from portfolio_bot.bot.contents import CONTENTS
from portfolio_bot.bot.dialog import Request, Rows
from portfolio_bot.model.rhythm import Daily, Every, Monthly, Weekly, at_times
from portfolio_bot.notify.base import Key
from portfolio_bot.report.compose.schedules import rhythm_said, weekdays_said
from portfolio_bot.report.document import plain
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.rhythm_words import DAILY, EVERY, MONTH_END, MONTHLY, WEEKLY, days_word, rhythm_word
from portfolio_bot.service.schedule import Schedule
from portfolio_bot.service.schedule_words import HERE, HOME
from portfolio_bot.service.window import Window, window_word

PLAN: Final = "plan"
"""What buttons say: a command that is not listed."""

NEW, MAKE, SHOW = "new", "make", "show"
WHEN, WHAT, WHERE, HOURS = "when", "what", "where", "hours"
PAUSE, RESUME, REMOVE, YES, UNDO = "pause", "resume", "remove", "yes", "undo"

KINDS: Final = (EVERY, DAILY, WEEKLY, MONTH_END, MONTHLY)
"""Rhythms that buttons can make; a cron expression has to be typed."""

_INTERVALS: Final = tuple(timedelta(minutes=minutes) for minutes in (30, 60, 120, 240, 720, 1440))
_TIMES: Final = tuple(time(hour) for hour in (7, 8, 9, 12, 18, 21))
_WEEKDAYS: Final = (*((day,) for day in range(7)), tuple(range(5)), (5, 6))
_MONTH_DAYS: Final = (1, 5, 10, 15, 20, 25)
_WINDOWS: Final = (Window(0, 0), Window(7, 23), Window(8, 20), Window(9, 18))
_SIDE_BY_SIDE: Final = 3


def listing(reader: Reader, found: Iterable[Schedule]) -> Rows:
    """One for each schedule, and one for another."""
    keys = [buttons.key(one.name, PLAN, one.name) for one in found]
    return (*buttons.in_rows(keys, _SIDE_BY_SIDE), (buttons.named(reader, "schedule_new", PLAN, NEW),))


def page(reader: Reader, one: Schedule, undo: int | None = None) -> Rows:
    """What can be changed about one, and the way back.

    Args:
        undo: the number of the change that was made just now.
    """
    name = one.name
    when = ("frequency",) if one.is_default else (PLAN, name, WHEN)
    hours = ("window",) if one.is_default else (PLAN, name, HOURS)
    edit = (
        buttons.named(reader, "schedule_when", *when),
        buttons.named(reader, "schedule_content", PLAN, name, WHAT),
        buttons.named(reader, "schedule_place", PLAN, name, WHERE),
        buttons.named(reader, "schedule_window", *hours),
    )
    sound = buttons.named(
        reader, "schedule_sound" if one.silent else "schedule_mute", PLAN, name, "loud" if one.silent else "silent"
    )
    pause = buttons.named(
        reader, "schedule_resume" if one.paused else "schedule_pause", PLAN, name, RESUME if one.paused else PAUSE
    )
    act = [sound, pause]
    if not one.is_default:
        act.append(buttons.named(reader, "schedule_remove", PLAN, name, REMOVE))
    back = buttons.named(reader, "schedule_all", PLAN)
    return (edit, tuple(act), (undoing(reader, name, undo), back) if undo is not None else (back,))


def undoing(reader: Reader, name: str, number: int) -> Key:
    """Takes a change back."""
    return buttons.named(reader, "undo", PLAN, name, UNDO, number)


def all_of_them(reader: Reader) -> Rows:
    """The way back to the list."""
    return ((buttons.named(reader, "schedule_all", PLAN),),)


def removal(request: Request, one: Schedule) -> Rows:
    """Below the question whether one is to go."""
    remove = ask(request, "schedule_remove", PLAN, one.name, REMOVE)
    return ((remove, buttons.named(request.reader, "schedule_keep", PLAN, one.name, SHOW)),)


def rhythms(reader: Reader, one: Schedule, comes: Callable[[Schedule], bool]) -> Rows:
    """Other times of the same days, and other rhythms.

    Args:
        comes: whether a schedule would ever come.
    """
    voice, eight = Voice.of(reader), (time(8),)
    keys = [
        buttons.key(plain(rhythm_said(voice, other)), PLAN, one.name, "at", f"{at:%H:%M}")
        for at in _TIMES
        if not isinstance(one.rhythm, Every)
        and (other := at_times(one.rhythm, (at,))) is not None
        and other != one.rhythm
        and comes(replace(one, rhythm=other))
    ]
    others = (Daily(eight), Weekly(tuple(range(5)), eight), Weekly((4,), (time(18),)), Monthly(None, (time(21),)))
    keys += [
        buttons.key(plain(rhythm_said(voice, other)), PLAN, one.name, rhythm_word(other))
        for other in (*others, Every(timedelta(hours=4)))
        if type(other) is not type(one.rhythm) and comes(replace(one, rhythm=other))
    ]
    return (*buttons.in_rows(keys, 1), *_back(reader, one))


def contents(reader: Reader, one: Schedule) -> Rows:
    """What else it may show."""
    keys = [content(reader, name, PLAN, one.name, name) for name in CONTENTS if name != one.content]
    return (*buttons.in_rows(keys, 2), *_back(reader, one))


def content(reader: Reader, name: str, *words: object) -> Key:
    """A button named like a content."""
    label = Voice.of(reader).word(f"schedule_content_{name}")
    return buttons.key(label[:1].upper() + label[1:], *words)


def places(reader: Reader, one: Schedule, here: Post, *, slack: bool) -> Rows:
    """Where else it may go."""
    keys = [
        buttons.key(label, PLAN, one.name, "to", word)
        for label, word, posts in _places(reader, here, slack=slack)
        if posts != one.posts
    ]
    return (*buttons.in_rows(keys, 2), *_back(reader, one))


def windows(reader: Reader, one: Schedule, comes: Callable[[Schedule], bool]) -> Rows:
    """In which other hours it may come; arguments as of `rhythms`."""
    keys = [
        buttons.named(reader, "always", PLAN, one.name, "window", window_word(window))
        if window.always
        else buttons.key(f"{window.start}–{window.end}", PLAN, one.name, "window", window_word(window))
        for window in _WINDOWS
        if window != one.window and comes(replace(one, window=window))
    ]
    return (*buttons.in_rows(keys), *_back(reader, one))


def steps(reader: Reader, step: str, said: Sequence[str]) -> Rows:
    """What may be said next on the way to a new schedule.

    Args:
        step: what is asked for.
        said: what was said so far.
    """
    voice, line = Voice.of(reader), (PLAN, NEW, *said)
    match step:
        case "kind":
            kinds = [buttons.named(reader, f"schedule_kind_{kind.replace('-', '_')}", *line, kind) for kind in KINDS]
            return (*buttons.in_rows(kinds, 2), *all_of_them(reader))
        case "interval":
            keys = [
                buttons.key(voice.numbers.span(one), *line, f"{one // timedelta(minutes=1)}m") for one in _INTERVALS
            ]
        case "weekday":
            keys = [buttons.key(weekdays_said(voice, days), *line, days_word(days)) for days in _WEEKDAYS]
        case "day":
            keys = [buttons.key(str(day), *line, day) for day in _MONTH_DAYS]
        case "time":
            keys = [buttons.key(f"{at:%H:%M}", *line, f"{at:%H:%M}") for at in _TIMES]
        case _:
            return (*buttons.in_rows([content(reader, name, *line, name) for name in CONTENTS], 2), *_again(reader))
    return (*buttons.in_rows(keys, _SIDE_BY_SIDE), *_again(reader))


def question(reader: Reader, one: Schedule, said: str, here: Post, *, slack: bool) -> Rows:
    """Below a new schedule before it is made.

    Args:
        said: its rhythm and its content.
    """
    word = next((word for _, word, posts in _places(reader, here, slack=slack) if posts == one.posts), HOME)
    flags = ("silent" if one.silent else "", "to", word)
    make = buttons.named(reader, "schedule_make", PLAN, MAKE, said, *flags)
    sound = buttons.named(
        reader,
        "schedule_sound" if one.silent else "schedule_mute",
        *(PLAN, NEW, said, "" if one.silent else "silent", "to", word),
    )
    elsewhere = [
        buttons.key(label, PLAN, NEW, said, flags[0], "to", other)
        for label, other, posts in _places(reader, here, slack=slack)
        if posts != one.posts
    ]
    return ((make, sound), *buttons.in_rows(elsewhere, _SIDE_BY_SIDE), *_again(reader))


def _places(reader: Reader, here: Post, *, slack: bool) -> Iterator[tuple[str, str, tuple[Post, ...]]]:
    """Label, word and addresses of where something can go."""
    voice = Voice.of(reader)
    names = [(voice.chat("schedule_here"), HERE, here)]
    if here != MAIN:
        names.append((voice.chat("schedule_main"), HOME, MAIN))
    if slack:
        names.append((voice.chat("schedule_slack"), SLACK, Post(SLACK)))
    for label, word, post in names:
        yield label, word, (post,)
    if slack:
        both = voice.chat("schedule_both", one=names[0][0], other=names[-1][0])
        yield both, f"{HERE},{SLACK}", (here, Post(SLACK))


def _back(reader: Reader, one: Schedule) -> Rows:
    return ((buttons.key(f"‹ {one.name}", PLAN, one.name, SHOW),),)


def _again(reader: Reader) -> Rows:
    return ((buttons.named(reader, "cancel", PLAN),),)
