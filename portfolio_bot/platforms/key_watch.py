"""What a key may do, asked beside a reading now and then: so its warnings come with every statement."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.statement import Notice, WarningKind
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.shared import heard
from portfolio_bot.platforms.venue import Api

log = logging.getLogger(__name__)

ANEW = timedelta(hours=1)
"""How long an answer holds: an owner who takes a right away wants to see the warning go."""


NOTABLE_SKEW = 2.0
"""Seconds."""


def skew_notices(seconds: float | None) -> tuple[Notice, ...]:
    """The warning about clocks that differ by more than a moment; None = unknown."""
    if seconds is None or abs(seconds) <= NOTABLE_SKEW:
        return ()
    return (Notice(WarningKind.CLOCK_SKEW, f"{seconds:+.0f} s"),)


class KeyWatch:
    """The rights of one key.

    Args:
        rights: asks the venue; None = it does not say.
        patience: seconds that a reading waits for the answer at most.
    """

    def __init__(self, rights: Callable[[Api], Awaitable[KeyRights]] | None, clock: Clock, patience: float) -> None:
        self._rights = rights
        self._clock = clock
        self._patience = patience
        self._known = KeyRights()
        self._asked_at: datetime | None = None

    async def ask(self, api: Api) -> KeyRights:
        """Ask now.

        Raises:
            SourceError: the venue refused or did not answer.
        """
        if self._rights is not None:
            self._asked_at = self._clock()  # now, so that a reading at the same time need not ask too
            self._known = await self._rights(api)
        return self._known

    def begin(self, api: Api) -> asyncio.Task[None] | None:
        """Ask beside a reading if it is time to; None if what is known still holds. The task never fails."""
        now = self._clock()
        held = self._asked_at is not None and timedelta(0) <= now - self._asked_at < ANEW
        if self._rights is None or held:
            return None
        task = asyncio.create_task(self._asked(api))
        task.add_done_callback(heard)
        return task

    def notices(self) -> tuple[Notice, ...]:
        """The warnings that follow from what is known."""
        return self._known.notices(self._clock().date())

    async def _asked(self, api: Api) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self.ask(api)
        except (SourceError, TimeoutError) as error:
            # the wallets tell whether the key works: what it may do beyond that stays as it was known, or unknown
            log.debug("no answer about the rights of a key: %s", error)
        except Exception:  # a bug in reading rights must not cost the account its value
            log.exception("a bug in reading the rights of a key")
