"""A store on a real file and, where `TEST_POSTGRES_URL` names a server (and psycopg is there), on PostgreSQL too."""

from __future__ import annotations

import importlib.util
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from portfolio_bot.storage.store import Store, open_store
from tests.storage.builders import fixed

SERVER = os.environ.get("TEST_POSTGRES_URL") if importlib.util.find_spec("psycopg") else None
BACKENDS = ["sqlite", "postgresql"] if SERVER else ["sqlite"]


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty database of its own, as an owner would write it."""
    if not SERVER:
        pytest.skip("needs psycopg and TEST_POSTGRES_URL")
    name = f"test_{uuid.uuid4().hex}"
    admin = create_engine(make_url(SERVER).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield make_url(SERVER).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of its own."""
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    async with open_store(tmp_path, url, clock=fixed()) as opened:
        yield opened


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store on a file of its own."""
    async with open_store(tmp_path, clock=fixed()) as opened:
        yield opened
