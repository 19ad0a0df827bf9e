"""One model, the same digits: whatever face shows a document, its figures are the same ones."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.analytics.returns import daily_returns
from portfolio_bot.report import as_csv, compose, slack_blocks, telegram_html, telegram_rich, terminal
from portfolio_bot.report.document import Block, Document, Folded, Foot, Heading, Headline, Line, Table
from portfolio_bot.report.layout import foreign, shown
from portfolio_bot.report.numbers import NBSP, rounded
from portfolio_bot.report.telegram_pages import CAPTION, LIMIT
from tests.report import figures, gallery

DOCUMENTS = gallery.documents()
ME = gallery.reader()
_FIGURE = re.compile(r"[+\u2212]?\d(?:[\d.,:]*\d)?")
_PAGE = re.compile(r" · \d+/\d+$")
WIDEST = 1000


def digits(texts: Iterable[str]) -> Counter[str]:
    return Counter(figure for text in texts for figure in _FIGURE.findall(text.replace(NBSP, " ")))


def model(blocks: Iterable[Block], *, every: bool = True) -> list[str]:
    """All that a document says; `every` with columns that a narrow screen leaves out."""
    found: list[str] = []
    for block in blocks:
        match block:
            case Headline(text=text) | Heading(text=text) | Line(text=text):
                found.append(_plain(text))
            case Foot(mark, text, mend):
                found += [mark, _plain(text), _plain(mend)]
            case Table():
                places = [i for i, column in enumerate(block.columns) if every or not column.optional]
                titles = block.columns if block.titled else ()
                found += [titles[i].title for i in places if i < len(titles)]
                for row in block.rows:
                    found += [shown(cell) for i, cell in enumerate(row.cells) if row.spans or i in places]
            case Folded(title, inner):
                found += [_plain(title), *model(inner)]
    return found


def _plain(text: Any) -> str:
    parts = (text,) if isinstance(text, str) else text
    return "".join(part if isinstance(part, str) else foreign(part.text) for part in parts)


def said(document: Document, *, every: bool = True) -> Counter[str]:
    return digits([*model(document.blocks, every=every), document.watermark])


def lean(document: Document) -> bool:
    """Whether a phone leaves columns out or moves titled ones below, so that it says fewer titles or more."""
    tables = [block for block in document.blocks if isinstance(block, Table)]
    return any(column.optional for table in tables for column in table.columns)


def of_pages(pages: Iterable[str], head: str, mark: str) -> list[str]:
    """The lines of all pages; what each repeats, its headline and the watermark, counts once."""
    found: list[str] = []
    for number, page in enumerate(pages):
        lines = page.split("\n")
        if number and head and _PAGE.sub("", lines[0]) == head:
            lines = lines[1:]
        if number and mark:
            lines = [line for line in lines if line != mark]
        found += [_PAGE.sub("", line) for line in lines]
    return found


def of_rich(rich: Any) -> list[str]:
    if isinstance(rich, str):
        return [rich]
    if isinstance(rich, dict):
        texts = ["".join(of_rich(rich[name])) for name in ("summary", "text") if name in rich]
        return [*texts, *(text for name in ("blocks", "cells") for text in of_rich(rich.get(name, [])))]
    return [text for one in rich for text in of_rich(one)]


def of_slack(document: Document) -> list[str]:
    blocks: list[Any] = [block for message in slack_blocks.messages(document) for block in message]
    told = [block["text"]["text"] if "text" in block else block["elements"][0]["text"] for block in blocks]
    return [text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for text in told]


def heads(document: Document) -> tuple[str, str]:
    head = next((block for block in document.blocks if isinstance(block, Headline)), None)
    alert = telegram_html.ALERT if head is not None and head.alert else ""
    return ("" if head is None else alert + _plain(head.text)), document.watermark


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_terminal_and_slack_show_all_that_a_document_says(name: str) -> None:
    document = DOCUMENTS[name]
    assert digits([terminal.text(document, WIDEST)]) == said(document)
    if not lean(document):
        assert digits(of_slack(document)) == said(document)


@pytest.mark.parametrize("limit", [LIMIT, CAPTION])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_telegram_shows_it_too_in_both_forms_and_on_any_page(name: str, limit: int) -> None:
    document = DOCUMENTS[name]
    pages = telegram_html.render(document, limit)
    classic = digits(of_pages([page.text for page in pages], *heads(document)))
    rich_pages = ["\n".join(of_rich(telegram_rich.rich(page))) for page in pages]
    rich = digits(of_pages(rich_pages, *heads(document)))
    whole = said(document, every=False) if lean(document) else said(document)
    if any("…" in page.text for page in pages):  # a long name may lose a digit of its own where it is cut
        assert classic <= whole
        assert rich == whole
    elif lean(document):  # titles go where their columns stand below, and come before each of their cells
        assert classic <= said(document)
        assert rich <= said(document)
    else:
        assert (classic, rich) == (whole, whole)


def test_the_marks_of_html_hide_no_digit() -> None:
    for document in DOCUMENTS.values():
        for page in telegram_html.render(document):
            bare = re.sub(r"<[^>]*>", "", page.html).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            assert digits([bare]) == digits([page.text])


def test_a_table_and_its_file_have_the_same_figures() -> None:
    found = figures.track(figures.NAVS, figures.MOVED)
    days = daily_returns(found.closings, found.valuations, found.flows)[::-1][:10]
    screen = terminal.text(compose.returns(days, ME), WIDEST).splitlines()[4:]
    rows = list(csv.DictReader(io.StringIO(as_csv.returns(days), newline="")))
    assert len(rows) == len(screen) == len(days)
    for row, line in zip(rows, screen, strict=True):
        cents = rounded(Decimal(row["usd"]), 0), rounded(Decimal(row["flows_usd"]), 0)
        told = [
            f"{cents[0]:+,f}",
            f"{rounded(Decimal(row['percent']), 2):+f}%",
            *([f"{cents[1]:+,f}"] if cents[1] else []),
        ]
        assert line.replace("\u2212", "-").split()[2:] == told
