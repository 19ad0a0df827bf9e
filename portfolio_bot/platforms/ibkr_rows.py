"""What the sections of a Flex statement's past have in common: whose a row is, when it was, what identifies it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import Currency
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import NOT_PRICED, Worth, WorthSource
from portfolio_bot.platforms.ibkr_calendar import NEW_YORK
from portfolio_bot.platforms.ibkr_xml import number, time_of, value
from portfolio_bot.platforms.sub_accounts import SHORT, masked, shown

CONSOLIDATED = "-"

_SIGNED: Mapping[FlowKind, tuple[FlowKind, FlowKind]] = {
    FlowKind.DEPOSIT: (FlowKind.DEPOSIT, FlowKind.WITHDRAWAL),
    FlowKind.INCOME: (FlowKind.INCOME, FlowKind.FEE),
}
"""Class of what comes and of what goes. Every other kind takes either sign."""

_PENCE = {"GBX": "GBP", "GBp": "GBP"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a row needs to become a record.

    Attributes:
        account: whose records are made.
        read_date: dates as this file writes them.
        keys: by IBKR's number, what stands for each account that the statements are about.
        bases: by number, the base currency of those accounts of which it is known.
    """

    account: AccountId
    read_date: Callable[[str], date]
    keys: Mapping[str, str]
    bases: Mapping[str, Currency] = field(default_factory=dict)

    def rows(self, statements: Sequence[Element], tag: str, repeated: frozenset[str]) -> Iterator[tuple[str, Element]]:
        """Rows of a section with the number of their account, without those that repeat others.

        Args:
            repeated: values of `levelOfDetail`, upper case, that add nothing to the others.
        """
        for statement in statements:
            owner = value(statement, "accountId") or CONSOLIDATED
            for row in statement.iter(tag):
                number_ = value(row, "accountId") or owner
                if number_ in self.keys and (value(row, "levelOfDetail") or "").upper() not in repeated:
                    yield number_, row

    def moment(self, row: Element, *names: str) -> datetime | date:
        """The instant that the first of these attributes tells, or the day of it where only that is known.

        Raises:
            SourceError: `bad_answer`: there is none.
        """
        for name in names:
            text = value(row, name)
            if text is None or not text[0].isdigit():
                continue  # a row that stands for several says MULTI
            day, clock = self.read_date(text), time_of(text)
            if clock is None:
                return day
            return datetime.combine(day, clock, NEW_YORK.zone).astimezone(UTC)
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{row.tag} has no date")

    def id_of(self, row: Element, number_: str, at: datetime | date, *more: object) -> str:
        """IBKR's own id, else one that is made of what the row says: a row that comes twice is the same row.

        In front stands whose it is, so that the records of one account can be told from those of another.
        """
        own = value(row, "transactionID")
        if own is not None:
            return self.owned(number_, shown(own))
        parts = (self.keys[number_], row.tag, at.isoformat(), *more, value(row, "description"), value(row, "actionID"))
        return self.owned(number_, hashlib.sha256(repr(parts).encode()).hexdigest()[:16])

    def owned(self, number_: str, own: str) -> str:
        """An id within one account, as an id within all of them."""
        return f"{self.keys[number_][:SHORT]}:{own}"

    def dollars(self, number_: str, in_base: Decimal | None) -> Worth | Unknown:
        """What IBKR says that something is worth, where its base currency is the dollar."""
        if in_base is None or self.bases.get(number_) != "USD":
            return NOT_PRICED
        return Worth(in_base, WorthSource.VENUE_VALUE)

    def names(self, origin: str, to: str) -> str:
        """`from → to`, masked."""
        return f"{masked(origin)} → {masked(to)}"


def money(row: Element, amount: Decimal) -> tuple[Asset, Decimal]:
    """An amount in the row's currency; pence are pounds.

    Raises:
        SourceError: `bad_answer`: the row has no currency.
    """
    currency = value(row, "currency")
    if currency is None:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{row.tag} has no currency")
    if currency in _PENCE:
        return _PENCE[currency], amount.scaleb(-2)
    return shown(currency).upper(), amount


def in_base(row: Element, amount: Decimal) -> Decimal | None:
    """An amount of the row's currency in the account's base currency; None without a rate."""
    rate = number(row, "fxRateToBase")
    return amount * rate if rate is not None and rate > 0 else None


def signed(kind: FlowKind, amount: Decimal) -> FlowKind:
    """The class of a movement by its sign."""
    came, went = _SIGNED.get(kind, (kind, kind))
    return came if amount > 0 else went


def cash_flow(
    scope: Scope, number_: str, row: Element, kind: FlowKind, at: datetime | date, amount: Decimal, word: str
) -> CashFlow:
    """A movement of money in the row's own currency."""
    asset, moved = money(row, amount)
    usd: Worth | Unknown = NOT_PRICED
    if asset != "USD":
        usd = scope.dollars(number_, in_base(row, amount))
    key = scope.id_of(row, number_, at, asset, amount, word, value(row, "symbol"))
    return CashFlow(key, scope.account, signed(kind, amount), at, asset, moved, usd, detail=word)
