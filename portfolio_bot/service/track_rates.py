"""What a dollar was worth in roubles at any moment of the past, by the snapshots themselves."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.series import Kept
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.trade import Worth

RATE_KEEPS = timedelta(days=4)
"""How far from a flow a snapshot may lie whose exchange rate values it."""


class Rates:
    """What a dollar was worth in the currency of the track: each snapshot has one rate for everything in it.

    Args:
        points: one per instant, oldest first.
        calendar: of the owner, for records of which only the day is known.
    """

    def __init__(self, points: Iterable[NavPoint], currency: Kept, calendar: Calendar) -> None:
        self.currency, self.calendar = currency, calendar
        both = [(point.at, point.rub / point.usd) for point in points if point.usd and point.rub is not None]
        self._instants = [at for at, _ in both]
        self._rates = [rate for _, rate in both]

    def value(self, flow: CashFlow) -> Decimal | None:
        """What a flow was worth at its time, of its sign; None where nobody knows."""
        if flow.asset == self.currency:
            return flow.amount
        if not isinstance(flow.usd, Worth):
            return None
        return self.converted(flow.usd.usd, flow.instant(self.calendar))

    def converted(self, usd: Decimal, instant: datetime) -> Decimal | None:
        """Dollars of an instant in this currency, by the newest snapshot until then, else by the next one."""
        if self.currency == "USD":
            return usd
        place = bisect_right(self._instants, instant)
        for near in (place - 1, place):
            if 0 <= near < len(self._instants) and abs(self._instants[near] - instant) <= RATE_KEEPS:
                return self._rates[near] * usd
        return None
