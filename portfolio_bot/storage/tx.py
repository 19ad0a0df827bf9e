"""Insert or update, and insert or ignore: the same words for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

from portfolio_bot.storage.lean_sqlalchemy import AsyncConnection

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Tx: TypeAlias = AsyncConnection
"""A transaction that somebody else began and will end."""

Row: TypeAlias = Mapping[str, object]


async def put(tx: Tx, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows; where one of the same primary key stands, replace it."""
    if not rows:
        return
    statement = _insert(tx, table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), [dict(row) for row in rows])


async def add_new(tx: Tx, table: Table, row: Row) -> bool:
    """Insert the row unless one with the same key stands; whether it was inserted."""
    statement = _insert(tx, table).on_conflict_do_nothing().returning(*table.primary_key)
    return (await tx.execute(statement, dict(row))).first() is not None


def _insert(tx: Tx, table: Table) -> sqlite.Insert | postgresql.Insert:
    if tx.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # 3 MB that a file of our own need not pay

    return postgresql.insert(table)
