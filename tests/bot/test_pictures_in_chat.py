"""A picture stands in the message whose button asked for it; words take its place in a new one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portfolio_bot.bot.dialog import Answer, Dialog, Line, Request
from portfolio_bot.notify.base import File
from tests.bot.living import Living, living, source
from tests.peers.telegram import telegram_peer

PICTURE = File("chart.png", b"\x89PNG\r\n\x1a\n" + bytes(64), picture=True)


def shows(bot: Living, monkeypatch: pytest.MonkeyPatch, file: File | None) -> None:
    """From now on each answer brings this file."""
    plain = Dialog.answer

    async def answer(dialog: Dialog, line: Line, request: Request) -> Answer:
        return replace(await plain(dialog, line, request), file=file)

    monkeypatch.setattr(bot.face._dialog, "answer", answer.__get__(bot.face._dialog))


async def test_a_press_turns_words_into_a_picture_in_place_and_back_in_a_new_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/status")
        shows(bot, monkeypatch, PICTURE)
        await bot.presses(shown, "Refresh")
        assert [(one.id, one.kind) for one in telegram.messages(bot.ann.id)] == [(shown.id, "photo")]
        shows(bot, monkeypatch, None)
        await bot.presses(shown, "Refresh")
        [words] = telegram.messages(bot.ann.id)
    assert (words.kind, words.id > shown.id) == ("text", True)
    assert telegram.removed == [(bot.ann.id, shown.id)]


async def test_progress_of_a_press_under_a_picture_stands_in_its_caption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = source("bybit", BTC="1")
    async with telegram_peer() as telegram, living(tmp_path, telegram, slow) as bot:
        shows(bot, monkeypatch, PICTURE)
        shown = await bot.asks("/status")
        slow.takes = 0.3
        await bot.presses(shown, "Refresh")
        [left] = telegram.messages(bot.ann.id)
    assert (left.id, left.kind) == (shown.id, "photo")
    assert any("Bybit" in text and "…" in text for text in left.versions)


async def test_a_file_that_was_asked_for_stays_when_something_under_it_is_pressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shows(bot, monkeypatch, File("flows.csv", b"a\n"))
        shown = await bot.asks("/status")
        shows(bot, monkeypatch, None)
        await bot.presses(shown, "Refresh")
        kinds = [one.kind for one in telegram.messages(bot.ann.id)]
    assert kinds == ["document", "text"]
