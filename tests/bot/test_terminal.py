"""The chat in the terminal: the same commands and buttons, typed."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

import pytest

from portfolio_bot.bot.dialog import Dialog
from portfolio_bot.bot.keyboard import typed_lines
from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.bot.progress import ProgressPace
from portfolio_bot.bot.screen import Screen
from portfolio_bot.bot.terminal import TerminalFace
from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.base import File, Key, Message
from portfolio_bot.notify.console import ConsoleSink
from portfolio_bot.storage.store import open_store
from tests.bot.living import open_house, source, utc_now

PACE = ProgressPace(after=0.02, every=0.02)


class Seat:
    """Somebody at a terminal, or the end of a pipe."""

    def __init__(self, face: TerminalFace, serving: asyncio.Task[None], out: Path, keyboard: int) -> None:
        self.face, self.serving, self._out, self._keyboard = face, serving, out, keyboard
        self._read = 0

    def types(self, text: str) -> None:
        os.write(self._keyboard, text.encode())

    async def sees(self, words: str) -> str:
        """Wait until something appears, and return all that was printed since the last look."""
        async with asyncio.timeout(5):
            while words not in self._out.read_bytes().decode()[self._read :]:
                await asyncio.sleep(0.005)
        text = self._out.read_bytes().decode()[self._read :]
        self._read += len(text)
        return text


@asynccontextmanager
async def seat(folder: Path, *, terminal: bool, takes: float = 0.0) -> AsyncIterator[Seat]:
    """A chat whose keyboard and screen are in our hands; the screen of a terminal is a real one, too."""
    master, slave = pty.openpty() if terminal else os.pipe()[::-1]
    out = folder / "screen"
    with out.open("w", encoding="utf-8") as paper:
        screen: TextIO = Paper(paper, terminal=terminal)  # type: ignore[assignment]
        async with (
            open_store(folder / "data", clock=utc_now) as store,
            open_house(store, source("bybit", BTC="1.5", takes=takes), source("kraken", ETH="20")) as house,
        ):
            face = TerminalFace(Dialog(house, COMMANDS), out=screen, descriptor=slave, pace=PACE)
            stop = asyncio.Event()
            serving = asyncio.create_task(face.serve(stop))
            try:
                yield Seat(face, serving, out, master)
            finally:
                stop.set()
                await asyncio.wait_for(serving, 5)
    for descriptor in (master, slave):
        os.close(descriptor)


class Paper:
    """A file that may say that it is a terminal."""

    def __init__(self, file: TextIO, *, terminal: bool) -> None:
        self._file, self._terminal = file, terminal

    def write(self, text: str) -> int:
        return self._file.write(text)

    def flush(self) -> None:
        self._file.flush()

    def isatty(self) -> bool:
        return self._terminal


async def test_it_begins_with_the_report_and_says_what_to_type(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        text = await chat.sees("Ctrl-D")
    assert "$2,150.00" in text
    assert "[1] ↻ Refresh  [2] Details  [3] ₽" in text


async def test_a_number_presses_a_button_of_the_last_message(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        chat.types("3\n")
        text = await chat.sees("[3]")
        assert "₽172,000 · $2,150.00" in text
        chat.types("9\n")
        assert "no button 9" in await chat.sees("button")


async def test_a_number_is_an_amount_where_one_is_asked_for(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        chat.types("withdraw BTC\n")
        await chat.sees("[3] None of these")
        chat.types("1\n")
        await chat.sees("How much BTC, from Bybit?")
        chat.types("2\n")
        assert "2 BTC, from Bybit: when?" in (await chat.sees("[4] Another day")).replace("\u00a0", " ")
        chat.types("history 7\n")
        await chat.sees("no close yet")


async def test_a_file_is_saved_and_its_path_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        chat.types("pull\n")
        await chat.sees("[3]")
        chat.types("export\n")
        text = await chat.sees(".csv")
    [file] = tmp_path.glob("history-*.csv")
    assert file.read_text(encoding="utf-8").startswith("time,total_usd,total_rub\n")
    assert "history: 1 row" in text
    assert "Saved: " in text


@pytest.mark.parametrize("typed", ["/history 7", "history 7", "  /HISTORY   7 "])
async def test_commands_work_with_and_without_the_slash(tmp_path: Path, typed: str) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        chat.types(typed + "\n")
        assert "30 d" in await chat.sees("30 d")


async def test_what_is_no_command_is_told_how_to_become_one(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        chat.types("how much?\n\n/statsu\n")
        text = await chat.sees("/help lists all.\n")
        assert "Commands begin with a slash" in text
        assert "Did you mean /status?" in text + await chat.sees("")


async def test_a_change_is_made_and_taken_back(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        chat.types("/frequency 45m\n")
        assert "Every 45" in await chat.sees("[1] Undo")
        chat.types("1\n")
        assert "Back to every 2" in await chat.sees("Back")


async def test_progress_is_shown_in_one_line_that_the_report_replaces(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True, takes=0.1) as chat:
        text = await chat.sees("Ctrl-D")
    assert "\r\x1b[K↻ Bybit … Kraken ✓" in text


async def test_ctrl_d_ends_it(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        chat.types("\x04")
        await asyncio.wait_for(asyncio.shield(chat.serving), 2)


async def test_a_push_is_printed_and_its_buttons_can_be_pressed(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        sink = ConsoleSink(chat.face.push, Redactor(["a-very-secret-word"]))
        await sink.send("terminal", Message("a-very-secret-word is out", ((Key("Help", "help"),),), html=False))
        text = await chat.sees("[1] Help")
        assert "*** is out" in text
        assert text.endswith("› ") or (await chat.sees("› ")).endswith("› ")  # it may come a moment later
        chat.types("1\n")
        await chat.sees("/frequency")


async def test_a_picture_that_is_pushed_is_saved_and_its_path_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        chat.face.push(Message("the curve", html=False, file=File("worth.png", b"a picture", picture=True)))
        await chat.sees("worth.png")
    assert [path.read_bytes() for path in tmp_path.rglob("worth.png")] == [b"a picture"]


async def test_the_report_that_was_just_shown_is_not_printed_again(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=False) as chat:
        await chat.sees("$2,150.00")
        keys = chat.face._screen.keys
        chat.face.push(Message("the report again", (keys,), html=False))
        chat.face.push(Message("a notice", html=False))
        assert "the report again" not in await chat.sees("a notice")


async def test_a_notice_in_between_neither_repeats_the_report_nor_takes_its_buttons(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True) as chat:
        await chat.sees("Ctrl-D")
        keys = chat.face._screen.keys
        chat.face.push(Message("a notice", html=False))
        chat.face.push(Message("the report again", (keys,), html=False))
        chat.types("2\n")
        assert "the report again" not in await chat.sees("Summary")


def test_no_button_and_no_word_is_broken_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out = io.StringIO()
    screen = Screen(out)
    screen.show(Message("text", (tuple(Key(name, "x") for name in ("↻ Refresh", "Details", "₽")),), html=False))
    screen.remark("Type /status or another command, or the number of a button; Ctrl-D ends.")
    assert "[1] ↻ Refresh  [2] Details\n[3] ₽\n" in out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) <= 30


async def test_what_is_pushed_before_the_first_report_waits_for_it(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=True, takes=0.1) as chat:
        chat.face.push(Message("a notice", ((Key("Help", "help"),),), html=False))
        text = await chat.sees("Ctrl-D")
    assert 0 <= text.index("$2,150.00") < text.index("a notice")


async def test_without_a_terminal_it_prints_the_report_and_goes_on(tmp_path: Path) -> None:
    async with seat(tmp_path, terminal=False) as chat:
        text = await chat.sees("[1]")
        chat.types("/id\n")
        await asyncio.sleep(0.05)
        assert not chat.serving.done()
    assert "\x1b" not in text
    assert "› " not in text


async def test_lines_from_a_file_or_nowhere_end_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes("/status\r\ncaf\u00e9\nlast".encode())
    with path.open("rb") as file, Path(os.devnull).open("rb") as nothing:
        assert [line async for line in typed_lines(file.fileno())] == ["/status", "café", "last"]
        assert [line async for line in typed_lines(nothing.fileno())] == []


async def test_a_letter_may_arrive_in_pieces() -> None:
    reading, writing = os.pipe()
    lines = typed_lines(reading)
    os.write(writing, b"caf" + "é".encode()[:1])
    asyncio.get_running_loop().call_later(0.01, os.write, writing, "é".encode()[1:] + b"\n")
    assert await anext(lines) == "café"
    await lines.aclose()
    os.close(reading)
    os.close(writing)


def test_the_chat_in_the_terminal_loads_no_network_library() -> None:
    program = (
        "import sys, portfolio_bot.bot.terminal, portfolio_bot.bot.menu, portfolio_bot.notify.console\n"
        "import portfolio_bot.service.delivery, portfolio_bot.service.letters\n"
        "print([name for name in ('aiohttp', 'aiogram', 'ccxt', 'yarl') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
