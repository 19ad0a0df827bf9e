"""`/help`: every command, one a line."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.report.views import HelpView


def help_of(commands: Sequence[Command]) -> Command:
    """The command that lists these and itself."""

    async def help_(_: House, request: Request) -> Answer:
        return Answer(compose.help([HelpView(one.name, one.argument) for one in listed], request.reader))

    own = Command("help", help_)
    listed = [one for one in (*commands, own) if one.listed]
    return own
