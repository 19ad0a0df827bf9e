"""Documents as Slack shows them: its limits, and nothing of a stranger's that turns into a mention or a mark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portfolio_bot.report import compose, slack_blocks
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Cell,
    Code,
    Document,
    Folded,
    Foot,
    Foreign,
    Gap,
    Headline,
    Line,
    Row,
    Table,
    Tone,
)
from tests.report import figures, gallery
from tests.report.shown import expected, text

DOCUMENTS = gallery.documents()
ME = gallery.reader()


def blocks(document: Document) -> list[Any]:
    [found] = slack_blocks.messages(document)
    return found


def texts(document: Document) -> list[str]:
    told = [block["text"] if "text" in block else block["elements"][0] for block in blocks(document)]
    return [one["text"].replace("\u00a0", " ") for one in told]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_screen_keeps_to_the_limits(name: str) -> None:
    found = slack_blocks.messages(DOCUMENTS[name])
    for message in found:
        assert 0 < len(message) <= 50
        for block in message:
            told: Any = block.get("text") or block["elements"][0]  # type: ignore[index]
            assert 0 < len(told["text"]) <= (150 if block["type"] == "header" else 3000)
            assert told["type"] == ("plain_text" if block["type"] == "header" else "mrkdwn")
            assert told.get("verbatim", True)


def test_kinds_follow_the_document() -> None:
    document = Document.of(
        Headline("$45,310", alert=True),
        Line("one"),
        Line(("two: ", Code("A_B"))),
        Line("three", Tone.ALERT),
        Gap(),
        Table((NAME, FIGURE), (Row.of("Bybit", "1.00"), Row.of("OKX", "20.00"))),
        Foot("*", "refused", "Renew it."),
        Folded("Bybit", (Line("spot"),)),
        Line("14:05 Paris", Tone.QUIET),
        watermark="Demo",
    )
    assert [block["type"] for block in blocks(document)] == ["header", *["section"] * 4, "context", "context"]
    assert texts(document) == [
        "⚠ $45,310",
        "one\ntwo: `A_B`\n⚠ three",
        "```\nBybit   1.00\nOKX    20.00\n```",
        "* refused\nRenew it.",
        "*Bybit*\nspot",
        "14:05 Paris",
        "Demo",
    ]


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("<!channel> & @here", "&lt;!channel&gt; &amp; @here"),
        ("*prize*", "`*prize*`"),
        ("`ls` _x_", "`'ls' _x_`"),
        ("PRIZE.EXAMPLE", "PRIZE.EXAMPLE"),
    ],
)
def test_a_strangers_words_stay_words(word: str, shown: str) -> None:
    assert texts(Document.of(Line((Foreign(word),)))) == [shown]


def test_a_strangers_word_does_not_end_the_code_of_a_table() -> None:
    table = Table((NAME, FIGURE), (Row((Cell("```<!here>", foreign=True), Cell("1.00"))),))
    assert texts(Document.of(table)) == ["```\n'''&lt;!here&gt;  1.00\n```"]


def test_what_is_longer_than_a_block_goes_on_in_the_next_and_nothing_is_lost() -> None:
    rows = tuple(Row.of(f"ASSET{number}", f"{number}.00") for number in range(900))
    document = Document.of(Headline("$" + "1" * 200), Table((NAME, FIGURE), rows), Line("a&b " * 2000))
    found = " ".join(texts(document))
    assert all(f"ASSET{number} " in found for number in range(900))
    assert "1" * 200 in found
    assert found.count("a&amp;b") == 2000


def test_more_blocks_than_a_message_holds_go_into_the_next() -> None:
    many = Document.of(*(block for number in range(60) for block in (Line(str(number)), Gap())))
    assert [len(message) for message in slack_blocks.messages(many)] == [50, 10]


def test_the_channels_report_has_a_line_for_each_asset_and_what_was_gained() -> None:
    gains = [replace(figures.performance(), window=window) for window in ("24h", "7d", "all")]
    assert texts(compose.slack_report(gallery.complete(), ME, gains)) == [
        "Portfolio: $45,304 · ₽3,560,900",
        expected("""
        ```
        BTC         0.3603  @ 67,112.5577  = 24,180.65  53.4%
        CSPX       10.0000     @ 640.0000   = 6,400.00  14.1%
        RUB   468,150.1500       @ 0.0127   = 5,956.11  13.1%
        ETH         1.6378   @ 3,104.4543   = 5,084.48  11.2%
        SBER      520.0000       @ 3.9000   = 2,028.00   4.5%
        XRP       300.0000       @ 2.4100     = 723.00   1.6%
        USD       600.0000       @ 1.0000     = 600.00   1.3%
        USDT      331.9000       @ 0.9998     = 331.83   0.7%
        ```
        """),
        "P&amp;L 24 h +$3,610.12 (+8.66%)\nP&amp;L 7 d +$3,610.12 (+8.66%)\nP&amp;L total +$3,610.12 (+8.66%)",
        "† IBKR: statement of 19 Nov, newest there is.",
        "2026-11-20 13:05 UTC",
    ]


def test_what_four_decimals_would_hide_is_shown() -> None:
    dust = gallery.portfolio(gallery.account("gateio", "SHIB spot 123456789 @ 0.0000234, BTC spot 0.00004 @ 67000"))
    told = "\n".join(texts(compose.slack_report(dust, ME)))
    assert "@ 0.0000234" in told
    assert "0.00004 @ 67,000.0000" in " ".join(told.split())


def test_a_report_that_is_not_complete_says_so_in_its_title() -> None:
    assert texts(compose.slack_report(gallery.incomplete(), ME))[0] == "Portfolio: at least $37,200 · Kraken unknown"
    assert "$45,304*" in texts(compose.slack_report(gallery.provisional(), ME))[0]


def test_percentages_only_means_no_amount_in_the_channel_either() -> None:
    gains = [replace(figures.performance(), window="7d")]
    shown = text(compose.slack_report(gallery.complete(), replace(ME, percent_only=True), gains))
    assert "$" not in shown.replace("₽78.60", "")
    assert "•" not in shown
    assert "P&L 7 d +8.66%" in shown
    assert "BTC   53.4%" in shown
