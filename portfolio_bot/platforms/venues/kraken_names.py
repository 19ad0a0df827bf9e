"""Kraken's names of assets and markets.

Old assets carry a letter of their kind (`XXBT`, `ZEUR`), Bitcoin and Dogecoin go by other names, and a suffix tells
what is done with a balance: `.S` staked, `.M` opt-in rewards, `.B` new yield products, `.F` automatic rewards, `.P`
parachain, `.HOLD` a currency on hold. All of these are the asset itself. `.T` is a tokenised stock with a price of
its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portfolio_bot.model.instrument import Asset

_CANONICAL = {
    "XXBT": "BTC", "XBT": "BTC", "XETH": "ETH", "ETH2": "ETH", "XXRP": "XRP", "XLTC": "LTC", "XXLM": "XLM",
    "XXMR": "XMR", "XXDG": "DOGE", "XDG": "DOGE", "XETC": "ETC", "XZEC": "ZEC", "XREP": "REP", "XMLN": "MLN",
    "ZUSD": "USD", "ZEUR": "EUR", "ZGBP": "GBP", "ZCAD": "CAD", "ZJPY": "JPY", "ZAUD": "AUD",
}  # fmt: skip
_IDS: dict[Asset, list[str]] = {}
for _id, _asset in _CANONICAL.items():
    _IDS.setdefault(_asset, []).append(_id)

_SUFFIX = re.compile(r"\.(S|M|B|F|P|HOLD)$")
_BONDED = re.compile(r"^([A-Z]{2,})\d\d$")
"""`DOT28.S`: staked for 28 days."""


def canonical(name: str) -> Asset:
    """`XBT.F` → BTC, `ETH2.S` → ETH, `USD.M` → USD, `DOT28.S` → DOT; a `.T` stays."""
    base = _SUFFIX.sub("", name)
    if base != name and name.endswith(".S") and base not in _CANONICAL:
        base = _BONDED.sub(r"\1", base)
    return _CANONICAL.get(base, base).upper()


def market_ids(base: Asset, quote: Asset) -> Iterator[str]:
    """Every name that Kraken may have for a market: `XXBTZUSD` is an old one, `XBTUSDT` and `ADAUSD` are newer.

    A tokenised stock (`TSLA.T`, `TSLAX`) trades as `TSLAx`, never as `TSLA`, which may be a coin.
    """
    stock = (f"{base.removesuffix('.T').removesuffix('X')}x",) if base.endswith((".T", "X")) else ()
    for first in (*_IDS.get(base, ()), base, *stock):
        for second in (*_IDS.get(quote, ()), quote):
            yield first + second


_QUOTES = (
    "RLUSD", "USDT", "USDC", "USDG", "EURC", "PYUSD", "DAI", "USD", "EUR", "GBP", "CAD", "JPY", "AUD", "CHF", "AED",
    "XBT", "ETH", "DOT", "SOL",
)  # fmt: skip
_OLD_MARKET = re.compile(r"^([XZ][A-Z]{3})([XZ][A-Z]{3})$")
_ALTERNATIVE = {"BTC": "XBT", "DOGE": "XDG"}


def split_market(name: str) -> tuple[Asset, Asset] | None:
    """Base and quote of a market: `XXBTZUSD`, `USDTZUSD`, `XBTUSDT`, `ADA/USD`; None where the name does not tell."""
    if "/" in name:
        base, _, quote = name.partition("/")
        return canonical(base), canonical(quote)
    old = _OLD_MARKET.match(name)
    if old and old[1] in _CANONICAL and old[2] in _CANONICAL:
        return canonical(old[1]), canonical(old[2])
    if name == "USDTZUSD":
        return "USDT", "USD"
    for quote in _QUOTES:
        base = name.removesuffix(quote)
        if base not in {name, ""}:
            return canonical(base), canonical(quote)
    return None


def alternative(asset: Asset) -> str:
    """An asset in the newer names of markets, which old markets understand as well: BTC → XBT, `TSLA.T` → `TSLAx`."""
    if asset.endswith(".T"):
        return asset.removesuffix(".T").removesuffix("X") + "x"
    return _ALTERNATIVE.get(asset, asset)
