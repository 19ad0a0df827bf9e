"""Schedules: which there are, one of them, and what is asked while one is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from portfolio_bot.model.rhythm import Cron, Daily, Every, Monthly, Rhythm, Weekly
from portfolio_bot.report.compose.lens import place as place_of
from portfolio_bot.report.compose.lens import watermark
from portfolio_bot.report.document import Block, Code, Document, Foreign, Gap, Headline, Line, Text, Tone, plain
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.schedule_views import NamedSchedule, Place, PlaceKind, ScheduleNews
from portfolio_bot.report.views import News
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import Value

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ROW = 3
"""Days in a row from which on they are told as a stretch: `Mon–Wed`."""


def schedules(found: Sequence[NamedSchedule], reader: Reader) -> Document:
    """All of them: what comes how often, where to, and when next."""
    voice = Voice.of(reader)
    blocks: list[Block] = [Headline(voice.count("schedules", len(found)))]
    for one in found:
        blocks += [Gap(), Line(_named(voice, one)), Line(_what(voice, one), Tone.QUIET), *_next(voice, one.runs[:1])]
    return _document(voice, reader, *blocks)


def one_schedule(told: ScheduleNews, reader: Reader) -> Document:
    """One of them; after a change with the runs that were coming before it."""
    voice, one = Voice.of(reader), told.schedule
    phrase = "schedule_is_made" if told.made else _HEADLINES[told.news]
    headline = voice.say(phrase, name=(Foreign(one.name),), rhythm=rhythm_said(voice, one.rhythm))
    blocks: list[Block] = [Headline(headline), Line(_what(voice, one)), Line(_hours(voice, one, reader))]
    if told.news is not News.ASKED and told.runs_before != one.runs and not told.made:
        before = _moments(voice, told.runs_before) or voice.word("schedule_never_before")
        blocks.append(Line(voice.say("schedule_before", moments=before), Tone.QUIET))
    return _document(voice, reader, *blocks, *_next(voice, one.runs))


_HEADLINES = {
    News.ASKED: "schedule_is",
    News.CHANGED: "schedule_changed",
    News.UNDONE: "schedule_undone",
}


def schedule_step(step: str, reader: Reader, *, example: str = "") -> Document:
    """A question on the way to a new schedule, or to another one.

    Args:
        step: `kind`, `interval`, `weekday`, `day`, `time`, `content`, `place`, `no_place`, `hours` or `rhythm`.
        example: the same as one line to type.
    """
    voice = Voice.of(reader)
    blocks: list[Block] = [Headline(voice.say(f"schedule_ask_{step}"))]
    if example:
        blocks.append(Line(voice.say("schedule_or_type", line=(Code(example),)), Tone.QUIET))
    return _document(voice, reader, *blocks)


def schedule_question(one: NamedSchedule, reader: Reader) -> Document:
    """A new schedule before it is made: what it would be like, and when it would come."""
    voice = Voice.of(reader)
    headline = Headline(voice.say("schedule_ask_make", rhythm=rhythm_said(voice, one.rhythm)))
    return _document(voice, reader, headline, Line(_what(voice, one)), *_next(voice, one.runs))


def schedule_removal(one: NamedSchedule, reader: Reader, *, done: bool = False) -> Document:
    """The question before a schedule is removed, or that it is."""
    voice = Voice.of(reader)
    phrase = "schedule_removed" if done else "schedule_ask_remove"
    told = voice.say(phrase, name=(Foreign(one.name),), rhythm=rhythm_said(voice, one.rhythm))
    return _document(voice, reader, Headline(told), Line(_what(voice, one), Tone.QUIET))


def schedule_gone(name: str, reader: Reader) -> Document:
    """A schedule that was taken back right after it was made."""
    voice = Voice.of(reader)
    return _document(voice, reader, Headline(voice.say("schedule_not_made", name=(Foreign(name),))))


def rhythm_said(voice: Voice, rhythm: Rhythm) -> Text:
    """How often: `every 2 h`, `daily at 08:30`, `Fri at 18:00`."""
    match rhythm:
        case Every(interval):
            return voice.say("schedule_every", interval=voice.numbers.span(interval))
        case Daily(times):
            return voice.say("schedule_daily", times=_times(voice, times))
        case Weekly(days, times):
            return voice.say("schedule_weekly", days=weekdays_said(voice, days), times=_times(voice, times))
        case Monthly(None, times):
            return voice.say("schedule_month_end", times=_times(voice, times))
        case Monthly(day, times):
            return voice.say("schedule_monthly", day=str(day), times=_times(voice, times))
        case Cron(expression):
            return voice.say("schedule_cron", expression=(Code(expression),))


def weekdays_said(voice: Voice, days: Sequence[int]) -> str:
    """`Fri`, `Mon, Wed`, `Mon–Fri`."""
    names = [voice.word(f"schedule_day_{_DAYS[day]}") for day in days]
    if len(days) >= _ROW and days[-1] - days[0] == len(days) - 1:
        return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


def place_said(voice: Voice, place: Place) -> Text:
    """`here`, `Slack`, `chat -100123`."""
    match place.kind:
        case PlaceKind.HERE:
            return voice.say("schedule_to_here")
        case PlaceKind.MAIN:
            return voice.say("schedule_to_main")
        case PlaceKind.SLACK:
            return voice.say("schedule_to_slack")
        case PlaceKind.CHAT:
            return voice.say("schedule_to_chat", chat=(Foreign(place.name),))


def _named(voice: Voice, one: NamedSchedule) -> Text:
    return voice.say("schedule_line", name=(Foreign(one.name),), rhythm=rhythm_said(voice, one.rhythm))


def _what(voice: Voice, one: NamedSchedule) -> Text:
    """`Report, here, silent`, and that it is paused."""
    content = voice.word(f"schedule_content_{one.content}")
    values: dict[str, Value] = {
        "content": content[:1].upper() + content[1:],
        "places": voice.all_of([plain(place_said(voice, place)) for place in one.places]),
        "silent": voice.word("schedule_silent") if one.silent else "",
        "paused": voice.word("schedule_paused") if one.paused else "",
    }
    return voice.say("schedule_what", **values)


def _hours(voice: Voice, one: NamedSchedule, reader: Reader) -> Text:
    first, last = one.window
    place = place_of(reader.zone_name)
    if first == last:
        return voice.say("schedule_any_hour", place=place)
    return voice.say("schedule_hours", start=f"{first:02d}:00", end=f"{last:02d}:00", place=place)


def _next(voice: Voice, runs: Sequence[datetime]) -> list[Line]:
    moments = _moments(voice, runs)
    return [Line(voice.say("next", moments=moments))] if moments else []


def _moments(voice: Voice, runs: Sequence[datetime]) -> str:
    return ", ".join(voice.numbers.moment(run) for run in runs)


def _times(voice: Voice, times: Sequence[time]) -> str:
    return voice.all_of([f"{at:%H:%M}" for at in times])


def _document(voice: Voice, reader: Reader, *blocks: Block) -> Document:
    return Document(blocks, watermark(voice, demo=reader.demo))
