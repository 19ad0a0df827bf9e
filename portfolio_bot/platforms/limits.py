"""How often a venue may be asked: its own count kept here, by weight, before the venue has to say no.

A venue counts by address or by key, so whoever shares what it counts by shares a `Gate`: two accounts behind one
address, a report and the sync beside it. There are two lanes. Reports take whatever is free. Background work may use
half of it at most, never so much that a whole report would not fit any more, and stands back while a report waits.
What the venue itself says (429, 418) holds everybody at that gate; a report then fails at once with the time, and
background work waits.

Time is counted by the loop's clock, which nobody can set: a wall clock that jumps neither stops nor hurries anything.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.net.timing import deadline

SHORTEST = 0.01
"""Seconds between two looks at a full gate: rounding must not make a wait of nothing."""

BRIEF = 1.0
"""Seconds: the rest of a hold that even a report waits for."""

PATIENT = 10.0
"""Seconds that a report waits at a full gate where nobody gave it a deadline."""


class Lane(Enum):
    """Who asks."""

    REPORT = "report"
    BACKGROUND = "background"


_lane: ContextVar[Lane] = ContextVar("lane", default=Lane.REPORT)


@contextmanager
def in_background() -> Iterator[None]:
    """Everything asked inside, by this task and those it starts, gives way to reports."""
    token = _lane.set(Lane.BACKGROUND)
    try:
        yield
    finally:
        _lane.reset(token)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a venue allows.

    Attributes:
        units: weight that fits into the window (or, if it drains, into the counter).
        seconds: length of the window; of a counter that drains: the time from full to empty.
        report: weight of one whole report of one account, which background work leaves free.
        by_address: counted for the address that asks, else for the key.
        share: the part of it that background work may use.
        drains: the counter falls steadily, as Kraken's does; else every unit leaves the window at once.
    """

    units: float
    seconds: float
    report: float = 0.0
    by_address: bool = False
    drains: bool = False
    share: float = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one venue.

    Attributes:
        private: calls with a key.
        public: calls without one, where they are counted apart (by address).
        each: of every single private method that begins with `each_of`, in ccxt's weights, where the venue counts them
            one by one. In `private` such a call counts as one.
        apart: single methods with a count of their own, in calls, and none in the others.
    """

    private: Limit
    public: Limit | None = None
    each: Limit | None = None
    each_of: str = ""
    apart: Mapping[str, Limit] = field(default_factory=dict)


_A_MINUTE = 60.0

LIMITS: Mapping[str, Limits] = {
    # 600 calls in 5 s from one address; every endpoint has a count of its own: of 5 calls a second one weighs 10
    "bybit": Limits(Limit(600, 5, report=20, by_address=True), each=Limit(50, 1, share=1)),
    # every endpoint has a count of its own, 20 units over 2 s: a report takes of each no more than it gives, and what
    # it leaves to background work, which asks one endpoint again and again, is just that
    "okx": Limits(Limit(60, 2, report=40), Limit(20, 2, by_address=True)),
    # every sapi endpoint has a count of its own; of bank orders the user has four a minute
    "binance": Limits(
        Limit(1200, _A_MINUTE, report=250, by_address=True),
        each=Limit(1200, _A_MINUTE, by_address=True, share=0.8),
        each_of="sapi",
        apart={"sapi_get_fiat_orders": Limit(4, _A_MINUTE, share=1)},
    ),
    # the starter tier: a counter of 15 that falls by one in 3 s; a private call is 3 units, a page of history 6
    "kraken": Limits(Limit(45, 45, report=21, drains=True), Limit(10, 10, by_address=True)),
    "krakenfutures": Limits(Limit(100, _A_MINUTE, report=4), Limit(100, _A_MINUTE, by_address=True)),
    "kucoin": Limits(Limit(4000, 30, report=300), Limit(2000, 30, by_address=True)),
    "gateio": Limits(Limit(100, 5, report=40), Limit(200, 10, by_address=True)),
    "mexc": Limits(Limit(1200, _A_MINUTE, report=60, by_address=True)),
}
"""By source, in ccxt's units: its cost of an endpoint is the weight."""

TBANK: Mapping[str, Limit] = {
    "UsersService": Limit(100, _A_MINUTE, report=1),
    "OperationsService": Limit(200, _A_MINUTE, report=20),
    "InstrumentsService": Limit(200, _A_MINUTE),
    "MarketDataService": Limit(600, _A_MINUTE),
}
"""Calls a minute, counted for the user."""

CAREFUL = Limits(Limit(100, _A_MINUTE, report=20, by_address=True))
"""A venue that nobody wrote limits for."""


