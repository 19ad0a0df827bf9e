"""Taking a snapshot: collect, value, remember; what is to be pushed is queued in the same transaction."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeAlias

from portfolio_bot.analytics.in_transit import Moving
from portfolio_bot.analytics.valuation import quotes_of, value
from portfolio_bot.model.account import AccountState
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.portfolio import Complete, Portfolio
from portfolio_bot.model.reading import Reading
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service import borders
from portfolio_bot.service.collect import Collect, Collection, FxService, Progress
from portfolio_bot.service.history import baseline, crossed
from portfolio_bot.service.pushed import Postman, Pushed
from portfolio_bot.service.schedule import REPORT as REPORT_CONTENT
from portfolio_bot.service.schedule import Errand
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.service.watch import Notice, notices, without_close
from portfolio_bot.storage import accounts, outbox, rates, snapshots
from portfolio_bot.storage.errors import DiskFull, StoreBusy
from portfolio_bot.storage.snapshots import ImplausibleClock
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

Kind: TypeAlias = Literal["poll", "hourly", "daily", "status", "pull", "report", "start", "flow"]

KEPT_IN_MEMORY = 100
"""Snapshots that wait in memory while the disk is full; of more, the oldest are lost."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a snapshot is taken.

    Attributes:
        kind: a word for the history.
        max_age: how old a remembered answer may be; the cache's time to live bounds it.
        errands: the schedules whose time has come and whose reports are to be pushed with it.
        send: push it although no slot is due: somebody asked for that.
    """

    kind: Kind
    max_age: timedelta = timedelta.max
    errands: tuple[Errand, ...] = ()
    send: bool = False

    @property
    def forced(self) -> bool:
        """Whether a person wants every account asked."""
        return self.kind == "pull"


STATUS, REPORT = Trigger("status"), Trigger("report")
PULL = Trigger("pull", timedelta(0))
FLOW = Trigger("flow", timedelta(0))
"""Money came or went: a valuation right after it makes the return exact."""


class RaisesAlerts(Protocol):
    """Who knows what is an alert."""

    async def notices(
        self, tx: Tx, portfolio: Portfolio, told: Sequence[Notice], *, stored_now: bool
    ) -> Sequence[Notice]:
        """What is to be told of a round of readings: of these notices and of alerts, in its transaction."""


class BetweenAccounts(Protocol):
    """Who knows what left one own account and is not on another one yet."""

    def under_way(self) -> tuple[CashFlow, ...]:
        """Withdrawals that may still arrive, as far as is known before the accounts are asked."""

    async def moving(self, readings: Sequence[Reading], at: datetime) -> tuple[Moving, ...]:
        """What none of these readings shows."""


class Snapshots:
    """Takes snapshots and remembers them.

    Args:
        between: what is on its way counts beside the accounts; None where nobody reads what happened.
        postman: None where nobody is told anything: reports are not pushed, notices not queued.
        tidy: called after each: gives memory back to the system.

    Attributes:
        latest: the newest portfolio of this life or, right after a start, of an earlier one.
        taken_at: the instant of the newest snapshot, stored or waiting for room on the disk.
        complete_at: the instant of the newest complete one that is stored.
        alarms: who raises alerts; None where nobody does.
        on_stored: called after a snapshot was remembered, but not after one that a flow gave rise to.
        on_complete: told every complete snapshot once it is remembered.
        on_latest: called when there is another newest portfolio.
    """

    def __init__(
        self,
        collect: Collect,
        store: Store,
        fx: FxService,
        timetable: Timetable,
        *,
        calendar: Calendar,
        clock: Clock,
        demo: bool = False,
        between: BetweenAccounts | None = None,
        postman: Postman | None = None,
        tidy: Callable[[], None] = lambda: None,
    ) -> None:
        self._collect, self._store, self._fx, self._timetable = collect, store, fx, timetable
        self._calendar, self._clock, self._demo = calendar, clock, demo
        self.between, self.postman, self._tidy = between, postman, tidy
        self.latest: Portfolio | None = None
        self.alarms: RaisesAlerts | None = None
        self.taken_at: datetime | None = None
        self.complete_at: datetime | None = None
        self.on_stored: Callable[[], None] = lambda: None
        self.on_complete: Callable[[Portfolio], None] = lambda _: None
        self.on_latest: list[Callable[[], None]] = []
        self._last: tuple[Collection, Portfolio] | None = None
        self._states: Mapping[AccountId, AccountState] = {}
        self._unwritten: deque[Callable[[Tx], Awaitable[None]]] = deque(maxlen=KEPT_IN_MEMORY)
        self._pushed: set[str] = set()
        self._writing = asyncio.Lock()
        self._cannot_write = False

    async def load(self) -> None:
        """Take over what an earlier life remembered."""
        async with self._store.read() as tx:
            states = await accounts.states(tx)
            self._collect.restore(await accounts.last_good(tx), states, await accounts.known_quotes(tx))
            self._states = states
            self.latest = await snapshots.newest(tx)
            complete = await snapshots.last_complete(tx)
        self.taken_at = self.latest.at if self.latest else None
        self.complete_at = complete.at if complete else None

    async def take(self, trigger: Trigger, progress: Progress | None = None) -> Portfolio:
        """The portfolio now, remembered.

        Args:
            progress: told as the accounts answer.

        Raises:
            StorageError: the database is broken for good; a full disk or a busy file only delays the writing.
        """
        if self.between is not None:
            self._collect.moving = frozenset((flow.account, flow.asset) for flow in self.between.under_way())
        collection = await self._collect.collect(max_age=trigger.max_age, forced=trigger.forced, progress=progress)
        portfolio, first = self._valued(collection, await self._moving(collection))
        self._pushed.update(errand.schedule.key(errand.due) for errand in trigger.errands)
        self._unwritten.append(self._remembering(trigger, collection, portfolio, stores=first and collection.fresh))
        await self.write_waiting()
        if trigger.send and self.postman is not None and not self._sent_at_once(self.postman) and not self.waiting:
            await self._send_made(self.postman, None, portfolio)
        if first and collection.fresh and trigger.kind != "flow":
            self.on_stored()
        if first and collection.fresh and isinstance(portfolio.total_usd, Complete):
            self.on_complete(portfolio)
        for heard in self.on_latest if first and collection.fresh else ():
            heard()
        self._tidy()
        return portfolio

    async def serve(self, errands: Sequence[Errand], kind: Kind = "poll") -> Portfolio:
        """Send what the schedules want: one fetch and one snapshot for all of them.

        What the portfolio alone can show is queued together with the snapshot. What has to be read or drawn is made
        once that is stored, outside of any transaction, and queued with its schedule's standing in a second one.
        """
        postman = self.postman
        with_it = tuple(
            one for one in errands if postman is None or postman.at_once(one.schedule.content, one.schedule.posts)
        )
        self._pushed.update(errand.schedule.key(errand.due) for errand in errands)
        portfolio = await self.take(Trigger(kind, errands=with_it))
        for errand in errands:
            if postman is not None and errand not in with_it and not self.waiting:
                await self._send_made(postman, errand, portfolio)
        return portfolio

    def _sent_at_once(self, postman: Postman) -> bool:
        """Whether a report that somebody asked for is queued together with its snapshot."""
        return postman.at_once(REPORT_CONTENT, self._timetable.default.posts)

    async def _send_made(self, postman: Postman, errand: Errand | None, portfolio: Portfolio) -> None:
        async with self._store.read() as tx:
            since = await baseline(tx, self._calendar, portfolio.at)
            moved = await crossed(tx, self._calendar, since, portfolio.at)
        to = self._timetable.default.posts
        queue = await postman.prepare(Pushed(portfolio, since, errand, moved, to))

        async def write(tx: Tx) -> None:
            if errand is not None:
                await self._timetable.done(tx, errand)
            await queue(tx)

        await self._store.write(write)
        postman.nudge()

    def is_pushed(self, errand: Errand) -> bool:
        """Whether the report of a slot waits for room on the disk: in memory, or to be made once there is some."""
        return bool(self._unwritten) and errand.schedule.key(errand.due) in self._pushed

    async def write_waiting(self) -> None:
        """Write what waits, oldest first; while there is no room it goes on waiting, and the owner knows."""
        async with self._writing:
            while self._unwritten:
                try:
                    await self._store.write(self._unwritten[0])
                except (DiskFull, StoreBusy) as error:
                    await self._trouble(str(error))
                    return
                except BaseException:
                    self._unwritten.popleft()
                    raise
                self._unwritten.popleft()
            self._pushed.clear()
            if self.postman is not None:
                self.postman.nudge()
            if self._cannot_write:
                self._cannot_write = False
                log.info("the database can be written again")

    @property
    def waiting(self) -> bool:
        """Whether something is only in memory because the database cannot be written."""
        return bool(self._unwritten)

    async def clock_was_set_back(self) -> None:
        """Letters that wait for a moment of the old clock wait no longer, and hold back none behind them."""
        now = self._clock()
        await self._store.write(lambda tx: outbox.hurry(tx, now))
        if self.postman is not None:
            self.postman.nudge()

    async def _trouble(self, text: str) -> None:
        if self._cannot_write:
            return
        self._cannot_write = True
        log.error("kept in memory: %s", text)
        if self.postman is not None:
            await self.postman.alarm(text)

    async def _moving(self, collection: Collection) -> tuple[Moving, ...]:
        if self.between is None or (self._last is not None and self._last[0] is collection):
            return ()
        try:
            return await self.between.moving(collection.readings, self._clock())
        except Exception:  # what is between the accounts must not cost the report of what is on them
            log.exception("what is on its way between accounts is not known")
            return ()

    def _valued(self, collection: Collection, moving: Sequence[Moving]) -> tuple[Portfolio, bool]:
        """The portfolio of a round, and whether it was valued only now: those who share a round share its snapshot."""
        if self._last is not None and self._last[0] is collection:
            return self._last[1], False
        portfolio = value(
            collection.readings,
            self._collect.accounts,
            collection.rates,
            at=self._clock(),
            demo=self._demo,
            known=self._collect.known,
            headline=self._collect.headline,
            notices=collection.notices,
            moving=moving,
            dollars=collection.dollars,
            calendar=self._calendar,
        )
        self._collect.known = {**self._collect.known, **quotes_of(portfolio)}
        self._last = collection, portfolio
        return portfolio, True

    def _remembering(
        self, trigger: Trigger, collection: Collection, portfolio: Portfolio, *, stores: bool
    ) -> Callable[[Tx], Awaitable[None]]:
        states, before, earlier = self._collect.states(), self._states, self.latest
        quotes, rates_now = quotes_of(portfolio), self._fx.fresh()
        told = list(notices(before, states, portfolio, earlier)) if self.postman else []
        if self.postman:
            told += without_close(portfolio, self.complete_at)
        changed = {account: state for account, state in states.items() if state != before.get(account)}
        self._states, self.latest = states, portfolio
        if stores:
            self.taken_at = portfolio.at

        async def remember(tx: Tx) -> None:
            is_stored = stores and await self._store_snapshot(tx, portfolio, trigger)
            await accounts.remember(tx, collection.answered, quotes, changed)
            await rates.remember(tx, rates_now, collection.dollars)
            if self.postman is not None:
                passed: Sequence[Notice] = told
                if self.alarms is not None:
                    passed = await self.alarms.notices(tx, portfolio, told, stored_now=is_stored)
                for notice in passed:
                    await self.postman.notice(tx, notice, portfolio)
            await self._push(tx, trigger, portfolio)

        return remember

    async def _store_snapshot(self, tx: Tx, portfolio: Portfolio, trigger: Trigger) -> bool:
        """Whether it was stored."""
        try:
            seq = await snapshots.add(tx, portfolio, trigger=trigger.kind)
        except ImplausibleClock as error:
            # the rest is remembered all the same: a report must not wait until a clock is mended
            log.warning("no snapshot: %s", error)
            return False
        await borders.note(tx, portfolio, seq)
        if isinstance(portfolio.total_usd, Complete):
            self.complete_at = portfolio.at
        return True

    async def _push(self, tx: Tx, trigger: Trigger, portfolio: Portfolio) -> None:
        for errand in trigger.errands:
            await self._timetable.done(tx, errand)
        asked = trigger.send and self.postman is not None and self._sent_at_once(self.postman)
        if self.postman is None or not (trigger.errands or asked):
            return
        since = await baseline(tx, self._calendar, portfolio.at)
        moved = await crossed(tx, self._calendar, since, portfolio.at)
        for wanted in trigger.errands or (None,):
            await self.postman.report(tx, Pushed(portfolio, since, wanted, moved, self._timetable.default.posts))
