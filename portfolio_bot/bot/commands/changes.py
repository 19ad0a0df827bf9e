"""`/changes`: who changed what and when, newest first."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import view_of
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report import compose
from portfolio_bot.report.people_views import ChangesView, ChangeView
from portfolio_bot.service.errors import UserError

_PER_PAGE = 12
_OF_ACCOUNTS = frozenset({"flow", "account"})


async def changes(house: House, request: Request) -> Answer:
    """One page of them."""
    view, rest = view_of(request.argument, request.reader)
    if rest:
        raise UserError(rest, "no_changes_word")
    if house.choices is None:
        return Answer(compose.changes(ChangesView((), 0), request.reader))
    count = await house.choices.count_changes()
    pages = max(-(-count // _PER_PAGE), 1)
    page = min(view.page, pages)
    found = await house.choices.changes(_PER_PAGE, skip=(page - 1) * _PER_PAGE)
    told = [ChangeView(one.at, one.who, _named(one.what, house.names), one.before, one.after) for one in found]
    document = compose.changes(ChangesView(told, count, request.who), request.reader)
    return Answer(document, buttons.turns(page, pages, view.turning("changes")))


def _named(what: str, names: Mapping[AccountId, str]) -> str:
    """What was changed, with the account as people call it."""
    kind, between, rest = what.partition(":")
    if kind not in _OF_ACCOUNTS:
        return what
    account, space, handle = rest.partition(" ")
    return f"{kind}{between}{names.get(account, account)}{space}{handle}"


COMMANDS = (Command("changes", changes),)
