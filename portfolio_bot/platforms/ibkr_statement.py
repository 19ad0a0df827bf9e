"""A Flex statement → the net asset value of each account in it. Pure; nothing personal is read.

NAV comes from the newest `EquitySummaryByReportDateInBase` with a total, else from `ChangeInNAV`, else cash and
positions are added up (marked: accruals are missing then). Cash alone is no NAV. Statements of one account are never
added: a template with daily breakout holds a hundred of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias
from xml.etree.ElementTree import Element

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.money import ZERO, Currency
from portfolio_bot.model.statement import Wallet
from portfolio_bot.platforms.ibkr_currencies import cash_lines
from portfolio_bot.platforms.ibkr_positions import Line, Position, lines_of, position
from portfolio_bot.platforms.ibkr_xml import dates, number, value

_CONSOLIDATED = "-"
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DATED = {
    "FlexStatement": ("fromDate", "toDate"),
    "EquitySummaryByReportDateInBase": ("reportDate",),
    "ChangeInNAV": ("fromDate", "toDate"),
    "OpenPosition": ("reportDate",),
}

ReadDate: TypeAlias = Callable[[str], date]


@dataclass(frozen=True, slots=True)
class AccountNav:
    """What one account is worth at the end of one day.

    Attributes:
        number: IBKR's account number; it is masked and hashed before anything is kept.
        currency: the account's base currency at that day.
        total: net asset value, futures' notional never in it.
        lines: what it consists of, in the base currency; they need not add up to the total.
        reconstructed: added up from cash and positions, accruals missing.
    """

    number: str
    currency: Currency
    report_date: date
    total: Decimal
    lines: tuple[Line, ...]
    reconstructed: bool = False


@dataclass(slots=True)
class _Found:
    """All that the statements hold about one account, in the order of the file."""

    equity: list[tuple[date, Element, Element]] = field(default_factory=list)
    changes: list[tuple[date, Element, Element]] = field(default_factory=list)
    statements: list[Element] = field(default_factory=list)


def navs(root: Element) -> tuple[AccountNav, ...]:
    """Every account of a `FlexQueryResponse`, in the order of the file.

    Raises:
        SourceError: `bad_query` if the template lacks what NAV needs, `no_account` for a statement without accounts,
            `bad_answer` for a value that is not understood.
    """
    statements = list(root.iter("FlexStatement"))
    if not statements:
        raise SourceError.of(FailureKind.NO_ACCOUNT, "the statement holds no account")
    texts = [text for row in root.iter() for name in _DATED.get(row.tag, ()) if (text := value(row, name)) is not None]
    read_date = dates(texts) if texts else _no_dates
    found: dict[str, _Found] = {}
    for statement in statements:
        _collect(statement, read_date, found)
    real = {number: what for number, what in found.items() if number != _CONSOLIDATED} or found
    return tuple(_nav(number, what, read_date) for number, what in real.items())


def bases(root: Element) -> Mapping[str, Currency]:
    """The base currency of every account that tells it, by IBKR's number: the one that it has now."""
    found: dict[str, Currency] = {}
    for statement in root.iter("FlexStatement"):
        owner = value(statement, "accountId") or _CONSOLIDATED
        for tag in ("AccountInformation", "EquitySummaryByReportDateInBase"):
            for row in statement.iter(tag):
                told = value(row, "currency")
                if told is not None and _CURRENCY.fullmatch(told):
                    found[value(row, "accountId") or owner] = told
    return found


def _no_dates(_text: str) -> date:
    raise SourceError.of(FailureKind.BAD_ANSWER, "the statement has no date")


def _collect(statement: Element, read_date: ReadDate, found: dict[str, _Found]) -> None:
    owner = value(statement, "accountId") or _CONSOLIDATED

    def of(row: Element) -> _Found:
        return found.setdefault(value(row, "accountId") or owner, _Found())

    of(statement).statements.append(statement)
    for row in statement.iter("EquitySummaryByReportDateInBase"):
        day = value(row, "reportDate")
        if day is not None and number(row, "total") is not None:
            of(row).equity.append((read_date(day), row, statement))
    for row in statement.iter("ChangeInNAV"):
        day = value(row, "toDate") or value(statement, "toDate")
        if day is not None and number(row, "endingValue") is not None:
            of(row).changes.append((read_date(day), row, statement))


