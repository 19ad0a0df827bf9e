"""A change is made once for one update: Telegram repeats updates whose receipt it did not learn of."""

from __future__ import annotations

from portfolio_bot.service.preferences import Along
from portfolio_bot.storage import updates
from portfolio_bot.storage.tx import Tx


class AlreadyDone(Exception):
    """The update was acted upon before; nothing was changed again."""


def once(update: int | None) -> Along | None:
    """What must land with a change so that the update can never make it again; None where there is no update."""
    if update is None:
        return None

    async def mark(tx: Tx) -> None:
        if await updates.seen(tx, update):
            raise AlreadyDone

    return mark
