"""What a trade or a cash flow was worth in USD at its own moment. Looked up once, then kept with the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.trade import NOT_PRICED, ContractTrade, Fee, Trade, Worth

PriceAt: TypeAlias = Callable[[Asset, datetime], Worth | None]
"""USD for one unit of an asset at an instant, with its source; None if there is no price (yet)."""


def priced_trade(trade: Trade, price_at: PriceAt) -> Trade:
    """The trade with one value for both its legs: what was paid or received for it, else what was traded.

    A value that is there stays. Fees in a third coin get their own value; those in base or quote follow the trade.
    Without any price the value stays Unknown, to be tried again.
    """
    usd = trade.usd
    if isinstance(usd, Unknown):
        usd = _worth(trade.quote, trade.cost, trade.at, price_at)
    if isinstance(usd, Unknown):
        usd = _worth(trade.base, trade.amount, trade.at, price_at)
    own = (trade.base, trade.quote)
    fees = tuple(fee if fee.asset in own else _priced_fee(fee, trade.at, price_at) for fee in trade.fees)
    return trade._replace(usd=usd, fees=fees)


def priced_contract(trade: ContractTrade, price_at: PriceAt) -> ContractTrade:
    """The trade of a contract with the values of its fees; what it brought comes as a flow with a value of its own."""
    return trade._replace(fees=tuple(_priced_fee(fee, trade.at, price_at) for fee in trade.fees))


def priced_flow(flow: CashFlow, price_at: PriceAt, *, at: datetime) -> CashFlow:
    """The flow with its value and its fee's, of the sign of their amounts. A value that is there stays.

    Args:
        at: its instant; for a flow of which only the day is known, where the calendar places it.
    """
    usd = _worth(flow.asset, flow.amount, at, price_at) if isinstance(flow.usd, Unknown) else flow.usd
    fee = flow.fee if flow.fee is None else _priced_fee(flow.fee, at, price_at)
    return replace(flow, usd=usd, fee=fee)


def _priced_fee(fee: Fee, at: datetime, price_at: PriceAt) -> Fee:
    return fee._replace(usd=_worth(fee.asset, fee.amount, at, price_at)) if isinstance(fee.usd, Unknown) else fee


def _worth(asset: Asset, amount: Decimal, at: datetime, price_at: PriceAt) -> Worth | Unknown:
    unit = price_at(asset, at)
    if unit is None:
        return NOT_PRICED
    with exactly():
        return unit._replace(usd=unit.usd * amount)
