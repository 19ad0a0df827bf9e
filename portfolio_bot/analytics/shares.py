"""Digits: the same result whatever decimal context the caller happens to have.

Sums and products of recorded amounts are exact: they are taken in a context that is wider than any of them can
become. Only a division rounds, to 50 digits; a share of a total is then cut at 30 decimal places, so that what is
left of the total is exact too and shares always add up to it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext

_TRAPS = (DivisionByZero, InvalidOperation, Overflow)
_EXACT = Context(prec=500, rounding=ROUND_HALF_EVEN, traps=list(_TRAPS))
_DIVISION = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=list(_TRAPS))
_FINEST = Decimal(1).scaleb(-30)

# bound once: to look them up takes as long as to run them
_multiply, _divide, _quantize = _EXACT.multiply, _DIVISION.divide, _EXACT.quantize


def exactly() -> AbstractContextManager[Context]:
    """A stretch of code in which sums and products do not round. Never divide in it by `/`."""
    return localcontext(_EXACT)


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """`dividend / divisor` to 50 digits, half-even.

    Raises:
        DivisionByZero, InvalidOperation: the divisor is zero.
    """
    return _divide(dividend, divisor)


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """What falls to `part` units of `of` when `whole` belongs to all of them, cut at 30 decimal places.

    Raises:
        DivisionByZero, InvalidOperation: `of` is zero.
    """
    return _quantize(_divide(_multiply(whole, part), of), _FINEST)
