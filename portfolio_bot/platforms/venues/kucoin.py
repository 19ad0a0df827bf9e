"""KuCoin: main and trading accounts, margin, futures, earn, lending, sub-accounts; or the unified account.

Classic accounts have no total of the venue's own. Futures answer only a key with the Futures permission.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import Holding, UnreadableWallet, Wallet
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.tickers import TickerList, by_symbol, joined
from portfolio_bot.platforms.venue import Api, Inside, Login, Role, Venue, WalletAnswer, WalletReader, upper

PAGE = 100
ABOUT_KEY = "private_get_user_api_key"
SETTLED_IN = ("USDT", "USDC", "XBT", "ETH", "SOL", "XRP", "DOT")
"""Currencies that a futures account can be kept in; each is a call of its own."""

_KINDS: Mapping[str, Wallet | None] = {
    "main": Wallet.FUNDING,
    "trade": Wallet.SPOT,
    "trade_hf": Wallet.SPOT,
    "pool": Wallet.EARN,
    # read by calls of their own, which know the debt
    "margin": None,
    "margin_v2": None,
    "isolated": None,
    "isolated_v2": None,
    "contract": None,
}
_TRADES = frozenset({"Spot", "Trade", "Margin", "Futures", "Unified", "Earn"})
_WITHDRAWS = frozenset({"Transfer", "Withdrawal"})
_TRANSFERS = frozenset({"InnerTransfer", "Transfer", "FlexTransfers", "Withdrawal"})


async def accounts(api: Api) -> WalletAnswer:
    """Main and trading accounts; in unified mode the one that is left beside it."""
    if await is_unified(api):
        answer = await api.call("utaprivate_get_account_balance", {"accountType": "FUNDING"})
        return WalletAnswer(tuple(_currencies(answer, Wallet.FUNDING)))
    found = _listed(await api.call("private_get_accounts"))
    return WalletAnswer(
        tuple(
            Holding(_name(text(row, "currency")), wallet, amount(row, "balance"))
            for row in found
            if (wallet := _KINDS.get(text(row, "type"), Wallet.OTHER)) is not None
        )
    )


async def unified(api: Api) -> WalletAnswer:
    """The unified account by coin: equity is what is left after debt."""
    if not await is_unified(api):
        return WalletAnswer()
    answer = await api.call("utaprivate_get_accountmode_account_balance", {"accountMode": "unified"})
    return WalletAnswer(tuple(_currencies(answer, Wallet.UNIFIED)))


async def cross_margin(api: Api) -> WalletAnswer:
    """Each coin less its debt, which holds the interest already."""
    if await is_unified(api):
        return WalletAnswer()
    answer = await api.call("private_get_margin_accounts", {"quoteCurrency": "USDT"})
    return WalletAnswer(tuple(_net(row) for row in _listed(answer, "accounts")))


async def isolated_margin(api: Api) -> WalletAnswer:
    """Both coins of each pair, less their debt."""
    if await is_unified(api):
        return WalletAnswer()
    answer = await api.call("private_get_isolated_accounts", {"quoteCurrency": "USDT"})
    pairs = _listed(answer, "assets")
    return WalletAnswer(tuple(_net(table(pair, side)) for pair in pairs for side in ("baseAsset", "quoteAsset")))


async def futures(api: Api) -> WalletAnswer:
    """Equity per settlement currency, with the unrealised result inside."""
    if await is_unified(api):
        return WalletAnswer()
    method = "futuresprivate_get_account_overview"
    answers = await asyncio.gather(*(api.call(method, {"currency": currency}) for currency in SETTLED_IN))
    return WalletAnswer(
        tuple(
            Holding(_futures_name(currency), Wallet.FUTURES, amount(table(answer, "data"), "accountEquity"))
            for currency, answer in zip(SETTLED_IN, answers, strict=True)
        )
    )


async def earn(api: Api) -> WalletAnswer:
    """What is held in earn products; what is being redeemed is part of it and still owned."""
    found = await _pages(api, "earn_get_earn_hold_assets", {"pageSize": PAGE})
    return WalletAnswer(
        tuple(Holding(_name(text(row, "currency")), Wallet.EARN, amount(row, "holdAmount")) for row in found)
    )


async def lending(api: Api) -> WalletAnswer:
    """What was lent out and not taken back, whether it has found a borrower or still waits for one."""
    found = [
        row
        for status in ("DONE", "PENDING")
        for row in await _pages(api, "private_get_purchase_orders", {"status": status, "pageSize": 50})
    ]
    return WalletAnswer(
        tuple(
            Holding(
                _name(text(row, "currency")),
                Wallet.EARN,
                amount(row, "purchaseSize") - amount(row, "redeemSize", blank=ZERO),
            )
            for row in found
        )
    )


async def sub_accounts(api: Api) -> WalletAnswer:
    """What lies in the sub-accounts of a main account; trading bots keep their coins in some of their own."""
    about = table(await api.once(ABOUT_KEY), "data")
    if about.get("isMaster") is not True:
        return WalletAnswer()
    users = await _pages(api, "private_get_sub_user", {"pageSize": PAGE})
    if not users:
        return WalletAnswer()
    if await is_unified(api):
        return WalletAnswer(unreadable=(UnreadableWallet("Sub-accounts", "not_built"),))
    spot, derivatives = await asyncio.gather(
        _pages(api, "private_get_sub_accounts", {"pageSize": PAGE}), _futures_of_all(api)
    )
    held = {text(row, "subName"): _inside(row) for row in spot}
    names = {text(user, "subName"): text(user, "uid") for user in users}
    found = ((uid, name, (*held.get(name, ()), *derivatives.get(name, ()))) for name, uid in names.items())
    return WalletAnswer(
        inside=tuple(
            Inside(uid, "trading bot" if name.startswith("robot") else name, None, holdings)
            for uid, name, holdings in found
            if any(row.amount for row in holdings)
        ),
        unreadable=tuple(
            UnreadableWallet(f"Margin of sub-account {text(row, 'subName')}", "not_valued")
            for row in spot
            if _owes(row)
        ),
    )


def _inside(sub: Row) -> tuple[Holding, ...]:
    """Main and trading accounts of a sub-account."""
    kinds = {"mainAccounts": Wallet.FUNDING, "tradeAccounts": Wallet.SPOT, "tradeHFAccounts": Wallet.SPOT}
    held: dict[tuple[Asset, Wallet], Decimal] = {}
    for kind, wallet in kinds.items():
        for row in rows(sub, kind):
            place = (_name(text(row, "currency")), wallet)
            held[place] = held.get(place, ZERO) + amount(row, "balance")
    return tuple(Holding(asset, wallet, balance) for (asset, wallet), balance in held.items())


def _owes(sub: Row) -> bool:
    """Whether it has a margin account, whose balances are printed here without its debt."""
    return any(amount(row, "balance") for row in rows(sub, "marginAccounts"))


async def _futures_of_all(api: Api) -> Mapping[str, list[Holding]]:
    """Futures of the sub-accounts by their names."""
    method = "futuresprivate_get_account_overview_all"
    answers = await asyncio.gather(*(api.call(method, {"currency": currency}) for currency in SETTLED_IN))
    found: dict[str, list[Holding]] = {}
    for currency, answer in zip(SETTLED_IN, answers, strict=True):
        for row in rows(answer, "data", "accounts"):
            held = Holding(_futures_name(currency), Wallet.FUTURES, amount(row, "accountEquity"))
            found.setdefault(text(row, "accountName"), []).append(held)
    return found


async def _pages(api: Api, method: str, params: Mapping[str, object]) -> list[Row]:
    """All pages of a list."""
    found: list[Row] = []
    current, last = 0, 1
    while current < last:
        current += 1
        answer = await api.call(method, {**params, "currentPage": current})
        page = rows(answer, "data", "items")
        found += page
        last = int(amount(table(answer, "data"), "totalPage")) if page else 0
    return found


async def tickers(api: Api) -> TickerList:
    """Spot markets; none of them is in dollars."""
    answer = await api.call("public_get_market_alltickers")
    return TickerList(by_symbol(rows(answer, "data", "ticker"), "symbol"), joined("-"), "last", "buy", "sell")


async def identity(api: Api) -> Login | None:
    """Whose key it is; a sub-account does not name its main account."""
    return Login(text(table(await api.once(ABOUT_KEY), "data"), "uid"))


async def rights(api: Api) -> KeyRights:
    """Anything beyond General acts; `Transfer` is the right to withdraw."""
    answer = table(await api.once(ABOUT_KEY), "data")
    granted = {name.strip() for name in text(answer, "permission", longest=400).split(",")}
    return KeyRights(
        read_only=granted <= {"General"},
        can_trade=bool(granted & _TRADES),
        can_transfer=bool(granted & _TRANSFERS),
        can_withdraw=bool(granted & _WITHDRAWS),
        ip_bound=bool(answer.get("ipWhitelist")),
    )


def code(_status: int, answer: object) -> str | None:
    """`code` 200000 with `data` is success."""
    found = text(table(answer), "code")
    return None if found in {"200000", "200"} else found


async def is_unified(api: Api) -> bool:
    """Whether the owner switched to the unified account; asked once for all wallets."""
    answer = await api.once("utaprivate_get_account_mode")
    mode = text(table(answer, "data"), "selfAccountMode")
    if mode not in {"CLASSIC", "UNIFIED"}:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"data.selfAccountMode is {mode}")
    return mode == "UNIFIED"


def _listed(answer: object, *path: str) -> Sequence[Row]:
    """The list below `data`; an empty page says the same as an empty list."""
    data = table(answer).get("data")
    return () if isinstance(data, dict) and data.get("items") == [] else rows(answer, "data", *path)


def _currencies(answer: object, wallet: Wallet) -> list[Holding]:
    return [
        Holding(_name(text(row, "currency")), wallet, amount(row, "equity"))
        for account in rows(answer, "data", "accounts")
        for row in rows(account, "currencies")
    ]


def _net(row: Row) -> Holding:
    return Holding(_name(text(row, "currency")), Wallet.MARGIN, amount(row, "total") - amount(row, "liability"))


def _name(currency: str) -> Asset:
    return upper(currency)


def _futures_name(currency: str) -> Asset:
    """Futures say XBT for what spot calls BTC."""
    return "BTC" if currency == "XBT" else upper(currency)


VENUE = Venue(
    source="kucoin",
    ccxt_id="kucoin",
    wallets=(
        WalletReader("Main and trading accounts", accounts),
        WalletReader("Unified account", unified),
        WalletReader("Cross margin", cross_margin),
        WalletReader("Isolated margin", isolated_margin),
        WalletReader("Futures", futures),
        WalletReader("Earn", earn),
        WalletReader("Lending", lending, Role.EXTRA),
        WalletReader("Sub-accounts", sub_accounts, Role.EXTRA),
    ),
    tickers=tickers,
    ledger="kucoin_ledger",
    rights=rights,
    identity=identity,
    code=code,
    causes={
        "400003": FailureKind.BAD_KEY,
        "400004": FailureKind.BAD_KEY,
        "400005": FailureKind.BAD_KEY,
        "400006": FailureKind.IP_NOT_ALLOWED,
        "400007": FailureKind.MISSING_RIGHT,
        "400002": FailureKind.CLOCK_SKEW,
        "429000": FailureKind.RATE_LIMITED,
        "400302": FailureKind.GEO_BLOCKED,
        "403": FailureKind.GEO_BLOCKED,
        "500000": FailureKind.UNAVAILABLE,
        "411100": FailureKind.ACCOUNT_FROZEN,
    },
    not_built=("Copy trading and structured earn",),
)
