"""`/pull`: every account is asked anew, also those that are left alone for a while; then the report.

For owners: it goes past the pauses that keep a refused key from being locked. Viewers have `/status`.
"""

from __future__ import annotations

from portfolio_bot.bot.arguments import View
from portfolio_bot.bot.commands.status import Shown, report
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.service.snapshots import PULL


async def pull(house: House, request: Request) -> Answer:
    """Fetch, store, show."""
    portfolio = await house.snapshots.take(PULL, request.progress)
    return await report(house, portfolio, Shown(View()), request.reader)


COMMANDS = (Command("pull", pull, changes=True),)
