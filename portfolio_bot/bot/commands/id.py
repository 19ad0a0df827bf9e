"""`/id`: the asker's own ids, nothing more."""

from __future__ import annotations

from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.report.document import Headline
from portfolio_bot.report.voice import Voice


async def ids(_: House, request: Request) -> Answer:
    """Also what a stranger gets."""
    if request.user is None and request.chat is None:
        return Answer(compose.said(request.reader, Headline(Voice.of(request.reader).chat("no_ids"))))
    return Answer(compose.ids(request.reader, user=request.user, chat=request.chat))


COMMANDS = (Command("id", ids),)
