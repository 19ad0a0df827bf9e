"""`/schedules`: what comes by itself, how often, where to; made and changed by buttons or in one typed line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from portfolio_bot.bot import schedule_keys as keys
from portfolio_bot.bot.arguments import View, view_of
from portfolio_bot.bot.asking import confirmed
from portfolio_bot.bot.contents import CONTENTS
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.bot.schedule_keys import HOURS, MAKE, NEW, PAUSE, PLAN, SHOW, UNDO, WHAT, WHEN, WHERE
from portfolio_bot.bot.spelling import spelled
from portfolio_bot.report import compose
from portfolio_bot.report.compose.schedules import rhythm_said
from portfolio_bot.report.document import plain
from portfolio_bot.report.schedule_views import NamedSchedule, Place, PlaceKind, ScheduleNews
from portfolio_bot.report.views import News
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.once import AlreadyDone, once
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.rhythm_words import EVERY, KINDS, MONTH_END, MONTHLY, WEEKLY, take_rhythm
from portfolio_bot.service.schedule import Schedule, name_of
from portfolio_bot.service.schedule_words import Vocabulary, read_wish

_ADD: Final = "add"
_SHOWING: Final = frozenset({SHOW, WHEN, WHAT, WHERE, HOURS})
_RESERVED: Final = frozenset({_ADD, NEW, MAKE, SLACK, *_SHOWING, *KINDS, *CONTENTS})
_EXAMPLE: Final = "/schedules add morning daily 08:30 report"
_COMPLETE: Final = {WEEKLY: ("weekday", "time"), MONTHLY: ("day", "time"), MONTH_END: ("time",), EVERY: ("interval",)}
"""What each rhythm is asked for; every other one for its time only."""


async def schedules(house: House, request: Request) -> Answer:
    """The list, a page of one, a question, or a change."""
    sure, argument = confirmed(request)
    argument = _in_english(argument)
    words = [*argument.split(), *([keys.YES] if sure else [])]
    page, behind = view_of(argument, request.reader) if len(words) == 1 else (View(), argument)
    if not words or not behind:
        return await _list(house, request, page.page)
    first, others = words[0].lower(), words[1:]
    if first == NEW:
        return _new(house, request, others)
    if first in {_ADD, MAKE}:
        return await _add(house, request, others, named=first == _ADD)
    if others[:1] == [UNDO]:  # also of one that was removed
        return await _undo(house, request, first, others[1:])
    one = _existing(house, first)
    if not others:
        return await _page(house, request, one)
    return await _about(house, request, one, others)


async def _list(house: House, request: Request, page: int) -> Answer:
    found = house.timetable.all()
    views = [await _view(house, request, one, count=1) for one in found]
    document = compose.schedules(views, request.reader)
    return Answer(document, keys.listing(request.reader, found), page, f"{PLAN} p{{page}}")


async def _page(house: House, request: Request, one: Schedule) -> Answer:
    told = ScheduleNews(await _view(house, request, one))
    return Answer(compose.one_schedule(told, request.reader), keys.page(request.reader, one))


async def _about(house: House, request: Request, one: Schedule, words: Sequence[str]) -> Answer:
    """What stands behind a name."""
    reader, here, action = request.reader, _here(house, request), words[0].lower()
    match action:
        case "show":
            return await _page(house, request, one)
        case "when" if not one.is_default:
            example = f"/schedules {one.name} daily 08:30,20:00"
            return Answer(
                compose.schedule_step("rhythm", reader, example=example), keys.rhythms(reader, one, _comes(house))
            )
        case "what":
            return Answer(compose.schedule_step("content", reader), keys.contents(reader, one))
        case "where":
            places = keys.places(reader, one, here, slack=house.slack)
            step = "place" if len(places) > 1 else "no_place"  # the last row leads back
            return Answer(compose.schedule_step(step, reader), places)
        case "hours" if not one.is_default:
            example = f"/schedules {one.name} window 9-18"
            return Answer(
                compose.schedule_step("hours", reader, example=example), keys.windows(reader, one, _comes(house))
            )
        case "pause" | "resume":
            return await _put(house, request, one, replace(one, paused=action == PAUSE))
        case "remove":
            return await _remove(house, request, one, sure=[word.lower() for word in words[1:]] == [keys.YES])
    return await _change(house, request, one, words)


async def _change(house: House, request: Request, one: Schedule, words: Sequence[str]) -> Answer:
    try:
        wish = read_wish(words, _vocabulary(house, request), one)
        if one.is_default and (wish.rhythm is not None or wish.window is not None):
            raise UserError(" ".join(words), "schedule_by_settings")
        return await _put(house, request, one, wish.of(one))
    except UserError as error:
        voice = Voice.of(request.reader)
        still = voice.chat("schedule_stays", schedule=one.name, rhythm=plain(rhythm_said(voice, one.rhythm)))
        raise UserError.again(replace(error.refusal, more=still)) from None


async def _put(house: House, request: Request, one: Schedule, wanted: Schedule) -> Answer:
    """Change one; what is so already is shown as it is."""
    if wanted == one:
        return await _page(house, request, one)
    before = tuple(await house.timetable.upcoming(name=one.name))
    try:
        number = await house.timetable.put(wanted, request.who, along=once(request.update))
    except AlreadyDone:
        return await _page(house, request, _existing(house, one.name))
    told = ScheduleNews(await _view(house, request, wanted), News.CHANGED, before)
    return Answer(compose.one_schedule(told, request.reader), keys.page(request.reader, wanted, number))


async def _remove(house: House, request: Request, one: Schedule, *, sure: bool) -> Answer:
    reader, view = request.reader, await _view(house, request, one)
    if one.is_default:
        raise UserError(one.name, "schedule_stays")
    if not sure:
        return Answer(compose.schedule_removal(view, reader), keys.removal(request, one))
    try:
        number = await house.timetable.remove(one.name, request.who, along=once(request.update))
    except AlreadyDone:
        return await _list(house, request, 1)
    undo = keys.undoing(reader, one.name, number)
    return Answer(compose.schedule_removal(view, reader, done=True), ((undo,), *keys.all_of_them(reader)))


async def _undo(house: House, request: Request, name: str, words: Sequence[str]) -> Answer:
    number = " ".join(words)
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise UserError(number, "schedule_no_change")
    before = tuple(await house.timetable.upcoming(name=name))
    try:
        await house.timetable.undo(name, int(number), request.who, tuple(CONTENTS), along=once(request.update))
    except AlreadyDone:
        return await _list(house, request, 1)
    one = house.timetable.get(name)
    if one is None:
        return Answer(compose.schedule_gone(name, request.reader), keys.all_of_them(request.reader))
    told = ScheduleNews(await _view(house, request, one), News.UNDONE, before)
    return Answer(compose.one_schedule(told, request.reader), keys.page(request.reader, one))


async def _add(house: House, request: Request, words: Sequence[str], *, named: bool) -> Answer:
    """A new one, under the name that was typed or one of its own."""
    timetable, rest = house.timetable, list(words)
    name = _fresh_name(rest.pop(0) if rest else "") if named else _own_name(house, rest[0] if rest else "")
    wish = read_wish(rest, _vocabulary(house, request))
    posts = (_here(house, request),) if wish.posts is None else wish.posts
    wanted = replace(wish, posts=posts).of(Schedule(name, timetable.default.rhythm))
    there = timetable.get(name)
    if there is not None and there != wanted:
        raise UserError(name, "schedule_exists", name=name)
    same = there if named else next((one for one in timetable.all() if replace(one, name=name) == wanted), None)
    if same is not None:
        return await _page(house, request, same)
    try:
        number = await timetable.put(wanted, request.who, along=once(request.update))
    except AlreadyDone:
        return await _list(house, request, 1)
    told = ScheduleNews(await _view(house, request, wanted), News.CHANGED, made=True)
    return Answer(compose.one_schedule(told, request.reader), keys.page(request.reader, wanted, number))


def _new(house: House, request: Request, words: Sequence[str]) -> Answer:
    """The next question on the way to a new one; nothing is remembered, the buttons say it all."""
    reader, here = request.reader, _here(house, request)
    said = [word.lower() for word in words]
    step = _step(said)
    if step is not None:
        example = Voice.of(reader).term(_EXAMPLE) if step == "kind" else ""
        return Answer(compose.schedule_step(step, reader, example=example), keys.steps(reader, step, said))
    wish = read_wish(said, _vocabulary(house, request))
    one = replace(wish, posts=wish.posts or (here,)).of(Schedule(NEW, house.timetable.default.rhythm))
    view = _shown(one, here, tuple(house.timetable.preview(one)))
    _, rest = take_rhythm(said)
    line = " ".join(said[: len(said) - len(rest) + 1])
    return Answer(compose.schedule_question(view, reader), keys.question(reader, one, line, here, slack=house.slack))


def _step(said: Sequence[str]) -> str | None:
    """What is still to be asked; None if nothing is."""
    if not said or said[0] not in keys.KINDS:
        return "kind"
    parts = (*_COMPLETE.get(said[0], ("time",)), "content")
    given = len(said) - 1
    return parts[given] if given < len(parts) else None


async def _view(house: House, request: Request, one: Schedule, count: int = 3) -> NamedSchedule:
    runs = await house.timetable.upcoming(count, name=one.name)
    return _shown(one, _here(house, request), tuple(runs))


def _shown(one: Schedule, here: Post, runs: tuple[datetime, ...]) -> NamedSchedule:
    return NamedSchedule(
        one.name,
        one.rhythm,
        one.content if one.content in CONTENTS else next(iter(CONTENTS)),
        tuple(_place(post, here) for post in one.posts),
        one.window.hours,
        one.silent,
        one.paused,
        runs,
    )


def _place(post: Post, here: Post) -> Place:
    if post == here:
        return Place(PlaceKind.HERE)
    if post == MAIN:
        return Place(PlaceKind.MAIN)
    return Place(PlaceKind.SLACK) if post.chat == SLACK else Place(PlaceKind.CHAT, str(post))


def _here(house: House, request: Request) -> Post:
    """The address at which somebody asks."""
    if request.chat is None:
        return MAIN
    postman = house.snapshots.postman
    chat = "" if postman is not None and postman.main() == str(request.chat) else str(request.chat)
    return Post(chat, request.topic)


def _vocabulary(house: House, request: Request) -> Vocabulary:
    known = {post for one in house.timetable.all() for post in one.posts}
    return Vocabulary(tuple(CONTENTS), _here(house, request), slack=house.slack, known=tuple(known))


def _comes(house: House) -> Callable[[Schedule], bool]:
    return lambda one: bool(house.timetable.preview(one, 1))


def _existing(house: House, name: str) -> Schedule:
    one = house.timetable.get(name)
    if one is None:
        raise UserError(name, "schedule_unknown", names=", ".join(one.name for one in house.timetable.all()))
    return one


def _fresh_name(text: str) -> str:
    if not text:
        raise UserError("", "schedule_name_missing")
    name = name_of(text)
    if {name, *spelled([name])} & {_ADD, NEW} or name in _RESERVED:
        raise UserError(text, "schedule_reserved")
    return name


def _own_name(house: House, kind: str) -> str:
    """`daily-1`, `daily-2`: the first that is free."""
    taken = house.timetable.names
    return next(name for number in range(1, len(taken) + 2) if (name := f"{kind[:16]}-{number}") not in taken)


def _in_english(argument: str) -> str:
    """A line typed in Russian as the English one; names stay as they are."""
    words = argument.split()
    first = spelled(words[:1])
    if first[:1] not in ([_ADD], [NEW]):
        first = words[:1]
    names = 2 if first == [_ADD] else 1
    return " ".join([*first, *words[1:names], *spelled(words[names:])])


def _changes(argument: str) -> bool:
    """Whether a line changes something: only an owner may say it."""
    words = _in_english(argument).lower().split()
    if not words or words[0] == NEW or words[0] in {_ADD, MAKE}:
        return bool(words) and words[0] != NEW
    return len(words) > 1 and words[1] not in _SHOWING


COMMANDS = (
    Command("schedules", schedules, "[add NAME …]", changes=_changes),
    Command(PLAN, schedules, listed=False, changes=_changes),
)
