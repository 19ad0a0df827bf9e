"""Bybit: executions of all four categories as trades. API: v5.

A spot symbol is base and quote without a mark between them, so the quote is told by its name. What is no trade is left
out: `Funding` and `SessionSettlePnL` come from the transaction log, as does every result.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.platforms.ledger import Ask, Batch
from portfolio_bot.platforms.paging import each_once, moment
from portfolio_bot.platforms.strict import Row, amount, maybe, stated, text
from portfolio_bot.platforms.venue import upper
from portfolio_bot.platforms.venues.bybit_pages import paged

CATEGORIES = ("spot", "linear", "inverse", "option")
QUOTES = ("RLUSD", "USDT", "USDC", "USDE", "USDR", "USD1", "USDQ", "BRL", "BRZ", "EUR", "GBP", "PLN", "TRY", "AED",
          "KZT", "IDR", "DAI", "BTC", "ETH", "SOL", "MNT", "USD")  # fmt: skip
"""What spot markets are quoted in; a longer name before one that it ends with."""

_NO_TRADES = frozenset({"Funding", "SessionSettlePnL"})
_WORDS = {
    "Trade": "",
    "AdlTrade": "adl",
    "BustTrade": "liquidation",
    "Delivery": "delivery",
    "Settle": "settlement",
    "BlockTrade": "block trade",
    "FutureSpread": "spread trade",
    "MovePosition": "position moved",
}
_SIDES = {"Buy": Side.BUY, "Sell": Side.SELL}
_INVERSE = re.compile(r"([A-Z0-9]+?)USD(?:[A-Z]\d\d)?(?:-.*)?")


def fills(category: str) -> Callable[[Ask], Awaitable[Batch]]:
    """The reader of one category."""

    async def read(ask: Ask) -> Batch:
        found = await paged(ask, "private_get_v5_execution_list", {"category": category}, full=100)
        made = (_trade(row, category, ask.account) for row in each_once(found, lambda row: text(row, "execId")))
        return Batch(tuple(trade for trade in made if trade is not None))

    return read


def pair_of(symbol: str) -> tuple[Asset, Asset]:
    """Base and quote of a spot symbol.

    Raises:
        SourceError: bad_answer: quoted in something unheard of.
    """
    quote = next((name for name in QUOTES if symbol.endswith(name) and len(symbol) > len(name)), None)
    if quote is None:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"the market {symbol[:32]} is quoted in nothing that we know")
    return symbol.removesuffix(quote), quote


def _trade(row: Row, category: str, account: AccountId) -> Trade | ContractTrade | None:
    kind = text(row, "execType")
    size = amount(row, "execQty")
    side = _SIDES.get(str(row.get("side")))
    if kind in _NO_TRADES or not size:
        return None
    if side is None:
        if kind in {"Delivery", "Settle"}:
            return None  # an end without a side; its result is in the transaction log
        raise SourceError.of(FailureKind.BAD_ANSWER, "side is neither Buy nor Sell")
    symbol = text(row, "symbol")
    price = amount(row, "execPrice")
    identity, at = text(row, "execId"), moment(row, "execTime")
    if category != "spot":
        settle = _settled_in(row, symbol, category)
        realised = maybe(row, "execPnl") or None
        word = _WORDS.get(kind, kind)
        fees = _fees(row, settle)
        return ContractTrade(identity, account, at, side, symbol, settle, size, price, fees, realised, word)
    base, quote = pair_of(symbol)
    value = maybe(row, "execValue")
    cost = price * size if value is None else value
    fees = _fees(row, base if side is Side.BUY else quote)
    return Trade(identity, account, at, side, upper(base), upper(quote), size, cost, fees=fees, price=price)


def _fees(row: Row, usual: Asset) -> tuple[Fee, ...]:
    """The venue's fee (a rebate is negative) and the taxes of some countries.

    Args:
        usual: its coin where the row names none: what is received on spot, the settlement coin elsewhere.
    """
    parts = [(row.get("feeCurrency") or usual, stated(row, "execFee"))]
    extra = row.get("extraFees")
    parts += [
        (part.get("feeCoin") or usual, amount(part, "fee", blank=ZERO))
        for part in (extra if isinstance(extra, list) else ())
        if isinstance(part, dict)
    ]
    return tuple(Fee(upper(str(coin)), paid) for coin, paid in _summed(parts).items() if paid)


def _summed(parts: Iterable[tuple[object, Decimal]]) -> Mapping[object, Decimal]:
    found: dict[object, Decimal] = {}
    for coin, paid in parts:
        found[coin] = found.get(coin, ZERO) + paid
    return found


def _settled_in(row: Row, symbol: str, category: str) -> Asset:
    named = row.get("feeCurrency")
    if isinstance(named, str) and named:
        return upper(named)
    if category == "inverse":
        found = _INVERSE.fullmatch(symbol)
        return found[1] if found else symbol
    return "USDT" if symbol.partition("-")[0].endswith("USDT") or symbol.endswith("-USDT") else "USDC"
