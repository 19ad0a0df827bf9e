"""The portfolio's past as the mathematics want it: valuations, and whatever crossed its border, in one currency.

Own transfers, money in transit and flows of accounts that were not in the total at that time are no flows; an account
that joins or leaves is one, and so is what comes into view inside one. Where a statement lags behind, its flows count
with the snapshot that first contains them.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Protocol, TypeVar

from portfolio_bot.analytics.borders import Border
from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.membership import Joint, Linked, Parts, linked
from portfolio_bot.analytics.performance import Track
from portfolio_bot.analytics.series import Flow, Kept, closings, flow_of
from portfolio_bot.analytics.transfers import Matching
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.flow import CashFlow, FlowKey
from portfolio_bot.model.history import DayClose, NavPoint, Origin
from portfolio_bot.model.portfolio import KnownAccount
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service.borders import joints_of, not_recorded
from portfolio_bot.service.track_rates import Rates
from portfolio_bot.storage import borders, day_closes, imported, membership, snapshots
from portfolio_bot.storage.membership import Run
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

T = TypeVar("T")

_BEFORE = timedelta(days=10)
"""So much more of the past is read than a period needs: for statements that lag, and rates of days without one."""

_ONE_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)

_FEW = 2000
"""So many values are worked through at once; with more the loop is not held up."""

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST_STATEMENT = timedelta(days=7)
_SETTLED = timedelta(days=30)
"""No newer snapshot tells anything of a flow that long ago."""

_SOON, _TRIES = timedelta(hours=24), 3
"""How soon after an outflow a snapshot must have been taken, and how many of them may have missed its record."""

_ELSEWHERE = "imported"
"""Stands for everything that was imported, where that was a portfolio of its own."""


class Matches(Protocol):
    """Who knows which flows are own transfers."""

    async def matching(self) -> Matching:
        """Of all flows there are, as the owner has it."""


async def beside_the_loop(work: Callable[[], T], values: int) -> T:
    """Do pure work: over so many values at once, or in a thread."""
    return work() if values <= _FEW else await asyncio.to_thread(work)


def lags(account: AccountId) -> bool:
    """Whether an account's value is that of a statement, which comes a day or more after what it tells."""
    return account.partition("-")[0] == "ibkr"


@dataclass(frozen=True, slots=True)
class Crossing:
    """A flow that crossed the border of what was in the total.

    Attributes:
        flow: the record.
        at: when the total shows it, aware UTC; None for the moment of the record itself.
    """

    flow: CashFlow
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastBook:
    """The past in one currency, and what it was made of.

    Attributes:
        joints: the accounts, and what inside them, behind `track.joined`, oldest first.
        crossings: the flows behind `track.flows` and `track.unpriced`, oldest first.
        rates: what a record was worth in this currency at its time.
        matching: which flows are own transfers.
    """

    track: Track
    joints: tuple[Joint, ...]
    crossings: tuple[Crossing, ...]
    rates: Rates
    matching: Matching


