"""`/status`: the report. Refreshing asks the accounts; details and currencies show what is known already."""

from __future__ import annotations

from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import View, view_of
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.snapshots import STATUS

_VIEW = "view"
"""What buttons say that only show: a command that is not listed."""


async def status(house: House, request: Request) -> Answer:
    """The report, now."""
    view = _read(request)
    portfolio = await house.snapshots.take(STATUS, request.progress)
    return await report(house, portfolio, view, request.reader)


async def view(house: House, request: Request) -> Answer:
    """The report as it is known, in another form."""
    wanted = _read(request)
    return await report(house, await house.newest(request.progress), wanted, request.reader)


async def report(house: House, portfolio: Portfolio, view: View, reader: Reader) -> Answer:
    """A portfolio as the report, with its buttons."""
    yesterday = await house.history.baseline()
    document = compose.status(
        portfolio,
        view.reader(reader),
        baseline=yesterday,
        crossed=await house.history.crossed(yesterday),
        detail=view.detail,
        breakdown=house.breakdown,
    )
    return answer(document, view, reader)


def answer(document: Document, view: View, reader: Reader) -> Answer:
    """A report with its buttons, also one that is pushed."""
    return Answer(document, _rows(view, reader), view.page, view.turning(_VIEW))


def _rows(view: View, reader: Reader) -> Rows:
    fold = buttons.named(reader, "summary" if view.detail else "details", _VIEW, view.to(detail=not view.detail))
    refresh = buttons.named(reader, "refresh", "status", view.to())
    return ((refresh, fold, buttons.currency(view.reader(reader), reader.currency, view, _VIEW)),)


def _read(request: Request) -> View:
    view, rest = view_of(request.argument, request.reader)
    if rest:
        raise UserError(rest, "no_report_word")
    return view


COMMANDS = (Command("status", status, "[detail] [rub]"), Command(_VIEW, view, listed=False))
