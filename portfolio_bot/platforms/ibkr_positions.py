"""What an IBKR account's NAV consists of: open positions where the template has them, else classes of assets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.etree.ElementTree import Element

from portfolio_bot.model.money import ZERO, Currency
from portfolio_bot.model.statement import Wallet
from portfolio_bot.platforms.ibkr_xml import number, value
from portfolio_bot.platforms.sub_accounts import shown

_SECURITIES = (
    "stock", "options", "bonds", "commodities", "notes", "funds", "crypto", "physDel", "ipoSubscription",
    "slbDirectSecuritiesBorrowed", "slbDirectSecuritiesLent",
)  # fmt: skip
_REST = (
    "slbCashCollateral", "dividendAccruals", "liteSurchargeAccruals", "cgtWithholdingAccruals", "interestAccruals",
    "incentiveCouponAccruals", "eventContractInterestAccruals", "marginFinancingChargeAccruals", "softDollars",
    "forexCfdUnrealizedPl", "cfdUnrealizedPl",
)  # fmt: skip
"""Classes of NAV beside cash. The `…Component` attributes are parts of these and never added."""

_CLASS_OF: Mapping[str, str] = {
    "STK": "stock", "OPT": "options", "FOP": "options", "BOND": "bonds", "BILL": "bonds", "FUND": "funds",
    "CMDTY": "commodities", "CRYPTO": "crypto",
}  # fmt: skip
"""The class of NAV that positions of a category make up, where that is certain."""

_NOTIONAL = {"FUT", "CFD", "FXCFD"}
"""Their `positionValue` is notional; what they are worth is in cash or in a class of its own."""

_COUNTED_SINGLY = {"STK", "FUND", "CRYPTO"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an account; `worth` in its base currency. The amount of a class of assets is what it is worth."""

    asset: str
    wallet: Wallet
    amount: Decimal
    worth: Decimal


@dataclass(frozen=True, slots=True)
class Position:
    """An open position; `worth` in the account's base currency, None where the template leaves it open."""

    symbol: str
    contract: str
    category: str
    quantity: Decimal
    worth: Decimal | None


def position(row: Element, base: Currency) -> Position:
    """An `OpenPosition`.

    Raises:
        SourceError: `bad_answer` for a needed attribute that is no number.
    """
    category = (value(row, "assetCategory") or "").upper()
    quantity = number(row, "position") or ZERO
    symbol = symbol_of(row) or category
    worth = ZERO if category in _NOTIONAL else _worth(row, base, category, quantity)
    return Position(symbol or "POSITION", value(row, "conid") or "", category, quantity, worth)


def symbol_of(row: Element) -> str:
    """What a row is about, named as among the holdings; "" for nothing."""
    return " ".join(shown(value(row, "symbol") or value(row, "conid") or "").upper().split())


def _worth(row: Element, base: Currency, category: str, quantity: Decimal) -> Decimal | None:
    rate = number(row, "fxRateToBase")
    if rate is None and value(row, "currency") == base:
        rate = Decimal(1)
    own = number(row, "positionValue")
    if own is None:
        price, multiplier = number(row, "markPrice"), number(row, "multiplier")
        if multiplier is None and category in _COUNTED_SINGLY:
            multiplier = Decimal(1)
        own = None if price is None or multiplier is None else quantity * price * multiplier
    return None if rate is None or rate <= 0 or own is None else own * rate


def lines_of(nav: Element | None, positions: Sequence[Position], cash: Sequence[Line] = ()) -> tuple[Line, ...]:
    """Cash, then positions; a class of which no position is known stands as one row.

    Args:
        nav: the `EquitySummaryByReportDateInBase` row; None if NAV came from elsewhere.
        positions: of the same day.
        cash: by currency; none if NAV does not tell it.
    """
    unvalued = {_CLASS_OF.get(row.category) for row in positions if row.worth is None}
    usable = [row for row in positions if row.worth is not None and _CLASS_OF.get(row.category) not in unvalued]
    lines = _named(usable)
    if nav is not None:
        lines = [*cash, *lines, *_classes(nav, usable)]
    return tuple(line for line in lines if line.amount)


def _classes(nav: Element, positions: Sequence[Position]) -> list[Line]:
    held = {_CLASS_OF.get(row.category) for row in positions if row.category not in _NOTIONAL}
    # positions of a category whose class is not certain may be in any of them: naming both would count them twice
    securities = () if None in held else tuple(name for name in _SECURITIES if name not in held)
    return [
        Line(_title(name), wallet, worth, worth)
        for names, wallet in ((securities, Wallet.SECURITY), (_REST, Wallet.OTHER))
        for name in names
        if (worth := number(nav, name)) is not None
    ]


def _title(name: str) -> str:
    """`dividendAccruals` → `DIVIDEND_ACCRUALS`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _named(positions: Sequence[Position]) -> list[Line]:
    """One line per contract; two contracts under one symbol are told apart by IBKR's number for them."""
    contracts: dict[str, set[str]] = {}
    for row in positions:
        contracts.setdefault(row.symbol, set()).add(row.contract)
    merged: dict[str, Line] = {}
    for row in positions:
        name = row.symbol if len(contracts[row.symbol]) == 1 else f"{row.symbol}.{row.contract}"
        before = merged.get(name, Line(name, Wallet.SECURITY, ZERO, ZERO))
        worth = before.worth + (row.worth or ZERO)
        merged[name] = Line(name, Wallet.SECURITY, before.amount + row.quantity, worth)
    return list(merged.values())
