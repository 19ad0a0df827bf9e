"""Bybit: pages of an answer about the past, which name the cursor of the next one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.ledger import Ask
from portfolio_bot.platforms.paging import MILLISECOND, by_cursor, last_millis, millis
from portfolio_bot.platforms.strict import Row, rows, table

BETWEEN = ("startTime", "endTime")

_CURSOR = re.compile(r"[\w%+/=.:,~-]{0,1000}", re.ASCII)
"""It goes into the next address as it is, already encoded."""


async def paged(
    ask: Ask,
    method: str,
    params: Mapping[str, object],
    *,
    full: int,
    lists: tuple[str, ...] = ("list",),
    between: tuple[str, str] = BETWEEN,
    unit: timedelta = MILLISECOND,
) -> list[Row]:
    """All rows of a span.

    The last page that has rows may name a further one, which then is empty.

    Args:
        full: rows of a page.
        lists: names that the list goes by.
        between: names of the fields for the span; both ends belong to it.
        unit: in which they count.

    Raises:
        CutShort: more than can be paged through.
        SourceError: an answer failed, or a cursor came twice.
    """
    per = unit // MILLISECOND
    ends = (millis(ask.span.start) // per, last_millis(ask.span) // per)
    asked = {**params, "limit": full, **dict(zip(between, ends, strict=True))}

    async def page(cursor: str) -> tuple[Sequence[Row], str]:
        onward = {"cursor": cursor} if cursor else {}
        result = table(await ask.api.call(method, {**asked, **onward}), "result")
        name = next((name for name in lists if name in result), lists[0])
        found = rows(result, name)
        return found, _cursor(result) if found else ""

    return await by_cursor(page, full=full)


def _cursor(result: Row) -> str:
    found = result.get("nextPageCursor") or ""
    if not isinstance(found, str) or not _CURSOR.fullmatch(found):
        raise SourceError.of(FailureKind.BAD_ANSWER, "nextPageCursor is no cursor")
    return found