class Past:
    """Reads the past from storage, anew each time; of old flows it remembers when the total showed them.

    Args:
        calendar: of the owner.
        matches: which flows are own transfers.
        lagging: accounts whose value is that of a late statement.
    """

    def __init__(
        self,
        store: Store,
        calendar: Calendar,
        clock: Clock,
        matches: Matches,
        *,
        lagging: Callable[[AccountId], bool] = lags,
    ) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._matches, self._lagging = matches, lagging
        self._found: dict[tuple[object, ...], datetime | None] = {}

    async def track(self, currency: Kept = "USD", since: datetime | None = None) -> Track:
        """Everything there is, in one currency; with `since` as much of it as concerns a period from there on."""
        return (await self.book(currency, since)).track

    async def newest(self, currency: Kept = "USD") -> datetime | None:
        """The instant of the newest value; None without any."""
        async with self._store.read() as tx:
            return await self._until(tx, currency, self._clock())

    async def since_close(self, count: int, currency: Kept = "USD") -> datetime | None:
        """The instant of so many closes ago, of days that are over and have a value; None where there are fewer."""
        async with self._store.read() as tx:
            # today is open, and a day may lack a value in this currency: such days are rare
            closes = await day_closes.closes(tx, self._calendar, now=self._clock(), limit=count + 1 + count // 2)
        ends = closings(closes, currency)
        return ends[-count].valuation.at if len(ends) >= count else None

    async def book(self, currency: Kept = "USD", since: datetime | None = None) -> PastBook:
        """Everything there is, in one currency, with what it was made of.

        Args:
            since: leave out what no period that begins here or later needs; None for everything.
        """
        matching = await self._matches.matching()
        async with self._store.read() as tx:
            return await self.book_in(tx, matching, currency, since)

    async def book_in(
        self, tx: Tx, matching: Matching, currency: Kept = "USD", since: datetime | None = None
    ) -> PastBook:
        """As `book`, in a transaction that is open already: what it has stored is part of the past.

        Args:
            matching: of all flows that concern a period from `since` on.
        """
        begin = None if since is None else await self._until(tx, currency, since - _BEFORE)
        day = None if begin is None else self._calendar.day(begin) - _ONE_DAY
        closes = await day_closes.closes(tx, self._calendar, now=self._clock(), since=day)
        points = await self._points(tx, closes, begin or _EVER)
        runs = await membership.runs(tx, begin)
        live = [point.at for point in points if point.origin is Origin.LIVE]
        joints = await self._joints(tx, points, live, runs)
        inside = await borders.all_since(tx, points[0].at) if points else []
        came_before = bool(live) and points[0].at != live[0]
        crossings = await self._crossings(tx, matching, live, runs, begin, came_before=came_before)
        work = partial(_worked_out, points, joints, inside, closes, crossings, currency, self._calendar, matching)
        return await beside_the_loop(work, len(points))

    async def _until(self, tx: Tx, currency: Kept, instant: datetime) -> datetime | None:
        """The newest value until an instant."""
        own = await snapshots.newest_complete(tx, currency, instant)
        elsewhere = await imported.newest(tx, self._calendar, currency, instant)
        return max((at for at in (own, elsewhere) if at is not None), default=None)

    async def _points(self, tx: Tx, closes: Iterable[DayClose], begin: datetime) -> list[NavPoint]:
        """Snapshots and imported instants, and imported dates where no close of our own stands; one per instant."""
        alone = [close.point for close in closes if close.point.origin is Origin.IMPORTED and close.point.at >= begin]
        points = await snapshots.nav_points(tx, begin, self._clock())
        if not alone and all(point.origin is Origin.LIVE for point in points):
            return points
        return await beside_the_loop(partial(_merged, alone, points), len(points))

    async def _joints(
        self,
        tx: Tx,
        points: Sequence[NavPoint],
        live: Sequence[datetime],
        runs: Mapping[AccountId, Sequence[Run]],
    ) -> Mapping[datetime, Mapping[AccountId, Decimal]]:
        """What each account was worth on either side of every joining and leaving, by instant."""
        wanted: set[datetime] = set()
        for run in (run for some in runs.values() for run in some):
            first, last = bisect_left(live, run.first), bisect_right(live, run.last)
            wanted.update(live[max(0, first - 1) : first + 1] if first else ())
            wanted.update(live[last - 1 : last + 1] if last < len(live) else ())
        joints = dict(await membership.values(tx, wanted))
        before = points[: bisect_left(points, live[0], key=lambda point: point.at)] if live else ()
        first_of_all = bool(before) and await snapshots.newest_complete(tx, "USD", live[0] - _INSTANT) is None
        if first_of_all and await imported.is_separate(tx) and before[-1].usd is not None:
            joints[before[-1].at] = {_ELSEWHERE: before[-1].usd}
            joints |= await membership.values(tx, live[:1])
        return joints

    async def _crossings(
        self,
        tx: Tx,
        matching: Matching,
        live: Sequence[datetime],
        runs: Mapping[AccountId, Sequence[Run]],
        since: datetime | None,
        *,
        came_before: bool,
    ) -> list[Crossing]:
        """What crossed the border.

        Args:
            live: instants of our own snapshots.
            since: leave out what happened before.
            came_before: imported values lie before our own snapshots.
        """
        external = [one.flow for one in matching.external if since is None or self._last(one.flow) >= since]
        transfers = [link for link in matching.transfers if since is None or self._last(link.deposit) >= since]
        gone = frozenset[AccountId]()
        if since is not None:
            named = {flow.account for flow in external}
            named |= {side.account for link in transfers for side in (link.withdrawal, link.deposit)}
            gone = await membership.known(tx, named - set(runs))
        inside = _Inside(runs, live[0] if came_before else None, gone)
        flows = [flow for flow in external if inside(flow, self._calendar)]
        for link in transfers:
            sides = [side for side in (link.withdrawal, link.deposit) if inside(side, self._calendar)]
            flows += sides if len(sides) == 1 else []  # the other account was not in the total yet, or any more
        flows.sort(key=lambda flow: (flow.instant(self._calendar), flow.key))
        return [Crossing(flow, await self._shown(tx, flow, live)) for flow in flows]

    def _last(self, flow: CashFlow) -> datetime:
        return flow.span(self._calendar)[1]

    async def _shown(self, tx: Tx, flow: CashFlow, live: Sequence[datetime]) -> datetime | None:
        """When the total shows a flow; None for the moment of the record itself.

        Snapshots are opened to find that out. Of a flow of weeks ago it never changes, so it is found out once.
        """
        asked = (*flow.key, flow.at, flow.asset, flow.amount)
        if asked not in self._found:
            shown = await self._look_up(tx, flow, live)
            if not live or live[-1] - flow.instant(self._calendar) < _SETTLED:
                return shown
            self._found[asked] = shown
        return self._found[asked]

    async def _look_up(self, tx: Tx, flow: CashFlow, live: Sequence[datetime]) -> datetime | None:
        """Of a late statement just after the snapshot before the first with it."""
        if not self._lagging(flow.account):
            return await self._last_on_its_way(tx, flow, live) if flow.amount < 0 else None
        happened = flow.span(self._calendar)[0]
        low, high = bisect_left(live, happened), bisect_right(live, happened + _LATEST_STATEMENT)
        # where none holds it yet, it stands at the newest one, at whose instant it does not count either
        while low < high:  # statements only ever become newer
            middle = (low + high) // 2
            if await _holds(tx, live[middle], flow.account, happened):
                high = middle
            else:
                low = middle + 1
        before = live[low - 1] if low else happened
        return before if before > happened else None

    async def _last_on_its_way(self, tx: Tx, flow: CashFlow, live: Sequence[datetime]) -> datetime | None:
        """The last snapshot that counted an outflow as being under way to an own account, which it was not.

        Its money was in the total until then. Where it was ever counted so, it was in one of the first snapshots after
        it left, as soon as its record was read, and in all from there to the last.
        """
        left = flow.instant(self._calendar)
        first = bisect_right(live, left)
        if first == len(live) or live[first] - left > _SOON:
            return None  # nobody watched
        low = first
        while not await _on_its_way(tx, live[low], flow, left):
            low += 1
            if low == min(first + _TRIES, len(live)):
                return None
        high, step = low + 1, 1
        while high < len(live) and await _on_its_way(tx, live[high], flow, left):
            low, step = high, step * 2
            high = min(low + step, len(live))
        while high - low > 1:
            middle = (low + high) // 2
            if await _on_its_way(tx, live[middle], flow, left):
                low = middle
            else:
                high = middle
        return live[low]


async def _on_its_way(tx: Tx, at: datetime, flow: CashFlow, left: datetime) -> bool:
    portfolio = await snapshots.at(tx, at)
    told = (flow.account, flow.asset, -flow.amount, left)
    rows = portfolio.in_transit if portfolio is not None else ()
    return any((row.origin, row.asset, row.amount, row.since) == told for row in rows)


async def _holds(tx: Tx, at: datetime, account: AccountId, happened: datetime) -> bool:
    portfolio = await snapshots.at(tx, at)
    found = next((one for one in portfolio.accounts if one.id == account), None) if portfolio else None
    return isinstance(found, KnownAccount) and found.as_of >= happened


def _merged(alone: Iterable[NavPoint], points: Iterable[NavPoint]) -> list[NavPoint]:
    found = {point.at: point for point in alone}
    for point in points:
        before = found.get(point.at)
        if before is None or before.origin is Origin.IMPORTED:
            found[point.at] = point
    return [found[at] for at in sorted(found)]


class _Inside:
    """Whether the account of a flow was in the total at that time.

    An account that no snapshot knows is not ours to leave out: its records were typed or imported. One that was there
    from the first snapshot on had its part in what was imported from before.

    Args:
        began_live: the first snapshot of our own, where imported ones come before it.
        gone: accounts that only earlier snapshots know than those that were looked at.
    """

    def __init__(
        self, runs: Mapping[AccountId, Sequence[Run]], began_live: datetime | None, gone: frozenset[AccountId]
    ) -> None:
        self._runs, self._began_live, self._gone = runs, began_live, gone
        self._newest = max((run.last for some in runs.values() for run in some), default=_EVER)

    def __call__(self, flow: CashFlow, calendar: Calendar) -> bool:
        runs = self._runs.get(flow.account)
        if not runs:
            return flow.account not in self._gone
        at = flow.instant(calendar)
        return any(self._begin(run) <= at <= self._end(run) for run in runs)

    def _begin(self, run: Run) -> datetime:
        return _EVER if run.first == self._began_live else run.first

    def _end(self, run: Run) -> datetime:
        return datetime.max.replace(tzinfo=UTC) if run.last == self._newest else run.last


def _worked_out(
    points: Sequence[NavPoint],
    joints: Mapping[datetime, Mapping[AccountId, Decimal]],
    inside: Sequence[Border],
    closes: Sequence[DayClose],
    crossings: Sequence[Crossing],
    currency: Kept,
    calendar: Calendar,
    matching: Matching,
) -> PastBook:
    rates, own = Rates(points, currency, calendar), list(_parts(points, joints, currency))
    values = [(one.at or one.flow.instant(calendar), one.flow.account, rates.value(one.flow)) for one in crossings]
    recorded = [(at, account, value) for at, account, value in values if value is not None]
    parts = linked(own, not_recorded(joints_of(inside, own, points, currency), recorded, own))
    return PastBook(_track(parts, closes, crossings, rates), parts.joints, tuple(crossings), rates, matching)


@at_fifty_digits
def _track(parts: Linked, closes: Iterable[DayClose], crossings: Iterable[Crossing], rates: Rates) -> Track:
    flows: list[Flow] = []
    unpriced: list[tuple[datetime, FlowKey]] = []
    for one in crossings:
        value = rates.value(one.flow)
        if value is None:
            unpriced.append((one.at or one.flow.instant(rates.calendar), one.flow.key))
        else:
            flows.append(flow_of(one.flow, value, rates.calendar) if one.at is None else Flow(one.at, value))
    known = {valuation.at for valuation in parts.valuations}
    ends = tuple(close for close in closings(closes, rates.currency) if close.valuation.at in known)
    return Track(parts.valuations, ends, tuple(flows), parts.flows, tuple(unpriced))


def _parts(
    points: Iterable[NavPoint], joints: Mapping[datetime, Mapping[AccountId, Decimal]], currency: Kept
) -> Iterator[Parts]:
    for point in points:
        total = point.usd if currency == "USD" else point.rub
        if total is None:
            continue
        accounts = joints.get(point.at)
        if accounts is not None and currency != "USD" and point.usd:
            accounts = {name: value * total / point.usd for name, value in accounts.items()}
        yield Parts(point.at, total, accounts)
