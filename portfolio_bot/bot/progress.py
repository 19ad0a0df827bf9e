"""How a fetch or the reading of the past goes, shown while it lasts: once a second, and not in the first one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from portfolio_bot.model.statement import AccountId
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import SyncView
from portfolio_bot.service.collect import AccountProgress


@dataclass(frozen=True, slots=True)
class ProgressPace:
    """Seconds before anything is shown, and between two changes of it."""

    after: float = 1.0
    every: float = 1.0


class ProgressBoard:
    """Hears of each account that has answered or is read, and shows the newest state from time to time.

    Args:
        names: shown names by account.
    """

    def __init__(self, names: Mapping[AccountId, str], reader: Reader, pace: ProgressPace) -> None:
        self._names, self._reader, self._pace = names, reader, pace
        self._document: Document | None = None
        self._changed = asyncio.Event()
        self._over = asyncio.Event()

    def __call__(self, states: Mapping[AccountId, AccountProgress]) -> None:
        """Called by whoever fetches."""
        named = {self._names.get(account, account): state for account, state in states.items()}
        self._put(compose.progress(named, self._reader))

    def reading(self, view: SyncView) -> None:
        """Called by whoever reads the past."""
        self._put(compose.reading(view, self._reader))

    def _put(self, document: Document) -> None:
        self._document = document
        self._changed.set()

    @asynccontextmanager
    async def shown(self, put: Callable[[Document], Awaitable[None]]) -> AsyncIterator[None]:
        """Show through `put` what happens within this block. What is being shown when it ends is finished first."""
        showing = asyncio.create_task(self._show(put), name="progress")
        try:
            yield
        except asyncio.CancelledError:
            showing.cancel()  # whoever is cut off has no time left for it
            raise
        finally:
            self._over.set()
            await showing

    async def _show(self, put: Callable[[Document], Awaitable[None]]) -> None:
        await self._rest(self._pace.after)
        while not self._over.is_set():
            if self._changed.is_set() and self._document is not None:
                self._changed.clear()
                await put(self._document)
            await self._rest(self._pace.every)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return
