"""Bybit: what lies in earn products, and what the overview of all wallets says of it.

Flexible savings and on-chain earn are always asked for. Other products are rare and cost a call each: they are asked
for only where the overview shows more of some coin than was found. Regional accounts have no overview: there the two
most usual ones are asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import Holding, Wallet
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.venue import Api, Refused, WalletAnswer, upper

OVERVIEW = "private_get_v5_asset_asset_overview"
POSITION = "private_get_v5_earn_position"
FIXED_TERM = "private_get_v5_earn_fixed_term_position"
STRUCTURED = "private_get_v5_earn_advance_position"
BYUSDT = "private_get_v5_earn_token_position"

ENDPOINTS: Mapping[str, tuple[str, float]] = {
    FIXED_TERM: ("v5/earn/fixed-term/position", 5),
    STRUCTURED: ("v5/earn/advance/position", 5),
    BYUSDT: ("v5/earn/token/position", 5),
}
"""Not in ccxt yet."""

_EASY = ("FlexibleSaving", "OnChain")
_STRUCTURED = ("DualAssets", "DiscountBuy", "DoubleWin", "SmartLeverage")
_MOST = 20
"""Positions of a structured product on a page."""
_ALIKE = Decimal("1.01")
"""Interest of the day makes the overview a little more than what the positions say."""


async def earn(api: Api) -> WalletAnswer:
    """Flexible savings and on-chain earn; fully redeemed products are listed too, with amount 0."""
    return WalletAnswer(await _easy(api))


async def fixed_term(api: Api) -> WalletAnswer:
    """Savings for a fixed term that are not settled yet."""
    found = await _found(api, _easy)
    if found is None or await _more_than(api, found) is False:
        return WalletAnswer()
    return WalletAnswer(await _fixed(api))


async def structured(api: Api) -> WalletAnswer:
    """Dual assets and their kin, at what was put in; BYUSDT, which is worth its USDT."""
    easy = await _found(api, _easy)
    if easy is None or await _more_than(api, easy) is False:
        return WalletAnswer()
    found = await _found(api, _easy, _fixed)
    more = None if found is None else await _more_than(api, found)
    if more is False:
        return WalletAnswer()
    if more is None:
        return WalletAnswer(await _positions(api, _STRUCTURED[0]))
    answers = await asyncio.gather(*(_positions(api, category) for category in _STRUCTURED))
    token = table(await api.call(BYUSDT, {"coin": "BYUSDT"}), "result")
    held = Holding("USDT", Wallet.EARN, amount(token, "totalAmount", blank=Decimal(0)))
    return WalletAnswer((*(row for answer in answers for row in answer), held))


async def _easy(api: Api) -> tuple[Holding, ...]:
    answers = await asyncio.gather(*(api.once(POSITION, {"category": category}) for category in _EASY))
    return _holdings(row for answer in answers for row in rows(answer, "result", "list"))


async def _fixed(api: Api) -> tuple[Holding, ...]:
    return _holdings(rows(await api.once(FIXED_TERM), "result", "list"))


async def _positions(api: Api, category: str) -> tuple[Holding, ...]:
    """All pages; a category that this account or region does not have holds nothing."""
    found: list[Row] = []
    cursor = ""
    while True:
        onward = {"cursor": cursor} if cursor else {}
        try:
            answer = await api.call(STRUCTURED, {"category": category, "limit": _MOST, **onward})
        except Refused:
            return ()
        result = table(answer, "result")
        page = rows(result, "list")
        found += page
        following = str(result.get("nextPageCursor") or "")
        if len(page) < _MOST or following in {"", cursor}:
            return _holdings(found)
        cursor = following


def _holdings(found: Iterable[Row]) -> tuple[Holding, ...]:
    return tuple(
        Holding(upper(text(row, "coin" if row.get("coin") else "investCoin")), Wallet.EARN, amount(row, "amount"))
        for row in found
    )


async def _found(api: Api, *readers: Callable[[Api], Awaitable[tuple[Holding, ...]]]) -> Sequence[Holding] | None:
    """What these found; None if one of them was refused, which its own wallet tells."""
    try:
        return [row for reader in readers for row in await reader(api)]
    except Refused:
        return None


async def _more_than(api: Api, found: Sequence[Holding]) -> bool | None:
    """Whether the overview shows more of some coin in earn than was found; None if there is none."""
    try:
        answer = await api.once(OVERVIEW)
    except SourceError:
        return None
    lines = [row for row in rows(answer, "result", "list") if row.get("accountType") == "Earn"]
    shown = _by_coin(
        (upper(text(coin, "coin")), amount(coin, "equity"))
        for line in lines
        for part in (line, *_listed(line, "categories"))
        for coin in _listed(part, "coinDetail")
    )
    have = _by_coin((row.asset, row.amount) for row in found)
    return any(equity > have.get(coin, Decimal(0)) * _ALIKE for coin, equity in shown.items())


def _listed(row: Row, name: str) -> Sequence[Row]:
    return rows(row, name) if row.get(name) else ()


def _by_coin(parts: Iterable[tuple[Asset, Decimal]]) -> Mapping[Asset, Decimal]:
    found: dict[Asset, Decimal] = {}
    for coin, held in parts:
        found[coin] = found.get(coin, Decimal(0)) + held
    return found
