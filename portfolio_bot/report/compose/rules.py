"""What is set: when reports come, and every setting with its origin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from portfolio_bot.report.compose.lens import place, watermark
from portfolio_bot.report.document import Block, Document, Folded, Foreign, Headline, Line, Text
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import News, ScheduleView, SettingOrigin, SettingView
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import joined

_EVERY: Final = {News.ASKED: "every", News.CHANGED: "every_now", News.UNDONE: "every_again"}
_REPORTS: Final = {News.ASKED: "reports", News.CHANGED: "reports_now", News.UNDONE: "reports_again"}


def schedule(view: ScheduleView, reader: Reader, *, news: News = News.ASKED) -> Document:
    """How often reports come, and the next ones."""
    return _rule(view, reader, _EVERY[news])


def window(view: ScheduleView, reader: Reader, *, news: News = News.ASKED) -> Document:
    """In which hours reports come, and the next ones."""
    return _rule(view, reader, _REPORTS[news])


def settings(views: Sequence[SettingView], reader: Reader) -> Document:
    """What is set and where, and what can be set here; all else is folded."""
    voice = Voice.of(reader)
    own = [view for view in views if view.origin is not SettingOrigin.DEFAULT]
    told = [view for view in views if view in own or view.live]
    rest = [view for view in views if view not in told]
    count = voice.numbers.count
    blocks: list[Block] = [Headline(voice.say("settings_own", own=count(len(own)), all=count(len(views))))]
    blocks += [Line(_setting(voice, view)) for view in told]
    if rest:
        lines = tuple(
            Line(voice.say("setting_default", name=view.name, value=_value(voice, view.value))) for view in rest
        )
        blocks.append(Folded(voice.say("settings_default", number=count(len(rest))), lines))
    return Document(tuple(blocks), watermark(voice, demo=reader.demo))


def setting_reset(view: SettingView, reader: Reader) -> Document:
    """A setting after the chat's value was taken back."""
    voice = Voice.of(reader)
    origin = voice.words.origins[view.origin]
    told = voice.say("setting_reset", name=view.name, value=_value(voice, view.value), origin=origin)
    return Document((Headline(told),), watermark(voice, demo=reader.demo))


def interval_and_window(voice: Voice, view: ScheduleView, reader: Reader) -> tuple[str, str]:
    """`2 h` and `08:00–20:00 Paris`."""
    first, last = view.window
    hours = voice.word("hours", start=f"{first:02d}:00", end=f"{last:02d}:00", place=place(reader.zone_name))
    return voice.numbers.span(view.interval), voice.word("any_hour") if first == last else hours.replace(" ", NBSP)


def next_runs(voice: Voice, view: ScheduleView) -> list[Line]:
    """When the next ones come, or that none does; nothing where nobody knows."""
    if view.paused:
        return [Line(voice.say("schedule_default_paused"))]
    if not view.next_runs:
        return []
    moments = ", ".join(voice.numbers.moment(run) for run in view.next_runs)
    return [Line(voice.say("next", moments=moments))]


def _rule(view: ScheduleView, reader: Reader, phrase: str) -> Document:
    voice = Voice.of(reader)
    interval, hours = interval_and_window(voice, view, reader)
    headline = Headline(voice.say(phrase, interval=interval, window=hours))
    return Document((headline, *next_runs(voice, view)), watermark(voice, demo=reader.demo))


def _setting(voice: Voice, view: SettingView) -> Text:
    origin: Text = voice.words.origins[view.origin]
    if view.changed_at is not None:
        origin = joined(origin, voice.say("setting_since", when=voice.numbers.moment(view.changed_at)))
    elif view.live:
        origin = joined(origin, voice.say("setting_live"), between=", ")
    if view.below is not None:
        origin = joined(origin, voice.say("setting_below", below=_value(voice, view.below)), between=", ")
    return voice.say("setting", name=view.name, value=_value(voice, view.value), origin=origin)


_ONLY_SET: Final = "set"
"""What stands for a secret."""


def _value(voice: Voice, value: str) -> Text:
    if value == _ONLY_SET:
        return voice.term(value)
    return (Foreign(value),) if value else voice.word("empty_value")
