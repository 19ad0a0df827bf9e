"""What a snapshot held, in the currency of a report: the two ends of the question why value changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from portfolio_bot.analytics.attribution import Position
from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FIAT, Asset, RateTable
from portfolio_bot.model.money import ZERO, Currency
from portfolio_bot.model.portfolio import AccountValue, KnownAccount, Portfolio, Priced
from portfolio_bot.model.statement import AccountId

UNNAMED: Asset = "(total)"
"""Stands for value of which only the sum is known."""


@at_fifty_digits
def positions(
    portfolio: Portfolio, total: Decimal, currency: Currency, without: Collection[AccountId] = ()
) -> list[Position]:
    """The holdings, money in transit among them; they add up to `total`.

    Args:
        total: in the currency of the report, as the series has it: what the holdings leave open is a row of its own.
        currency: of the report.
        without: accounts that are not part of that total.
    """
    factor = RateTable(portfolio.rates).factor("USD", currency)
    if isinstance(factor, Unknown):
        return unnamed(total, currency)
    accounts = [account for account in portfolio.accounts if account.id not in without]
    found = [row for account in accounts for row in _held(account, factor)]
    found += [
        Position(money.origin, money.asset, money.value * factor, "USD")
        for money in portfolio.in_transit
        if isinstance(money.value, Decimal)
    ]
    return _whole(found, total, currency)


@at_fifty_digits
def of_account(portfolio: Portfolio, account: AccountId, total: Decimal, currency: Currency) -> list[Position]:
    """The same of one account alone."""
    factor = RateTable(portfolio.rates).factor("USD", currency)
    named = [one for one in portfolio.accounts if one.id == account]
    if isinstance(factor, Unknown) or not named:
        return unnamed(total, currency, account)
    return _whole(_held(named[0], factor), total, currency, account)


def _held(account: AccountValue, factor: Decimal) -> list[Position]:
    if not isinstance(account, KnownAccount):
        return []
    return [
        Position(account.id, row.asset, row.value * factor, _held_in(account, row.asset))
        for row in account.holdings
        if isinstance(row, Priced)
    ]


def _whole(rows: list[Position], total: Decimal, currency: Currency, account: AccountId = "") -> list[Position]:
    rest = total - sum((row.value for row in rows), ZERO)
    return [*rows, *(unnamed(rest, currency, account) if rest else ())]


def unnamed(total: Decimal, currency: Currency, account: AccountId = "") -> list[Position]:
    """A total of which nothing else is known: history from elsewhere."""
    return [Position(account, UNNAMED, total, currency)]


@at_fifty_digits
def rates(portfolio: Portfolio, currency: Currency) -> Mapping[Currency, Decimal]:
    """Units of the report's currency for one unit of each currency that has a rate."""
    table = RateTable(portfolio.rates)
    found = {name: table.factor(name, currency) for name in {*portfolio.rates, "USD", currency}}
    return {name: rate for name, rate in found.items() if not isinstance(rate, Unknown)}


def held_in(portfolio: Portfolio, account: AccountId, asset: Asset) -> Currency:
    """The currency whose rate moves an asset of an account: as `positions` tells it."""
    named = next((one for one in portfolio.accounts if one.id == account), None)
    return "USD" if named is None or not asset else _held_in(named, asset)


def _held_in(account: AccountValue, asset: Asset) -> Currency:
    """The currency whose rate moves a holding: its own if it is one, a broker's for securities, dollars for coins."""
    if asset in FIAT:
        return asset
    native = account.native_currency
    return native if native is not None and native in FIAT and not account.is_exchange else "USD"
