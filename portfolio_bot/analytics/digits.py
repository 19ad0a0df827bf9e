"""Digits: results do not depend on the decimal context of whoever asks."""
# Put back from the way it is used, after the first version of this file was overwritten by mistake before it had
# been committed: whoever wrote that one should compare, above all `from_float`.

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_FIFTY = Context(prec=50, rounding=ROUND_HALF_EVEN)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_A_DAY = timedelta(days=1) // _MICROSECOND


def at_fifty_digits(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Run a function in a context of its own: 50 digits, half-even."""

    @wraps(function)
    def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        with localcontext(_FIFTY):
            return function(*args, **kwargs)

    return run


def micros(length: timedelta) -> int:
    """A length of time in whole microseconds."""
    return length // _MICROSECOND


def days(length: timedelta) -> Decimal:
    """A length of time in days of 24 hours, to 50 digits."""
    return _FIFTY.divide(Decimal(micros(length)), Decimal(_MICROSECONDS_A_DAY))


def from_float(number: float) -> Decimal:
    """A dimensionless float as the shortest decimal that means it."""
    return Decimal(repr(number))
