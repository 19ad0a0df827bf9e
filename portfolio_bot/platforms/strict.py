"""Strict readers of a venue's answer.

Every one raises `SourceError(bad_answer)` that names the field. New fields are tolerated, missing ones refused: a
broken answer must never be read as an empty wallet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NoReturn, TypeAlias

from portfolio_bot.model.exact import exact
from portfolio_bot.model.failure import FailureKind, SourceError

Row: TypeAlias = Mapping[str, object]
"""One object of an answer."""

LONGEST_TEXT = 64


def table(answer: object, *path: str) -> Row:
    """The object that lies at `path`."""
    found = _at(answer, path)
    if not isinstance(found, dict):
        _bad(path, "an object")
    return found


def rows(answer: object, *path: str) -> Sequence[Row]:
    """The list of objects that lies at `path`; it may be empty, but it must be there."""
    found = _at(answer, path)
    if not isinstance(found, list):
        _bad(path, "a list")
    if not all(isinstance(row, dict) for row in found):
        _bad(path, "a list of objects")
    return found


def listed(answer: object, *path: str) -> Sequence[object]:
    """The list of anything that lies at `path`; it may be empty, but it must be there."""
    found = _at(answer, path)
    if not isinstance(found, list):
        _bad(path, "a list")
    return found


def first(answer: object, *path: str) -> Row:
    """The first object of a list that is never empty."""
    found = rows(answer, *path)
    if not found:
        _bad(path, "a list with something in it")
    return found[0]


def text(row: Row, field: str, *, longest: int = LONGEST_TEXT) -> str:
    """A name, printable and not empty, cut to 64 characters. Whole numbers count as text (codes, ids)."""
    found = row.get(field)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str):
        _bad((field,), "text")
    # most names are printable; a price list has thousands of them
    clean = found if found.isprintable() else "".join(character for character in found if character.isprintable())
    clean = clean.strip()[:longest]
    if not clean:
        _bad((field,), "text")
    return clean


def said(row: Row, field: str, *, longest: int = LONGEST_TEXT) -> str:
    """Like `text`, but "" where nothing stands there: the venue need not say."""
    return text(row, field, longest=longest) if row.get(field) else ""


def amount(row: Row, field: str, *, blank: Decimal | None = None) -> Decimal:
    """An exact number, printed as text or as a JSON number.

    Args:
        blank: what "", null or a missing field mean, where the venue documents them; None = they are refused.
    """
    found = row.get(field)
    if blank is not None and (found is None or found == ""):
        return blank
    try:
        return exact(found)
    except ValueError:
        _bad((field,), "a number")


def stated(row: Row, field: str) -> Decimal:
    """Like `amount` of a field that has to be there, where "" and null mean zero."""
    if field not in row:
        _bad((field,), "there")
    return amount(row, field, blank=Decimal(0))


def maybe(row: Row, field: str) -> Decimal | None:
    """Like `amount`, but "", null and a missing field are None: the venue documents that it need not say."""
    found = row.get(field)
    return None if found is None or found == "" else amount(row, field)


def _at(answer: object, path: Sequence[str]) -> object:
    found = answer
    for step, name in enumerate(path):
        if not isinstance(found, dict):
            _bad(path[:step], "an object")
        if name not in found:
            _bad(path[: step + 1], "there")
        found = found[name]
    return found


def _bad(path: Sequence[str], wanted: str) -> NoReturn:
    where = ".".join(path) or "the answer"
    raise SourceError.of(FailureKind.BAD_ANSWER, f"{where} is not {wanted}")
