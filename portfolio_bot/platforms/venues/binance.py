"""Binance: what to ask, what a key may do, what its codes mean. The test network has spot and futures only."""

from __future__ import annotations

from datetime import UTC, datetime

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.money import ZERO
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.strict import Row, amount, table, text
from portfolio_bot.platforms.venue import Api, Login, Role, Venue, WalletReader
from portfolio_bot.platforms.venues import binance_wallets as wallets
from portfolio_bot.platforms.venues.binance_subs import sub_accounts

_TRADES = (
    "enableSpotAndMarginTrading",
    "enableMargin",
    "enableFutures",
    "enableVanillaOptions",
    "enablePortfolioMarginTrading",
    "enableFixApiTrade",
)


async def identity(api: Api) -> Login | None:
    """The answer with the balances names the user."""
    return Login(text(table(await api.once(*wallets.ACCOUNT)), "uid"))


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


def _flag(row: Row, field: str) -> bool:
    found = row.get(field, False)
    if not isinstance(found, bool):
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is not true or false")
    return found


_FINE = frozenset({"0", "200", "000000"})
_USD, _COIN = "USDⓈ-M Futures", "COIN-M Futures"
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
    wallets=(
        WalletReader("Spot", wallets.spot_on_testnet),
        WalletReader(_USD, wallets.usd_futures),
        WalletReader(_COIN, wallets.coin_futures),
    ),
    tickers=wallets.tickers,
    code=code,
    causes=_CAUSES,
    ledger="binance_testnet_ledger",
)

VENUE = Venue(
    source="binance",
    ccxt_id="binance",
    wallets=(
        WalletReader("Spot", wallets.spot),
        WalletReader("Funding", wallets.funding),
        WalletReader("Simple Earn", wallets.earn),
        WalletReader("Cross Margin", wallets.unless_portfolio(wallets.cross_margin)),
        WalletReader("Isolated Margin", wallets.isolated_margin),
        WalletReader(_USD, wallets.unless_portfolio(wallets.usd_futures)),
        WalletReader(_COIN, wallets.unless_portfolio(wallets.coin_futures)),
        WalletReader("Portfolio Margin", wallets.portfolio_margin, Role.EXTRA),
        WalletReader("Dual Investment", wallets.dual_investment, Role.EXTRA),
        WalletReader("Options", wallets.options, Role.EXTRA),
        WalletReader("Sub-accounts", sub_accounts, Role.EXTRA),
        WalletReader("Bots, copy trading, options and others", wallets.overview, Role.FIGURE),
    ),
    tickers=wallets.tickers,
    rights=rights,
    identity=identity,
    code=code,
    causes=_CAUSES,
    absent=frozenset({"-3003", "-11001"}),
    testnet=TESTNET,
    ledger="binance_ledger",
)
