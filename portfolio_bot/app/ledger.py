"""The past: who reads it, who finds own transfers in it, and who shows it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.ledger_views import LedgerViews
from portfolio_bot.service.recorded_flows import RecordedFlows
from portfolio_bot.service.sync import Sync
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.service.twins import Twins
from portfolio_bot.service.worth import Appraiser
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store

if TYPE_CHECKING:
    from portfolio_bot.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything about flows and trades. Made by `ledger_of`; `load` it before, `close` it after use."""

    transfers: Transfers
    sync: Sync
    worth: Appraiser
    views: LedgerViews
    following: Following
    twins: Twins

    async def load(self) -> None:
        """Take over what an earlier life read."""
        await self.sync.load()
        await self.twins.look()
        await self.transfers.refresh()

    async def close(self) -> None:
        """End what is being read; the next life goes on from there."""
        await self.sync.close()
        await self.following.close()
        await self.twins.close()


def ledger_of(
    settings: Settings,
    store: Store,
    collect: Collect,
    transfers: Transfers,
    worth: Appraiser,
    *,
    calendar: Calendar,
    clock: Clock,
) -> Ledger:
    """The parts, each with what it needs; whatever is read is looked through for own transfers, and gets its value."""
    names: Mapping[AccountId, str] = {account: info.name for account, info in collect.accounts.items()}
    sync = Sync(
        collect.sources(),
        names,
        store,
        calendar=calendar,
        clock=clock,
        since=settings.analysis.historical_start_date,
        tracked=settings.analysis.tracked_assets,
        states=collect.states,
    )
    following, twins = Following(transfers), Twins(collect, store)
    sync.on_news += [following.heard, twins.heard, lambda _: worth.nudge()]
    worth.on_priced.append(transfers.outdated)
    collect.flows = RecordedFlows(store, sync)
    return Ledger(transfers, sync, worth, LedgerViews(store, transfers, calendar, names, sync.view), following, twins)


class Following:
    """Looks for own transfers after something was read; news that come meanwhile share the next look."""

    def __init__(self, transfers: Transfers) -> None:
        self._transfers = transfers
        self._looking: asyncio.Task[None] | None = None
        self._again = False

    def heard(self, border: bool) -> None:
        """Something new or changed was stored.

        Args:
            border: a deposit or a withdrawal is among it.
        """
        del border  # a movement inside an account is none, and belongs to the matching all the same
        self._transfers.outdated()  # whoever asks before the look is over must not get what was before
        self._again = True
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="own transfers")

    async def close(self) -> None:
        """Nobody needs the next look any more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
            self._looking = None  # one that had not begun has not said so itself

    async def _look(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._transfers.refresh()
        except StorageError as error:
            log.warning("own transfers are looked for later: %s", error)
        finally:
            self._looking = None
