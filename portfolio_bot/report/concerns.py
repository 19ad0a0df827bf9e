"""What a portfolio wants its owner to know although it has a value: every warning once, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from portfolio_bot.model.instrument import Asset, PriceSource
from portfolio_bot.model.portfolio import Coverage, KnownAccount, Portfolio, Priced
from portfolio_bot.model.statement import AccountId, UnreadableWallet, WarningKind

LEAST_COVERAGE: Final = Decimal(99)
MOST_COVERAGE: Final = Decimal(101)


@dataclass(frozen=True, slots=True)
class Concern:
    """A warning about an account, or about the whole portfolio.

    Attributes:
        account: whose; None for the whole.
        name: the account's, as people know it.
        detail: what the sentence names: a coin, a day, an amount.
        coverage: for a gap beside the venue's own total.
        unreadable: for a wallet that is not in the total.
        when: of what moment the price is that stands in; None for an exchange rate, which has a date of its own.
    """

    kind: WarningKind
    account: AccountId | None = None
    name: str = ""
    detail: str = ""
    coverage: Coverage | None = None
    unreadable: UnreadableWallet | None = None
    when: datetime | None = None


def concerns_of(portfolio: Portfolio) -> tuple[Concern, ...]:
    """All of them, in the order of the accounts; those of the whole portfolio last."""
    found: dict[Concern, None] = {}
    for account in portfolio.accounts:
        if isinstance(account, KnownAccount):
            found |= dict.fromkeys(concerns_about(account))
    found |= dict.fromkeys(Concern(notice.kind, detail=notice.detail) for notice in portfolio.notices)
    return tuple(found)


def concerns_about(account: KnownAccount) -> Iterator[Concern]:
    """Those of one account."""
    who = (account.id, account.name)
    for notice in account.notices:
        yield Concern(notice.kind, *who, notice.detail)
    for wallet in account.unreadable:
        yield Concern(WarningKind.UNREADABLE_WALLET, *who, wallet.wallet, unreadable=wallet)
    if account.coverage is not None and is_gap(account.coverage):
        yield Concern(WarningKind.COVERAGE, *who, coverage=account.coverage)
    named = {notice.detail for notice in account.notices if notice.kind is WarningKind.ASSUMED_PAR}
    for asset, when in standing_in(account).items():
        if asset not in named:
            yield Concern(WarningKind.STALE_PRICE, *who, asset, when=when)


def standing_in(account: KnownAccount) -> Mapping[Asset, datetime | None]:
    """The assets whose price is not of now, with its moment; None where it is an exchange rate, or par."""
    moments = {
        row.asset: row.as_of
        for row in account.holdings
        if isinstance(row, Priced) and row.source is PriceSource.KNOWN_BEFORE
    }
    return {asset: moments.get(asset) for asset in account.provisional_prices}


def is_gap(coverage: Coverage) -> bool:
    """Whether what was read is too far from the venue's own total to stay silent about it."""
    if coverage.percent is None:
        return bool(coverage.gap)
    return not LEAST_COVERAGE <= coverage.percent <= MOST_COVERAGE
