"""What follows from a record made by hand: its value at once and, where money comes or goes now, a snapshot."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.service.snapshots import FLOW, Snapshots
from portfolio_bot.service.under_way import UnderWay
from portfolio_bot.service.worth import Appraiser
from portfolio_bot.storage import ledger
from portfolio_bot.storage.errors import StorageError

log = logging.getLogger(__name__)

PATIENCE: Final = 5.0
"""Seconds that somebody who enters a record waits for its price."""

JUST_NOW: Final = timedelta(minutes=15)
"""A record this fresh is of money that is coming or going right now."""

LAST_SNAPSHOT: Final = 30.0
"""Seconds that the end of a command waits for the snapshot that it gave rise to."""


class AfterRecord:
    """Is told of every record.

    Args:
        sources: there is an account that can be asked.
    """

    def __init__(
        self, worth: Appraiser, snapshots: Snapshots, calendar: Calendar, clock: Clock, *, sources: bool
    ) -> None:
        self._worth, self._snapshots, self._calendar, self._clock = worth, snapshots, calendar, clock
        self._sources = sources
        self._taking = UnderWay()

    async def heard(self, flow: CashFlow) -> None:
        """A record was entered, corrected or taken back."""
        try:
            await self._worth.at_once(PATIENCE)
        except StorageError as error:  # the record is stored; its value is looked for later
            log.warning("worth: looked for later: %s", error)
        fresh = abs(self._clock() - flow.instant(self._calendar)) <= JUST_NOW
        if self._sources and fresh and flow.kind in ledger.BORDER:
            self._taking.begin(self._take(), name="snapshot beside a record")

    async def close(self, patience: float) -> None:
        """A snapshot under way may end within so many seconds."""
        await self._taking.close(patience)

    async def _take(self) -> None:
        try:
            await self._snapshots.take(FLOW)
        except StorageError as error:
            log.warning("no snapshot beside the record: %s", error)
        except Exception:  # the record is stored; that nobody could be asked must not look like a failure of it
            log.exception("no snapshot beside the record")
