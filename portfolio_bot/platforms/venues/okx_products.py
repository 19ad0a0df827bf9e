"""OKX: loans, products that few hold, and the sub-accounts of a main account.

Not added on purpose, since the same coins lie in the funding and trading accounts and are counted there: ETH and SOL
staking (BETH, OKSOL), Stable Rewards (USDG), what a bot uses of the trading account (inside `eq`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, UnreadableWallet, Wallet
from portfolio_bot.platforms.shared import heard
from portfolio_bot.platforms.strict import Row, amount, first, maybe, rows, table, text
from portfolio_bot.platforms.tickers import TickerList, by_symbol, joined
from portfolio_bot.platforms.venue import NO_PARAMS, Api, Inside, Refused, WalletAnswer, in_dollars, upper

ABOUT_KEY = "private_get_account_config"
FUNDING = "private_get_asset_balances"
VALUATION = "private_get_asset_asset_valuation"
IN_DOLLARS: Mapping[str, object] = {"ccy": "USD"}

_BRIEF = 2.0
"""Seconds that the rough figure for earn may take before rare products are asked for without it."""
_ALIKE = Decimal("1.02")
"""The figure is rough: so much more than what was found means nothing."""
_HELD = frozenset({"live", "pending_settle", "pending_redeem"})
_PAGE = 100
_MOST_PAGES = 5
_MOST_SUBS = 20


async def trading_rows(api: Api, method: str, params: Mapping[str, object] = NO_PARAMS) -> tuple[Holding, ...]:
    """Coins of a trading account, each with the venue's own value."""
    account = first(await api.once(method, params), "data")
    return tuple(
        Holding(upper(text(coin, "ccy")), Wallet.UNIFIED, amount(coin, "eq"), in_dollars(coin, "eqUsd"))
        for coin in rows(account, "details")
    )


async def funding_rows(
    api: Api, method: str = FUNDING, params: Mapping[str, object] = NO_PARAMS
) -> tuple[Holding, ...]:
    """Coins of a funding account; `bal` holds what is frozen too."""
    found = rows(await api.once(method, params), "data")
    return tuple(Holding(upper(text(row, "ccy")), Wallet.FUNDING, amount(row, "bal")) for row in found)


async def savings_rows(api: Api) -> tuple[Holding, ...]:
    """Simple earn, flexible: `amt` holds what is lent, what waits, and the earnings."""
    found = rows(await api.once("private_get_finance_savings_balance"), "data")
    return tuple(Holding(upper(text(row, "ccy")), Wallet.EARN, amount(row, "amt")) for row in found)


async def on_chain_rows(api: Api) -> tuple[Holding, ...]:
    """Active orders of staking and DeFi, those that are being redeemed too."""
    return tuple(
        Holding(upper(text(invested, "ccy")), Wallet.EARN, amount(invested, "amt"))
        for order in rows(await api.once("private_get_finance_staking_defi_orders_active"), "data")
        for invested in rows(order, "investData")
    )


async def tickers(api: Api) -> TickerList:
    """Spot markets, those against USD among them."""
    answer = await api.once("public_get_market_tickers", {"instType": "SPOT"})
    return TickerList(by_symbol(rows(answer, "data"), "instId"), joined("-"), "last", "bidPx", "askPx")


async def flexible_loans(api: Api) -> WalletAnswer:
    """Collateral, which has left the funding account, and the debt against it."""
    found = rows(await api.call("private_get_finance_flexible_loan_loan_info"), "data")
    return WalletAnswer(
        tuple(
            Holding(upper(text(row, "ccy")), Wallet.MARGIN, sign * amount(row, "amt"))
            for loan in found
            for name, sign in (("collateralData", 1), ("loanData", -1))
            for row in rows(loan, name)
        )
    )


async def non_tradable(api: Api) -> WalletAnswer:
    """Delisted coins that can only be withdrawn; they have no price here."""
    return WalletAnswer(await funding_rows(api, "private_get_asset_non_tradable_assets"))


