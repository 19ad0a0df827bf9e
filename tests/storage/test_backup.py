"""Copies of the database: whole or not at all, thinned by days and weeks, and brought back only if they are sound."""

from __future__ import annotations

import io
import resource
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.model.days import Calendar
from portfolio_bot.storage import backup, outbox, places, schema, snapshots
from portfolio_bot.storage.backup import Backup
from portfolio_bot.storage.errors import DiskFull, NewerSchema, StorageError, StoreCorrupt
from portfolio_bot.storage.restore import tried
from portfolio_bot.storage.store import open_store
from portfolio_bot.storage.tables import SCHEMA
from tests.storage.builders import NOON, PARIS, complete, fixed


async def begun(folder: Path) -> Path:
    """A database with a snapshot and a letter that waits."""
    async with open_store(folder, clock=fixed()) as store:
        await store.write(lambda tx: snapshots.add(tx, complete(), trigger="hourly"))
        await store.write(lambda tx: outbox.add(tx, key="a", chat="1", payload={}, kind="report", not_before=NOON))
    return folder / "portfolio.db"


def copied(file: Path) -> Backup:
    return backup.finish(backup.draft(file, NOON))


def halves(file: Path) -> list[str]:
    return [path.name for path in backup.folder_of(file).iterdir() if not path.name.endswith(".db")]


def changed(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)


async def test_a_copy_is_whole_private_and_named_by_its_time(tmp_path: Path) -> None:
    file = await begun(tmp_path)
    made = copied(file)
    assert made.path == tmp_path / "backups" / "portfolio-20261120T120000Z.db"
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    assert backup.listed(file) == [made]
    assert backup.count(made.path) == backup.count(file) > 2
    assert halves(file) == []


async def test_a_copy_is_made_beside_writers_and_counts_what_was_there(tmp_path: Path) -> None:
    async with open_store(tmp_path, clock=fixed()) as store:
        for minute in range(5):
            at = NOON + timedelta(minutes=minute)
            await store.write(lambda tx, at=at: snapshots.add(tx, complete(at), trigger="hourly"))  # type: ignore[misc]
        file = tmp_path / "portfolio.db"
        drafted = await store.alone(lambda: backup.draft(file, NOON))
        await store.write(lambda tx: snapshots.add(tx, complete(NOON + timedelta(hours=1)), trigger="hourly"))
        made = backup.finish(drafted)
    with closing(sqlite3.connect(made.path)) as connection:
        assert connection.execute("SELECT count(*) FROM snapshot").fetchone() == (5,)


async def test_a_copy_that_lacks_a_row_is_thrown_away(tmp_path: Path) -> None:
    file = await begun(tmp_path)
    drafted = backup.draft(file, NOON)
    changed(drafted.half, "DELETE FROM outbox")
    with pytest.raises(StorageError, match="lacks rows of outbox"):
        backup.finish(drafted)
    assert (backup.listed(file), halves(file)) == ([], [])


