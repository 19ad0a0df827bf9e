"""`GetPortfolio` of one inner account → its total, its positions, and whether T-Bank's own parts add up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO, Currency, Money
from portfolio_bot.model.statement import Holding, Wallet
from portfolio_bot.platforms.strict import Row
from portfolio_bot.platforms.sub_accounts import shown
from portfolio_bot.platforms.tbank_money import bad, money, quotation, rows, text

_PARTS = ("totalAmountShares", "totalAmountBonds", "totalAmountEtf", "totalAmountCurrencies", "totalAmountSp")
_DERIVATIVES = ("totalAmountFutures", "totalAmountOptions")
_TOLERANCE = Decimal("0.0001")

NOTIONAL = frozenset({"futures", "option"})
"""Priced in points or in notional. Their result is in the cash already (variation margin), so they add nothing."""

_CODE = re.compile(r"([A-Z]{3})(?:000|_RUB|RUB)", re.ASCII)
_METALS = {"GLD": "XAU", "SLV": "XAG", "PLT": "XPT", "PLD": "XPD"}


@dataclass(frozen=True, slots=True)
class Position:
    """One row.

    Attributes:
        uid: the instrument, one to one; a ticker is not.
        ticker: as shown; the currency's code for cash.
        value: price x quantity, coupon included, in the row's own currency; None where T-Bank has no price.
    """

    uid: str
    ticker: str
    board: str
    wallet: Wallet
    quantity: Decimal
    value: Money | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """One inner account.

    Attributes:
        total: T-Bank's own figure: *the* value of the account.
        gap: total less the sum of its own parts, where no reading of them adds up; else None.
    """

    total: Money
    positions: tuple[Position, ...]
    gap: Decimal | None


def portfolio(answer: Row, number: str, currency: Currency) -> Portfolio:
    """What `GetPortfolio` answered.

    Raises:
        SourceError: `bad_answer`: no total, a total in another currency than asked for, somebody else's account, a
            field that is no number. A missing total is never 0 and never the sum of the parts.
    """
    if text(answer, "accountId", number) != number:
        raise bad("GetPortfolio: of another account than asked for")
    total = money(answer, "totalAmountPortfolio")
    if total is None:
        raise bad("totalAmountPortfolio is missing")
    if total.currency != currency:
        raise bad(f"totalAmountPortfolio in {total.currency}, asked for {currency}")
    found = (_position(row, currency) for row in rows(answer, "positions"))
    return Portfolio(total, tuple(row for row in found if row.quantity), _gap(answer, total))


def holdings(positions: Iterable[tuple[str, Position]]) -> tuple[Holding, ...]:
    """One holding per instrument and part. Two instruments under one ticker are told apart by their board.

    Args:
        positions: with the part each lies in.
    """
    found = list(positions)
    instruments: dict[tuple[str, Wallet], set[str]] = {}
    for _, row in found:
        instruments.setdefault((row.ticker, row.wallet), set()).add(row.uid)
    merged: dict[tuple[str, str, Wallet, Currency], Holding] = {}
    for part, row in found:
        unique = row.wallet is Wallet.CASH or len(instruments[row.ticker, row.wallet]) == 1
        name = row.ticker if unique else f"{row.ticker}.{row.board or row.uid[:8]}"
        key = (part, name, row.wallet, row.value.currency if row.value else "")
        before = merged.get(key)
        merged[key] = _added(before, row) if before else Holding(name, row.wallet, row.quantity, row.value, part)
    return tuple(row for row in merged.values() if row.amount)


def asset_of(row: Row, kind: str) -> Asset:
    """What a position or an operation is about: its ticker, of cash the currency's code; "" for nothing.

    Args:
        kind: the instrument's type, in lower case.
    """
    name = text(row, "ticker", text(row, "figi", text(row, "instrumentUid", "")))
    ticker = shown(name).upper().rstrip("@")
    return _code(ticker) if kind == "currency" else ticker


def _added(before: Holding, row: Position) -> Holding:
    worth = before.value + row.value if before.value and row.value else None
    return Holding(before.asset, before.wallet, before.amount + row.quantity, worth, before.part)


def _position(row: Row, currency: Currency) -> Position:
    kind = text(row, "instrumentType", "").lower()
    quantity = quotation(row, "quantity")
    uid = text(row, "instrumentUid", text(row, "figi", ""))
    ticker = asset_of(row, kind)
    if not ticker:
        raise bad("a position without ticker, figi and uid")
    value = Money(ZERO, currency) if kind in NOTIONAL else _value(row, quantity, currency)
    wallet = Wallet.CASH if kind == "currency" else Wallet.SECURITY
    return Position(uid or ticker, ticker, text(row, "classCode", ""), wallet, quantity, value)


def _value(row: Row, quantity: Decimal, currency: Currency) -> Money | None:
    if row.get("currentPrice") is None:
        return None
    price = money(row, "currentPrice") or Money(ZERO, currency)
    coupon = money(row, "currentNkd")
    each = price.amount
    if coupon is not None and coupon.currency == price.currency:
        each += coupon.amount
    return Money(each * quantity, price.currency)


def _code(ticker: str) -> str:
    """`USD000UTSTOM`, `EUR_RUB__TOM`, `CNYRUB_TOM` → the currency's code; metals by their codes, too."""
    found = _CODE.match(ticker)
    return _METALS.get(found[1], found[1]) if found else ticker


def _gap(answer: Row, total: Money) -> Decimal | None:
    """Whether futures and options are inside the total is not documented and differs: either way may add up."""
    parts = [money(answer, field) for field in _PARTS]
    derivatives = [money(answer, field) for field in _DERIVATIVES]
    if None in parts[:4] or any(part and part.currency != total.currency for part in (*parts, *derivatives)):
        return None
    plain = sum((part.amount for part in parts if part), ZERO)
    futures, options = (part.amount if part else ZERO for part in derivatives)
    sums = (plain, plain + futures, plain + options, plain + futures + options)
    gap = min((total.amount - amount for amount in sums), key=abs)
    return gap if abs(gap) > abs(total.amount) * _TOLERANCE else None
