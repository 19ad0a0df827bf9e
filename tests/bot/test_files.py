"""Files in the chat: tables as documents, through the same lane as every message."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio_bot.bot.commands import export
from portfolio_bot.bot.dialog import Dialog
from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.bot.terminal import TerminalFace
from portfolio_bot.notify.base import File
from tests.bot.living import ANN, living
from tests.bot.remembering import Remembering, trade
from tests.peers.telegram import flood, lost, page, telegram_peer


async def test_day_closes_come_as_a_document(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        await bot.asks("/pull")
        shown = await bot.asks("/export 7")
    assert shown.document is not None
    assert shown.document.name.startswith("history-20")
    header, row = shown.document.content.decode().splitlines()
    assert header == "time,total_usd,total_rub"
    assert row.endswith(",3149,251920")
    assert shown.text == "history: 1 row\nportfolio-bot import history FILE takes it in again."


async def test_trades_come_as_a_document_the_newest_first(tmp_path: Path) -> None:
    traded = Remembering("bybit", trade("bybit", 1), BTC="1")
    async with telegram_peer() as telegram, living(tmp_path, telegram, traded) as bot:
        await bot.house.sync.run()
        shown = await bot.asks("/export_trades")
    assert shown.document is not None
    assert shown.document.content.decode().startswith("time,account,id,side,base,quote,")
    assert len(shown.document.content.decode().splitlines()) == 2


async def test_where_nothing_is_no_file_comes(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        for line in ("/export_returns", "/export_trades", "/export"):
            shown = await bot.asks(line)
            assert (shown.document, shown.text) == (None, "Nothing is there to take out yet.")


@pytest.mark.parametrize("line", ["/export all", "/export 0", "/export_trades 1.5", "/export_returns -3"])
async def test_a_limit_that_is_none_is_explained(tmp_path: Path, line: str) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks(line)
        assert shown.document is None
        assert "A whole number from" in shown.text


@pytest.mark.parametrize("fault", [flood(0), page(502), page(502, effect=True), lost()])
async def test_a_file_arrives_once_whatever_goes_wrong_on_the_way(tmp_path: Path, fault: object) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        await bot.asks("/pull")
        telegram.fail(fault, "sendDocument")  # type: ignore[arg-type]
        bot.ann.says("/export")
        await telegram.until(lambda: any(one.document for one in telegram.messages(ANN)))
        await bot.idle()
        assert sum(one.document is not None for one in telegram.messages(ANN)) == 1


async def test_what_is_too_large_says_how_much_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "LARGEST_FILE", 30)
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        await bot.asks("/pull")
        shown = await bot.asks("/export")
        assert "more than Telegram takes" in shown.text
        assert shown.document is None


async def test_the_chat_in_the_terminal_saves_files_and_never_over_another(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path / "data", telegram) as bot:
        face = TerminalFace(Dialog(bot.house, COMMANDS), descriptor=0, folder=tmp_path / "files")
        saved = [face._saved(File("history-2026-11-21.csv", b"x")) for _ in range(2)]
    assert [path.name for path in saved] == ["history-2026-11-21.csv", "history-2026-11-21-2.csv"]
    assert all(path.is_absolute() and path.read_bytes() == b"x" for path in saved)
