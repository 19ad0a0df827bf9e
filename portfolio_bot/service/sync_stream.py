"""Reading a stretch of one stream: span after span, with the patience that a venue needs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.net.timing import deadline
from portfolio_bot.platforms.ledger import Batch, CutShort, KeepsLedger, Record, Span, Stream
from portfolio_bot.platforms.venue import Refused
from portfolio_bot.service.sync_plan import DAY, Part, Stride, near_horizon

log = logging.getLogger(__name__)

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
    start, end = stretch
    stride, seen, kept_back = Stride(stream.window), {token}, list[Batch]()
    inherited = part is not None
    while part is not None or start < end:
        span, at = part or (stride.span(start, end), token)
        try:
            batch = await _asked(asking, stream, span, at)
        except CutShort:
            stride.shorten(span)
            start, part, inherited, seen = (start if inherited else span.start), None, False, {token}
            kept_back.clear()
            continue
        except Refused as error:
            if inherited:
                part, inherited = None, False
                continue
            if error.failure.kind is not FailureKind.BAD_ANSWER or not near_horizon(stream, span.start, clock()):
                raise
            start = min(span.start + DAY, span.end)
            log.info("%s of %s: not kept before %s", stream.title, asking.source.account, start.date())
            yield Part(Span(span.start, start), kept=False)
            continue
        if batch.more:
            if batch.token in seen:
                raise SourceError.of(FailureKind.BAD_ANSWER, "the place to go on came twice")
            seen.add(batch.token)
            part, inherited = (span, batch.token), False
            if stream.replaces:  # what an answer lacks goes: only the whole of it tells what that is
                kept_back.append(batch)
            else:
                yield Part(span, batch.records, batch.void, token, rest=batch.token)
            continue
        yield _whole(span, [*kept_back, batch])
        start, token, part, inherited, seen = span.end, batch.token, None, False, {batch.token}
        kept_back.clear()
        stride.lengthen()


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
