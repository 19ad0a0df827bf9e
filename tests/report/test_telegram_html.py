"""Every document becomes messages that Telegram takes as they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.report import compose, telegram_html
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Code,
    Document,
    Folded,
    Foot,
    Foreign,
    Gap,
    Heading,
    Headline,
    Line,
    PageBreak,
    Row,
    Table,
    Tone,
)
from portfolio_bot.report.layout import width
from tests.peers.telegram_html import check_length, parse
from tests.report import gallery

TEXTS = st.text(max_size=60) | st.sampled_from(["<b>", "&amp;", "x" * 300, "\U0001f4b0" * 80, "a.b/c @d", "\u202e\x00"])
SPANS = TEXTS | st.tuples(TEXTS, st.builds(Code, TEXTS), st.builds(Foreign, TEXTS))
TABLES = st.lists(st.tuples(TEXTS, TEXTS), max_size=40).map(
    lambda rows: Table((NAME, FIGURE), tuple(Row((Cell(a, foreign=True), Cell(b))) for a, b in rows))
)
LEAVES: st.SearchStrategy[Block] = st.one_of(
    st.builds(Line, SPANS, st.sampled_from(Tone)),
    st.builds(Heading, SPANS),
    st.builds(Foot, st.just("*"), SPANS, SPANS),
    TABLES,
    st.just(Gap()),
    st.just(PageBreak()),
)
BLOCKS = LEAVES | st.builds(Folded, SPANS, st.lists(LEAVES, max_size=12).map(tuple))
DOCUMENTS = st.builds(
    lambda blocks, mark: Document((Headline("figure"), *blocks), mark), st.lists(BLOCKS, max_size=60), TEXTS
)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_whatever_strangers_write_every_page_is_valid(document: Document) -> None:
    for page in telegram_html.render(document):
        visible, _ = parse(page.html)
        check_length(visible)
        check_length(page.text)


@pytest.mark.parametrize("name", sorted(gallery.documents()))
def test_every_screen_is_valid_and_its_tables_fit_a_small_phone(name: str) -> None:
    document = gallery.documents()[name]
    for page in telegram_html.pages(document):
        visible, entities = parse(page)
        check_length(visible)
        raw = visible.encode("utf-16-le")
        for entity in entities:
            if entity.kind == "pre":
                shown = raw[entity.offset * 2 : (entity.offset + entity.length) * 2].decode("utf-16-le")
                assert max(map(width, shown.splitlines())) <= 30


def test_a_long_document_is_split_between_blocks_and_each_page_stands_alone() -> None:
    blocks = [Folded(f"Account {n}", tuple(Line(f"asset {n}.{m} " + "x" * 60) for m in range(20))) for n in range(6)]
    pages = telegram_html.pages(Document((Headline("$45,310"), *blocks), "Demo: simulated accounts"))
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        assert page.startswith(f"<b>$45,310</b> · {number}/{len(pages)}")
        assert page.endswith("Demo: simulated accounts")
    assert [page.count("asset 3.") for page in pages if "asset 3." in page] == [20]


def test_a_block_longer_than_a_page_is_split_between_lines_and_keeps_its_title() -> None:
    lines = tuple(Line(f"asset {n} " + "x" * 70) for n in range(120))
    pages = telegram_html.pages(Document.of(Headline("$1"), Folded("Bybit", lines)))
    assert all("<b>Bybit</b>" in page for page in pages)
    assert sum(page.count("asset ") for page in pages) == 120


def test_a_page_break_begins_a_page_only_where_something_stands_before_it() -> None:
    document = Document.of(Headline("$1"), Line("a"), PageBreak(), PageBreak(), Line("b"), PageBreak())
    assert telegram_html.plain_pages(document) == ["$1 · 1/2\na", "$1 · 2/2\nb"]


def test_one_endless_line_is_cut_into_pages_too() -> None:
    pages = telegram_html.pages(Document.of(Line("y" * 9000)))
    assert sum(page.count("y") for page in pages) == 9000


def test_a_page_has_fewer_marks_than_telegram_keeps() -> None:
    lines = [Line((Code(f"NAME_{n}"), " set")) for n in range(200)]
    for page in telegram_html.pages(Document.of(Headline("200"), *lines)):
        assert len(parse(page)[1]) <= 100


def test_a_stranger_s_word_is_never_a_link() -> None:
    for word in ("prize.example", "@winner", "t.me/x", "#tag", "/pull", "+79991234567", "bitcoin:1abc"):
        [page] = telegram_html.pages(Document.of(Line((Foreign(word),))))
        assert page == f"<code>{word}</code>"


def test_a_plain_word_of_a_stranger_needs_no_mark() -> None:
    assert telegram_html.pages(Document.of(Line((Foreign("Copy Trading (U***4567)"),)))) == ["Copy Trading (U***4567)"]


def test_code_stays_outside_of_bold() -> None:
    assert telegram_html.pages(Document.of(Headline(("Set ", Code("A_B"), " now")))) == [
        "<b>Set </b><code>A_B</code><b> now</b>"
    ]


def test_the_plain_twin_says_the_same() -> None:
    for document in gallery.documents().values():
        for page in telegram_html.render(document):
            assert parse(page.html)[0].split() == page.text.split()


def test_an_alert_is_a_mark_and_never_colour_alone() -> None:
    assert telegram_html.pages(Document.of(Headline("Kraken", alert=True), Line("x", Tone.ALERT))) == [
        "⚠ <b>Kraken</b>\n⚠ x"
    ]


def test_an_empty_document_has_no_page() -> None:
    assert telegram_html.pages(Document.of()) == []


def test_a_row_whose_name_runs_from_right_to_left_keeps_its_order() -> None:
    held = gallery.account("okx", "ETH spot 1 @ 3105", name="محفظة")
    [page] = telegram_html.render(compose.status(gallery.portfolio(gallery.BYBIT, held), gallery.reader(), detail=True))
    assert "\u200eمحفظة\u200e    3,105.00   20.1%" in page.html
    assert "<b>\u200eمحفظة\u200e  " in page.html
    assert page.html.count("\u200e") == page.text.count("\u200e") == 4
