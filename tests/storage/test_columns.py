"""Columns keep every digit and every microsecond, and refuse what has none to keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy.exc import StatementError

from portfolio_bot.storage.columns import Exact, Instant

TABLE = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("exact", Exact), Column("at", Instant))


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as opened:
        TABLE.create(opened)
        yield opened
    engine.dispose()


def round_trip(connection: Connection, name: str, value: object) -> object:
    row = connection.execute(insert(TABLE).values({name: value}).returning(TABLE.c[name])).one()
    (stored,) = connection.execute(select(TABLE.c[name]).order_by(TABLE.c.id.desc()).limit(1)).one()
    assert stored == row[0]
    return stored


@given(st.decimals(allow_nan=False, allow_infinity=False))
@settings(max_examples=300, deadline=None)
def test_a_decimal_comes_back_digit_for_digit(connection: Connection, value: Decimal) -> None:
    stored = round_trip(connection, "exact", value)
    assert isinstance(stored, Decimal)
    assert stored.as_tuple() == value.as_tuple() if value else stored.as_tuple() == Decimal(0).as_tuple()


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - hypothesis adds zones
@settings(max_examples=200, deadline=None)
def test_an_instant_comes_back_in_utc_to_the_microsecond(connection: Connection, value: datetime) -> None:
    stored = round_trip(connection, "at", value)
    assert isinstance(stored, datetime)
    assert (stored, stored.tzinfo) == (value.astimezone(UTC), UTC)


@pytest.mark.parametrize("value", [0.1, 1, "1", True, Decimal("NaN"), Decimal("Infinity"), Decimal("sNaN")])
def test_what_is_no_finite_decimal_is_refused(connection: Connection, value: object) -> None:
    with pytest.raises(StatementError, match="no exact number"):
        round_trip(connection, "exact", value)


@pytest.mark.parametrize("value", [datetime(2026, 11, 20, 12), 1_790_000_000, "2026-11-20"])  # noqa: DTZ001 - naive on purpose
def test_a_time_without_a_zone_is_refused(connection: Connection, value: object) -> None:
    with pytest.raises(StatementError, match="no instant"):
        round_trip(connection, "at", value)


def test_instants_of_different_zones_sort_as_they_happened(connection: Connection) -> None:
    tokyo, lima = timezone(timedelta(hours=9)), timezone(timedelta(hours=-5))
    first, second = datetime(2026, 1, 1, 8, tzinfo=tokyo), datetime(2025, 12, 31, 19, tzinfo=lima)
    for at in (second, first):
        connection.execute(insert(TABLE).values(at=at))
    found = connection.execute(select(TABLE.c.at).where(TABLE.c.at.between(first, second)).order_by(TABLE.c.at))
    assert list(found.scalars()) == [first, second]
