"""Figures in USD, written short: nothing where they can be computed again, else in the currency that has few digits.

Part of the format of a body, like `portfolio_body`, which sets the decimal context that these functions compute in.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import TypeAlias

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxRate
from portfolio_bot.model.money import Currency
from portfolio_bot.storage.bodies import Plain, UnreadableBody

_PRICE_DIGITS = 18
_LONG = 20
"""Characters beyond which a figure is looked at in other currencies."""

Factors: TypeAlias = Mapping[Currency, tuple[Decimal, Decimal]]
"""By currency: USD for one unit, units for one USD. Two figures, because one of them is exact as published."""


def usd(value: Decimal, computed: Decimal | None, factors: Factors) -> Plain:
    """None if it equals what can be computed, else its digits, or the few digits it has in another currency."""
    if computed is not None and value == computed:
        return None
    text = str(value)
    return text if len(text) <= _LONG else _in_native(value, factors) or text


def usd_of(plain: Plain, computed: Decimal | None, factors: Factors) -> Decimal:
    """What `usd` wrote; `computed` must be what it was then."""
    if plain is None:
        if computed is None:
            raise UnreadableBody("a figure that cannot be computed again")
        return computed
    if isinstance(plain, list):
        currency, native = plain
        return Decimal(native) * factors[currency][0]
    return Decimal(plain)


def _in_native(value: Decimal, factors: Factors) -> Plain:
    """A broker's 1,234.56 roubles are fifty digits in USD: the currency in which a figure is short, if there is one."""
    for currency, (in_usd, _) in factors.items():
        native = Context(prec=_PRICE_DIGITS).divide(value, in_usd).normalize()
        if native * in_usd == value and len(str(native)) <= _LONG:
            return [currency, str(native)]
    return None


def factors_of(rates: Mapping[Currency, FxRate | Unknown]) -> Factors:
    """The factors of these rates; a currency without a rate is not in them."""
    known = [(currency, rate) for currency, rate in rates.items() if isinstance(rate, FxRate) and rate.rate]
    return {
        currency: (1 / rate.rate, rate.rate) if rate.base == "USD" else (rate.rate, 1 / rate.rate)
        for currency, rate in known
    }


def converted(amount: Decimal, currency: Currency, factors: Factors) -> Decimal | None:
    """Units of `currency` for so much in USD; None without a rate."""
    if currency == "USD":
        return amount
    return amount * factors[currency][1] if currency in factors else None


def fx_price(asset: str, factors: Factors) -> Decimal | None:
    """The price of a currency by its rate; None for anything else."""
    if asset == "USD":
        return Decimal(1)
    return factors[asset][0] if asset in factors else None


def derived_price(value: Decimal, amount: Decimal) -> Decimal | None:
    """The price that a venue's own value means, at 18 significant digits."""
    return Context(prec=_PRICE_DIGITS).divide(value, amount) if amount else None
