"""`/backup` in the chat: made, listed and sent as a file; never where no amount may be seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from portfolio_bot.bot.commands.backup import backup
from portfolio_bot.bot.dialog import Answer, Dialog, Line, Request
from portfolio_bot.bot.house import House
from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.model.days import Calendar
from portfolio_bot.report import terminal
from portfolio_bot.service.backups import Backups
from portfolio_bot.storage.store import open_store
from tests.bot.living import open_house
from tests.service.fakes import Hands

PARIS = Calendar.of("Europe/Paris")


@asynccontextmanager
async def asking(folder: Path, clock: Hands | None = None) -> AsyncIterator[tuple[Dialog, Request]]:
    clock = clock or Hands()
    async with open_store(folder, clock=clock) as store, open_house(store, clock=clock) as house:
        whole = replace(house, backups=Backups(store, PARIS, clock))
        yield Dialog(whole, COMMANDS), Request("", whole.reader(), "telegram:7", update=1)


async def said(dialog: Dialog, request: Request, line: str) -> tuple[str, Answer]:
    answer = await dialog.answer(Line("backup", line), replace(request, argument=line))
    return terminal.text(answer.document, 80), answer


async def test_it_says_what_it_made_and_offers_the_file(tmp_path: Path) -> None:
    async with asking(tmp_path) as (dialog, request):
        text, answer = await said(dialog, request, "")
        assert "Backed up: " in text
        assert "portfolio-20261120T120000Z.db" in text
        assert "It is the first one." in text
        [[send, every]] = answer.rows
        assert (send.label, every.action) == ("Send it here", "backup list")
        text, answer = await said(dialog, request, send.action.removeprefix("backup "))
        assert "keep it to yourself" in text
        assert answer.file is not None
        assert answer.file.content.startswith(b"SQLite format 3\0")


async def test_an_update_that_comes_twice_makes_one_backup(tmp_path: Path) -> None:
    clock = Hands()
    async with asking(tmp_path, clock) as (dialog, request):
        await said(dialog, request, "")
        clock.turn(seconds=5)
        text, _ = await said(dialog, request, "")
        assert "Backups: 1" in text


async def test_the_list_has_a_button_for_the_newest(tmp_path: Path) -> None:
    async with asking(tmp_path) as (dialog, request):
        text, answer = await said(dialog, request, "list")
        assert "There is no backup yet." in text
        assert [key.action for row in answer.rows for key in row] == ["backup"]
        await said(dialog, request, "")
        text, answer = await said(dialog, request, "list")
        assert "Backups: 1" in text
        assert len(answer.rows) == 2


async def test_a_chat_without_amounts_gets_no_file(tmp_path: Path) -> None:
    async with asking(tmp_path) as (dialog, request):
        shy = replace(request, reader=replace(request.reader, percent_only=True))
        _, answer = await said(dialog, shy, "")
        actions = [key.action for row in answer.rows for key in row]
        assert actions == ["backup list"]
        _, answer = await said(dialog, replace(shy, update=2), "list")
        assert [key.action for row in answer.rows for key in row] == ["backup"]
        text, answer = await said(dialog, shy, "send 20261120T120000Z")
        assert "holds every amount" in text
        assert answer.file is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("now", '"now" is nothing that /backup does.'),
        ("send", '"send" is nothing that /backup does.'),
        ("send ../../etc/passwd", "This backup is not there any more."),
        ("send 20200101T000000Z", "This backup is not there any more."),
    ],
)
async def test_what_cannot_be_is_said(tmp_path: Path, line: str, says: str) -> None:
    async with asking(tmp_path) as (dialog, request):
        assert says in (await said(dialog, request, line))[0]


async def test_only_an_owner_makes_and_reads_them(tmp_path: Path) -> None:
    async with asking(tmp_path) as (dialog, request):
        for line in ("", "list", "send 20261120T120000Z"):
            text, _ = await said(dialog, replace(request, owner=False), line)
            assert "Only an owner may change this." in text


async def test_where_there_is_nothing_to_copy_it_says_so(tmp_path: Path) -> None:
    async with asking(tmp_path) as (dialog, request):
        bare: House = replace(dialog.house, backups=None)
        text, _ = await said(Dialog(bare, COMMANDS), request, "")
        assert "pg_dump" in text
    assert backup.__doc__
