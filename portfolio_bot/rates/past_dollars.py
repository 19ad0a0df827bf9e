"""What USDT and USDC were worth in USD at a past moment, by Kraken's public history.

Candles of an hour reach back 30 days, of four hours 120, of a day 720: three questions price almost everything. Where
the price moved by more than half a percent within a candle, and before candles reach, the trades of that minute are
asked for.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import aiohttp
import yarl

from portfolio_bot.model.days import Clock
from portfolio_bot.model.exact import exact
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.net.door import Door, hosts_of
from portfolio_bot.net.strict import strict_json
from portfolio_bot.net.timing import Timing
from portfolio_bot.rates.base import DollarPrice, bad, refuse_status

OFFICIAL = "https://api.kraken.com"
CANDLES = "/0/public/OHLC"
TRADES = "/0/public/Trades"

QUIET = Decimal("0.005")
"""Of the lowest price: a candle that moved by more says too little about a moment in it."""

_PAIRS: Mapping[Asset, tuple[str, ...]] = {"USDT": ("USDTZUSD", "USDTUSD"), "USDC": ("USDCUSD", "USDCZUSD")}
"""Kraken's names; the first is the one to ask for."""

_MINUTES = (60, 240, 1440)
_REACH = 700
"""Candles of each length that are surely there; the venue keeps 720."""

_HIGHEST = Decimal(3)
_TTL = timedelta(hours=1)
_NEAR = timedelta(hours=1)
_BEFORE = timedelta(minutes=1)
_ENOUGH = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PATIENCE = Timing(15.0, 5.0)


class _Candle(NamedTuple):
    begins: datetime
    close: Decimal
    quiet: bool


@dataclass(frozen=True, slots=True)
class _Chart:
    candles: Mapping[datetime, _Candle]
    asked_at: datetime


class PastDollars:
    """Asks and remembers.

    Args:
        base_urls: `KRAKEN`, if it is not the official address.
        pace: seconds between two requests; the venue counts them by address, and reports want theirs too.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        base_urls: Mapping[str, str],
        proxy: str | None = None,
        timing: Timing = _PATIENCE,
        pace: float = 1.0,
    ) -> None:
        self._clock, self._pace = clock, pace
        self._asked_at = -math.inf
        self._url = base_urls.get("KRAKEN", OFFICIAL).rstrip("/")
        self._door = Door(session, hosts_of([self._url]), clock, timing, proxy)
        self._charts: dict[tuple[Asset, int], _Chart] = {}
        self._turn = asyncio.Lock()

    @property
    def requests(self) -> int:
        """How many were made so far."""
        return self._door.requests

    async def price(self, coin: Asset, at: datetime) -> DollarPrice | None:
        """The price of a coin at an instant; None where there was no trade about that time.

        Raises:
            SourceError: Kraken cannot be asked now.
        """
        async with self._turn:  # who waits finds the chart that the one before asked for
            age = self._clock() - at
            reaching = [minutes for minutes in _MINUTES if age <= minutes * _REACH * timedelta(minutes=1)]
            candle = await self._candle(coin, reaching[0], at) if reaching else None
            if candle is not None and candle.quiet:
                return DollarPrice(candle.close, candle.begins)
            return await self._trade(coin, at)

    async def _candle(self, coin: Asset, minutes: int, at: datetime) -> _Candle | None:
        width = timedelta(minutes=minutes)
        begins = _EPOCH + (at - _EPOCH) // width * width
        chart = self._charts.get((coin, minutes))
        now = self._clock()
        if chart is None or (begins not in chart.candles and not timedelta(0) <= now - chart.asked_at < _TTL):
            rows = await self._rows(CANDLES, coin, interval=str(minutes))
            chart = _Chart({made.begins: made for made in map(_candle_of, rows)}, now)
            self._charts[coin, minutes] = chart
        return chart.candles.get(begins)

    async def _trade(self, coin: Asset, at: datetime) -> DollarPrice | None:
        """The last trade of the minute before, else the first one after."""
        since = (at - _BEFORE - _EPOCH) // timedelta(microseconds=1) * 1000
        rows = await self._rows(TRADES, coin, since=str(since), count=str(_ENOUGH))
        trades = [DollarPrice(_number(row, 0), _moment(row, 2)) for row in rows]
        before = [trade for trade in trades if trade.at <= at]
        after = [trade for trade in trades if at < trade.at <= at + _NEAR]
        return before[-1] if before else after[0] if after else None

    async def _rows(self, path: str, coin: Asset, **query: str) -> Sequence[Sequence[object]]:
        names = _PAIRS[coin]
        address = yarl.URL(f"{self._url}{path}").with_query({"pair": names[0], **query})
        now = asyncio.get_running_loop().time
        await asyncio.sleep(self._asked_at + self._pace - now())
        self._asked_at = now()
        answer = await self._door.request("GET", address)
        refuse_status(answer.status)
        data = strict_json(answer.body)
        errors, result = (data.get("error"), data.get("result")) if isinstance(data, dict) else (None, None)
        if isinstance(errors, list) and any("Rate limit" in str(error) for error in errors):
            raise SourceError.of(FailureKind.RATE_LIMITED, "Kraken's public history")
        rows = next((result[name] for name in names if name in result), None) if isinstance(result, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise bad(f"no {coin} in Kraken's history")
        return rows


def _candle_of(row: Sequence[object]) -> _Candle:
    """`time open high low close vwap volume count`."""
    high, low, close = (_number(row, place) for place in (2, 3, 4))
    return _Candle(_moment(row, 0), close, high - low <= low * QUIET)


def _number(row: Sequence[object], place: int) -> Decimal:
    try:
        number = exact(row[place])
    except (IndexError, ValueError):
        raise bad("no number in Kraken's history") from None
    if not 0 < number <= _HIGHEST:
        raise bad("no price that a dollar can have")
    return number


def _moment(row: Sequence[object], place: int) -> datetime:
    """Seconds since 1970, with a fraction where there is one."""
    try:
        return _EPOCH + timedelta(microseconds=int(exact(row[place]) * 1_000_000))
    except (IndexError, ValueError, OverflowError):
        raise bad("no moment in Kraken's history") from None
