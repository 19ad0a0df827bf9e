"""What the commands about the past share: reading it, accounts by name, flows by the short names of buttons."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from portfolio_bot.bot.dialog import Request
from portfolio_bot.bot.house import House
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.movements import Sides, handle
from portfolio_bot.report.views import SyncView
from portfolio_bot.service import naming
from portfolio_bot.service.errors import UserError

log = logging.getLogger(__name__)


async def read_on(house: House, request: Request) -> None:
    """Read what is new of all accounts; after a while it goes on without anybody waiting for it."""
    reading = asyncio.ensure_future(house.sync.run(progress=request.reading, forced=True))
    try:
        done, _ = await asyncio.wait({reading}, timeout=house.patience)
    finally:
        if not reading.done():
            reading.add_done_callback(_ended)
    for task in done:
        task.result()


def _ended(reading: asyncio.Future[SyncView]) -> None:
    error = None if reading.cancelled() else reading.exception()
    if error is not None:
        log.error("reading the past failed", exc_info=error)


def names_account(house: House) -> Callable[[str], bool]:
    """Whether words are the id or the shown name of an account."""
    known = {word.casefold() for one in house.names.items() for word in one}
    return lambda words: words.casefold() in known


def account_named(house: House, word: str) -> AccountId | None:
    """The account of an id or a shown name; None for "".

    Raises:
        UserError: there is none of that name.
    """
    return naming.account_named(word, house.names) if word else None


async def flow_named(house: House, short: str) -> tuple[CashFlow, Sides]:
    """The flow of a button, and what matching says.

    Raises:
        UserError: it is not there any more.
    """
    if not short:
        raise UserError("", "flow_not_said")
    matching = await house.transfers.matching()
    every = [flow for link in matching.transfers for flow in (link.withdrawal, link.deposit)]
    every += [*matching.in_transit, *(one.flow for one in matching.external)]
    found = next((flow for flow in every if handle(flow.key) == short), None)
    if found is None:
        raise UserError(short, "no_flow_listed")
    return found, Sides.of(matching)
