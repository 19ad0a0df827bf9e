"""What holds for every test."""

from __future__ import annotations

import decimal
import logging
from collections.abc import Iterator

import pytest

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
