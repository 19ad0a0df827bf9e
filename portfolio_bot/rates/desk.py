"""One provider, asked as seldom as possible: askers share a request and its answer, and failing earns a rest."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.money import Currency
from portfolio_bot.rates.base import RateProvider, Sheet

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=1)
"""How long a provider that failed is left alone, and one that answered at least."""


class Desk:
    """Where one provider is asked.

    Args:
        ttl: how long its answer counts as the newest.
        days: the calendar at whose midnight it does so no longer; None for a provider without one.
    """

    def __init__(self, provider: RateProvider, clock: Clock, ttl: timedelta, days: Calendar | None = None) -> None:
        self.provider = provider
        self._clock = clock
        self._ttl = max(ttl, PAUSE)
        self._days = days
        self._sheet: Sheet | None = None
        self._asked_at: datetime | None = None
        self._asked_for: frozenset[Currency] = frozenset()
        self._failed_at: datetime | None = None
        self._flight: asyncio.Task[None] | None = None

    def newest(self, currencies: Collection[Currency] = ()) -> Sheet | None:
        """What it published last, if it was asked lately, for these currencies among others."""
        if self._sheet is None or self._asked_at is None:
            return None
        now = self._clock()
        # a clock that was set back makes an answer of unknown age
        if not timedelta(0) <= now - self._asked_at < self._ttl:
            return None
        if self._days is not None and self._days.day(now) != self._days.day(self._asked_at):
            return None
        if not self.provider.whole and not self._asked_for.issuperset(currencies):
            return None
        return self._sheet

    async def ask(self, currencies: Collection[Currency]) -> Sheet | None:
        """Its newest sheet, asked for if need be; None if it cannot be had. Cancelling an asker stops nobody else."""
        for _ in range(2):  # a flight under way may have been for fewer currencies
            sheet = self.newest(currencies)
            if sheet is not None or (self._flight is None and self._resting()):
                return sheet
            if self._flight is None:
                # a context of its own: the asker's deadline is not the others'
                self._flight = asyncio.create_task(self._fetch(frozenset(currencies)), context=contextvars.Context())
            await asyncio.wait({self._flight})
        return self.newest(currencies)

    async def close(self) -> None:
        """End a request that is under way."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait({self._flight})

    def _resting(self) -> bool:
        return self._failed_at is not None and timedelta(0) <= self._clock() - self._failed_at < PAUSE

    async def _fetch(self, currencies: frozenset[Currency]) -> None:
        down = self._failed_at is not None
        try:
            sheet = await self.provider.fetch(currencies)
        except SourceError as error:
            self._failed_at = self._clock()
            if not down:
                log.warning("rates: %s cannot be asked: %s", self.provider.name, error.failure.kind)
        except Exception:  # a bug in one provider must not cost the others their turn
            self._failed_at = self._clock()
            log.exception("rates: a bug in %s", self.provider.name)
        else:
            if down:
                log.info("rates: %s answers again", self.provider.name)
            self._sheet, self._asked_at, self._asked_for = sheet, self._clock(), currencies
            self._failed_at = None
        finally:
            self._flight = None
