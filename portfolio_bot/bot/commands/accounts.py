"""`/accounts`: health, age and warnings of each account."""

from __future__ import annotations

from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import view_of
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.service.snapshots import STATUS


async def accounts(house: House, request: Request) -> Answer:
    """What is known; the refresh button asks the accounts before."""
    view, _ = view_of(request.argument, request.reader)
    if view.fresh:
        portfolio = await house.snapshots.take(STATUS, request.progress)
    else:
        portfolio = await house.newest(request.progress)
    refresh = buttons.named(request.reader, "refresh", "accounts", view.to(fresh=True))
    document = compose.accounts(portfolio, request.reader, past=house.sync.view())
    return Answer(document, ((refresh,),), view.page, view.turning("accounts"))


COMMANDS = (Command("accounts", accounts),)
