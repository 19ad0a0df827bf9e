"""Which span of a stream is read next, and how far it is read then: pure functions over instants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.ledger import Record, Span, Stream
from portfolio_bot.storage.ledger import Progress

DAY = timedelta(days=1)
SHORTEST = timedelta(milliseconds=1)
"""What venues count in: a span cannot be halved below it."""

UNREADABLE = timedelta(hours=1)
"""A longer span whose answer cannot be read is halved: one bad row must not hide all that lies beside it."""

HOLES_IN_A_ROW = 3
"""So many spans that cannot be read one after the other: it is not the rows, it is the venue."""

AT_ONCE = timedelta(days=365)
"""At least, of a past that is read backwards where the venue takes any length; as much as is read, if that is more."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one question brought, and where that leaves a stream.

    Attributes:
        span: what was asked for.
        token: where a stream that counts by ids goes on after this span.
        rest: where to go on inside it; None if it is whole.
        kept: False for a span that the venue refuses because it lies too far back.
        failure: the answer could not be read, and the span cannot be shorter; None where it could.
    """

    span: Span
    records: Sequence[Record] = ()
    void: Sequence[str] = ()
    token: str = ""
    rest: str | None = None
    kept: bool = True
    failure: Failure | None = None

    @property
    def whole(self) -> bool:
        """Whether everything of its span came, now or before."""
        return self.rest is None


class Stride:
    """How long the next span is: as long as the venue takes; half as long after one that held too much."""

    def __init__(self, longest: timedelta | None) -> None:
        self._longest = self._length = longest

    def span(self, start: datetime, end: datetime) -> Span:
        """The next one, from `start`, not beyond `end`."""
        return Span(start, end if self._length is None else min(start + self._length, end))

    def shorten(self, span: Span) -> None:
        """That one was too long.

        Raises:
            SourceError: bad_answer, it cannot be shorter.
        """
        half = (span.end - span.start) / 2
        if half < SHORTEST:
            raise SourceError.of(FailureKind.BAD_ANSWER, "more in one millisecond than can be told")
        self._length = half

    def lengthen(self) -> None:
        """One was read whole: the next may be twice as long."""
        if self._length is not None:
            doubled = self._length * 2
            self._length = doubled if self._longest is None else min(doubled, self._longest)


def reach(stream: Stream, opened: date, wanted: datetime | None, now: datetime) -> datetime:
    """The earliest instant that is worth asking for.

    Args:
        opened: before this day the platform has nothing of anybody.
        wanted: the owner wants nothing older; None: everything.
    """
    start = datetime.combine(opened, time(), UTC)
    if wanted is not None:
        start = max(start, wanted)
    return min(max(start, horizon(stream, now) or start), now)


def horizon(stream: Stream, now: datetime) -> datetime | None:
    """Since when the venue keeps records, a little later, because time passes while it is asked; None: for ever."""
    if stream.keeps is None:
        return None
    return now - stream.keeps + min(timedelta(hours=1), stream.keeps / 24)


def near_horizon(stream: Stream, start: datetime, now: datetime) -> bool:
    """Whether a refused span begins so far back that the venue most likely does not keep it any more."""
    return stream.keeps is not None and start < now - stream.keeps + max(DAY, stream.keeps / 10)


def taken_up(known: Progress | None, account: AccountId, stream: Stream, earliest: datetime, now: datetime) -> Progress:
    """Where a stream stands before it is read.

    A stretch that the venue forgot while nobody asked becomes a gap. A stream that counts by ids knows no way back: if
    an earlier past is wanted it begins anew.
    """
    fresh = Progress(account, stream.name, stream.title, earliest, earliest, keeps=stream.keeps)
    if known is None or (known.since >= known.until and known.part is None):
        return fresh
    if known.token and earliest < known.since:
        return fresh
    known = replace(known, title=stream.title, keeps=stream.keeps, until=min(known.until, now))
    edge = horizon(stream, now)
    if edge is None or stream.keeps is None:
        return known
    forgotten = now - stream.keeps
    lost = tuple(hole for hole in known.holes if hole[1] <= forgotten)
    if lost:
        holes = tuple(hole for hole in known.holes if hole not in lost)
        known = replace(known, holes=holes, gaps=tuple(sorted((*known.gaps, *lost))))
    if known.part is not None and known.part[0][0] < forgotten:
        known = replace(known, part=None)
    if known.until >= forgotten:
        return known
    if known.since >= known.until:
        return fresh
    return replace(known, until=edge, gaps=(*known.gaps, (known.until, edge)))


def start_of(progress: Progress, stream: Stream, now: datetime, unsettled: datetime | None) -> datetime:
    """Where reading goes on: a little before it ended, since what was told last may have changed meanwhile.

    Args:
        unsettled: the oldest withdrawal that was on its way when it was read.
    """
    start = progress.until - stream.again
    if unsettled is not None:
        start = min(start, unsettled)
    oldest = max(progress.since, horizon(stream, now) or progress.since)
    return min(max(start, oldest), progress.until)


def moved(progress: Progress, part: Part, now: datetime) -> Progress:
    """How far a stream is read with one part more, read forwards."""
    progress = replace(progress, failure=_of_holes(progress), tried_at=now)
    start, end = part.span
    if not part.whole:
        return replace(progress, part=(part.span, part.rest or ""))
    progress = replace(progress, part=None)
    if part.failure is not None:
        return replace(with_hole(progress, part), until=max(progress.until, end))
    if part.kept:
        return replace(progress, until=max(progress.until, end), token=part.token)
    if progress.since >= progress.until:
        return replace(progress, since=end, until=end)
    if end <= progress.until:
        return progress
    return replace(progress, until=end, gaps=(*progress.gaps, (max(start, progress.until), end)))


def with_hole(progress: Progress, part: Part) -> Progress:
    """With a span that could not be read: to be asked for again."""
    start, end = part.span
    holes: list[tuple[datetime, datetime]] = []
    for one in sorted([*progress.holes, (start, end)]):
        if holes and one[0] <= holes[-1][1]:
            holes[-1] = holes[-1][0], max(holes[-1][1], one[1])
        else:
            holes.append(one)
    return replace(progress, holes=tuple(holes), failure=part.failure)


def mended(progress: Progress, hole: tuple[datetime, datetime], left: Sequence[Part]) -> Progress:
    """After a hole was read again: what is left of it."""
    progress = replace(progress, holes=tuple(one for one in progress.holes if one != hole))
    for part in left:
        progress = with_hole(progress, part)
    return replace(progress, failure=_of_holes(progress))


def _of_holes(progress: Progress) -> Failure | None:
    """What is wrong with a stream that is read but for its holes."""
    known = progress.failure
    if not progress.holes:
        return None
    return known if known is not None and known.kind is FailureKind.BAD_ANSWER else Failure(FailureKind.BAD_ANSWER)


def before(progress: Progress, stream: Stream, earliest: datetime) -> Span | None:
    """The next span of the past before what is read, read backwards; None if there is nothing to read."""
    if earliest >= progress.since or progress.token:
        return None
    length = stream.window or max(AT_ONCE, progress.until - progress.since)
    return Span(max(earliest, progress.since - length), progress.since)


def share(start: datetime, reached: datetime, end: datetime) -> Decimal:
    """How much of a stretch is done, 0 to 1, in hundredths."""
    if end <= start:
        return Decimal(1)
    hundredths = 100 * (reached - start) // (end - start)
    return Decimal(min(max(hundredths, 0), 100)) / 100
