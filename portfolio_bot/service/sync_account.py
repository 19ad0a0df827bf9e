"""Reading the past of one account: its streams one after the other, what each brings stored with how far it came."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import REFUSED, Failure, FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.trade import Trade
from portfolio_bot.platforms.ledger import Hints, KeepsLedger, Record, Span, Stream
from portfolio_bot.service import sync_plan
from portfolio_bot.service.sync_plan import Part
from portfolio_bot.service.sync_state import SyncStanding
from portfolio_bot.service.sync_stream import Asking, Patience, parts
from portfolio_bot.storage import accounts, ledger, memory
from portfolio_bot.storage.errors import StorageError, StoreClosed
from portfolio_bot.storage.ledger import Progress, Stored
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

OF_ONE_STREAM = frozenset({FailureKind.MISSING_RIGHT, FailureKind.BAD_QUERY})
"""Refusals that say nothing of the other streams."""

OF_THE_KEY = REFUSED - OF_ONE_STREAM

REFUSALS = 2
"""So many streams refused in a row, with nothing answered before: the key is refused."""

ROUNDS = 4
"""So many times the source is asked whether what was found leads to further streams."""

_TRACKED = "tracked"
_PREFIX = "sync."
_OTHER_NAMES = {"BTC": "XBT"}
_NOT_A_NAME = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the owner wants read.

    Attributes:
        since: nothing older; None: as far back as the venue goes.
        tracked: only trades of these; empty: all.
    """

    since: datetime | None = None
    tracked: frozenset[Asset] = frozenset()

    def narrowed(self, records: Iterable[Record]) -> list[Record]:
        """The records without trades that the owner does not follow. Flows are never left out."""
        return [record for record in records if not self.tracked or self._followed(record)]

    def _followed(self, record: Record) -> bool:
        if isinstance(record, CashFlow):
            return True
        if isinstance(record, Trade):
            return record.base in self.tracked
        words = _NOT_A_NAME.split(record.contract.upper())
        names = {*self.tracked, *(_OTHER_NAMES[asset] for asset in self.tracked & _OTHER_NAMES.keys())}
        return any(word.startswith(name) for word in words for name in names)


