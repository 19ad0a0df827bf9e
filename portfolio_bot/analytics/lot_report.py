"""What the ledger of lots tells: disposals, open lots, profit by asset and in all, and the identity that checks it.

Lots and disposals are tuples, since a long history makes many of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from portfolio_bot.analytics.lot_book import Flag, LotSource
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId


class DisposalKind(StrEnum):
    """Why lots left."""

    TRADE = "trade"
    SHORT_COVER = "short_cover"
    FEE = "fee"
    NETWORK_FEE = "network_fee"
    CONVERSION = "conversion"
    WITHDRAWAL = "withdrawal"  # its gain is `withdrawn_gain`, no realised profit
    FUNDING = "funding"
    FUTURES_PNL = "futures_pnl"
    UNCLASSIFIED = "unclassified"


class Lot(NamedTuple):
    """One acquisition, or what is left of it, or the part of it that was sold.

    Attributes:
        account: where it was acquired, or where it was moved to.
        acquired_at: aware UTC; a move between own accounts keeps it. Of a short: when it was opened.
        quantity: > 0.
        cost: USD of all of it, with fees; of a short what it was sold for. Unknown where nobody knows.
        source: how it came.
    """

    asset: Asset
    account: AccountId
    acquired_at: datetime
    quantity: Decimal
    cost: Decimal | Unknown
    source: LotSource


class Disposal(NamedTuple):
    """Lots that left, oldest first, and what was gained on them. All money in USD.

    Attributes:
        cause: id of the trade or flow.
        quantity: what left, > 0.
        proceeds: of all of it, after fees; Unknown without a price.
        cost: of the lots with a known cost. Covering a short: what the covering cost, and `proceeds` is what the
            short had been sold for.
        gain: proceeds - unmatched_proceeds - cost, profit +; Unknown without proceeds.
        unmatched: the part of the quantity whose cost is not known, and its part of the proceeds.
        lots: those it came from, the shorts where it covers.
    """

    at: datetime
    asset: Asset
    account: AccountId
    kind: DisposalKind
    cause: str
    quantity: Decimal
    proceeds: Decimal | Unknown
    cost: Decimal
    gain: Decimal | Unknown
    unmatched: Decimal
    unmatched_proceeds: Decimal
    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class AssetProfit:
    """Profit of one asset that has lots. Money in USD, unrounded.

    Attributes:
        quantity: in lots with a known cost.
        short: sold without being owned, >= 0.
        without_basis: in lots whose cost is not known, shorts negative; in no other figure here.
        cost: of `quantity`, with fees.
        short_proceeds: what `short` was sold for.
        average_cost: cost / quantity; of a short its proceeds / short. Unknown (`nothing_held`) without either.
        price: of one unit now; Unknown (`no_price`) if there is none, and then `value` and `unrealised` too.
        value: (quantity - short) x price.
        unrealised: value - cost + short_proceeds.
        unrealised_fraction: of cost + short_proceeds; Unknown (`no_cost`) where that is 0.
        realised: on all disposals but withdrawals.
        withdrawn_gain: what withdrawals in kind were worth more than they had cost.
        income: value of what was received as income in this asset.
        fees: of its trades (as base) and of what it lost under way, at market value.
        volume: value of its trades as base.
        trades: how many.
        unmatched: quantity that was disposed of without a known cost, and its proceeds: in no gain.
        lots: open ones, oldest first; shorts have the source `short`.
        flags: what is doubtful, by name.
    """

    asset: Asset
    quantity: Decimal
    short: Decimal
    without_basis: Decimal
    cost: Decimal
    short_proceeds: Decimal
    average_cost: Decimal | Unknown
    price: Decimal | Unknown
    value: Decimal | Unknown
    unrealised: Decimal | Unknown
    unrealised_fraction: Decimal | Unknown
    realised: Decimal
    withdrawn_gain: Decimal
    income: Decimal
    fees: Decimal
    volume: Decimal
    trades: int
    unmatched: Decimal
    unmatched_proceeds: Decimal
    lots: tuple[Lot, ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class CashPosition:
    """Dollars, currencies and crypto dollars: they have no lots.

    Attributes:
        quantity: what records say is held; may be negative.
        book: USD, the value that all movements had when they happened.
        revaluation: USD, what it is worth now beyond that; Unknown (`no_price`) without a price.
        flags: what is doubtful, by name.
    """

    asset: Asset
    quantity: Decimal
    book: Decimal
    price: Decimal | Unknown
    revaluation: Decimal | Unknown
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Profit:
    """Profit of everything. Money in USD, unrounded.

    Attributes:
        assets: by name; every asset that ever had lots.
        cash: by name.
        realised: on all disposals but withdrawals; `realised_by_kind` adds up to it.
        unrealised: of the assets that have a price; `unpriced` names the others.
        income: received, at the value of its moment.
        cash_pnl: settled results of derivatives, funding and fees, by kind of flow, signed.
        withdrawn_gain: what withdrawals in kind were worth more than they had cost.
        revaluation: of cash that has a price.
        fees: of trades and transfers, at market value: contained in the figures above, told for itself.
        unmatched_proceeds: of what was sold without a known cost: in no gain.
        flows: deposits minus withdrawals, at the value of their moment.
        opened: value of what was there when records begin.
        nav_pnl: value now - flows - opened - what entered or left without a known value: from quantities and prices
            alone. An asset without a price stands at its cost.
        unpriced: assets and cash that are held and have no price.
    """

    assets: tuple[AssetProfit, ...]
    cash: tuple[CashPosition, ...]
    realised: Decimal
    realised_by_kind: Mapping[DisposalKind, Decimal]
    unrealised: Decimal
    income: Decimal
    cash_pnl: Mapping[str, Decimal]
    withdrawn_gain: Decimal
    revaluation: Decimal
    fees: Decimal
    unmatched_proceeds: Decimal
    flows: Decimal
    opened: Decimal
    nav_pnl: Decimal
    unpriced: tuple[Asset, ...]
    flags: tuple[Flag, ...]

    residual: Decimal
    """nav_pnl - (realised + unrealised + income + cash_pnl + withdrawn_gain + revaluation): 0, or there is a bug."""
