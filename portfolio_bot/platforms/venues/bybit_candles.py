"""Bybit: what a coin was worth, from the candles of its spot market."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.instrument import Asset
from portfolio_bot.platforms.candles import Size, price_then
from portfolio_bot.platforms.paging import millis
from portfolio_bot.platforms.strict import listed
from portfolio_bot.platforms.venue import Api

SIZES = (
    Size("1", timedelta(minutes=1)),
    Size("60", timedelta(hours=1)),
    Size("D", timedelta(days=1)),
)


async def price(api: Api, asset: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """The last price of the minute, else the hour, else the day; see `ledger.Ledger`."""

    async def ask(size: Size) -> Sequence[object]:
        params = {"category": "spot", "symbol": asset + quote, "interval": size.name, "end": millis(at), "limit": 1}
        return listed(await api.call("public_get_v5_market_kline", params), "result", "list")

    return await price_then(at, SIZES, ask)
