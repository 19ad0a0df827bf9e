"""All accounts at once: one task each under its own deadline, none of which can delay or break another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Collection as Several
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias, assert_never

from portfolio_bot.analytics.counted_once import counted_once
from portfolio_bot.analytics.suspicion import contradicted, explained, missing, suspect
from portfolio_bot.analytics.valuation import AccountInfo, currencies_of, needs_dollars, pin_dollars, value
from portfolio_bot.model.account import AccountState
from portfolio_bot.model.days import Clock
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.identity import Identity
from portfolio_bot.model.instrument import Asset, FxProvider, FxRate, FxState, Quote, RateTable
from portfolio_bot.model.money import Currency
from portfolio_bot.model.portfolio import KnownAccount
from portfolio_bot.model.reading import Cached, Failed, Live, Reading, Stale
from portfolio_bot.model.statement import AccountId, Notice, Statement
from portfolio_bot.net.timing import in_transaction
from portfolio_bot.platforms.base import KnownIdentity, PricesMore, Source
from portfolio_bot.service.absences import Absences
from portfolio_bot.service.books import Books
from portfolio_bot.service.breaker import after_restart
from portfolio_bot.service.feed import Doubt, Feed

log = logging.getLogger(__name__)

AccountProgress: TypeAlias = Literal["waiting", "ok", "failed", "cached"]
Progress: TypeAlias = Callable[[Mapping[AccountId, AccountProgress]], None]
"""Told after every account that has answered; the mapping is whole and in the accounts' order."""

ASKING = 5.0
"""Seconds that a platform may take to say what explains an odd answer, before that is doubted."""

PACE = 0.002
"""Seconds between the starts of two accounts: one burst of all requests makes each of them slower."""


class FxService(Protocol):
    """Exchange rates: the real ones, or the demo's."""

    def prefetch(self, currencies: Several[Currency]) -> None:
        """Begin to fetch; returns at once."""

    async def latest(self, currencies: Several[Currency], *, implied: Mapping[FxProvider, Decimal] = ...) -> RateTable:
        """The newest rates; never raises, bounded in time."""

    def fresh(self) -> Mapping[Currency, FxRate]:
        """What is worth remembering over a restart."""

    async def close(self) -> None:
        """End fetches that are under way."""


class DollarService(Protocol):
    """What USDT and USDC are worth in USD: really, or in the demo."""

    def prefetch(self) -> None:
        """Begin to fetch; returns at once."""

    async def latest(self) -> Mapping[Asset, Quote]:
        """The newest prices; never raises, bounded in time."""

    async def close(self) -> None:
        """End fetches that are under way."""


