"""Gate.io: every wallet in the venue's total, which is the only one that knows bots and structured products.

Classic accounts are worth what `total_balance` says (up to a minute old); the wallets say what it consists of. A
unified account replaces spot, margin and derivatives and states its own equity in dollars.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import Holding, StatedTotal, UnreadableWallet, VenueWallet, Wallet
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.hollow import hollow
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.tickers import TickerList, by_symbol, joined
from portfolio_bot.platforms.venue import REFUSALS, Api, Login, Refused, Venue, WalletAnswer, WalletReader, upper

UNIFIED = "unified"
FINANCE = "finance"
VOUCHERS = frozenset({"POINT"})
"""Pay fees and nothing else; there is a market, but no price is right for a voucher."""

_ADDRESS = re.compile(r"\bip\b", re.IGNORECASE)
_BESIDE_UNIFIED = ("quant", "warrant", "cbbc")
_PLACES = {
    "spot": Wallet.SPOT, "margin": Wallet.MARGIN, "cross_margin": Wallet.MARGIN, "futures": Wallet.FUTURES,
    "delivery": Wallet.FUTURES, "options": Wallet.OPTIONS, "finance": Wallet.EARN, "quant": Wallet.OTHER,
    "warrant": Wallet.OTHER, "cbbc": Wallet.OTHER,
}  # fmt: skip
"""Lines of the venue's total, and where their rows stand here; bots (quant) have none."""

PAGE = 100
_TRADES = frozenset({"spot", "margin", "futures", "delivery", "options", "unified", "earn", "loan", "copy"})


async def unified(api: Api) -> WalletAnswer:
    """The unified account by coin; its own equity in dollars is what it is worth."""
    answer = await _unified(api)
    if answer is None:
        return WalletAnswer()
    balances = table(answer, "balances")
    holdings = [
        Holding(upper(name), Wallet.UNIFIED, amount(table(balances, name), "equity"), part=UNIFIED) for name in balances
    ]
    equity = amount(table(answer), "unified_account_total_equity")
    return WalletAnswer(tuple(_money(holdings)), StatedTotal(equity, "USD", UNIFIED))


async def total(api: Api) -> WalletAnswer:
    """What everything is worth, in USDT; beside a unified account, what lies outside of it."""
    answer, beside_unified = await asyncio.gather(_total(api), _is_unified(api))
    sums, details = table(answer, "total"), table(answer, "details")
    worth = amount(sums, "amount") + amount(sums, "unrealised_pnl", blank=ZERO) - amount(sums, "borrowed", blank=ZERO)
    stated = StatedTotal(worth, "USDT")
    if not beside_unified:
        return WalletAnswer(stated=stated, overview=_overview(details))
    return WalletAnswer(
        tuple(Holding("USDT", Wallet.OTHER, _detail(details, kind)) for kind in _BESIDE_UNIFIED),
        stated=StatedTotal(_detail(details, FINANCE), "USDT", FINANCE),
        venue_total=stated,
        wallets=tuple(kind for kind in _BESIDE_UNIFIED if _detail(details, kind)),
    )


async def spot(api: Api) -> WalletAnswer:
    """Spot, which is the funding wallet too."""
    if await _is_unified(api):
        return WalletAnswer()
    found = rows(await api.call("private_spot_get_accounts"))
    holdings = (Holding(_coin(row), Wallet.SPOT, amount(row, "available") + amount(row, "locked")) for row in found)
    return WalletAnswer(tuple(_money(holdings)))


async def margin(api: Api) -> WalletAnswer:
    """Isolated margin: both coins of each pair, less debt and interest; and the cross margin of former days."""
    if await _is_unified(api):
        return WalletAnswer()
    pairs = rows(await api.call("private_margin_get_accounts"))
    isolated = [
        _net(table(pair, side), text(table(pair, side), "currency")) for pair in pairs for side in ("base", "quote")
    ]
    if not await _shows(api, "cross_margin"):
        return WalletAnswer(tuple(_money(isolated)))
    cross = await _product(api, Product("Cross margin", "private_margin_get_cross_accounts", _cross))
    return WalletAnswer((*_money(isolated), *cross.holdings), unreadable=cross.unreadable)


async def futures(api: Api) -> WalletAnswer:
    """Perpetual and delivery contracts: `total` leaves the unrealised result out."""
    if await _is_unified(api):
        return WalletAnswer()
    perpetual, delivery = "private_futures_get_settle_accounts", "private_delivery_get_settle_accounts"
    kept = ((perpetual, "usdt"), (perpetual, "btc"), (delivery, "usdt"))
    answers = await asyncio.gather(*(api.look(method, {"settle": settle}) for method, settle in kept))
    return WalletAnswer(
        tuple(
            Holding(upper(settle), Wallet.FUTURES, _with_result(table(answer)))
            for (_, settle), answer in zip(kept, answers, strict=True)
            if answer is not None
        )
    )


