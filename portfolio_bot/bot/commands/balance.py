"""`/balance [account]`: assets with amount, price, value and share; of all accounts or of one, by its wallets."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import View, view_of
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.bot.past import names_account
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.statement import AccountId
from portfolio_bot.notify.base import Key
from portfolio_bot.report import compose
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.snapshots import STATUS

_SHORT = 36
"""Bytes of an account's id that leave room for the rest of a button."""


async def balance(house: House, request: Request) -> Answer:
    """What is known; the refresh button asks the accounts before."""
    view, wanted = view_of(request.argument, request.reader, whole=names_account(house))
    if view.fresh:
        portfolio = await house.snapshots.take(STATUS, request.progress)
    else:
        portfolio = await house.newest(request.progress)
    account = _account(portfolio, wanted)
    document = compose.balance(portfolio, view.reader(request.reader), account=account or wanted or None)
    if wanted and account is None:
        return Answer(document, buttons.in_rows(_choices(portfolio, view, request.reader, "")))
    here = _word(portfolio, account) if account else ""
    return Answer(document, _rows(portfolio, view, request.reader, here), view.page, view.turning("balance", here))


def _rows(portfolio: Portfolio, view: View, reader: Reader, here: str) -> Rows:
    refresh = buttons.named(reader, "refresh", "balance", view.to(fresh=True), here)
    other = buttons.currency(view.reader(reader), reader.currency, view, "balance", here)
    return ((refresh, other), *buttons.in_rows(_choices(portfolio, view, reader, here)))


def _choices(portfolio: Portfolio, view: View, reader: Reader, here: str) -> Iterator[Key]:
    """The other accounts, and all of them together."""
    if here:
        yield buttons.named(reader, "all", "balance", view.to())
    if len(portfolio.accounts) < 2:
        return
    for account in portfolio.accounts:
        word = _word(portfolio, account.id)
        if word != here:
            yield buttons.key(account.name, "balance", view.to(), word)


def _word(portfolio: Portfolio, account: AccountId) -> str:
    """An account as a button names it: by its id, or by its place where that would be too long."""
    if len(account.encode()) <= _SHORT:
        return account
    return f"#{[known.id for known in portfolio.accounts].index(account) + 1}"


def _account(portfolio: Portfolio, word: str) -> AccountId | None:
    """The account that a word names: by its place, its id or its shown name."""
    place = word.removeprefix("#")
    if word != place and place.isdigit() and 1 <= int(place) <= len(portfolio.accounts):
        return portfolio.accounts[int(place) - 1].id
    wanted = word.casefold()
    return next((known.id for known in portfolio.accounts if wanted in {known.id, known.name.casefold()}), None)


COMMANDS = (Command("balance", balance, "[account]"),)
