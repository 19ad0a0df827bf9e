"""`/trades [limit=20]`: what was bought and sold, newest first."""

from __future__ import annotations

from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import view_of, whole_number
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.bot.past import read_on
from portfolio_bot.report import compose
from portfolio_bot.report.compose.trades import pages_of
from portfolio_bot.report.views import Asked
from portfolio_bot.report.voice import Voice

_DEFAULT, _MOST = 20, 500
_CHOICES = (20, 50, 100)
_READ = "read"


async def trades(house: House, request: Request) -> Answer:
    """The newest ones; with `read` the past is read before."""
    reader = request.reader
    view, rest = view_of(request.argument, reader)
    first, _, others = rest.partition(" ")
    wants_reading = first.lower() == _READ
    limit = whole_number(others if wants_reading else rest, default=_DEFAULT, low=1, high=_MOST)
    if wants_reading:
        await read_on(house, request)
    listing = await house.ledger.trades(Asked(), limit=limit)
    count = Voice.of(reader).numbers.count
    keys = [buttons.named(reader, "refresh", "trades", view.to(), limit)]
    if listing.more:
        keys += [buttons.key(count(choice), "trades", choice) for choice in _CHOICES if choice > limit]
    read = () if house.sync.running else ((buttons.named(reader, "read_history", "trades", _READ, limit),),)
    turns = buttons.turns(view.page, pages_of(listing), view.turning("trades", limit))
    return Answer(compose.trades(listing, reader, page=view.page), (tuple(keys), *read, *turns))


def _reads(argument: str) -> bool:
    return _READ in argument.lower().split()


COMMANDS = (Command("trades", trades, "[limit=20]", changes=_reads),)
