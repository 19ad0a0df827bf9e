"""`Trades` of a Flex statement → fills.

Stocks, funds, bonds, currencies and options change hands for money: options too, whose premium is paid and which are
worth something among the holdings. Futures and CFDs move nothing but their fee and their result; the result is in the
account's cash day by day, and no section that a query has tells it apart.

A sale that opens a position, or a purchase that closes one, is of a margin account: only that may sell what it has not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from xml.etree.ElementTree import Element

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.trade import ContractTrade, Fee, Market, Side, Trade
from portfolio_bot.platforms.ibkr_calendar import NEW_YORK
from portfolio_bot.platforms.ibkr_positions import symbol_of
from portfolio_bot.platforms.ibkr_rows import Scope, money
from portfolio_bot.platforms.ibkr_xml import number, time_of, value
from portfolio_bot.platforms.sub_accounts import shown

CLOSE = time(16)
"""Of the exchange in New York: stands for a fill of which only the day is told."""

_CONTRACTS = frozenset({"FUT", "CFD", "FXCFD"})
_REPEATED = frozenset({"SUMMARY", "ORDER", "SYMBOL_SUMMARY", "ASSET_SUMMARY", "CLOSED_LOT", "WASH_SALE"})
_CANCELLED = "(CA.)"


def trades(scope: Scope, statements: Sequence[Element]) -> list[Trade | ContractTrade]:
    """Every fill that stands; one that was cancelled is gone with its cancellation.

    A query may have orders in place of executions: each is one fill at its average price then.

    Raises:
        SourceError: `bad_answer`: a row without side, quantity, price, currency or date.
    """
    fills = list(scope.rows(statements, "Trade", _REPEATED))
    rows = fills or list(scope.rows(statements, "Order", _REPEATED - {"ORDER"}))
    cancelled = {_id(scope, account, row) for account, row in rows if _CANCELLED in _word(row)}
    return [
        _fill(scope, account, row) for account, row in rows if _id(scope, account, row) not in cancelled and _size(row)
    ]


def _fill(scope: Scope, account: str, row: Element) -> Trade | ContractTrade:
    word, size, asset = _word(row), _size(row), symbol_of(row)
    if not word.startswith(("BUY", "SELL")) or not asset:
        raise SourceError.of(FailureKind.BAD_ANSWER, "Trade without side or symbol")
    side = Side.BUY if word.startswith("BUY") else Side.SELL
    category = (value(row, "assetCategory") or "").upper()
    at, key, fees = _at(scope, row), _id(scope, account, row), _fees(row)
    price = number(row, "tradePrice")
    currency, unit = money(row, price or Decimal(0))
    printed = unit if price else None
    if category in _CONTRACTS:
        realised = number(row, "fifoPnlRealized")
        return ContractTrade(key, scope.account, at, side, asset, currency, size, printed, fees, realised or None)
    proceeds = number(row, "proceeds")
    if proceeds is None:
        if price is None:
            raise SourceError.of(FailureKind.BAD_ANSWER, "Trade without proceeds or price")
        proceeds = size * price * (number(row, "multiplier") or Decimal(1))
    base, quote = asset, currency
    if category == "CASH":
        base = asset.split(".")[0]
    indicator = (value(row, "openCloseIndicator") or "").upper()
    short = indicator == ("O" if side is Side.SELL else "C")
    market = Market.MARGIN if short and category != "CASH" else Market.SPOT
    cost = money(row, abs(proceeds))[1]
    return Trade(key, scope.account, at, side, base, quote, size, cost, fees=fees, market=market, price=printed)


def _fees(row: Element) -> tuple[Fee, ...]:
    """Commission and taxes of the trade; IBKR prints what it takes as negative."""
    own = money(row, Decimal(0))[0]
    commission, taxes = number(row, "ibCommission"), number(row, "taxes")
    found = []
    if commission:
        found.append(Fee(shown(value(row, "ibCommissionCurrency") or own).upper(), -commission))
    if taxes:
        found.append(Fee(*money(row, -taxes)))
    return tuple(found)


def _at(scope: Scope, row: Element) -> datetime:
    at = scope.moment(row, "dateTime", "tradeDate", "reportDate")
    if isinstance(at, datetime):
        return at
    clock = time_of(f"00000000;{value(row, 'tradeTime') or ''}") or CLOSE
    return _local(at, clock)


def _local(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, NEW_YORK.zone).astimezone(UTC)


def _id(scope: Scope, account: str, row: Element) -> str:
    own = value(row, "tradeID") or value(row, "ibExecID") or value(row, "ibOrderID")
    if own is not None:
        return scope.owned(account, shown(own))
    at = _at(scope, row)
    return scope.id_of(row, account, at, symbol_of(row), _size(row), value(row, "tradePrice"))


def _size(row: Element) -> Decimal:
    return abs(number(row, "quantity") or Decimal(0))


def _word(row: Element) -> str:
    return (value(row, "buySell") or "").upper()
