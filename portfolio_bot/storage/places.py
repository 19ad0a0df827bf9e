"""Where the database is: a file of ours or a PostgreSQL server, its marker, its permissions, its soundness."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from portfolio_bot.storage.errors import (
    ForeignDatabase,
    HistoryGone,
    NewerSchema,
    StorageError,
    StoreCorrupt,
    translated,
)
from portfolio_bot.storage.tables import APPLICATION_ID, SCHEMA

FILE_NAME = "portfolio.db"
MARKER = ".initialised"
"""Lies beside the database from its first start on: without it a vanished history would look like a first start."""

CLEAN_END = ".clean-end"
"""Lies beside the database while nobody has it open: its absence asks for a thorough check."""

_ASIDE_SUFFIXES = ("", "-wal", "-shm")
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the database lies.

    Attributes:
        url: of the server, for SQLAlchemy and with its driver; None for SQLite.
        file: of SQLite; None in memory and on PostgreSQL.
        marker: where a history once begun leaves its mark; None in memory.
        memory: a name that keeps this database in memory apart from others.
    """

    url: URL | None = None
    file: Path | None = None
    marker: Path | None = None
    memory: str = ""

    @property
    def name(self) -> str:
        """For messages: the path, or the address without the password."""
        if self.url is not None:
            return self.url.render_as_string(hide_password=True)
        return str(self.file) if self.file else "the database in memory"

    def sqlite_uri(self, *, writing: bool) -> str:
        """What SQLite opens: never a file that is not there, which it would make."""
        if self.file is None:
            return f"file:/{self.memory}?vfs=memdb"
        return f"{self.file.absolute().as_uri()}?mode={'rw' if writing else 'ro'}"


def in_memory() -> Place:
    """A database of its own in memory, shared by the connections of one store."""
    return Place(memory=secrets.token_hex(8))


def place_of(data_dir: Path, url: str | None) -> Place:
    """The place that `DATABASE_URL` names; `portfolio.db` in the data folder without one.

    Raises:
        StorageError: the address is none, or of a database that is not supported. The text repeats no password.
    """
    if url is None:
        return _file(data_dir / FILE_NAME)
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError("DATABASE_URL is no address: postgresql://user@host/name, or sqlite:///path.") from None
    match parsed.get_backend_name():
        case "sqlite":
            return in_memory() if parsed.database in {None, "", ":memory:"} else _file(Path(str(parsed.database)))
        case "postgresql" | "postgres":
            name = (parsed.database or "postgresql").replace("/", "_")
            url_with_driver = parsed.set(drivername="postgresql+psycopg")
            return Place(url=url_with_driver, marker=data_dir / f"{MARKER}-{name}")
        case other:
            raise StorageError(f"DATABASE_URL speaks of {other}: only sqlite and postgresql are supported.")


def _file(path: Path) -> Place:
    return Place(file=path, marker=path.parent / MARKER)


def prepare_folder(folder: Path) -> None:
    """Make the data folder, for its owner only.

    Raises:
        StorageError: it cannot be made or is no folder.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            # somebody else's folder that lets us in, as on mounted volumes: its mode is not ours to change
            with contextlib.suppress(PermissionError):
                folder.chmod(0o700)
    except PermissionError:
        raise StorageError(f"{folder} cannot be made here. Set DATA_DIR to a folder of yours.") from None
    except OSError as error:
        raise StorageError(f"{folder} cannot be the data folder ({error.strerror}). Set DATA_DIR to another.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(
            f"{folder} cannot be written: make it the data folder of the user who runs this, on a disk that is not "
            f"mounted read-only."
        )


def prepare_file(file: Path) -> None:
    """Make the file, for its owner only; SQLite gives its companions the same mode."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        with contextlib.suppress(PermissionError):  # somebody else's file that lets us write
            file.chmod(0o600)
    except OSError as error:
        raise StorageError(f"{file} cannot be written ({error.strerror}). Is the disk mounted read-only?") from error


def mark_begun(place: Place) -> None:
    """Leave the marker, unless it is there."""
    if place.marker is not None and not place.marker.exists():
        leave_mark(place.marker, "A history is kept beside this file. If it vanishes, this tells: do not delete it.\n")


