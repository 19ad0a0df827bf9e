"""What holds for every test."""

from __future__ import annotations


def pytest_make_parametrize_id(val: object) -> str | None:
    """A function's name instead of its address in memory: two processes must collect the same names."""
    name = getattr(val, "__qualname__", None)
    return str(name).replace(".<locals>", "") if callable(val) and name else None
