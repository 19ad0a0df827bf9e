"""`/settings`: what is set, where it comes from, and a way back for what was set in the chat."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from portfolio_bot.analytics.alert_states import AlertRule
from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import view_of
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.report.views import SettingOrigin, SettingView
from portfolio_bot.service.alarm_limits import THRESHOLD, Wish
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.looks import OF_SETTINGS
from portfolio_bot.service.once import AlreadyDone, once
from portfolio_bot.service.preferences import LIVE

_RESET = "reset"


async def settings(house: House, request: Request) -> Answer:
    """The list, or with `reset NAME` that setting back at what stands below the chat."""
    view, rest = view_of(request.argument, request.reader)
    if not rest:
        listing = _listing(house, request)
        document = compose.settings(listing, request.reader)
        return Answer(document, _rows(listing, request), view.page, view.turning("settings"))
    word, _, name = rest.partition(" ")
    if rest.lower() == _RESET:
        raise UserError(rest, "which_setting", names=_resettable(house))
    if word.lower() != _RESET:
        raise UserError(rest, "no_settings_word")
    wanted = await _reset(house, name, request)
    listing = _listing(house, request)
    changed = next(setting for setting in listing if setting.name == wanted)
    return Answer(compose.setting_reset(changed, request.reader), _rows(listing, request))


def _listing(house: House, request: Request) -> list[SettingView]:
    """What is in force here: this chat's own choices lie on top."""
    listing = house.preferences.listing()
    if house.alarms is not None:
        listing = house.alarms.limits.laid_over(listing)
    return listing if house.looks is None else house.looks.laid_over(listing, request.place)


async def _reset(house: House, name: str, request: Request) -> str:
    """Take a setting of the chat back."""
    look = OF_SETTINGS.get(name.strip().upper())
    with contextlib.suppress(AlreadyDone):
        if look is not None and house.looks is not None:
            await house.looks.choose(request.place, look, None, request.who, along=once(request.update))
            return name.strip().upper()
        if house.alarms is not None and name.strip().upper() == THRESHOLD:
            await house.alarms.limits.set(Wish(AlertRule.TOTAL, value=None), request.who, along=once(request.update))
            return THRESHOLD
        if name.strip().upper() not in LIVE:
            raise UserError(name, "not_a_live_setting", names=_resettable(house))
        await house.timetable.reset(name, request.who, along=once(request.update))
    return name.strip().upper()


def _resettable(house: House) -> str:
    """The names of all settings that the chat may have changed."""
    alerts = (THRESHOLD,) if house.alarms is not None else ()
    return ", ".join((*LIVE, *alerts, *(OF_SETTINGS if house.looks is not None else ())))


def _rows(listing: Sequence[SettingView], request: Request) -> Rows:
    """A way back for each setting of the chat, one a row: their names are long."""
    made = [setting.name for setting in listing if setting.origin is SettingOrigin.CHAT]
    return tuple((buttons.named(request.reader, "reset", "settings", _RESET, name, setting=name),) for name in made)


def _resets(argument: str) -> bool:
    return _RESET in argument.lower().split()


COMMANDS = (Command("settings", settings, "[reset NAME]", changes=_resets),)
