"""Strict JSON: exact numbers, no duplicate keys, no constants. What it refuses is a bad answer, never an empty one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import NoReturn

from portfolio_bot.model.failure import FailureKind, SourceError


def strict_json(body: bytes | str) -> object:
    """Parse a venue's answer.

    Fractions become Decimal from their own digits. A refusal is a `SourceError` on purpose: a `ValueError` would be
    swallowed by ccxt, which then reads the broken answer as an empty balance.

    Raises:
        SourceError: `bad_answer`: not UTF-8, not one JSON document, duplicate keys, NaN or Infinity, too deep.
    """
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        return json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=_refuse_constant, object_pairs_hook=_unique
        )
    except RecursionError:
        raise _bad("nested too deep") from None
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise _bad(_kind_of_body(body, error)) from None


def _number(text: str) -> Decimal | int:
    if len(text) > 70:
        raise _bad("a number of more than 70 characters")
    if text.lstrip("-").isdigit():
        return int(text)
    mantissa, _, exponent = text.lower().partition("e")
    if exponent and len(exponent.lstrip("+-")) > 3:
        raise _bad(f"number out of range: {mantissa[:20]}e{exponent[:10]}")
    return Decimal(text)


def _refuse_constant(name: str) -> NoReturn:
    raise _bad(f"{name} is no number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _bad("the same field twice")
    return result


def _kind_of_body(body: bytes | str, error: ValueError) -> str:
    head = body[:200] if isinstance(body, str) else body[:200].decode("latin-1")
    if not head.strip():
        return "empty answer"
    if head.lstrip().startswith("<"):
        return "a web page instead of data"
    return "no UTF-8 text" if isinstance(error, UnicodeDecodeError) else "no valid JSON"


def _bad(detail: str) -> SourceError:
    return SourceError.of(FailureKind.BAD_ANSWER, detail)
