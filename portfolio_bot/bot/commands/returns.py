"""`/returns [days=10]`: the gain of each day that is over, with what came and went beside it."""

from __future__ import annotations

from portfolio_bot.bot.arguments import view_of, whole_number
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.bot.periods import days_keys, other_currency
from portfolio_bot.report import compose
from portfolio_bot.report.compose.performance import kept

_DEFAULT, _LONGEST = 10, 3650
_CHOICES = (10, 30, 90, 365)


async def returns(house: House, request: Request) -> Answer:
    """Days are counted by their closes."""
    reader = request.reader
    view, rest = view_of(request.argument, reader)
    days = whole_number(rest, default=_DEFAULT, low=1, high=_LONGEST)
    currency = kept(view.currency.upper() or reader.currency)
    found = await house.figures.performances.daily(currency, limit=days)
    document = compose.returns(found, reader, currency=currency)
    row = (*days_keys(reader, "returns", view, _CHOICES, days), other_currency("returns", view, currency, days))
    return Answer(document, (row,), view.page, view.turning("returns", days))


COMMANDS = (Command("returns", returns, "[days=10]"),)
