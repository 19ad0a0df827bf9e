"""`/pnl [24h|7d|30d|90d|ytd|all]`: why did it change, and what was earned by buying and selling."""

from __future__ import annotations

from portfolio_bot.bot import periods
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose

_DEFAULT = "24h"


async def pnl(house: House, request: Request) -> Answer:
    """With details also by account and by asset."""
    reader = request.reader
    what = periods.asked(request.argument, reader, default=_DEFAULT)
    view = await house.figures.gain(what.window, what.currency)
    document = compose.pnl(view, house.names, reader, detail=what.view.detail)
    rows = periods.keys(reader, "pnl", what, detail=True)
    return Answer(document, rows, what.view.page, what.view.turning("pnl", what.name))


COMMANDS = (Command("pnl", pnl, "[24h|7d|30d|90d|ytd|all]"),)
