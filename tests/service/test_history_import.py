"""History from elsewhere: read line by line, stored whole or not at all."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.history import Origin
from portfolio_bot.service import history_import
from portfolio_bot.service.file_lines import LARGEST_FILE, MOST_ERRORS, LineError
from portfolio_bot.service.history_import import Parsed, Plan
from portfolio_bot.storage import snapshots
from portfolio_bot.storage.imported import Figures
from portfolio_bot.storage.store import Store, open_store
from tests.storage.builders import NOON, PARIS, complete, fixed

EXAMPLE = b'{"23-02-2026": {"USD": 42500.00, "RUB": 3932500.00}}'


def parse(text: str | bytes) -> Parsed:
    data = text.encode() if isinstance(text, str) else text
    return history_import.parse(data, now=NOON)


def only_error(text: str | bytes) -> LineError:
    (error,) = parse(text).errors
    return error


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path, clock=fixed()) as opened:
        yield opened


async def apply(store: Store, text: str | bytes) -> Plan:
    parsed = parse(text)
    return await store.write(lambda tx: history_import.apply(tx, parsed, PARIS, NOON))


def test_the_documented_json_is_read_exactly() -> None:
    parsed = parse(EXAMPLE)
    assert parsed.errors == ()
    figures = parsed.closes[date(2026, 2, 23)]
    assert (str(figures.usd), str(figures.rub)) == ("42500.00", "3932500.00")


def test_no_digit_of_a_json_number_passes_through_a_float() -> None:
    parsed = parse('{"2026-02-23": {"USD": 12345678901234567890.123456789012345678}}')
    assert str(parsed.closes[date(2026, 2, 23)].usd) == "12345678901234567890.123456789012345678"


def test_csv_columns_come_in_any_order_and_one_figure_may_be_empty() -> None:
    parsed = parse("total_rub,time,total_usd\n,2026-02-23,1.5\n90.25,24-02-2026,\n")
    assert parsed.closes == {
        date(2026, 2, 23): Figures(Decimal("1.5"), None),
        date(2026, 2, 24): Figures(None, Decimal("90.25")),
    }


def test_a_byte_order_mark_and_windows_line_ends_are_no_error() -> None:
    assert len(parse(b"\xef\xbb\xbftime,total_usd\r\n2026-02-23,1\r\n\r\n").closes) == 1


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("202602230830", datetime(2026, 2, 23, 8, 30, tzinfo=UTC)),
        ("2026-02-23T08:30Z", datetime(2026, 2, 23, 8, 30, tzinfo=UTC)),
        ("2026-02-23 08:30:15+03:00", datetime(2026, 2, 23, 5, 30, 15, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_either_form(written: str, instant: datetime) -> None:
    assert list(parse(f"time,total_usd\n{written},1").closes) == [instant]
    assert list(parse(f'{{"{written}": {{"USD": 1}}}}').closes) == [instant]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2026-02-23T08:30", "without a zone"),
        ("31-02-2026", "no such day"),
        ("202602310830", "no such minute"),
        ("02/23/2026", "neither a date"),
        ("", "neither a date"),
        ("２０２６-02-23", "neither a date"),
        ("22-11-2026", "future"),
        ("2026-11-20T12:00:01Z", "future"),
        ("1969-12-31", "before 1970"),
    ],
)
def test_a_time_that_is_none_is_named_with_its_line(written: str, reason: str) -> None:
    error = only_error(f"time,total_usd\n2026-02-23,1\n{written},1")
    assert (error.line, error.column, error.value) == (3, "time", written)
    assert reason in error.reason


@pytest.mark.parametrize("written", ["1_000", "NaN", "Infinity", "0x10", "1e400", "--1", "1 000", "１２", "9" * 31])
def test_a_figure_that_is_no_number_is_named(written: str) -> None:
    error = only_error(f"time,total_usd\n2026-02-23,{written}")
    assert (error.line, error.column, error.value) == (2, "total_usd", written[:40])


def test_a_decimal_comma_is_explained() -> None:
    assert "decimal mark is a point" in only_error('time,total_usd\n2026-02-23,"1,5"').reason


@pytest.mark.parametrize("written", ["true", '"abc"', "[1]", "{}", "NaN", "-Infinity"])
def test_json_values_that_are_no_numbers_are_named(written: str) -> None:
    error = only_error(f'{{\n "23-02-2026": {{"RUB": 1, "USD": {written}}}\n}}')
    assert (error.line, error.column) == (2, "USD")


def test_every_error_of_a_file_is_told_not_only_the_first() -> None:
    errors = parse("time,total_usd,total_rub\nx,1,1\n2026-02-23,y,z\n2026-02-24,1,\n2026-02-25,,\n").errors
    assert [(error.line, error.column) for error in errors] == [
        (2, "time"),
        (3, "total_usd"),
        (3, "total_rub"),
        (5, "total_usd"),
    ]


def test_the_same_date_twice_is_an_error_even_when_spelt_differently() -> None:
    error = only_error('{"23-02-2026": {"USD": 1},\n "2026-02-23": {"USD": 1}}')
    assert (error.line, error.value) == (2, "2026-02-23")
    assert "line 1" in error.reason
    assert "line 1" in only_error('{"23-02-2026": {"USD": 1}, "23-02-2026": {"USD": 1}}').reason


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"23-02-2026": {"USD": 1}', 1),
        ('{"23-02-2026": {"USD": 1},\n}', 2),
        ('{\n"23-02-2026"\n{"USD": 1}}', 3),
        ('{"23-02-2026": {"USD": 1}} {}', 1),
        ('{202602230830: {"USD": 1}}', 1),
        ('{"23-02-2026": {"USD": 01}}', 1),
        ('{"23-02-2026": {"USD": 1} "24-02-2026": {"USD": 1}}', 1),
    ],
)
def test_json_that_is_none_is_refused_with_its_line(text: str, line: int) -> None:
    error = parse(text).errors[-1]
    assert (error.line, "no valid JSON" in error.reason) == (line, True)


def test_unknown_and_doubled_json_fields_are_refused() -> None:
    assert only_error('{"23-02-2026": {"USD": 1, "EUR": 2}}').column == "EUR"
    assert only_error('{"23-02-2026": {"USD": 1, "USD": 2}}').reason == "the same field twice"
    assert "not of the form" in only_error('{"23-02-2026": 5}').reason


def test_a_hundred_thousand_brackets_are_an_error_not_a_crash() -> None:
    assert only_error('{"23-02-2026": ' + "[" * 100_000).reason == "nested too deep"


@pytest.mark.parametrize(
    ("header", "column"),
    [("time,total_usd,total_eur", "total_eur"), ("time,total_usd,total_usd", "total_usd"), ("total_usd", "time")],
)
def test_a_header_that_is_not_ours_is_refused(header: str, column: str) -> None:
    assert column in {error.column for error in parse(f"{header}\n").errors}


def test_a_file_without_a_header_is_told_what_it_should_be() -> None:
    assert "time,total_usd,total_rub" in only_error("2026-02-23;1;2\n").reason


def test_a_row_with_a_cell_too_many_and_an_open_quote_are_refused() -> None:
    assert only_error("time,total_usd\n2026-02-23,1,2").reason == "needs 2 cells"
    assert "quote" in only_error('time,total_usd\n2026-02-23,"1').reason


def test_bytes_that_are_no_utf8_are_refused_with_their_line() -> None:
    assert only_error(b"time,total_usd\n2026-02-23,\xff").line == 2


def test_an_empty_file_is_an_error() -> None:
    assert parse("").errors
    assert only_error("{}").reason == "no close in this file"
    assert only_error("time,total_usd\n").reason == "no close in this file"


def test_a_file_over_ten_megabytes_is_not_even_read() -> None:
    assert "10 MB" in only_error(b" " * (LARGEST_FILE + 1)).reason


def test_a_large_file_is_read_in_seconds_and_its_errors_are_cut_short() -> None:
    began = time.perf_counter()
    parsed = parse("time,total_usd\n" + "x,1\n" * 300_000)
    assert len(parsed.errors) == MOST_ERRORS + 1
    rows = (f"{NOON - timedelta(minutes=n):%Y%m%d%H%M},1" for n in range(20_000))
    assert len(parse("time,total_usd\n" + "\n".join(rows)).closes) == 20_000
    assert time.perf_counter() - began < 3


async def test_importing_twice_changes_nothing(store: Store) -> None:
    first, second = await apply(store, EXAMPLE), await apply(store, EXAMPLE)
    assert first.as_json() == {"new": 1, "same": 0, "changed": 0, "errors": []}
    assert second.as_json() == {"new": 0, "same": 1, "changed": 0, "errors": []}


async def test_equal_figures_written_differently_are_the_same(store: Store) -> None:
    await apply(store, EXAMPLE)
    plan = await apply(store, "time,total_usd,total_rub\n2026-02-23,42500,3932500.0\n")
    assert (plan.new, plan.same, plan.changed) == (0, 1, 0)


async def test_another_figure_is_a_change_that_the_dry_run_shows(store: Store) -> None:
    await apply(store, EXAMPLE)
    other = parse("time,total_usd\n2026-02-23,43000\n2026-02-24,44000\n")
    async with store.read() as tx:
        plan = await history_import.plan(tx, other, PARIS, NOON)
        kept = await snapshots.closes(tx, PARIS, now=NOON)
    assert (plan.new, plan.same, plan.changed) == (1, 0, 1)
    assert [close.point.usd for close in kept] == [Decimal("42500.00")]


async def test_a_figure_that_a_file_leaves_empty_takes_nothing_away(store: Store) -> None:
    await apply(store, EXAMPLE)
    assert (await apply(store, "time,total_usd\n2026-02-23,42500\n")).same == 1
    plan = await apply(store, "time,total_usd,total_rub\n2026-02-23,43000,\n")
    assert plan.changes() == [{"time": "2026-02-23", "currency": "USD", "before": "42500", "after": "43000"}]
    async with store.read() as tx:
        (close,) = await snapshots.closes(tx, PARIS, now=NOON)
    assert (close.point.usd, close.point.rub) == (Decimal(43000), Decimal(3932500))


def test_a_json_list_is_told_what_it_should_be() -> None:
    assert "a list, and not of the form" in only_error("[1, 2]").reason


async def test_one_bad_line_keeps_the_whole_file_out(store: Store) -> None:
    plan = await apply(store, "time,total_usd\n2026-02-23,1\n2026-02-24,x\n")
    assert [error["line"] for error in plan.as_json()["errors"]] == [3]  # type: ignore[attr-defined]
    async with store.read() as tx:
        assert await snapshots.closes(tx, PARIS, now=NOON) == []


async def test_imported_closes_stand_before_live_ones_and_live_wins_the_same_day(store: Store) -> None:
    await apply(store, "time,total_usd\n2026-11-18,1\n2026-11-19,2\n")
    await store.write(lambda tx: snapshots.add(tx, complete(NOON - timedelta(days=1), "3"), trigger="hourly"))
    async with store.read() as tx:
        closes = await snapshots.closes(tx, PARIS, now=NOON)
    assert [(close.day.day, close.point.usd, close.point.origin) for close in closes] == [
        (19, Decimal(3), Origin.LIVE),
        (18, Decimal(1), Origin.IMPORTED),
    ]


async def test_a_new_zone_cuts_instants_anew_but_never_a_date(store: Store) -> None:
    await apply(store, "time,total_usd\n2026-02-20,1\n2026-02-23T23:30Z,2\n")
    async with store.read() as tx:
        days = {
            zone: [close.day.day for close in await snapshots.closes(tx, Calendar.of(zone), now=NOON)]
            for zone in ("UTC", "Europe/Paris")
        }
    assert days == {"UTC": [23, 20], "Europe/Paris": [24, 20]}


async def test_a_date_alone_stands_for_the_end_of_that_day(store: Store) -> None:
    await apply(store, "time,total_usd\n2026-02-23T20:00Z,1\n23-02-2026,2\n")
    async with store.read() as tx:
        (close,) = await snapshots.closes(tx, PARIS, now=NOON)
    assert (close.point.usd, close.point.at) == (Decimal(2), datetime(2026, 2, 23, 23, tzinfo=UTC))


async def test_imported_instants_are_points_beside_live_snapshots(store: Store) -> None:
    await apply(store, "time,total_usd\n2026-11-19T12:00Z,1\n")
    await store.write(lambda tx: snapshots.add(tx, complete(usd="3"), trigger="hourly"))
    async with store.read() as tx:
        points = await snapshots.nav_points(tx, NOON - timedelta(days=2), NOON)
    assert [(point.usd, point.origin) for point in points] == [
        (Decimal(1), Origin.IMPORTED),
        (Decimal(3), Origin.LIVE),
    ]
