"""`CashTransactions` of a Flex statement, or its Statement of Funds where a query has only that → cash flows.

`SUMMARY` rows repeat the details. A reversal is a row of its own with the opposite sign; where that contradicts the
class (a tax that comes back) it takes the class of its sign and keeps its word. A type not known here stays as it is
printed, unclassified. What traders pay and get for securities comes with the trades and not from here, so lines of the
Statement of Funds that tell of them are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.platforms.ibkr_rows import Scope, cash_flow
from portfolio_bot.platforms.ibkr_xml import number, value
from portfolio_bot.platforms.sub_accounts import shown

TYPES: Mapping[str, FlowKind] = {
    **dict.fromkeys(
        ("deposits/withdrawals", "deposits & withdrawals", "deposits", "withdrawals", "debit card activity",
         "bill pay"),
        FlowKind.DEPOSIT,
    ),
    **dict.fromkeys(
        ("dividends", "payment in lieu of dividends", "bond interest received", "broker interest received",
         "withholding tax", "871(m) withholding", "bond interest paid", "broker interest paid", "other fees",
         "broker fees", "advisor fees", "commission adjustments", "sales tax"),
        FlowKind.INCOME,
    ),
}  # fmt: skip
"""By IBKR's word in lower case; the sign tells deposit from withdrawal and income from cost."""

CODES: Mapping[str, FlowKind] = {
    **dict.fromkeys(("DEP", "WITH"), FlowKind.DEPOSIT),
    **dict.fromkeys(("DIV", "PIL", "CINT", "INTR", "FRTAX", "DINT", "INTP", "OFEE", "MFEE", "STAX"), FlowKind.INCOME),
}
"""The same by `activityCode` of the Statement of Funds."""

OF_TRADES = frozenset({"BUY", "SELL", "FOREX", "ASSIGN", "EXE", "EXP", "COMM"})
"""Codes of what trades moved."""

_SUMMARY = frozenset({"SUMMARY"})
_IN_BASE = frozenset({"BASECURRENCY", "SUMMARY"})


def transactions(scope: Scope, statements: Sequence[Element]) -> list[CashFlow]:
    """Every cash transaction that moved something.

    Raises:
        SourceError: `bad_answer`: a row without amount, type, date or currency.
    """
    found = []
    for account, row in scope.rows(statements, "CashTransaction", _SUMMARY):
        amount = number(row, "amount")
        word = value(row, "type")
        if amount is None or word is None:
            raise _incomplete(row)
        if amount:
            kind = TYPES.get(word.lower(), FlowKind.UNCLASSIFIED)
            at = scope.moment(row, "dateTime", "reportDate", "settleDate")
            found.append(cash_flow(scope, account, row, kind, at, amount, shown(word)))
    return found


def funds(scope: Scope, statements: Sequence[Element]) -> list[CashFlow]:
    """The same from the lines of the Statement of Funds, in their own currencies where it tells them.

    Raises:
        SourceError: `bad_answer`: a row without amount, date or currency.
    """
    lines = list(scope.rows(statements, "StatementOfFundsLine", _IN_BASE))
    found = []
    for account, row in lines or scope.rows(statements, "StatementOfFundsLine", _SUMMARY):
        code = value(row, "activityCode")
        if code is None or code.upper() in OF_TRADES:
            continue  # balances at the beginning and at the end have no code
        amount = number(row, "amount")
        if amount is None:
            raise _incomplete(row)
        if amount:
            kind = CODES.get(code.upper(), FlowKind.UNCLASSIFIED)
            at = scope.moment(row, "date", "reportDate", "settleDate")
            found.append(cash_flow(scope, account, row, kind, at, amount, shown(code)))
    return found


def _incomplete(row: Element) -> SourceError:
    return SourceError.of(FailureKind.BAD_ANSWER, f"{row.tag} without amount or type")
