"""Connections, set up so that nothing acknowledged is lost and no update is lost between two readers."""

from __future__ import annotations

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from portfolio_bot.storage.lean_sqlalchemy import AsyncEngine, create_async_engine
from portfolio_bot.storage.places import Place
from portfolio_bot.storage.tables import APPLICATION_ID, meant_for_postgresql

READERS = 4
WAIT = 5.0
"""Seconds to wait for a free reader, or for the server."""

BUSY_MILLISECONDS = 5000
"""How long a transaction waits for another program's lock."""

_PRAGMAS = (
    "PRAGMA temp_store=MEMORY",
    "PRAGMA trusted_schema=OFF",
    # with NORMAL a power cut took back up to 124 acknowledged commits; FULL costs one sync each
    "PRAGMA synchronous=FULL",
)


_FILE_PRAGMAS = (
    # counts only while a file is made: bodies of one to three kB would leave a third of each default page empty
    "PRAGMA page_size=16384",
    "PRAGMA journal_mode=WAL",
    "PRAGMA wal_autocheckpoint=250",  # pages: 4 MB, as by default
)


def writing_engine(place: Place, *, foreign_keys: bool = True) -> AsyncEngine:
    """The engine of the one writing connection: a transaction holds the write lock from its first statement on."""
    if place.url is not None:
        return _postgres(place.url, connections=1, begin=f"SELECT pg_advisory_xact_lock({APPLICATION_ID})")
    keys = f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}"
    pragmas = (keys, *_FILE_PRAGMAS) if place.file else (keys,)
    return _sqlite(place.sqlite_uri(writing=True), connections=1, begin="BEGIN IMMEDIATE", pragmas=pragmas)


def reading_engine(place: Place) -> AsyncEngine:
    """An engine whose connections cannot write; each transaction sees one state of the database."""
    if place.url is not None:
        begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        return _postgres(place.url, connections=READERS, begin=begin)
    pragmas = ("PRAGMA query_only=ON",)
    return _sqlite(place.sqlite_uri(writing=False), connections=READERS, begin="BEGIN", pragmas=pragmas)


async def run_alone(engine: AsyncEngine, statement: str) -> None:
    """Run a statement that SQLite does not allow inside a transaction."""
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        if raw.driver_connection is not None:
            await raw.driver_connection.execute_fetchall(statement)


def _sqlite(uri: str, *, connections: int, begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
    async def connect(*_: object, **__: object) -> aiosqlite.Connection:
        connection = aiosqlite.connect(uri, uri=True, isolation_level=None)
        connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: a left-over thread must not hold the process
        return await connection

    engine = create_async_engine(
        "sqlite+aiosqlite://",
        connect_args={"async_creator_fn": connect},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        # first of all: to switch a file to WAL needs its lock
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        for pragma in (*_PRAGMAS, *pragmas):
            cursor.execute(pragma)
        cursor.close()

    _begin_with(engine, begin)
    return engine


def _postgres(url: URL, *, connections: int, begin: str) -> AsyncEngine:
    meant_for_postgresql()
    engine = create_async_engine(
        url,
        connect_args={"connect_timeout": int(WAIT)},
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    _begin_with(engine, begin)
    return engine


def _begin_with(engine: AsyncEngine, statement: str) -> None:
    """The driver's default opens no transaction before a SELECT: of ten "count, then insert" all ten would read 0."""

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)
