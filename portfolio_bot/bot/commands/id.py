"""`/id`: the asker's own ids, nothing more."""

from __future__ import annotations

from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose


async def ids(_: House, request: Request) -> Answer:
    """Also what a stranger gets."""
    return Answer(compose.ids(request.reader, user=request.user, chat=request.chat))


COMMANDS = (Command("id", ids),)
