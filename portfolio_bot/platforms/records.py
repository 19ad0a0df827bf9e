"""From rows of an answer to records of a ledger, for venues that print lists like Binance does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.trade import Fee
from portfolio_bot.platforms.ledger import Ask, CutShort, Span
from portfolio_bot.platforms.paging import MOST_PAGES, last_millis, millis
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.venue import NO_PARAMS, Api

T = TypeVar("T")

PAGE = 100
"""Rows of a page, where the venue lets us choose."""


def between(span: Span, since: str = "startTime") -> dict[str, object]:
    """The span in fields of a question: milliseconds, both ends included."""
    return {since: millis(span.start), "endTime": last_millis(span)}


async def paged(
    api: Api,
    method: str,
    params: Mapping[str, object] = NO_PARAMS,
    *,
    page: str = "current",
    path: str = "rows",
    full: int = PAGE,
    count: str = "total",
) -> list[Row]:
    """All pages of a list that says how many rows there are.

    It is at its end with an empty page; or with one that is not full, if no more rows were announced than came.

    Args:
        page: field of a question that holds the number of the page.
        path: field of an answer that holds the rows.
        full: rows of a full page.
        count: field of an answer that tells how many rows there are.

    Raises:
        CutShort: more pages than are asked for at once.
        SourceError: bad_answer: a page came twice.
    """
    found: list[Row] = []
    before: Sequence[Row] = ()
    for number in range(1, MOST_PAGES + 1):
        answer = await api.call(method, {**params, page: number})
        part = rows(answer, path)
        if part and part == before:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the same page came twice")
        found += part
        before = part
        announced = amount(table(answer), count, blank=Decimal(0))
        if not part or (len(part) < full and len(found) >= announced):
            return found
    raise CutShort


def yes(row: Row, field: str) -> bool:
    """A flag.

    Raises:
        SourceError: bad_answer: it is neither true nor false.
    """
    found = row.get(field)
    if not isinstance(found, bool):
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is not true or false")
    return found


def one_of(known: Mapping[str, T], row: Row, field: str) -> T:
    """What the venue's word stands for.

    Raises:
        SourceError: bad_answer: a word that is not among them.
    """
    found = known.get(text(row, field))
    if found is None:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is none of {', '.join(known)}")
    return found


def digest(*parts: object) -> str:
    """An id for a row that has none: 16 hexadecimal digits of what makes it that row."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]


def flow(
    ask: Ask,
    kind: FlowKind,
    flow_id: str,
    at: datetime,
    asset: Asset,
    moved: Decimal,
    *,
    fee: Decimal = Decimal(0),
    txid: str | None = None,
    detail: str = "",
    wallets: str = "",
    settled: bool = True,
) -> list[CashFlow]:
    """One record, or none where nothing moved; the fee is in the same coin."""
    if not moved:
        return []
    return [
        CashFlow(
            id=flow_id,
            account=ask.account,
            kind=kind,
            at=at,
            asset=asset,
            amount=moved,
            fee=Fee(asset, fee) if fee else None,
            txid=txid,
            detail=detail,
            wallets=wallets,
            settled=settled,
        )
    ]


def exchanged(
    ask: Ask,
    deal: str,
    at: datetime,
    given: tuple[Asset, Decimal, Decimal],
    got: tuple[Asset, Decimal, Decimal],
    detail: str,
) -> list[CashFlow]:
    """Both sides of a conversion; each is a coin, an amount > 0 and the fee on top of it."""
    out, spent, out_fee = given
    into, received, in_fee = got
    kind = FlowKind.CONVERSION
    return [
        *flow(ask, kind, f"{deal}:{out}:out", at, out, -spent, fee=out_fee, txid=deal, detail=detail),
        *flow(ask, kind, f"{deal}:{into}:in", at, into, received, fee=in_fee, txid=deal, detail=detail),
    ]


def moved_inside(
    ask: Ask, move: str, at: datetime, asset: Asset, moved: Decimal, wallets: str, detail: str
) -> list[CashFlow]:
    """Both sides of a transfer between wallets of the account; `moved` > 0."""
    kind = FlowKind.TRANSFER
    return [
        *flow(ask, kind, f"transfer:{move}:out", at, asset, -moved, txid=move, detail=detail, wallets=wallets),
        *flow(ask, kind, f"transfer:{move}:in", at, asset, moved, txid=move, detail=detail, wallets=wallets),
    ]
