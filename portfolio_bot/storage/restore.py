"""A backup brought back: opened in a folder of its own first, as a service would open it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import func, select, update

from portfolio_bot.model.days import Clock
from portfolio_bot.storage import backup, places
from portfolio_bot.storage.store import open_store
from portfolio_bot.storage.tables import outbox, snapshot
from portfolio_bot.storage.tx import Tx

_TRIAL: Final = ".trial-"


@dataclass(frozen=True, slots=True)
class Tried:
    """A backup that was opened and works.

    Attributes:
        file: the database, of our schema and closed; it is gone at the end of the block.
        rows: of all tables.
        newest: the newest snapshot in it; None without any.
    """

    file: Path
    rows: int
    newest: datetime | None


@asynccontextmanager
async def tried(source: BinaryIO, called: Path, room: Path, clock: Clock) -> AsyncIterator[Tried]:
    """Open a copy of a backup, migrate it if it is older, and read it.

    What waited to be sent when the backup was made is sent no more: it was, or its time has gone.

    Args:
        source: the backup, open for reading.
        called: its name in messages.
        room: a folder on the disk where the database lies.

    Raises:
        StorageError: it is no whole database of ours, of a newer version, or there is no room.
    """
    await asyncio.to_thread(_swept, room)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=_TRIAL, dir=room))
    try:
        file = folder / places.FILE_NAME
        await asyncio.to_thread(backup.bring, source, file)
        await asyncio.to_thread(backup.examine, file, called)
        async with open_store(folder, clock=clock) as store:
            await store.write(_forget_unsent)
            async with store.read() as tx:
                newest: datetime | None = await tx.scalar(select(func.max(snapshot.c.at)))
        yield Tried(file, await asyncio.to_thread(backup.count, file), newest)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _forget_unsent(tx: Tx) -> None:
    unsent = outbox.c.state.in_(["pending", "sending"])
    await tx.execute(update(outbox).where(unsent).values(state="dead", error="of before the restore"))


def _swept(room: Path) -> None:
    """What a power cut left of an earlier trial goes."""
    room.mkdir(mode=0o700, exist_ok=True)
    for left in room.glob(f"{_TRIAL}*"):
        shutil.rmtree(left, ignore_errors=True)
