"""Backups: the one just made, and those that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import Block, Code, Column, Document, Headline, Line, Row, Table, Tone
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

_IN_MB = 10_000_000
"""Bytes from which a size is told in megabytes."""


@dataclass(frozen=True, slots=True)
class BackupView:
    """A backup.

    Attributes:
        at: when it was made.
        size: bytes.
        path: where it lies.
        rows: of all tables; None where nobody counted.
    """

    at: datetime
    size: int
    path: str
    rows: int | None = None


def backed_up(made: BackupView, previous: datetime | None, reader: Reader) -> Document:
    """One just made.

    Args:
        previous: when the one before was; None for the first.
    """
    voice, path = Voice.of(reader), PurePath(made.path)
    rows = voice.count("backup_rows", made.rows or 0)
    age = voice.say("backup_first")
    if previous is not None:
        age = voice.say("backup_previous", age=voice.numbers.age(previous))
    return said(
        reader,
        Headline(voice.say("backup_made", rows=rows, size=_size(voice, made.size))),
        Line(voice.say("backup_where", name=Code(path.name), folder=Code(str(path.parent)))),
        Line(age),
        Line(voice.say("backup_back"), Tone.QUIET),
    )


def backups(found: Sequence[BackupView], reader: Reader) -> Document:
    """Those that there are, newest first."""
    voice = Voice.of(reader)
    if not found:
        return said(reader, Headline(voice.say("backup_none")))
    rows = tuple(Row.of(voice.numbers.moment(one.at), _size(voice, one.size)) for one in found)
    blocks: list[Block] = [
        Headline(voice.say("backup_list", count=voice.numbers.count(len(found)))),
        Table((Column(), Column(right=True)), rows),
        Line(voice.say("backup_kept"), Tone.QUIET),
        Line(voice.say("backup_back"), Tone.QUIET),
    ]
    return said(reader, *blocks)


def backup_sent(sent: BackupView, reader: Reader) -> Document:
    """What stands below a backup that comes as a file."""
    voice = Voice.of(reader)
    size = _size(voice, sent.size)
    return said(
        reader,
        Headline(voice.say("backup_sent", when=voice.numbers.moment(sent.at), size=size)),
        Line(voice.say("backup_private"), Tone.QUIET),
        Line(voice.say("backup_back"), Tone.QUIET),
    )


def _size(voice: Voice, size: int) -> str:
    if size < _IN_MB:
        return voice.word("backup_kb", n=voice.numbers.count(-(-size // 1000)))
    return voice.word("backup_mb", n=voice.numbers.count(round(size / 1_000_000)))
