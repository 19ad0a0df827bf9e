"""The price of a market at an instant in the past, from the candles of a venue that speaks like Binance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from portfolio_bot.platforms.candles import STALE, Size, last_before
from portfolio_bot.platforms.paging import millis
from portfolio_bot.platforms.venue import Api, Refused

NO_SUCH_MARKET = "-1121"


async def price_then(api: Api, method: str, symbol: str, at: datetime, sizes: Sequence[Size]) -> Decimal | None:
    """What a market cost at an instant; None where there is no such market, or no candle of any size.

    Args:
        sizes: the shortest first: a longer candle stands in where a shorter one is not remembered.

    Raises:
        SourceError: it could not be asked, or the answer is none.
    """
    for size in sizes:
        asked = {
            "symbol": symbol,
            "interval": size.name,
            "startTime": millis(at - size.length * STALE),
            "endTime": millis(at),
            "limit": STALE + 1,
        }
        try:
            answer = await api.call(method, asked)
        except Refused as error:
            if error.code == NO_SUCH_MARKET:
                return None
            raise
        found = last_before({"candles": answer}, ("candles",), size, at)
        if found is not None:
            return found
    return None
