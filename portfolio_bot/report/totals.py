"""Reading a total without forgetting what kind it is."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from portfolio_bot.model.portfolio import Complete, Incomplete, Provisional, Total


def amount_of(total: Total) -> Decimal:
    """Everything that is known, stale values included: whoever shows it must also show what kind of total it is."""
    match total:
        case Complete(value):
            return value.amount
        case Provisional(best_known):
            return best_known.amount
        case Incomplete(at_least):
            return at_least.amount
        case _:
            assert_never(total)
