"""The chat in the terminal: the very commands and buttons of the bot, for a demo that needs neither key nor network.

A line is a message, a number presses a button of the last message, Ctrl-D ends it. Without a terminal the report and
each push are printed until the service is stopped.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from portfolio_bot.bot.dialog import TERMINAL, Answer, Dialog, Line, Request
from portfolio_bot.bot.keyboard import typed_lines
from portfolio_bot.bot.progress import ProgressBoard, ProgressPace
from portfolio_bot.bot.render import for_terminal
from portfolio_bot.bot.screen import Screen, keys_of
from portfolio_bot.notify.base import File, Key, Message
from portfolio_bot.report import terminal
from portfolio_bot.report.compose.hand import file_saved
from portfolio_bot.report.document import Document
from portfolio_bot.report.voice import Voice

WHO = "terminal"
SAME = timedelta(seconds=5)
"""A report that is pushed so soon after one was shown is the same one: the service and its owner start together."""


class TerminalFace:
    """The chat. A component: it ends when told to stop or, on a terminal, with Ctrl-D, and then asks for the stop.

    Args:
        out: where messages are printed.
        descriptor: where lines come from; None = standard input.
        pace: of the line that shows how a fetch goes.
        folder: where files are saved; None: in the working folder.
    """

    name = "chat"

    def __init__(
        self,
        dialog: Dialog,
        *,
        out: TextIO | None = None,
        descriptor: int | None = None,
        pace: ProgressPace | None = None,
        folder: Path | None = None,
    ) -> None:
        self._dialog, self._folder = dialog, folder or Path()
        self._screen = Screen(out or sys.stdout)
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._pace = pace or ProgressPace(after=0.2, every=0.2)
        self._shown_at: datetime | None = None
        self._shown_keys: tuple[Key, ...] = ()
        self._held: list[Message] | None = []

    def show(self, answer: Answer) -> Message:
        """An answer as this face prints it: how pushes are rendered, too."""
        return for_terminal(answer, self._screen.width, colour=self._screen.colour)

    def push(self, message: Message) -> None:
        """Print what was pushed, unless it is the report that has just been shown; a picture is saved.

        What comes before the first report stands on the screen waits for it: that one is what somebody looks for.
        """
        if self._held is not None:
            self._held.append(message)
            return
        now = self._dialog.house.reader().now
        fresh = self._shown_at is not None and now - self._shown_at < SAME
        if not (fresh and message.rows and keys_of(message) == self._shown_keys):
            self._screen.show(message, pushed=True)
            if message.file is not None:
                told = file_saved(str(self._saved(message.file)), self._dialog.house.reader_for(None, TERMINAL))
                self._screen.remark(told)

    async def serve(self, stop: asyncio.Event) -> None:
        """Show the report, say what can be typed, then take lines."""
        await self._answer(Line("status"))
        held, self._held = self._held or [], None
        for message in held:
            self.push(message)
        interactive = os.isatty(self._descriptor)
        if interactive:
            self._screen.remark(self._word("typed_next"))
        talking = asyncio.create_task(self._talk(), name="terminal")
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({talking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if talking.done():
                talking.result()
                if not interactive:  # nobody is there to type: the pushes go on
                    await stopping
        finally:
            for task in (talking, stopping):
                task.cancel()
            await asyncio.wait({talking, stopping})

    async def _talk(self) -> None:
        async with aclosing(typed_lines(self._descriptor)) as lines:
            self._screen.prompt()
            async for text in lines:
                self._screen.entered()
                await self._heard(text.strip())
                self._screen.prompt()
        self._screen.end()

    async def _heard(self, text: str) -> None:
        if not text:
            return
        keys = self._screen.keys
        reply = None if text.startswith("/") else self._dialog.reply(text, WHO)
        if text.isascii() and text.isdigit() and (keys or reply is None):
            if not 1 <= int(text[:4]) <= len(keys):
                self._screen.remark(self._word("no_button", number=text[:4]))
                return
            await self._answer(Line.pressed(keys[int(text) - 1].action))
            return
        line = Line.typed(text) or Line.typed(f"/{text}")
        if reply is not None and (line is None or not self._dialog.knows(line)):
            await self._answer(reply)
            return
        if line is None or not (text.startswith("/") or self._dialog.knows(line)):
            self._screen.remark(self._word("no_command"))
            return
        await self._answer(line)

    async def _answer(self, line: Line) -> None:
        """Show the answer to a line."""
        house = self._dialog.house
        reader = house.reader_for(None, TERMINAL)
        board = ProgressBoard(house.names, reader, self._pace)
        async with board.shown(self._progress):
            answer = await self._dialog.answer(
                line, Request(line.argument, reader, WHO, progress=board, reading=board.reading)
            )
        shown = self.show(answer)
        self._screen.show(shown)
        if answer.file is not None:
            path = await asyncio.to_thread(self._saved, answer.file)
            self._screen.remark(file_saved(str(path), reader))
        self._shown_at, self._shown_keys = house.reader().now, keys_of(shown)

    async def _progress(self, document: Document) -> None:
        self._screen.progress(terminal.text(document, 1000).splitlines()[0])

    def _saved(self, file: File) -> Path:
        """Save a file under its name, or under one with a number where that is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = Path(file.name)
        for number in itertools.count(1):
            path = self._folder / (name.name if number == 1 else f"{name.stem}-{number}{name.suffix}")
            try:
                with path.open("xb") as out:
                    out.write(file.content)
            except FileExistsError:
                continue
            return path.absolute()
        raise AssertionError("there is always a further number")

    def _word(self, name: str, **values: str) -> str:
        return Voice.of(self._dialog.house.reader_for(None, TERMINAL)).chat(name, **values)
