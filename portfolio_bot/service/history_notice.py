"""The owner is told once that the past of an account is read: what there is, since when, what is missing."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Protocol

from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.views import SyncView
from portfolio_bot.service.under_way import UnderWay
from portfolio_bot.storage import memory
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

TOLD = "history_told"
"""A note of each account: the owner was told about its past."""


class TellsHistory(Protocol):
    """Whoever writes letters to the owner."""

    async def history(self, tx: Tx, key: str, view: SyncView) -> None:
        """Queue a letter; one that was queued before is left alone."""

    def nudge(self) -> None:
        """What was queued is committed now."""


class HistoryNotice:
    """Hears of each end of a reading, and tells when the past of some account was read for the first time.

    Args:
        postman: who writes letters; None while there is nobody to tell: then it is told later.
    """

    def __init__(self, store: Store, postman: Callable[[], TellsHistory | None]) -> None:
        self._store, self._postman = store, postman
        self._telling = UnderWay()

    def heard(self, view: SyncView) -> None:
        """A reading is over."""
        self._telling.begin(self._tell(view), name="history notice")

    async def close(self) -> None:
        """Let what is being written be written."""
        await self._telling.close()

    async def _tell(self, view: SyncView) -> None:
        postman = self._postman()
        read = [one.account for one in view.accounts if any(stream.since for stream in one.streams)]
        if postman is None or not read:
            return

        async def write(tx: Tx) -> bool:
            fresh = [account for account in read if TOLD not in await memory.all(tx, account)]
            if fresh:
                await postman.history(tx, _key(fresh), view)
                for account in fresh:
                    await memory.put(tx, account, TOLD, "1")
            return bool(fresh)

        try:
            if await self._store.write(write):
                postman.nudge()
        except StorageError as error:
            log.warning("that the past is read is told later: %s", error)


def _key(accounts: list[AccountId]) -> str:
    return "history:" + hashlib.sha256("\0".join(sorted(accounts)).encode()).hexdigest()[:16]
