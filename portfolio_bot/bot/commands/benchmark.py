"""`/benchmark [days]`: the portfolio beside the same money in a basket of coins."""

from __future__ import annotations

from portfolio_bot.bot import periods
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose

_DEFAULT = "all"


async def benchmark(house: House, request: Request) -> Answer:
    """In dollars: that is what the basket is kept in."""
    reader = request.reader
    what = periods.asked(request.argument, reader, default=_DEFAULT)
    found, view = await house.figures.basket(what.window)
    rows = periods.keys(reader, "benchmark", what, currency=False)
    return Answer(
        compose.benchmark(view, found, reader), rows, what.view.page, what.view.turning("benchmark", what.name)
    )


COMMANDS = (Command("benchmark", benchmark, "[days]"),)
