"""The schema's version: read by a SELECT; Alembic is loaded only where there is something to migrate."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select

from portfolio_bot.storage.tables import APPLICATION_ID, SCHEMA, alembic_version, metadata
from portfolio_bot.storage.tx import Tx

MIGRATIONS = Path(__file__).with_name("migrations")


async def stored_version(tx: Tx) -> str | None:
    """The revision the database is at; None for an empty one."""
    if not await tx.run_sync(lambda connection: inspect(connection).has_table(alembic_version.name)):
        return None
    version: str | None = await tx.scalar(select(alembic_version.c.version_num))
    return version


async def create(tx: Tx) -> None:
    """Make the newest schema in an empty database: the same tables as all migrations in turn, without Alembic."""
    await tx.run_sync(metadata.create_all, checkfirst=False)
    await tx.run_sync(alembic_version.create, checkfirst=False)
    await tx.execute(alembic_version.insert(), {"version_num": SCHEMA})
    await sign(tx, SCHEMA)


async def migrate(tx: Tx, to: str | None = None) -> None:
    """Bring an older or an empty database to the newest schema, in the caller's transaction; or only as far as `to`."""
    version = to or SCHEMA
    await tx.run_sync(_upgrade, version)
    await sign(tx, version)


def _upgrade(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


async def sign(tx: Tx, version: str) -> None:
    """Write into SQLite's header whose file this is and which schema it has."""
    if tx.dialect.name == "sqlite":
        await tx.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        await tx.exec_driver_sql(f"PRAGMA user_version={int(version)}")
