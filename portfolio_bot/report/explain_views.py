"""What stands behind a figure, as screens and exports show it: filled by a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portfolio_bot.analytics.lot_report import Disposal
from portfolio_bot.analytics.membership import Joint
from portfolio_bot.analytics.performance import Performance
from portfolio_bot.analytics.returns import Interval, Method
from portfolio_bot.analytics.series import Flow
from portfolio_bot.model.figure import Figure
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import Currency
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.trade import Trade
from portfolio_bot.report.profit_view import ProfitView


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that crossed the border of the portfolio, as the mathematics count it.

    Attributes:
        flow: when and how much, in the currency of the figure.
        record: the deposit or withdrawal behind it; None where an account joined or left.
        joint: the account that joined or left; None for a record.
        later: the total shows it only at the instant of `flow`, after the record's own.
    """

    flow: Flow
    record: CashFlow | None = None
    joint: Joint | None = None
    later: bool = False


class Link(NamedTuple):
    """One factor of a time-weighted return.

    Attributes:
        interval: between two neighbouring valuations.
        flows: those inside it, and which part of each counts as capital.
        capital: start + Σ part × flow: what the profit is divided by; None where there is no return.
        growth: of one unit of money from the beginning to its end.
    """

    interval: Interval
    flows: tuple[tuple[Counted, Decimal], ...]
    capital: Decimal | None
    growth: Decimal


@dataclass(frozen=True, slots=True)
class TwrView:
    """A time-weighted return, link by link.

    Attributes:
        window: as it was asked for; "" for two instants.
        figures: of the period; without one `links` are empty.
        method: how capital is counted where a flow has no valuation at its instant.
        portfolios: the snapshots at both ends and beside flows, by instant; an imported value has none.
        left_out: how many snapshots beside flows are not among them.
    """

    window: str
    currency: Currency
    figures: Performance
    method: Method
    links: tuple[Link, ...]
    portfolios: Mapping[datetime, Portfolio]
    left_out: int = 0


class Paid(NamedTuple):
    """One payment of a money-weighted return, in the investor's sign.

    Attributes:
        days: since the first payment, fractions kept.
        present: what it is worth at the first payment's instant, at the rate that was found; None without a rate.
        counted: the flow behind it; None for the value at the start and at the end.
    """

    at: datetime
    amount: Decimal
    days: Decimal
    present: Decimal | None
    counted: Counted | None


@dataclass(frozen=True, slots=True)
class XirrView:
    """A money-weighted return and its payments.

    Attributes:
        rate: per year, as it was used for `present`; Unknown without one.
        portfolios: as of `TwrView`.
    """

    window: str
    currency: Currency
    figures: Performance
    rate: Figure
    payments: tuple[Paid, ...]
    portfolios: Mapping[datetime, Portfolio]


class Valued(NamedTuple):
    """USD for one unit.

    Attributes:
        source: who says so: the name of a `PriceSource`, or of a list of prices.
        at: the moment that it describes.
    """

    usd: Decimal
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PnlView:
    """The profit of lots and, for one asset, every event behind it.

    Attributes:
        scope, unknown: the rules of the settings, by their public names.
        asset: None for all of them: then there are no events.
        prices: of what is held at the end.
        trades, flows: of that asset within the period, oldest first.
        disposals: what left its lots within the period, oldest first.
        left_out: how many trades and disposals are not among them, because there are too many.
    """

    profit: ProfitView
    scope: str
    unknown: str
    asset: Asset | None
    prices: Mapping[Asset, Valued]
    trades: tuple[Trade, ...] = ()
    flows: tuple[CashFlow, ...] = ()
    disposals: tuple[Disposal, ...] = ()
    left_out: int = 0
