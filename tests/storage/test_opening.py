"""A database that cannot be used is told from a first start, and each fault names the path and the mend."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from portfolio_bot.storage import places, schema, slots, snapshots
from portfolio_bot.storage.errors import (
    ForeignDatabase,
    HistoryGone,
    NewerSchema,
    SchemaOlder,
    StorageError,
    StoreCorrupt,
    StoreUnreachable,
)
from portfolio_bot.storage.store import Store, open_store
from portfolio_bot.storage.tables import SCHEMA
from tests.storage.builders import NOON, complete, fixed


async def begin(folder: Path) -> Path:
    """A database with one snapshot in it, closed in order."""
    async with open_store(folder, clock=fixed()) as store:
        await store.write(lambda tx: snapshots.add(tx, complete(), trigger="hourly"))
    return folder / "portfolio.db"


async def reopen(folder: Path, *, read_only: bool = False) -> None:
    async with open_store(folder, clock=fixed(), read_only=read_only) as store, store.read() as tx:
        await snapshots.newest(tx)


def run(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)


async def newest_of(store: Store) -> object:
    async with store.read() as tx:
        return await snapshots.newest(tx)


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_deleted_history_is_no_first_start(tmp_path: Path, read_only: bool) -> None:
    (await begin(tmp_path)).unlink()
    with pytest.raises(HistoryGone, match=r"portfolio\.db is missing.*\.initialised.*backup"):
        await reopen(tmp_path, read_only=read_only)
    assert not (tmp_path / "portfolio.db").exists()


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_history_of_no_length_is_no_first_start(tmp_path: Path, read_only: bool) -> None:
    (await begin(tmp_path)).write_bytes(b"")
    with pytest.raises(HistoryGone, match="is empty"):
        await reopen(tmp_path, read_only=read_only)


async def test_a_database_without_tables_is_no_first_start_either(tmp_path: Path) -> None:
    file = await begin(tmp_path)
    file.unlink()
    run(file, "PRAGMA user_version=1")
    with pytest.raises(HistoryGone, match="is empty"):
        await reopen(tmp_path)


async def test_deleting_the_marker_on_purpose_begins_a_new_history(tmp_path: Path) -> None:
    (await begin(tmp_path)).unlink()
    (tmp_path / ".initialised").unlink()
    await reopen(tmp_path)
    assert (tmp_path / ".initialised").exists()


async def test_a_first_start_that_was_cut_short_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "portfolio.db").touch()
    await reopen(tmp_path)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (await begin(tmp_path)).write_bytes(b"not a database at all, whatever its name says" * 200)
    for read_only in (False, True):
        with pytest.raises(StoreCorrupt, match=r"portfolio\.db is damaged"):
            await reopen(tmp_path, read_only=read_only)


async def test_a_damaged_page_is_found_before_anything_is_written(tmp_path: Path) -> None:
    file = await begin(tmp_path)
    damaged = bytearray(file.read_bytes())
    for page in range(1, len(damaged) // 16384):
        damaged[page * 16384 : page * 16384 + 64] = b"\xff" * 64
    file.write_bytes(damaged)
    with pytest.raises(StoreCorrupt):
        await reopen(tmp_path)
    assert file.read_bytes() == bytes(damaged)


async def test_a_schema_that_is_garbage_is_damage_too(tmp_path: Path) -> None:
    file = await begin(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"CREATE TABLE chat", b"CR\xff\xfeTE TABLE chat"))
    with pytest.raises(StoreCorrupt):
        await reopen(tmp_path)


async def break_an_index(folder: Path) -> None:
    """A row that an index has forgotten: the quick check does not look."""
    file = await begin(folder)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'nav IS NOT NULL', 'nav IS NULL') WHERE type = 'index'"
        )
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)


async def test_an_unclean_end_asks_for_the_thorough_check(tmp_path: Path) -> None:
    await break_an_index(tmp_path)
    (tmp_path / ".clean-end").unlink()
    with pytest.raises(StoreCorrupt):
        await reopen(tmp_path)


async def test_a_clean_end_is_content_with_the_quick_check(tmp_path: Path) -> None:
    await break_an_index(tmp_path)
    await reopen(tmp_path)


async def test_a_damaged_database_is_moved_aside_only_when_told_to(tmp_path: Path) -> None:
    file = await begin(tmp_path)
    aside = places.move_aside(file, NOON)
    assert aside.name == "portfolio.db.damaged-20261120T120000Z"
    assert aside.exists()
    with pytest.raises(HistoryGone):
        await reopen(tmp_path)


async def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "portfolio.db"
    run(file, "CREATE TABLE theirs (x)")
    before = file.read_bytes()
    for read_only in (False, True):
        with pytest.raises(ForeignDatabase, match="another program"):
            await reopen(tmp_path, read_only=read_only)
    assert file.read_bytes() == before


async def test_a_newer_schema_is_refused_by_name(tmp_path: Path) -> None:
    run(await begin(tmp_path), "PRAGMA user_version=9999")
    for read_only in (False, True):
        with pytest.raises(NewerSchema, match=r"newer portfolio-bot \(schema 9999"):
            await reopen(tmp_path, read_only=read_only)


LATER = f"{int(SCHEMA) + 1:04}"

NEXT = f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{LATER}", "{SCHEMA}"
def upgrade() -> None:
    with op.batch_alter_table("snapshot", recreate="always") as batch:
        batch.add_column(sa.Column("note", sa.Text()))
"""


