"""Trades: what was bought or sold, for how much, at whose cost, and what all of it was worth in USD at that moment.

These three are tuples, not dataclasses: a history of a million fills is streamed through them, and a frozen
dataclass takes five times as long to make.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId


class WorthSource(StrEnum):
    """Where the price behind a value in USD came from."""

    STATED = "stated"  # whoever recorded it, or the file it came in, said what it was worth
    VENUE_VALUE = "venue_value"  # the venue printed the value with the record
    VENUE_HISTORY = "venue_history"  # the venue's own price at that time
    SNAPSHOT = "snapshot"  # the price in our own snapshot beside it
    PRICE_LIST = "price_list"  # a row of an imported list of prices
    FX = "fx"  # a currency, by the rate of its day
    DOLLARS = "dollars"  # it is US dollars
    ASSUMED_PAR = "assumed_par"  # a crypto dollar without a price anywhere: 1, marked


class Worth(NamedTuple):
    """A value in USD at the moment of the event, with the source of its price. Never revalued later.

    Attributes:
        usd: exact; it has the sign of the amount that it values.
        source: where the price came from.
        priced_at: the moment that the price describes, aware UTC; None if it is that of the event itself.
    """

    usd: Decimal
    source: WorthSource
    priced_at: datetime | None = None


NOT_PRICED = Unknown("not_priced")
"""No price was looked up yet, or none is known: to be tried again."""


class Fee(NamedTuple):
    """What an intermediary kept.

    Attributes:
        asset: in which coin or currency.
        amount: > 0 is a cost; a rebate is negative.
        usd: its value at that moment, of the same sign. In the base or the quote of a trade it follows from the
            trade's own value and need not be known.
    """

    asset: Asset
    amount: Decimal
    usd: Worth | Unknown = NOT_PRICED


class Side(StrEnum):
    """What was done with the base."""

    BUY = "buy"
    SELL = "sell"


class Market(StrEnum):
    """Where it was traded. Only a margin account may sell what it does not have."""

    SPOT = "spot"
    MARGIN = "margin"


class Origin(StrEnum):
    """Who recorded it."""

    VENUE = "venue"
    MANUAL = "manual"
    IMPORTED = "imported"


class Trade(NamedTuple):
    """One fill of an order on a spot or margin market, in which coins change hands; see `ContractTrade` for others.

    Attributes:
        id: unique within its account; it makes a record the same record when it is read again.
        account: whose.
        at: the instant of the fill, aware UTC.
        side: buy or sell, seen from the base.
        base: what was bought or sold.
        quote: what was paid or received for it.
        amount: of the base, > 0, before fees.
        cost: of the quote, >= 0, before fees.
        usd: value of the whole trade, >= 0, used for both its legs; Unknown while it has no price.
        fees: none, one or several, in any coin.
        market: spot or margin.
        price: quote for one base as the venue printed it; None if it printed only the cost.
        origin: who recorded it.
    """

    id: str
    account: AccountId
    at: datetime
    side: Side
    base: Asset
    quote: Asset
    amount: Decimal
    cost: Decimal
    usd: Worth | Unknown = NOT_PRICED
    fees: tuple[Fee, ...] = ()
    market: Market = Market.SPOT
    price: Decimal | None = None
    origin: Origin = Origin.VENUE


class ContractTrade(NamedTuple):
    """One fill of a perpetual, a future or an option. No coin changes hands but fee and result.

    The result comes as a cash flow of its own (`futures_pnl`, `funding`); the fee only here.

    Attributes:
        id: unique within its account, among trades of all markets.
        account: whose.
        at: the instant of the fill, aware UTC.
        side: buy or sell.
        contract: the venue's own name of what was traded (`BTC-USDT-SWAP`).
        settle: the coin or currency in which it is settled.
        size: > 0, in the venue's own unit (coins or contracts).
        price: as the venue prints it; None if it prints none.
        fees: none, one or several.
        realised: the result of what the fill closed, in `settle`, as the venue prints it with the fill: shown, never
            added up; None if it prints none.
        detail: the venue's own word where it was no order of the owner (`liquidation`, `adl`, `delivery`).
        origin: who recorded it.
    """

    id: str
    account: AccountId
    at: datetime
    side: Side
    contract: str
    settle: Asset
    size: Decimal
    price: Decimal | None = None
    fees: tuple[Fee, ...] = ()
    realised: Decimal | None = None
    detail: str = ""
    origin: Origin = Origin.VENUE
