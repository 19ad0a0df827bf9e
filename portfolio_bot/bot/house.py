"""What commands get: the services they may ask. Nothing else of the program is within their reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.collect import Progress
from portfolio_bot.service.history import History
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.snapshots import STATUS, Snapshots
from portfolio_bot.service.timetable import Timetable


@dataclass(frozen=True, slots=True)
class House:
    """The services behind the chat.

    Attributes:
        reader: whom answers are for, at this moment.
        names: shown names by account, in the accounts' order.
        breakdown: reports have the subtotal of the exchanges.
    """

    snapshots: Snapshots
    history: History
    timetable: Timetable
    preferences: Preferences
    reader: Callable[[], Reader]
    names: Mapping[AccountId, str] = field(default_factory=dict)
    breakdown: bool = True

    async def newest(self, progress: Progress | None = None) -> Portfolio:
        """What is known already; fetched only if nothing ever was."""
        return self.snapshots.latest or await self.snapshots.take(STATUS, progress)
