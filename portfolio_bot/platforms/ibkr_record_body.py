"""Records as plain lists, for a source's memory: what is needed to make the same record again, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import NOT_PRICED, ContractTrade, Fee, Market, Side, Trade, Worth, WorthSource
from portfolio_bot.platforms.ibkr_past import OldPrice
from portfolio_bot.platforms.ledger import Record

Plain: TypeAlias = list[Any]


def pack(record: Record) -> Plain:
    """A record of IBKR without its account. Its flows have no fee, and only they a value of their own."""
    match record:
        case CashFlow():
            usd = str(record.usd.usd) if isinstance(record.usd, Worth) else None
            return [
                "flow", record.id, record.at.isoformat(), record.kind, record.asset, str(record.amount), usd,
                record.txid, record.detail, record.wallets,
            ]  # fmt: skip
        case Trade():
            return [
                "trade", record.id, record.at.isoformat(), record.side, record.base, record.quote, str(record.amount),
                str(record.cost), _fees(record.fees), record.market, _text(record.price),
            ]  # fmt: skip
        case ContractTrade():
            return [
                "contract", record.id, record.at.isoformat(), record.side, record.contract, record.settle,
                str(record.size), _text(record.price), _fees(record.fees), _text(record.realised),
            ]  # fmt: skip


def unpack(plain: Plain, account: AccountId) -> Record:
    """What `pack` wrote."""
    kind, key, at, *rest = plain
    if kind == "flow":
        day_or_time = datetime.fromisoformat(at) if "T" in at else date.fromisoformat(at)
        what, asset, amount, usd, txid, detail, wallets = rest
        worth: Worth | Unknown = NOT_PRICED if usd is None else Worth(Decimal(usd), WorthSource.VENUE_VALUE)
        return CashFlow(
            key, account, FlowKind(what), day_or_time, asset, Decimal(amount), worth,
            txid=txid, detail=detail, wallets=wallets,
        )  # fmt: skip
    instant = datetime.fromisoformat(at)
    if kind == "trade":
        side, base, quote, amount, cost, fees, market, price = rest
        return Trade(
            key, account, instant, Side(side), base, quote, Decimal(amount), Decimal(cost),
            fees=_fees_of(fees), market=Market(market), price=_number(price),
        )  # fmt: skip
    side, contract, settle, size, price, fees, realised = rest
    return ContractTrade(
        key, account, instant, Side(side), contract, settle, Decimal(size), _number(price), _fees_of(fees),
        _number(realised),
    )  # fmt: skip


def pack_price(row: OldPrice) -> Plain:
    """An old price."""
    asset, day, amount, currency = row
    return [asset, day.isoformat(), str(amount), currency]


def unpack_price(plain: Plain) -> OldPrice:
    """What `pack_price` wrote."""
    asset, day, amount, currency = plain
    return asset, date.fromisoformat(day), Decimal(amount), currency


def _fees(fees: Sequence[Fee]) -> Plain:
    return [[fee.asset, str(fee.amount)] for fee in fees]


def _fees_of(plain: Plain) -> tuple[Fee, ...]:
    return tuple(Fee(asset, Decimal(amount)) for asset, amount in plain)


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
