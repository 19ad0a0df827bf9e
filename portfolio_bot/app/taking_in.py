"""Taking in what was kept elsewhere: stored whole or not at all, and everything that follows from it at once."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from portfolio_bot.report.numbers import plain
from portfolio_bot.service import history_import, ledger_csv, ledger_import
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.worth import Lacking
from portfolio_bot.storage import imported

if TYPE_CHECKING:
    from portfolio_bot.app.core import Core

log = logging.getLogger(__name__)

PATIENCE: Final = 8.0
"""Seconds that somebody who imports waits for prices from outside; what is stored values the rest."""

HISTORY: Final = "history"

_PARSERS: Final[Mapping[str, Callable[[bytes, datetime], ledger_csv.Parsed]]] = {
    "flows": lambda content, now: ledger_csv.parse_flows(content, now=now),
    "trades": lambda content, now: ledger_csv.parse_trades(content, now=now),
    "prices": lambda content, now: ledger_csv.parse_prices(content, now=now),
}

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Followed:
    """What became of an import beyond its rows.

    Attributes:
        lacking: what has no value now.
        residual: what the parts of the profit leave unexplained, USD: zero, or something is wrong.
    """

    lacking: Lacking = field(default_factory=Lacking)
    residual: Decimal = Decimal(0)


class TakingIn:
    """The operation `import`.

    Args:
        patience: seconds to wait for prices from outside.
    """

    def __init__(self, core: Core, patience: float = PATIENCE) -> None:
        self._core, self._patience = core, patience

    async def take_in(self, body: Body) -> object:
        """Show what a file would change, or store it.

        Raises:
            UserError: the file did not arrive, or it is of no known kind.
        """
        try:
            content = base64.b64decode(str(body.get("content", "")), validate=True)
        except binascii.Error:
            raise UserError("", "file_not_whole") from None
        what = str(body.get("what") or HISTORY)
        if what == HISTORY:
            return await self._history(content, body)
        if what not in _PARSERS:
            raise UserError(what, "no_import", tables=", ".join((HISTORY, *_PARSERS)))
        return await self._records(what, content, dry_run=body.get("dry_run") is True)

    async def _history(self, content: bytes, body: Body) -> object:
        # a large file is a second of parsing, in which the bot would be deaf
        core, now = self._core, self._core.clock()
        parsed = await asyncio.to_thread(history_import.parse, content, now=now)
        async with self._core.store.read() as tx:
            was_separate = await imported.is_separate(tx)
            plan = await history_import.plan(tx, parsed, core.calendar, now)
        lacking = Lacking()
        if not body.get("dry_run") and not parsed.errors:
            separate = body.get("separate") is True
            plan = await core.store.write(
                lambda tx: history_import.apply(tx, parsed, core.calendar, now, separate=separate)
            )
            lacking = await core.worth.at_once(self._patience)  # two totals are a rate for what is in roubles
        return {
            "plan": plan.as_json(),
            "changes": plan.changes(),
            "was_separate": was_separate,
            **_told(_Followed(lacking)),
        }

    async def _records(self, what: str, content: bytes, *, dry_run: bool) -> object:
        parsed = await asyncio.to_thread(_PARSERS[what], content, self._core.clock())
        followed = _Followed()
        if dry_run or parsed.errors:
            async with self._core.store.read() as tx:
                plan = await ledger_import.plan(tx, parsed)
        else:
            plan = await self._core.store.write(lambda tx: ledger_import.apply(tx, parsed))
            followed = await self._follow_up(plan)
        return {
            "plan": plan.as_json(),
            "changes": plan.changed_cells(),
            **_told(followed),
        }

    async def _follow_up(self, plan: ledger_import.Plan) -> _Followed:
        """Own transfers found anew, values filled in, and the profit counted: its parts must add up."""
        core = self._core
        await core.transfers.refresh()
        if plan.prices:
            await core.worth.revalue({price.asset for price in plan.prices})
        lacking = await core.worth.at_once(self._patience)
        await core.transfers.refresh()
        residual = (await core.figures.profits.over()).end.residual
        if residual:
            log.error("profit does not add up after an import: %s USD are unexplained", residual)
        return _Followed(lacking, residual)


def _told(followed: _Followed) -> Mapping[str, object]:
    return {
        "unpriced": followed.lacking.records,
        "unpriced_assets": sorted(followed.lacking.assets),
        "residual": plain(followed.residual),
    }
