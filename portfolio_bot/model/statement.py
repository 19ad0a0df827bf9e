"""What a source answered: holdings, the venue's prices and its own totals, all of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from portfolio_bot.model.instrument import Asset, Pair
from portfolio_bot.model.money import Currency, Money

AccountId: TypeAlias = str
"""`bybit`, `kraken-account1`: source, or source-label in lower case, and nothing else."""


class Wallet(StrEnum):
    """A compartment of an account; the names are public."""

    SPOT = "spot"
    UNIFIED = "unified"
    FUNDING = "funding"
    EARN = "earn"
    MARGIN = "margin"
    FUTURES = "futures"
    OPTIONS = "options"
    BOT = "bot"
    CASH = "cash"
    SECURITY = "security"
    OTHER = "other"


class WarningKind(StrEnum):
    """What an account wants its owner to know although it answered (public names)."""

    KEY_MAY_TRADE = "key_may_trade"
    KEY_MAY_TRANSFER = "key_may_transfer"
    KEY_MAY_WITHDRAW = "key_may_withdraw"
    KEY_EXPIRES = "key_expires"
    CLOCK_SKEW = "clock_skew"
    COVERAGE = "coverage"
    UNREADABLE_WALLET = "unreadable_wallet"
    ASSUMED_PAR = "assumed_par"
    MARKED_AT_PAR = "marked_at_par"
    DEPEG = "depeg"
    RECONSTRUCTED = "reconstructed"
    FX_DEVIATION = "fx_deviation"
    STALE_PRICE = "stale_price"
    COUNTED_ONCE = "counted_once"


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning as data; `report.words` makes the sentence.

    Attributes:
        kind: what it is about.
        detail: what the sentence names (a wallet, an amount, a date), already in plain notation.
    """

    kind: WarningKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """One asset in one wallet of an account.

    Attributes:
        asset: canonical name.
        wallet: where it lies.
        amount: exact; debt is negative; never zero.
        value: the venue's own value of the row in its own currency, where it prints one: it stands instead of a
            price. None otherwise.
        part: the part of the account that a `StatedTotal` speaks about (a wallet, a sub-account); "" for none.
        read_from: which of `Statement.wallets_read` told it; "" where that is not told. Where a row was found makes it
            no other row.
    """

    asset: Asset
    wallet: Wallet
    amount: Decimal
    value: Money | None = None
    part: str = ""
    read_from: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """What the venue itself says that a part of the account is worth.

    Attributes:
        amount: exact, may be negative.
        currency: a currency or a crypto dollar (`USD`, `RUB`, `USDT`).
        part: the `Holding.part` that it covers; None for the whole account.
        read_from: as in `Holding`.
    """

    amount: Decimal
    currency: Asset
    part: str | None = None
    read_from: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class VenueWallet:
    """A line of the venue's own overview: it tells in which wallet a gap lies, and is never added to anything.

    Attributes:
        name: the venue's own name for it (`UnifiedTradingAccount`).
        wallet: where its rows stand in this statement.
        amount: what the venue says it is worth, in `currency`.
    """

    name: str
    wallet: Wallet
    amount: Decimal
    currency: Asset


@dataclass(frozen=True, slots=True)
class SubAccount:
    """What lies inside a broker's credential.

    Attributes:
        id: masked (`U***4567`), safe to show.
        key: keyed hash of the real id: what identity hangs on.
        name: as the owner named it there, or the account's type.
        total: exact, in `currency`; None if the venue does not value it.
        as_of: the moment the total describes, aware UTC.
    """

    id: str
    key: str
    name: str
    total: Decimal | None
    currency: Currency
    as_of: datetime


@dataclass(frozen=True, slots=True)
class UnreadableWallet:
    """A wallet that is not in the total, and why: never skipped in silence, never zero.

    Attributes:
        wallet: the venue's own name for it (`USD-M futures`).
        reason: `missing_right` (the key may not read it), `not_built` (we do not read it yet),
            `not_valued` (the venue's API does not value it).
    """

    wallet: str
    reason: str = "missing_right"


@dataclass(frozen=True, slots=True)
class Statement:
    """One whole answer of one account. All or nothing: wallets of two moments count moved money twice.

    Attributes:
        account: whose.
        as_of: the moment that the values describe, aware UTC; not the moment of asking.
        holdings: one row per asset, wallet and part; no zero rows.
        prices: last trade prices on that venue, only of pairs that valuing these holdings needs; every price > 0.
        stated: totals of the venue that *are* the value of their part: what the rows leave open is one
            holding in wallet `other`.
        venue_total: the venue's own figure for the whole account, for reconciliation only; None if it has none.
        overview: the same by wallet, where the venue tells it, of the wallets that are read.
        sub_accounts: for brokers.
        unreadable: wallets that are missing here.
        notices: warnings that came with the answer.
        native_currency: the currency the venue keeps the account in; None if mixed.
        wallets_read: the venue's names of the wallets that answered, empty ones included.
    """

    account: AccountId
    as_of: datetime
    holdings: tuple[Holding, ...]
    prices: Mapping[Pair, Decimal] = field(default_factory=dict)
    stated: tuple[StatedTotal, ...] = ()
    venue_total: StatedTotal | None = None
    overview: tuple[VenueWallet, ...] = ()
    sub_accounts: tuple[SubAccount, ...] = ()
    unreadable: tuple[UnreadableWallet, ...] = ()
    notices: tuple[Notice, ...] = ()
    native_currency: Currency | None = "USD"
    wallets_read: tuple[str, ...] = ()
