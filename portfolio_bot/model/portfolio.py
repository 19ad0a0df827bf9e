"""A valued portfolio. A total is complete, provisional or incomplete, and no two of them share a field name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset, FxRate, PriceSource, Quote
from portfolio_bot.model.money import Currency, Money
from portfolio_bot.model.statement import AccountId, Notice, SubAccount, UnreadableWallet, Wallet


class ReadingState(StrEnum):
    """How fresh an account's value is (public names)."""

    LIVE = "live"
    CACHED = "cached"
    STALE = "stale"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Priced:
    """A holding with its value.

    Attributes:
        amount: exact; debt is negative.
        price: USD for one unit; derived from the venue's value at 18 significant digits where that stands.
        value: USD, exact: the venue's own value converted, or amount x price.
        source: where the price came from.
        as_of: the moment the price describes.
        covered: False only for the gap between rows and the venue's total.
    """

    asset: Asset
    wallet: Wallet
    amount: Decimal
    price: Decimal
    value: Decimal
    source: PriceSource
    as_of: datetime
    covered: bool = True


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A holding that has no price: listed with its amount, outside every total. It has no value at all."""

    asset: Asset
    wallet: Wallet
    amount: Decimal


Valued: TypeAlias = Priced | Unpriced


@dataclass(frozen=True, slots=True)
class Coverage:
    """The sum of what was read beside the venue's own total.

    Attributes:
        venue_total: USD.
        percent: what was read / venue's total x 100, exact; None when the venue's total is 0.
        gap: venue's total - what was read, USD.
        suspects: the venue's names of wallets whose value was not found, most suspect first.
    """

    venue_total: Decimal
    percent: Decimal | None
    gap: Decimal
    suspects: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Far above 100 % is as wrong as far below; a hundredth part is within what prices of two moments differ by."""
        return self.gap != 0 if self.percent is None else not 99 <= self.percent <= 101


@dataclass(frozen=True, slots=True)
class Compartment:
    """A wallet that answered, or an account inside the account.

    Attributes:
        name: the venue's own name of a wallet; what people call an inner account.
        value: USD: the sum of what is priced of it.
        key: of an inner account, as in `SubAccount`; "" for a wallet.
        within: the wallet that an inner account is read with and counted in; "" where it stands by itself.
    """

    name: str
    value: Decimal
    key: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account with a value.

    Attributes:
        as_of: the moment its value describes.
        total: USD: always the sum of its priced holdings.
        native_total: in `native_currency`, as the venue keeps it; None if mixed or unknown.
        failure: why it is stale; None otherwise.
        provisional_prices: assets whose last known price stands in.
        compartments: what it was read from, empty wallets included; none where that is not known.
    """

    id: AccountId
    name: str
    source: str
    state: ReadingState
    is_exchange: bool
    as_of: datetime
    holdings: tuple[Valued, ...]
    total: Money
    native_total: Decimal | None
    native_currency: Currency | None
    coverage: Coverage | None = None
    sub_accounts: tuple[SubAccount, ...] = ()
    unreadable: tuple[UnreadableWallet, ...] = ()
    notices: tuple[Notice, ...] = ()
    failure: Failure | None = None
    since: datetime | None = None
    provisional_prices: tuple[Asset, ...] = ()
    compartments: tuple[Compartment, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownAccount:
    """An account that never had a value, or whose currency has no rate. It has no total to add."""

    id: AccountId
    name: str
    source: str
    is_exchange: bool
    failure: Failure
    since: datetime | None = None
    native_currency: Currency | None = None


AccountValue: TypeAlias = KnownAccount | UnknownAccount


@dataclass(frozen=True, slots=True)
class Complete:
    """Every account live or cached, every known price and rate there: the only total that enters mathematics."""

    value: Money


@dataclass(frozen=True, slots=True)
class Provisional:
    """A last good value stands in: of the accounts in `stale`, or of the prices in `stale_prices`.

    What is on its way is there with the account that sent it.
    """

    best_known: Money
    stale: tuple[AccountId, ...]
    stale_prices: tuple[tuple[AccountId, Asset], ...] = ()


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Some account has never been seen: the figure is only "at least"."""

    at_least: Money
    missing: tuple[AccountId, ...]


Total: TypeAlias = Complete | Provisional | Incomplete


@dataclass(frozen=True, slots=True)
class InTransit:
    """Money between own accounts: part of the total, of no account.

    Attributes:
        amount: what is expected to arrive, > 0.
        value: USD, exact; Unknown without any price: then it is listed and outside the total, like such a holding.
        origin: the account that sent it.
        destination: the one that it goes to; None while that is not known.
        since: when it left.
        stands_in: the price that it is valued by, where that is not of now: it makes the total provisional.
    """

    asset: Asset
    amount: Decimal
    value: Decimal | Unknown
    origin: AccountId
    destination: AccountId | None
    since: datetime
    txid: str | None
    stands_in: Quote | None = None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Everything valued at one instant.

    Attributes:
        at: the moment of valuation, aware UTC.
        demo: the accounts are simulated.
        total_usd: the headline.
        total_rub: the same total in roubles by one rate; Unknown without a rate.
        crypto: USD of exchange accounts, stale values included; Unknown only if one of them failed.
        rates: every rate that took part, and USD/RUB always; by currency, as in `RateTable`.
    """

    at: datetime
    demo: bool
    accounts: tuple[AccountValue, ...]
    total_usd: Total
    total_rub: Total | Unknown
    crypto: Money | Unknown
    rates: Mapping[Currency, FxRate | Unknown]
    in_transit: tuple[InTransit, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def all_dark(self) -> bool:
        """No account answered; one that only lacks an exchange rate did."""
        return bool(self.accounts) and not any(_answered(account) for account in self.accounts)


def _answered(account: AccountValue) -> bool:
    if account.failure is not None:
        return account.failure.kind is FailureKind.NO_RATE
    return isinstance(account, KnownAccount) and account.state in {ReadingState.LIVE, ReadingState.CACHED}