async def options(api: Api) -> WalletAnswer:
    """Options, at the venue's equity; they are settled in USDT. An empty list is an account that was never opened."""
    if await _is_unified(api):
        return WalletAnswer()
    answer = await api.look("private_options_get_accounts")
    if answer is None or answer == []:
        return WalletAnswer()
    return WalletAnswer((Holding("USDT", Wallet.OPTIONS, amount(table(answer), "equity")),))


async def earn(api: Api) -> WalletAnswer:
    """Lend & Earn; other products only if the venue's total shows something in earn, since few people have them."""
    found = rows(await api.call("private_earn_get_uni_lends"))
    lent = [Holding(_coin(row), Wallet.EARN, amount(row, "amount"), part=FINANCE) for row in found]
    if not await _shows(api, FINANCE):
        return WalletAnswer(tuple(lent))
    others = await asyncio.gather(*(_product(api, product) for product in EARN_PRODUCTS))
    return WalletAnswer(
        (*lent, *(row for other in others for row in other.holdings)),
        unreadable=tuple(entry for other in others for entry in other.unreadable),
    )


@dataclass(frozen=True, slots=True)
class Product:
    """A product that is asked for where the venue's total shows that there may be something in it.

    Attributes:
        name: as people know it.
        method: its call.
        read: what the answer holds.
        params: of the call.
    """

    name: str
    method: str
    read: Callable[[object], Iterable[Holding]]
    params: Mapping[str, object] = field(default_factory=dict)


async def _product(api: Api, product: Product) -> WalletAnswer:
    """What lies in it; named where the key may not read it. Its worth is in the venue's total in any case."""
    try:
        answer = await api.look(product.method, product.params)
    except Refused as error:
        kind = error.failure.kind
        if kind in REFUSALS or kind is FailureKind.BAD_ANSWER:
            reason = "not_built" if kind is FailureKind.BAD_ANSWER else "missing_right"
            return WalletAnswer(unreadable=(UnreadableWallet(product.name, reason),))
        raise
    return WalletAnswer() if hollow(answer) else WalletAnswer(tuple(_money(product.read(answer))))


def _cross(answer: object) -> Iterable[Holding]:
    balances = table(answer, "balances")
    return (_net(table(balances, name), name, locked="freeze") for name in balances)


def _staked(answer: object) -> Iterable[Holding]:
    return (_earning(row, "mortgage_coin", "mortgage_amount") for row in rows(answer))


def _dual(answer: object) -> Iterable[Holding]:
    running = {"INIT", "SETTLEMENT_PROCESSING"}
    return (_earning(row, "invest_currency", "invest_amount") for row in rows(answer) if row.get("status") in running)


def _structured(answer: object) -> Iterable[Holding]:
    return (_earning(row, "lock_coin", "amount") for row in rows(answer) if row.get("status") == "SUCCESS")


def _fixed(answer: object) -> Iterable[Holding]:
    return (_earning(row, "asset", "principal") for row in rows(answer, "data", "list"))


def _earning(row: Row, coin: str, size: str) -> Holding:
    return Holding(upper(text(row, coin)), Wallet.EARN, amount(row, size), part=FINANCE)


EARN_PRODUCTS = (
    Product("Staking", "private_earn_get_staking_assets", _staked),
    Product("Dual investment", "private_earn_get_dual_orders", _dual, {"page": 1, "limit": PAGE}),
    Product("Structured products", "private_earn_get_structured_orders", _structured, {"page": 1, "limit": PAGE}),
    Product(
        "Fixed-term lending",
        "private_earn_get_fixed_term_user_lend",
        _fixed,
        {"order_type": 1, "page": 1, "limit": PAGE},
    ),
)


async def tickers(api: Api) -> TickerList:
    """Spot markets; none of them is in dollars."""
    found = by_symbol(rows(await api.call("public_spot_get_tickers")), "currency_pair")
    return TickerList(found, joined("_"), "last", "highest_bid", "lowest_ask")


async def identity(api: Api) -> Login | None:
    """The number of the user."""
    return Login(text(table(await api.once("private_account_get_detail")), "user_id"))


async def rights(api: Api) -> KeyRights:
    """What the list of keys says of this one, if the key may read the list; else nothing but its addresses."""
    try:
        answer = await api.call("private_account_get_main_keys")
    except Refused as error:
        if error.failure.retry_at is not None:
            raise  # it wants to be left alone
        detail = table(await api.once("private_account_get_detail"))
        return KeyRights(
            ip_bound=bool(detail.get("ip_whitelist")), notes=("Gate.io does not say what this key may do",)
        )
    keys = rows(answer) if isinstance(answer, list) else (table(answer),)
    granted = [right for key in keys for right in rows(key, "perms")]
    acting = {text(right, "name").lower() for right in granted if right.get("read_only") is not True}
    if acting and len(keys) != 1:
        return KeyRights(notes=("Gate.io does not say which of its keys this one is",))
    return KeyRights(
        read_only=not acting,
        can_trade=bool(acting & _TRADES),
        can_transfer="wallet" in acting,
        # the list does not tell a wallet that may move money from one that may send it away
        can_withdraw=True if acting & {"withdraw", "withdrawal"} else None if "wallet" in acting else False,
        ip_bound=all(bool(key.get("ip_whitelist")) for key in keys) if keys else None,
    )


