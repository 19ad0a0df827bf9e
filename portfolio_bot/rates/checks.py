"""When a rate is not believed, and when two rates of one thing are worth a word."""

from __future__ import annotations

from decimal import Decimal

from portfolio_bot.model.instrument import FxRate
from portfolio_bot.model.statement import Notice, WarningKind

LARGEST_STEP = 3
"""No currency trebles or falls to a third between two days; a slipped comma does."""

BANKS_AGREE = Decimal("0.01")
BROKER_AGREES = Decimal("0.03")
"""A broker counts with the previous close, so it may be off by more than a bank."""


def sane(rate: FxRate, last: FxRate) -> bool:
    """Whether a rate can follow the last one known."""
    return last.rate <= rate.rate * LARGEST_STEP and rate.rate <= last.rate * LARGEST_STEP


def disagree(one: FxRate, other: FxRate) -> bool:
    """Whether two banks' rates of one day differ by more than 1 %."""
    return abs(one.rate - other.rate) > other.rate * BANKS_AGREE


def deviation(official: FxRate, implied: Decimal) -> Notice | None:
    """A warning if a broker's own rate differs from the official one by more than 3 %. Nobody switches because of it.

    Args:
        official: USD/RUB as published.
        implied: roubles per dollar by the broker's books.
    """
    off = implied / official.rate - 1
    if abs(off) <= BROKER_AGREES:
        return None
    return Notice(WarningKind.FX_DEVIATION, f"{off * 100:+.1f} %")
