"""A terminal as a chat shows itself: messages one below the other, numbered buttons, a prompt, one line of progress."""

from __future__ import annotations

import os
import shutil
import textwrap
from typing import TextIO

from portfolio_bot.notify.base import Key, Message

NARROWEST, WIDEST = 30, 100
PROMPT = "› "
_CLEAR = "\r\x1b[K"
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


class Screen:
    """What is printed, and which buttons the last message has.

    Args:
        out: where to print; only to a terminal go prompt, progress and colour.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._terminal = out.isatty()
        self.colour = self._terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self.keys: tuple[Key, ...] = ()
        self._prompting = False

    @property
    def width(self) -> int:
        """Columns to fill."""
        return max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST))

    def show(self, message: Message, *, pushed: bool = False) -> None:
        """Print a message with its buttons, which from now on are the ones that can be pressed.

        Args:
            pushed: nobody asked for it: without buttons of its own it takes none away.
        """
        if message.rows or not pushed:
            self.keys = keys_of(message)
        lines = [message.text, *self._buttons(message)]
        self._print("\n".join(lines) + "\n")

    def remark(self, text: str) -> None:
        """Print a line that is no message: the buttons of the last one stay."""
        text = "\n".join(textwrap.wrap(text, self.width))
        self._print(f"{_DIM}{text}{_PLAIN}\n" if self.colour else f"{text}\n")

    def progress(self, text: str) -> None:
        """Show how something goes, in one line that the next print replaces; only on a terminal."""
        if self._terminal:
            self._out.write(_CLEAR + text[: self.width - 1])
            self._out.flush()

    def prompt(self) -> None:
        """Ask for a line."""
        self._prompting = True
        if self._terminal:
            self._out.write(_CLEAR + PROMPT)
            self._out.flush()

    def end(self) -> None:
        """The input has ended: what the shell prints next begins on a line of its own."""
        self._prompting = False
        if self._terminal:
            self._out.write("\n")
            self._out.flush()

    def entered(self) -> None:
        """A line was typed."""
        self._prompting = False

    def _print(self, text: str) -> None:
        self._out.write((_CLEAR if self._terminal else "") + text + "\n")
        if self._prompting and self._terminal:
            self._out.write(PROMPT)  # a push came while somebody was about to type
        self._out.flush()

    def _buttons(self, message: Message) -> list[str]:
        lines, number = [], 0
        for row in message.rows:
            labels = []
            for key in row:
                number += 1
                labels.append(f"[{number}] {key.label}")
            lines += self._row(labels)
        return ["", *(f"{_DIM}{line}{_PLAIN}" if self.colour else line for line in lines)] if lines else []

    def _row(self, labels: list[str]) -> list[str]:
        """One row of buttons, in as many lines as it takes: none is broken in the middle."""
        lines: list[str] = []
        for label in labels:
            if lines and len(lines[-1]) + 2 + len(label) <= self.width:
                lines[-1] += f"  {label}"
            else:
                lines.append(label)
        return lines


def keys_of(message: Message) -> tuple[Key, ...]:
    """The buttons of a message in the order of their numbers."""
    return tuple(key for row in message.rows for key in row)