def code(_status: int, answer: object) -> str | None:
    """Only refusals carry a `label`; one label stands for an address and for a right, told apart by its words."""
    if isinstance(answer, list):
        return None
    row = table(answer)
    if row.get("label") is None:
        return None
    label = text(row, "label")
    return "FORBIDDEN IP" if label == "FORBIDDEN" and _ADDRESS.search(str(row.get("message", ""))) else label


async def _unified(api: Api) -> object | None:
    """The unified account; None where it was never opened. Asked once for all wallets."""
    return await api.once("private_unified_get_accounts")


async def _is_unified(api: Api) -> bool:
    """Whether it replaces the other wallets. A key that it refuses still sees them, and the total stands."""
    try:
        return await _unified(api) is not None
    except Refused as error:
        if error.failure.kind in REFUSALS:
            return False
        raise


async def _total(api: Api) -> object:
    """The venue's total, asked once for all wallets."""
    return await api.once("private_wallet_get_total_balance", {"currency": "USDT"})


async def _shows(api: Api, kind: str) -> bool:
    """Whether the venue's total has something of this kind; a key that may not read it cannot tell."""
    try:
        return bool(_detail(table(await _total(api), "details"), kind))
    except Refused as error:
        if error.failure.kind in REFUSALS:
            return True
        raise


def _overview(details: Row) -> tuple[VenueWallet, ...]:
    return tuple(
        VenueWallet(kind, _PLACES[kind], _detail(details, kind), "USDT") for kind in _PLACES if kind in details
    )


def _coin(row: Row) -> Asset:
    return upper(text(row, "currency"))


def _net(row: Row, coin: str, locked: str = "locked") -> Holding:
    owned = amount(row, "available") + amount(row, locked) - amount(row, "borrowed") - amount(row, "interest")
    return Holding(upper(coin), Wallet.MARGIN, owned)


def _with_result(row: Row) -> Decimal:
    """Positions of the newer cross mode have a result of their own."""
    results = amount(row, "unrealised_pnl", blank=ZERO) + amount(row, "cross_unrealised_pnl", blank=ZERO)
    return amount(row, "total") + results


def _money(found: Iterable[Holding]) -> list[Holding]:
    return [row for row in found if row.asset not in VOUCHERS]


def _detail(details: Row, kind: str) -> Decimal:
    if kind not in details:
        return ZERO
    row = table(details, kind)
    return amount(row, "amount") + amount(row, "unrealised_pnl", blank=ZERO) - amount(row, "borrowed", blank=ZERO)


VENUE = Venue(
    source="gateio",
    ccxt_id="gate",
    wallets=(
        WalletReader("Total balance", total),
        WalletReader("Unified account", unified),
        WalletReader("Spot", spot),
        WalletReader("Margin", margin),
        WalletReader("Futures", futures),
        WalletReader("Options", options),
        WalletReader("Earn", earn),
    ),
    tickers=tickers,
    ledger="gate_ledger",
    rights=rights,
    identity=identity,
    code=code,
    causes={
        "INVALID_KEY": FailureKind.BAD_KEY,
        "INVALID_SIGNATURE": FailureKind.BAD_KEY,
        "INVALID_CREDENTIALS": FailureKind.BAD_KEY,
        "AUTHENTICATION_FAILED": FailureKind.BAD_KEY,
        "FORBIDDEN IP": FailureKind.IP_NOT_ALLOWED,
        "IP_FORBIDDEN": FailureKind.IP_NOT_ALLOWED,
        "FORBIDDEN": FailureKind.MISSING_RIGHT,
        "READ_ONLY": FailureKind.MISSING_RIGHT,
        "REQUEST_EXPIRED": FailureKind.CLOCK_SKEW,
        "TOO_MANY_REQUESTS": FailureKind.RATE_LIMITED,
        "TOO_FAST": FailureKind.RATE_LIMITED,
        "SERVER_ERROR": FailureKind.UNAVAILABLE,
        "INTERNAL": FailureKind.UNAVAILABLE,
        "SERVICE_UNAVAILABLE": FailureKind.UNAVAILABLE,
        "ACCOUNT_LOCKED": FailureKind.ACCOUNT_FROZEN,
    },
    absent=frozenset({"USER_NOT_FOUND"}),
    elsewhere=frozenset({"INVALID_KEY"}),
)
