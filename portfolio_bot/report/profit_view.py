"""Profit of lots, as screens and exports show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from portfolio_bot.analytics.lot_report import AssetProfit, Profit
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId


@dataclass(frozen=True, slots=True)
class ProfitView:
    """Profit from one instant to another, in USD.

    Attributes:
        window: as it was asked for; "" for two instants.
        since: None for everything from the first record on.
        until: the moment of the prices, aware UTC.
        end: everything up to `until`.
        before: everything up to `since`; None where there is no `since`.
        missing: by account and asset, what records brought more than there is now: an outflow that nobody recorded.
    """

    window: str
    since: datetime | None
    until: datetime
    end: Profit
    before: Profit | None = None
    missing: Mapping[tuple[AccountId, Asset], Decimal] = field(default_factory=dict)

    def asset_before(self, asset: Asset) -> AssetProfit | None:
        """What it had come to until `since`."""
        if self.before is None:
            return None
        return next((one for one in self.before.assets if one.asset == asset), None)

    def realised(self, one: AssetProfit) -> Decimal:
        """Of an asset, within the period."""
        before = self.asset_before(one.asset)
        return one.realised - (ZERO if before is None else before.realised)

    def fees(self, one: AssetProfit) -> Decimal:
        """Of an asset, within the period."""
        before = self.asset_before(one.asset)
        return one.fees - (ZERO if before is None else before.fees)

    def income(self, one: AssetProfit) -> Decimal:
        """Of an asset, within the period."""
        before = self.asset_before(one.asset)
        return one.income - (ZERO if before is None else before.income)

    def total(self, name: str) -> Decimal:
        """A sum of the whole within the period: `realised`, `income`, `fees`, `flows`, `withdrawn_gain`, …"""
        end: Decimal = getattr(self.end, name)
        return end if self.before is None else end - getattr(self.before, name)

    def bucket(self, name: str) -> Decimal:
        """Settled results within the period: `futures_pnl`, `funding`, `fee`."""
        end = self.end.cash_pnl.get(name, ZERO)
        return end if self.before is None else end - self.before.cash_pnl.get(name, ZERO)


def known(figure: Decimal | Unknown) -> Decimal | None:
    """For outputs in which nothing is null."""
    return None if isinstance(figure, Unknown) else figure
