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
import yarl

from portfolio_bot.model.days import Clock
from portfolio_bot.model.exact import exact
from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.instrument import CRYPTO_DOLLARS, Asset, PriceSource, Quote
from portfolio_bot.net.door import Door, hosts_of
from portfolio_bot.net.strict import strict_json
from portfolio_bot.net.timing import Timing
from portfolio_bot.rates.base import bad, refuse_status

log = logging.getLogger(__name__)

KRAKEN = "https://api.kraken.com"
OKX = "https://www.okx.com"

TTL = timedelta(seconds=60)
KNOWN_FOR = timedelta(hours=24)
ONE_VENUE = 4.0
ALL = 9.0
"""Seconds that one venue, and that both together, may take."""

_PAIRS: Mapping[Asset, tuple[str, ...]] = {"USDT": ("USDTZUSD", "USDTUSD"), "USDC": ("USDCUSD", "USDCZUSD")}
"""Kraken's names; the first is the one to ask for."""

_NARROW = Decimal("0.05")
_HIGHEST = Decimal(3)


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
        self._kraken = base_urls.get("KRAKEN", KRAKEN).rstrip("/")
        self._okx = base_urls.get("OKX", OKX).rstrip("/")
        wanted = timing or Timing()
        timing = Timing(min(wanted.total, ONE_VENUE), min(wanted.connect, ONE_VENUE))
        self._kraken_door = Door(session, hosts_of([self._kraken]), clock, timing, proxy)
        self._okx_door = Door(session, hosts_of([self._okx]), clock, timing, proxy)

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
        for venue in (self._at_kraken, self._at_okx):
            try:
                price = await venue(asset)
            except SourceError as error:
                log.debug("rates: no price of %s: %s", asset, error)
                continue
            self._known[asset] = Quote(asset, price, PriceSource.VENUE_TICKER, self._clock())
            return

    async def _at_kraken(self, asset: Asset) -> Decimal:
        # one pair at a time: an unknown one fails the whole call
        data = await self._json(self._kraken_door, f"{self._kraken}/0/public/Ticker", pair=_PAIRS[asset][0])
        result = data.get("result")
        for name in _PAIRS[asset]:
            row = result.get(name) if isinstance(result, dict) else None
            if isinstance(row, dict):
                return _believed(_first(row, "c"), _first(row, "b"), _first(row, "a"))
        raise bad(f"no {asset} in Kraken's ticker")

    async def _at_okx(self, asset: Asset) -> Decimal:
        for path, last in (("ticker", "last"), ("index-tickers", "idxPx")):
            data = await self._json(self._okx_door, f"{self._okx}/api/v5/market/{path}", instId=f"{asset}-USD")
            rows = data.get("data")
            if (
                isinstance(rows, list)
                and rows
                and isinstance(rows[0], dict)
                and rows[0].get("instId") == f"{asset}-USD"
            ):
                return _believed(rows[0].get(last), rows[0].get("bidPx"), rows[0].get("askPx"))
        raise bad(f"no {asset} in OKX's tickers")

    async def _json(self, door: Door, address: str, **query: str) -> Mapping[str, object]:
        answer = await door.request("GET", yarl.URL(address).with_query(query))
        refuse_status(answer.status)
        data = strict_json(answer.body)
        if not isinstance(data, dict):
            raise bad("no object")
        return data


def _first(row: Mapping[str, object], field: str) -> object:
    found = row.get(field)
    return found[0] if isinstance(found, list) and found else None


def _believed(last: object, bid: object, ask: object) -> Decimal:
    """The last trade, else the middle of a spread under 5 %.

    Raises:
        SourceError: `bad_answer`: neither, or no price that a dollar can have.
    """
    price = _number(last)
    if price is None:
        low, high = _number(bid), _number(ask)
        if low is None or high is None or high - low >= low * _NARROW:
            raise bad("no last price and no narrow spread")
        price = (low + high) / 2
    if price > _HIGHEST:
        raise bad("no price that a dollar can have")
    return price


def _number(value: object) -> Decimal | None:
    try:
        number = exact(value)
    except ValueError:
        return None
    return number if number > 0 else None
