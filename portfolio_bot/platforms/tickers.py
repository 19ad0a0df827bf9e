"""A venue's price list: last trade prices, looked up only for what is held."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from portfolio_bot.model.exact import exact
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import BRIDGES, CRYPTO_DOLLARS, FIAT, Asset, Pair
from portfolio_bot.platforms.strict import Row, text

WIDEST_SPREAD = Decimal("0.05")
"""Of the middle: a wider gap between bid and ask says nothing about the price."""


class Tickers(Protocol):
    """The prices of one answer."""

    def price(self, base: Asset, quote: Asset) -> Decimal | None:
        """Units of `quote` for one `base`, > 0; None if there is no such market or it has no price."""


@dataclass(frozen=True, slots=True)
class TickerList:
    """Rows by the venue's own symbol; a row is parsed when it is needed.

    Attributes:
        symbol: the venue's name of a market, from canonical names.
        last, bid, ask: fields of a row; None where the venue does not print one.
        own: prices that the answer gives beside its markets (an index).
    """

    rows: Mapping[str, Row]
    symbol: Callable[[Asset, Asset], str]
    last: str
    bid: str | None = None
    ask: str | None = None
    own: Mapping[Pair, Decimal] = field(default_factory=dict)

    def price(self, base: Asset, quote: Asset) -> Decimal | None:
        """See `Tickers`."""
        row = self.rows.get(self.symbol(base, quote))
        found = row and price_of(
            row.get(self.last), row.get(self.bid) if self.bid else None, row.get(self.ask) if self.ask else None
        )
        return found or self.own.get((base, quote))


def by_symbol(rows: Iterable[Row], field_name: str) -> Mapping[str, Row]:
    """Rows keyed by the field that names the market."""
    return {text(row, field_name): row for row in rows}


def joined(separator: str) -> Callable[[Asset, Asset], str]:
    """Symbols like `BTC-USDT`."""
    return lambda base, quote: f"{base}{separator}{quote}"


def price_of(last: object, bid: object = None, ask: object = None) -> Decimal | None:
    """The last trade price, else the middle of a narrow spread, else None. 0, "" and null are no price.

    Raises:
        SourceError: `bad_answer`: something else than a number stands there.
    """
    found = _positive(last)
    if found is not None:
        return found
    low, high = _positive(bid), _positive(ask)
    if low is None or high is None or high < low:
        return None
    middle = (low + high) / 2
    return middle if high - low < middle * WIDEST_SPREAD else None


def needed(assets: Collection[Asset], tickers: Tickers) -> dict[Pair, Decimal]:
    """The pairs that lead from these assets to USD, and no others: each by the first road that is open.

    Roads end at USD or at a crypto dollar, whose own price is looked up elsewhere if this venue has none. Currencies
    are priced by exchange rates, not here.
    """
    found: dict[Pair, Decimal] = {}
    for asset in sorted(set(assets) - FIAT):
        _road(asset, tickers, BRIDGES, found)
    for coin in CRYPTO_DOLLARS:
        if coin in assets or any(coin in pair for pair in found):
            found.update(_dollar(coin, tickers))
    return found


def _dollar(coin: Asset, tickers: Tickers) -> dict[Pair, Decimal]:
    """The venue's own price of USDT or USDC in USD; else what it knows of it through the other one."""
    other = next(name for name in CRYPTO_DOLLARS if name != coin)
    direct = tickers.price(coin, "USD")
    if direct is not None:
        return {(coin, "USD"): direct}
    through = ((other, "USD"), (coin, other), (other, coin))
    return {pair: price for pair in through if (price := tickers.price(*pair)) is not None}


def _road(asset: Asset, tickers: Tickers, bridges: tuple[Asset, ...], found: dict[Pair, Decimal]) -> bool:
    """Whether a road leads from `asset` to dollars; its pairs are added to `found`."""
    for position, bridge in enumerate(bridges):
        price = None if bridge == asset else tickers.price(asset, bridge)
        if price is None:
            continue
        # a bridge is priced only through those before it, so that no road runs in a circle
        if bridge == "USD" or bridge in CRYPTO_DOLLARS or _road(bridge, tickers, bridges[:position], found):
            found[asset, bridge] = price
            return True
    return asset in CRYPTO_DOLLARS


def _positive(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = exact(value)
    except ValueError:
        raise SourceError.of(FailureKind.BAD_ANSWER, "a price is not a number") from None
    return number if number > 0 else None
