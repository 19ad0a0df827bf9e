"""What a snapshot sends out: a report on its way, and whoever writes the letters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.report.views import Crossed, LateNote, SyncView
from portfolio_bot.service.due import Due
from portfolio_bot.service.posts import MAIN, Post
from portfolio_bot.service.schedule import REPORT, Errand
from portfolio_bot.service.watch import Notice
from portfolio_bot.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Pushed:
    """A report on its way into the outbox.

    Attributes:
        baseline: what the change is counted from.
        crossed: what came and went since.
        errand: the schedule and the slot it stands for; None if somebody asked for it.
        to: where it goes in that case.
    """

    portfolio: Portfolio
    baseline: Portfolio | NavPoint | None
    errand: Errand | None = None
    crossed: tuple[Crossed, ...] = ()
    to: tuple[Post, ...] = (MAIN,)

    @property
    def key(self) -> str:
        """Unique: the same key again is the same report."""
        if self.errand is None:
            return f"report:asked:{self.portfolio.at.isoformat()}"
        return self.errand.schedule.key(self.errand.due)

    @property
    def due(self) -> Due | None:
        """The slot it stands for."""
        return self.errand.due if self.errand else None

    @property
    def content(self) -> str:
        """What it shows."""
        return self.errand.schedule.content if self.errand else REPORT

    @property
    def posts(self) -> tuple[Post, ...]:
        """Where it goes."""
        return self.errand.schedule.posts if self.errand else self.to

    @property
    def silent(self) -> bool:
        """Whether it arrives without a sound."""
        return self.errand is not None and self.errand.schedule.silent

    @property
    def series(self) -> str:
        """Which reports a newer one may stand for."""
        return self.errand.schedule.name if self.errand and not self.errand.schedule.is_default else ""

    @property
    def late(self) -> LateNote | None:
        """That it is late, or stands for others too; None if neither."""
        due = self.due
        if due is None or not (due.late or due.also):
            return None
        return LateNote(due.slot, self.portfolio.at, offline=False, also=due.also)


class Postman(Protocol):
    """Turns what is to be told into letters and queues them."""

    def main(self) -> str | None:
        """The main chat, as it is now; None if there is none."""

    def at_once(self, content: str, posts: Sequence[Post]) -> bool:
        """Whether a content can be written in the transaction of its snapshot; else `prepare` writes it afterwards."""

    async def report(self, tx: Tx, pushed: Pushed) -> None:
        """Queue a report; one that was queued before is left alone."""

    async def prepare(self, pushed: Pushed) -> Callable[[Tx], Awaitable[None]]:
        """Write what has to be read or drawn; gives what queues it in a transaction of the caller."""

    async def notice(self, tx: Tx, notice: Notice, portfolio: Portfolio) -> None:
        """Queue a notice; one that was queued before is left alone."""

    async def history(self, tx: Tx, key: str, view: SyncView) -> None:
        """Queue the notice that the past is read; one that was queued before is left alone."""

    def nudge(self) -> None:
        """What was queued is committed now."""

    async def alarm(self, text: str) -> None:
        """Tell the owner at once, without the database; never raises."""
