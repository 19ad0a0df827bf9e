"""Answers as messages: which are rich, and how many units a caption holds."""

from __future__ import annotations

import pytest

from portfolio_bot.bot.dialog import Answer
from portfolio_bot.bot.render import ChatRender, for_telegram
from portfolio_bot.notify.base import File
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document, Headline, Line
from portfolio_bot.report.telegram_pages import CAPTION, units
from tests.report import gallery

REPORT = Answer(compose.status(gallery.complete(), gallery.reader()))
DETAIL = Answer(compose.status(gallery.complete(), gallery.reader(), detail=True))
REMARK = Answer(Document.of(Headline("Back after 3 h.")))


@pytest.mark.parametrize(
    ("form", "pushed", "report", "detail"),
    [
        ("rich", False, True, True),
        ("rich", True, True, True),
        ("auto", False, False, True),
        ("auto", True, False, False),
        ("classic", False, False, False),
        ("classic", True, False, False),
    ],
)
def test_the_chosen_form_decides_and_without_a_choice_every_client_reads_the_report(
    form: str, pushed: bool, report: bool, detail: bool
) -> None:
    for answer, rich in ((REPORT, report), (DETAIL, detail)):
        message = for_telegram(answer, form=form, pushed=pushed)
        assert (message.rich is not None) is rich
        assert message.text == for_telegram(answer).text


def test_prose_alone_is_never_rich() -> None:
    assert for_telegram(REMARK, form="rich").rich is None


def test_a_notice_is_shown_like_any_push() -> None:
    message = ChatRender().notice(REPORT.document, gallery.reader())
    assert (message.rich, message.text) == (None, for_telegram(REPORT).text)


def test_under_a_picture_pages_are_as_short_as_a_caption_and_never_rich() -> None:
    long = Document.of(Headline("$45,310"), *(Line(f"{number} " + "word " * 40) for number in range(30)))
    picture = File("worth.png", b"", picture=True)
    for page in (1, 2, 9):
        message = for_telegram(Answer(long, page=page, turn="view p{page}", file=picture), form="rich")
        assert units(message.text) <= CAPTION
        assert message.rich is None
        assert message.rows
    table = for_telegram(Answer(long, file=File("flows.csv", b"")))
    assert units(table.text) > CAPTION
