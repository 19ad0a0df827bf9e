"""Binance: spot, funding, Simple Earn, margin, both futures; what only the wallet overview shows.

A margin balance is wallet balance + unrealised result, and a net asset is what is left after debt: nothing is added to
either. A portfolio margin account shows its money in these same wallets. The test network has spot and futures only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import BRIDGES, Asset
from portfolio_bot.model.money import ZERO, Money
from portfolio_bot.model.statement import Holding, Notice, StatedTotal, VenueWallet, Wallet, WarningKind
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.tickers import TickerList, by_symbol, joined
from portfolio_bot.platforms.venue import Api, Login, Refused, Role, Venue, WalletAnswer, WalletReader, upper

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
}
_TRADES = (
    "enableSpotAndMarginTrading",
    "enableMargin",
    "enableFutures",
    "enableVanillaOptions",
    "enablePortfolioMarginTrading",
    "enableFixApiTrade",
)


ACCOUNT = ("private_get_account", {"omitZeroBalances": "true"})


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


async def overview(api: Api) -> WalletAnswer:
    """Every wallet at the venue's own value in USDT: bots, copy trading and options come only from here."""
    others: dict[str, Holding] = {}
    read: list[VenueWallet] = []
    everything = ZERO
    for row in rows(await api.call("sapi_get_asset_wallet_balance", {"quoteAsset": "USDT"})):
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


async def identity(api: Api) -> Login | None:
    """The answer with the balances names the user."""
    return Login(text(table(await api.once(*ACCOUNT)), "uid"))


async def rights(api: Api) -> KeyRights:
    """Each right is a flag; `tradingAuthorityExpirationTime` is there only where trading ends by itself."""
    answer = table(await api.call("sapi_get_account_apirestrictions"))
    trades = any(_flag(answer, name) for name in _TRADES)
    withdraws = _flag(answer, "enableWithdrawals")
    transfers = _flag(answer, "enableInternalTransfer") or _flag(answer, "permitsUniversalTransfer")
    ends = amount(answer, "tradingAuthorityExpirationTime", blank=ZERO)
    return KeyRights(
        read_only=not (trades or withdraws or transfers),
        can_trade=trades,
        can_transfer=transfers,
        can_withdraw=withdraws,
        ip_bound=_flag(answer, "ipRestrict"),
        expires=datetime.fromtimestamp(int(ends) / 1000, UTC).date() if ends else None,
    )


def code(_status: int, answer: object) -> str | None:
    """Only refusals carry a `code`; success is a bare list or object, or for fiat and Pay one with `000000`."""
    if isinstance(answer, list):
        return None
    found = table(answer).get("code")
    return None if found is None or str(found) in _FINE else text(table(answer), "code")


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


def _flag(row: Row, field: str) -> bool:
    found = row.get(field, False)
    if not isinstance(found, bool):
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is not true or false")
    return found


_FINE = frozenset({"0", "200", "000000"})
_FUTURES = (WalletReader("USDⓈ-M Futures", usd_futures), WalletReader("COIN-M Futures", coin_futures))
_CAUSES = {
    # one code for an unknown key, an address that is not on its list, and a missing right
    "-2015": FailureKind.BAD_KEY,
    "-2014": FailureKind.BAD_KEY,
    "-2008": FailureKind.BAD_KEY,
    "-1022": FailureKind.BAD_KEY,
    "-1021": FailureKind.CLOCK_SKEW,
    "-1003": FailureKind.RATE_LIMITED,
    "-1015": FailureKind.RATE_LIMITED,
    "-1001": FailureKind.UNAVAILABLE,
    "-1008": FailureKind.UNAVAILABLE,
}

TESTNET = Venue(
    source="binance",
    ccxt_id="binance",
    wallets=(WalletReader("Spot", spot_on_testnet), *_FUTURES),
    tickers=tickers,
    code=code,
    causes=_CAUSES,
    ledger="binance_testnet_ledger",
)

VENUE = Venue(
    source="binance",
    ccxt_id="binance",
    wallets=(
        WalletReader("Spot", spot),
        WalletReader("Funding", funding),
        WalletReader("Simple Earn", earn),
        WalletReader("Cross Margin", cross_margin),
        WalletReader("Isolated Margin", isolated_margin),
        *_FUTURES,
        WalletReader("Bots, copy trading, options and others", overview, Role.FIGURE),
    ),
    tickers=tickers,
    rights=rights,
    identity=identity,
    code=code,
    causes=_CAUSES,
    absent=frozenset({"-3003", "-11001"}),
    testnet=TESTNET,
    ledger="binance_ledger",
)
