"""Cash flows and trades: written with how far they were read, in one transaction; read by whoever shows or counts.

A record is the same record when account and id are. Reading it again changes nothing, whatever it was found to be worth
and whatever the owner wrote beside it stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Table,
    TextClause,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    union,
    update,
)

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Origin, WorthSource
from portfolio_bot.storage.ledger_merge import content, keeping
from portfolio_bot.storage.ledger_rows import (
    FUTURES,
    AnyTrade,
    Record,
    flow_of,
    flow_row,
    is_priced,
    trade_of,
    trade_row,
    worth_row,
)
from portfolio_bot.storage.stream_progress import Progress, Span, forget_progress, progress, put_progress
from portfolio_bot.storage.tables import flow, trade
from portfolio_bot.storage.tx import Tx, put
from portfolio_bot.storage.verdicts import VerdictKind, drop_verdict, put_verdict, renamed, verdicts

__all__ = [
    "AnyTrade",
    "Counts",
    "Progress",
    "Record",
    "Span",
    "Stored",
    "VerdictKind",
    "assets_of",
    "counts",
    "drop_verdict",
    "flows",
    "forget_progress",
    "progress",
    "put_progress",
    "put_verdict",
    "put_words",
    "put_worth",
    "store",
    "trades",
    "unpriced",
    "unsettled_since",
    "valued_by",
    "verdicts",
    "waiting",
]

BORDER: Final = frozenset({FlowKind.DEPOSIT, FlowKind.WITHDRAWAL})
"""What crosses an account's border."""

BY_HAND: Final = frozenset({Origin.MANUAL, Origin.IMPORTED})
"""Whose records are the owner's to change."""

_AT_ONCE = 200
"""Records looked up or written by one statement: more would hold the loop up."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch changed.

    Attributes:
        new: records that were not there.
        changed: records that were there and say something else now, or are gone.
        border: a deposit or a withdrawal is among them.
    """

    new: int = 0
    changed: int = 0
    border: bool = False

    def __add__(self, other: Stored) -> Stored:
        return Stored(self.new + other.new, self.changed + other.changed, self.border or other.border)


class Counts(NamedTuple):
    """What is stored of an account."""

    flows: int = 0
    trades: int = 0
    unclassified: int = 0
    unpriced: int = 0


async def store(
    tx: Tx,
    account: AccountId,
    stream: str,
    records: Iterable[Record],
    *,
    progress: Progress | None = None,
    void: Collection[str] = (),
    replaced: Span | None = None,
) -> Stored:
    """Store records of an account together with how far the stream that brought them is read now.

    Args:
        stream: "" for what was typed or imported.
        records: of an id that comes twice the last one counts.
        progress: None leaves it as it is.
        void: ids of flows that never happened after all; one that is among the records did.
        replaced: the records are all there is of this span: what else the same stream brought of it goes.
    """
    by_id: dict[Table, dict[str, Record]] = {flow: {}, trade: {}}
    for record in records:
        by_id[flow if isinstance(record, CashFlow) else trade][record.id] = record
    stored = Stored()
    for table, wanted in by_id.items():
        place = _Place(table, account, stream)
        if replaced is not None:
            stored += await _drop_replaced(tx, place, replaced, wanted)
        stored += await _merge(tx, place, wanted)
    gone = [one for one in void if one not in by_id[flow]]
    stored += await _drop(tx, _Place(flow, account, stream), gone)
    if progress is not None:
        await put_progress(tx, progress)
    return stored


async def flows(
    tx: Tx,
    *,
    account: AccountId | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Collection[FlowKind] | None = None,
    asset: Asset | None = None,
    limit: int | None = None,
) -> list[CashFlow]:
    """Cash flows with since ≤ at < until, newest first. One of which only the day is known stands at its UTC midnight.

    Args:
        kinds: only these; None for all.
        limit: so many at most.
    """
    wanted = _chosen(flow, account, since, until)
    if kinds is not None:
        wanted.append(flow.c.kind.in_(kinds))
    if asset is not None:
        wanted.append(flow.c.asset == asset)
    rows = await tx.execute(select(flow).where(*wanted).order_by(*_newest(flow)).limit(limit))
    return [flow_of(row) for row in rows]


