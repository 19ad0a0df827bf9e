"""All commands, in the order in which menu and help show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portfolio_bot.bot import owner
from portfolio_bot.bot.commands import (
    accounts,
    alerts,
    backup,
    balance,
    benchmark,
    changes,
    chart,
    deposit,
    explain,
    export,
    export_returns,
    export_trades,
    flows,
    frequency,
    history,
    language,
    look,
    people,
    pnl,
    pull,
    returns,
    schedules,
    settings,
    start,
    status,
    trades,
    twr,
    window,
    withdraw,
)
from portfolio_bot.bot.commands import id as ids
from portfolio_bot.bot.commands.help import help_of
from portfolio_bot.bot.dialog import Command
from portfolio_bot.bot.house import House
from portfolio_bot.report.voice import catalogue

_MODULES = (
    status,
    balance,
    history,
    returns,
    pnl,
    twr,
    benchmark,
    chart,
    explain,
    flows,
    deposit,
    withdraw,
    trades,
    export,
    export_returns,
    export_trades,
    pull,
    accounts,
    alerts,
    frequency,
    window,
    schedules,
    settings,
    language,
    look,
    people,
    changes,
    backup,
    ids,
    start,
    owner,
)
_EVERY = tuple(command for module in _MODULES for command in module.COMMANDS)

COMMANDS: Mapping[str, Command] = {command.name: command for command in (*_EVERY, help_of(_EVERY))}


def menu(language: str, *, owner: bool = True) -> Sequence[tuple[str, str]]:
    """Name and help of every listed command, for Telegram's command menu; a viewer's has what they may use."""
    helps = catalogue(language).helps
    offered = (one for one in COMMANDS.values() if one.listed and (owner or not one.for_owners))
    return [(command.name, helps[command.name]) for command in offered]


def menu_of(house: House, user: int) -> Sequence[tuple[str, str]]:
    """The menu of one person, in their language."""
    return menu(house.reader_for(user, None).language, owner=house.owns(user))
