"""Copies of the database: made whole or not at all, checked, counted, kept for a while, and tried now and then.

Nothing secret stands in the database: a copy is private, but no key of anything. Everything here blocks: call it in a
thread.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, Final

from portfolio_bot.model.days import Calendar
from portfolio_bot.storage import places
from portfolio_bot.storage.errors import ForeignDatabase, StorageError, StoreCorrupt, translated

FOLDER: Final = "backups"
DAILY: Final = 7
"""So many days keep their newest backup."""

WEEKLY: Final = 4
"""So many weeks do."""

_STAMP: Final = "%Y%m%dT%H%M%SZ"
_HALF: Final = ".part"
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole copy.

    Attributes:
        at: when it was made, aware UTC.
        size: bytes.
    """

    path: Path
    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A copy that nobody has looked at yet, and how many rows each table had when it was made."""

    half: Path
    path: Path
    at: datetime
    rows: Mapping[str, int]


def folder_of(file: Path) -> Path:
    """Where copies of a database are kept."""
    return file.parent / FOLDER


def draft(file: Path, now: datetime) -> Draft:
    """Copy a database, while nobody writes to it: then its rows can be counted beside it.

    Raises:
        StorageError: there is no room, or the database cannot be read. Nothing half is left.
    """
    path = _prepared(file) / f"{file.stem}-{now.astimezone(UTC).strftime(_STAMP)}.db"
    half = path.with_suffix(_HALF)
    try:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
            rows = _counted(connection)
            connection.execute("VACUUM INTO ?", [str(half)])
    except (sqlite3.Error, OSError) as error:
        drop(half)
        raise _known(error, path) from error
    return Draft(half, path, now.replace(microsecond=0), rows)


def finish(made: Draft) -> Backup:
    """Look at every page of the copy, compare its rows, and let it have its name.

    Raises:
        StorageError: it is not sound, or there is no room. Nothing half is left.
    """
    try:
        with contextlib.closing(sqlite3.connect(made.half)) as connection:
            places.check(connection, made.half, "integrity_check")
            rows = _counted(connection)
        if rows != made.rows:
            wrong = sorted(name for name in {*rows, *made.rows} if rows.get(name) != made.rows.get(name))
            raise StorageError(f"The copy of the database lacks rows of {', '.join(wrong)}: it was thrown away.")
        made.half.chmod(0o600)
        _sync(made.half)
        made.half.rename(made.path)
        places.sync_folder(made.path.parent)
        return Backup(made.path, made.at, made.path.stat().st_size)
    except (sqlite3.Error, OSError) as error:
        raise _known(error, made.path) from error
    finally:
        drop(made.half)


def listed(file: Path) -> list[Backup]:
    """The copies that there are of a database, newest first; those from before a migration or a restore are none."""
    name = re.compile(rf"{re.escape(file.stem)}-(\d{{8}}T\d{{6}}Z)\.db")
    found = []
    for path in folder_of(file).glob("*.db"):
        stamp = name.fullmatch(path.name)
        if stamp is not None:
            at = datetime.strptime(stamp[1], _STAMP).replace(tzinfo=UTC)
            found.append(Backup(path, at, path.stat().st_size))
    return sorted(found, key=lambda one: one.at, reverse=True)


def superfluous(backups: Iterable[Backup], calendar: Calendar) -> list[Backup]:
    """Those that neither a day nor a week needs: each keeps its newest."""
    days: dict[date, Backup] = {}
    weeks: dict[tuple[int, int], Backup] = {}
    every = sorted(backups, key=lambda one: one.at, reverse=True)
    for one in every:
        day = calendar.day(one.at)
        days.setdefault(day, one)
        weeks.setdefault(day.isocalendar()[:2], one)
    kept = {one.path for one in (*list(days.values())[:DAILY], *list(weeks.values())[:WEEKLY])}
    return [one for one in every if one.path not in kept]


def examine(file: Path, called: Path) -> None:
    """Whether a file is a whole database of ours, of a schema that this version knows.

    Args:
        called: its name in messages.

    Raises:
        StorageError: it is not; the text says what it is.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            if not places.looks_ours(connection, called):
                raise StoreCorrupt(str(called), "nothing is in it")
            places.check(connection, called, "integrity_check")
    except ForeignDatabase:
        raise StorageError(f"{called} is of another program: it is no backup of ours. Nothing was changed.") from None
    except UnicodeDecodeError as error:  # of SQLite's words about a damaged schema
        raise StoreCorrupt(str(called), "its schema cannot be read") from error
    except sqlite3.Error as error:
        raise translated(error, str(called)) from error


def count(file: Path) -> int:
    """How many rows are in it, without those that only say which schema it has."""
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return sum(_counted(connection).values())


def bring(source: BinaryIO, target: Path) -> None:
    """Put what a file holds into a new one, for its owner only, safe from a power cut.

    Raises:
        StorageError: there is no room.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            shutil.copyfileobj(source, opened, _PIECE)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        drop(target)
        raise _known(error, target) from error


def replace(file: Path, whole: Path) -> Path | None:
    """Put a whole database in the place of another, which nobody may have open; that one is kept.

    Returns:
        Where what was there lies now: a copy, or, of what was damaged, the file itself; None where nothing was.

    Raises:
        StorageError: there is no room to keep what is there. Nothing was changed then.
    """
    now = datetime.now(UTC)
    kept = None
    if file.exists() and file.stat().st_size:
        try:
            kept = places.keep_copy(file, "replaced", now)
        except StoreCorrupt:
            kept = places.move_aside(file, now)
    for suffix in ("-wal", "-shm"):  # they belong to what was there, and are folded into its copy
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    whole.replace(file)
    places.take_mark(file.parent / places.CLEAN_END)
    places.sync_folder(file.parent)
    return kept


def drop(half: Path) -> None:
    """Remove what was begun, with SQLite's companions."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        half.with_name(half.name + suffix).unlink(missing_ok=True)


def _prepared(file: Path) -> Path:
    """The folder of the copies, without what a power cut left half."""
    folder = folder_of(file)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made ({error.strerror}): backups need it.") from error
    for half in folder.glob(f"{file.stem}-*{_HALF}"):
        drop(half)
    return folder


def _counted(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - a name of ours
        for (name,) in names.fetchall()
    }


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _known(error: Exception, where: Path) -> Exception:
    """The storage error that it means; one without a number of its own says what the system said."""
    known = translated(error, str(where))
    if isinstance(known, StorageError) or not isinstance(error, OSError):
        return known
    return StorageError(f"{where} cannot be written ({error.strerror}).")
