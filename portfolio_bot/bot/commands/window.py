"""`/window [8-20]`: the hours in which reports may come; changed at once, and back with one press."""

from __future__ import annotations

from dataclasses import replace

from portfolio_bot.bot import buttons
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows, with_argument
from portfolio_bot.bot.house import House
from portfolio_bot.bot.undo import RESET, back_to, undoing
from portfolio_bot.report import compose
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import News, ScheduleView
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.once import AlreadyDone, once
from portfolio_bot.service.preferences import WINDOW_END, WINDOW_START
from portfolio_bot.service.window import Window, window_word

_ALWAYS = "always"
_CHOICES = ((8, 20), (7, 23), (9, 18), (18, 23))


async def window(house: House, request: Request) -> Answer:
    """Without an argument: how it stands, and what may be chosen."""
    reader, timetable = request.reader, house.timetable
    if not request.argument:
        return _standing(await timetable.view(), reader)
    undone, wanted = undoing(request.argument)
    back = back_to(house, window_word(timetable.rule.window), WINDOW_START, WINDOW_END)
    try:
        if wanted == RESET:
            view = await timetable.reset(WINDOW_START, request.who, along=once(request.update))
        else:
            view = await timetable.set_window(wanted, request.who, along=once(request.update))
    except AlreadyDone:
        return _standing(await timetable.view(), reader)
    except UserError as error:
        still = Voice.of(reader).chat("still_window", window=_label(timetable.rule.window.hours, reader))
        raise UserError.again(replace(error.refusal, more=still)) from None
    document = compose.window(view, reader, news=News.UNDONE if undone else News.CHANGED)
    return Answer(document, _choices(view, reader) if undone else ((buttons.named(reader, "undo", "window", *back),),))


def _standing(view: ScheduleView, reader: Reader) -> Answer:
    return Answer(compose.window(view, reader), _choices(view, reader))


def _choices(view: ScheduleView, reader: Reader) -> Rows:
    hours = [choice for choice in _CHOICES if choice != view.window]
    keys = [buttons.key(_label(choice, reader), "window", window_word(Window(*choice))) for choice in hours]
    if view.window[0] != view.window[1]:
        keys.append(buttons.named(reader, "always", "window", _ALWAYS))
    return buttons.in_rows(keys, 5)


def _label(hours: tuple[int, int], reader: Reader) -> str:
    if hours[0] == hours[1]:
        return Voice.of(reader).word("any_hour")
    return f"{hours[0]}–{hours[1]}"


COMMANDS = (Command("window", window, "[8-20]", changes=with_argument),)
