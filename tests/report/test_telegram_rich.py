"""The rich form of a page: what Telegram takes, with the words of its classic twin."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram.types import InputRichMessage

from portfolio_bot.report import compose, telegram_html, telegram_rich
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Cell,
    Code,
    Document,
    Folded,
    Foot,
    Foreign,
    Headline,
    Line,
    Row,
    Table,
    Tone,
)
from portfolio_bot.report.telegram_pages import CAPTION, LIMIT
from tests.report import gallery

DOCUMENTS = gallery.documents()


def words(rich: Any) -> str:
    """All text of a rich message, with a space between its blocks."""
    if isinstance(rich, dict):
        told = [text(rich[name]) for name in ("summary", "text") if name in rich]
        return " ".join([*told, *(words(rich[name]) for name in ("blocks", "cells") if name in rich)])
    return " ".join(map(words, rich))


def text(runs: Any) -> str:
    if isinstance(runs, list):
        return "".join(map(text, runs))
    return runs if isinstance(runs, str) else text(runs["text"])


def blocks_of(document: Document) -> list[Any]:
    """The blocks of its only page."""
    [rich] = telegram_rich.pages(document)
    assert rich is not None
    found = rich["blocks"]
    assert isinstance(found, list)
    return found


def squeezed(text: str) -> list[str]:
    """Its words; what joins cells on one line parts them by a line where that is too long."""
    return sorted(
        word for word in text.replace("\u00a0", " ").replace("·", " ").replace(",", " , ").split() if word != ","
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_screen_is_taken_by_telegrams_own_types(name: str) -> None:
    for page in telegram_html.render(DOCUMENTS[name]):
        rich = telegram_rich.rich(page)
        assert rich is not None
        blocks = rich["blocks"]
        assert isinstance(blocks, list)
        parsed = InputRichMessage.model_validate(rich)
        assert parsed.blocks is not None
        assert len(parsed.blocks) == len(blocks)
        assert parsed.skip_entity_detection
        kinds = {"heading", "paragraph", "footer", "table", "details"}
        assert {block.type for block in parsed.blocks} <= kinds


def test_the_report_is_a_heading_real_tables_and_details() -> None:
    report = compose.status(gallery.complete(), gallery.reader(), baseline=gallery.yesterday())
    heading, prose, table, foot, closing = blocks_of(report)
    assert heading == {"type": "heading", "text": "$45,304 · ₽3,560,900", "size": 3}
    assert prose == {"type": "paragraph", "text": "+$543.65 (+1.21%)\nsince yesterday: market +594.44, FX −50.79"}
    assert table["cells"][0] == [
        {"align": "left", "valign": "top", "text": "Bybit"},
        {"align": "right", "valign": "top", "text": "12,345.71"},
        {"align": "right", "valign": "top", "text": "27.3%"},
    ]
    assert foot["type"] == "paragraph"
    assert closing["type"] == "footer"


def test_detail_folds_with_a_table_inside_and_what_stands_below_keeps_its_digits() -> None:
    rows = (Row.of("BTC", "0.5", "60,000.00"), Row.over("7 more"))
    document = Document.of(
        Headline("$1"), Folded("Bybit  $1", (Line("spot 1", Tone.QUIET), Table((NAME, FIGURE, FIGURE), rows)))
    )
    details = blocks_of(document)[1]
    assert (details["type"], details["summary"]) == ("details", "Bybit  $1")
    footer, table = details["blocks"]
    assert footer["type"] == "footer"
    assert [cell["text"] for cell in table["cells"][0]] == ["BTC", "0.5", "60,000.00"]
    assert table["cells"][1] == [{"align": "left", "valign": "top", "text": "7 more", "colspan": 3}]


def test_a_strangers_words_are_cleaned_and_stay_text() -> None:
    evil = "<b>PRIZE</b>.EXAMPLE\u202e"
    document = Document.of(
        Headline((Foreign(evil),)), Table((NAME,), (Row((Cell(evil, foreign=True),)),)), Line(("Set ", Code("A_B")))
    )
    heading, table, line = blocks_of(document)
    assert heading["text"] == table["cells"][0][0]["text"] == "<b>PRIZE</b>.EXAMPLE"
    assert line["text"] == ["Set ", {"type": "code", "text": "A_B"}]


@pytest.mark.parametrize("limit", [LIMIT, CAPTION])
def test_page_by_page_the_words_are_those_of_the_classic_twin(limit: int) -> None:
    for name, document in DOCUMENTS.items():
        for page in telegram_html.render(document, limit):
            if any(box.title is not None for box in page.boxes) or "…" in page.text:
                continue  # in a fold the table is none there, and long names are cut only there
            assert squeezed(words(telegram_rich.rich(page))) == squeezed(page.text), name


def test_beyond_the_limits_a_page_stays_classic() -> None:
    many = Table((NAME,), tuple(Row.of(str(number % 10)) for number in range(600)))
    assert telegram_rich.pages(Document.of(Headline("$1"), many)) == [None]
    wide = Table((NAME, *(FIGURE,) * 20), (Row.of(*"abcdefghijklmnopqrstu"),))
    assert telegram_rich.pages(Document.of(wide)) == [None]


def test_footnotes_bring_their_mend_on_a_line_of_its_own() -> None:
    found = blocks_of(Document.of(Headline("$1", alert=True), Foot("*", "refused", "Renew it.")))
    assert [block["text"] for block in found] == ["⚠ $1", "* refused\nRenew it."]


def test_only_tables_and_folded_detail_ask_for_it() -> None:
    report, note = telegram_html.render(DOCUMENTS["status complete"])[0], telegram_html.render(DOCUMENTS["back"])[0]
    detail = telegram_html.render(DOCUMENTS["status details"])[0]
    found = [(telegram_rich.tabular(page), telegram_rich.folded(page)) for page in (report, note, detail)]
    assert found == [(True, False), (False, False), (True, True)]
