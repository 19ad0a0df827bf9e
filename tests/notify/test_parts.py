"""What is too long for one message goes out as several, with every line, every mark and the buttons once."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portfolio_bot.notify.base import File, Key, Message, plain_text
from portfolio_bot.notify.parts import parts, remarked, shortened, visible
from portfolio_bot.report.telegram_pages import CAPTION
from tests.peers import telegram_html

KEYS = ((Key("↻ Refresh", "status"),),)
PICTURE = File("chart.png", b"png", picture=True)


def test_what_fits_is_left_alone() -> None:
    message = Message("<b>" + "x" * 4096 + "</b>", KEYS, reply_to=7)
    assert parts(message) == (message,)


def test_a_long_table_is_cut_between_lines_and_each_part_is_a_table() -> None:
    lines = [f"{number:<20} {number}" for number in range(400)]
    message = Message("<b>$1</b>\n<pre>" + "\n".join(lines) + "</pre>\nfoot", KEYS, reply_to=7, topic=3)
    cut = parts(message)
    assert len(cut) > 2
    shown = [telegram_html.parse(part.text) for part in cut]
    assert [line for text, _ in shown for line in text.splitlines()] == ["$1", *lines, "foot"]
    assert all("pre" in {entity.kind for entity in entities} for _, entities in shown)
    assert [part.rows for part in cut] == [*[()] * (len(cut) - 1), KEYS]
    assert [part.reply_to for part in cut] == [7, *[None] * (len(cut) - 1)]
    assert [part.silent for part in cut] == [False, *[True] * (len(cut) - 1)]
    assert {part.topic for part in cut} == {3}


def test_below_a_picture_stands_the_first_line_and_the_rest_follows() -> None:
    message = Message("<b>$45,310</b>\n" + "\n".join(["line of the report"] * 100), KEYS, file=PICTURE)
    first, second = parts(message)
    assert (first.text, first.file, first.rows) == ("<b>$45,310</b>", PICTURE, ())
    assert (second.file, second.rows, second.silent) == (None, KEYS, True)
    assert second.text.count("line of the report") == 100


def test_a_short_caption_stays_with_its_picture() -> None:
    message = Message("😀" * (CAPTION // 2), KEYS, file=PICTURE)
    assert parts(message) == (message,)


def test_a_rich_message_is_one_and_its_twin_is_cut() -> None:
    message = Message("x\n" * 4000, rich={"blocks": []})
    assert parts(message) == (message,)
    assert len(parts(message.classic)) == 2


@given(
    some.lists(some.text(some.characters(codec="utf-8", exclude_characters="\n\r\x00"), max_size=300), max_size=60),
    some.integers(300, 900),
    some.booleans(),
)
def test_nothing_is_lost_and_nothing_is_too_long(lines: list[str], limit: int, marked: bool) -> None:
    source = "\n".join(html.escape(line, quote=False) if marked else line for line in lines)
    message = Message(f"<b>x</b>\n{source}" if marked else f"x\n{source}", KEYS, html=marked)
    cut = parts(message, limit)
    assert all(visible(part) <= limit for part in cut)
    told = "".join(plain_text(part).text if marked else part.text for part in cut)
    assert _bare(told) == _bare("x" + "".join(lines))
    assert sum(bool(part.rows) for part in cut) == 1


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_what_may_be_incomplete_is_shortened() -> None:
    short = shortened(Message("↻ <b>one</b>\n" + "x\n" * 2000), CAPTION)
    assert telegram_html.parse(short.text)[0].startswith("↻ one")
    assert visible(short) <= CAPTION


@pytest.mark.parametrize(
    ("rich", "slack", "expected"),
    [
        ({"blocks": [1]}, False, {"blocks": [1, {"type": "footer", "text": "Repeated < 1"}]}),
        ({"html": "<p>x</p>"}, False, {"html": "<p>x</p><footer>Repeated &lt; 1</footer>"}),
        ({"markdown": "x"}, False, None),
        (
            {"blocks": [1]},
            True,
            {
                "blocks": [
                    1,
                    {"type": "context", "elements": [{"type": "plain_text", "text": "Repeated < 1", "emoji": False}]},
                ]
            },
        ),
    ],
)
def test_a_remark_stands_in_the_rich_form_too(
    rich: dict[str, object], slack: bool, expected: dict[str, object] | None
) -> None:
    assert remarked(replace(Message("x"), rich=rich), "Repeated < 1", slack=slack).rich == expected
