"""`/settings`: what is set, where it comes from, and a way back for what was set in the chat."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import view_of
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.report.views import SettingOrigin, SettingView
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.once import AlreadyDone, once
from portfolio_bot.service.preferences import LIVE, live_name

_RESET = "reset"


async def settings(house: House, request: Request) -> Answer:
    """The list, or with `reset NAME` that setting back at what stands below the chat."""
    view, rest = view_of(request.argument, request.reader)
    if not rest:
        listing = house.preferences.listing()
        document = compose.settings(listing, request.reader)
        return Answer(document, _rows(listing, request), view.page, view.turning("settings"))
    word, _, name = rest.partition(" ")
    if rest.lower() == _RESET:
        raise UserError(rest, "which_setting", names=", ".join(LIVE))
    if word.lower() != _RESET:
        raise UserError(rest, "no_settings_word")
    wanted = live_name(name)
    with contextlib.suppress(AlreadyDone):
        await house.timetable.reset(wanted, request.who, along=once(request.update))
    listing = house.preferences.listing()
    changed = next(setting for setting in listing if setting.name == wanted)
    return Answer(compose.setting_reset(changed, request.reader), _rows(listing, request))


def _rows(listing: Sequence[SettingView], request: Request) -> Rows:
    """A way back for each setting of the chat, one a row: their names are long."""
    made = [setting.name for setting in listing if setting.origin is SettingOrigin.CHAT]
    return tuple((buttons.named(request.reader, "reset", "settings", _RESET, name, setting=name),) for name in made)


COMMANDS = (Command("settings", settings, "[reset NAME]"),)