class AccountReading:
    """One account, for one run.

    Args:
        standing: kept up to date all the while.
        told: called after every change of it.
        news: called with what each batch changed, after it is stored.
    """

    def __init__(
        self,
        source: KeepsLedger,
        standing: SyncStanding,
        store: Store,
        clock: Clock,
        wishes: Wishes,
        patience: Patience,
        *,
        told: Callable[[], None],
        news: Callable[[Stored, Sequence[Record]], None],
    ) -> None:
        self._source, self._standing, self._store, self._clock = source, standing, store, clock
        self._wishes, self._told, self._news = wishes, told, news
        self._asking = Asking(source, clock, patience)
        self._refused = 0
        self._given_up: Failure | None = None

    async def run(self) -> None:
        """Read what there is to read; what fails is kept with its stream, and never stops the others.

        Raises:
            StorageError: the database cannot be written.
        """
        await self._widened()
        read: set[str] = set()
        hints: Hints | None = None
        for _ in range(ROUNDS):
            found = await self._hints()
            if found == hints:
                break
            hints = found
            streams = await self._streams(hints)
            for stream in streams:
                if stream.name not in read:
                    read.add(stream.name)
                    await self._one(stream)
            if self._given_up is not None:
                return
        await self._forgive(read)

    async def tail(self, streams: Iterable[Stream]) -> Stored:
        """Look at the newest span of these streams, without moving how far they are read."""
        found = Stored()
        for stream in streams:
            now, known = self._clock(), self._standing.progress.get(stream.name)
            longest = stream.again if stream.window is None else min(stream.again, stream.window)
            token = known.token if known is not None else ""
            stretch = Span(now - longest, now)
            async for part in parts(self._asking, stream, stretch, clock=self._clock, token=token):
                found += await self._store_part(stream, part, None)
        return found

    async def _hints(self) -> Hints:
        account = self._source.account
        async with self._store.read() as tx:
            recorded = await ledger.assets_of(tx, account)
            statement = (await accounts.last_good(tx)).get(account)
        held = frozenset(row.asset for row in statement.holdings) if statement is not None else frozenset[Asset]()
        return Hints(recorded | held, self._wishes.tracked)

    async def _streams(self, hints: Hints) -> Sequence[Stream]:
        """What there is to read, what crosses the border first."""
        try:
            found = await self._asking.ask(lambda: self._source.streams(hints))
        except SourceError as error:
            self._given_up = self._standing.trouble = error.failure
            _log_failure(self._source.account, "what there is to read", error.failure, None)
            return []
        except TimeoutError:
            self._given_up = self._standing.trouble = Failure(FailureKind.TIMEOUT)
            return []
        self._standing.streams = sorted(found, key=lambda stream: not stream.border)
        self._standing.silent = not found
        self._told()
        return self._standing.streams

    async def _one(self, stream: Stream) -> None:
        progress = self._taken_up(stream)
        if self._given_up is not None:
            await self._failed(stream, self._given_up, quiet=True)
            return
        self._standing.current = stream.name
        self._told()
        try:
            await self._read(stream, progress)
        except SourceError as error:
            await self._failed(stream, self._judged(error.failure))
        except StorageError:
            raise
        except Exception:  # a bug in one reader must not cost the account its other streams
            log.exception("%s: a bug in reading %s", self._source.account, stream.title)
            await self._failed(stream, Failure(FailureKind.BUG))
        self._standing.shares[stream.name] = Decimal(1)
        self._standing.current = ""
        self._told()

    def _taken_up(self, stream: Stream) -> Progress:
        now = self._clock()
        earliest = sync_plan.reach(stream, self._source.opened, self._wishes.since, now)
        known = self._standing.progress.get(stream.name)
        return sync_plan.taken_up(known, self._source.account, stream, earliest, now)

    async def _read(self, stream: Stream, progress: Progress) -> None:
        """From where it ended to now; then further back, if an earlier past is wanted than before."""
        now = self._clock()
        earliest = sync_plan.reach(stream, self._source.opened, self._wishes.since, now)
        async with self._store.read() as tx:
            unsettled = await ledger.unsettled_since(tx, self._source.account, stream.name)
        progress = await self._mend(stream, progress)
        start = sync_plan.start_of(progress, stream, now, unsettled)
        began = progress.until
        part = None if progress.part is None else (Span(*progress.part[0]), progress.part[1])
        forwards = parts(self._asking, stream, Span(start, now), clock=self._clock, token=progress.token, part=part)
        any_came = False
        async for one in forwards:
            any_came = True
            progress = sync_plan.moved(progress, one, self._clock())
            await self._store_part(stream, one, progress)
            self._standing.shares[stream.name] = sync_plan.share(began, progress.until, now)
        if not any_came:
            await self._note(replace(progress, failure=None if not progress.holes else progress.failure, tried_at=now))
        while (span := sync_plan.before(progress, stream, earliest)) is not None:
            progress = await self._read_back(stream, progress, span)
            if progress.since > span.start:
                break  # the venue keeps no more

    async def _mend(self, stream: Stream, progress: Progress) -> Progress:
        """Ask again for what could not be read before."""
        for hole in progress.holes:
            left: list[Part] = []
            try:
                async for part in parts(self._asking, stream, Span(*hole), clock=self._clock):
                    await self._store_part(stream, part, None)
                    left += [part] if part.failure is not None else []
            except SourceError as error:
                if error.failure.kind is not FailureKind.BAD_ANSWER:
                    raise
                continue  # as it was; what came after it is read all the same
            progress = sync_plan.mended(progress, hole, left)
            await self._note(progress)
        return progress

    async def _read_back(self, stream: Stream, progress: Progress, span: Span) -> Progress:
        """A span before what is read: it counts when it is whole."""
        since = span.start
        async for part in parts(self._asking, stream, span, clock=self._clock):
            since = since if part.kept else part.span.end
            whole = part.whole and part.span.end >= span.end
            if part.failure is not None:
                progress = sync_plan.with_hole(progress, part)
            if whole:
                progress = replace(progress, since=since, tried_at=self._clock())
            await self._store_part(stream, part, progress if whole else None)
        return progress

    async def _store_part(self, stream: Stream, part: Part, progress: Progress | None) -> Stored:
        account, records = self._source.account, self._wishes.narrowed(part.records)
        answered = part.whole and part.kept and part.failure is None
        replaced = part.span if stream.replaces and answered else None
        if part.failure is not None:
            known = self._standing.progress.get(stream.name)
            title = f"{stream.title} of {part.span.start:%Y-%m-%d}"
            _log_failure(account, title, part.failure, known.failure if known else None)

        async def write(tx: Tx) -> Stored:
            return await ledger.store(
                tx, account, stream.name, records, progress=progress, void=part.void, replaced=replaced
            )

        stored = await self._store.write(write)
        if progress is not None:
            self._standing.progress[stream.name] = progress
            self._standing.new += stored.new
        self._standing.words.update(
            record.detail for record in records if isinstance(record, CashFlow) and record.kind is _UNCLASSIFIED
        )
        self._news(stored, records)
        self._told()
        return stored

    def _judged(self, failure: Failure) -> Failure:
        """What a refusal means: of one stream while others answer it is a want of rights; of all, the key's."""
        if failure.kind not in OF_THE_KEY:
            return failure
        if self._asking.answered:
            return replace(failure, kind=FailureKind.MISSING_RIGHT)
        self._refused += 1
        if failure.final or self._refused >= REFUSALS:
            self._given_up = failure
        return failure

    async def _failed(self, stream: Stream, failure: Failure, *, quiet: bool = False) -> None:
        known = self._standing.progress.get(stream.name)
        if not quiet:
            _log_failure(self._source.account, stream.title, failure, known.failure if known else None)
        progress = replace(self._taken_up(stream), failure=failure, tried_at=self._clock())
        with contextlib.suppress(StoreClosed):  # connections end first at a stop; the next life asks again
            await self._note(progress)

    async def _forgive(self, offered: Collection[str]) -> None:
        """A stream that the source does not offer any more cannot be mended, so its failure is none either."""
        for name, progress in list(self._standing.progress.items()):
            if name not in offered and progress.failure is not None:
                await self._note(replace(progress, failure=None, tried_at=None, part=None))

    async def _note(self, progress: Progress) -> None:
        await self._store.write(lambda tx: ledger.put_progress(tx, progress))
        self._standing.progress[progress.stream] = progress

    async def _widened(self) -> None:
        """Trades that were left out before and are followed now are read from the beginning."""
        account, now = self._source.account, ",".join(sorted(self._wishes.tracked))
        key = _PREFIX + _TRACKED
        async with self._store.read() as tx:
            before = (await memory.all(tx, account)).get(key, "")
        if before == now:
            return
        again = () if _within(now, before) else tuple(self._standing.progress)

        async def note(tx: Tx) -> None:
            await ledger.forget_progress(tx, account, again)
            await memory.put(tx, account, key, now or None)

        await self._store.write(note)
        for name in again:
            del self._standing.progress[name]


_UNCLASSIFIED = FlowKind.UNCLASSIFIED


def _within(now: str, before: str) -> bool:
    """Whether everything that is followed now was followed before; nothing named is everything."""
    return not before or (bool(now) and set(now.split(",")) <= set(before.split(",")))


def _log_failure(account: str, title: str, failure: Failure, before: Failure | None) -> None:
    if before is None or before.kind is not failure.kind:
        detail = f" ({failure.detail})" if failure.detail else ""
        log.warning("%s: %s cannot be read: %s%s", account, title, failure.kind, detail)
