"""OKX: trading, funding, flexible savings, on-chain earn; see `okx_products` for the rest. API: v5."""

from __future__ import annotations

from dataclasses import replace

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.statement import StatedTotal, UnreadableWallet, VenueWallet, Wallet
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.strict import amount, first, maybe, table, text
from portfolio_bot.platforms.venue import Api, Login, Role, Venue, WalletAnswer, WalletReader
from portfolio_bot.platforms.venues.okx_products import (
    ABOUT_KEY,
    IN_DOLLARS,
    VALUATION,
    dual_investment,
    flexible_loans,
    funding_rows,
    non_tradable,
    okusd,
    on_chain_rows,
    savings_rows,
    sub_accounts,
    tickers,
    trading_rows,
)

TRADING = "private_get_account_balance"
UNIFIED = "unified"
_OVERVIEW = {"trading": Wallet.UNIFIED, "funding": Wallet.FUNDING, "earn": Wallet.EARN}


async def trading(api: Api) -> WalletAnswer:
    """Spot, margin, derivatives, strategies. `totalEq` is what it is worth; "" means not applicable."""
    equity = maybe(first(await api.once(TRADING), "data"), "totalEq")
    return WalletAnswer(
        tuple(replace(row, part=UNIFIED) for row in await trading_rows(api, TRADING)),
        None if equity is None else StatedTotal(equity, "USD", UNIFIED),
    )


async def funding(api: Api) -> WalletAnswer:
    """The funding account."""
    return WalletAnswer(await funding_rows(api))


async def savings(api: Api) -> WalletAnswer:
    """Simple earn, flexible."""
    return WalletAnswer(await savings_rows(api))


async def on_chain_earn(api: Api) -> WalletAnswer:
    """Active orders of staking and DeFi, those that are being redeemed too."""
    return WalletAnswer(await on_chain_rows(api))


async def valuation(api: Api) -> WalletAnswer:
    """The venue's rough figure for everything; its parts need not add up to it."""
    answer = first(await api.once(VALUATION, IN_DOLLARS), "data")
    parts = table(answer, "details")
    classic = maybe(parts, "classic")
    return WalletAnswer(
        venue_total=StatedTotal(amount(answer, "totalBal"), "USD"),
        overview=tuple(
            VenueWallet(name, wallet, worth, "USD")
            for name, wallet in _OVERVIEW.items()
            if (worth := maybe(parts, name)) is not None
        ),
        unreadable=(UnreadableWallet("Classic account", "not_built"),) if classic else (),
    )


async def identity(api: Api) -> Login | None:
    """A sub-account names its main account, a main account itself."""
    row = first(await api.once(ABOUT_KEY), "data")
    uid = text(row, "uid")
    main = text(row, "mainUid") if row.get("mainUid") else uid
    return Login(uid, "" if main == uid else main)


async def rights(api: Api) -> KeyRights:
    """`perm` is a list in one text, in any order. The right to trade includes moves between own accounts."""
    row = first(await api.once(ABOUT_KEY), "data")
    granted = frozenset(part.strip() for part in text(row, "perm").split(","))
    acts = bool(granted - {"read_only"})
    bound = bool(row.get("ip"))
    notes = []
    if acts and not bound:
        notes.append("not bound to an address: it lapses after 14 days without use")
    if row.get("mainUid") not in {None, "", row.get("uid")}:
        notes.append("the key of a sub-account: the main account is not in it")
    return KeyRights(
        read_only=not acts,
        can_trade="trade" in granted,
        can_transfer="trade" in granted,
        can_withdraw="withdraw" in granted,
        ip_bound=bound,
        notes=tuple(notes),
    )


def code(_status: int, answer: object) -> str | None:
    """`code` 0 with a list of `data` is success."""
    found = text(table(answer), "code")
    if found != "0":
        return found
    if not isinstance(table(answer).get("data"), list):
        raise SourceError.of(FailureKind.BAD_ANSWER, "data is not a list")
    return None


VENUE = Venue(
    source="okx",
    ccxt_id="okx",
    wallets=(
        WalletReader("Trading", trading),
        WalletReader("Funding", funding),
        WalletReader("Simple Earn", savings, Role.EXTRA),
        WalletReader("On-chain Earn", on_chain_earn, Role.EXTRA),
        WalletReader("Dual Investment", dual_investment, Role.EXTRA),
        WalletReader("OKUSD", okusd, Role.EXTRA),
        WalletReader("Flexible Loans", flexible_loans, Role.EXTRA),
        WalletReader("Non-tradable assets", non_tradable, Role.EXTRA),
        WalletReader("Sub-accounts", sub_accounts, Role.EXTRA),
        WalletReader("Valuation", valuation, Role.CHECK),
    ),
    tickers=tickers,
    rights=rights,
    identity=identity,
    code=code,
    causes={
        "50105": FailureKind.BAD_KEY,
        "50111": FailureKind.BAD_KEY,
        "50113": FailureKind.BAD_KEY,
        "50114": FailureKind.BAD_KEY,
        "50119": FailureKind.BAD_KEY,
        "50101": FailureKind.WRONG_REGION,
        "50110": FailureKind.IP_NOT_ALLOWED,
        "50030": FailureKind.MISSING_RIGHT,
        "50120": FailureKind.MISSING_RIGHT,
        "50102": FailureKind.CLOCK_SKEW,
        "50112": FailureKind.CLOCK_SKEW,
        "50011": FailureKind.RATE_LIMITED,
        "50001": FailureKind.MAINTENANCE,
        "50004": FailureKind.UNAVAILABLE,
        "50026": FailureKind.UNAVAILABLE,
        "50007": FailureKind.ACCOUNT_FROZEN,
        "50100": FailureKind.ACCOUNT_FROZEN,
    },
    elsewhere=frozenset({"50119"}),
    ledger="okx_ledger",
)
