"""Reading the past of all accounts: one flight at a time, one task per account, never in the way of a report.

A full reading takes up each stream where it ended; a look at the newest window (`tail`) follows every snapshot, so that
a deposit is known within a minute of being seen in the total.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeAlias

from portfolio_bot.model.account import AccountState
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.base import Source
from portfolio_bot.platforms.ledger import KeepsLedger, Record
from portfolio_bot.platforms.limits import in_background
from portfolio_bot.report.views import SyncView
from portfolio_bot.service.breaker import may_ask
from portfolio_bot.service.sync_account import AccountReading, Wishes
from portfolio_bot.service.sync_state import SyncStanding
from portfolio_bot.service.sync_stream import Patience
from portfolio_bot.storage import ledger
from portfolio_bot.storage.errors import StorageError, StoreClosed
from portfolio_bot.storage.ledger import BORDER, Counts, Stored
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

Told: TypeAlias = Callable[[SyncView], None]

TAIL_AGAIN = 60.0
"""Seconds between two looks at the newest window of one account."""

TOLD_AGAIN = 0.2
"""Seconds between two words about the progress."""

COUNTED_AGAIN = 2.0
"""Seconds between two counts of what is stored, while more comes."""


@dataclass(eq=False)
class _Flight:
    accounts: frozenset[AccountId]
    since: date | None
    forced: bool
    listeners: list[Told] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    def covers(self, accounts: frozenset[AccountId], since: date | None) -> bool:
        """Whether it reads what another one would."""
        early = self.since is None if since is None else self.since is None or self.since <= since
        return accounts <= self.accounts and early


class Sync:
    """Reads flows and trades of all accounts into the database.

    Args:
        sources: by account; one that keeps no ledger is left out.
        names: shown names, in the accounts' order.
        since: the owner wants nothing older (their day); None: as far back as each venue goes.
        tracked: only trades of these assets; empty: all. Flows are always read.
        states: how the accounts fare: one that is to be left alone is left alone here too.

    Attributes:
        on_news: each is called after something new or changed was stored, with whether a deposit or a withdrawal was
            among it; it must return at once.
        on_end: each is called when a full reading is over; it must return at once.
        newest_border: when the newest deposit or withdrawal happened that came new or changed in this life.
    """

    def __init__(
        self,
        sources: Mapping[AccountId, Source],
        names: Mapping[AccountId, str],
        store: Store,
        *,
        calendar: Calendar,
        clock: Clock,
        since: date | None = None,
        tracked: Collection[Asset] = (),
        states: Callable[[], Mapping[AccountId, AccountState]] = dict,
        patience: Patience | None = None,
    ) -> None:
        self._sources, self._store = sources, store
        self._calendar, self._clock = calendar, clock
        self._since, self._tracked, self._states = since, frozenset(tracked), states
        self._patience = patience or Patience()
        self._standings = {account: SyncStanding(account, names.get(account, account)) for account in sources}
        self._flight: _Flight | None = None
        self._tailed_at: dict[AccountId, float] = {}
        self._tailing = asyncio.Lock()
        self._told_at = 0.0
        self._said: set[tuple[AccountId, str]] = set()
        self.finished_at: datetime | None = None
        self.newest_border: datetime | None = None
        self.on_news: list[Callable[[bool], None]] = []
        self.on_end: list[Told] = []

    async def load(self) -> None:
        """Take over how far an earlier life came."""
        async with self._store.read() as tx:
            stored = await ledger.progress(tx)
        for account, standing in self._standings.items():
            standing.progress = {one.stream: one for one in stored.get(account, ())}
        tried = [one.tried_at for some in stored.values() for one in some if one.tried_at is not None]
        self.finished_at = max(tried, default=None)
        await self.count()

    @property
    def running(self) -> bool:
        """Whether the past is being read right now."""
        return self._flight is not None

    @property
    def failures(self) -> Sequence[Failure]:
        """Why the past is not whole."""
        return [failure for standing in self._standings.values() for failure in standing.failures]

    def view(self) -> SyncView:
        """What it does now and what it has."""
        accounts = tuple(standing.view() for standing in self._standings.values())
        since = self._flight.since if self._flight is not None else self._since
        return SyncView(self.running, accounts, since, self.finished_at)

    async def run(
        self,
        accounts: Collection[AccountId] | None = None,
        *,
        since: date | None = None,
        progress: Told | None = None,
        forced: bool = False,
    ) -> SyncView:
        """Read everything that is new; whoever asks for the same at the same time shares it.

        Args:
            accounts: only these; None for all.
            since: from this day on, in the owner's zone, also where the settings say a later one.
            progress: told as it goes, a few times a second at most.
            forced: a person wants it: accounts that pause are asked too.

        Raises:
            StorageError: the database cannot be written. What failed at a source is in the view.
        """
        wanted = frozenset(self._standings if accounts is None else accounts)
        since = self._since if since is None else since
        while self._flight is not None and not self._flight.covers(wanted, since):
            await asyncio.wait({_task(self._flight)})
        flight = self._flight
        if flight is None:
            flight = self._flight = _Flight(wanted, since, forced)
            flight.task = asyncio.create_task(self._fly(flight), name="sync")
        if progress is not None:
            flight.listeners.append(progress)
            progress(self.view())
        await asyncio.shield(_task(flight))
        return self.view()

    async def tail(self, accounts: Collection[AccountId] | None = None, *, forced: bool = False) -> bool:
        """Look at the newest deposits and withdrawals.

        Args:
            accounts: only these; None for all.
            forced: also those that were looked at within the last minute.

        Returns:
            Whether one came that was not known, or changed.

        Raises:
            StorageError: the database cannot be written.
        """
        async with self._tailing:
            now = asyncio.get_running_loop().time()
            due = [
                account
                for account in (self._standings if accounts is None else accounts)
                if forced or now - self._tailed_at.get(account, -TAIL_AGAIN) >= TAIL_AGAIN
            ]
            self._tailed_at |= dict.fromkeys(due, now)
            found = await self._each(due, self._tail)
        await self.count()
        return any(found)

    async def count(self) -> None:
        """Count anew what is stored."""
        async with self._store.read() as tx:
            counts = await ledger.counts(tx)
        for account, standing in self._standings.items():
            standing.counts = counts.get(account, Counts())

    async def close(self) -> None:
        """End what is under way; what was read is stored, and the next life goes on from there."""
        if self._flight is not None:
            task = _task(self._flight)
            task.cancel()
            await asyncio.wait({task})

    async def _fly(self, flight: _Flight) -> None:
        for account in flight.accounts:
            self._standings[account].begin()
        counting = asyncio.create_task(self._keep_counting(), name="sync count")
        try:
            with in_background():
                await self._each(flight.accounts, lambda account: self._read(account, flight))
            await self.count()
            self.finished_at = self._clock()
        except StoreClosed:
            # nobody may wait for this any more, and there is nothing to mend
            log.info("the past was not read to its end: the service is stopping")
            return
        finally:
            counting.cancel()
            for account in flight.accounts:
                self._standings[account].end()
            self._flight = None
        self._tell(flight, at_once=True)
        for listener in self.on_end:
            listener(self.view())

    async def _keep_counting(self) -> None:
        with contextlib.suppress(StorageError):  # whoever writes meets it too, and tells
            while True:
                await asyncio.sleep(COUNTED_AGAIN)
                await self.count()

    async def _each(
        self, accounts: Collection[AccountId], work: Callable[[AccountId], Awaitable[bool]]
    ) -> Sequence[bool]:
        """Side by side; what goes wrong with one account costs no other one anything."""
        results = await asyncio.gather(*(work(account) for account in accounts), return_exceptions=True)
        found: list[bool] = []
        for account, result in zip(accounts, results, strict=True):
            if isinstance(result, bool):
                found.append(result)
            elif isinstance(result, StorageError) or not isinstance(result, Exception):
                raise result
            else:
                log.error("%s: a bug in reading the past", account, exc_info=result)
                self._standings[account].trouble = Failure(FailureKind.BUG)
        return found

    async def _read(self, account: AccountId, flight: _Flight) -> bool:
        standing = self._standings[account]
        try:
            reading = self._reading(account, flight.since, forced=flight.forced, told=lambda: self._tell(flight))
            if reading is not None:
                await reading.run()
            if standing.new:
                log.info("%s: %d records of the past are new", account, standing.new)
            self._say_unclassified(standing)
        finally:
            standing.end()
            self._tell(flight)
        return True

    async def _tail(self, account: AccountId) -> bool:
        standing = self._standings[account]
        border = [stream for stream in standing.streams or () if stream.border and standing.has_read(stream)]
        if not border:
            return False  # a full reading comes first, or all of the past would be news
        reading = self._reading(account, None, forced=False, patience=replace(self._patience, pauses=(), limits=0))
        if reading is None:
            return False
        try:
            with in_background():
                return (await reading.tail(border)).border
        except (SourceError, TimeoutError) as error:
            # the next full reading meets it again, and tells
            log.info("%s: the newest flows cannot be read: %s", account, error)
            return False

    def _reading(
        self,
        account: AccountId,
        since: date | None,
        *,
        forced: bool,
        told: Callable[[], None] = lambda: None,
        patience: Patience | None = None,
    ) -> AccountReading | None:
        """What reads an account; None if it tells nothing or is to be left alone, which its standing then says."""
        source, standing = self._sources[account], self._standings[account]
        if not isinstance(source, KeepsLedger):
            standing.silent = True
            return None
        state = self._states().get(account, AccountState())
        if not may_ask(state, self._clock(), forced=forced):
            standing.trouble = state.failure
            return None
        start = None if since is None else self._calendar.start(since)
        wishes = Wishes(start, self._tracked)
        how = patience or self._patience
        return AccountReading(source, standing, self._store, self._clock, wishes, how, told=told, news=self._heard)

    def _heard(self, stored: Stored, records: Sequence[Record]) -> None:
        if not (stored.new or stored.changed):
            return
        if stored.border:
            times = [one.at for one in records if isinstance(one, CashFlow) and one.kind in BORDER]
            known = [self.newest_border] if self.newest_border is not None else []
            self.newest_border = max([*known, *(at for at in times if isinstance(at, datetime))], default=None)
        for listener in self.on_news:
            listener(stored.border)

    def _say_unclassified(self, standing: SyncStanding) -> None:
        for word, count in sorted(standing.words.items()):
            if (standing.account, word) not in self._said:
                self._said.add((standing.account, word))
                log.warning(
                    '%s: %d rows of a kind that this version does not know ("%s") are kept as unclassified',
                    standing.account,
                    count,
                    word,
                )

    def _tell(self, flight: _Flight, *, at_once: bool = False) -> None:
        now = asyncio.get_running_loop().time()
        if not flight.listeners or not (at_once or now - self._told_at >= TOLD_AGAIN):
            return
        self._told_at = now
        view = self.view()
        for listener in flight.listeners:
            try:
                listener(view)
            except Exception:  # a face that cannot show its progress must not end the reading
                log.exception("a progress listener broke")


def _task(flight: _Flight) -> asyncio.Task[None]:
    assert flight.task is not None  # noqa: S101 - set where the flight begins, for the type checker
    return flight.task
