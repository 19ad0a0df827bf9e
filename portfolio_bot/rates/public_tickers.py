"""Prices of single coins in USD from public tickers: Kraken's, else OKX's, whether or not there is an account there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from decimal import Decimal

import aiohttp
import yarl

from portfolio_bot.model.days import Clock
from portfolio_bot.model.exact import exact
from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.net.door import Door, hosts_of
from portfolio_bot.net.strict import strict_json
from portfolio_bot.net.timing import Timing
from portfolio_bot.rates.base import bad, refuse_status

log = logging.getLogger(__name__)

KRAKEN = "https://api.kraken.com"
OKX = "https://www.okx.com"

ONE_VENUE = 4.0
"""Seconds that one venue may take."""

_AT_KRAKEN: Mapping[Asset, tuple[str, ...]] = {
    "USDT": ("USDTZUSD", "USDTUSD"),
    "USDC": ("USDCUSD", "USDCZUSD"),
    "BTC": ("XBTUSD", "XXBTZUSD"),
    "ETH": ("ETHUSD", "XETHZUSD"),
    "DOGE": ("XDGUSD",),
}
"""Kraken's names where they are not simply the coin and USD; the first is the one to ask for."""

_NARROW = Decimal("0.05")


class PublicTickers:
    """Asks for one coin at a time: at Kraken an unknown pair fails the whole call.

    Args:
        base_urls: by `KRAKEN` and `OKX`; a missing one is the official address.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        base_urls: Mapping[str, str],
        proxy: str | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._kraken = base_urls.get("KRAKEN", KRAKEN).rstrip("/")
        self._okx = base_urls.get("OKX", OKX).rstrip("/")
        wanted = timing or Timing()
        timing = Timing(min(wanted.total, ONE_VENUE), min(wanted.connect, ONE_VENUE))
        self._kraken_door = Door(session, hosts_of([self._kraken]), clock, timing, proxy)
        self._okx_door = Door(session, hosts_of([self._okx]), clock, timing, proxy)

    async def price(self, asset: Asset, *, highest: Decimal | None = None) -> Decimal | None:
        """USD for one unit: the last trade, else the middle of a spread under 5 %; None if neither venue tells.

        Args:
            highest: a higher price is no price.
        """
        for venue in (self._at_kraken, self._at_okx):
            try:
                price = await venue(asset)
            except SourceError as error:
                log.debug("rates: no price of %s: %s", asset, error)
                continue
            if highest is None or price <= highest:
                return price
            log.debug("rates: %s cannot be worth %s USD", asset, price)
        return None

    async def _at_kraken(self, asset: Asset) -> Decimal:
        names = _AT_KRAKEN.get(asset, (f"{asset}USD",))
        data = await self._json(self._kraken_door, f"{self._kraken}/0/public/Ticker", pair=names[0])
        result = data.get("result")
        for name in names:
            row = result.get(name) if isinstance(result, dict) else None
            if isinstance(row, dict):
                return _believed(_first(row, "c"), _first(row, "b"), _first(row, "a"))
        raise bad(f"no {asset} in Kraken's ticker")

    async def _at_okx(self, asset: Asset) -> Decimal:
        for path, last in (("ticker", "last"), ("index-tickers", "idxPx")):
            data = await self._json(self._okx_door, f"{self._okx}/api/v5/market/{path}", instId=f"{asset}-USD")
            rows = data.get("data")
            row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
            if row.get("instId") == f"{asset}-USD":
                return _believed(row.get(last), row.get("bidPx"), row.get("askPx"))
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
        SourceError: `bad_answer`: neither.
    """
    price = _number(last)
    if price is not None:
        return price
    low, high = _number(bid), _number(ask)
    if low is None or high is None or high - low >= low * _NARROW:
        raise bad("no last price and no narrow spread")
    return (low + high) / 2


def _number(value: object) -> Decimal | None:
    try:
        number = exact(value)
    except ValueError:
        return None
    return number if number > 0 else None
