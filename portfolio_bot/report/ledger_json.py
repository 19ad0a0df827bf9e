"""Flows, trades and how far they are read as the public JSON: scripts rely on every name, order and form here.

The forms are those of `as_json`; a moment of which only the day is known is a date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from portfolio_bot.analytics.transfers import Matching
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKey, Transfer
from portfolio_bot.model.trade import ContractTrade, Fee, Trade, Worth
from portfolio_bot.report.as_json import Guides, Json, error_of, instant
from portfolio_bot.report.layout import clean, foreign
from portfolio_bot.report.movements import Sides
from portfolio_bot.report.numbers import CONTEXT, derived_text, money_text, plain
from portfolio_bot.report.views import AccountSyncView, StreamView, SyncState, SyncView

FUTURES = "futures"
"""The market of everything in which no coin changes hands."""


def flows(rows: Iterable[CashFlow], matching: Matching) -> list[Json]:
    """Cash flows, in the order given, each with its other side or the reason why it has none."""
    sides = Sides.of(matching)
    return [_flow(row, sides) for row in rows]


def trades(rows: Iterable[Trade | ContractTrade]) -> list[Json]:
    """Trades, in the order given."""
    return [_contract(row) if isinstance(row, ContractTrade) else _trade(row) for row in rows]


def sync(view: SyncView, at: datetime, guides: Guides | None = None) -> dict[str, Json]:
    """How far the past is read.

    Args:
        at: now: what "until" in a message is counted from.
        guides: which settings the messages name; by account.
    """
    return {
        "complete": not view.running and all(account.state in _WELL for account in view.accounts),
        "since": None if view.since is None else view.since.isoformat(),
        "accounts": [_account(account, at, guides or {}) for account in view.accounts],
    }


def when(moment: datetime | date) -> str:
    """An instant, or a date where nobody knows more."""
    return instant(moment) if isinstance(moment, datetime) else moment.isoformat()


def single_fee(fees: Sequence[Fee]) -> tuple[Fee | None, tuple[Fee, ...]]:
    """The fee that has a column of its own, all of its asset together, and those in other assets."""
    sums: dict[str, Decimal] = {}
    for fee in fees:
        sums[fee.asset] = CONTEXT.add(sums.get(fee.asset, Decimal(0)), fee.amount)
    found = [Fee(asset, amount) for asset, amount in sums.items() if amount]
    return (found[0], tuple(found[1:])) if found else (None, ())


_WELL = frozenset({SyncState.DONE, SyncState.NONE})


def _flow(row: CashFlow, sides: Sides) -> Json:
    link, alone = sides.links.get(row.key), sides.alone.get(row.key)
    return {
        "time": when(row.at),
        "account": row.account,
        "kind": row.kind.value,
        "asset": foreign(row.asset),
        "amount": plain(row.amount),
        **_worth(row.usd),
        **_fee(row.fee),
        "txid": clean(row.txid) if row.txid else None,
        "id": clean(row.id),
        "note": clean(row.note),
        "detail": foreign(row.detail),
        "wallets": foreign(row.wallets),
        "origin": row.origin.value,
        "settled": row.settled,
        "in_transit": row.key in sides.in_transit,
        "match": None if link is None else _match(link, row.key),
        "alone": None if alone is None else alone.value,
    }


def _match(link: Transfer, own: FlowKey) -> Json:
    """The other side."""
    other = link.deposit if own == link.withdrawal.key else link.withdrawal
    return {
        "id": clean(other.id),
        "account": other.account,
        "by": link.by.value,
        "confidence": link.confidence.value,
        "network_fee": plain(link.network_fee),
        "delay_seconds": int(link.delay.total_seconds()),
        "rivals": link.rivals,
    }


def _trade(row: Trade) -> Json:
    fee, others = single_fee(row.fees)
    return {
        "time": instant(row.at),
        "account": row.account,
        "id": clean(row.id),
        "side": row.side.value,
        "base": foreign(row.base),
        "quote": foreign(row.quote),
        "amount": plain(row.amount),
        "price": _price_text(row),
        "cost": plain(row.cost),
        **_fee(fee),
        "market": row.market.value,
        **_worth(row.usd),
        "realised": None,
        "detail": _further(others),
        "origin": row.origin.value,
    }


def _price_text(trade: Trade) -> str:
    """As the venue printed it, else what follows from the cost."""
    if trade.price is not None:
        return plain(trade.price)
    return derived_text(CONTEXT.divide(trade.cost, trade.amount))


def _contract(row: ContractTrade) -> Json:
    fee, others = single_fee(row.fees)
    return {
        "time": instant(row.at),
        "account": row.account,
        "id": clean(row.id),
        "side": row.side.value,
        "base": foreign(row.contract),
        "quote": foreign(row.settle),
        "amount": plain(row.size),
        "price": None if row.price is None else plain(row.price),
        "cost": None,
        **_fee(fee),
        "market": FUTURES,
        "usd_value": None,
        "usd_source": None,
        "realised": None if row.realised is None else plain(row.realised),
        "detail": "; ".join(part for part in (foreign(row.detail), _further(others)) if part),
        "origin": row.origin.value,
    }


def _further(fees: Iterable[Fee]) -> str:
    """Fees that have no column: rare, and better told than lost."""
    return "; ".join(f"fee {plain(fee.amount)} {foreign(fee.asset)}" for fee in fees)


def _worth(worth: Worth | Unknown) -> dict[str, Json]:
    if isinstance(worth, Unknown):
        return {"usd_value": None, "usd_source": None}
    return {"usd_value": money_text(worth.usd), "usd_source": worth.source.value}


def _fee(fee: Fee | None) -> dict[str, Json]:
    if fee is None:
        return {"fee_asset": None, "fee_amount": None}
    return {"fee_asset": foreign(fee.asset), "fee_amount": plain(fee.amount)}


def _account(account: AccountSyncView, at: datetime, guides: Guides) -> Json:
    return {
        "id": account.account,
        "name": account.name,
        "state": account.state.value,
        "flows": account.flows,
        "trades": account.trades,
        "new": account.new,
        "unclassified": account.unclassified,
        "unpriced": account.unpriced,
        "streams": [_stream(stream, account, at, guides) for stream in account.streams],
    }


def _stream(stream: StreamView, account: AccountSyncView, at: datetime, guides: Guides) -> Json:
    return {
        "name": stream.name,
        "title": foreign(stream.title),
        "since": None if stream.since is None else instant(stream.since),
        "until": None if stream.until is None else instant(stream.until),
        "keeps_days": None if stream.keeps is None else stream.keeps.days,
        "state": stream.state.value,
        "error": error_of(account.account, account.name, stream.failure, at, guides),
        "gaps": [{"from": instant(start), "to": instant(end)} for start, end in stream.gaps],
    }
