"""What commands get: the services they may ask. Nothing else of the program is within their reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from portfolio_bot.bot.by_hand import ByHand
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import SyncView
from portfolio_bot.service.alarms import Alarms
from portfolio_bot.service.backups import Backups
from portfolio_bot.service.charts import Charts
from portfolio_bot.service.choices import Choices
from portfolio_bot.service.collect import Progress
from portfolio_bot.service.figures import Figures
from portfolio_bot.service.history import History
from portfolio_bot.service.ledger_views import LedgerViews
from portfolio_bot.service.looks import Looks
from portfolio_bot.service.ownership import Ownership
from portfolio_bot.service.people import People
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.snapshots import STATUS, Snapshots
from portfolio_bot.service.taking_out import Files
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.service.transfers import Transfers

PATIENCE = 45.0
"""Seconds that somebody in a chat waits for the past to be read; then it goes on by itself."""


class ReadsPast(Protocol):
    """Who reads flows and trades."""

    @property
    def running(self) -> bool:
        """Whether that is going on right now."""

    def view(self) -> SyncView:
        """How it stands."""

    async def run(self, *, progress: Callable[[SyncView], None] | None = None, forced: bool = False) -> SyncView:
        """Read what is new of all accounts; who asks for it at the same time shares it."""


@dataclass(frozen=True, slots=True)
class House:
    """The services behind the chat.

    Attributes:
        reader: whom answers are for, at this moment, where nobody in particular asks.
        reader_of: the same for a person (by user id) in a chat.
        choices: what people chose in the chat; None where there is no choice.
        alarms: who raises alerts; None where nobody does.
        charts: draws pictures; None where there are none.
        people: who owns the bot and who only reads; None where whoever asks is the owner.
        looks: how each chat is written to; None where that cannot be chosen.
        slack: things can be sent to Slack.
        names: shown names by account, in the accounts' order.
        breakdown: reports have the subtotal of the exchanges.
        by_hand: takes records that people type; None where there are none.
        files: what can be taken out; None where there is nothing.
        backups: makes copies of the database; None where there is nothing to copy.
        ownership: takes the owner's word about accounts; None where there are none of his.
        patience: seconds that somebody waits for the past to be read; it goes on all the same.
    """

    snapshots: Snapshots
    history: History
    timetable: Timetable
    preferences: Preferences
    ledger: LedgerViews
    transfers: Transfers
    sync: ReadsPast
    figures: Figures
    reader: Callable[[], Reader]
    names: Mapping[AccountId, str] = field(default_factory=dict)
    breakdown: bool = True
    ownership: Ownership | None = None
    by_hand: ByHand | None = None
    files: Files | None = None
    backups: Backups | None = None
    patience: float = PATIENCE
    reader_of: Callable[[int | None, str | None], Reader] | None = None
    choices: Choices | None = None
    alarms: Alarms | None = None
    charts: Charts | None = None
    people: People | None = None
    looks: Looks | None = None
    slack: bool = False

    def reader_for(self, user: int | None, chat: str | None) -> Reader:
        """Whom an answer in a chat is for."""
        return self.reader() if self.reader_of is None else self.reader_of(user, chat)

    def owns(self, user: int | None) -> bool:
        """Whether somebody may change things."""
        return self.people is None or self.people.is_owner(user)

    async def newest(self, progress: Progress | None = None) -> Portfolio:
        """What is known already; fetched only if nothing ever was."""
        return self.snapshots.latest or await self.snapshots.take(STATUS, progress)
