"""The wallets of a Binance account, and what only its overview shows.

A margin balance is wallet balance + unrealised result, and a net asset is what is left after debt: nothing is added to
either. In a portfolio margin account one answer stands for cross margin and both futures, and these are not asked.
Staked ETH and SOL are the coins WBETH and BNSOL in spot, and BFUSD is a coin too: what the staking products say of them
is the same money again. Dual Investment and options are asked for only where the overview shows something of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.instrument import BRIDGES, Asset
from portfolio_bot.model.money import ZERO, Money
from portfolio_bot.model.statement import Holding, Notice, StatedTotal, VenueWallet, Wallet, WarningKind
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.tickers import TickerList, by_symbol, joined
from portfolio_bot.platforms.venue import REFUSALS, Api, Reader, Refused, WalletAnswer, upper

PAGE = 100
CREDITS = "BNFCR"
"""Futures credits of European accounts: settled at one dollar each, and without a market."""

_READ_BY_CALLS_OF_THEIR_OWN = {
    "spot": Wallet.SPOT,
    "funding": Wallet.FUNDING,
    "crossmargin": Wallet.MARGIN,
    "isolatedmargin": Wallet.MARGIN,
    "usdmfutures": Wallet.FUTURES,
    "coinmfutures": Wallet.FUTURES,
    "earn": Wallet.EARN,
    "options": Wallet.OPTIONS,
    "crossmarginpm": Wallet.MARGIN,
    "usdmfuturespm": Wallet.FUTURES,
    "coinmfuturespm": Wallet.FUTURES,
}
_OF_PORTFOLIO_MARGIN = "pm"
_STILL_IN_DUAL = ("PENDING", "PURCHASE_SUCCESS", "SETTLING")

ACCOUNT = ("private_get_account", {"omitZeroBalances": "true"})
OVERVIEW = ("sapi_get_asset_wallet_balance", {"quoteAsset": "USDT"})


async def spot(api: Api) -> WalletAnswer:
    """Free and locked coins, and those that are frozen or on their way out, which the account answer leaves out."""
    account, assets = await asyncio.gather(api.once(*ACCOUNT), api.call("sapiv3_post_asset_getuserasset"))
    held = [*_balances(account), *_summed(rows(assets), Wallet.SPOT, "freeze", "withdrawing")]
    if not any(_wrapped(row.asset) for row in held):
        return _answer(held)
    return _answer(await _unwrapped(api, held))


async def spot_on_testnet(api: Api) -> WalletAnswer:
    """Free and locked coins."""
    return WalletAnswer(tuple(_balances(await api.once(*ACCOUNT))))


async def funding(api: Api) -> WalletAnswer:
    """The funding wallet: Pay, Card, P2P."""
    found = rows(await api.call("sapi_post_asset_get_funding_asset"))
    return _answer(_summed(found, Wallet.FUNDING, "free", "locked", "freeze", "withdrawing"))


async def earn(api: Api) -> WalletAnswer:
    """Simple Earn, flexible and locked. Rewards that are not paid yet are not owned yet."""
    flexible, locked = await asyncio.gather(_flexible(api), _pages(api, "sapi_get_simple_earn_locked_position"))
    return WalletAnswer(
        tuple(
            Holding(upper(text(row, "asset")), Wallet.EARN, amount(row, field))
            for field, positions in (("totalAmount", flexible), ("amount", locked))
            for row in positions
        )
    )


async def cross_margin(api: Api) -> WalletAnswer:
    """Net of debt and interest. An empty list of either name says that nothing is there."""
    answer = await api.look("sapi_get_margin_account")
    if answer is not None and "userAssets" not in table(answer) and table(answer).get("assets") == []:
        return WalletAnswer()
    return _assets(answer, "userAssets", "netAsset", Wallet.MARGIN)


async def isolated_margin(api: Api) -> WalletAnswer:
    """Both coins of each pair, net of debt and interest."""
    answer = await api.look("sapi_get_margin_isolated_account")
    pairs = [] if answer is None else rows(answer, "assets")
    return WalletAnswer(
        tuple(
            Holding(upper(text(side, "asset")), Wallet.MARGIN, amount(side, "netAsset"))
            for pair in pairs
            for side in (table(pair, "baseAsset"), table(pair, "quoteAsset"))
        )
    )


async def usd_futures(api: Api) -> WalletAnswer:
    """USDⓈ-M futures by margin asset; the printed total covers one asset only in single-asset mode."""
    answer = await api.look("fapiprivatev3_get_account")
    return _assets(answer, "assets", "marginBalance", Wallet.FUTURES)


async def coin_futures(api: Api) -> WalletAnswer:
    """COIN-M futures by margin coin."""
    return _assets(await api.look("dapiprivate_get_account"), "assets", "marginBalance", Wallet.FUTURES)


def unless_portfolio(read: Reader) -> Reader:
    """A wallet that a portfolio margin account shows elsewhere: there it is not asked."""

    async def reader(api: Api) -> WalletAnswer:
        try:
            elsewhere = await _portfolio(api) is not None
        except Refused:
            elsewhere = True  # of which its own reader tells
        return WalletAnswer() if elsewhere else await read(api)

    return reader


async def portfolio_margin(api: Api) -> WalletAnswer:
    """Cross margin and both futures as one: coins less what is owed, and futures with their unrealised result.

    `totalWalletBalance` is all three wallets together, before debt.
    """
    found: list[Holding] = []
    for row in await _portfolio(api) or ():
        asset = upper(text(row, "asset"))
        futures = amount(row, "umWalletBalance") + amount(row, "cmWalletBalance")
        owed = amount(row, "crossMarginBorrowed") + amount(row, "crossMarginInterest")
        result = amount(row, "umUnrealizedPNL", blank=ZERO) + amount(row, "cmUnrealizedPNL", blank=ZERO)
        found.append(Holding(asset, Wallet.MARGIN, amount(row, "totalWalletBalance") - futures - owed))
        found.append(Holding(asset, Wallet.FUTURES, futures + result))
    return _answer(found)


async def dual_investment(api: Api) -> WalletAnswer:
    """What was put into Dual Investment and is not settled yet, in the coin that was put in."""
    if not await _shows(api, "earn"):
        return WalletAnswer()
    summary = await api.look("sapi_get_dci_product_accounts")
    if summary is None or not amount(table(summary), "totalAmountInUSDT"):
        return WalletAnswer()
    found: list[Row] = []
    for status in _STILL_IN_DUAL:
        found += await _dual_pages(api, status)
    return WalletAnswer(
        tuple(Holding(upper(text(row, "investCoin")), Wallet.EARN, amount(row, "subscriptionAmount")) for row in found)
    )


async def options(api: Api) -> WalletAnswer:
    """Equity by coin. Where the key may not read it, what the overview says of it."""
    worth = await _shows(api, "options")
    if not worth:
        return WalletAnswer()
    try:
        answer = await api.look("eapiprivate_get_account")
    except Refused as error:
        if error.failure.kind not in REFUSALS | {FailureKind.BAD_ANSWER}:
            raise
        return WalletAnswer((Holding("USDT", Wallet.OPTIONS, worth),))
    return _assets(answer, "asset", "equity", Wallet.OPTIONS)


async def overview(api: Api) -> WalletAnswer:
    """Every wallet at the venue's own value in USDT: bots and copy trading come only from here."""
    others: dict[str, Holding] = {}
    read: list[VenueWallet] = []
    everything = ZERO
    for row in rows(await api.once(*OVERVIEW)):
        name, worth = text(row, "walletName"), amount(row, "balance")
        everything += worth
        wallet = _READ_BY_CALLS_OF_THEIR_OWN.get(_plain(name))
        if wallet is not None:
            read.append(VenueWallet(name, wallet, worth, "USDT"))
        elif worth:
            others[name] = Holding("USDT", Wallet.OTHER, worth)
    return WalletAnswer(
        tuple(others.values()),
        venue_total=StatedTotal(everything, "USDT"),
        overview=tuple(read),
        wallets=tuple(others),
    )