async def trades(
    tx: Tx,
    *,
    account: AccountId | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    asset: Asset | None = None,
    limit: int | None = None,
) -> list[AnyTrade]:
    """Trades of all markets with since ≤ at < until, newest first.

    Args:
        asset: what was bought or sold, or paid with; of a contract its name or what settles it.
        limit: so many at most.
    """
    wanted = _chosen(trade, account, since, until)
    if asset is not None:
        wanted.append((trade.c.base == asset) | (trade.c.quote == asset))
    rows = await tx.execute(select(trade).where(*wanted).order_by(*_newest(trade)).limit(limit))
    return [trade_of(row) for row in rows]


async def unpriced(tx: Tx, *, limit: int) -> tuple[list[CashFlow], list[AnyTrade]]:
    """Records that lack a value, of each kind so many at most: first those never tried, the newest first.

    Those that were tried in vain follow, the longest ago first.
    """
    lacking = [
        select(table).where(_LACKING).order_by(table.c.tried_at.is_not(None), table.c.tried_at, table.c.at.desc())
        for table in (flow, trade)
    ]
    some_flows, some_trades = [(await tx.execute(query.limit(limit))).all() for query in lacking]
    return [flow_of(row) for row in some_flows], [trade_of(row) for row in some_trades]


async def waiting(tx: Tx) -> list[Record]:
    """Records that lack a value although somebody waits for it: typed or imported, or looked for in vain before."""
    found: list[Record] = []
    for table in (flow, trade):
        wanted = table.c.origin.in_(BY_HAND) | table.c.tried_at.is_not(None)
        rows = await tx.execute(select(table).where(_LACKING, wanted).order_by(table.c.at))
        found += map(_record, rows)
    return found


async def valued_by(tx: Tx, sources: Collection[WorthSource]) -> list[Record]:
    """Records with a value, their own or a fee's, whose price came from there."""
    found: list[Record] = []
    for table in (flow, trade):
        in_fees = (table.c.fees.contains(f'"{source}"') for source in sources)
        rows = await tx.execute(select(table).where(or_(table.c.usd_source.in_(sources), *in_fees)))
        found += map(_record, rows)
    return found


async def put_worth(tx: Tx, records: Iterable[Record], *, tried_at: datetime | None = None) -> None:
    """Write what records are worth, and nothing else of them; one that is gone meanwhile stays gone.

    Args:
        tried_at: kept with those that still lack a value, so that others have their turn first; None: never mind.
    """
    rows: dict[Table, list[Mapping[str, object]]] = {flow: [], trade: []}
    for record in records:
        table = flow if isinstance(record, CashFlow) else trade
        when = None if is_priced(record) else tried_at
        key = {"which_account": record.account, "which_id": record.id}
        rows[table].append({**worth_row(record), **key, "tried_at": when})
    for table, some in rows.items():
        if some:
            which = (table.c.account == bindparam("which_account")) & (table.c.id == bindparam("which_id"))
            await tx.execute(update(table).where(which).values(_WORTH_COLUMNS), some)


async def put_words(tx: Tx, one: CashFlow) -> None:
    """Write the owner's note and cost as they are, also where there is none any more: `store` keeps what was there."""
    which = (flow.c.account == one.account) & (flow.c.id == one.id)
    await tx.execute(update(flow).where(which).values(note=one.note, cost=one.cost))


async def counts(tx: Tx) -> Mapping[AccountId, Counts]:
    """How much is stored, by account."""
    of_flows = await _by_account(tx, flow)
    of_trades = await _by_account(tx, trade)
    unclassified = await _by_account(tx, flow, flow.c.kind == FlowKind.UNCLASSIFIED)
    lacking = await _by_account(tx, flow, _LACKING) + await _by_account(tx, trade, _LACKING)
    return {
        account: Counts(of_flows[account], of_trades[account], unclassified[account], lacking[account])
        for account in {*of_flows, *of_trades}
    }


async def assets_of(tx: Tx, account: AccountId) -> frozenset[Asset]:
    """Every asset that the account's records name; contracts count with what settles them."""
    found = await tx.scalars(
        union(
            select(flow.c.asset).where(flow.c.account == account),
            select(trade.c.base).where(trade.c.account == account, trade.c.market != FUTURES),
            select(trade.c.quote).where(trade.c.account == account),
        )
    )
    return frozenset(found)


