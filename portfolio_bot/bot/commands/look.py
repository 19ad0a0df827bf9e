"""`/look [percent on]`: how a chat is written to: percentages only, a living message, the form, the pictures."""

from __future__ import annotations

import contextlib
from typing import Final

from portfolio_bot.bot import buttons
from portfolio_bot.bot.dialog import TERMINAL, Answer, Command, Request, Rows, with_argument
from portfolio_bot.bot.house import House
from portfolio_bot.notify.base import Key
from portfolio_bot.report import compose
from portfolio_bot.report.people_views import LookRow, LookView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import SettingOrigin
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.looks import CHOICES, Looks
from portfolio_bot.service.once import AlreadyDone, once

_RESET = "reset"
_IN_THE_TERMINAL: Final = frozenset({"percent", "theme"})
"""A terminal pins nothing and has one form."""


async def look(house: House, request: Request) -> Answer:
    """How it stands, with a button for everything else; or a choice. A number in front means that person's chat."""
    if house.looks is None:
        raise UserError("", "look_no_choice")
    chat, wanted = _chat(house, request)
    if wanted:
        with contextlib.suppress(AlreadyDone):
            await _choose(house.looks, chat, wanted, request)
    reader = house.reader_for(request.user, request.place)  # it may be another one by now
    rows = [row for row in house.looks.rows(chat) if chat != TERMINAL or row.name in _IN_THE_TERMINAL]
    view = LookView(rows, "" if chat == request.place else chat)
    return Answer(compose.look(view, reader), _keys(view, reader) if request.owner else ())


def _chat(house: House, request: Request) -> tuple[str, str]:
    """Whose chat is meant, and what is wanted of it."""
    first, _, rest = request.argument.partition(" ")
    if not first.lstrip("-").isdigit():
        return request.place, request.argument
    known = {str(person.user) for person in house.people.all()} if house.people else set()
    if first != request.place and first not in known:
        raise UserError(first, "look_no_chat")
    return first, rest


async def _choose(looks: Looks, chat: str, wanted: str, request: Request) -> None:
    word, _, value = wanted.lower().partition(" ")
    if word == _RESET and not value:
        for choice in CHOICES:
            await looks.choose(chat, choice, None, request.who)
        return
    if chat == TERMINAL and word in CHOICES and word not in _IN_THE_TERMINAL:
        raise UserError(word, "look_of_telegram")
    chosen = None if value == SettingOrigin.DEFAULT else value
    await looks.choose(chat, word, chosen, request.who, along=once(request.update))


def _keys(view: LookView, reader: Reader) -> Rows:
    rows = [_others(row, view.chat, reader) for row in view.rows]
    if any(row.origin is SettingOrigin.CHAT for row in view.rows):
        rows.append((buttons.named(reader, "look_reset", "look", view.chat, _RESET),))
    return tuple(rows)


def _others(row: LookRow, chat: str, reader: Reader) -> tuple[Key, ...]:
    """A button for each value that is not in force."""
    values = (value for value in CHOICES[row.name].words if value != row.value)
    return tuple(buttons.named(reader, f"look_{row.name}_{value}", "look", chat, row.name, value) for value in values)


COMMANDS = (Command("look", look, "[percent on]", changes=with_argument),)
