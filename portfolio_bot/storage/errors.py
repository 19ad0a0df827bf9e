"""What can be wrong with the database, as sentences for its owner, each with the mend."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StorageError(Exception):
    """The database cannot serve. The text names the path or the address, the reason and the mend; never a password."""


class StoreClosed(StorageError):
    """The service is stopping: what comes now is left to the next life."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} is closed: the service is stopping.")


class HistoryGone(StorageError):
    """There was a history here, and it is missing or empty: not a first start."""

    def __init__(self, where: str, marker: Path, *, empty: bool) -> None:
        super().__init__(
            f"{where} is {'empty' if empty else 'missing'}, but {marker} says that a history was kept there. "
            f"Bring it back from a backup: portfolio-bot restore FILE. To begin a new history on purpose, "
            f"delete {marker}."
        )


class StoreCorrupt(StorageError):
    """The file is no database, or damaged."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"{where} is damaged ({reason}). Nothing was changed. Bring back a sound backup: portfolio-bot restore "
            f"FILE. They lie in the folder backups beside the database."
        )


class ForeignDatabase(StorageError):
    """The file is a sound database of another program."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} belongs to another program. Set DATABASE_URL or DATA_DIR to a place of our own.")


class NewerSchema(StorageError):
    """A newer version of this program wrote the database."""

    def __init__(self, where: str, found: str, known: str) -> None:
        super().__init__(
            f"{where} was written by a newer portfolio-bot (schema {found}, this one knows {known}). "
            f"Install the newer version, or put a backup from before the update in its place."
        )


class SchemaOlder(StorageError):
    """The database must be migrated before it can be read, which reading alone may not do."""

    def __init__(self, where: str, found: str, known: str) -> None:
        super().__init__(
            f"{where} has schema {found}, this version reads {known}: start the service once, it migrates by itself."
        )


class DiskFull(StorageError):
    """Nothing can be written until there is room; what was stored stays sound, and reading works."""

    def __init__(self, where: str) -> None:
        super().__init__(f"no room to write {where}: the disk is full. Free some space; nothing stored was lost.")


class StoreBusy(StorageError):
    """Somebody holds the database for longer than one may wait: another program, or too many readers of our own."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} is locked, most likely by another program. Close what has it open, then try again.")


class StoreUnreachable(StorageError):
    """The file or the database server cannot be opened."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} cannot be opened ({reason}). Check that it exists and may be read and written.")


class ReadOnlyStore(StorageError):
    """Somebody tried to write through a store that was opened for reading."""

    def __init__(self) -> None:
        super().__init__("the database was opened for reading only")


_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NO_OPEN = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}
_POSTGRES_FULL = "53100"


def translated(error: Exception, where: str) -> Exception:
    """The storage error that a driver's error means; the error itself if it is none of these, a bug for instance."""
    if isinstance(error, PoolTimeout):
        return StoreBusy(where)
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, where) or error
    if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
        return DiskFull(where)
    if getattr(cause, "sqlstate", None) == _POSTGRES_FULL:
        return DiskFull(where)
    if isinstance(error, OperationalError):  # of a server: it is gone, or never was there
        return StoreUnreachable(where, first_line(cause))
    return error


def first_line(error: BaseException | None) -> str:
    """Of a driver's words, which may name hosts and users but never a password."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _of_sqlite(cause: sqlite3.Error, where: str) -> StorageError | None:
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF
    if code in _FULL:
        return DiskFull(where)
    if primary in _CORRUPT:
        return StoreCorrupt(where, str(cause))
    if primary in _BUSY:
        return StoreBusy(where)
    if primary in _NO_OPEN:
        return StoreUnreachable(where, str(cause))
    return None
