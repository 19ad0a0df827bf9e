"""`/history [days=30]`: day closes, newest first."""

from __future__ import annotations

from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import view_of, whole_number
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.report.voice import Voice

_DEFAULT, _LONGEST = 30, 3650
_CHOICES = (7, 30, 90, 365)


async def history(house: House, request: Request) -> Answer:
    """One close more than is shown is read, for the change of the oldest."""
    view, rest = view_of(request.argument, request.reader)
    days = whole_number(rest, default=_DEFAULT, low=1, high=_LONGEST)
    closes = await house.history.closes(days + 1)
    document = compose.history(closes, view.reader(request.reader), limit=days)
    count = Voice.of(request.reader).numbers.count
    spans = [
        buttons.named(request.reader, "days", "history", view.to(), choice, days=count(choice))
        for choice in _CHOICES
        if choice != days
    ]
    other = buttons.currency(view.reader(request.reader), request.reader.currency, view, "history", days)
    return Answer(document, ((*spans, other),), view.page, view.turning("history", days))


COMMANDS = (Command("history", history, "[days=30]"),)
