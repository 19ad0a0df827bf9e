"""Explanations fit a phone, and what is joined into one row of them loses nothing."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from portfolio_bot.analytics.performance import Track, measure
from portfolio_bot.analytics.returns import Method, twr, weights
from portfolio_bot.analytics.series import Flow, Valuation
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Known
from portfolio_bot.model.instrument import PriceSource
from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.report import compose
from portfolio_bot.report.compose.explain import SOURCES
from portfolio_bot.report.document import Document
from portfolio_bot.report.explain_views import Counted, Link, TwrView
from portfolio_bot.report.layout import width
from portfolio_bot.report.stretches import Stretch, between_flows, by_day
from tests.analytics.test_invariants import alike, few, histories
from tests.report import gallery
from tests.report.shown import text

UTC_DAYS = Calendar(UTC)
READER = gallery.reader()


def links(series: list[Valuation], flows: list[Flow]) -> list[Link]:
    found, growth = [], Decimal(1)
    for one in twr(series, flows).intervals:
        inside = [flow for flow in flows if one.start.at <= flow.at < one.end.at]
        growth *= 1 + (one.value or 0)
        parts = tuple((Counted(flow), part) for flow, part in zip(inside, weights(one, inside), strict=True))
        found.append(Link(one, parts, one.start.value if not inside else None, growth))
    return found


def chained(rows: list[Stretch]) -> Decimal:
    growth = Decimal(1)
    for one in rows:
        growth *= 1 + (one.value or 0)
    return growth - 1


@few
@given(histories())
def test_what_is_joined_chains_to_the_same_return(history: tuple[list[Valuation], list[Flow]]) -> None:
    series, flows = history
    whole = twr(series, flows).figure
    each = links(series, flows)
    for rows in (by_day(each, UTC_DAYS), between_flows(each)):
        assert alike(Known(chained(rows)), whole, "1e-20")
        assert sum(one.links for one in rows) == len(each)
        assert [one.start for one in rows[1:]] == [one.end for one in rows[:-1]]
        assert [flow for one in rows for flow in one.flows] == [flow for one in each for flow in one.flows]
    assert len(between_flows(each)) <= len(by_day(each, UTC_DAYS)) <= len(each)


def returned() -> Document:
    now = READER.now - timedelta(days=9)
    series = [Valuation(now + timedelta(hours=7 * n), Decimal(1_234_567 + 1_111 * n)) for n in range(20)]
    flows = [Flow(series[3].at + timedelta(hours=1), Decimal("98765.43")), Flow(series[9].at, Decimal(-250000))]
    found = measure(Track(tuple(series), flows=tuple(flows)), UTC_DAYS)
    view = TwrView("", "USD", found, Method.AUTO, tuple(links(series, flows)), {})
    return compose.explain_twr(view, {}, READER)


@pytest.mark.parametrize("made", ["total", "twr"])
def test_no_line_of_a_table_is_wider_than_a_phone(made: str) -> None:
    portfolio = DemoWorld(Scenario.OUTAGE, READER.now).portfolio(READER.now)
    document = compose.explain_total(portfolio, READER) if made == "total" else returned()
    tables = [line for line in text(document).splitlines() if "  " in line]
    assert tables
    assert max(width(line) for line in tables) <= 30


def test_every_source_of_a_price_has_a_word() -> None:
    assert {str(source) for source in PriceSource} | {"imported", "live"} == set(SOURCES)
