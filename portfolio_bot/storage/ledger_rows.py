"""Rows of the tables `flow` and `trade`, to and from the model; nothing is rounded and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final, TypeAlias

from sqlalchemy import Row

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import (
    NOT_PRICED,
    ContractTrade,
    Fee,
    Market,
    Origin,
    Side,
    Trade,
    Worth,
    WorthSource,
)
from portfolio_bot.storage.columns import instant_of, micros

AnyTrade: TypeAlias = Trade | ContractTrade
Record: TypeAlias = CashFlow | AnyTrade

FUTURES: Final = "futures"
"""In the column `market`: a contract, of which no coin changes hands."""


def flow_row(flow: CashFlow, stream: str) -> Mapping[str, object]:
    """A cash flow as it is stored."""
    fees = () if flow.fee is None else (flow.fee,)
    return {
        "account": flow.account,
        "id": flow.id,
        "at": moment_of(flow.at),
        "day_only": flow.day_only,
        "kind": flow.kind,
        "asset": flow.asset,
        "amount": flow.amount,
        **_worth_columns(flow.usd),
        "priced": is_priced(flow),
        "tried_at": None,
        "fees": _fees_text(fees),
        "txid": flow.txid,
        "detail": flow.detail,
        "note": flow.note,
        "origin": flow.origin,
        "cost": flow.cost,
        "settled": flow.settled,
        "wallets": flow.wallets,
        "stream": stream,
    }


def flow_of(row: Row[tuple[object, ...]]) -> CashFlow:
    """The cash flow that was stored."""
    return CashFlow(
        id=row.id,
        account=row.account,
        kind=FlowKind(row.kind),
        at=row.at.date() if row.day_only else row.at,
        asset=row.asset,
        amount=row.amount,
        usd=_worth(row.usd, row.usd_source, row.priced_at),
        fee=next(iter(fees_of(row.fees)), None),
        txid=row.txid,
        detail=row.detail,
        note=row.note,
        origin=Origin(row.origin),
        cost=row.cost,
        settled=row.settled,
        wallets=row.wallets,
    )


def trade_row(trade: AnyTrade, stream: str) -> Mapping[str, object]:
    """A fill as it is stored, of coins or of a contract."""
    common = {
        "account": trade.account,
        "id": trade.id,
        "at": trade.at,
        "side": trade.side,
        "price": trade.price,
        "priced": is_priced(trade),
        "tried_at": None,
        "fees": _fees_text(trade.fees),
        "origin": trade.origin,
        "stream": stream,
    }
    if isinstance(trade, Trade):
        return common | {
            "base": trade.base,
            "quote": trade.quote,
            "amount": trade.amount,
            "cost": trade.cost,
            "market": trade.market,
            **_worth_columns(trade.usd),
            "realised": None,
            "detail": "",
        }
    return common | {
        "base": trade.contract,
        "quote": trade.settle,
        "amount": trade.size,
        "cost": None,
        "market": FUTURES,
        **_worth_columns(NOT_PRICED),
        "realised": trade.realised,
        "detail": trade.detail,
    }


def trade_of(row: Row[tuple[object, ...]]) -> AnyTrade:
    """The fill that was stored."""
    side, origin, fees = Side(row.side), Origin(row.origin), fees_of(row.fees)
    if row.market == FUTURES:
        return ContractTrade(
            row.id,
            row.account,
            row.at,
            side,
            contract=row.base,
            settle=row.quote,
            size=row.amount,
            price=row.price,
            fees=fees,
            realised=row.realised,
            detail=row.detail,
            origin=origin,
        )
    return Trade(
        row.id,
        row.account,
        row.at,
        side,
        row.base,
        row.quote,
        row.amount,
        row.cost,
        usd=_worth(row.usd, row.usd_source, row.priced_at),
        fees=fees,
        market=Market(row.market),
        price=row.price,
        origin=origin,
    )


def worth_row(record: Record) -> Mapping[str, object]:
    """The columns that hold what a record is worth."""
    flow_fee = record.fee if isinstance(record, CashFlow) else None
    fees = () if isinstance(record, CashFlow) else record.fees
    fees = fees if flow_fee is None else (flow_fee,)
    usd = NOT_PRICED if isinstance(record, ContractTrade) else record.usd
    return {**_worth_columns(usd), "fees": _fees_text(fees), "priced": is_priced(record)}


def is_priced(record: Record) -> bool:
    """Whether every value of it is known that does not follow from the others."""
    match record:
        case CashFlow():
            return isinstance(record.usd, Worth) and (record.fee is None or isinstance(record.fee.usd, Worth))
        case Trade():
            legs = {record.base, record.quote}
            return isinstance(record.usd, Worth) and all(
                isinstance(fee.usd, Worth) for fee in record.fees if fee.asset not in legs
            )
        case _:
            return all(isinstance(fee.usd, Worth) for fee in record.fees)


def moment_of(at: datetime | date) -> datetime:
    """What a time is sorted by: a day alone stands at its midnight in UTC."""
    return at if isinstance(at, datetime) else datetime.combine(at, time(), UTC)


def _worth_columns(usd: Worth | Unknown) -> Mapping[str, object]:
    if isinstance(usd, Unknown):
        return {"usd": None, "usd_source": None, "priced_at": None}
    return {"usd": usd.usd, "usd_source": usd.source, "priced_at": usd.priced_at}


def _worth(usd: Decimal | None, source: str | None, priced_at: datetime | None) -> Worth | Unknown:
    return NOT_PRICED if usd is None or source is None else Worth(usd, WorthSource(source), priced_at)


def _fees_text(fees: Sequence[Fee]) -> str:
    return json.dumps([_fee_columns(fee) for fee in fees], separators=(",", ":"), ensure_ascii=False) if fees else ""


def _fee_columns(fee: Fee) -> list[object]:
    if isinstance(fee.usd, Unknown):
        return [fee.asset, str(fee.amount)]
    priced_at = None if fee.usd.priced_at is None else micros(fee.usd.priced_at)
    return [fee.asset, str(fee.amount), str(fee.usd.usd), fee.usd.source, priced_at]


def fees_of(text: str) -> tuple[Fee, ...]:
    """Fees as they are stored."""
    return tuple(_fee(*columns) for columns in json.loads(text)) if text else ()


def _fee(
    asset: str, amount: str, usd: str | None = None, source: str | None = None, priced_at: int | None = None
) -> Fee:
    known = None if usd is None else Decimal(usd)
    at = None if priced_at is None else instant_of(priced_at)
    return Fee(asset, Decimal(amount), _worth(known, source, at))
