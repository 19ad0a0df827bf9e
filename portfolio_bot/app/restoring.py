"""A backup in the place of the database: because somebody asks for it, or because the database is damaged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from portfolio_bot.app.lock import one_instance
from portfolio_bot.app.tempo import utc_now
from portfolio_bot.model.days import Clock
from portfolio_bot.storage import backup, places
from portfolio_bot.storage.errors import StorageError, StoreCorrupt
from portfolio_bot.storage.places import Place
from portfolio_bot.storage.restore import Tried, tried
from portfolio_bot.storage.store import Store, open_store

if TYPE_CHECKING:
    from portfolio_bot.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in the place of the database.

    Attributes:
        made: when the backup was made; None of one that somebody named.
        rows: of all tables.
        newest: the newest snapshot in it.
        kept: where what was there lies now; None where nothing was.
    """

    made: datetime | None
    rows: int
    newest: datetime | None
    kept: Path | None


async def restore(
    settings: Settings, source: BinaryIO, called: Path, agreed: Callable[[Tried, Path], bool]
) -> Restored | None:
    """Put a backup in the place of the database, which nobody may be using.

    Args:
        source: the backup, open for reading.
        called: its name in messages.
        agreed: whether it shall be, once it is known to be sound; hears what is in it, and what it would replace.

    Returns:
        None where it was not agreed to: nothing was changed.

    Raises:
        LockHeldError: a service or a command works in the data folder.
        StorageError: the backup is none, is damaged or of a newer version, or there is no room. Nothing was changed.
    """
    place = places.place_of(settings.data_dir, settings.database_url)
    if place.file is None:
        raise StorageError("This database is no file: what pg_dump wrote, pg_restore brings back.")
    await asyncio.to_thread(places.prepare_folder, settings.data_dir)
    async with one_instance(settings.data_dir, wait=0):
        place.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with tried(source, called, backup.folder_of(place.file), utc_now) as found:
            if not agreed(found, place.file):
                return None
            return await _put(place, place.file, found, None)


async def rescue(settings: Settings, clock: Clock) -> Restored | None:
    """Put the newest sound backup in the place of a damaged database; the caller holds the folder's lock.

    Returns:
        None where there is no sound one: nothing was changed.
    """
    place = places.place_of(settings.data_dir, settings.database_url)
    if place.file is None:
        return None
    for one in await asyncio.to_thread(backup.listed, place.file):
        try:
            with one.path.open("rb") as source:
                async with tried(source, one.path, one.path.parent, clock) as found:
                    done = await _put(place, place.file, found, one.at)
        except (StorageError, OSError) as error:
            log.warning("the backup %s is of no use: %s", one.path, error)
            continue
        log.error("the database was damaged: the backup of %s is in its place, it lies in %s", one.at, done.kept)
        return done
    return None


@asynccontextmanager
async def opened(settings: Settings, clock: Clock, *, mend: bool) -> AsyncIterator[tuple[Store, Restored | None]]:
    """The database of a data folder, and what stands in its place since it was found damaged.

    Args:
        mend: put the newest sound backup there, if it is; the caller holds the folder's lock.

    Raises:
        StorageError: it cannot be used.
    """
    rescued = None
    async with AsyncExitStack() as stack:
        try:
            store = await stack.enter_async_context(open_store(settings.data_dir, settings.database_url, clock=clock))
        except StoreCorrupt:
            rescued = await rescue(settings, clock) if mend else None
            if rescued is None:
                raise
            store = await stack.enter_async_context(open_store(settings.data_dir, settings.database_url, clock=clock))
        yield store, rescued


async def _put(place: Place, file: Path, found: Tried, made: datetime | None) -> Restored:
    kept = await asyncio.to_thread(backup.replace, file, found.file)
    await asyncio.to_thread(places.mark_begun, place)
    return Restored(made, found.rows, found.newest, kept)