class KnowsFlows(Protocol):
    """What came into an account and left it, as far as it was read."""

    async def flows(self, account: AccountId, since: datetime, until: datetime) -> Sequence[CashFlow]:
        """The recorded ones between two instants."""

    async def ask(self, account: AccountId) -> bool:
        """Ask the platform what is new; whether there was anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """What one round brought. Askers at the same time get the very same object.

    Attributes:
        readings: one per account, in the accounts' order.
        answered: what the platforms said just now, as they said it: of readings that leave out what another account
            counts already, the whole.
        rates: the newest there are, for every currency that the readings need.
        fresh: at least one account answered just now: worth a snapshot.
        dollars: the reference prices that were used.
        notices: warnings about the whole, not about one account.
    """

    readings: tuple[Reading, ...]
    rates: RateTable
    fresh: bool
    dollars: Mapping[Asset, Quote] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    answered: Mapping[AccountId, Statement] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Round:
    max_age: timedelta
    forced: bool
    progress: dict[AccountId, AccountProgress]
    listeners: list[Progress] = field(default_factory=list)
    task: asyncio.Task[Collection] | None = None

    def tell(self) -> None:
        for listener in self.listeners:
            try:
                listener(dict(self.progress))
            except Exception:  # a face that cannot show its progress must not cost the others their report
                log.exception("a progress listener broke")


class Collect:
    """Asks the accounts, remembers what they said, leaves alone those that want to be left alone.

    Args:
        sources: by account, in the order of `accounts`.
        accounts: what valuation needs to know of each.
        rates, dollars: fetched beside the accounts, so that they cost no time of their own.
        ttl: how old a remembered answer may ever be to count as `cached`.
        pace: seconds between the starts of two accounts.
        headline: the currency that people read totals in; its rate is fetched whatever the accounts hold.
        absences: what the owner said about accounts that do not answer.
    """

    def __init__(
        self,
        sources: Mapping[AccountId, Source],
        accounts: Mapping[AccountId, AccountInfo],
        *,
        rates: FxService,
        dollars: DollarService,
        clock: Clock,
        ttl: timedelta,
        pace: float = PACE,
        headline: Currency = "USD",
        absences: Absences | None = None,
    ) -> None:
        self.accounts = accounts
        self.headline = headline
        self.known: Mapping[tuple[AccountId, Asset], Quote] = {}
        """Last known prices in USD; whoever values the accounts puts back what it found."""
        self.moving: frozenset[tuple[AccountId, Asset]] = frozenset()
        """What left which account and has not arrived: to be priced although nobody holds it."""
        self.flows: KnowsFlows | None = None
        """Who can tell what came and went; None where nobody reads that."""
        self.same_past: Mapping[AccountId, AccountId] = {}
        """Accounts that tell the past of another one, which stands before them in the settings: they are the same."""
        self._rates, self._dollars = rates, dollars
        self._clock, self._ttl, self._pace = clock, ttl, pace
        self._feeds = {account: Feed(sources[account], clock, judge=self) for account in accounts}
        self._books = Books(clock)
        self._absences = absences or Absences()
        self._round: _Round | None = None
        self._under_way: set[asyncio.Task[Collection]] = set()

    def restore(
        self,
        last_good: Mapping[AccountId, Statement],
        states: Mapping[AccountId, AccountState],
        known: Mapping[tuple[AccountId, Asset], Quote],
    ) -> None:
        """Take over what an earlier life remembered. Accounts that are gone from the settings are forgotten."""
        self.known = known
        for account, feed in self._feeds.items():
            feed.last_good = last_good.get(account)
            feed.state = after_restart(states.get(account, AccountState()))

    def states(self) -> Mapping[AccountId, AccountState]:
        """How each account has fared lately: to be remembered over a restart."""
        return {account: feed.state for account, feed in self._feeds.items()}

    def sources(self) -> Mapping[AccountId, Source]:
        """The sources themselves, for questions about keys; without accounts that are gone."""
        return {account: feed.source for account, feed in self._asked()}

    def begin_anew(self, account: AccountId) -> None:
        """Nothing that an account said before stands in for it any more; the next reading is its first."""
        self._feeds[account].begin_anew()

    def wants_opinion(self) -> bool:
        """Whether some odd answer should be asked for again now."""
        now = self._clock()
        return any(feed.wants_opinion(now) for feed in self._feeds.values())

    async def read(self, account: AccountId) -> Reading:
        """One account alone, as if a person had asked for a fetch."""
        return await self._feeds[account].read(max_age=timedelta(0), forced=True)

    def once(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """Readings of all accounts without what would be counted twice; a label that only repeats another is refused.

        Args:
            readings: in the accounts' order.
        """
        identities = {account: known for account, feed in self._feeds.items() if (known := identity_of(feed.source))}
        for same, first in self.same_past.items():
            identities |= {same: Identity(f"past of {first}"), first: Identity(f"past of {first}")}
        names = {account: info.name for account, info in self.accounts.items()}
        found = counted_once(readings, identities, names, self._clock())
        for before, after in zip(readings, found, strict=True):
            if isinstance(after, Failed) and not isinstance(before, Failed):
                self._feeds[after.account].refuse(after.failure)
        return found

    async def collect(
        self, *, max_age: timedelta, forced: bool = False, progress: Progress | None = None
    ) -> Collection:
        """Ask every account, side by side; it lasts as long as the slowest.

        Args:
            max_age: how old a remembered answer may be; never more than the cache's time to live. 0 asks anew.
            forced: a person wants it: accounts that pause are asked too, unless the venue itself named a time.
            progress: told as the accounts answer.

        Raises:
            RuntimeError: called inside a database transaction (a bug).
        """
        if in_transaction.get():
            raise RuntimeError("collecting inside a database transaction")
        max_age = min(max_age, self._ttl)
        shared = self._round
        if shared is None or shared.max_age > max_age or forced > shared.forced:
            shared = self._begin(max_age, forced=forced)
        if progress is not None:
            shared.listeners.append(progress)
            progress(dict(shared.progress))
        assert shared.task is not None  # noqa: S101 - set by _begin, for the type checker
        return await asyncio.shield(shared.task)

    async def close(self) -> None:
        """End what is under way: the rounds, the fetches, the connections of the sources."""
        rounds = set(self._under_way)  # a pull may have begun a second one beside the first
        for task in rounds:
            task.cancel()
        if rounds:
            await asyncio.wait(rounds)
        closings = [feed.close() for feed in self._feeds.values()]
        closings += [feed.source.close() for feed in self._feeds.values()]
        closings += [self._rates.close(), self._dollars.close(), self._books.close()]
        # gathered, because a ccxt client sleeps a quarter of a second in its own close()
        for result in await asyncio.gather(*closings, return_exceptions=True):
            if isinstance(result, Exception):
                log.warning("closing a client failed: %s", type(result).__name__)

    def _begin(self, max_age: timedelta, *, forced: bool) -> _Round:
        begun = _Round(max_age, forced, {account: "waiting" for account, _ in self._asked()})
        begun.task = asyncio.create_task(self._collect(begun), name="collect")
        begun.task.add_done_callback(lambda _: self._ended(begun))
        self._under_way.add(begun.task)
        begun.task.add_done_callback(self._under_way.discard)
        self._round = begun
        return begun

    def _ended(self, ended: _Round) -> None:
        if self._round is ended:
            self._round = None

    async def _collect(self, current: _Round) -> Collection:
        moving = frozenset(asset for _, asset in self.moving)
        self._ask_for_more()
        self._dollars.prefetch()
        self._rates.prefetch(currencies_of(self._remembered(), self.headline, moving))
        slowest_first = sorted(self._asked(), key=lambda item: -item[1].took)
        async with asyncio.TaskGroup() as group:
            tasks = {}
            for account, feed in slowest_first:
                tasks[account] = group.create_task(self._one(feed, current))
                await asyncio.sleep(self._pace)
        whole = await self._absences.counting([tasks[account].result() for account, _ in self._asked()])
        readings = self.once(whole)
        wanted = currencies_of(readings, self.headline, moving)
        rates = await self._rates.latest(wanted)
        dollars = await self._dollars.latest()
        if _doubtful(rates.to_usd("RUB")):
            answering = [feed.source for feed in self._feeds.values() if feed.state.failure is None]
            rates = await self._rates.latest(wanted, implied=await self._books.instead(answering, dollars))
        fresh = any(isinstance(reading, Live) for reading in readings)
        counted = {reading.account for reading in readings if isinstance(reading, Live)}
        answered = {one.account: one.statement for one in whole if isinstance(one, Live) and one.account in counted}
        notices = await self._books.differing(rates.to_usd("RUB"))
        return Collection(readings, rates, fresh, dollars, notices, answered)

    def _asked(self) -> list[tuple[AccountId, Feed]]:
        return [(account, feed) for account, feed in self._feeds.items() if not self._absences.is_gone(account)]

    def _ask_for_more(self) -> None:
        for account, feed in self._feeds.items():
            if isinstance(feed.source, PricesMore):
                feed.source.price_also(frozenset(asset for origin, asset in self.moving if origin == account))

    async def _one(self, feed: Feed, current: _Round) -> Reading:
        reading = await feed.read(max_age=current.max_age, forced=current.forced)
        if isinstance(reading, Live):
            self._books.open(feed.source)
        current.progress[reading.account] = _progress(reading)
        current.tell()
        return reading

    def _remembered(self) -> Iterable[Reading]:
        return [Cached(account, feed.last_good) for account, feed in self._feeds.items() if feed.last_good]

    async def complete(self, statement: Statement) -> Statement:
        """With the dollars pinned, so that a statement that is kept values itself the same for ever."""
        return pin_dollars(statement, await self._dollars.latest()) if needs_dollars(statement) else statement

    async def doubt(self, previous: Statement, now: Statement) -> Doubt | None:
        """Why an answer is odd: both it and the one before are valued by the rates of now."""
        readings = [Live(previous.account, previous)], [Live(now.account, now)]
        rates = await self._rates.latest(currencies_of([*readings[0], *readings[1]]))
        at = self._clock()
        before, after = (value(one, self.accounts, rates, at=at, known=self.known).accounts[0] for one in readings)
        if not isinstance(before, KnownAccount) or not isinstance(after, KnownAccount):
            return None
        reason = suspect(before, after)
        if self.flows is not None and (reason is not None or missing(before, after)):
            known = await _asked(self.flows, before, after, open_question=missing if reason is None else _unexplained)
            if reason is not None and explained(before, after, known):
                log.info("%s: an odd answer (%s) is explained by what came and went", now.account, reason)
                return None
        return Doubt(reason, contradicted(after)) if reason else None


def identity_of(source: Source) -> Identity | None:
    """Whose account a source reads, where its platform tells."""
    return source.identity if isinstance(source, KnownIdentity) else None


def _unexplained(before: KnownAccount, after: KnownAccount, flows: Iterable[CashFlow]) -> bool:
    return not explained(before, after, flows)


async def _asked(
    source: KnowsFlows,
    before: KnownAccount,
    after: KnownAccount,
    *,
    open_question: Callable[[KnownAccount, KnownAccount, Sequence[CashFlow]], bool],
) -> Sequence[CashFlow]:
    """What came and went between two answers: as it is recorded, and where that does not tell, asked for anew.

    Args:
        open_question: whether what is known leaves one.
    """
    span = before.as_of, after.as_of + timedelta(microseconds=1)
    known: Sequence[CashFlow] = ()
    try:
        known = await source.flows(after.id, *span)
        if open_question(before, after, known):
            async with asyncio.timeout(ASKING):
                news = await source.ask(after.id)
            known = await source.flows(after.id, *span) if news else known
    except TimeoutError:
        log.info("%s: what came and went cannot be asked in time", after.id)
    except Exception:  # who cannot explain an answer must not take it away: it is judged as it would be without
        log.exception("%s: what came and went cannot be told", after.id)
    return known


def _doubtful(rate: FxRate | Unknown | None) -> bool:
    return rate is not None and (isinstance(rate, Unknown) or rate.state is FxState.STALE)


def _progress(reading: Reading) -> AccountProgress:
    match reading:
        case Live():
            return "ok"
        case Cached():
            return "cached"
        case Stale() | Failed():
            return "failed"
        case _:
            assert_never(reading)
