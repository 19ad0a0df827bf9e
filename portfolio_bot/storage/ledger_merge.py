"""A record that is read again beside the one that is stored: what stays, what changes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.trade import Fee, Trade, Worth, WorthSource
from portfolio_bot.storage.ledger_rows import Record


def keeping(record: Record, old: Record | None) -> Record:
    """The record as it is to be stored: with the value that was found for the old one, and what the owner wrote there.

    A value holds for what was valued: it stays for as long as asset, amount and time are the same.
    """
    if isinstance(record, CashFlow):
        return _flow(record, old) if isinstance(old, CashFlow) else record
    if isinstance(record, Trade):
        if not isinstance(old, Trade):
            return record
        same = _valued(record) == _valued(old)
        usd = _better(record.usd, old.usd) if same else record.usd
        return record._replace(usd=usd, fees=_fees(record.fees, old.fees if record.at == old.at else ()))
    if old is None or isinstance(old, CashFlow):
        return record
    return record._replace(fees=_fees(record.fees, old.fees if record.at == old.at else ()))


def content(record: Record) -> Hashable:
    """What two records have in common that are one and the same under two ids."""
    if isinstance(record, CashFlow):
        return _valued(record), record.kind, record.txid
    if isinstance(record, Trade):
        return _valued(record), record.side, record.market
    return record.contract, record.settle, record.side, record.size, record.price, record.at


def _flow(record: CashFlow, old: CashFlow) -> CashFlow:
    same = _valued(record) == _valued(old)
    fee = record.fee
    if fee is not None and old.fee is not None and same:
        (fee,) = _fees([fee], [old.fee])
    return replace(
        record,
        usd=_better(record.usd, old.usd) if same else record.usd,
        fee=fee,
        note=record.note or old.note,
        cost=old.cost if record.cost is None else record.cost,
    )


def _better(new: Worth | Unknown, old: Worth | Unknown) -> Worth | Unknown:
    """What somebody says that it was worth stands above what was found, and what is stored above what comes again."""
    if isinstance(old, Unknown) or (isinstance(new, Worth) and new.source is WorthSource.STATED):
        return new
    return old


def _fees(fees: Sequence[Fee], old: Sequence[Fee]) -> tuple[Fee, ...]:
    known = {(fee.asset, fee.amount): fee for fee in old if isinstance(fee.usd, Worth)}
    return tuple(known.get((fee.asset, fee.amount), fee) for fee in fees)


def _valued(record: CashFlow | Trade) -> Hashable:
    if isinstance(record, CashFlow):
        return record.asset, record.amount, record.at
    return record.base, record.quote, record.amount, record.cost, record.at
