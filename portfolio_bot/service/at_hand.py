"""What assets were worth by what is stored: the owner's own list of prices, our snapshots, and par at last."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Protocol

from portfolio_bot.analytics.pricing import PRICE_STANDS_IN, significant
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import CRYPTO_DOLLARS, Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import NOT_PRICED, Fee, Trade, Worth, WorthSource
from portfolio_bot.platforms.ledger import Record
from portfolio_bot.service.past_price import BESIDE, Moment, NotNow
from portfolio_bot.storage import imported, prices, snapshots
from portfolio_bot.storage.tx import Tx

RATE_KEEPS: Final = timedelta(days=4)
"""How far from a record two totals may lie whose rate values it."""

GIVES_WAY: Final = frozenset({WorthSource.PRICE_LIST, WorthSource.ASSUMED_PAR})
"""What a newer list of prices knows better."""


class Units(Protocol):
    """Whoever knows past prices."""

    async def unit(self, account: AccountId, asset: Asset, moment: Moment) -> Worth | None:
        """USD for one unit; None if nobody knows it.

        Raises:
            NotNow: who may know it cannot be asked at present.
        """


class AtHand:
    """Prices without asking anybody. Made by `of`, for one pass through records.

    Args:
        listed: imported prices by asset, oldest first.
        dollars: USD for a rouble by imported totals in both, oldest first.
        begins: when our own snapshots begin; None without any.
        snapshots_: knows those.
        last: nothing better will come: also a listed price of any age, and par for crypto dollars.
    """

    def __init__(
        self,
        listed: Mapping[Asset, Sequence[tuple[datetime, Decimal]]],
        dollars: Sequence[tuple[datetime, Decimal]],
        begins: datetime | None,
        snapshots_: Units,
        *,
        last: bool,
    ) -> None:
        self._listed, self._dollars, self._begins = listed, dollars, begins
        self._snapshots, self._last = snapshots_, last

    @classmethod
    async def of(cls, tx: Tx, snapshots_: Units, *, last: bool) -> AtHand:
        """As it is stored now."""
        found: dict[Asset, list[tuple[datetime, Decimal]]] = {}
        for (asset, at), usd in sorted((await prices.of_origin(tx, prices.PriceOrigin.IMPORTED)).items()):
            found.setdefault(asset, []).append((at, usd))
        return cls(found, await _dollars(tx) if last else (), await snapshots.first_at(tx), snapshots_, last=last)

    async def unit(self, account: AccountId, asset: Asset, moment: Moment) -> Worth | None:
        """USD for one unit; None if nothing stored says.

        Raises:
            NotNow: nothing does, and somebody who can be asked may know.
        """
        if asset == "USD":
            return Worth(Decimal(1), WorthSource.DOLLARS)
        listed = self._by_list(asset, moment.listed)
        if listed is not None and moment.at - (listed.priced_at or moment.at) <= PRICE_STANDS_IN:
            return listed
        if self._begins is not None and moment.at >= self._begins - BESIDE:
            found = await self._snapshots.unit(account, asset, moment)
            if found is not None and found.source is not WorthSource.ASSUMED_PAR:
                return found
        if not self._last:
            raise NotNow
        if asset in CRYPTO_DOLLARS:
            return Worth(Decimal(1), WorthSource.ASSUMED_PAR)
        return self._by_totals(moment.at) or listed if asset == "RUB" else listed

    def _by_list(self, asset: Asset, until: datetime) -> Worth | None:
        rows = self._listed.get(asset, ())
        place = bisect_right(rows, until, key=lambda row: row[0])
        if not place:
            return None
        at, usd = rows[place - 1]
        return Worth(usd, WorthSource.PRICE_LIST, at)

    def _by_totals(self, instant: datetime) -> Worth | None:
        """By the imported total nearest to it that is known in dollars and in roubles."""
        place = bisect_right(self._dollars, instant, key=lambda row: row[0])
        near = self._dollars[max(0, place - 1) : place + 1]
        at, usd = min(near, key=lambda row: abs(row[0] - instant), default=(None, Decimal(0)))
        return None if at is None or abs(at - instant) > RATE_KEEPS else Worth(usd, WorthSource.FX, at)


async def _dollars(tx: Tx) -> list[tuple[datetime, Decimal]]:
    found = []
    for when, total in (await imported.stored(tx)).items():
        if total.usd and total.rub:
            at = when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)
            found.append((at, significant(total.usd / total.rub)))
    return sorted(found)


def lacking(record: Record) -> frozenset[Asset]:
    """The assets whose price would give a record all its values."""
    fees = (record.fee,) if isinstance(record, CashFlow) else record.fees
    found = {fee.asset for fee in fees if fee is not None and isinstance(fee.usd, Unknown)}
    if isinstance(record, CashFlow) and isinstance(record.usd, Unknown):
        found.add(record.asset)
    if isinstance(record, Trade):
        found -= {record.base, record.quote}
        found |= {record.quote} if isinstance(record.usd, Unknown) else set()
    return frozenset(found)


def without_lists(record: Record, assets: Collection[Asset]) -> Record:
    """The record without the values that a newer list of these assets may know better; itself if it has none."""
    if isinstance(record, CashFlow):
        fee = record.fee and _bare_fee(record.fee, assets)
        usd = _bare(record.usd) if record.asset in assets else record.usd
        same = usd is record.usd and fee is record.fee
        return record if same else replace(record, usd=usd, fee=fee)
    fees = tuple(_bare_fee(fee, assets) for fee in record.fees)
    unchanged = all(new is old for new, old in zip(fees, record.fees, strict=True))
    if isinstance(record, Trade):
        usd = _bare_trade(record, assets)
        return record if unchanged and usd is record.usd else record._replace(usd=usd, fees=fees)
    return record if unchanged else record._replace(fees=fees)


def _bare_trade(trade: Trade, assets: Collection[Asset]) -> Worth | Unknown:
    """What was paid prices a trade, and par for that is nearer than a list of what was bought."""
    by_list = isinstance(trade.usd, Worth) and trade.usd.source is WorthSource.PRICE_LIST
    return _bare(trade.usd) if trade.quote in assets or (by_list and trade.base in assets) else trade.usd


def _bare(usd: Worth | Unknown) -> Worth | Unknown:
    return NOT_PRICED if isinstance(usd, Worth) and usd.source in GIVES_WAY else usd


def _bare_fee(fee: Fee, assets: Collection[Asset]) -> Fee:
    usd = _bare(fee.usd) if fee.asset in assets else fee.usd
    return fee if usd is fee.usd else fee._replace(usd=usd)
