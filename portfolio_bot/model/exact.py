"""Exact numbers from untrusted text.

`Decimal()` itself accepts `NaN`, `1_000`, `１２` and `1e400000`, and a large exponent can stop the process for
minutes when it is turned into an integer. So the pattern comes first (facts: reliability and security, §3).
"""

from __future__ import annotations

import re
from decimal import Decimal

_PATTERN = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?", re.ASCII)
_LARGEST_EXPONENT = 30


def exact(value: object) -> Decimal:
    """The number that a venue printed, as text or as a JSON number.

    Args:
        value: `str`, `int` or `Decimal` (what strict JSON gives); never `float` or `bool`.

    Returns:
        A finite Decimal; minus zero is zero.

    Raises:
        ValueError: it is no such number; the text names the value, cut short.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"{str(value)[:40]!r} is no number")  # noqa: TRY004 - bad data, not a bug
    if isinstance(value, int) and value.bit_length() > 128:
        raise ValueError("a whole number of more than 128 bits is no amount")
    text = value if isinstance(value, str) else str(value)
    if not _PATTERN.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no number")
    number = Decimal(text)
    if number and abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(f"{text[:40]!r} is out of any sensible range")
    return number or Decimal(0)
