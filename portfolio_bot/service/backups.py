"""Backups of the database: at night, when somebody asks, and tried once a month."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.preferences import Along
from portfolio_bot.storage import backup, snapshots
from portfolio_bot.storage.backup import Backup
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.restore import tried
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

_TRIED = ".tried"
"""Lies beside the backups and names the month in which one was last opened as a service would."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup just made.

    Attributes:
        rows: of all tables.
        previous: when the one before was made; None for the first.
    """

    backup: Backup
    rows: int
    previous: datetime | None


class Backups:
    """Makes, lists, thins and tries backups of one store."""

    def __init__(self, store: Store, calendar: Calendar, clock: Clock) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._one_at_a_time = asyncio.Lock()

    async def make(self, *, along: Along | None = None) -> Made:
        """Copy the database beside its work: writes wait while it is read, nothing else does.

        Args:
            along: stored before; what it raises is raised here, and nothing is made.

        Raises:
            UserError: there is no file to copy.
            StorageError: no room, or the copy is not sound. Nothing half is left.
        """
        file = self._file()
        if along is not None:
            await self._store.write(along)
        async with self._one_at_a_time:
            before = await asyncio.to_thread(backup.listed, file)
            drafted = await self._store.alone(lambda: backup.draft(file, self._clock()))
            made = await asyncio.to_thread(backup.finish, drafted)
        rows = sum(drafted.rows.values())
        log.info("backup: %s, %d rows, %d bytes", made.path, rows, made.size)
        return Made(made, rows, before[0].at if before else None)

    async def listed(self) -> list[Backup]:
        """Newest first.

        Raises:
            UserError: there is no file to copy.
        """
        return await asyncio.to_thread(backup.listed, self._file())

    async def content(self, at: datetime | None, largest: int) -> tuple[Backup, bytes]:
        """A backup to give away.

        Args:
            largest: bytes.

        Raises:
            UserError: it is there no more, or too large.
        """
        found = next((one for one in await self.listed() if one.at == at), None)
        if found is None:
            raise UserError("", "backup_gone")
        if found.size >= largest:
            raise UserError("", "backup_too_large", size=found.size // 1_000_000, path=str(found.path))
        return found, await asyncio.to_thread(found.path.read_bytes)

    async def nightly(self) -> None:
        """Make the one of this day, forget those that nobody needs, and once a month open one as a service would.

        A service that starts again makes no second one, and what only began today has no day to lose yet.

        Raises:
            StorageError: it did not work; those before are still there.
        """
        if self._store.file is None or not await self._due():
            return
        made = await self.make()
        for one in backup.superfluous(await self.listed(), self._calendar):
            await asyncio.to_thread(one.path.unlink, missing_ok=True)
        await self._try_monthly(made)

    async def _due(self) -> bool:
        today = self._calendar.day(self._clock())
        async with self._store.read() as tx:
            first = await snapshots.first_at(tx)
        if first is None or self._calendar.day(first) >= today:
            return False
        made = await self.listed()
        return not made or self._calendar.day(made[0].at) < today

    async def _try_monthly(self, made: Made) -> None:
        mark = made.backup.path.parent / _TRIED
        month = self._calendar.day(made.backup.at).replace(day=1)
        if await asyncio.to_thread(_read, mark) == month.isoformat():
            return
        with made.backup.path.open("rb") as source:
            async with tried(source, made.backup.path, mark.parent, self._clock) as found:
                if found.rows < made.rows:
                    raise StorageError(f"{made.backup.path} was opened, but rows are missing: do not rely on it.")
        await asyncio.to_thread(mark.write_text, f"{month.isoformat()}\n")
        log.info("backup: %s was opened as a service would, and is whole", made.backup.path)

    def _file(self) -> Path:
        if self._store.file is None:
            raise UserError("", "backup_of_no_file")
        return self._store.file


def _read(mark: Path) -> str:
    try:
        return mark.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
