"""Documents in a terminal: as wide as it is, and nothing that steers it."""

from __future__ import annotations

import pytest

from portfolio_bot.report import compose, terminal
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Code,
    Document,
    Foot,
    Foreign,
    Headline,
    Line,
    PageBreak,
    Row,
    Table,
    Tone,
)
from portfolio_bot.report.layout import width
from tests.report import gallery
from tests.report.shown import expected

ME = gallery.reader()


def test_the_report_in_a_terminal() -> None:
    assert terminal.text(compose.status(gallery.provisional(), ME, baseline=gallery.yesterday())) == expected("""
        $45,304* · ₽3,560,900*
        without Kraken +$446.40 (+1.21%)
        since yesterday: market +497.19, FX −50.79

        Bybit    12,345.71  27.3%
        OKX       9,870.25  21.8%
        Kraken*   8,104.00  17.9%
        T-Bank    7,984.11  17.6%
        IBKR†     7,000.00  15.5%
        crypto   30,319.96  66.9%

        * Kraken: key refused since 12:40, value of 12:38.
          Check the key, its address list and its rights; a new one goes into
          KRAKEN_API_KEY, then restart.
        † IBKR: statement of 19 Nov, newest there is.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """)


def test_a_wide_terminal_shows_amounts_and_prices_side_by_side() -> None:
    shown = terminal.text(compose.balance(gallery.complete(), ME), 100)
    assert "BTC       0.3603  67,112.56  24,180.65  53.4%" in shown


def test_keys_are_checked_line_by_line() -> None:
    assert terminal.text(gallery.documents()["check"], 100) == expected("""
        bybit   ok       read only · no expiry · address-bound · clock +0.1 s  0.3 s
        kraken  refused  key refused                                           0.4 s
        ibkr    ok       statement of 19 Nov · ends 12 Mar 2027                6.1 s
        gateio  ok       may withdraw · may trade · any address                1.0 s

        ⚠ Kraken: the key is refused (EAPI:Invalid key). Check the key, its address list and its rights; a
          new one goes into KRAKEN_API_KEY, then restart. Kraken → Settings → API: "Query funds" only.

        1 of 4 needs you.
        """)


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_prose_keeps_within_the_terminal(columns: int) -> None:
    for name, document in gallery.documents().items():
        assert max(map(width, terminal.text(document, columns).splitlines())) <= columns, name


def test_colour_comes_only_when_asked_and_says_nothing_new() -> None:
    document = Document.of(Headline("$1", alert=True), Line("quiet", Tone.QUIET), Line("loud", Tone.ALERT))
    assert terminal.text(document) == "⚠ $1\nquiet\n⚠ loud"
    assert terminal.text(document, colour=True) == "\x1b[1m⚠ $1\x1b[0m\n\x1b[2mquiet\x1b[0m\n\x1b[33m⚠ loud\x1b[0m"


def test_a_stranger_cannot_steer_the_terminal() -> None:
    hostile = "\x1b]0;owned\x07\x9b31m\u202e"
    shown = terminal.text(Document.of(Headline(hostile), Line((Foreign(hostile), Code(hostile))), Foot("*", hostile)))
    assert shown.isprintable() or set(shown) - {"\n"} == {c for c in shown if c.isprintable()}


def test_a_table_that_pages_part_in_a_chat_is_one_here() -> None:
    one, two = (Table((NAME, FIGURE), (Row.of(*row),)) for row in (("BTC", "1"), ("ETHER", "22")))
    assert terminal.text(Document.of(one, PageBreak(), two)) == "BTC     1\nETHER  22"


def test_the_watermark_is_the_last_line() -> None:
    document = compose.history(gallery.closes(), gallery.reader(demo=True))
    assert terminal.text(document).splitlines()[-1] == "Demo: simulated accounts"


def test_text_for_a_terminal_can_be_searched_by_plain_spaces() -> None:
    assert all("\u00a0" not in terminal.text(document) for document in gallery.documents().values())
