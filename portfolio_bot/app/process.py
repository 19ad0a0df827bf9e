"""What is set for the whole process: how exactly it counts, and how it gives memory back."""

from __future__ import annotations

import ctypes
import decimal
import sys
from collections.abc import Callable

DIGITS = 50
"""Significant digits of every calculation with money."""


def count_exactly() -> None:
    """Set the precision of all calculations, here and in every thread to come."""
    decimal.DefaultContext.prec = DIGITS
    decimal.getcontext().prec = DIGITS


def give_back_memory() -> Callable[[], None]:
    """What returns freed memory to the system: after a report that is a tenth of the process. Only glibc can."""
    if sys.platform != "linux":
        return lambda: None
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return lambda: None
    return lambda: trim(0)
