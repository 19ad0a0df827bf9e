"""A language put together from its topics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from types import ModuleType
from typing import Any, Final

from portfolio_bot.report.numbers import Style
from portfolio_bot.report.words import Catalogue

_OF_THE_LANGUAGE: Final = frozenset({"style", "plural"})


def gathered(style: Style, plural: Callable[[int], int], topics: Sequence[ModuleType]) -> Catalogue:
    """The catalogue whose tables are those of all topics together: `phrases` is every `PHRASES`, and so on.

    Args:
        style, plural: as in `Catalogue`.
        topics: modules with tables.

    Raises:
        ValueError: two topics say the same thing: a bug.
    """
    tables = [one.name for one in fields(Catalogue) if one.name not in _OF_THE_LANGUAGE]
    return Catalogue(style=style, plural=plural, **{name: _together(topics, name) for name in tables})


def _together(topics: Sequence[ModuleType], table: str) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for topic in topics:
        part = getattr(topic, table.upper(), {})
        if twice := found.keys() & part.keys():
            raise ValueError(f"{table}: {sorted(map(str, twice))} stand in {topic.__name__} and before it")
        found |= part
    return found
