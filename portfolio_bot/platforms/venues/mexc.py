"""MEXC: spot and futures, and spot of sub-accounts.

There is no total of the venue's own, and no public call for the rest.

`XBT` is a token of its own here, not BTC. Keys that are not bound to an address end after 90 days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.statement import Holding, UnreadableWallet, Wallet
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.paging import by_number
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.tickers import TickerList, by_symbol, joined
from portfolio_bot.platforms.venue import Api, Inside, Login, Refused, Role, Venue, WalletAnswer, WalletReader, upper

SUBS_PAGE = 200


async def spot(api: Api) -> WalletAnswer:
    """Free and locked coins, dust included."""
    found = rows(await api.call("spot_private_get_account"), "balances")
    return WalletAnswer(tuple(_balances(found)))


async def futures(api: Api) -> WalletAnswer:
    """Equity is cash, position margin and unrealised result."""
    answer = await api.look("contract_private_get_account_assets")
    found = () if answer is None else rows(answer, "data")
    return WalletAnswer(
        tuple(Holding(upper(text(row, "currency")), Wallet.FUTURES, amount(row, "equity")) for row in found)
    )


async def sub_accounts(api: Api) -> WalletAnswer:
    """Spot of the sub-accounts of a main account; their futures it is not shown. Other accounts are refused."""
    try:
        subs = await by_number(lambda page: _listed(api, page), full=SUBS_PAGE)
    except Refused as error:
        if error.failure.kind is FailureKind.BAD_ANSWER:
            return WalletAnswer()
        raise
    if not subs:
        return WalletAnswer()
    inside = [await _inside(api, sub) for sub in subs]
    return WalletAnswer(
        inside=tuple(sub for sub in inside if any(row.amount for row in sub.holdings)),
        unreadable=(UnreadableWallet("Futures of sub-accounts", "not_valued"),),
    )


async def _listed(api: Api, page: int) -> Sequence[Row]:
    answer = table(await api.call("spot_private_get_sub_account_list", {"page": page, "limit": SUBS_PAGE}))
    return rows(answer, "subAccounts" if "subAccounts" in answer else "subAccount")  # the documents have both names


async def _inside(api: Api, sub: Row) -> Inside:
    name = text(sub, "subAccount")
    asked = {"subAccount": name, "accountType": "SPOT"}
    found = rows(await api.call("spot_private_get_sub_account_asset", asked), "balances")
    return Inside(text(sub, "uid") if sub.get("uid") else name, name, None, tuple(_balances(found)))


def _balances(found: Iterable[Row]) -> Iterable[Holding]:
    return (
        Holding(upper(text(row, "asset")), Wallet.SPOT, amount(row, "free") + amount(row, "locked")) for row in found
    )


async def tickers(api: Api) -> TickerList:
    """Spot markets; none of them is in dollars."""
    return TickerList(by_symbol(rows(await api.call("spot_public_get_ticker_price")), "symbol"), joined(""), "price")


async def identity(api: Api) -> Login | None:
    """The number of the user."""
    return Login(text(table(await api.once("spot_private_get_uid")), "uid"))


async def rights(_api: Api) -> KeyRights:
    """`canTrade` and `canWithdraw` of the account describe the account, not the key."""
    return KeyRights(
        notes=("MEXC does not say what a key may do", "without an address list a key ends 90 days after it was made")
    )


def code(_status: int, answer: object) -> str | None:
    """Spot: only refusals carry a `code`. Futures: `success` and `code` 0."""
    if isinstance(answer, list):
        return None
    row = table(answer)
    if row.get("success") is True or row.get("code") is None:
        return None
    found = text(row, "code")
    return None if found in {"0", "200"} and row.get("success") is not False else found


VENUE = Venue(
    source="mexc",
    ccxt_id="mexc",
    wallets=(
        WalletReader("Spot", spot),
        WalletReader("Futures", futures),
        WalletReader("Sub-accounts", sub_accounts, Role.EXTRA),
    ),
    tickers=tickers,
    rights=rights,
    identity=identity,
    code=code,
    causes={
        "700002": FailureKind.BAD_KEY,
        "10072": FailureKind.BAD_KEY,
        "602": FailureKind.BAD_KEY,
        "401": FailureKind.BAD_KEY,
        "402": FailureKind.KEY_EXPIRED,
        "406": FailureKind.IP_NOT_ALLOWED,
        "700006": FailureKind.IP_NOT_ALLOWED,
        "700007": FailureKind.MISSING_RIGHT,
        "700003": FailureKind.CLOCK_SKEW,
        "10073": FailureKind.CLOCK_SKEW,
        "510": FailureKind.RATE_LIMITED,
        "429": FailureKind.RATE_LIMITED,
        "503": FailureKind.UNAVAILABLE,
    },
    absent=frozenset({"1002"}),
    not_built=("Fiat, Earn, bots and copy trading",),
    ledger="mexc_ledger",
)
