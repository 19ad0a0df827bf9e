"""Pages one after the other: all of them or none, and never without an end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.platforms.ledger import CutShort, Span
from portfolio_bot.platforms.paging import (
    between,
    by_count,
    by_cursor,
    by_number,
    each_once,
    iso_moment,
    last_millis,
    millis,
    moment,
    unless_full,
)
from portfolio_bot.platforms.venue import NO_PARAMS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pages(**answers: tuple[Sequence[int], str]) -> Callable[[str], Awaitable[tuple[Sequence[int], str]]]:
    async def ask(cursor: str) -> tuple[Sequence[int], str]:
        return answers[cursor or "first"]

    return ask


async def test_cursors_are_followed_to_the_end() -> None:
    assert await by_cursor(pages(first=([1, 2], "b"), b=([3], "c"), c=([], ""))) == [1, 2, 3]


async def test_a_cursor_that_comes_again_is_refused() -> None:
    with pytest.raises(SourceError):
        await by_cursor(pages(first=([1], "b"), b=([2], "c"), c=([3], "b")))


async def test_a_full_page_without_a_cursor_is_cut_short() -> None:
    ask = pages(first=([1, 2], "b"), b=([3, 4], ""))
    assert await by_cursor(ask) == [1, 2, 3, 4]
    assert await by_cursor(ask, full=3) == [1, 2, 3, 4]
    with pytest.raises(CutShort):
        await by_cursor(ask, full=2)


async def test_more_pages_than_are_read_at_once_are_cut_short() -> None:
    async def endless(cursor: str) -> tuple[Sequence[int], str]:
        return [1], f"{cursor}x"

    async def full(_page: int) -> Sequence[int]:
        return [1]

    with pytest.raises(CutShort):
        await by_cursor(endless, most=5)
    with pytest.raises(CutShort):
        await by_number(full, full=1, most=5)


@pytest.mark.parametrize(("first", "step", "asked"), [(1, 1, [1, 2, 3]), (0, 2, [0, 2, 4])])
async def test_a_page_that_is_not_full_is_the_last_one(first: int, step: int, asked: list[int]) -> None:
    seen: list[int] = []

    async def ask(page: int) -> Sequence[int]:
        seen.append(page)
        return [7, 7] if len(seen) < 3 else [7]

    assert await by_number(ask, full=2, first=first, step=step) == [7] * 5
    assert seen == asked


def test_what_cannot_be_paged_is_whole_only_below_its_limit() -> None:
    assert unless_full([1, 2], 3) == [1, 2]
    with pytest.raises(CutShort):
        unless_full([1, 2, 3], 3)


def test_a_row_that_comes_again_is_the_newer_one() -> None:
    rows = [{"id": "a", "state": "1"}, {"id": "b", "state": "1"}, {"id": "a", "state": "2"}]
    assert each_once(rows, lambda row: str(row["id"])) == [{"id": "a", "state": "2"}, {"id": "b", "state": "1"}]


def test_instants_are_read_in_any_unit_and_to_the_microsecond() -> None:
    assert moment({"at": "1772366400000"}, "at") == NOON
    assert moment({"at": 1772366400}, "at", timedelta(seconds=1)) == NOON
    assert moment({"at": "1772366400.000001"}, "at", timedelta(seconds=1)) == NOON + timedelta(microseconds=1)
    assert iso_moment({"at": "2026-03-01 12:00:00"}, "at") == NOON
    assert iso_moment({"at": "2026-03-01T15:00:00+03:00"}, "at") == NOON


@pytest.mark.parametrize("wrong", ["", "soon", "-1", "0", "99999999999999999", None])
def test_what_is_no_instant_is_refused(wrong: object) -> None:
    with pytest.raises(SourceError):
        moment({"at": wrong}, "at")


def test_the_end_of_a_span_does_not_belong_to_it() -> None:
    span = Span(NOON, NOON + timedelta(seconds=1))
    assert (millis(span.start), last_millis(span)) == (1772366400000, 1772366400999)


class Pages:
    """Implements `venue.Api` with these pages; what comes after them is empty."""

    def __init__(self, pages: Sequence[Sequence[Mapping[str, object]]], total: int) -> None:
        self.pages, self.total, self.asked = pages, total, 0

    async def call(self, _method: str, params: Mapping[str, object] = NO_PARAMS) -> object:
        self.asked += 1
        number = int(str(params["current"]))
        return {"rows": list(self.pages[number - 1]) if number <= len(self.pages) else [], "total": self.total}

    look = once = call


def full(first: int, count: int = 3) -> list[Mapping[str, object]]:
    return [{"id": number} for number in range(first, first + count)]


async def ids(pages: Pages) -> list[object]:
    return [row["id"] for row in await by_count(pages, "x", full=3)]


async def test_a_full_page_is_not_the_last_even_if_no_more_were_announced() -> None:
    assert await ids(Pages([full(0), full(3, 1)], total=3)) == [0, 1, 2, 3]


async def test_a_short_page_is_not_the_last_while_more_were_announced() -> None:
    assert await ids(Pages([full(0, 2), full(2, 2)], total=4)) == [0, 1, 2, 3]


async def test_an_empty_page_ends_it_whatever_was_announced() -> None:
    assert await ids(Pages([full(0)], total=999)) == [0, 1, 2]


async def test_a_page_that_comes_twice_is_refused() -> None:
    with pytest.raises(SourceError, match="came twice"):
        await ids(Pages([full(0), full(0)], total=9))


async def test_more_pages_than_are_asked_for_at_once_want_a_shorter_span() -> None:
    with pytest.raises(CutShort):
        await ids(Pages([full(3 * number) for number in range(200)], total=600))


def test_a_span_is_asked_for_with_both_ends_inside_it() -> None:
    asked = between(Span(NOON, NOON + timedelta(seconds=1)))
    assert asked == {"startTime": 1772366400000, "endTime": 1772366400999}
