"""`Transfers` and `CorporateActions` of a Flex statement → cash flows.

A transfer brings securities, cash or both. Between two accounts of the statement it is one movement inside the
credential, with two sides; from or to anybody else it is a flow, of securities in kind. What a corporate action means
for lots (a split, a merger, rights) is not told by its row in a way that can be relied on: what it moved is kept as it
is printed, unclassified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.money import Currency
from portfolio_bot.platforms.ibkr_positions import symbol_of
from portfolio_bot.platforms.ibkr_rows import Scope, cash_flow, money, signed
from portfolio_bot.platforms.ibkr_xml import number, value
from portfolio_bot.platforms.sub_accounts import shown

_REPEATED = frozenset({"SUMMARY", "LOT", "LOTS", "TRANSFER_LOT"})


def transfers(scope: Scope, statements: Sequence[Element]) -> list[CashFlow]:
    """Every transfer: its cash and its securities.

    Raises:
        SourceError: `bad_answer`: a row without direction or date, or securities without a name.
    """
    found: list[CashFlow] = []
    for account, row in scope.rows(statements, "Transfer", _REPEATED):
        direction = (value(row, "direction") or "").upper()
        if direction not in {"IN", "OUT"}:
            raise SourceError.of(FailureKind.BAD_ANSWER, "Transfer direction is neither IN nor OUT")
        sign = 1 if direction == "IN" else -1
        at = scope.moment(row, "dateTime", "date", "reportDate")
        sides = []
        cash, pieces = number(row, "cashTransfer"), number(row, "quantity")
        if cash:
            word = shown(value(row, "type") or "transfer")
            sides.append(cash_flow(scope, account, row, FlowKind.DEPOSIT, at, sign * abs(cash), word))
        if pieces and (value(row, "assetCategory") or "").upper() != "CASH":
            sides.append(_in_kind(scope, account, row, at, sign * abs(pieces)))
        if len(sides) > 1:
            sides[0] = replace(sides[0], id=f"{sides[0].id}:cash")
        found += [_inside(scope, account, row, side) for side in sides]
    return found


def prices(scope: Scope, statements: Sequence[Element]) -> list[tuple[str, date, Decimal, Currency]]:
    """What one piece of transferred securities was worth that day, by IBKR's own value of them."""
    found = []
    for _, row in scope.rows(statements, "Transfer", _REPEATED):
        pieces, worth = number(row, "quantity"), number(row, "positionAmount")
        if pieces and worth and value(row, "currency") is not None:
            at = scope.moment(row, "dateTime", "date", "reportDate")
            currency, amount = money(row, abs(worth / pieces))
            found.append((symbol_of(row), at.date() if isinstance(at, datetime) else at, amount, currency))
    return found


def corporate_actions(scope: Scope, statements: Sequence[Element]) -> list[CashFlow]:
    """What each corporate action moved: pieces, money, or both."""
    found: list[CashFlow] = []
    for account, row in scope.rows(statements, "CorporateAction", _REPEATED):
        at = scope.moment(row, "dateTime", "reportDate")
        word = shown(value(row, "type") or "corporate action")
        pieces, paid = number(row, "quantity"), number(row, "proceeds") or number(row, "amount")
        if pieces and symbol_of(row):
            key = scope.id_of(row, account, at, symbol_of(row), pieces, word)
            found.append(CashFlow(key, scope.account, _UNKNOWN, at, symbol_of(row), pieces, detail=word))
        if paid:
            flow = cash_flow(scope, account, row, _UNKNOWN, at, paid, word)
            found.append(replace(flow, id=f"{flow.id}:cash"))
    return found


_UNKNOWN = FlowKind.UNCLASSIFIED


def _in_kind(scope: Scope, account: str, row: Element, at: datetime | date, pieces: Decimal) -> CashFlow:
    asset = symbol_of(row)
    if not asset:
        raise SourceError.of(FailureKind.BAD_ANSWER, "Transfer of securities without a symbol")
    worth = number(row, "positionAmountInBase")
    usd = scope.dollars(account, None if not worth else abs(worth) * (1 if pieces > 0 else -1))
    key = scope.id_of(row, account, at, asset, pieces, value(row, "type"))
    word = shown(value(row, "type") or "transfer")
    return CashFlow(key, scope.account, signed(FlowKind.DEPOSIT, pieces), at, asset, pieces, usd, detail=word)


def _inside(scope: Scope, account: str, row: Element, side: CashFlow) -> CashFlow:
    """One side of a transfer if the other account is in the statement too; both sides carry one id for it."""
    other = next((name for name in (value(row, "company"), value(row, "account")) if name in scope.keys), None)
    if other is None or other == account:
        return side
    origin, to = (other, account) if side.amount > 0 else (account, other)
    day = side.at.date() if isinstance(side.at, datetime) else side.at
    what = repr((scope.keys[origin], scope.keys[to], day.isoformat(), side.asset, str(abs(side.amount).normalize())))
    txid = hashlib.sha256(what.encode()).hexdigest()[:16]
    return replace(side, kind=FlowKind.TRANSFER, txid=txid, wallets=scope.names(origin, to))
