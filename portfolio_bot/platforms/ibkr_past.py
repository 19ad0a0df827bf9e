"""What a Flex statement tells of the past, section by section, and over which days.

A query has only the sections that its owner ticked. One that is not there is not empty: it is named, with what to tick.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from xml.etree.ElementTree import Element

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import Currency
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.ibkr_cash import funds, transactions
from portfolio_bot.platforms.ibkr_moves import corporate_actions, prices, transfers
from portfolio_bot.platforms.ibkr_rows import CONSOLIDATED, Scope
from portfolio_bot.platforms.ibkr_statement import bases
from portfolio_bot.platforms.ibkr_trades import trades
from portfolio_bot.platforms.ibkr_xml import dates, value
from portfolio_bot.platforms.ledger import Record
from portfolio_bot.platforms.sub_accounts import Identities

OldPrice: TypeAlias = tuple[Asset, date, Decimal, Currency]
"""What one unit was worth on a day, in which currency."""


class Section(StrEnum):
    """Parts of the past; names of streams hang on them: never change one."""

    CASH = "cash"
    TRANSFERS = "transfers"
    TRADES = "trades"
    ACTIONS = "corporate actions"


TICK: Mapping[Section, str] = {
    Section.CASH: "Cash Transactions",
    Section.TRANSFERS: "Transfers",
    Section.TRADES: "Trades",
    Section.ACTIONS: "Corporate Actions",
}
"""What a section is called where queries are made."""

_CONTAINERS: Mapping[Section, tuple[str, ...]] = {
    Section.CASH: ("CashTransactions", "StmtFunds"),
    Section.TRANSFERS: ("Transfers",),
    Section.TRADES: ("Trades",),
    Section.ACTIONS: ("CorporateActions",),
}

_READERS: Mapping[Section, Callable[[Scope, Sequence[Element]], Sequence[Record]]] = {
    Section.CASH: transactions,
    Section.TRANSFERS: transfers,
    Section.TRADES: trades,
    Section.ACTIONS: corporate_actions,
}

_DATED: Mapping[str, tuple[str, ...]] = {
    "FlexStatement": ("fromDate", "toDate"),
    "CashTransaction": ("dateTime", "reportDate", "settleDate"),
    "StatementOfFundsLine": ("date", "reportDate", "settleDate"),
    "Transfer": ("dateTime", "date", "reportDate"),
    "Trade": ("dateTime", "tradeDate", "reportDate"),
    "Order": ("dateTime", "tradeDate", "reportDate"),
    "CorporateAction": ("dateTime", "reportDate"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """The past of one statement.

    Attributes:
        first, last: the days that it is about, both included.
        records: by section; a section that is neither here nor among the failures is not ticked.
        failures: why a section cannot be read: nothing of it counts then, and the others do.
        prices: of securities that were transferred.
        keys: what stands for each account that it is about.
    """

    first: date
    last: date
    records: Mapping[Section, tuple[Record, ...]]
    prices: tuple[OldPrice, ...] = ()
    keys: frozenset[str] = frozenset()
    failures: Mapping[Section, Failure] = field(default_factory=dict)


def told(root: Element, account: AccountId, who: Identities) -> Told:
    """Everything that a `FlexQueryResponse` tells of the past.

    Raises:
        SourceError: `bad_answer` for a statement that does not tell its days or whose dates are none, `bad_query` for
            dates that can be read in two ways.
    """
    statements = list(root.iter("FlexStatement"))
    told_days = (value(row, name) for row in root.iter() for name in _DATED.get(row.tag, ()))
    texts = [text for text in told_days if text is not None and text[0].isdigit()]
    ends = [(value(one, "fromDate"), value(one, "toDate")) for one in statements]
    if not texts or not all(first and last for first, last in ends):
        raise SourceError.of(FailureKind.BAD_ANSWER, "the statement does not say of which days it is")
    read_date = dates(texts)
    numbers = {value(row, "accountId") or CONSOLIDATED for row in statements}
    numbers |= {text for row in root.iter() if row.tag in _DATED and (text := value(row, "accountId")) is not None}
    real = numbers - {CONSOLIDATED} or numbers
    scope = Scope(account, read_date, {number: who.key(number) for number in sorted(real)}, bases(root))
    records: dict[Section, tuple[Record, ...]] = {}
    failures: dict[Section, Failure] = {}
    old_prices: tuple[OldPrice, ...] = ()
    for section in Section:
        if not _is_ticked(section, statements):
            continue
        try:
            records[section] = tuple(_reader(section, statements)(scope, statements))
            if section is Section.TRANSFERS:
                old_prices = tuple(prices(scope, statements))
        except SourceError as error:
            failures[section] = error.failure
    return Told(
        first=min(read_date(first) for first, _ in ends if first),
        last=max(read_date(last) for _, last in ends if last),
        records=records,
        prices=old_prices,
        keys=frozenset(scope.keys.values()),
        failures=failures,
    )


def _is_ticked(section: Section, statements: Sequence[Element]) -> bool:
    return any(statement.find(tag) is not None for statement in statements for tag in _CONTAINERS[section])


def _reader(section: Section, statements: Sequence[Element]) -> Callable[[Scope, Sequence[Element]], Sequence[Record]]:
    if section is Section.CASH and not any(one.find("CashTransactions") is not None for one in statements):
        return funds
    return _READERS[section]
