"""Which span is read next: a little again of what was read, never across what the venue forgot without saying so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.platforms.ledger import Span, Stream
from portfolio_bot.service import sync_plan
from portfolio_bot.service.sync_plan import Part, Stride
from portfolio_bot.storage.ledger import Progress
from tests.service.fakes import NOON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OPENED = date(2018, 3, 4)
OPENING = datetime(2018, 3, 4, tzinfo=UTC)
ALL = Stream("all", "everything")
YEAR = Stream("year", "what a year keeps", keeps=365 * DAY)


def read(since: datetime, until: datetime, **more: object) -> Progress:
    return Progress("venue", "all", "everything", since, until, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stream", "wanted", "earliest"),
    [
        (ALL, None, OPENING),
        (ALL, NOON - 9 * DAY, NOON - 9 * DAY),
        (ALL, OPENING - 900 * DAY, OPENING),
        (YEAR, None, NOON - 365 * DAY + HOUR),
        (YEAR, NOON - 900 * DAY, NOON - 365 * DAY + HOUR),
        (YEAR, NOON - 9 * DAY, NOON - 9 * DAY),
        (ALL, NOON + DAY, NOON),
    ],
)
def test_nothing_is_asked_for_that_nobody_has_or_wants(
    stream: Stream, wanted: datetime | None, earliest: datetime
) -> None:
    assert sync_plan.reach(stream, OPENED, wanted, NOON) == earliest


def test_what_was_read_goes_on_a_little_before_its_end() -> None:
    progress = read(NOON - 90 * DAY, NOON - DAY)
    assert sync_plan.taken_up(progress, "venue", ALL, OPENING, NOON) == progress
    assert sync_plan.start_of(progress, ALL, NOON, None) == NOON - 4 * DAY
    assert sync_plan.start_of(replace(progress, since=NOON - 2 * DAY), ALL, NOON, None) == NOON - 2 * DAY


def test_a_withdrawal_on_its_way_is_read_again_until_it_arrives() -> None:
    progress = read(NOON - 90 * DAY, NOON - DAY)
    assert sync_plan.start_of(progress, ALL, NOON, NOON - 20 * DAY) == NOON - 20 * DAY
    assert sync_plan.start_of(progress, ALL, NOON, NOON - 200 * DAY) == NOON - 90 * DAY


def test_what_the_venue_forgot_while_nobody_asked_is_a_gap() -> None:
    stream = replace(YEAR, keeps=10 * DAY)
    progress = read(NOON - 90 * DAY, NOON - 30 * DAY, keeps=10 * DAY, part=((NOON - 31 * DAY, NOON), "3"))
    edge = NOON - 10 * DAY + HOUR
    taken = sync_plan.taken_up(progress, "venue", stream, edge, NOON)
    assert taken.gaps == ((NOON - 30 * DAY, edge),)
    assert (taken.since, taken.until, taken.part) == (NOON - 90 * DAY, edge, None)
    assert sync_plan.start_of(taken, stream, NOON, NOON - 40 * DAY) == edge


def test_a_restart_just_before_the_venue_forgets_leaves_no_gap() -> None:
    stream = replace(YEAR, keeps=10 * DAY)
    progress = read(NOON - 90 * DAY, NOON - 10 * DAY + HOUR / 2, keeps=10 * DAY)
    taken = sync_plan.taken_up(progress, "venue", stream, NOON, NOON)
    assert taken.gaps == ()
    assert sync_plan.start_of(taken, stream, NOON, None) == progress.until


def test_a_clock_that_was_ahead_costs_nothing() -> None:
    taken = sync_plan.taken_up(read(NOON - 90 * DAY, NOON + 900 * DAY), "venue", ALL, OPENING, NOON)
    assert taken.until == NOON


def test_a_stream_that_was_never_read_begins_where_it_is_wanted_now() -> None:
    failed = read(NOON - 90 * DAY, NOON - 90 * DAY, failure=Failure(FailureKind.BAD_KEY))
    assert sync_plan.taken_up(failed, "venue", ALL, NOON - 9 * DAY, NOON) == read(NOON - 9 * DAY, NOON - 9 * DAY)


def test_an_earlier_past_is_read_backwards_and_by_ids_from_the_beginning() -> None:
    progress, weekly = read(NOON - 30 * DAY, NOON), replace(ALL, window=7 * DAY)
    assert sync_plan.before(progress, weekly, NOON - 40 * DAY) == (NOON - 37 * DAY, NOON - 30 * DAY)
    assert sync_plan.before(progress, weekly, NOON - 31 * DAY) == (NOON - 31 * DAY, NOON - 30 * DAY)
    assert sync_plan.before(progress, weekly, NOON - 30 * DAY) is None
    assert sync_plan.before(progress, ALL, OPENING) == (NOON - 395 * DAY, NOON - 30 * DAY)
    long = read(NOON - 900 * DAY, NOON)
    assert sync_plan.before(long, ALL, NOON - 9000 * DAY) == (NOON - 1800 * DAY, NOON - 900 * DAY)
    by_ids = replace(progress, token="17")
    assert sync_plan.before(by_ids, ALL, OPENING) is None
    assert sync_plan.taken_up(by_ids, "venue", ALL, OPENING, NOON) == read(OPENING, OPENING)


def test_a_part_counts_when_it_is_whole() -> None:
    progress = read(NOON - 9 * DAY, NOON - 9 * DAY, failure=Failure(FailureKind.TIMEOUT))
    span = Span(NOON - 9 * DAY, NOON - 8 * DAY)
    half = sync_plan.moved(progress, Part(span, rest="page 2"), NOON)
    assert (half.until, half.part, half.failure) == (progress.until, (span, "page 2"), None)
    whole = sync_plan.moved(half, Part(span, token="7"), NOON)
    assert (whole.until, whole.part, whole.token, whole.tried_at) == (NOON - 8 * DAY, None, "7", NOON)


def test_what_the_venue_refuses_at_the_beginning_is_not_kept_and_later_a_gap() -> None:
    span = Span(NOON - 9 * DAY, NOON - 8 * DAY)
    refused = Part(span, kept=False)
    first = sync_plan.moved(read(span.start, span.start), refused, NOON)
    assert (first.since, first.until, first.gaps) == (span.end, span.end, ())
    later = sync_plan.moved(read(NOON - 90 * DAY, span.start + HOUR), refused, NOON)
    assert (later.since, later.until, later.gaps) == (NOON - 90 * DAY, span.end, ((span.start + HOUR, span.end),))


def test_spans_shrink_after_one_that_held_too_much_and_grow_again() -> None:
    stride = Stride(8 * DAY)
    end = NOON + 100 * DAY
    stride.shorten(stride.span(NOON, end))
    stride.shorten(stride.span(NOON, end))
    assert stride.span(NOON, end) == (NOON, NOON + 2 * DAY)
    for days in (4, 8, 8):
        stride.lengthen()
        assert stride.span(NOON, end) == (NOON, NOON + days * DAY)
    assert stride.span(NOON, NOON + HOUR) == (NOON, NOON + HOUR)


def test_a_span_without_a_longest_length_is_everything() -> None:
    assert Stride(None).span(OPENING, NOON) == (OPENING, NOON)


def test_a_millisecond_that_holds_too_much_is_an_error() -> None:
    with pytest.raises(SourceError, match="more in one millisecond"):
        Stride(None).shorten(Span(NOON, NOON + timedelta(milliseconds=1)))


def test_a_share_is_told_in_hundredths() -> None:
    assert sync_plan.share(NOON, NOON + DAY / 3, NOON + DAY) == Decimal("0.33")
    assert sync_plan.share(NOON, NOON - DAY, NOON + DAY) == 0
    assert sync_plan.share(NOON, NOON, NOON) == 1


def test_holes_beside_each_other_are_one_and_what_is_left_of_one_is_kept() -> None:
    first, second = Span(NOON - 3 * HOUR, NOON - 2 * HOUR), Span(NOON - 2 * HOUR, NOON - HOUR)
    failure = Failure(FailureKind.BAD_ANSWER, "amount")
    progress = sync_plan.moved(read(NOON - DAY, NOON - DAY), Part(first, failure=failure), NOON)
    progress = sync_plan.moved(progress, Part(second, failure=failure), NOON)
    progress = sync_plan.moved(progress, Part(Span(NOON - HOUR, NOON)), NOON)
    assert (progress.until, progress.holes, progress.failure) == (NOON, ((first.start, second.end),), failure)
    left = sync_plan.mended(progress, progress.holes[0], [Part(second, failure=failure)])
    assert (left.holes, left.failure) == ((second,), failure)
    assert sync_plan.mended(left, second, []).failure is None


def test_a_hole_that_the_venue_forgot_stays_a_gap() -> None:
    hole = (NOON - 12 * DAY, NOON - 11 * DAY)
    progress = read(NOON - 90 * DAY, NOON - DAY, holes=(hole,), keeps=10 * DAY)
    taken = sync_plan.taken_up(progress, "venue", replace(YEAR, keeps=10 * DAY), NOON, NOON)
    assert (taken.holes, taken.gaps) == ((), (hole,))