async def test_a_full_disk_is_said_and_leaves_nothing_half(tmp_path: Path) -> None:
    file = await begun(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size // 2, before[1]))
    try:
        with pytest.raises(DiskFull, match="disk is full"):
            copied(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (backup.listed(file), halves(file)) == ([], [])


async def test_what_a_power_cut_left_half_goes_with_the_next_one(tmp_path: Path) -> None:
    file = await begun(tmp_path)
    copied(file)
    (backup.folder_of(file) / "portfolio-20261119T120000Z.part").write_bytes(b"half")
    (backup.folder_of(file) / "portfolio-20261119T120000Z.part-journal").write_bytes(b"half")
    copied(file)
    assert halves(file) == []


def kept(times: list[datetime], calendar: Calendar = PARIS) -> list[datetime]:
    every = [Backup(Path(str(at)), at, 1) for at in times]
    gone = {one.path for one in backup.superfluous(every, calendar)}
    return [one.at for one in every if one.path not in gone]


def test_seven_days_and_four_weeks_are_kept() -> None:
    nights = [datetime(2026, 11, 22, 3, tzinfo=UTC) - timedelta(days=back) for back in range(60)]
    days = [at.day for at in kept(nights) if at.month == 11]
    assert days == [22, 21, 20, 19, 18, 17, 16, 15, 8, 1]  # 15, 8 and 1 are Sundays, as is 22


@given(st.lists(st.integers(0, 1000 * 24), max_size=40, unique=True))
def test_the_newest_is_kept_and_a_second_look_changes_nothing(hours: list[int]) -> None:
    aware = [NOON - timedelta(hours=back) for back in hours]
    left = kept(aware)
    assert kept(left) == left
    assert len(left) <= backup.DAILY + backup.WEEKLY
    if aware:
        assert max(aware) in left
    days: set[date] = {PARIS.day(at) for at in aware}
    assert {PARIS.day(at) for at in left} >= set(sorted(days, reverse=True)[: backup.DAILY])


async def test_a_restored_backup_works_and_sends_nothing_of_then(tmp_path: Path) -> None:
    made = copied(await begun(tmp_path))
    with made.path.open("rb") as source:
        async with tried(source, made.path, tmp_path / "room", fixed()) as found:
            assert found.newest == NOON
            async with open_store(found.file.parent, clock=fixed()) as store, store.read() as tx:
                assert await outbox.due(tx, NOON, "1") == []
                assert await snapshots.newest(tx) is not None
    assert list((tmp_path / "room").iterdir()) == []


async def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old = tmp_path / "old"
    async with open_store(old, clock=fixed()) as store:
        await store.write(lambda tx: tx.exec_driver_sql("SELECT 1"))
    file = old / "portfolio.db"
    file.unlink()
    with closing(sqlite3.connect(file)):
        pass
    from portfolio_bot.storage.engines import writing_engine

    engine = writing_engine(places.place_of(old, None), foreign_keys=False)
    async with engine.begin() as tx:
        await schema.migrate(tx, "0002")
    await engine.dispose()
    with file.open("rb") as source:
        async with tried(source, file, tmp_path / "room", fixed()) as found:
            with closing(sqlite3.connect(found.file)) as connection:
                assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (SCHEMA,)


@pytest.mark.parametrize(
    ("statement", "error", "says"),
    [
        ("PRAGMA application_id=7", StorageError, "is of another program: it is no backup of ours"),
        ("PRAGMA user_version=9999", NewerSchema, "newer portfolio-bot"),
    ],
)
async def test_what_is_no_backup_of_ours_is_refused_by_its_name(
    tmp_path: Path, statement: str, error: type[Exception], says: str
) -> None:
    file = await begun(tmp_path)
    changed(file, statement)
    with pytest.raises(error, match=says) as raised, file.open("rb") as source:
        async with tried(source, Path("mine.db"), tmp_path / "room", fixed()):
            pass
    assert "mine.db" in str(raised.value)
    assert list((tmp_path / "room").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + b"\xff" * 5000])
async def test_a_damaged_file_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(StoreCorrupt, match=r"mine\.db is damaged"):
        async with tried(io.BytesIO(content), Path("mine.db"), tmp_path / "room", fixed()):
            pass


async def test_what_is_replaced_is_kept_sound_or_not(tmp_path: Path) -> None:
    file = await begun(tmp_path)
    whole = copied(file).path
    first = tmp_path / "first"
    first.write_bytes(whole.read_bytes())
    kept = backup.replace(file, first)
    assert kept is not None
    assert "replaced" in kept.name
    assert backup.count(kept) == backup.count(file)
    file.write_bytes(b"rubbish" * 1000)
    second = tmp_path / "second"
    second.write_bytes(whole.read_bytes())
    aside = backup.replace(file, second)
    assert aside is not None
    assert aside.read_bytes() == b"rubbish" * 1000
    async with open_store(tmp_path, clock=fixed()) as store, store.read() as tx:
        assert await snapshots.newest(tx) is not None
