"""`/twr [days]`: the return of a period, how rough the way was, and how far the figures may be trusted."""

from __future__ import annotations

from portfolio_bot.bot import periods
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose

_DEFAULT = "30d"


async def twr(house: House, request: Request) -> Answer:
    """The period's own return comes first; one per year only where it may."""
    what = periods.asked(request.argument, request.reader, default=_DEFAULT)
    view = await house.figures.performances.over(what.window, what.currency)
    rows = periods.keys(request.reader, "twr", what)
    return Answer(compose.performance(view, request.reader), rows, what.view.page, what.view.turning("twr", what.name))


COMMANDS = (Command("twr", twr, "[days=30]"),)
