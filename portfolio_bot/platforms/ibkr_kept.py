"""What is kept of a Flex statement: enough to value it again for days, nothing personal, no account number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import (
    AccountId,
    Holding,
    Notice,
    StatedTotal,
    Statement,
    SubAccount,
    Wallet,
    WarningKind,
)
from portfolio_bot.platforms.ibkr_calendar import described
from portfolio_bot.platforms.ibkr_positions import Line
from portfolio_bot.platforms.ibkr_statement import AccountNav
from portfolio_bot.platforms.sub_accounts import Identities, masked

_VERSION = 1


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """One account: its masked number, the hash that stands for it, its NAV and what that consists of."""

    id: str
    key: str
    currency: str
    report_date: date
    total: Decimal
    reconstructed: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement.

    Attributes:
        asked: when it was asked for, aware UTC.
        query: a hash of the query it answers.
    """

    asked: datetime
    query: str
    accounts: tuple[KeptAccount, ...]

    @property
    def oldest(self) -> date:
        """The report date that the whole statement can claim."""
        return min(row.report_date for row in self.accounts)

    def asked_again(self, asked: datetime) -> Kept:
        """The same, confirmed as the newest there is."""
        return replace(self, asked=asked)

    def statement(self, account: AccountId) -> Statement:
        """As a source's answer, described at the end of its report date in New York."""
        moments = {row.key: described(row.report_date, self.asked) for row in self.accounts}
        currencies = {row.currency for row in self.accounts}
        return Statement(
            account=account,
            as_of=min(moments.values()),
            holdings=tuple(
                Holding(line.asset, line.wallet, line.amount, Money(line.worth, row.currency), row.key)
                for row in self.accounts
                for line in row.lines
            ),
            stated=tuple(StatedTotal(row.total, row.currency, row.key) for row in self.accounts),
            sub_accounts=tuple(
                SubAccount(row.id, row.key, row.id, row.total, row.currency, moments[row.key]) for row in self.accounts
            ),
            notices=tuple(Notice(WarningKind.RECONSTRUCTED, row.id) for row in self.accounts if row.reconstructed),
            native_currency=currencies.pop() if len(currencies) == 1 else None,
            wallets_read=tuple(row.id for row in self.accounts),
        )

    def dump(self) -> str:
        """As text for a source's memory."""
        rows = [
            [
                row.id,
                row.key,
                row.currency,
                row.report_date.isoformat(),
                str(row.total),
                row.reconstructed,
                [[line.asset, line.wallet, str(line.amount), str(line.worth)] for line in row.lines],
            ]
            for row in self.accounts
        ]
        return json.dumps([_VERSION, self.asked.isoformat(), self.query, rows], ensure_ascii=False)

    @classmethod
    def load(cls, text: str | None) -> Kept | None:
        """What `dump` wrote; None for nothing, or for what another version wrote: it is asked for again then."""
        if text is None:
            return None
        version, *rest = json.loads(text)
        if version != _VERSION:
            return None
        asked, query, rows = rest
        return cls(
            datetime.fromisoformat(asked),
            query,
            tuple(
                KeptAccount(
                    number,
                    key,
                    currency,
                    date.fromisoformat(day),
                    Decimal(total),
                    reconstructed,
                    tuple(
                        Line(name, Wallet(wallet), Decimal(amount), Decimal(worth))
                        for name, wallet, amount, worth in lines
                    ),
                )
                for number, key, currency, day, total, reconstructed, lines in rows
            ),
        )


def kept(found: Iterable[AccountNav], who: Identities, asked: datetime, query: str) -> Kept:
    """A parsed statement without what must not be kept."""
    return Kept(
        asked,
        query,
        tuple(
            KeptAccount(
                masked(nav.number),
                who.key(nav.number),
                nav.currency,
                nav.report_date,
                nav.total,
                nav.reconstructed,
                nav.lines,
            )
            for nav in found
        ),
    )
