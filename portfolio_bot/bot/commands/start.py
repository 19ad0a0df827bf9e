"""`/start`: hello, when reports come, and the way on."""

from __future__ import annotations

from portfolio_bot.bot import buttons
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose


async def start(house: House, request: Request) -> Answer:
    """Whatever stands behind it is ignored: links may carry words there."""
    keys = (buttons.named(request.reader, "report", "status"), buttons.key("/help", "help"))
    return Answer(compose.start(request.reader, schedule=await house.timetable.view()), (keys,))


COMMANDS = (Command("start", start),)
