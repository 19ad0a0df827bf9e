"""Points of history. `NavPoint` and `DayClose` can only be made from a complete total."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from portfolio_bot.model.portfolio import Complete, Portfolio


class Origin(StrEnum):
    """Where a point of history came from."""

    LIVE = "live"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class NavPoint:
    """NAV of everything at one instant. `usd` is None only for an imported point that gave roubles alone."""

    at: datetime
    usd: Decimal | None
    rub: Decimal | None
    origin: Origin = Origin.LIVE

    @classmethod
    def of(cls, portfolio: Portfolio) -> NavPoint | None:
        """The only way from a portfolio to mathematics: None unless its total is complete."""
        if not isinstance(portfolio.total_usd, Complete):
            return None
        rub = portfolio.total_rub
        known_rub = rub.value.amount if isinstance(rub, Complete) else None
        return cls(portfolio.at, portfolio.total_usd.value.amount, known_rub)


@dataclass(frozen=True, slots=True)
class DayClose:
    """The last complete snapshot of a local day, or an imported close.

    Attributes:
        day: the user's day.
        point: the NAV that closes it.
        open: the day is not over yet.
    """

    day: date
    point: NavPoint
    open: bool = False


class PastTotal(NamedTuple):
    """What everything was worth, as a file of history has it: one of the two figures at least.

    Attributes:
        when: a local day for its close, or an instant, aware UTC.
        usd, rub: exact; None where unknown.
    """

    when: date | datetime
    usd: Decimal | None
    rub: Decimal | None
