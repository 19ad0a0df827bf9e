"""Long lines at the width of a terminal: broken between words, and the rest below where the words began."""

from __future__ import annotations

import re
import textwrap
from typing import Final

NARROWEST: Final = 20
"""Columns under which nothing is gained by breaking lines."""

_LIST = re.compile(r"  \S.*?  +(?=\S)")
"""The name in a line of a list, with the blanks around it."""


def wrapped(text: str, width: int) -> str:
    """The text with no line longer than the width, but for a word that is."""
    if width < NARROWEST:
        return text
    return "\n".join(_line(line, width) for line in text.split("\n"))


def _line(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    name = _LIST.match(line)
    hanging = len(name[0]) if name and len(name[0]) <= width // 2 else 4 if name else 2 * line.startswith("⚠ ")
    broken = textwrap.wrap(line, width, subsequent_indent=" " * hanging, break_long_words=False, break_on_hyphens=False)
    return "\n".join(broken)
