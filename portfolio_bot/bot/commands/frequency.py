"""`/frequency [45m]`: how often reports come; changed at once, and back with one press."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from portfolio_bot.bot import buttons
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows, with_argument
from portfolio_bot.bot.house import House
from portfolio_bot.bot.undo import RESET, back_to, undoing
from portfolio_bot.notify.base import Key
from portfolio_bot.report import compose
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import News, ScheduleView
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.once import AlreadyDone, once
from portfolio_bot.service.preferences import INTERVAL

_CHOICES = tuple(timedelta(minutes=minutes) for minutes in (30, 60, 120, 240, 720))


async def frequency(house: House, request: Request) -> Answer:
    """Without an argument: how it stands, and what may be chosen."""
    reader, timetable = request.reader, house.timetable
    if not request.argument:
        return _standing(await timetable.view(), reader)
    undone, wanted = undoing(request.argument)
    back = back_to(house, _word(timetable.interval), INTERVAL)
    try:
        if wanted == RESET:
            view = await timetable.reset(INTERVAL, request.who, along=once(request.update))
        else:
            view = await timetable.set_interval(wanted, request.who, along=once(request.update))
    except AlreadyDone:
        return _standing(await timetable.view(), reader)
    except UserError as error:
        still = _still(timetable.interval, reader)
        raise UserError.again(replace(error.refusal, more=still)) from None
    document = compose.schedule(view, reader, news=News.UNDONE if undone else News.CHANGED)
    return Answer(
        document, _choices(view, reader) if undone else ((buttons.named(reader, "undo", "frequency", *back),),)
    )


def _standing(view: ScheduleView, reader: Reader) -> Answer:
    return Answer(compose.schedule(view, reader), _choices(view, reader))


def _choices(view: ScheduleView, reader: Reader) -> Rows:
    span = Voice.of(reader).numbers.span
    keys: list[Key] = [
        buttons.key(span(choice), "frequency", _word(choice)) for choice in _CHOICES if choice != view.interval
    ]
    return buttons.in_rows(keys, 5)


def _still(interval: timedelta, reader: Reader) -> str:
    voice = Voice.of(reader)
    return voice.chat("still_every", interval=voice.numbers.span(interval))


def _word(interval: timedelta) -> str:
    return f"{interval // timedelta(minutes=1)}m"


COMMANDS = (Command("frequency", frequency, "[45m]", changes=with_argument),)
