"""Bybit: what a coin was worth, from the candles of its spot market."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.instrument import Asset
from portfolio_bot.platforms.candles import Size, last_before
from portfolio_bot.platforms.paging import millis
from portfolio_bot.platforms.venue import Api

SIZES = (
    Size("1", timedelta(minutes=1)),
    Size("60", timedelta(hours=1)),
    Size("D", timedelta(days=1)),
)


async def price(api: Api, asset: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """The last price of the minute, else the hour, else the day; see `ledger.Ledger`."""
    for size in SIZES:
        params = {"category": "spot", "symbol": asset + quote, "interval": size.name, "end": millis(at), "limit": 1}
        found = last_before(await api.call("public_get_v5_market_kline", params), ("result", "list"), size, at)
        if found is not None:
            return found
    return None