async def tickers(api: Api) -> TickerList:
    """Last prices of all markets; none of them is in dollars."""
    return TickerList(by_symbol(rows(await api.call("public_get_ticker_price")), "symbol"), joined(""), "price")


async def _portfolio(api: Api) -> Sequence[Row] | None:
    """What a portfolio margin account holds; None: an account whose wallets are read one by one.

    The overview names the wallets of both kinds of portfolio margin (`Cross Margin (PM)`), but only one of them answers
    here; the other one is asked wallet by wallet like everybody.
    """
    if not any(name.endswith(_OF_PORTFOLIO_MARGIN) for name in await _shown(api)):
        return None
    try:
        answer = await api.once("papi_get_balance")
    except Refused as error:
        if error.failure.kind is FailureKind.BAD_ANSWER:
            return None
        raise
    return rows(answer) or None


async def _shows(api: Api, wallet: str) -> Decimal:
    """What the overview says that a wallet is worth in USDT."""
    return (await _shown(api)).get(wallet, ZERO)


async def _shown(api: Api) -> Mapping[str, Decimal]:
    """The overview by plain names; nothing where it may not be read, of which its own reader tells."""
    try:
        answer = await api.once(*OVERVIEW)
    except Refused:
        return {}
    return {_plain(text(row, "walletName")): amount(row, "balance") for row in rows(answer)}


