"""Which currencies an IBKR account's cash consists of, by its Cash Report.

NAV tells cash as one figure in the base currency, and that figure stands. The report tells the amounts by currency but
no rates; they are taken from whatever row of the statement has one. Where both do not agree, cash stays one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from xml.etree.ElementTree import Element

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.money import ZERO, Currency
from portfolio_bot.model.statement import Wallet
from portfolio_bot.platforms.ibkr_positions import Line
from portfolio_bot.platforms.ibkr_xml import number, value

_IN_ALL = "BASE_SUMMARY"
_TOLERANCE = Decimal("0.01")
"""Rates of other rows are of other hours."""


def cash_lines(cash: Decimal, base: Currency, statement: Element, account: str) -> list[Line]:
    """One row per currency, together worth exactly `cash`; one row of the base currency where that cannot be told.

    Args:
        cash: of the account's newest NAV, in its base currency.
        statement: the one that NAV stands in.
    """
    whole = [Line(base, Wallet.CASH, cash, cash)]
    try:
        return _by_currency(cash, base, _amounts(statement, account), _rates(statement, base)) or whole
    except SourceError:
        return whole  # a figure that NAV does not need is no number


def _by_currency(
    cash: Decimal, base: Currency, amounts: Mapping[Currency, Decimal], rates: Mapping[Currency, Decimal]
) -> list[Line]:
    """None of them where the report and the rates do not make up `cash`."""
    foreign = {currency: amount for currency, amount in amounts.items() if currency != base and amount}
    if not foreign or not foreign.keys() <= rates.keys():
        return []
    worth = {currency: amount * rates[currency] for currency, amount in foreign.items()}
    own = amounts.get(base, ZERO)
    largest = max(worth, key=lambda currency: (abs(worth[currency]), currency))
    rest = cash - own - sum(worth.values(), ZERO)
    if abs(rest) > abs(worth[largest]) * _TOLERANCE:
        return []
    worth[largest] += rest
    return [Line(base, Wallet.CASH, own, own), *(Line(one, Wallet.CASH, foreign[one], worth[one]) for one in foreign)]


def _amounts(statement: Element, account: str) -> Mapping[Currency, Decimal]:
    found: dict[Currency, Decimal] = {}
    for row in statement.iter("CashReportCurrency"):
        currency, amount = value(row, "currency"), number(row, "endingCash")
        if currency not in {None, _IN_ALL} and amount is not None and (value(row, "accountId") or account) == account:
            found[str(currency)] = amount
    return found


def _rates(statement: Element, base: Currency) -> Mapping[Currency, Decimal]:
    """Units of the base currency for one of another, by the last row that tells; conversions before other rows."""
    found: dict[Currency, Decimal] = {}
    for tag in ("CashTransaction", "Trade", "OpenPosition"):
        for row in statement.iter(tag):
            currency, rate = value(row, "currency"), number(row, "fxRateToBase")
            if currency is not None and rate is not None and rate > 0:
                found[currency] = rate
    for row in statement.iter("ConversionRate"):
        currency, rate = value(row, "fromCurrency"), number(row, "rate")
        if currency is not None and rate is not None and rate > 0 and value(row, "toCurrency") == base:
            found[currency] = rate
    return found
