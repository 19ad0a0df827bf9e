"""What stands in a living message: the report as `/status` has it, and when it was brought up to date."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from portfolio_bot.bot.arguments import View
from portfolio_bot.bot.commands import status
from portfolio_bot.bot.dialog import Answer, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.bot.render import for_telegram
from portfolio_bot.notify.base import Message
from portfolio_bot.report import compose

_PICTURE = "chart"
"""A word of buttons that would turn the message into a picture, which can never become words again."""


def living(house: House) -> Callable[[str], Awaitable[Message | None]]:
    """How the newest report is shown in a chat."""

    async def render(chat: str) -> Message | None:
        portfolio = house.snapshots.latest
        if portfolio is None:
            return None
        reader = house.reader_for(None, chat)
        found = await status.report(house, portfolio, status.Shown(View()), reader)
        document = compose.living(found.document, reader, portfolio.at)
        answer = replace(found, document=document, rows=_without_pictures(found.rows))
        return for_telegram(answer, form=reader.form, silent=True, pushed=True)

    return render


def last_word(house: House) -> Callable[[str], Message]:
    """What stands in it at the end."""

    def render(chat: str) -> Message:
        return for_telegram(Answer(compose.living_over(house.reader_for(None, chat))), silent=True)

    return render


def _without_pictures(rows: Rows) -> Rows:
    kept = (tuple(key for key in row if _PICTURE not in key.action.split()) for row in rows)
    return tuple(row for row in kept if row)
