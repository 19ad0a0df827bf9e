"""What brokers' books and the market of USDT say of the rouble: a check on the banks, and the resort without them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.pricing import significant
from portfolio_bot.model.days import Clock
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset, FxProvider, FxRate, FxState, PriceSource, Quote
from portfolio_bot.model.statement import AccountId, Notice
from portfolio_bot.platforms.base import ImpliesDollar, QuotesRouble, Source
from portfolio_bot.rates.checks import deviation

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that anybody may take to say what the dollar is worth in roubles."""

CHECKED = timedelta(hours=1)
"""How often a broker's books are held beside the official rate; they follow the previous close."""

_BANKS = frozenset(FxProvider) - {FxProvider.TBANK, FxProvider.USDT}


class Books:
    """Asks those who can imply a rate of the rouble; never raises.

    Args:
        patience: seconds for each of them.
    """

    def __init__(self, clock: Clock, patience: float = PATIENCE) -> None:
        self._clock, self._patience = clock, patience
        self._implied: dict[AccountId, Decimal] = {}
        self._asked_at: dict[AccountId, datetime] = {}
        self._flights: dict[AccountId, asyncio.Task[None]] = {}

    def open(self, source: Source) -> None:
        """The source has just answered: look into its books if it keeps any and that is due; returns at once."""
        account, now = source.account, self._clock()
        before = self._asked_at.get(account)
        fresh = before is not None and timedelta(0) <= now - before < CHECKED
        if fresh or account in self._flights or not isinstance(source, ImpliesDollar):
            return
        self._asked_at[account] = now
        self._flights[account] = asyncio.create_task(self._look(source))

    async def differing(self, official: FxRate | Unknown | None) -> tuple[Notice, ...]:
        """A warning if a broker counts with another rate than the bank has published; waits for books being read."""
        if self._flights:
            await asyncio.wait(set(self._flights.values()))
        if not isinstance(official, FxRate) or official.provider not in _BANKS or official.state is FxState.STALE:
            return ()
        found = (deviation(official, implied) for implied in self._implied.values())
        return tuple(notice for notice in found if notice is not None)[:1]

    async def instead(self, sources: Iterable[Source], dollars: Mapping[Asset, Quote]) -> Mapping[FxProvider, Decimal]:
        """Roubles per dollar where no bank can be asked: by a broker's books, else by the market of USDT.

        Args:
            sources: those that answered lately.
            dollars: what USDT is worth; without that its market says nothing of the dollar.
        """
        asked = list(sources)
        for broker in asked:
            if isinstance(broker, ImpliesDollar):
                rate = await self._told(broker.account, broker.implied_usd_rub())
                if rate is not None:
                    return {FxProvider.TBANK: rate}
        coin = dollars.get("USDT")
        if coin is None or coin.source is PriceSource.ASSUMED_PAR:
            return {}
        for venue in asked:
            if isinstance(venue, QuotesRouble):
                price = await self._told(venue.account, venue.usdt_rub())
                if price is not None:
                    return {FxProvider.USDT: significant(price / coin.price)}
        return {}

    async def close(self) -> None:
        """End what is under way."""
        tasks = set(self._flights.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _look(self, broker: ImpliesDollar) -> None:
        try:
            rate = await self._told(broker.account, broker.implied_usd_rub())
            if rate is not None:
                self._implied[broker.account] = rate
        finally:
            self._flights.pop(broker.account, None)

    async def _told(self, account: AccountId, answer: Awaitable[Decimal | None]) -> Decimal | None:
        try:
            async with asyncio.timeout(self._patience):
                return await answer
        except TimeoutError:
            return None
        except Exception:  # a bug in a check or a last resort must not cost the report
            log.exception("%s: a bug in the implied rate", account)
            return None