async def unsettled_since(tx: Tx, account: AccountId, stream: str) -> datetime | None:
    """When the oldest withdrawal that is not finished left the account; None if a stream brought none."""
    oldest: datetime | None = await tx.scalar(
        select(func.min(flow.c.at)).where(flow.c.account == account, _UNSETTLED, flow.c.stream == stream)
    )
    return oldest


_LACKING, _UNSETTLED = text("NOT priced"), text("NOT settled")
"""To the letter as the partial indexes have it, or they are not used."""

_WORTH_COLUMNS: Mapping[str, BindParameter[object]] = {
    name: bindparam(name) for name in ("usd", "usd_source", "priced_at", "fees", "priced", "tried_at")
}


class _Place(NamedTuple):
    """Whose records, in which table."""

    table: Table
    account: AccountId
    stream: str


async def _merge(tx: Tx, place: _Place, wanted: Mapping[str, Record]) -> Stored:
    """Write what is new or says something else than before."""
    known = await _known(tx, place, wanted)
    merged = {key: keeping(record, known.get(key)) for key, record in wanted.items()}
    written = {key: record for key, record in merged.items() if record != known.get(key)}
    for some in _portions(written):
        await put(tx, place.table, [_row(written[key], place.stream) for key in some])
    new = sum(key not in known for key in written)
    return Stored(new, len(written) - new, border=any(map(_crosses, written.values())))


async def _drop_replaced(tx: Tx, place: _Place, span: Span, wanted: Mapping[str, Record]) -> Stored:
    """Drop what a stream brought of a span and does not bring any more; what has another id now is the same still."""
    table, (since, until) = place.table, span
    which = (table.c.account == place.account, table.c.stream == place.stream)
    within = (table.c.at >= since, table.c.at < until)
    rows = await tx.execute(select(table).where(*which, *within).order_by(table.c.at, table.c.id))
    gone = {record.id: record for record in map(_record, rows) if record.id not in wanted}
    if not gone:
        return Stored()
    there = await _known(tx, place, wanted)
    free: dict[Hashable, list[str]] = {}
    for key, record in wanted.items():
        if key not in there:
            free.setdefault(content(record), []).append(key)
    for key, record in list(gone.items()):
        names = free.get(content(record))
        if names:
            await _rename(tx, place, key, names.pop(0))
            del gone[key]
    return await _drop(tx, place, list(gone))


async def _rename(tx: Tx, place: _Place, old: str, new: str) -> None:
    table = place.table
    await tx.execute(update(table).where(table.c.account == place.account, table.c.id == old).values(id=new))
    if table is flow:
        await renamed(tx, place.account, old, new)


async def _drop(tx: Tx, place: _Place, ids: Sequence[str]) -> Stored:
    gone = await _known(tx, place, ids)
    for some in _portions(gone):
        table = place.table
        await tx.execute(delete(table).where(table.c.account == place.account, table.c.id.in_(some)))
    return Stored(changed=len(gone), border=any(map(_crosses, gone.values())))


async def _known(tx: Tx, place: _Place, ids: Iterable[str]) -> dict[str, Record]:
    table, found = place.table, dict[str, Record]()
    for some in _portions(ids):
        rows = await tx.execute(select(table).where(table.c.account == place.account, table.c.id.in_(some)))
        found |= {record.id: record for record in map(_record, rows)}
    return found


async def _by_account(tx: Tx, table: Table, *which: ColumnElement[bool] | TextClause) -> Counter[AccountId]:
    rows = await tx.execute(select(table.c.account, func.count()).where(*which).group_by(table.c.account))
    found: Counter[AccountId] = Counter()
    for account, count in rows:
        found[account] = count
    return found


def _record(row: Row[tuple[object, ...]]) -> Record:
    return flow_of(row) if hasattr(row, "settled") else trade_of(row)


def _row(record: Record, stream: str) -> Mapping[str, object]:
    return flow_row(record, stream) if isinstance(record, CashFlow) else trade_row(record, stream)


def _crosses(record: Record) -> bool:
    return isinstance(record, CashFlow) and record.kind in BORDER


def _chosen(
    table: Table, account: AccountId | None, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if account is not None:
        chosen.append(table.c.account == account)
    if since is not None:
        chosen.append(table.c.at >= since)
    if until is not None:
        chosen.append(table.c.at < until)
    return chosen


def _newest(table: Table) -> tuple[ColumnElement[object], ...]:
    return table.c.at.desc(), table.c.account, table.c.id


def _portions(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
