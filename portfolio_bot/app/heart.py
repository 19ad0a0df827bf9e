"""Tells the service manager that we live: only after the loop turned, a tick came and the database answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from portfolio_bot.app.systemd import Systemd

log = logging.getLogger(__name__)

EVERY = 15.0


class Heart:
    """Beats until the stop.

    Args:
        ping: asks the database for anything at all.
        status: one line without figures for `systemctl status`.
        every: seconds; more often if the manager is less patient than that.
        within: seconds in which the database must answer.
        ticking: whether the scheduler still looks at what is due.
    """

    name = "heart"

    def __init__(
        self,
        systemd: Systemd,
        ping: Callable[[], Awaitable[None]],
        status: Callable[[], str],
        *,
        every: float = EVERY,
        within: float = EVERY,
        ticking: Callable[[], bool] = lambda: True,
    ) -> None:
        self._systemd, self._ping, self._status = systemd, ping, status
        patience = systemd.watchdog_seconds
        self._every = min(every, patience / 3) if patience else every
        self._within, self._ticking, self._said = within, ticking, ""
        self._sick = False

    async def serve(self, stop: asyncio.Event) -> None:
        """Beat; the stop itself is short enough to need no beat."""
        while not stop.is_set():
            await self._beat()
            try:
                async with asyncio.timeout(self._every):
                    await stop.wait()
            except TimeoutError:
                continue

    async def _beat(self) -> None:
        trouble = await self._trouble()
        if trouble and not self._sick:
            log.error("%s", trouble)
        self._sick = bool(trouble)
        if trouble:
            return
        self._systemd.alive()
        status = self._status()
        if status != self._said:
            self._systemd.status(status)
            self._said = status

    async def _trouble(self) -> str:
        """Why it is better to be killed and started again than to go on so; "" if it is not."""
        if not self._ticking():
            return "the scheduler stands still"
        try:
            async with asyncio.timeout(self._within):
                await self._ping()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told by not beating, and tried again
            return f"the database does not answer: {error or type(error).__name__}"
        return ""
