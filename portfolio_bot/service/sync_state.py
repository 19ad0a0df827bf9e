"""How reading the past of one account stands: kept while it goes on, shown at any moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.model.failure import Failure
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.ledger import Stream
from portfolio_bot.report.views import AccountSyncView, StreamView, SyncState
from portfolio_bot.storage.ledger import Counts, Progress

_LONGEST = timedelta(days=1)
"""No reading of one stream takes that long: one that was tried so much later than it came was cut off."""

_WHOLE = "account"
"""Stands for all streams of an account that could not even be asked which ones it has."""


@dataclass(slots=True)
class SyncStanding:
    """One account.

    Attributes:
        progress: of every stream that was ever tried, by name.
        streams: what there is to read; None until the source was asked.
        counts: what is stored.
        shares: of the present run, how much of each stream is read.
        current: the stream that is being read.
        running: between the first question of a run and the last.
        new: records that came with the present or the last run.
        trouble: why the account as a whole could not be read; None if it could.
        silent: the source tells nothing of its past.
        words: unclassified rows of the present run, by the venue's own word.
    """

    account: AccountId
    name: str
    progress: dict[str, Progress] = field(default_factory=dict)
    streams: list[Stream] | None = None
    counts: Counts = field(default_factory=Counts)
    shares: dict[str, Decimal] = field(default_factory=dict)
    current: str = ""
    running: bool = False
    new: int = 0
    trouble: Failure | None = None
    silent: bool = False
    words: Counter[str] = field(default_factory=Counter)

    def begin(self) -> None:
        """A run begins."""
        self.running, self.new, self.trouble, self.current = True, 0, None, ""
        self.shares.clear()
        self.words.clear()

    def end(self) -> None:
        """The run is over."""
        self.running, self.current = False, ""

    @property
    def failures(self) -> Sequence[Failure]:
        """Why something of it is not whole."""
        found = [one.failure for one in self.progress.values() if one.failure is not None]
        return found if self.trouble is None else [self.trouble, *found]

    def has_read(self, stream: Stream) -> bool:
        """Whether a stream was read to its end at least once, but for holes."""
        one = self.progress.get(stream.name)
        return one is not None and one.until > one.since and stream_view(one).state is not SyncState.WAITING

    def view(self) -> AccountSyncView:
        """As it is shown."""
        return AccountSyncView(
            self.account,
            self.name,
            self._state(),
            flows=self.counts.flows,
            trades=self.counts.trades,
            new=self.new,
            unclassified=self.counts.unclassified,
            unpriced=self.counts.unpriced,
            fraction=self._fraction(),
            streams=tuple(self._streams()),
        )

    def _state(self) -> SyncState:
        if self.silent:
            return SyncState.NONE
        if self.running:
            return SyncState.RUNNING
        return SyncState.FAILED if self.trouble is not None else state_of(self._streams())

    def _fraction(self) -> Decimal:
        if not self.running:
            return Decimal(self._state() is SyncState.DONE)
        if not self.streams:
            return Decimal(0)
        done = sum((self.shares.get(stream.name, Decimal(0)) for stream in self.streams), Decimal(0))
        return (done / len(self.streams)).quantize(Decimal("0.01"))

    def _streams(self) -> Iterable[StreamView]:
        known = {stream.name: stream for stream in self.streams or ()}
        others = [name for name in self.progress if name not in known]
        for name in (*known, *others):
            one = self.progress.get(name)
            if one is not None:
                yield self._seen(stream_view(one))
            else:
                yield self._seen(StreamView(name, known[name].title, keeps=known[name].keeps))
        if self.trouble is not None and not known and not others:
            yield self._seen(StreamView(_WHOLE, _WHOLE))

    def _seen(self, view: StreamView) -> StreamView:
        if self.running and self.current == view.name:
            return replace(view, state=SyncState.RUNNING)
        if self.running and self.streams and self.shares.get(view.name) is None:
            return replace(view, state=SyncState.WAITING)
        if self.trouble is not None:
            return replace(view, state=SyncState.FAILED, failure=view.failure or self.trouble)
        return view


def state_of(streams: Iterable[StreamView]) -> SyncState:
    """How an account stands with these streams, while nobody reads it."""
    states = {stream.state for stream in streams}
    if SyncState.FAILED in states:
        return SyncState.FAILED
    return SyncState.DONE if states == {SyncState.DONE} else SyncState.WAITING


def stream_view(one: Progress) -> StreamView:
    """A stream as it is stored; one whose reading was cut off waits to be gone on with."""
    read = one.until > one.since
    state = SyncState.DONE if one.failure is None else SyncState.FAILED
    if state is SyncState.DONE and (one.part or (one.tried_at and one.until < one.tried_at - _LONGEST)):
        state = SyncState.WAITING
    return StreamView(
        one.stream,
        one.title,
        one.since if read else None,
        one.until if read else None,
        one.keeps,
        state,
        one.failure,
        tuple(sorted({*one.gaps, *one.holes})),
    )
