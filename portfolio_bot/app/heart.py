"""Tells the service manager that we live: only after the loop turned and the database answered."""

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
    ) -> None:
        self._systemd, self._ping, self._status = systemd, ping, status
        patience = systemd.watchdog_seconds
        self._every = min(every, patience / 3) if patience else every
        self._within, self._said = within, ""
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
        try:
            async with asyncio.timeout(self._within):
                await self._ping()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told by not beating, and tried again
            if not self._sick:
                log.error("the database does not answer: %s", str(error) or type(error).__name__)
            self._sick = True
            return
        self._sick = False
        self._systemd.alive()
        status = self._status()
        if status != self._said:
            self._systemd.status(status)
            self._said = status
