"""What alerts look at: the past a day back, the heights that were reached, flows that nobody received."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final, Protocol, TypeAlias

from portfolio_bot.analytics.alert_measures import (
    CREDITED,
    Limits,
    Stretch,
    coverages,
    heights,
    moves,
    total,
    without_news,
)
from portfolio_bot.analytics.alert_states import AlertRule, AlertState, Measure, Round, Subject, Told
from portfolio_bot.analytics.returns import daily_returns, index
from portfolio_bot.analytics.series import Closing, Flow, Kept, Valuation
from portfolio_bot.analytics.transfers import SIDES, Matching, match
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.history import NavPoint, Origin
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import Complete, KnownAccount, Portfolio, ReadingState
from portfolio_bot.model.trade import Origin as FlowOrigin
from portfolio_bot.model.trade import Worth
from portfolio_bot.service.past import PastBook, beside_the_loop
from portfolio_bot.service.transfers import possible
from portfolio_bot.storage import ledger, snapshots
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

DAY: Final = timedelta(hours=24)
AROUND: Final = timedelta(hours=2)
"""The snapshot to compare with may be so much younger or older than a day."""

NEWS_OF_FLOWS: Final = timedelta(days=4)
"""A flow that left earlier is no news any more, when its record is read only now."""

FORGOTTEN: Final = timedelta(days=30)
"""An outflow that nobody explained for so long is let be."""

LAST_CLOSE: Final = timedelta(hours=36)
"""The growth since a close this old or older is a link over a gap."""

CLOSES_FOR_A_HIGH: Final = 7
"""With fewer closes than this every second day would be the best ever."""

RECORDS_COME: Final = timedelta(minutes=30)
"""So long after money came or went its record may still be missing."""

_EARLIER = timedelta(days=4)


class ReadsBook(Protocol):
    """Who reads the past."""

    async def book(self, currency: Kept = "USD", since: datetime | None = None) -> PastBook:
        """In a transaction of its own."""

    async def book_in(
        self, tx: Tx, matching: Matching, currency: Kept = "USD", since: datetime | None = None
    ) -> PastBook:
        """In one that is open."""


MatchesSince: TypeAlias = Callable[[Tx, datetime, datetime, Calendar], Awaitable[Matching]]
"""Who knows own transfers at one instant, since another."""


class ReadsSnapshots(Protocol):
    """Who reads snapshots; the module `storage.snapshots` does."""

    async def nav_points(self, tx: Tx, since: datetime, until: datetime) -> list[NavPoint]:
        """Complete ones, and imported instants."""

    async def at(self, tx: Tx, instant: datetime) -> Portfolio | None:
        """The newest at or before an instant."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Growth of one unit of money by the closes of earlier days.

    Attributes:
        day: of the one who looks: the closes are of days before it.
        peak_at: the instant of the highest close.
        level: at the last close.
    """

    day: date
    peak: Decimal
    peak_at: datetime
    level: Decimal
    last: datetime
    closes: int


class Heights:
    """The highest close so far, found once a day and again after flows were read; beside whatever else goes on.

    Imported closes are left out: nobody knows which flows lie behind them.
    """

    def __init__(self, past: ReadsBook, store: Store, calendar: Calendar) -> None:
        self._past, self._store, self._calendar = past, store, calendar
        self._found: Reached | None = None
        self._outdated = False
        self._looking: asyncio.Task[None] | None = None

    def outdated(self) -> None:
        """A flow came or changed: growth is another one."""
        self._outdated = True

    def of(self, at: datetime) -> Reached | None:
        """As of the day of an instant; None while it is looked for, or where there is nothing to find."""
        day = self._calendar.day(at)
        if self._found is not None and self._found.day == day and not self._outdated:
            return self._found
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(day), name="highest close")
        return None

    async def settle(self) -> None:
        """Wait until it is found."""
        if self._looking is not None:
            await asyncio.wait({self._looking})

    async def close(self) -> None:
        """Nobody needs it any more."""
        if self._looking is not None:
            self._looking.cancel()
            await self.settle()

    async def _look(self, day: date) -> None:
        self._outdated = False  # before: what comes meanwhile makes it outdated again
        try:
            book = await self._past.book("USD")
            async with self._store.read() as tx:
                first = await snapshots.first_at(tx)
            closes = [
                close for close in book.track.closings if close.day < day and first and close.valuation.at >= first
            ]
            work = partial(_highest, closes, book.track.valuations, book.track.all_flows, day)
            self._found = await beside_the_loop(work, len(book.track.valuations))
        except StorageError as error:
            self._outdated = True
            log.warning("the highest close is looked for later: %s", error)
        except Exception:  # an alert less must not cost the service its life
            log.exception("the highest close is not known")
        finally:
            self._looking = None


def _highest(
    closes: Sequence[Closing], series: Iterable[Valuation], flows: Sequence[Flow], day: date
) -> Reached | None:
    if not closes:
        return None
    first, last = closes[0].valuation.at, closes[-1].valuation.at
    points = index(daily_returns(closes, [one for one in series if first <= one.at <= last], flows))
    if not points:
        return Reached(day, Decimal(1), last, Decimal(1), last, len(closes))
    ends = {close.day: close.valuation.at for close in closes}
    best = max(points, key=lambda point: (point.value, point.day))
    return Reached(day, best.value, ends[best.day], points[-1].value, ends[points[-1].day], len(closes))


class AlarmLooks:
    """Makes a round of measures from a portfolio that was just stored.

    Args:
        past: as the figures have it.
        reads, matching: what is stored, and own transfers among it; a year is tried on others.
    """

    def __init__(
        self,
        past: ReadsBook,
        heights_: Heights,
        calendar: Calendar,
        reads: ReadsSnapshots = snapshots,
        matching: MatchesSince | None = None,
    ) -> None:
        self._past, self._heights, self._calendar = past, heights_, calendar
        self._reads, self._matching = reads, matching or _matching

    async def values(
        self, tx: Tx, now: Portfolio, states: Mapping[Subject, AlertState], limits: Limits
    ) -> tuple[list[Measure], frozenset[AlertRule]]:
        """What a complete snapshot says about values, and which rules could be judged by it.

        Args:
            tx: in which it is stored already.
        """
        before = await self._a_day_ago(tx, now)
        judged = {AlertRule.SHARE, AlertRule.DEPEG}
        starts = await self._starts(tx, states) if before is not None else {}
        found = moves(now, before, limits, starts)
        if before is not None:
            judged |= {AlertRule.ASSET, AlertRule.FX}
        known = self._known_height(now, limits)
        began = states.get(Subject(AlertRule.TOTAL), AlertState()).against
        compared = before if before is not None and _ids(now) == _ids(before) else None
        wanted = [compared.at - CREDITED, *([began] if began else [])] if compared is not None else []
        wanted += [known.last - CREDITED] if known is not None else []
        if wanted:
            lately = await self._lately(tx, now)
            wanted += [lately.at] if lately is not None else []
            matching = await self._matching(tx, now.at, min(wanted), self._calendar)
            book = await self._past.book_in(tx, matching, "USD", min(wanted))
            stretch = await self._stretch(tx, book, min(wanted), now.at)
            on_record = None if lately is None else without_news(now, lately, stretch)
            if compared is not None:
                found += _changed(book, stretch, now, compared, limits, began, on_record)
            if known is not None:
                found += _tall(book, stretch, now, known, limits, on_record)
        judged |= {one.subject.rule for one in found}
        return found, frozenset(judged)

    def _known_height(self, now: Portfolio, limits: Limits) -> Reached | None:
        """The highest close, where anybody wants to hear of it and the last one is near enough to count on from."""
        if limits.of(Subject(AlertRule.DRAWDOWN)) is None and limits.of(Subject(AlertRule.HIGH)) is None:
            return None
        known = self._heights.of(now.at)
        return known if known is not None and now.at - known.last <= LAST_CLOSE else None

    async def _a_day_ago(self, tx: Tx, now: Portfolio) -> Portfolio | None:
        """The complete snapshot of our own that lies nearest to a day ago; None where none is near enough."""
        wanted = now.at - DAY
        points = await self._reads.nav_points(tx, wanted - AROUND, wanted + AROUND)
        live = [point.at for point in points if point.origin is Origin.LIVE]
        nearest = min(live, key=lambda at: (abs(at - wanted), at), default=None)
        return None if nearest is None else await self._reads.at(tx, nearest)

    async def _lately(self, tx: Tx, now: Portfolio) -> Portfolio | None:
        """The newest complete snapshot of our own of which every record has come; None within a day."""
        points = await self._reads.nav_points(tx, now.at - DAY - AROUND, now.at - RECORDS_COME)
        newest = max((point.at for point in points if _is_live(point)), default=None)
        return None if newest is None else await self._reads.at(tx, newest)

    async def _starts(self, tx: Tx, states: Mapping[Subject, AlertState]) -> dict[Subject, Portfolio]:
        """The portfolios that what was raised was compared with."""
        found = {}
        for subject, state in states.items():
            if subject.rule is AlertRule.ASSET and state.against is not None:
                portfolio = await self._reads.at(tx, state.against)
                if portfolio is not None:
                    found[subject] = portfolio
        return found

    async def _stretch(self, tx: Tx, book: PastBook, since: datetime, until: datetime) -> Stretch:
        """Our own valuations from then on; what was imported tells nobody of a day."""
        points = await self._reads.nav_points(tx, since, until)
        elsewhere = {point.at for point in points if not _is_live(point)}
        series = [one for one in book.track.valuations if since <= one.at <= until and one.at not in elsewhere]
        return Stretch(series, book.track.all_flows)


def _changed(
    book: PastBook,
    stretch: Stretch,
    now: Portfolio,
    before: Portfolio,
    limits: Limits,
    began: datetime | None,
    on_record: Decimal | None,
) -> list[Measure]:
    """The total against a day ago; nothing where an account came or went, or a flow has no value yet."""
    limit = limits.of(Subject(AlertRule.TOTAL))
    if limit is None or any(before.at <= joint.at < now.at and not joint.cause for joint in book.joints):
        return []
    if _is_unpriced(book, before.at, now.at):
        return []
    measure = total(now, before, stretch, limit, began, on_record)
    return [] if measure is None else [measure]


def _tall(
    book: PastBook, stretch: Stretch, now: Portfolio, known: Reached, limits: Limits, on_record: Decimal | None
) -> list[Measure]:
    """The growth of one unit of money beside the highest close."""
    if _is_unpriced(book, known.last, now.at) or not isinstance(now.total_usd, Complete):
        return []
    growth = stretch.growth_since(known.last)
    if growth is None:
        return []
    levels = [known.level * (1 + grown / 100) for grown in growth]
    levels += [] if on_record is None else [levels[0] * on_record]
    enough = known.closes >= CLOSES_FOR_A_HIGH
    return heights(levels, known.peak, known.peak_at, now.total_usd.value.amount, limits, long_enough=enough)


def _is_unpriced(book: PastBook, since: datetime, until: datetime) -> bool:
    """Whether something crossed the border meanwhile whose value nobody knows yet."""
    return any(since <= at < until for at, _ in book.track.unpriced)


async def outflows(tx: Tx, at: datetime, states: Mapping[Subject, AlertState], calendar: Calendar) -> list[Measure]:
    """Money that left an account, that no own account received in time, and that nobody has explained."""
    matching = await _matching(tx, at, at - FORGOTTEN, calendar)
    found = []
    for flow in matching.unexplained:
        subject = Subject(AlertRule.OUTFLOW, "/".join(flow.key))
        left = flow.instant(calendar)
        is_news = at - left <= NEWS_OF_FLOWS or subject in states
        if flow.origin is not FlowOrigin.VENUE or not is_news:
            continue
        usd = flow.usd.usd if isinstance(flow.usd, Worth) else None
        told = Told(flow.account, usd, when=left, amount=flow.amount, words=(flow.asset,))
        found.append(Measure(subject, flow.amount, ZERO, told, confirmed=True))
    return found


def conditions(now: Portfolio, states: Mapping[Subject, AlertState], limits: Limits) -> Round:
    """What accounts say of themselves, whatever the state of the total; those that did not answer say nothing."""
    fresh = {one.id for one in now.accounts if isinstance(one, KnownAccount) and one.state is not ReadingState.STALE}
    away = {one for one in states if one.rule is AlertRule.COVERAGE and one.name not in fresh}
    return Round(now.at, coverages(now, limits), frozenset({AlertRule.COVERAGE}), frozenset(away))


def together(*rounds: Round) -> Round:
    """Several looks as one."""
    return Round(
        rounds[0].at,
        [measure for one in rounds for measure in one.measures],
        frozenset(rule for one in rounds for rule in one.judged),
        frozenset(subject for one in rounds for subject in one.away),
        frozenset(rule for one in rounds for rule in one.off),
    )


async def _matching(tx: Tx, at: datetime, since: datetime, calendar: Calendar) -> Matching:
    """Own transfers among the flows since then, and among those that may be their other sides."""
    flows = await ledger.flows(tx, kinds=SIDES, since=since - _EARLIER)
    return match(flows, at=at, calendar=calendar, verdicts=possible(await ledger.verdicts(tx), flows))


def _is_live(point: NavPoint) -> bool:
    return point.origin is Origin.LIVE


def _ids(portfolio: Portfolio) -> set[str]:
    return {account.id for account in portfolio.accounts}
