"""Binance's past: what crosses the border, what happens inside, trades, and old prices.

Markets are found in five questions at most, whatever the number of markets: the price list, what the account has
opened, its open orders, its isolated pairs, its sub-accounts. Every product's horizon is told beside its reader.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.instrument import FIAT, Asset
from portfolio_bot.platforms.candles import Size, in_klines
from portfolio_bot.platforms.ledger import Hints, Ledger, StreamReader
from portfolio_bot.platforms.markets import likely
from portfolio_bot.platforms.records import yes
from portfolio_bot.platforms.strict import rows, table, text
from portfolio_bot.platforms.venue import Api, Refused
from portfolio_bot.platforms.venues import binance_subs as subs
from portfolio_bot.platforms.venues.binance_flows import BORDER, bank_orders
from portfolio_bot.platforms.venues.binance_inside import INSIDE, directions, margin_interest, own_transfers
from portfolio_bot.platforms.venues.binance_products import OPTIONS, staking
from portfolio_bot.platforms.venues.binance_trades import (
    COIN_M,
    PORTFOLIO_COIN_M,
    PORTFOLIO_USD_M,
    USD_M,
    futures,
    isolated_trades,
    margin_trades,
    spot_trades,
)

OPENED = date(2017, 7, 14)
QUOTES = ("USDT", "USDC", "BTC", "BNB", "ETH", "FDUSD", "BUSD", "TUSD")
BRIDGES = ("USDT", "USDC", "BTC", "BNB", "ETH")
CANDLES = (Size("1m", timedelta(minutes=1)), Size("1h", timedelta(hours=1)), Size("1d", timedelta(days=1)))


@dataclass(frozen=True, slots=True)
class Products:
    """What an account has opened beside spot and funding."""

    margin: bool
    futures: bool
    options: bool
    portfolio: bool


async def products(api: Api) -> Products:
    """What the account says of itself; where it says nothing, what most accounts can have."""
    try:
        answer = table(await api.call("sapi_get_account_info"))
    except Refused:
        answer = {}

    def opened(flag: str, *, unless_said: bool) -> bool:
        return yes(answer, flag) if flag in answer else unless_said

    return Products(
        margin=opened("isMarginEnabled", unless_said=True),
        futures=opened("isFutureEnabled", unless_said=True),
        options=opened("isOptionsEnabled", unless_said=False),
        portfolio=opened("isPortfolioMarginRetailEnabled", unless_said=False),
    )


async def found(api: Api, hints: Hints) -> Sequence[StreamReader]:
    """What depends on the account: bank orders, moves between its wallets, and its markets."""
    listed, opened, orders, users = await asyncio.gather(
        market_names(api), products(api), api.call("private_get_openorders"), subs.listed(api)
    )
    markets = likely(hints, listed, QUOTES, (text(row, "symbol") for row in rows(orders)))
    ways = directions(margin=opened.margin, futures=opened.futures, options=opened.options, portfolio=opened.portfolio)
    return [
        bank_orders(often=not hints.assets.isdisjoint(FIAT)),
        *([subs.own_moves()] if users is None else [subs.moves(users)] if users else []),
        *(spot_trades(*pair) for pair in markets),
        *(_futures(opened, hints.assets) if opened.futures or opened.portfolio else ()),
        *(await _margin(api, opened, markets) if opened.margin else ()),
        # last: Binance lets these be asked for slowly
        *INSIDE,
        *staking(hints.assets),
        *([OPTIONS] if opened.options else []),
        own_transfers(ways),
    ]


async def found_on_testnet(api: Api, hints: Hints) -> Sequence[StreamReader]:
    """Spot markets: the test network knows nothing else of its past."""
    listed, orders = await asyncio.gather(market_names(api), api.call("private_get_openorders"))
    markets = likely(hints, listed, QUOTES, (text(row, "symbol") for row in rows(orders)))
    return [spot_trades(*pair) for pair in markets]


async def market_names(api: Api) -> frozenset[str]:
    """All spot markets, those that are closed too."""
    return frozenset(text(row, "symbol") for row in rows(await api.call("public_get_ticker_price")))


async def price(api: Api, base: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """From the candles of the spot market, which are kept from its first day on."""
    return await in_klines(api, "public_get_klines", f"{base}{quote}", at, CANDLES)


def _futures(opened: Products, known: Iterable[Asset]) -> list[StreamReader]:
    exchanges = (PORTFOLIO_USD_M, PORTFOLIO_COIN_M) if opened.portfolio else (USD_M, COIN_M)
    return [futures(exchange, frozenset(known)) for exchange in exchanges]


async def _margin(api: Api, opened: Products, markets: Iterable[tuple[Asset, Asset]]) -> list[StreamReader]:
    """Interest, and the trades of cross margin and of each isolated pair that was made."""
    answer = await api.look("sapi_get_margin_isolated_account")
    pairs = [
        (text(table(row, "baseAsset"), "asset"), text(table(row, "quoteAsset"), "asset"))
        for row in ([] if answer is None else rows(answer, "assets"))
    ]
    return [
        margin_interest([f"{base}{quote}" for base, quote in pairs], portfolio=opened.portfolio),
        *(margin_trades(*pair, portfolio=opened.portfolio) for pair in markets),
        *(isolated_trades(*pair) for pair in pairs),
    ]


LEDGER = Ledger(opened=OPENED, streams=BORDER, found=found, price=price, bridges=BRIDGES)
