"""Numbers and records as explanations give them: exact, or to 18 decimal places where they have no end."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.trade import Fee, Trade, Worth
from portfolio_bot.report.as_json import Json, instant
from portfolio_bot.report.layout import foreign
from portfolio_bot.report.numbers import plain, rounded

PLACES: Final = 18


def long_text(number: Decimal) -> str:
    """What enters a sum: 18 decimal places."""
    return plain(rounded(number, PLACES))


def long_or_none(number: Decimal | Unknown | None) -> str | None:
    """The same; None where it is not known."""
    return None if number is None or isinstance(number, Unknown) else long_text(number)


def trade_row(one: Trade) -> Json:
    """A fill, with its value in USD and where that came from."""
    return {
        "time": instant(one.at),
        "account": one.account,
        "id": foreign(one.id),
        "side": str(one.side),
        "base": foreign(one.base),
        "quote": foreign(one.quote),
        "amount": plain(one.amount),
        "cost": plain(one.cost),
        "market": str(one.market),
        **worth_columns(one.usd),
        "fees": [fee_row(fee) for fee in one.fees],
    }


def flow_row(one: CashFlow) -> dict[str, Json]:
    """A deposit, withdrawal, income or fee, with its value in USD and where that came from."""
    return {
        "time": instant(one.at) if isinstance(one.at, datetime) else one.at.isoformat(),
        "account": one.account,
        "id": foreign(one.id),
        "kind": str(one.kind),
        "asset": foreign(one.asset),
        "amount": plain(one.amount),
        **worth_columns(one.usd),
        "stated_cost": long_or_none(one.cost),
        "fee": None if one.fee is None else fee_row(one.fee),
        "origin": str(one.origin),
    }


def fee_row(one: Fee) -> Json:
    """What an intermediary kept."""
    return {"asset": foreign(one.asset), "amount": plain(one.amount), **worth_columns(one.usd)}


def worth_columns(usd: Worth | Unknown) -> dict[str, Json]:
    """A value in USD, its source, and the moment of its price: null where that is the moment of the record."""
    if isinstance(usd, Unknown):
        return {"usd_value": None, "usd_source": None, "usd_priced_at": None}
    priced_at = None if usd.priced_at is None else instant(usd.priced_at)
    return {"usd_value": long_text(usd.usd), "usd_source": str(usd.source), "usd_priced_at": priced_at}
