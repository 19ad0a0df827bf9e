"""From a venue's last trade prices to USD, always by that venue's own market.

The order is: against USD, else through USDT, USDC, BTC, ETH. What a crypto dollar is worth is looked up, never
assumed, and pinned to the statement before it is kept: a statement then values itself the same for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import (
    BRIDGES,
    CRYPTO_DOLLARS,
    FIAT,
    Asset,
    Pair,
    PriceSource,
    Quote,
    RateTable,
)
from portfolio_bot.model.portfolio import Priced, Unpriced, Valued
from portfolio_bot.model.statement import AccountId, Holding, Notice, StatedTotal, Statement, Wallet, WarningKind

PRICE_STANDS_IN = timedelta(days=3)
"""How long a price known before stands in for one that is missing now."""

PRICE_DIGITS = 18
"""Significant digits of a price that is derived by a division; prices that a venue printed stay as they are."""


def price_in_usd(asset: Asset, prices: Mapping[Pair, Decimal]) -> Decimal | None:
    """Price of one unit in USD by these pairs; None if no road leads there. A price of 0 is no price."""
    return _price(asset, prices, BRIDGES)


def _price(asset: Asset, prices: Mapping[Pair, Decimal], bridges: tuple[Asset, ...]) -> Decimal | None:
    if asset == "USD":
        return Decimal(1)
    for position, bridge in enumerate(bridges):
        last = prices.get((asset, bridge))
        if bridge == asset or last is None or last <= 0:
            continue
        # a bridge is itself priced only through those before it, so that no road runs in a circle
        of_bridge = Decimal(1) if bridge == "USD" else _price(bridge, prices, bridges[:position])
        if of_bridge is not None:
            return last * of_bridge
    return None


def needs_dollars(statement: Statement) -> bool:
    """Whether USDT or USDC takes part in valuing this statement."""
    return bool(_dollars_in(statement, (*statement.stated, *_optional(statement))))


def pin_dollars(statement: Statement, dollars: Mapping[Asset, Quote]) -> Statement:
    """The statement with the USD price of USDT and USDC in it, of whichever takes part in valuing it.

    The venue's own USD pair or index stands; else its price in the other one; else the reference in `dollars`.
    A value that hangs on a reference that is only par is named in a notice, which makes the total provisional.
    """
    wanted = _dollars_in(statement, (*statement.stated, *_optional(statement)))
    if not wanted:
        return statement
    prices, assumed = dict(statement.prices), set()
    # a reference that was seen comes before one that is assumed: the venue's pair may tell the other coin from it
    for coin in sorted(CRYPTO_DOLLARS, key=lambda name: name not in dollars or _is_par(dollars[name])):
        other = next(name for name in CRYPTO_DOLLARS if name != coin)
        own = _own_dollar(coin, other, prices)
        if own is not None:
            prices[coin, "USD"] = own
            assumed |= {coin} if other in assumed and not statement.prices.get((coin, "USD")) else set()
        elif coin in dollars:
            prices[coin, "USD"] = dollars[coin].price
            assumed |= {coin} if _is_par(dollars[coin]) else set()
    pinned = {(coin, "USD"): prices[coin, "USD"] for coin in wanted if (coin, "USD") in prices}
    told = [coin for coin in CRYPTO_DOLLARS if coin in assumed & _dollars_in(statement, statement.stated)]
    notices = (*statement.notices, *(Notice(WarningKind.ASSUMED_PAR, coin) for coin in told))
    return replace(statement, prices={**statement.prices, **pinned}, notices=notices)


def _dollars_in(statement: Statement, totals: tuple[StatedTotal, ...]) -> frozenset[Asset]:
    """The crypto dollars that are held, that another asset is quoted in, or that one of these totals is stated in."""
    held = {holding.asset for holding in statement.holdings if holding.value is None}
    quoted = {quote for base, quote in statement.prices if base not in CRYPTO_DOLLARS}
    return frozenset(CRYPTO_DOLLARS) & (held | quoted | {total.currency for total in totals})


def _is_par(quote: Quote) -> bool:
    return quote.source is PriceSource.ASSUMED_PAR


def _own_dollar(coin: Asset, other: Asset, prices: Mapping[Pair, Decimal]) -> Decimal | None:
    direct = prices.get((coin, "USD"))
    if direct is not None and direct > 0:
        return direct
    of_other = prices.get((other, "USD"))
    if of_other is None or of_other <= 0:
        return None
    in_other = prices.get((coin, other))
    if in_other is not None and in_other > 0:
        return in_other * of_other
    other_in_coin = prices.get((other, coin))
    if other_in_coin is not None and other_in_coin > 0:
        return significant(of_other / other_in_coin)
    return None


def significant(number: Decimal, digits: int = PRICE_DIGITS) -> Decimal:
    """`number` at so many significant digits, half-even, without trailing zeros."""
    if not number:
        return Decimal(0)
    places = digits - 1 - number.adjusted()
    return number.quantize(Decimal(1).scaleb(-places)).normalize()


def _optional(statement: Statement) -> tuple[StatedTotal, ...]:
    return () if statement.venue_total is None else (statement.venue_total,)


@dataclass(frozen=True, slots=True)
class Pricer:
    """Values rows at one instant.

    Attributes:
        known: last known prices in USD per account and asset.
        at: the moment of valuation, aware UTC.
    """

    rates: RateTable
    known: Mapping[tuple[AccountId, Asset], Quote]
    at: datetime

    def unit(self, asset: Asset, statement: Statement) -> tuple[Decimal, PriceSource] | None:
        """USD for one unit by the venue's market, or by the exchange rate for a currency."""
        if asset in FIAT:
            factor = self.rates.factor(asset, "USD")
            return None if isinstance(factor, Unknown) else (factor, PriceSource.FX)
        price = price_in_usd(asset, statement.prices)
        if price is None:
            return None
        assumed = asset in CRYPTO_DOLLARS and any(
            notice.kind is WarningKind.ASSUMED_PAR and notice.detail == asset for notice in statement.notices
        )
        return price, PriceSource.ASSUMED_PAR if assumed else PriceSource.VENUE_TICKER

    def holding(self, holding: Holding, statement: Statement) -> Valued:
        """The venue's own value of the row stands; else its market; else the last price known, dated."""
        asset, wallet, amount = holding.asset, holding.wallet, holding.amount
        if holding.value is not None:
            factor = self.rates.factor(holding.value.currency, "USD")
            if not isinstance(factor, Unknown):
                worth = holding.value.amount * factor
                price = significant(worth / amount) if amount else factor
                source = PriceSource.FX if holding.wallet is Wallet.CASH else PriceSource.VENUE_VALUE
                return Priced(asset, wallet, amount, price, worth, source, statement.as_of)
        found = self.unit(asset, statement)
        if found is not None:
            price, source = found
            return Priced(asset, wallet, amount, price, amount * price, source, statement.as_of)
        before = self.known.get((statement.account, asset))
        if before is not None and self.at - before.as_of <= PRICE_STANDS_IN:
            worth = amount * before.price
            return Priced(asset, wallet, amount, before.price, worth, PriceSource.KNOWN_BEFORE, before.as_of)
        return Unpriced(asset, wallet, amount)
