"""From rows to records: pages that lie about their number, words that nobody knows, sides that belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.platforms.ledger import Ask, CutShort, Span
from portfolio_bot.platforms.records import between, digest, exchanged, flow, moved_inside, one_of, paged, yes

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Pages:
    """Implements `venue.Api` with these pages; what comes after them is empty."""

    def __init__(self, pages: Sequence[Sequence[Mapping[str, object]]], total: int) -> None:
        self.pages, self.total, self.asked = pages, total, 0

    async def call(self, _method: str, params: Mapping[str, object] = {}) -> object:
        self.asked += 1
        number = int(str(params["current"]))
        return {"rows": list(self.pages[number - 1]) if number <= len(self.pages) else [], "total": self.total}

    look = once = call


def full(first: int, count: int = 3) -> list[Mapping[str, object]]:
    return [{"id": number} for number in range(first, first + count)]


async def ids(pages: Pages) -> list[object]:
    return [row["id"] for row in await paged(pages, "x", full=3)]


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


def test_an_id_of_what_makes_a_row_that_row_is_always_the_same() -> None:
    assert digest("a", Decimal("1.0")) == digest("a", Decimal("1.0"))
    assert digest("a", "bc") != digest("ab", "c")
    assert len(digest("a")) == 16


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_flag_is_true_or_false_and_nothing_else(value: object) -> None:
    with pytest.raises(SourceError):
        yes({"flag": value}, "flag")


def test_a_word_that_nobody_knows_is_refused() -> None:
    assert one_of({"BUY": 1}, {"side": "BUY"}, "side") == 1
    with pytest.raises(SourceError, match="side"):
        one_of({"BUY": 1}, {"side": "HOLD"}, "side")


def ask() -> Ask:
    return Ask(Pages([], 0), "binance", Span(NOON, NOON))


def test_nothing_moved_is_no_record() -> None:
    assert flow(ask(), FlowKind.DEPOSIT, "1", NOON, "BTC", Decimal(0)) == []


def test_both_sides_of_a_conversion_and_of_a_move_belong_together() -> None:
    deal = exchanged(ask(), "d", NOON, ("EUR", Decimal(19), Decimal(1)), ("BTC", Decimal(2), Decimal(0)), "x")
    move = moved_inside(ask(), "m", NOON, "USDT", Decimal(5), "spot → funding", "x")
    for records, name in ((deal, "d"), (move, "m")):
        assert [record.txid for record in records] == [name, name]
        assert len({record.id for record in records}) == 2
    assert [(record.asset, record.amount) for record in deal] == [("EUR", Decimal(-19)), ("BTC", Decimal(2))]
    assert sum(record.amount for record in move) == 0
