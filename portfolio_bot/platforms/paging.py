"""Pages of an answer, one after the other, for as long as they make sense.

Every page of a span must come, or none of it counts. What repeats is dropped; a venue that sends the same cursor again
or never comes to an end is refused, because what it says cannot be whole.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.ledger import CutShort, Span
from portfolio_bot.platforms.strict import Row, amount, text

T = TypeVar("T")

MOST_PAGES = 100
"""Of one span: more are asked for in shorter ones, so that what was read is soon stored."""

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


def moment(row: Row, field: str, unit: timedelta = timedelta(milliseconds=1)) -> datetime:
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
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970, rounded down."""
    return (instant - _EPOCH) // timedelta(seconds=1)


def last_millis(span: Span) -> int:
    """The last whole millisecond of a span, for venues whose end is meant inclusively."""
    return millis(span.end - timedelta(microseconds=1))


def _counted(number: Decimal, field: str, unit: timedelta) -> datetime:
    micros = number * (unit // timedelta(microseconds=1))
    if not 0 < micros < 4_102_444_800_000_000:  # the year 2100
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is not an instant")
    return _EPOCH + timedelta(microseconds=int(micros))
