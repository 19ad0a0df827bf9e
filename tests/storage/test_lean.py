"""What the storage leaves out of the process: the object-relational mapper and the other server's dialect."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_mock_engine
from sqlalchemy.schema import CreateIndex

from portfolio_bot.storage.tables import meant_for_postgresql, metadata

STORE = """
import asyncio, pathlib, sys
from portfolio_bot.storage import accounts, memory, outbox, preferences, rates, slots, snapshots, updates
from portfolio_bot.storage.store import open_store
from tests.storage.builders import complete, fixed
async def main():
    async with open_store(pathlib.Path(sys.argv[1]), clock=fixed()) as store:
        await store.write(lambda tx: snapshots.add(tx, complete(), trigger="hourly"))
        await store.write(lambda tx: memory.put(tx, "bybit", "region", "eu"))
asyncio.run(main())
print(*sorted(name for name in sys.modules if name in {"sqlalchemy.orm", "sqlalchemy.dialects.postgresql"}))
"""
PLAIN = """
from portfolio_bot.storage import lean_sqlalchemy as lean
from sqlalchemy.ext import asyncio as package
import sqlalchemy.ext.asyncio.session
assert lean.AsyncEngine is package.AsyncEngine
assert package.AsyncSession is sqlalchemy.ext.asyncio.session.AsyncSession
try:
    package.NoSuchName
except AttributeError:
    print("good")
"""


def run(code: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_store_on_a_file_loads_neither_the_mapper_nor_the_other_dialect(tmp_path: Path) -> None:
    assert run(STORE, str(tmp_path)) == ""


def test_whoever_needs_the_rest_of_the_package_gets_it() -> None:
    assert run(PLAIN) == "good"


def test_indexes_are_partial_on_both_servers() -> None:
    meant_for_postgresql()
    indexes = [index for table in metadata.tables.values() for index in table.indexes]
    partial = [index for index in indexes if index.dialect_options["sqlite"]["where"] is not None]
    assert len(partial) == 5
    for url in ("sqlite://", "postgresql+psycopg://"):
        dialect = create_mock_engine(url, print).dialect
        assert all(" WHERE " in str(CreateIndex(index).compile(dialect=dialect)) for index in partial)
