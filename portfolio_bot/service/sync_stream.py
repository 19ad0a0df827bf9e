"""Reading a stretch of one stream: span after span, with the patience that a venue needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.net.timing import deadline
from portfolio_bot.platforms.ledger import Batch, CutShort, KeepsLedger, Record, Span, Stream
from portfolio_bot.platforms.venue import Refused
from portfolio_bot.service.sync_plan import DAY, HOLES_IN_A_ROW, UNREADABLE, Part, Stride, near_horizon

T = TypeVar("T")

PASSING = frozenset({FailureKind.UNREACHABLE, FailureKind.TIMEOUT, FailureKind.UNAVAILABLE})
"""Failures that the next minute may mend."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a question may take, and how long is waited before it is put again.

    Attributes:
        call: seconds for all pages of one span; background calls queue for room in the venue's count.
        pauses: seconds before each further try after a failure that may pass.
        limited: seconds to wait where a venue that limits us names no time.
        longest: the longest time a venue may make us wait at once, seconds.
        limits: so many times in a row it may do that.
    """

    call: float = 900.0
    pauses: tuple[float, ...] = (2.0, 10.0)
    limited: float = 60.0
    longest: float = 1200.0
    limits: int = 5


class Asking:
    """Puts questions to one source.

    Attributes:
        answered: a question about the past was answered at least once.
        asked: how many questions were put.
    """

    def __init__(self, source: KeepsLedger, clock: Clock, patience: Patience) -> None:
        self.source = source
        self._clock, self._patience = clock, patience
        self.answered = False
        self.asked = 0

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer; what passes by itself is waited for, up to a bound.

        Raises:
            CutShort: as the source.
            SourceError: what did not pass.
            TimeoutError: it took too long altogether.
        """
        tries = limits = 0
        while True:
            self.asked += 1
            try:
                answer = await self._once(question)
            except SourceError as error:
                failure = error.failure
                if failure.kind is FailureKind.RATE_LIMITED and limits < self._patience.limits:
                    wait = self._limited(failure)
                    limits += 1
                elif failure.kind in PASSING and tries < len(self._patience.pauses):
                    wait = self._patience.pauses[tries]
                    tries += 1
                else:
                    raise
                if wait > self._patience.longest:
                    raise
                await asyncio.sleep(wait)
            else:
                return answer

    async def _once(self, question: Callable[[], Awaitable[T]]) -> T:
        patience = self._patience.call
        deadline.set(asyncio.get_running_loop().time() + patience)
        async with asyncio.timeout(patience):
            return await question()

    def _limited(self, failure: Failure) -> float:
        if failure.retry_at is None:
            return self._patience.limited
        return max((failure.retry_at - self._clock()).total_seconds(), 0.0)


async def parts(
    asking: Asking,
    stream: Stream,
    stretch: Span,
    *,
    clock: Clock,
    token: str = "",
    part: tuple[Span, str] | None = None,
) -> AsyncIterator[Part]:
    """Read a stretch, oldest first, as many spans as it takes.

    Args:
        token: what the batch before ended with.
        part: a span that was begun in an earlier life, and where to go on in it. If that way leads nowhere any more,
            the stretch is read from its start.

    Raises:
        SourceError: a span could not be read; those before it have come.
    """
    walk = _Walk(stream, stretch, clock, token, part)
    while not walk.over:
        span, at = walk.ahead()
        try:
            batch = await _asked(asking, stream, span, at)
        except CutShort:
            walk.too_much(span)
        except SourceError as error:
            missed = walk.missed(span, error)
            if missed is not None:
                yield missed
        else:
            found = walk.taken(span, batch)
            if found is not None:
                yield found


class _Walk:
    """Where in a stretch one is, and how far the next step goes."""

    def __init__(self, stream: Stream, stretch: Span, clock: Clock, token: str, part: tuple[Span, str] | None) -> None:
        self._stream, self._clock = stream, clock
        self._start, self._end = stretch
        self._token, self._part = token, part
        self._inherited = part is not None
        self._stride = Stride(stream.window)
        self._seen = {token}
        self._kept_back: list[Batch] = []
        self._holes = 0

    @property
    def over(self) -> bool:
        """Whether the end is reached."""
        return self._part is None and self._start >= self._end

    def ahead(self) -> tuple[Span, str]:
        """What to ask for next, and where to go on in it."""
        return self._part or (self._stride.span(self._start, self._end), self._token)

    def too_much(self, span: Span) -> None:
        """The span held more than could be told: a shorter one from the same start.

        Raises:
            SourceError: it cannot be shorter.
        """
        self._stride.shorten(span)
        self._anew(span)

    def missed(self, span: Span, error: SourceError) -> Part | None:
        """A span that failed: what is to be noted of it, None if it is to be asked for in another way.

        Raises:
            SourceError: there is no other way.
        """
        if error.failure.kind is not FailureKind.BAD_ANSWER:
            raise error
        if self._inherited:
            self._anew(span)
            return None
        if self._token:
            raise error
        self._anew(span)
        if isinstance(error, Refused):
            if not near_horizon(self._stream, span.start, self._clock()):
                raise error
            self._start = min(span.start + DAY, span.end)
            return Part(Span(span.start, self._start), kept=False)
        if span.end - span.start > UNREADABLE:
            self._stride.shorten(span)
            return None
        self._holes += 1
        if self._holes >= HOLES_IN_A_ROW:
            raise error
        self._start = span.end
        return Part(span, failure=error.failure)

    def taken(self, span: Span, batch: Batch) -> Part | None:
        """What an answer brought; None if it is kept back until all of its span is there.

        Raises:
            SourceError: bad_answer, it leads back to where one was.
        """
        self._inherited = False
        if not batch.more:
            found = _whole(span, [*self._kept_back, batch])
            self._start, self._token, self._part, self._seen = span.end, batch.token, None, {batch.token}
            self._kept_back.clear()
            self._stride.lengthen()
            self._holes = 0
            return found
        if batch.token in self._seen:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the place to go on came twice")
        self._seen.add(batch.token)
        self._part = span, batch.token
        if self._stream.replaces:  # what an answer lacks goes: only the whole of it tells what that is
            self._kept_back.append(batch)
            return None
        return Part(span, batch.records, batch.void, self._token, rest=batch.token)

    def _anew(self, span: Span) -> None:
        """From the beginning of a span, or of the stretch where the span was begun in an earlier life."""
        if not self._inherited:
            self._start = span.start
        self._part, self._inherited, self._seen = None, False, {self._token}
        self._kept_back.clear()


async def _asked(asking: Asking, stream: Stream, span: Span, token: str) -> Batch:
    """One question; one that takes too long is put again for half the time, like one that holds too much."""
    try:
        batch = await asking.ask(lambda: asking.source.past(stream, span, token))
    except TimeoutError:
        if span.end - span.start > timedelta(hours=1):
            raise CutShort from None
        raise SourceError.of(FailureKind.TIMEOUT) from None
    asking.answered = True
    return batch


def _whole(span: Span, batches: list[Batch]) -> Part:
    records: list[Record] = []
    void: list[str] = []
    for batch in batches:
        records += batch.records
        void += batch.void
    return Part(span, records, void, batches[-1].token)
