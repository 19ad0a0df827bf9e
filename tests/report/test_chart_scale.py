"""Ticks, points and letters: what every picture stands on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.report import charts
from portfolio_bot.report.charts.axes import LABEL
from portfolio_bot.report.charts.canvas import WIDTH, cut, legible, width_of
from portfolio_bot.report.charts.labels import index_labels, money_labels, percent_labels
from portfolio_bot.report.charts.moments import MOST, time_ticks
from portfolio_bot.report.charts.scale import Scale, span_of, thinned, ticks
from portfolio_bot.report.charts.theme import DARK, LIGHT, Theme, contrast, mixed
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.voice import Voice
from tests.report.chart_samples import NOW, reader

VOICE = Voice.of(reader())
RUSSIAN = Voice.of(reader(language="ru"))
VALUES = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=4, allow_nan=False, allow_infinity=False
)
SPANS = st.tuples(VALUES, VALUES).filter(lambda ends: ends[0] != ends[1]).map(sorted)


@given(SPANS, st.integers(2, 12))
def test_ticks_are_round_even_and_inside(span: list[Decimal], most: int) -> None:
    low, high = span
    found = ticks(low, high, most)
    assert len(found) <= most
    assert all(low <= one <= high for one in found)
    steps = {right - left for left, right in pairwise(found)}
    assert len(steps) <= 1
    for step in steps:
        assert step.normalize().as_tuple().digits in {(1,), (2,), (5,)}
        assert all(one % step == 0 for one in found)


@given(SPANS)
def test_there_are_enough_ticks_to_read_a_value(span: list[Decimal]) -> None:
    assert len(ticks(span[0], span[1], 6)) >= 2


@given(st.lists(VALUES, min_size=1, max_size=30), st.decimals(min_value="0.01", max_value="1e6", places=2))
def test_an_axis_holds_its_values_and_is_never_empty(values: list[Decimal], least: Decimal) -> None:
    low, high = span_of(values, least)
    assert low < high
    assert low <= min(values) <= max(values) <= high
    assert high - low >= least * Decimal("0.999")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=1_500), st.integers(10, 300))
def test_points_are_thinned_to_what_can_be_seen_and_keep_their_extremes(heights: list[float], width: int) -> None:
    points = [(place * width / len(heights), height) for place, height in enumerate(heights)]
    kept = thinned(points, width)
    assert kept == sorted(set(kept))
    assert len(kept) <= max(width + 4, 10)
    assert {kept[0], kept[-1]} == {0, len(points) - 1}
    shown = [heights[place] for place in kept]
    assert (min(shown), max(shown)) == (min(heights), max(heights))


SECONDS = st.integers(60, 40 * 365 * 86_400)


@settings(max_examples=60, deadline=None)
@given(SECONDS, st.integers(0, 86_400 * 400), st.sampled_from(["en", "ru"]))
def test_labels_of_the_time_axis_never_touch(length: int, ago: int, language: str) -> None:
    last = NOW - timedelta(seconds=ago)
    first = last - timedelta(seconds=length)
    scale = Scale(first.timestamp(), last.timestamp(), 130.0, 1050.0)
    numbers = Voice.of(reader(language=language)).numbers
    found = time_ticks(numbers, first, last, lambda at: scale(at.timestamp()), size=LABEL, right=WIDTH)
    assert 1 <= len(found) <= MOST
    edges = [(one.x - width_of(one.label, LABEL) / 2, one.x + width_of(one.label, LABEL) / 2) for one in found]
    assert all(left[1] < right[0] for left, right in pairwise(edges))
    assert len({one.label for one in found}) > len(found) // 3


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, ["15:00", "18:00", "21:00", "20 Nov", "03:00", "06:00", "09:00", "12:00"]),
        (7, ["14 Nov", "15 Nov", "16 Nov", "17 Nov", "18 Nov", "19 Nov", "20 Nov"]),
        (30, ["26 Oct", "2 Nov", "9 Nov", "16 Nov"]),
        (365, ["2026", "Mar", "May", "Jul", "Sep", "Nov"]),
        (3650, ["2018", "2020", "2022", "2024", "2026"]),
    ],
)
def test_the_time_axis_has_the_round_moments_of_its_length(days: int, expected: list[str]) -> None:
    first = NOW - timedelta(days=days)
    scale = Scale(first.timestamp(), NOW.timestamp(), 100.0, 1050.0)
    found = time_ticks(VOICE.numbers, first, NOW, lambda at: scale(at.timestamp()), size=LABEL, right=WIDTH)
    assert [one.label.replace(NBSP, " ") for one in found] == expected


def test_hours_are_those_of_the_reader_over_a_change_of_the_clock() -> None:
    first, last = datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC)
    scale = Scale(first.timestamp(), last.timestamp(), 100.0, 1050.0)
    found = time_ticks(VOICE.numbers, first, last, lambda at: scale(at.timestamp()), size=LABEL, right=WIDTH)
    labels = [one.label.replace(NBSP, " ") for one in found]
    assert labels == ["22:00", "25 Oct", "02:00", "04:00", "06:00", "08:00"]
    assert found[3].x - found[2].x > 1.4 * (found[1].x - found[0].x)  # three hours lie between two and four


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["0", "20000", "40000"], ["$0", "$20k", "$40k"]),
        (["45500", "46000"], ["$45.5k", "$46k"]),
        (["45250.5", "45250.6"], ["$45,250.5", "$45,250.6"]),
        (["-500", "0", "500"], ["−$500", "$0", "$500"]),
        (["1000000", "1500000"], ["$1M", "$1.5M"]),
        (["2000000000"], ["$2B"]),
        (["0.2", "0.4"], ["$0.2", "$0.4"]),
    ],
)
def test_money_at_an_axis_is_short_and_exact(values: list[str], expected: list[str]) -> None:
    assert money_labels(VOICE, [Decimal(one) for one in values], "USD") == expected


def test_money_at_an_axis_is_in_the_reader_s_convention() -> None:
    labels = money_labels(RUSSIAN, [Decimal(45_500), Decimal(46_000)], "RUB")
    assert [one.replace(NBSP, " ") for one in labels] == ["45,5 тыс. ₽", "46 тыс. ₽"]
    assert percent_labels(RUSSIAN, [Decimal("-0.025"), Decimal(0), Decimal("0.025")]) == [
        f"−2,5{NBSP}%", f"0,0{NBSP}%", f"+2,5{NBSP}%",
    ]  # fmt: skip


def test_an_index_has_whole_numbers_where_these_differ() -> None:
    assert index_labels(VOICE, [Decimal(-50), Decimal(1_000)]) == ["−50", "1,000"]
    assert index_labels(VOICE, [Decimal("100.2"), Decimal("100.4")]) == ["100.20", "100.40"]


def test_what_the_fonts_lack_is_a_box_and_what_is_no_character_is_left_out() -> None:
    assert legible("比特币 BTC\u202e\u0000\ud800 €₽ё") == "□□□ BTC €₽ё"
    assert legible("a\tb\nc") == "a b c"


@given(st.text(max_size=80), st.floats(30, 400))
def test_a_text_that_was_cut_fits(text: str, room: float) -> None:
    assert width_of(cut(text, 30, room), 30) <= max(room + 0.5, width_of("…", 30))


def test_the_fonts_come_along_and_are_small() -> None:
    folder = Path(charts.__file__).parent / "fonts"
    fonts = sorted(folder.glob("*.ttf"))
    assert [one.name for one in fonts] == ["DejaVuSans-Bold.ttf", "DejaVuSans.ttf"]
    assert sum(one.stat().st_size for one in fonts) <= 120_000
    assert "Bitstream Vera" in (folder / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_everything_is_legible_on_its_paper(theme: Theme) -> None:
    assert contrast(theme.ink, theme.paper) > 12
    assert contrast(theme.quiet, theme.paper) > 4.5
    assert contrast(theme.main, theme.paper) > 4.5
    assert contrast(theme.other, theme.paper) > 4.5
    assert contrast(theme.beside, theme.paper) > 4.5  # what the benchmark came to is written in it
    for part in range(11):
        for colour in (theme.up, theme.down):
            fill = mixed(colour, theme.paper, 0.14 + 0.086 * part)
            assert max(contrast(theme.ink, fill), contrast(theme.paper, fill)) > 4.4
