"""`/language [ru]`: the language in which the asker is spoken to, before that of the settings and of their Telegram."""

from __future__ import annotations

import contextlib
from typing import Final

from portfolio_bot.bot import buttons
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.once import AlreadyDone, once

AUTO: Final = "auto"
_BUTTONS: Final = ("en", "ru", AUTO)
_NAMED: Final = {
    "en": "en", "english": "en", "английский": "en", "англ": "en",
    "ru": "ru", "russian": "ru", "русский": "ru", "рус": "ru",
    AUTO: AUTO, "авто": AUTO,
}  # fmt: skip
"""What people call them, in either language."""


async def language(house: House, request: Request) -> Answer:
    """Which language it is and who says so; or a choice, which holds for the asker alone and needs no owner."""
    if house.looks is None or request.user is None:
        raise UserError("", "no_language_here")
    if request.argument:
        wanted = _NAMED.get(request.argument.lower())
        if wanted is None:
            raise UserError(request.argument, "no_language")
        chosen = None if wanted == AUTO else wanted
        with contextlib.suppress(AlreadyDone):
            await house.looks.speak(request.user, chosen, request.who, along=once(request.update))
    reader = house.reader_for(request.user, request.place)  # it may be another one by now
    row = tuple(buttons.named(reader, f"speaking_{name}", "language", name) for name in _BUTTONS)
    return Answer(compose.language(house.looks.spoken_by(request.user), reader), (row,))


COMMANDS = (Command("language", language, "[ru]"),)
