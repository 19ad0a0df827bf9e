"""What holds for every test."""

from __future__ import annotations

import decimal
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, event

if TYPE_CHECKING:
    from portfolio_bot.storage.tx import Tx

# as the program sets it at its start; else a figure would depend on which test ran before in this process
decimal.DefaultContext.prec = 50
decimal.getcontext().prec = 50


def pytest_make_parametrize_id(val: object) -> str | None:
    """A function's name instead of its address in memory: two processes must collect the same names."""
    name = getattr(val, "__qualname__", None)
    return str(name).replace(".<locals>", "") if callable(val) and name else None


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A program run inside a test sets up logging for its process; the next test must not inherit that."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: found.level for name, found in root.manager.loggerDict.items() if isinstance(found, logging.Logger)}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, found in root.manager.loggerDict.items():
        if isinstance(found, logging.Logger):
            found.setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture(scope="session", autouse=True)
def tables_put_into_words_once() -> Iterator[None]:
    """A fresh database gets its tables by the statements that made the first one in this process.

    SQLAlchemy puts every CREATE into words anew, two thirds of what opening a new database takes; there are thousands.
    """
    from portfolio_bot.storage import schema  # after the context of decimals is set, as everything of ours

    genuine, said = schema.create, list[tuple[str, Any]]()

    async def create(tx: Tx) -> None:
        if tx.dialect.name != "sqlite":
            await genuine(tx)
        elif said:
            await tx.run_sync(repeat)
        else:
            heard = list[tuple[str, Any]]()

            def listen(_1: object, _2: object, statement: str, parameters: Any, *_: object) -> None:
                heard.append((statement, parameters))

            await tx.run_sync(lambda connection: event.listen(connection, "before_cursor_execute", listen))
            await genuine(tx)
            await tx.run_sync(lambda connection: event.remove(connection, "before_cursor_execute", listen))
            said[:] = heard

    def repeat(connection: Connection) -> None:
        for statement, parameters in said:
            connection.exec_driver_sql(statement, parameters or None)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(schema, "create", create)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_power_cuts() -> Iterator[None]:
    """A test that ends with its process loses nothing to a cache: thousands of databases need not wait for the disk.

    What a killed program leaves is tested with programs of their own, which write as ever.
    """
    from portfolio_bot.storage import engines

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engines, "_PRAGMAS", tuple(one.replace("=FULL", "=OFF") for one in engines._PRAGMAS))
        yield


@pytest.fixture
def power_cuts(no_power_cuts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database as it is kept in earnest."""
    from portfolio_bot.storage import engines

    genuine = (one.replace("synchronous=OFF", "synchronous=FULL") for one in engines._PRAGMAS)
    monkeypatch.setattr(engines, "_PRAGMAS", tuple(genuine))
