"""One process per data folder: a lock that the kernel frees at once, whatever ends the process."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

log = logging.getLogger(__name__)

LOCK_NAME = "lock"
_LOOKS_EVERY = 0.1


class LockHeldError(Exception):
    """Another process works in this data folder.

    Attributes:
        pid: its number as it wrote it; None if it could not be read.
        data_dir: the folder.
    """

    def __init__(self, pid: int | None, data_dir: Path) -> None:
        self.pid, self.data_dir = pid, data_dir
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"{data_dir} is in use by {who}. Stop that one first, or give this one a folder of its own with --data-dir."
        )


@asynccontextmanager
async def one_instance(data_dir: Path, *, wait: float = 60.0) -> AsyncIterator[None]:
    """Hold the folder's lock.

    Args:
        data_dir: must exist.
        wait: seconds to wait for whoever holds it now; 0 asks once.

    Raises:
        LockHeldError: it was not free in time.
    """
    path = data_dir / LOCK_NAME
    # no O_TRUNC: it would wipe the number of a holder before we know whether there is one
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        ends, told = time.monotonic() + wait, False
        while not _taken(handle):
            if time.monotonic() >= ends:
                raise LockHeldError(holder(data_dir), data_dir)
            if not told:
                log.warning("%s is in use by process %s: waiting up to %.0f s for it", data_dir, holder(data_dir), wait)
                told = True
            await asyncio.sleep(min(_LOOKS_EVERY, max(wait, 0.001)))
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # the file stays: removing it would let a third process lock a file that nobody else can see
        os.close(handle)


def refuse_if_held(data_dir: Path) -> None:
    """Whether somebody holds the lock now, without taking it.

    Raises:
        LockHeldError: somebody does.
    """
    try:
        handle = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not _taken(handle):
            raise LockHeldError(holder(data_dir), data_dir)
    finally:
        os.close(handle)


def holder(data_dir: Path) -> int | None:
    """The number that whoever took the lock last wrote into it; None if it cannot be read."""
    try:
        text = (data_dir / LOCK_NAME).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
    return int(text) if text.isascii() and text.isdigit() else None


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
