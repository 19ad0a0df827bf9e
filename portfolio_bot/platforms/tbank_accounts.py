"""The accounts inside a token, as `UsersService/GetAccounts` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portfolio_bot.model.failure import SourceError
from portfolio_bot.platforms.paging import iso_moment
from portfolio_bot.platforms.strict import Row
from portfolio_bot.platforms.sub_accounts import Identities, shown
from portfolio_bot.platforms.tbank_money import text

_NO_YEAR = 1970
"""Of a date that stands for none."""

_TITLES: Mapping[str, str] = {
    "ACCOUNT_TYPE_TINKOFF": "Brokerage account",
    "ACCOUNT_TYPE_TINKOFF_IIS": "Individual investment account",
    "ACCOUNT_TYPE_INVEST_BOX": "Invest box",
    "ACCOUNT_TYPE_INVEST_FUND": "Fund account",
    "ACCOUNT_TYPE_DEBIT": "Debit account",
    "ACCOUNT_TYPE_SAVING": "Savings account",
}


@dataclass(frozen=True, slots=True)
class Inner:
    """An account as the token sees it.

    Attributes:
        number: its real id; it goes nowhere but to T-Bank.
        key: the keyed hash that stands for it.
        name: as the owner named it there, else its type.
        opened: before this nothing can have happened there; None if it is not told.
    """

    number: str
    key: str
    name: str
    kind: str
    status: str
    access: str
    opened: datetime | None = None

    @property
    def closed(self) -> bool:
        """The venue itself says that it is gone."""
        return self.status == "ACCOUNT_STATUS_CLOSED"

    @property
    def tried(self) -> bool:
        """A type or status that we do not know yet is tried, never skipped; one not open yet holds nothing."""
        return not self.closed and self.status != "ACCOUNT_STATUS_NEW" and not self.hidden

    @property
    def hidden(self) -> bool:
        """The token has no access to it."""
        return self.access == "ACCOUNT_ACCESS_LEVEL_NO_ACCESS"

    @property
    def is_box(self) -> bool:
        """An Invest box, whose value the API never told."""
        return self.kind == "ACCOUNT_TYPE_INVEST_BOX"

    @property
    def full(self) -> bool:
        """The token may trade there and move money."""
        return self.access == "ACCOUNT_ACCESS_LEVEL_FULL_ACCESS"


def inner_account(row: Row, who: Identities) -> Inner:
    """One row of the list.

    Raises:
        SourceError: `bad_answer`: it has no id.
    """
    number = text(row, "id")
    kind = text(row, "type", "")
    name = shown(text(row, "name", "")) or _TITLES.get(kind, "Account")
    status, access = text(row, "status", ""), text(row, "accessLevel", "")
    return Inner(number, who.key(number), name, kind, status, access, _opened(row))


def _opened(row: Row) -> datetime | None:
    try:
        found = iso_moment(row, "openedDate")
    except SourceError:
        return None  # nothing hangs on it but some requests
    return found if found.year > _NO_YEAR else None
