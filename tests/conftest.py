"""What holds for every test."""

from __future__ import annotations

import decimal

# as the program sets it at its start; else a figure would depend on which test ran before in this process
decimal.DefaultContext.prec = 50
decimal.getcontext().prec = 50


def pytest_make_parametrize_id(val: object) -> str | None:
    """A function's name instead of its address in memory: two processes must collect the same names."""
    name = getattr(val, "__qualname__", None)
    return str(name).replace(".<locals>", "") if callable(val) and name else None
