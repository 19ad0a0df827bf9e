"""`/export [limit]`: day closes as a CSV file; `/export_returns` and `/export_trades` alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from portfolio_bot.bot.arguments import whole_number
from portfolio_bot.bot.dialog import Answer, Command, Handler, Request
from portfolio_bot.bot.house import House
from portfolio_bot.notify.base import LARGEST_FILE, File
from portfolio_bot.report import compose
from portfolio_bot.report.compose.hand import Question
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.taking_out import CsvFile, Files

_MOST: Final = 1_000_000
_SOME: Final = 100
_A_MILLION = 1_000_000

Take = Callable[[Files, int | None], Awaitable[CsvFile]]


def exporting(what: str, take: Take, without_amounts: Take | None = None) -> Handler:
    """The command for one table.

    Args:
        what: how the file is called.
        without_amounts: what those get who see percentages only; None where nothing is left then.
    """

    async def handler(house: House, request: Request) -> Answer:
        limit = whole_number(request.argument, default=_MOST, low=1, high=_MOST, example=_SOME)
        if house.files is None:
            raise UserError("", "no_export_here")
        hidden = request.reader.percent_only
        if hidden and without_amounts is None:
            raise UserError("", "amounts_are_hidden")
        chosen = without_amounts if hidden and without_amounts is not None else take
        table = await chosen(house.files, limit if request.argument else None)
        if not table.rows:
            return Answer(compose.hand_question(Question.NO_FILE, request.reader))
        content = table.text.encode()
        if len(content) > LARGEST_FILE:
            fits = table.rows * LARGEST_FILE // len(content)
            raise UserError("", "file_too_large", size=round(len(content) / _A_MILLION), rows=fits)
        day = request.reader.calendar.day(request.reader.now)
        file = File(f"{what}-{day.isoformat()}.csv", content)
        document = compose.file_taken(what, table.rows, request.reader)
        return Answer(document, file=file)

    return handler


COMMANDS = (Command("export", exporting("history", Files.history, Files.index), "[limit]"),)
