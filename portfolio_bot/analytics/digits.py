"""Fifty digits, whatever the precision of the caller: the same history gives the same cents in every process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from functools import wraps
from math import isfinite
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_FIFTY = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[DivisionByZero, InvalidOperation, Overflow])
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_A_DAY = timedelta(days=1) // _MICROSECOND


def at_fifty_digits(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """The same function, which neither sees nor touches the decimal context of whoever calls it.

    Not for generators: their body runs after the call has returned.
    """

    @wraps(function)
    def inside(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        with localcontext(_FIFTY):
            return function(*args, **kwargs)

    return inside


def micros(length: timedelta) -> int:
    """A length of time in whole microseconds."""
    return length // _MICROSECOND


@at_fifty_digits
def days(length: timedelta) -> Decimal:
    """A length of time in days of 86,400 seconds, fractions kept."""
    return Decimal(micros(length)) / _MICROSECONDS_A_DAY


def from_float(number: float) -> Decimal:
    """The shortest decimal that reads back as this float: for statistics only, never for money.

    Raises:
        ValueError: it is not finite, so it is no figure.
    """
    if not isfinite(number):
        raise ValueError(f"{number} is no figure")
    return Decimal(repr(number or 0.0))  # minus zero is zero