@pytest.fixture
def next_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """As if this version knew one migration more."""

    def pretend(migration: str) -> None:
        copied = tmp_path / "migrations"
        shutil.copytree(schema.MIGRATIONS, copied)
        (copied / "versions" / f"v{LATER}_note.py").write_text(migration)
        monkeypatch.setattr(schema, "MIGRATIONS", copied)
        for module in ("opening", "places", "schema"):
            monkeypatch.setattr(f"portfolio_bot.storage.{module}.SCHEMA", LATER)

    return pretend


async def test_an_older_schema_is_copied_then_migrated_and_loses_nothing(
    tmp_path: Path, next_schema: Callable[[str], None]
) -> None:
    folder = tmp_path / "data"
    await begin(folder)
    next_schema(NEXT)
    async with open_store(folder, clock=fixed()) as store:
        assert await newest_of(store) == complete()
        async with store.read() as tx:
            assert await schema.stored_version(tx) == LATER
    assert [copy.name for copy in (folder / "backups").iterdir()] == [f"portfolio-schema-{SCHEMA}-20261120T120000Z.db"]
    with closing(sqlite3.connect(folder / "portfolio.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (int(LATER),)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_reading_alone_never_migrates(tmp_path: Path, next_schema: Callable[[str], None]) -> None:
    folder = tmp_path / "data"
    await begin(folder)
    next_schema(NEXT)
    with pytest.raises(SchemaOlder, match=f"schema {SCHEMA}, this version reads {LATER}"):
        await reopen(folder, read_only=True)


async def test_a_migration_that_fails_leaves_the_old_schema(tmp_path: Path, next_schema: Callable[[str], None]) -> None:
    folder = tmp_path / "data"
    file = await begin(folder)
    next_schema(NEXT + "    op.execute('SELECT no_such_function()')\n")
    with pytest.raises(StorageError):
        await reopen(folder)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (SCHEMA,)
        assert "note" not in connection.execute("SELECT sql FROM sqlite_master WHERE name='snapshot'").fetchone()[0]


async def test_reading_where_nothing_is_yields_nothing_and_makes_nothing(tmp_path: Path) -> None:
    async with open_store(tmp_path / "none", clock=fixed(), read_only=True) as store:
        assert await newest_of(store) is None
    assert not (tmp_path / "none").exists()


async def test_reading_works_beside_a_writer_and_after_its_crash(tmp_path: Path) -> None:
    async with open_store(tmp_path, clock=fixed()) as store:
        await store.write(lambda tx: snapshots.add(tx, complete(), trigger="hourly"))
        crashed = tmp_path / "crashed"
        crashed.mkdir()
        for name in ("portfolio.db", "portfolio.db-wal", ".initialised"):
            shutil.copy(tmp_path / name, crashed / name)
        async with open_store(tmp_path, clock=fixed(), read_only=True) as reader:
            assert await newest_of(reader) == complete()
    async with open_store(crashed, clock=fixed(), read_only=True) as reader:
        assert await newest_of(reader) == complete()


async def test_folder_and_files_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    async with open_store(folder, clock=fixed()) as store:
        await store.write(lambda tx: slots.done(tx, "report", NOON))
        modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}
    assert {"portfolio.db", "portfolio.db-wal", ".initialised"} <= set(modes)


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be the data folder"):
        await reopen(tmp_path / "file" / "data")


async def test_another_path_is_taken_from_the_address(tmp_path: Path) -> None:
    odd = tmp_path / "a #1%20 folder?" / "mine.db"
    async with open_store(tmp_path, f"sqlite:///{odd}".replace("%", "%25").replace("?", "%3F"), clock=fixed()) as store:
        file = store.file
    assert file is not None
    assert file.exists()


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "no address: secret", "oracle+x://secret"])
async def test_an_address_that_means_nothing_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(StorageError) as caught:
        async with open_store(tmp_path, url, clock=fixed()):
            pass
    assert "secret" not in str(caught.value)


async def test_a_server_out_of_reach_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreUnreachable, match="cannot be opened") as caught:
        async with open_store(tmp_path, "postgresql://me:secret@127.0.0.1:9/none", clock=fixed()):
            pass
    assert "secret" not in str(caught.value)