class Count:
    """What was spent lately. Knows no clock: the moment is given with every question, in seconds, never falling."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._spent: deque[tuple[float, float]] = deque()
        self._level, self._at = 0.0, -math.inf

    def used(self, now: float) -> float:
        """Weight that still counts."""
        if self._limit.drains:
            fallen = (now - self._at) * self._limit.units / self._limit.seconds
            return max(self._level - fallen, 0.0)
        while self._spent and self._spent[0][0] <= now - self._limit.seconds:
            self._spent.popleft()
        return math.fsum(weight for _, weight in self._spent)

    def spend(self, weight: float, now: float) -> None:
        """Count a call."""
        if self._limit.drains:
            self._level, self._at = self.used(now) + weight, now
        else:
            self._spent.append((now, weight))

    def until(self, room: float, now: float) -> float:
        """Seconds until no more than `room` is used; 0 if that is so now."""
        over = self.used(now) - room
        if over <= _ROUNDING:
            return 0.0
        if self._limit.drains:
            return over * self._limit.seconds / self._limit.units
        for at, weight in self._spent:
            over -= weight
            if over <= _ROUNDING:
                return at + self._limit.seconds - now
        return self._limit.seconds


_ROUNDING = 1e-9


class Gate:
    """Everybody who is counted together comes by here.

    Args:
        now: seconds by a clock that never falls; None = the loop's.

    Attributes:
        spent: weight of all calls so far.
        members: the accounts that share it: a report of each must fit.
    """

    def __init__(
        self,
        limit: Limit,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.limit = limit
        self.spent = 0.0
        self.members: set[str] = set()
        self._now = now or _loop_time
        self._sleep = sleep
        self._all, self._background = Count(limit), Count(limit)
        self._held_until = -math.inf
        self._reports_waiting = 0
        self._turn = asyncio.Lock()

    async def enter(self, weight: float, clock: Clock) -> None:
        """Come in when there is room, and be counted.

        Raises:
            SourceError: `rate_limited` with the time, for a report that would wait past its deadline.
        """
        if _lane.get() is Lane.REPORT:
            await self._enter_reporting(weight, clock)
            return
        async with self._turn:  # one after the other, so that a dear call is not overtaken for ever by cheap ones
            while (wait := self._background_wait(weight)) > 0:
                await self._pause(wait)
            self._count(weight, background=True)

    def hold(self, until: datetime, clock: Clock) -> None:
        """The venue wants to be left alone until then, by all who share this gate."""
        self._held_until = max(self._held_until, self._now() + (until - clock()).total_seconds())

    def wait(self, weight: float, lane: Lane) -> float:
        """Seconds that a call of this weight would have to wait now."""
        return self._background_wait(weight) if lane is Lane.BACKGROUND else self._report_wait(weight)

    async def _enter_reporting(self, weight: float, clock: Clock) -> None:
        self._reports_waiting += 1
        try:
            while (wait := self._report_wait(weight)) > 0:
                if self._held_until > self._now() + BRIEF or wait > _patience():
                    why = "" if self._held_until > self._now() else "by our own count"
                    raise SourceError.of(FailureKind.RATE_LIMITED, why, clock() + timedelta(seconds=max(wait, 1.0)))
                await self._pause(wait)
            self._count(weight, background=False)
        finally:
            self._reports_waiting -= 1

    def _report_wait(self, weight: float) -> float:
        now = self._now()
        return max(self._held_until - now, self._all.until(max(self.limit.units - weight, 0.0), now))

    def _background_wait(self, weight: float) -> float:
        now = self._now()
        reports = self.limit.report * max(len(self.members), 1)
        share = min(self.limit.units * self.limit.share, self.limit.units - reports)
        held = self._held_until - now
        # a call that is dearer than its share comes in alone, when nothing else of the background counts any more
        room = (
            self._background.until(max(share - weight, 0.0), now),
            self._all.until(max(self.limit.units - reports - weight, 0.0), now),
        )
        behind = SHORTEST if self._reports_waiting else 0.0
        return max(held, *room, behind)

    def _count(self, weight: float, *, background: bool) -> None:
        now = self._now()
        self.spent += weight
        self._all.spend(weight, now)
        if background:
            self._background.spend(weight, now)

    async def _pause(self, seconds: float) -> None:
        await self._sleep(max(seconds, SHORTEST))


@dataclass(slots=True)
class Gates:
    """One gate for all who are counted together, wherever they are opened from."""

    _gates: dict[Hashable, Gate] = field(default_factory=dict)

    def gate(self, key: Hashable, limit: Limit, member: str) -> Gate:
        """The gate of this key: a new one, or the one that others go through already."""
        found = self._gates.get(key)
        if found is None:
            found = self._gates[key] = Gate(limit)
        found.members.add(member)
        return found

    def spent(self) -> Mapping[Hashable, float]:
        """Weight of all calls so far, by key."""
        return {key: gate.spent for key, gate in self._gates.items()}


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _patience() -> float:
    ends = deadline.get()
    return PATIENT if ends is None else ends - _loop_time() - 1.0
