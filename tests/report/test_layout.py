"""Columns on a narrow screen, and strangers' words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.report.document import FIGURE, NAME, Cell, Column, Row, Table
from portfolio_bot.report.layout import clean, cut, fit, foreign, steady, width, wrapped


def table(*rows: Row, wide_from: int = 0) -> Table:
    below = Column(right=True, below=True)
    return Table((NAME, below, below, FIGURE, FIGURE), rows, wide_from=wide_from)


BTC = Row.of("BTC", "0.1503", "67,123.45", "10,088.65", "81.7%")


def test_what_fits_stands_side_by_side() -> None:
    assert fit(table(BTC), 80).lines == ["BTC  0.1503  67,123.45  10,088.65  81.7%"]


def test_amount_and_price_go_below_where_they_do_not_fit() -> None:
    assert fit(table(BTC), 30).lines == ["BTC  10,088.65  81.7%", "  0.1503 × 67,123.45"]


def test_a_table_may_ask_for_the_narrow_form_on_a_narrow_screen() -> None:
    short = Row.of("X", "1", "2", "2", "1%")
    assert fit(table(short, wide_from=50), 30).lines == ["X  2  1%", "  1 × 2"]


def test_figures_that_do_not_fit_below_break_between_figures() -> None:
    row = Row.of("PEPE", "1,234,567,890,123", "0.000000012345678", "15.24", "0.1%")
    assert fit(table(row), 30).lines[1:] == ["  1,234,567,890,123", "  × 0.000000012345678"]


def test_a_name_is_cut_before_a_figure_and_keeps_its_mark() -> None:
    row = Row((Cell("Kraken family savings", "*"), Cell(""), Cell(""), Cell("9,999,999.00"), Cell("100.0%")))
    assert fit(table(row), 30).lines == ["Kraken f…* 9,999,999.00 100.0%"]


def test_an_optional_column_is_left_out_first() -> None:
    columns = (Column(), FIGURE, Column(right=True, optional=True), FIGURE)
    rows = (Row.of("19 Nov", "44,798", "−120,000", "−0.3%"),)
    assert fit(Table(columns, rows), 24).lines == ["19 Nov  44,798  −0.3%"]


def test_a_remark_runs_over_the_whole_width() -> None:
    rows = (BTC, Row.over("7 more under $1: $2.13"))
    assert fit(table(*rows), 30).lines[-1] == "7 more under $1: $2.13"


@pytest.mark.parametrize(
    ("raw", "seen"),
    [("a\x1b[31mb", "a[31mb"), ("a\u202eb", "ab"), ("a\nb\tc", "a b c"), ("z\u200bw", "zw"), ("\ud800x", "x"),
     ("e" + "\u0301" * 50, "e\u0301\u0301"), ("币安", "币安")],
)  # fmt: skip
def test_nothing_that_steers_a_screen_gets_through(raw: str, seen: str) -> None:
    assert clean(raw) == seen


@pytest.mark.parametrize(
    ("line", "seen"),
    [("Bybit  12.00", "Bybit  12.00"), ("Счёт  12,00", "Счёт  12,00"),
     ("محفظة العائلة*  3,105.00", "\u200eمحفظة العائلة\u200e*  3,105.00"),
     ("٣  12.00", "٣  12.00"), ("ארנק 2, Kraken: 17.2%", "\u200eארנק\u200e 2, Kraken: 17.2%")],
)  # fmt: skip
def test_names_from_right_to_left_turn_no_figure_beside_them(line: str, seen: str) -> None:
    assert steady(line) == seen
    assert clean(seen) == line


def test_a_stranger_s_word_is_cut_to_64_characters() -> None:
    assert len(foreign("x" * 500)) == 64
    assert foreign("  two \n words ") == "two words"


def test_wide_characters_count_twice() -> None:
    assert (width("币安"), width("ab"), width("e\u0301")) == (4, 2, 1)
    assert cut("币安币", 5) == "币安…"


def test_prose_breaks_at_plain_spaces_only() -> None:
    assert wrapped("value of 18\u00a0Nov\u00a012:40 stands in", 14, "  ") == [
        "value of",
        "  18\u00a0Nov\u00a012:40",
        "  stands in",
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_any_name_beside_figures_up_to_ten_million_fits_on_a_phone(names: list[str]) -> None:
    rows = tuple(Row((Cell(name, "*", foreign=True), Cell("9,999,999.00"), Cell("100.0%"))) for name in names)
    assert all(width(line) <= 30 for line in fit(Table((NAME, FIGURE, FIGURE), rows), 30).lines)
