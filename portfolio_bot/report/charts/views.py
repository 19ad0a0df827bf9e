"""What the pictures show: filled by services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from portfolio_bot.analytics.performance import Performance
from portfolio_bot.model.figure import Figure
from portfolio_bot.model.money import Currency
from portfolio_bot.report.numbers import CONTEXT

_HUNDRED: Final = Decimal(100)


class ChartKind(StrEnum):
    """A question that a picture answers, as buttons and schedules name it."""

    WORTH = "worth"  # what became of the money
    TWR = "twr"  # how well it did, beside the benchmark
    DRAWDOWN = "drawdown"  # how far it was below its peak
    MONTHS = "months"  # how well each month did
    ASSETS = "assets"  # what it is in
    ACCOUNTS = "accounts"  # where it is


class Spot(NamedTuple):
    """A point of a curve.

    Attributes:
        at: aware UTC.
        value: money, or a fraction: the curve says which.
        after_gap: a day without a complete close lies between the point before and this one.
    """

    at: datetime
    value: Decimal
    after_gap: bool = False


class Crossing(NamedTuple):
    """Something came in or went out. How much is not said: no picture shows it."""

    at: datetime
    incoming: bool


@dataclass(frozen=True, slots=True)
class CurveView:
    """How something went over a period.

    Attributes:
        window: the period as it was asked for.
        currency: of amounts.
        figures: of the period.
        curve: oldest first; empty where nothing is known.
        beside: the benchmark's, where the two can be compared; empty where not.
        coins: what the benchmark is made of.
        benchmark: its return, of the stretch that it has.
        crossings: oldest first.
        missing: days without a complete close, as stretches from the first to the last.
    """

    window: str
    currency: Currency
    figures: Performance
    curve: tuple[Spot, ...]
    beside: tuple[Spot, ...] = ()
    coins: tuple[str, ...] = ()
    benchmark: Figure | None = None
    crossings: tuple[Crossing, ...] = ()
    missing: tuple[tuple[date, date], ...] = ()

    def indexed(self) -> CurveView:
        """Without amounts: both curves with 100 at the first value above zero; all at 100 where there is none."""
        base = next((spot.value for spot in self.curve if spot.value > 0), None)

        def index(spots: tuple[Spot, ...]) -> tuple[Spot, ...]:
            if base is None:
                return tuple(spot._replace(value=_HUNDRED) for spot in spots)
            return tuple(
                spot._replace(value=CONTEXT.divide(CONTEXT.multiply(spot.value, _HUNDRED), base)) for spot in spots
            )

        return replace(self, curve=index(self.curve), beside=index(self.beside))


class MonthReturn(NamedTuple):
    """What a month, or a year, returned.

    Attributes:
        value: a fraction; None where no day of it has a return.
        partly: not all of its days are in it.
    """

    value: Decimal | None
    partly: bool


@dataclass(frozen=True, slots=True)
class MonthsView:
    """Returns by month.

    Attributes:
        currency: in which they were counted.
        months: by (year, month), January = 1.
        years: the same linked over a year.
    """

    currency: Currency
    months: dict[tuple[int, int], MonthReturn]
    years: dict[int, MonthReturn]

    @property
    def known(self) -> Sequence[tuple[tuple[int, int], Decimal]]:
        """Months that have a return, oldest first."""
        return [(month, one.value) for month, one in sorted(self.months.items()) if one.value is not None]
