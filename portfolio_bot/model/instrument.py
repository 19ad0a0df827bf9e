"""Prices and exchange rates, each with its source and its moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.money import Currency

Asset: TypeAlias = str
"""Canonical upper-case name of what is held: `BTC` (not `XXBT`), `USD`, `SBER`."""

Pair: TypeAlias = tuple[Asset, Asset]
"""`("BTC", "USDT")`: the price of one BTC in USDT."""

CRYPTO_DOLLARS = ("USDT", "USDC")
"""The two coins that venues quote in; their price in USD is looked up, never assumed."""

BRIDGES = ("USD", "USDT", "USDC", "BTC", "ETH")
"""Quote assets through which a price in USD is found, in this order."""


_FIAT = """
AED AUD AZN BDT BGN BHD BRL BYN CAD CHF CNH CNY CZK DKK EGP EUR GBP HKD HRK HUF IDR ILS INR IRR ISK JPY KGS KRW KZT MXN
MYR NGN NOK NZD PHP PLN QAR RON RSD RUB SAR SEK SGD THB TJS TMT TRY UAH USD UZS VND ZAR
"""
FIAT = frozenset(_FIAT.split())
"""Currencies that ECB or the Bank of Russia publish: priced by exchange rates, never by a coin's market.

Left out on purpose: codes that venues use for a coin (GEL, BOB, AMD, ETB …), which a rate would price wrongly.
"""


class PriceSource(StrEnum):
    """Where the price of a holding came from."""

    VENUE_VALUE = "venue_value"  # the venue printed the row's own value
    VENUE_TICKER = "venue_ticker"  # last trade, or the middle of a narrow spread, on that venue
    FX = "fx"  # a currency, by the FX service
    KNOWN_BEFORE = "known_before"  # missing now: the last price known stands in, dated
    ASSUMED_PAR = "assumed_par"  # USDT or USDC with no price anywhere for 24 h: 1, marked


class FxProvider(StrEnum):
    """Who published a rate (public names)."""

    ECB = "ecb"
    CBR = "cbr"
    CBR_MIRROR = "cbr-mirror"
    FRANKFURTER = "frankfurter"
    TBANK = "tbank"
    USDT = "usdt"


class FxState(StrEnum):
    """How far a rate can be relied on."""

    LIVE = "live"
    CACHED = "cached"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Quote:
    """Price of one unit of an asset in USD at a moment. Always > 0: a missing price is no Quote."""

    asset: Asset
    price: Decimal
    source: PriceSource
    as_of: datetime


@dataclass(frozen=True, slots=True)
class FxRate:
    """Units of `quote` for one unit of `base`: 78.60 with ("USD", "RUB") is 78.60 roubles per dollar.

    Attributes:
        rate: exact, > 0.
        provider: who published it.
        date: the day it is valid for, as the provider dates it.
        state: live, cached or stale; never unknown.
        crossed: derived from two published rates.
    """

    base: Currency
    quote: Currency
    rate: Decimal
    provider: FxProvider
    date: date
    state: FxState = FxState.LIVE
    crossed: bool = False


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rates of one valuation. Pairs are named as people say them: USD/RUB, but EUR/USD, GBP/USD, …"""

    rates: Mapping[Currency, FxRate | Unknown]
    """By currency; USD is never in it. RUB holds USD/RUB, every other currency X holds X/USD."""

    def to_usd(self, currency: Currency) -> FxRate | Unknown | None:
        """The rate that links `currency` to USD; None for USD itself, Unknown when there is none."""
        if currency == "USD":
            return None
        return self.rates.get(currency, Unknown("no_rate", currency))

    def factor(self, base: Currency, quote: Currency) -> Decimal | Unknown:
        """Units of `quote` for one unit of `base`, exact up to one division; Unknown if a leg is missing.

        One rate serves both directions, so that RUB → USD → RUB returns what it began with.
        """
        if base == quote:
            return Decimal(1)
        first, second = self._usd_per_unit(base), self._usd_per_unit(quote)
        if isinstance(first, Unknown):
            return first
        if isinstance(second, Unknown):
            return second
        return (first[0] * second[1]) / (first[1] * second[0])

    def _usd_per_unit(self, currency: Currency) -> tuple[Decimal, Decimal] | Unknown:
        """Numerator and denominator of the value of one unit in USD."""
        found = self.to_usd(currency)
        if found is None:
            return Decimal(1), Decimal(1)
        if isinstance(found, Unknown):
            return found
        return (Decimal(1), found.rate) if found.base == "USD" else (found.rate, Decimal(1))
