"""The owner's word about accounts, by the buttons of a question: it is the new account, leave it out, it is gone."""

from __future__ import annotations

from portfolio_bot.analytics.alert_states import AlertRule, Subject
from portfolio_bot.bot import buttons
from portfolio_bot.bot.alert_rows import below
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.report import compose
from portfolio_bot.report.alert_views import AlertRaised
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import AccountDown, KeyMoved, KeyNews, NoClose
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.watch import News

_ASKED_ABOUT = 4
"""Accounts with buttons of their own: more fill a phone."""


async def owner(house: House, request: Request) -> Answer:
    """`confirm okx`, `leave okx`, `gone okx`, `wait okx`."""
    action, _, account = request.argument.partition(" ")
    if request.reader.demo:
        raise UserError(account, "simulated_account")
    if house.ownership is None:
        raise UserError(account, "no_account_yet")
    said = await house.ownership.say(action, account, who=request.who)
    undo = buttons.named(request.reader, "undo", "owner", "back", said.account)
    rows = ((undo,),) if action in {"gone", "leave"} else ()
    return Answer(compose.owned(action, said.name, said.what, request.reader), rows)


def answers(news: News | None, reader: Reader) -> Rows:
    """What may be pressed below a question; nothing below what is no question."""
    match news:
        case AlertRaised(event):
            return below(event.subject, reader, since=event.since)
        case AccountDown(account):
            return below(Subject(AlertRule.SOURCE, account.id), reader, since=account.since)
        case KeyNews(account, new):
            # a difference of clocks comes and goes and is not remembered: there is nothing to acknowledge
            lasts = any(one.kind is not WarningKind.CLOCK_SKEW for one in new)
            return below(Subject(AlertRule.KEY, account.id), reader, remembered=lasts)
        case KeyMoved(account):
            confirm = buttons.named(reader, "new_account", "owner", "confirm", account.id)
            return ((confirm, buttons.named(reader, "wait", "owner", "wait", account.id)),)
        case NoClose(accounts):
            asked = [
                (
                    buttons.named(reader, "leave", "owner", "leave", account.id, account=account.name),
                    buttons.named(reader, "gone", "owner", "gone", account.id, account=account.name),
                )
                for account in accounts[:_ASKED_ABOUT]
            ]
            return (*asked, (buttons.named(reader, "wait", "owner", "wait", accounts[0].id),))
        case _:
            return ()


COMMANDS = (Command("owner", owner, listed=False, changes=True),)