async def dual_investment(api: Api) -> WalletAnswer:
    """Orders that are not settled, at what was put in."""
    if not await _may_earn(api):
        return WalletAnswer()
    found: list[Row] = []
    for _ in range(_MOST_PAGES):
        onward = {"endId": text(found[-1], "ordId")} if found else {}
        answer = await api.call("private_get_finance_sfp_dcd_order_history", {"limit": _PAGE, **onward})
        page = rows(answer, "data")
        found += page
        if len(page) < _PAGE:
            break
    orders = {text(row, "ordId"): row for row in found if text(row, "state") in _HELD}
    return WalletAnswer(
        tuple(
            Holding(upper(text(row, "notionalCcy")), Wallet.EARN, amount(row, "notionalSz")) for row in orders.values()
        )
    )


async def okusd(api: Api) -> WalletAnswer:
    """OKUSD that is not among the coins of the funding account already."""
    if not await _may_earn(api):
        return WalletAnswer()
    found = rows(await api.call("private_get_finance_okusd_account"), "data")
    try:
        elsewhere = {row.asset for row in await funding_rows(api) if row.amount}
    except Refused:
        elsewhere = set()  # that account tells of itself that it cannot be read
    held = tuple(Holding(upper(text(row, "ccy")), Wallet.EARN, amount(row, "amt")) for row in found)
    return WalletAnswer(tuple(row for row in held if row.asset not in elsewhere))


async def _may_earn(api: Api) -> bool:
    """Whether the venue's rough figure for earn is more than what was found there; True if it does not tell soon."""
    try:
        async with asyncio.timeout(_BRIEF):
            answer = first(await api.once(VALUATION, IN_DOLLARS), "data")
            figure = maybe(table(answer, "details"), "earn")
            if figure == 0:
                return False
            prices, *found = await asyncio.gather(tickers(api), savings_rows(api), on_chain_rows(api))
    except (SourceError, TimeoutError):
        return True
    known = [(row.amount, _dollars(row.asset, prices)) for part in found for row in part if row.amount]
    unpriced = any(price is None for _, price in known)
    worth = sum((held * price for held, price in known if price is not None), Decimal(0))
    return figure is None or unpriced or figure > worth * _ALIKE


def _dollars(asset: Asset, prices: TickerList) -> Decimal | None:
    direct = prices.price(asset, "USD")
    through, dollars = prices.price(asset, "USDT"), prices.price("USDT", "USD")
    return direct if direct is not None or through is None or dollars is None else through * dollars


async def sub_accounts(api: Api) -> WalletAnswer:
    """Trading and funding accounts of each sub-account, as far as the key of the main account may look into them."""
    listing = asyncio.ensure_future(_listed(api))
    listing.add_done_callback(heard)
    try:
        about = rows(await api.once(ABOUT_KEY), "data")
        main = about and about[0].get("mainUid") in {None, "", about[0].get("uid")}
        if not main:
            return WalletAnswer()
        subs = await listing
    finally:
        listing.cancel()
    inside = await asyncio.gather(*(_inside(api, sub) for sub in subs[:_MOST_SUBS]))
    more = (UnreadableWallet(f"{len(subs) - _MOST_SUBS} more sub-accounts", "not_built"),)
    return WalletAnswer(
        inside=tuple(sub for sub in inside if any(row.amount for row in sub.holdings)),
        unreadable=more if len(subs) > _MOST_SUBS else (),
    )


async def _listed(api: Api) -> Sequence[Row]:
    return rows(await api.call("private_get_users_subaccount_list", {"enable": "true", "limit": _PAGE}), "data")


async def _inside(api: Api, sub: Row) -> Inside:
    whose = {"subAcct": text(sub, "subAcct")}
    method = "private_get_account_subaccount_balances"
    trading, funds, answer = await asyncio.gather(
        trading_rows(api, method, whose),
        funding_rows(api, "private_get_asset_subaccount_balances", whose),
        api.once(method, whose),
    )
    equity = maybe(first(answer, "data"), "totalEq")
    alone = equity is not None and not any(row.amount for row in funds)
    total = Money(equity, "USD") if equity is not None and alone else None
    return Inside(text(sub, "uid"), str(sub.get("label") or text(sub, "subAcct")), total, (*trading, *funds))
