"""Questions before what cannot be taken back: a button for one person and two minutes.

All of it stands in the button, so nothing is remembered and a restart forgets nothing:

    sure, wanted = confirmed(request)
    if not sure:
        return Answer(question, ((ask(request, "remove", "schedules", "remove", name),),))
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from portfolio_bot.bot import buttons
from portfolio_bot.notify.base import Key
from portfolio_bot.service.errors import UserError

if TYPE_CHECKING:
    from portfolio_bot.bot.dialog import Request

STANDS: Final = timedelta(minutes=2)
"""How long a yes counts."""

_MARK = re.compile(r"(.*?) ?!([0-9a-z]{0,13})\.([0-9a-z]{1,8})", re.ASCII)
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def ask(request: Request, label: str, *words: object, **values: str) -> Key:
    """The button that says yes: the line, for the asker alone and for two minutes.

    Args:
        label: among the words of the reader's language.
        words: the line, at most some 40 bytes.
        values: fill the label's places.
    """
    ends = request.reader.now + STANDS
    mark = f"!{_short(request.user or 0)}.{_short(int(ends.timestamp()))}"
    return buttons.named(request.reader, label, *words, mark, **values)


def confirmed(request: Request) -> tuple[bool, str]:
    """Whether the asker has said yes, and the argument without the mark of it.

    Raises:
        UserError: somebody else was asked, or it was too long ago.
    """
    match = _MARK.fullmatch(request.argument)
    if match is None:
        return False, request.argument
    wanted, user, ends = match.groups()
    if int(user or "0", 36) != (request.user or 0):
        raise UserError("", "asked_somebody_else")
    until = datetime.fromtimestamp(0, UTC) + timedelta(seconds=min(int(ends, 36), 10**11))
    if not request.reader.now <= until <= request.reader.now + STANDS + timedelta(minutes=1):
        raise UserError("", "asked_too_long_ago")
    return True, wanted


def _short(number: int) -> str:
    """A number in base 36: a button has little room."""
    digits = ""
    while number:
        number, last = divmod(number, 36)
        digits = _DIGITS[last] + digits
    return digits or "0"
