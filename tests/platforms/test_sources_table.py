"""The README's table of sources is what the script finds, and what it finds is good."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.limits import LIMITS
from tests.platforms.sources_table import Row, in_readme, rows


@pytest.fixture(scope="module")
def found() -> list[Row]:
    return asyncio.run(rows(timed=False))


def test_the_readme_has_what_the_script_finds(found: list[Row]) -> None:
    told = [row[:-1] for row in in_readme()]
    assert told == [row.cells()[:-1] for row in found], "python -m tests.platforms.sources_table --write"


def test_every_source_that_states_a_total_is_covered(found: list[Row]) -> None:
    for row in found:
        assert row.covered is None or 99 <= row.covered <= 101, row
    assert sum(row.covered is not None for row in found) >= 7


def test_the_room_that_is_kept_for_a_report_is_enough_for_one(found: list[Row]) -> None:
    for source, row in zip(SOURCES, found, strict=True):
        spent, units = row.weight
        if source in LIMITS and units == LIMITS[source].private.units:
            assert Decimal(spent) <= Decimal(LIMITS[source].private.report), row
