"""Pages of an answer, one after the other, for as long as they make sense.

Every page of a span must come, or none of it counts. What repeats is dropped; a venue that sends the same cursor again
or never comes to an end is refused, because what it says cannot be whole.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.ledger import CutShort, Span
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.venue import NO_PARAMS, Api

T = TypeVar("T")

MOST_PAGES = 100
"""Of one span: more are asked for in shorter ones, so that what was read is soon stored."""

PAGE = 100
"""Rows of a page, where the venue lets us choose."""

SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
"""Units in which venues count the time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def by_cursor(
    ask: Callable[[str], Awaitable[tuple[Sequence[T], str]]], *, full: int = 0, most: int = MOST_PAGES
) -> list[T]:
    """All rows of pages that name the cursor of the next one.

    Args:
        ask: the cursor ("" for the first page) to the rows and the next cursor; "" ends it.
        full: rows of a full page, after which there should have been a cursor; 0 = not known.

    Raises:
        CutShort: more pages than `most`, or a full page that names no other.
        SourceError: bad_answer, a cursor came twice.
    """
    found: list[T] = []
    cursor, seen = "", {""}
    for _ in range(most):
        rows, cursor = await ask(cursor)
        found += rows
        if not cursor and full and len(rows) >= full:
            raise CutShort
        if not cursor:
            return found
        if cursor in seen:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the cursor of the next page came twice")
        seen.add(cursor)
    raise CutShort


async def by_number(
    ask: Callable[[int], Awaitable[Sequence[T]]], *, full: int, first: int = 1, step: int = 1, most: int = MOST_PAGES
) -> list[T]:
    """All rows of numbered pages, or of offsets with a `step`; a page that is not full is the last one.

    Raises:
        CutShort: more pages than `most`.
    """
    found: list[T] = []
    for page in range(most):
        rows = await ask(first + page * step)
        found += rows
        if len(rows) < full:
            return found
    raise CutShort


async def by_count(
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


def unless_full(rows: Sequence[T], full: int) -> Sequence[T]:
    """The rows of an answer that cannot be paged, if it is surely whole.

    Raises:
        CutShort: it is at its limit.
    """
    if len(rows) >= full:
        raise CutShort
    return rows


def each_once(rows: Iterable[Row], key: Callable[[Row], str]) -> list[Row]:
    """The rows without those that came before with the same key."""
    return list({key(row): row for row in rows}.values())


def moment(row: Row, field: str, unit: timedelta = MILLISECOND) -> datetime:
    """An instant that is counted from 1970 in `unit`, fractions welcome.

    Raises:
        SourceError: bad_answer: it is no number, or lies outside the years that make sense.
    """
    return _counted(amount(row, field), field, unit)


def iso_moment(row: Row, field: str) -> datetime:
    """An instant in ISO 8601 or like `2019-10-12 11:12:02`; without a zone it is UTC.

    Raises:
        SourceError: bad_answer.
    """
    try:
        found = datetime.fromisoformat(text(row, field))
    except ValueError:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is not an instant") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def millis(instant: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (instant - _EPOCH) // MILLISECOND


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970, rounded down."""
    return (instant - _EPOCH) // SECOND


def last_millis(span: Span) -> int:
    """The last whole millisecond of a span, for venues whose end is meant inclusively."""
    return millis(span.end - timedelta(microseconds=1))


def between(span: Span, since: str = "startTime") -> dict[str, object]:
    """The span in fields of a question: milliseconds, both ends included."""
    return {since: millis(span.start), "endTime": last_millis(span)}


def _counted(number: Decimal, field: str, unit: timedelta) -> datetime:
    micros = number * (unit // timedelta(microseconds=1))
    if not 0 < micros < 4_102_444_800_000_000:  # the year 2100
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is not an instant")
    return _EPOCH + timedelta(microseconds=int(micros))
