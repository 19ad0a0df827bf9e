"""OKX: pages of an answer about the past. Nothing names the next page: what is older than the last row is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.ledger import CutShort, Span
from portfolio_bot.platforms.paging import MOST_PAGES, each_once, last_millis, millis
from portfolio_bot.platforms.strict import Row, rows, text
from portfolio_bot.platforms.venue import NO_PARAMS, Api

FULL = 100
LATELY = timedelta(minutes=10)
"""A span that ends less long ago holds the newest rows: an end need not be named."""


async def by_bill(api: Api, method: str, span: Span, params: Mapping[str, object] = NO_PARAMS) -> list[Row]:
    """All rows of a span, each with a `billId`, which rises.

    Raises:
        CutShort: more than can be paged through.
        SourceError: an answer failed, or a page does not go on where the one before ended.
    """
    between = {"begin": millis(span.start), "end": last_millis(span), "limit": FULL}
    return await _back(api, method, {**params, **between}, lambda row: _number(row, "billId"), step=0)


async def by_time(
    api: Api, method: str, span: Span, key: Callable[[Row], str], params: Mapping[str, object] = NO_PARAMS
) -> list[Row]:
    """All rows of a span, each with a `ts`; several may have the same one, so the last instant is asked for again.

    Args:
        key: what makes a row the same row.
    """
    asked = {**params, "before": millis(span.start) - 1, "limit": FULL}
    if span.end > datetime.now(UTC) - LATELY:
        page = rows(await api.call(method, asked), "data")
        if len(page) < FULL:
            return each_once(page, key)
        # of more than a page it is not said at which end it begins
    asked["after"] = last_millis(span) + 1
    return each_once(await _back(api, method, asked, lambda row: _number(row, "ts"), step=1), key)


async def _back(
    api: Api, method: str, params: Mapping[str, object], number: Callable[[Row], int], step: int
) -> list[Row]:
    found: list[Row] = []
    asked = dict(params)
    oldest: int | None = None
    for _ in range(MOST_PAGES):
        page = rows(await api.call(method, asked), "data")
        found += page
        if len(page) < FULL:
            return found
        last, before = min(number(row) for row in page), oldest
        if before is not None and last == before and step:
            raise CutShort  # a whole page of one instant
        if before is not None and last >= before:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the same page came twice")
        oldest, asked["after"] = last, last + step
    raise CutShort


def _number(row: Row, field: str) -> int:
    found = text(row, field)
    if not found.isdecimal():
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is not a whole number")
    return int(found)
