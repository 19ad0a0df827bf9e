"""Flows, trades and prices kept elsewhere, taken in whole or not at all; what would change is known before.

What an export wrote comes back without a difference: of a record that is there already, whatever has no column of its
own stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import ContractTrade, Fee, Trade, Worth, WorthSource
from portfolio_bot.report.numbers import MONEY_PLACES, rounded
from portfolio_bot.service.file_lines import LineError
from portfolio_bot.service.ledger_csv import Key, Parsed
from portfolio_bot.storage import ledger, prices
from portfolio_bot.storage.ledger import Record
from portfolio_bot.storage.prices import AssetPrice, PriceOrigin
from portfolio_bot.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is there already and says something else now."""

    key: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What storing a file would do, or did.

    Attributes:
        new: rows that are not there.
        same: rows that are there and say the same.
        changed: rows that are there and say something else, which is replaced.
        errors: with any of them nothing is stored.
        changes: of the changed rows, cell by cell.
        near: rows that may be others under another id: the same asset and amount within an hour.
    """

    new: int = 0
    same: int = 0
    changed: int = 0
    errors: tuple[LineError, ...] = ()
    changes: tuple[Change, ...] = ()
    near: tuple[str, ...] = ()
    records: tuple[Record, ...] = field(default=(), repr=False)
    prices: tuple[AssetPrice, ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, object]:
        """`import --json`."""
        errors = [{"line": e.line, "column": e.column, "value": e.value, "reason": e.reason} for e in self.errors]
        return {"new": self.new, "same": self.same, "changed": self.changed, "errors": errors, "near": list(self.near)}

    def changed_cells(self) -> list[dict[str, object]]:
        """Every cell that is replaced: `time currency before after`, as people see it before they say yes."""
        return [
            {"time": change.key, "currency": change.column, "before": change.before, "after": change.after}
            for change in self.changes
        ]


async def plan(tx: Tx, parsed: Parsed) -> Plan:
    """What storing the file would do; stores nothing."""
    if parsed.errors:
        return Plan(errors=parsed.errors)
    if parsed.prices:
        return await _plan_prices(tx, parsed.prices)
    return await _plan_records(tx, parsed.records)


async def apply(tx: Tx, parsed: Parsed) -> Plan:
    """Store the whole file, unless it has an error; storing it again changes nothing."""
    what = await plan(tx, parsed)
    if what.errors:
        return what
    by_account: dict[str, list[Record]] = {}
    for record in what.records:
        by_account.setdefault(record.account, []).append(record)
    for account, records in by_account.items():
        await ledger.store(tx, account, "", records)
    await prices.add(tx, what.prices)
    return what


async def _plan_prices(tx: Tx, rows: Sequence[AssetPrice]) -> Plan:
    there = await prices.of_origin(tx, PriceOrigin.IMPORTED)
    new = [row for row in rows if (row.asset, row.at) not in there]
    changed = [row for row in rows if there.get((row.asset, row.at), row.usd) != row.usd]
    changes = tuple(
        Change(f"{row.asset} {row.at:%Y-%m-%dT%H:%MZ}", "usd", str(there[row.asset, row.at]), str(row.usd))
        for row in changed
    )
    same = len(rows) - len(new) - len(changed)
    return Plan(len(new), same, len(changed), changes=changes, prices=(*new, *changed))


async def _plan_records(tx: Tx, rows: Sequence[Record]) -> Plan:
    known: dict[Key, Record] = {}
    for account in {row.account for row in rows}:
        flows = await ledger.flows(tx, account=account)
        trades = await ledger.trades(tx, account=account)
        known |= {(account, type(one).__name__, one.id): one for one in (*flows, *trades)}
    by_txid = {_by_txid(one): one for one in known.values() if isinstance(one, CashFlow) and one.txid}
    near = _Near(one for one in known.values() if isinstance(one, CashFlow))
    new: list[Record] = []
    changed: list[Record] = []
    changes: list[Change] = []
    alike: list[str] = []
    for row in rows:
        old = known.get(_key(row, known)) or by_txid.get(_by_txid(row) if isinstance(row, CashFlow) else ())
        if old is None:
            new.append(row)
            alike += near.of(row)
            continue
        merged = _merged(row, old)
        if merged != old:
            changed.append(merged)
            changes += _differences(old, merged)
    same = len(rows) - len(new) - len(changed)
    return Plan(
        len(new), same, len(changed), changes=tuple(changes), near=tuple(alike), records=(*new, *changed)
    )  # fmt: skip


def _key(row: Record, known: Mapping[Key, Record]) -> Key:
    """A trade of coins and one of a contract share their ids."""
    names = ("CashFlow",) if isinstance(row, CashFlow) else ("Trade", "ContractTrade")
    found = [(row.account, name, row.id) for name in names]
    return next((key for key in found if key in known), found[0])


def _by_txid(flow: CashFlow) -> Key:
    if not flow.txid:
        return ()
    return (flow.account, flow.txid.casefold(), flow.asset, format(flow.amount.normalize(), "f"), str(flow.kind))


def _merged(row: Record, old: Record) -> Record:
    """What is stored once the row is: whatever the file has no word for stays."""
    match row, old:
        case CashFlow(), CashFlow():
            usd = old.usd if _same_money(row.usd, old.usd) else row.usd
            return replace(
                old,
                kind=row.kind,
                at=row.at,
                asset=row.asset,
                amount=row.amount,
                usd=usd,
                fee=_same_fee(row.fee, old.fee),
                txid=row.txid or old.txid,
                note=row.note or old.note,
            )
        case Trade(), Trade():
            same = (row.base, row.quote, row.amount, row.cost, row.at) == (
                old.base, old.quote, old.amount, old.cost, old.at,
            )  # fmt: skip
            return row._replace(
                id=old.id,
                usd=old.usd if same else row.usd,
                fees=_same_fees(row.fees, old.fees),
                price=row.price or old.price,
                origin=old.origin,
            )
        case ContractTrade(), ContractTrade():
            fees = _same_fees(row.fees, old.fees)
            return row._replace(id=old.id, fees=fees, realised=old.realised, detail=old.detail, origin=old.origin)
        case _:
            return row


def _same_money(new: Worth | Unknown, old: Worth | Unknown) -> bool:
    """An empty cell says nothing new, and an export rounds."""
    if isinstance(new, Unknown) or isinstance(old, Unknown):
        return isinstance(new, Unknown)
    return new.source is not WorthSource.STATED or rounded(old.usd, MONEY_PLACES) == new.usd


def _same_fee(new: Fee | None, old: Fee | None) -> Fee | None:
    if new is None or old is None:
        return new
    return old if (new.asset, new.amount) == (old.asset, old.amount) else new


def _same_fees(new: Sequence[Fee], old: Sequence[Fee]) -> tuple[Fee, ...]:
    """An export has one column for fees: those of one asset come back as their sum, those of others not at all."""
    first = next(iter(old), None)
    if not new or first is None:
        return tuple(new)
    with exactly():
        summed = sum((fee.amount for fee in old if fee.asset == new[0].asset), ZERO)
    return tuple(old) if summed == new[0].amount else tuple(new)


_TOLD: Final = ("kind", "at", "asset", "amount", "usd", "fee", "txid", "note", "side", "base", "quote", "cost", "price",
                "fees", "market", "contract", "settle", "size")  # fmt: skip


def _differences(old: Record, new: Record) -> Iterable[Change]:
    key = f"{new.account} {new.id}"
    for name in _TOLD:
        before, after = getattr(old, name, None), getattr(new, name, None)
        if before != after:
            yield Change(key, name, _told(before), _told(after))


def _told(value: object) -> str:
    match value:
        case None | Unknown() | ():
            return ""
        case Worth():
            return format(rounded(value.usd, MONEY_PLACES).normalize(), "f")
        case Decimal():
            return format(value.normalize(), "f")
        case Fee():
            return f"{value.amount} {value.asset}"
        case tuple():
            return ", ".join(_told(part) for part in value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return str(value)


class _Near:
    """Stored flows by asset and amount, to find what may be the same under another id."""

    def __init__(self, flows: Iterable[CashFlow]) -> None:
        self._flows: dict[tuple[str, Decimal], list[CashFlow]] = {}
        for flow in flows:
            self._flows.setdefault((flow.asset, flow.amount), []).append(flow)

    def of(self, row: Record) -> list[str]:
        """How to name those that are like it."""
        if not isinstance(row, CashFlow) or not isinstance(row.at, datetime):
            return []
        hour, at = timedelta(hours=1), row.at
        found = (flow for flow in self._flows.get((row.asset, row.amount), ()) if flow.account == row.account)
        return [
            f"{flow.account} {flow.id}" for flow in found if isinstance(flow.at, datetime) and abs(flow.at - at) <= hour
        ]