def refuse_gone(place: Place) -> None:
    """The database is empty: a first start, unless the marker says otherwise.

    Raises:
        HistoryGone: it does.
    """
    if place.marker is not None and place.marker.exists():
        raise HistoryGone(place.name, place.marker, empty=True)


def prepare(place: Place, data_dir: Path) -> None:
    """Make what must be there before a database can be opened for writing, and look at one that is there. Blocks.

    Raises:
        StorageError: it cannot be used.
    """
    prepare_folder(data_dir)
    if place.file is None or place.marker is None:
        return
    place.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ended_well = take_mark(place.file.parent / CLEAN_END)
    inspect(place.file, place.marker, thorough=not ended_well)
    prepare_file(place.file)


def leave_mark(mark: Path, text: str = "") -> None:
    """Write a small file that a power cut cannot take back."""
    descriptor = os.open(mark, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(mark.parent)


def take_mark(mark: Path) -> bool:
    """Remove a mark for good; whether it was there."""
    try:
        mark.unlink()
    except FileNotFoundError:
        return False
    sync_folder(mark.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Make what was renamed or removed in a folder safe from a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # some network file systems cannot sync a folder; the mark is then as safe as they make it
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def inspect(file: Path, marker: Path, *, thorough: bool | None) -> bool:
    """Look at a file before anybody opens it for work. Blocks: call it in a thread.

    Args:
        thorough: True reads every page and index, False only the pages, None only the header.

    Returns:
        Whether a history is in it; False is a first start.

    Raises:
        HistoryGone, ForeignDatabase, NewerSchema, StoreCorrupt, StoreBusy, StoreUnreachable: it cannot be used.
    """
    there = file.exists() and file.stat().st_size > 0
    if not there:
        if marker.exists():
            raise HistoryGone(str(file), marker, empty=file.exists())
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            filled = looks_ours(connection, file)
            if filled and thorough is not None:
                check(connection, file, "integrity_check" if thorough else "quick_check")
    except UnicodeDecodeError as error:  # of SQLite's words about a damaged schema
        raise StoreCorrupt(str(file), "its schema cannot be read") from error
    except sqlite3.Error as error:
        raise translated(error, str(file)) from error
    if not filled and marker.exists():
        raise HistoryGone(str(file), marker, empty=True)
    return filled


def looks_ours(connection: sqlite3.Connection, file: Path) -> bool:
    """Whether a history is in it; False is a first start that was cut short.

    Args:
        file: how it is called in messages.

    Raises:
        ForeignDatabase, NewerSchema: it is not ours, or not yet.
    """
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if not tables and application in {0, APPLICATION_ID}:
        return False
    if application != APPLICATION_ID:
        raise ForeignDatabase(str(file))
    if version > int(SCHEMA):
        raise NewerSchema(str(file), f"{version:04}", SCHEMA)
    return True


def check(connection: sqlite3.Connection, file: Path, pragma: str) -> None:
    """Have SQLite look for damage.

    Args:
        file: how it is called in messages.
        pragma: `quick_check` or `integrity_check`.

    Raises:
        StoreCorrupt: it found some.
    """
    (verdict,) = connection.execute(f"PRAGMA {pragma}(1)").fetchone()
    if verdict != "ok":
        raise StoreCorrupt(str(file), str(verdict).splitlines()[-1][:120])  # its first line may be a mere heading


def keep_copy(file: Path, why: str, now: datetime) -> Path:
    """A whole copy of the database in `backups` beside it, before something is done that cannot be undone.

    Raises:
        StorageError: there is no room for it, or the copy is not sound; no half a copy is left behind.
    """
    folder = file.parent / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{file.stem}-{why}-{now.strftime(_STAMP)}.db"
    half = copy.with_suffix(".part")
    try:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", [str(half)])
        with contextlib.closing(sqlite3.connect(half)) as connection:
            check(connection, half, "integrity_check")
        half.chmod(0o600)
        half.rename(copy)
    except sqlite3.Error as error:
        raise translated(error, str(copy)) from error
    finally:
        half.unlink(missing_ok=True)
    return copy


def move_aside(file: Path, now: datetime) -> Path:
    """Put a damaged database and its companions out of the way; nothing is deleted, and the marker stays.

    Returns:
        Where the database lies now.
    """
    aside = file.with_name(f"{file.name}.damaged-{now.strftime(_STAMP)}")
    for suffix in _ASIDE_SUFFIXES:
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside
