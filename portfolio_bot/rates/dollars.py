"""What USDT and USDC are worth in USD where a venue has no pair for it: Kraken's public ticker, else OKX's.

Asked whether or not there is an account at either. With neither to be had the last price known serves for a day; then
par, marked as the assumption it is.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import aiohttp

from portfolio_bot.model.days import Clock
from portfolio_bot.model.instrument import CRYPTO_DOLLARS, Asset, PriceSource, Quote
from portfolio_bot.net.timing import Timing
from portfolio_bot.rates.public_tickers import PublicTickers

log = logging.getLogger(__name__)

TTL = timedelta(seconds=60)
KNOWN_FOR = timedelta(hours=24)
ALL = 9.0
"""Seconds that both venues together may take."""

_HIGHEST = Decimal(3)
"""No dollar is worth more."""


class Dollars:
    """The reference prices of both coins.

    Args:
        base_urls: by `KRAKEN` and `OKX`; a missing one is the official address.
        stored: the prices that an earlier life remembered.
        at_most: seconds for both venues together.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        base_urls: Mapping[str, str],
        stored: Mapping[Asset, Quote],
        proxy: str | None = None,
        timing: Timing | None = None,
        at_most: float = ALL,
    ) -> None:
        self._clock = clock
        self._at_most = at_most
        self._known = {asset: quote for asset, quote in stored.items() if quote.source is not PriceSource.ASSUMED_PAR}
        self._tried_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self._assuming = False
        self._tickers = PublicTickers(session, clock, base_urls=base_urls, proxy=proxy, timing=timing)

    def prefetch(self) -> None:
        """Begin to ask, unless that was done within the last minute; returns at once."""
        if self._task is None and not self._young(self._tried_at, TTL):
            self._task = asyncio.create_task(self._fetch(), context=contextvars.Context())

    async def latest(self) -> Mapping[Asset, Quote]:
        """A price in USD for each of the two, always. Never raises; takes `at_most` seconds at most."""
        self.prefetch()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=self._at_most)
        prices = {asset: self._price(asset) for asset in CRYPTO_DOLLARS}
        assuming = any(quote.source is PriceSource.ASSUMED_PAR for quote in prices.values())
        if assuming and not self._assuming:
            log.warning("rates: no price of USDT or USDC for a day: taken at par")
        self._assuming = assuming
        return prices

    async def close(self) -> None:
        """End a request that is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _price(self, asset: Asset) -> Quote:
        known = self._known.get(asset)
        if known is not None and self._young(known.as_of, KNOWN_FOR):
            return known
        return Quote(asset, Decimal(1), PriceSource.ASSUMED_PAR, self._clock())

    def _young(self, moment: datetime | None, age: timedelta) -> bool:
        return moment is not None and timedelta(0) <= self._clock() - moment < age

    async def _fetch(self) -> None:
        try:
            await asyncio.gather(*(self._ask(asset) for asset in CRYPTO_DOLLARS))
        except Exception:  # nobody awaits this task: a bug here must not end all asking in silence
            log.exception("rates: a bug in the prices of USDT and USDC")
        finally:
            self._tried_at = self._clock()
            self._task = None

    async def _ask(self, asset: Asset) -> None:
        price = await self._tickers.price(asset, highest=_HIGHEST)
        if price is not None:
            self._known[asset] = Quote(asset, price, PriceSource.VENUE_TICKER, self._clock())
