"""Pages that cannot be trusted: nothing of a span counts unless all of it came, and nothing counts twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.ledger import CutShort, Hints, KeepsLedger, Record, Span
from tests.peers import faults
from tests.peers.faults import Reply, Route, Seen
from tests.peers.venue import VenuePeer, venue_server
from tests.platforms.contract.paged import NEWEST, PAGED, By, Json, Paged
from tests.platforms.contract.paged_more import MORE
from tests.platforms.contract.peers import VENUES, in_a_hurry, opened

pytestmark = pytest.mark.usefixtures("unthrottled")

EACH = pytest.mark.parametrize("paged", [*PAGED, *MORE], ids=str)
SPAN = Span(NEWEST - timedelta(hours=6), NEWEST + timedelta(minutes=1))
MOST_ASKED = 130

Answers = Callable[[Seen], object]


@asynccontextmanager
async def venue(paged: Paged, answers: Answers) -> AsyncIterator[VenuePeer]:
    """A venue that is empty but for what this endpoint answers."""
    route = Route.parse(paged.route)
    async with venue_server(VENUES[paged.source]) as peer:
        usual = peer.answer

        def answer(seen: Seen) -> Reply:
            return Reply.of(answers(seen)) if route.matches(seen) else usual(seen)

        peer.answer = answer
        yield peer


def honest(paged: Paged, rows: Sequence[Json], spoil: Callable[[list[Json]], list[Json]] = list) -> Answers:
    """Page after page of these rows; each page goes through `spoil`."""

    def answers(seen: Seen) -> object:
        page, further = paged.page(rows, seen)
        return paged.body(spoil(page), further)

    return answers


async def read(paged: Paged, peer: VenuePeer) -> list[Record]:
    """The whole span through the real client."""
    async with opened(paged.source, peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints(assets=paged.assets))}
        found: list[Record] = []
        token = ""
        for _ in range(MOST_ASKED):
            batch = await made.past(streams[paged.stream], SPAN, token)
            found += batch.records
            if not batch.more:
                return found
            token = batch.token
        raise AssertionError("it never came to an end")


def three_pages(paged: Paged) -> list[Json]:
    """The last one is not quite full, so that nothing can follow."""
    return paged.rows(3 * paged.full - 5)


_GOOD: dict[str, Sequence[Record]] = {}
"""What an honest venue tells is read for the first test that wants to know it."""


async def good(paged: Paged) -> Sequence[Record]:
    """The records of three pages."""
    if str(paged) not in _GOOD:
        async with venue(paged, honest(paged, three_pages(paged))) as peer:
            _GOOD[str(paged)] = await read(paged, peer)
    return _GOOD[str(paged)]


def test_every_venue_has_its_ways_of_paging_in_the_table() -> None:
    assert {paged.source for paged in (*PAGED, *MORE)} == set(VENUES)


@EACH
async def test_all_pages_make_the_span(paged: Paged) -> None:
    found = set(await good(paged))
    assert len(found) >= len(three_pages(paged))
    assert len({record.id for record in found}) == len(found)


@EACH
async def test_a_page_that_comes_again_and_again_is_refused(paged: Paged) -> None:
    """The same cursor for ever; where there is none, the same full page."""
    page = paged.rows(paged.full)
    async with venue(paged, lambda _: paged.body(page, "again")) as peer:
        if paged.by is By.CURSOR:
            with pytest.raises(SourceError) as caught:
                await read(paged, peer)
            assert caught.value.failure.kind is FailureKind.BAD_ANSWER
        else:
            with pytest.raises((SourceError, CutShort)):
                await read(paged, peer)
        assert len(peer.requests) <= MOST_ASKED


@EACH
@pytest.mark.parametrize("fault", [faults.status(500), faults.instead(b"{}")], ids=("500", "broken"))
async def test_nothing_counts_when_page_three_of_five_fails(paged: Paged, fault: faults.Fault) -> None:
    asked = 0
    route = Route.parse(paged.route)
    async with venue(paged, honest(paged, paged.rows(5 * paged.full - 1))) as peer:
        usual = peer.answer

        def answer(seen: Seen) -> Reply:
            nonlocal asked
            asked += route.matches(seen)
            if asked == 3:
                peer.fail(fault, paged.route)
            return usual(seen)

        peer.answer = answer
        async with in_a_hurry():
            with pytest.raises(SourceError):
                await read(paged, peer)


@EACH
async def test_the_order_of_rows_does_not_matter(paged: Paged) -> None:
    rows = three_pages(paged)
    async with venue(paged, honest(paged, rows, lambda page: [*page[1::2], *page[::2]])) as peer:
        assert set(await read(paged, peer)) == set(await good(paged))


@EACH
async def test_a_row_that_comes_twice_counts_once(paged: Paged) -> None:
    """Across the edge of a page, as when a new row pushes the others on, and within one."""
    rows = three_pages(paged)
    edge = paged.full
    twice = [rows[0], *rows[: edge - 2], rows[edge - 2], *rows[edge - 2 :]]
    async with venue(paged, honest(paged, twice)) as peer:
        assert set(await read(paged, peer)) == set(await good(paged))


@EACH
async def test_a_full_page_is_never_taken_for_the_whole(paged: Paged) -> None:
    page = paged.rows(paged.full)
    route = Route.parse(paged.route)
    async with venue(paged, honest(paged, page)) as peer:
        try:
            await read(paged, peer)
        except CutShort:
            return
        assert len([seen for seen in peer.requests if route.matches(seen)]) > 1
