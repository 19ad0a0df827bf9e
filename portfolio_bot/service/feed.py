"""One account: what it said last, how it fares, whether to ask it now, and whether to believe the answer."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from portfolio_bot.analytics.suspicion import agree
from portfolio_bot.model.account import AccountState, Suspicion
from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.reading import Cached, Failed, Live, Reading, Stale
from portfolio_bot.model.statement import Statement
from portfolio_bot.net.timing import deadline
from portfolio_bot.platforms.base import Source, StandIn
from portfolio_bot.service.breaker import after_failure, may_ask

log = logging.getLogger(__name__)

SECOND_OPINION = timedelta(seconds=30)
"""How much later an answer must be that confirms an odd one."""

QUICK_OPINIONS = 3
"""So many times a doubted account is asked again soon; then at the ordinary pace."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an answer is not believed at once.

    Attributes:
        reason: as `analytics.suspicion` names it.
        contradicted: the venue's own total says otherwise, so that a second answer alike proves nothing.
    """

    reason: str
    contradicted: bool = False


class Judge(Protocol):
    """What an answer is good for."""

    async def complete(self, statement: Statement) -> Statement:
        """The answer with whatever it needs to value itself for ever."""

    async def doubt(self, previous: Statement, now: Statement) -> Doubt | None:
        """Why the answer is odd beside the one before; None if it is not."""


@dataclass(slots=True)
class Feed:
    """One account. All its fields are its own; others read them and call `restored` and `read`."""

    source: Source
    clock: Clock
    judge: Judge
    last_good: Statement | None = None
    state: AccountState = field(default_factory=AccountState)
    took: float = 0.0
    """Seconds that the last fetch took: the slowest account is asked first."""
    _asked_at: datetime | None = None
    _flight: asyncio.Task[Reading] | None = None
    _opinions: int = 0

    async def read(self, *, max_age: timedelta, forced: bool) -> Reading:
        """Its reading: from memory if that is young enough, else asked, unless it is to be left alone.

        Whoever asks while a fetch is under way shares its answer. Cancelling an asker does not cancel the fetch.
        """
        if self._flight is None:
            young = self.cached(max_age)
            if young is not None:
                return young
            if not may_ask(self.state, self.clock(), forced=forced):
                return self._without()
            self._flight = asyncio.create_task(self._ask(), name=f"fetch {self.source.account}")
            self._flight.add_done_callback(self._landed)
        return await asyncio.shield(self._flight)

    def cached(self, max_age: timedelta) -> Cached | None:
        """The last answer, if it succeeded and is no older than `max_age`; 0 accepts none."""
        if self.last_good is None or self._asked_at is None or self.state.failure is not None:
            return None
        age = self.clock() - self._asked_at
        # a clock that was set back makes an answer of unknown age, and that is no young one
        if not max_age or not timedelta(0) <= age <= max_age:
            return None
        return Cached(self.source.account, self.last_good)

    def wants_opinion(self, now: datetime) -> bool:
        """Whether an odd answer waits to be confirmed and enough time has passed for that."""
        failure, odd = self.state.failure, self.state.suspicion
        if odd is None or failure is None or failure.kind is not FailureKind.SUSPECT:
            return False
        return self._opinions < QUICK_OPINIONS and now - odd.at >= SECOND_OPINION

    def begin_anew(self) -> None:
        """Whatever it said is of another account: the next reading is the first."""
        self.last_good, self.state, self._asked_at = None, AccountState(), None

    def refuse(self, failure: Failure) -> None:
        """What it says is not to be counted at all, now or later."""
        self._failed(failure)
        self.last_good = None

    async def close(self) -> None:
        """End a fetch that is under way."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait([self._flight])

    def _landed(self, _: asyncio.Task[Reading]) -> None:
        self._flight = None

    async def _ask(self) -> Reading:
        try:
            return await self._answer()
        except SourceError as error:
            return self._failed(error.failure)
        except TimeoutError:
            return self._failed(Failure(FailureKind.TIMEOUT))
        except Exception:  # a bug in one source must not cost the other accounts their report
            log.exception("%s: a bug in the source", self.source.account)
            return self._failed(Failure(FailureKind.BUG))

    async def _answer(self) -> Reading:
        asked_at, started = self.clock(), asyncio.get_running_loop().time()
        try:
            fetched = await self._fetch()
        except StandIn as error:
            self.last_good = await self.judge.complete(error.statement)
            raise
        finally:
            self.took = asyncio.get_running_loop().time() - started
        statement = await self.judge.complete(fetched)
        doubt = await self.judge.doubt(self.last_good, statement) if self.last_good is not None else None
        if doubt is None or self._confirmed(doubt, statement):
            return self._believed(statement, asked_at)
        return self._doubted(doubt, statement)

    async def _fetch(self) -> Statement:
        patience = self.source.patience
        deadline.set(asyncio.get_running_loop().time() + patience)
        async with asyncio.timeout(patience):
            return await self.source.read()

    def _confirmed(self, doubt: Doubt, statement: Statement) -> bool:
        odd = self.state.suspicion
        if odd is None or doubt.contradicted or self.clock() - odd.at < SECOND_OPINION:
            return False
        if not agree(odd.statement, statement):
            return False
        log.warning("%s: an odd answer (%s) was given twice and is believed", self.source.account, doubt.reason)
        return True

    def _believed(self, statement: Statement, asked_at: datetime) -> Live:
        if self.state.failure is not None and self.state.failure.kind is not FailureKind.SUSPECT:
            away = self.clock() - (self.state.since or asked_at)
            log.info("%s is back after %s", self.source.account, timedelta(seconds=round(away.total_seconds())))
        self.last_good, self._asked_at = statement, asked_at
        self.state, self._opinions = AccountState(), 0
        return Live(self.source.account, statement)

    def _doubted(self, doubt: Doubt, statement: Statement) -> Reading:
        now, odd = self.clock(), self.state.suspicion
        if odd is None:
            log.warning("%s: an odd answer (%s), not believed until it is repeated", self.source.account, doubt.reason)
        else:
            self._opinions += 1
        if odd is None or not agree(odd.statement, statement):
            odd = Suspicion(doubt.reason, now, statement)
        failure = Failure(FailureKind.SUSPECT, doubt.reason)
        self.state = AccountState(failure, self.state.since or now, suspicion=odd)
        return self._without()

    def _failed(self, failure: Failure) -> Reading:
        before = self.state.failure
        if before is None or before.kind is not failure.kind:
            detail = f" ({failure.detail})" if failure.detail else ""
            log.warning("%s is down: %s%s", self.source.account, failure.kind, detail)
        self.state = after_failure(self.state, failure, self.clock())
        return self._without()

    def _without(self) -> Reading:
        """The reading while there is no answer: the last good value stands in, if there ever was one."""
        failure = self.state.failure or Failure(FailureKind.BUG)
        since = self.state.since or self.clock()
        if self.last_good is None:
            return Failed(self.source.account, failure, since)
        return Stale(self.source.account, self.last_good, failure, since)