async def _dual_pages(api: Api, status: str) -> list[Row]:
    found: list[Row] = []
    page = 0
    while True:
        page += 1
        params = {"status": status, "pageIndex": page, "pageSize": PAGE}
        answer = await api.call("sapi_get_dci_product_positions", params)
        part = rows(answer, "list")
        found += part
        if len(part) < PAGE or Decimal(len(found)) >= amount(table(answer), "total"):
            return found


def _balances(account: object) -> list[Holding]:
    return _summed(rows(account, "balances"), Wallet.SPOT, "free", "locked")


def _summed(found: Iterable[Row], wallet: Wallet, *fields: str) -> list[Holding]:
    return [
        Holding(upper(text(row, "asset")), wallet, sum((amount(row, field) for field in fields), ZERO)) for row in found
    ]


def _assets(answer: object | None, path: str, field: str, wallet: Wallet) -> WalletAnswer:
    """One field per asset; no answer is a wallet that was never opened."""
    found = () if answer is None else rows(answer, path)
    return _answer(Holding(upper(text(row, "asset")), wallet, amount(row, field)) for row in found)


def _answer(holdings: Iterable[Holding]) -> WalletAnswer:
    """With the futures credits at what they are settled at, and said so."""
    marked = tuple(_marked(row) for row in holdings)
    at_par = any(row.asset == CREDITS and row.amount for row in marked)
    return WalletAnswer(marked, notices=(Notice(WarningKind.MARKED_AT_PAR, CREDITS),) if at_par else ())


def _marked(row: Holding) -> Holding:
    if row.asset != CREDITS:
        return row
    return Holding(row.asset, row.wallet, row.amount, Money(row.amount, "USD"))


async def _flexible(api: Api) -> list[Row]:
    return await _pages(api, "sapi_get_simple_earn_flexible_position")


async def _pages(api: Api, method: str) -> list[Row]:
    """All pages of a list that says how many rows there are."""
    found: list[Row] = []
    current = 0
    while True:
        current += 1
        answer = await api.once(method, {"current": current, "size": PAGE})
        page = rows(answer, "rows")
        found.extend(page)
        if len(page) < PAGE or Decimal(len(found)) >= amount(table(answer), "total"):
            return found


async def _unwrapped(api: Api, held: list[Holding]) -> list[Holding]:
    """Without the `LDxxx` that stand in spot for coins in flexible earn, which are counted there.

    One that earn does not know is its coin, if only that coin has a market: `LDO` is a coin of its own.
    """
    try:
        earning = {upper(text(row, "asset")) for row in await _flexible(api)}
    except Refused:
        earning = set()
    market = await tickers(api)
    result: list[Holding] = []
    for row in held:
        coin = _wrapped(row.asset)
        if coin is None or _listed(row.asset, market):
            result.append(row)
        elif coin not in earning:
            result.append(Holding(coin, Wallet.EARN, row.amount) if _listed(coin, market) else row)
    return result


def _wrapped(asset: Asset) -> Asset | None:
    return asset[2:] if asset.startswith("LD") and len(asset) > 2 else None


def _listed(asset: Asset, market: TickerList) -> bool:
    return asset in BRIDGES or any(market.price(asset, bridge) is not None for bridge in BRIDGES)


def _plain(name: str) -> str:
    """`USDⓈ-M Futures` and `USD-M Futures` are the same wallet."""
    return "".join(character for character in name.lower() if character.isascii() and character.isalnum())
