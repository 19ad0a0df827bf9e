"""Bybit: unified, funding and earn wallets; what only the asset overview shows; sub-accounts. API: v5.

`equity` of a coin is wallet balance − borrowed + unrealised result, and `usdValue` is that equity: nothing is added
to it again. Regional accounts (EU, KZ, GE …) have no asset overview.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, StatedTotal, VenueWallet, Wallet
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.strict import Row, amount, maybe, rows, table, text
from portfolio_bot.platforms.tickers import TickerList, by_symbol, joined, price_of
from portfolio_bot.platforms.venue import Api, Inside, Login, Role, Venue, WalletAnswer, WalletReader, in_dollars, upper
from portfolio_bot.platforms.venues.bybit_earn import ENDPOINTS, OVERVIEW, earn, fixed_term, structured

UNIFIED = "unified"
ABOUT_KEY = "private_get_v5_user_query_api"
_READ_BY_CALLS_OF_THEIR_OWN = {
    "UnifiedTradingAccount": Wallet.UNIFIED,
    "FundingAccount": Wallet.FUNDING,
    "Earn": Wallet.EARN,
}


async def unified(api: Api) -> WalletAnswer:
    """The unified trading account: spot, derivatives, options, margin. Its `totalEquity` is what it is worth."""
    answer = await api.call("private_get_v5_account_wallet_balance", {"accountType": "UNIFIED"})
    holdings: list[Holding] = []
    stated: StatedTotal | None = None
    for account in rows(answer, "result", "list"):
        equity = maybe(account, "totalEquity")
        stated = None if equity is None else StatedTotal(equity, "USD", UNIFIED)
        for coin in rows(account, "coin"):
            value = in_dollars(coin, "usdValue")
            holdings.append(Holding(upper(text(coin, "coin")), Wallet.UNIFIED, amount(coin, "equity"), value, UNIFIED))
    return WalletAnswer(tuple(holdings), stated)


async def funding(api: Api) -> WalletAnswer:
    """The funding wallet; it lists zeros and no values."""
    method = "private_get_v5_asset_transfer_query_account_coins_balance"
    answer = await api.call(method, {"accountType": "FUND"})
    return WalletAnswer(
        tuple(
            Holding(upper(text(row, "coin")), Wallet.FUNDING, amount(row, "walletBalance"))
            for row in rows(answer, "result", "balance")
        )
    )


async def asset_overview(api: Api) -> WalletAnswer:
    """Every wallet at the venue's own value: bots, copy trading, loans, Launchpool, TradFi, Alpha come only from here.

    The printed total can leave a wallet out whose snapshot is later, so it is only compared with.
    """
    result = table(await api.once(OVERVIEW), "result")
    others: dict[str, Holding] = {}
    overview: list[VenueWallet] = []
    for row in rows(result, "list"):
        name, currency, worth = text(row, "accountType"), text(row, "valuationCurrency"), amount(row, "totalEquity")
        if name in _READ_BY_CALLS_OF_THEIR_OWN:
            overview.append(VenueWallet(name, _READ_BY_CALLS_OF_THEIR_OWN[name], worth, currency))
        else:
            others[name] = Holding(currency, Wallet.OTHER, worth, Money(worth, currency))
    total = maybe(result, "totalEquity")
    return WalletAnswer(
        tuple(others.values()),
        venue_total=None if total is None else StatedTotal(total, "USD"),
        overview=tuple(overview),
        wallets=tuple(others),
    )


async def sub_accounts(api: Api) -> WalletAnswer:
    """What the sub-accounts of a master account are worth; a sub-account's own key would be told of its master."""
    key = table(await api.once(ABOUT_KEY), "result")
    if key.get("isMaster") is not True:
        return WalletAnswer()
    own = text(key, "userID")
    members = rows(await api.call("private_get_v5_asset_total_members_assets"), "result", "list")
    found = [(text(row, "uid"), amount(row, "origb", blank=Decimal(0))) for row in members]
    return WalletAnswer(
        inside=tuple(Inside(uid, "sub-account", Money(worth, "USD")) for uid, worth in found if uid != own and worth)
    )


