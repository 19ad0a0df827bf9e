"""How KuCoin's lists are read: by numbered pages, or behind the id of the last row; and what their rows share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.money import ZERO
from portfolio_bot.platforms.ledger import Ask, CutShort, Record
from portfolio_bot.platforms.paging import MOST_PAGES, each_once, last_millis, millis
from portfolio_bot.platforms.records import one_of
from portfolio_bot.platforms.strict import Row, amount, rows, table, text

PAGE = 100
_DIRECTIONS = {"in": True, "out": False}


async def numbered(
    ask: Ask,
    method: str,
    *,
    page: str = "currentPage",
    times: tuple[str, str] = ("startAt", "endAt"),
    each_once_by: str = "",
) -> list[Row]:
    """All rows of pages that say how many of them there are."""
    found: list[Row] = []
    since, until = times
    window = {since: millis(ask.span.start), until: last_millis(ask.span)}
    before: Sequence[Row] = ()
    for number in range(1, MOST_PAGES + 1):
        answer = await ask.api.call(method, {**window, page: number, "pageSize": PAGE})
        part = rows(answer, "data", "items")
        if part and part == before:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the same page came twice")
        found += part
        before = part
        last = int(amount(table(answer, "data"), "totalPage", blank=ZERO))
        if not part and number < last:
            raise SourceError.of(FailureKind.BAD_ANSWER, f"page {number} of {last} is empty")
        # a full page may be followed by another one, whatever the count says
        if number >= last and len(part) < PAGE:
            return each_once(found, lambda row: text(row, each_once_by)) if each_once_by else found
    raise CutShort


async def by_last_id(ask: Ask, method: str, params: Mapping[str, object]) -> list[Row]:
    """All rows of a list that goes on behind the id of its last row, newest first."""
    found: dict[str, Row] = {}
    asked: dict[str, object] = {**params, **span_of(ask), "limit": PAGE}
    for _ in range(MOST_PAGES):
        answer = await ask.api.call(method, asked)
        data = table(answer).get("data")
        page = rows(answer, "data", "items") if isinstance(data, dict) else rows(answer, "data")
        fresh = {text(row, "id"): row for row in page if text(row, "id") not in found}
        found |= fresh
        if len(page) < PAGE:
            return list(found.values())
        if not fresh:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the same page came twice")
        last = data.get("lastId") if isinstance(data, dict) else None
        asked["lastId"] = str(last) if last else min(fresh, key=int)
    raise CutShort


def span_of(ask: Ask) -> dict[str, object]:
    """Milliseconds, both ends included."""
    return {"startAt": millis(ask.span.start), "endAt": last_millis(ask.span)}


def once(found: Iterable[Record]) -> tuple[Record, ...]:
    """Records without those that came before with the same id."""
    return tuple({(isinstance(record, CashFlow), record.id): record for record in found}.values())


def context_of(row: Row) -> Mapping[str, object]:
    """The object that an entry carries as text."""
    try:
        found = json.loads(str(row.get("context") or "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def came_in(row: Row) -> bool:
    """Whether an entry's direction, in letters of any case, is in rather than out."""
    return one_of(_DIRECTIONS, {"direction": text(row, "direction").lower()}, "direction")
