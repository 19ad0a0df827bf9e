"""The tables in code and the migrations make one and the same database."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from portfolio_bot.storage import ledger, places, schema
from portfolio_bot.storage.engines import writing_engine
from portfolio_bot.storage.store import open_store
from portfolio_bot.storage.tables import SCHEMA, metadata
from tests.storage.builders import fixed


async def migrated(folder: Path, to: str = SCHEMA) -> Path:
    """A database made by all migrations in turn, up to one of them."""
    place = places.place_of(folder, None)
    assert place.file is not None
    places.prepare_folder(folder)
    places.prepare_file(place.file)
    engine = writing_engine(place)
    async with engine.begin() as tx:
        await schema.migrate(tx, to)
    await engine.dispose()
    return place.file


def definitions(file: Path) -> Mapping[str, str]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
        pragmas = [connection.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")]
    return {**dict(rows), "pragmas": str(pragmas)}


async def test_migrations_and_tables_make_the_same_database(tmp_path: Path) -> None:
    async with open_store(tmp_path / "made", clock=fixed()):
        pass
    assert definitions(await migrated(tmp_path / "migrated")) == definitions(tmp_path / "made" / "portfolio.db")


async def test_alembic_finds_nothing_left_to_migrate(tmp_path: Path) -> None:
    await migrated(tmp_path)
    engine = writing_engine(places.place_of(tmp_path, None))

    def differences(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_a_migrated_database_opens_like_a_made_one(tmp_path: Path) -> None:
    await migrated(tmp_path)
    async with open_store(tmp_path, clock=fixed()) as store, store.read() as tx:
        assert await schema.stored_version(tx) == SCHEMA


async def test_a_history_of_the_first_version_is_all_there_after_the_migration(tmp_path: Path) -> None:
    first = await migrated(tmp_path, to="0001")
    rows = {
        "snapshot": (1_790_000_000_000_000, 1, "hourly", "complete", "12.340", None, None, "1000"),
        "memory": ("okx", "region", "eea"),
    }
    with closing(sqlite3.connect(first)) as connection:
        for table, row in rows.items():
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        connection.commit()
    async with open_store(tmp_path, clock=fixed()) as store, store.read() as tx:
        assert await schema.stored_version(tx) == SCHEMA
        assert await ledger.flows(tx) == []
    with closing(sqlite3.connect(first)) as connection:
        assert {table: connection.execute(f"SELECT * FROM {table}").fetchone() for table in rows} == rows
    assert [path.name for path in (tmp_path / "backups").iterdir()] == ["portfolio-schema-0001-20261120T120000Z.db"]


OPEN_AND_TELL = """
import asyncio, pathlib, sys
from portfolio_bot.storage.store import open_store
from tests.storage.builders import fixed
async def main():
    async with open_store(pathlib.Path(sys.argv[1]), clock=fixed()) as store:
        await store.ping()
asyncio.run(main())
print(*sorted({"alembic", "aiohttp"} & set(sys.modules)))
"""


def test_a_service_whose_schema_is_the_newest_never_loads_alembic(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AND_TELL, str(tmp_path)]
    told = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""


def test_revisions_are_numbers_without_a_gap_and_the_last_is_ours() -> None:
    names = sorted(path.name for path in (schema.MIGRATIONS / "versions").glob("v*.py"))
    numbers = [int(re.fullmatch(r"v(\d{4})_\w+\.py", name)[1]) for name in names]  # type: ignore[index]
    assert numbers == list(range(1, int(SCHEMA) + 1))