async def tickers(api: Api) -> TickerList:
    """Spot markets; the index gives the price of the two crypto dollars in USD, which no market here does."""
    answer = await api.call("public_get_v5_market_tickers", {"category": "spot"})
    found = by_symbol(rows(answer, "result", "list"), "symbol")
    index = {
        (coin, "USD"): price
        for coin in ("USDC", "USDT")
        for market in (f"{coin}USDT", f"{coin}USDC")
        if market in found and (price := price_of(found[market].get("usdIndexPrice"))) is not None
    }
    return TickerList(found, joined(""), "lastPrice", "bid1Price", "ask1Price", index)


async def identity(api: Api) -> Login | None:
    """The user of the key; a sub-account names its parent."""
    result = table(await api.once(ABOUT_KEY), "result")
    parent = text(result, "parentUid") if result.get("parentUid") else "0"
    return Login(text(result, "userID"), "" if parent == "0" else parent)


async def rights(api: Api) -> KeyRights:
    """`readOnly` 1 overrides every permission list, which are printed all the same."""
    result = table(await api.once(ABOUT_KEY), "result")
    permissions = table(result, "permissions")
    read_only = amount(result, "readOnly") == 1

    def may(group: str, *names: str) -> bool:
        granted = permissions.get(group)
        return not read_only and isinstance(granted, list) and (not names or bool(set(names) & set(granted)))

    trades = any(
        permissions.get(group) and may(group)
        for group in ("Spot", "ContractTrade", "Derivatives", "Options", "BlockTrade", "CopyTrading", "Exchange")
    )
    ips = result.get("ips")
    return KeyRights(
        read_only=read_only,
        can_trade=trades,
        can_transfer=may("Wallet", "AccountTransfer", "SubMemberTransfer"),
        can_withdraw=may("Wallet", "Withdraw"),
        ip_bound=isinstance(ips, list) and bool(set(ips) - {"*", ""}),
        expires=_ends(result),
        notes=() if amount(result, "uta", blank=Decimal(1)) else ("an old account without unified trading",),
    )


def _ends(result: Row) -> date | None:
    """The day a key ends; one without end says 1970."""
    if not result.get("expiredAt"):
        return None
    try:
        ends = datetime.fromisoformat(text(result, "expiredAt")).date()
    except ValueError:
        raise SourceError.of(FailureKind.BAD_ANSWER, "expiredAt is not an instant") from None
    return ends if ends.year > 1970 else None


def code(_status: int, answer: object) -> str | None:
    """`retCode` 0 with a `result` is success."""
    found = text(table(answer), "retCode")
    if found != "0":
        return found
    table(answer, "result")
    return None


VENUE = Venue(
    source="bybit",
    ccxt_id="bybit",
    wallets=(
        WalletReader("Unified Trading", unified),
        WalletReader("Funding", funding),
        WalletReader("Earn", earn, Role.EXTRA),
        WalletReader("Fixed-term Earn", fixed_term, Role.EXTRA),
        WalletReader("Structured Earn", structured, Role.EXTRA),
        WalletReader("Bots, copy trading, loans and others", asset_overview, Role.FIGURE),
        WalletReader("Sub-accounts", sub_accounts, Role.EXTRA),
    ),
    tickers=tickers,
    rights=rights,
    identity=identity,
    code=code,
    causes={
        "10003": FailureKind.BAD_KEY,
        "10004": FailureKind.BAD_KEY,
        "10007": FailureKind.BAD_KEY,
        "33004": FailureKind.KEY_EXPIRED,
        "10010": FailureKind.IP_NOT_ALLOWED,
        "10005": FailureKind.MISSING_RIGHT,
        "10002": FailureKind.CLOCK_SKEW,
        "10006": FailureKind.RATE_LIMITED,
        "10018": FailureKind.RATE_LIMITED,
        "10009": FailureKind.GEO_BLOCKED,
        "10024": FailureKind.GEO_BLOCKED,
        "10000": FailureKind.UNAVAILABLE,
        "10016": FailureKind.UNAVAILABLE,
        "10008": FailureKind.ACCOUNT_FROZEN,
    },
    elsewhere=frozenset({"10003"}),
    # a page without a code: too many requests from this address, or an address in a country that is blocked
    page_403=FailureKind.RATE_LIMITED,
    endpoints=ENDPOINTS,
    ledger="bybit_ledger",
)
