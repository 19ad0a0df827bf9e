"""Prices of single assets at single moments: imported ones, and those noted beside a snapshot that does not hold them.

What an account held is priced in its snapshot; these are for everything else: what the benchmark is made of, and
records from a time before us.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import func, select

from portfolio_bot.model.instrument import Asset
from portfolio_bot.storage.columns import as_stored, instant_of
from portfolio_bot.storage.tables import asset_price
from portfolio_bot.storage.tx import Tx, put

_AT_ONCE = 1000
"""Rows decoded in one go: more would hold the loop up."""


class PriceOrigin(StrEnum):
    """Who noted a price."""

    IMPORTED = "imported"
    LIVE = "live"


class AssetPrice(NamedTuple):
    """USD for one unit, > 0, at an instant (aware UTC)."""

    asset: Asset
    at: datetime
    usd: Decimal
    origin: PriceOrigin = PriceOrigin.IMPORTED


async def add(tx: Tx, prices: Iterable[AssetPrice]) -> None:
    """Store prices; one of the same asset and moment is replaced."""
    rows = {(price.asset, price.at): price for price in prices}
    await put(tx, asset_price, [{**price._asdict(), "origin": str(price.origin)} for price in rows.values()])


async def at_or_before(tx: Tx, asset: Asset, instant: datetime) -> AssetPrice | None:
    """The newest price of an asset until an instant; None if there is none."""
    columns = asset_price.c
    query = select(asset_price).where(columns.asset == asset, columns.at <= instant)
    row = (await tx.execute(query.order_by(columns.at.desc()).limit(1))).one_or_none()
    return None if row is None else AssetPrice(row.asset, row.at, row.usd, PriceOrigin(row.origin))


async def newest(tx: Tx) -> datetime | None:
    """The moment of the newest price; None if there is none."""
    found: datetime | None = await tx.scalar(select(func.max(asset_price.c.at)))
    return found


async def series(
    tx: Tx, assets: Collection[Asset], *, since: datetime | None = None, until: datetime | None = None
) -> Mapping[Asset, Sequence[tuple[datetime, Decimal]]]:
    """Every price of these assets with since ≤ at ≤ until, oldest first."""
    columns = asset_price.c
    query = select(columns.asset, as_stored(columns.at), as_stored(columns.usd)).where(columns.asset.in_(assets))
    if since is not None:
        query = query.where(columns.at >= since)
    if until is not None:
        query = query.where(columns.at <= until)
    found: dict[Asset, list[tuple[datetime, Decimal]]] = {asset: [] for asset in assets}
    options = {"yield_per": _AT_ONCE}
    async with tx.stream(query.order_by(columns.asset, columns.at), execution_options=options) as result:
        async for rows in result.partitions():
            for asset, at, usd in rows:
                found[asset].append((instant_of(at), Decimal(usd)))
    return found


async def of_origin(tx: Tx, origin: PriceOrigin) -> Mapping[tuple[Asset, datetime], Decimal]:
    """All prices that came from there."""
    columns = asset_price.c
    rows = await tx.execute(select(columns.asset, columns.at, columns.usd).where(columns.origin == str(origin)))
    return {(asset, at): usd for asset, at, usd in rows}