def _nav(account: str, found: _Found, read_date: ReadDate) -> AccountNav:
    if found.equity:
        day, row, statement = _newest(found.equity)
        currency = _base(row, statement, found, account)
        total = _needed(row, "total")
        cash = cash_lines(number(row, "cash") or ZERO, currency, statement, account)
        lines = lines_of(row, _positions(account, statement, currency, day, read_date), cash)
        return AccountNav(account, currency, day, total, lines)
    if found.changes:
        day, row, statement = _newest(found.changes)
        currency = _base(row, statement, found, account)
        lines = lines_of(None, _positions(account, statement, currency, day, read_date))
        return AccountNav(account, currency, day, _needed(row, "endingValue"), lines)
    for statement in reversed(found.statements):
        rebuilt = _rebuilt(account, statement, found, read_date)
        if rebuilt is not None:
            return rebuilt
    raise SourceError.of(FailureKind.BAD_QUERY, 'add "Net Asset Value (NAV) in Base" to the query')


def _newest(rows: Sequence[tuple[date, Element, Element]]) -> tuple[date, Element, Element]:
    """The row of the newest day; of several for one day, the last statement's.

    Raises:
        SourceError: `bad_query`: one statement has several rows for that day (a breakdown by model) and they differ.
    """
    day = max(day for day, _, _ in rows)
    latest = [row for row in rows if row[0] == day]
    within = [row for row in latest if row[2] is latest[-1][2]]
    whole = [row for row in within if value(row[1], "model") is None]
    if len(within) > 1 and len(whole) != 1 and any(_total(a) != _total(b) for a, b in pairwise(within)):
        raise SourceError.of(FailureKind.BAD_QUERY, "several net asset values for one day: leave out models")
    return whole[0] if len(whole) == 1 else within[-1]


def _total(row: tuple[date, Element, Element]) -> Decimal | None:
    return number(row[1], "total")


def _needed(row: Element, name: str) -> Decimal:
    found = number(row, name)
    if found is None:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{row.tag} {name} is missing")
    return found


def _base(row: Element, statement: Element, found: _Found, account: str) -> Currency:
    """The base currency: of the row itself, of the account in that statement or another, of all conversions.

    A base currency can change in an account's life, so the nearest one counts. It is never assumed to be USD.
    """
    for candidates in (
        [value(row, "currency")],
        _informed([statement], account),
        _informed(found.statements, account),
        [value(rate, "toCurrency") for rate in statement.iter("ConversionRate")],
    ):
        known = {text for text in candidates if text is not None and _CURRENCY.fullmatch(text)}
        if len(known) == 1:
            return known.pop()
    raise SourceError.of(
        FailureKind.BAD_QUERY, 'no base currency: add "Account Information" with currency to the query'
    )


def _informed(statements: Iterable[Element], account: str) -> list[str | None]:
    return [
        value(row, "currency")
        for statement in statements
        for row in statement.iter("AccountInformation")
        if (value(row, "accountId") or account) == account
    ]


def _positions(account: str, statement: Element, currency: Currency, day: date, read_date: ReadDate) -> list[Position]:
    """The open positions of that very day. Lots and details repeat the summary rows."""
    return [
        position(row, currency)
        for row in _summary_rows(account, statement)
        if (told := value(row, "reportDate")) is None or read_date(told) == day
    ]


def _summary_rows(account: str, statement: Element) -> list[Element]:
    return [
        row
        for row in statement.iter("OpenPosition")
        if (value(row, "levelOfDetail") or "SUMMARY").upper() == "SUMMARY"
        and (value(row, "accountId") or account) == account
    ]


def _rebuilt(account: str, statement: Element, found: _Found, read_date: ReadDate) -> AccountNav | None:
    """Cash and positions added up, if both sections are there and every position has a value."""
    cash = [
        amount
        for row in statement.iter("CashReportCurrency")
        if value(row, "currency") == "BASE_SUMMARY"
        and (value(row, "accountId") or account) == account
        and (amount := number(row, "endingCash")) is not None
    ]
    told = value(statement, "toDate")
    if len(cash) != 1 or told is None or statement.find("OpenPositions") is None:
        return None
    day = read_date(told)
    currency = _base(statement, statement, found, account)
    held = _positions(account, statement, currency, day, read_date)
    if len(held) != len(_summary_rows(account, statement)) or any(row.worth is None for row in held):
        return None
    lines = (Line(currency, Wallet.CASH, cash[0], cash[0]), *lines_of(None, held))
    total = sum((line.worth for line in lines), ZERO)
    return AccountNav(account, currency, day, total, tuple(line for line in lines if line.amount), reconstructed=True)
