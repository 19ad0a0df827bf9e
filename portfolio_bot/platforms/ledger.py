"""What a source can tell of its past: streams of cash flows and trades, read in spans of time.

A source knows its endpoints; when to read what, what is done and what is stored is the business of `service.sync`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Trade
from portfolio_bot.platforms.venue import Api, Refused

Record: TypeAlias = CashFlow | Trade | ContractTrade
"""One row of a ledger."""


class Span(NamedTuple):
    """Instants, aware UTC: the start belongs to it, the end does not."""

    start: datetime
    end: datetime


class CutShort(Exception):
    """A span holds more than one question can bring, and there is no way to page on: ask for a shorter one."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of a span, whole and checked; stored in one transaction with how far they reach.

    Attributes:
        records: in any order; the same one twice is welcome. Those outside the span are stored too.
        void: ids of records that may have been stored and turned out never to have happened (a withdrawal that
            failed, a deposit that was rolled back).
        token: where to go on, for a stream that counts by ids rather than by time; "" otherwise.
        more: the span is not finished: ask for it again with `token`. What came so far may be kept.
    """

    records: tuple[Record, ...] = ()
    void: tuple[str, ...] = ()
    token: str = ""
    more: bool = False


RECENT = timedelta(days=3)
"""Statuses change after the fact: so much of the past is read again each time."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One endpoint's history, or several that are read together.

    Attributes:
        name: progress hangs on it; unique within the account: never change it.
        title: as people see it: `deposits`, `spot trades BTCUSDT`.
        window: the longest span that the venue takes; None: any, also all of its past at once.
        keeps: how far back the venue goes; None: to its beginning.
        again: how much of what was read before is read again each time.
        border: tells what crosses the account's border (deposits, withdrawals): read first, and after every snapshot.
        replaces: the venue gives old records new ids: what was stored of a span and is not in its newest answer goes.
    """

    name: str
    title: str
    window: timedelta | None = None
    keeps: timedelta | None = None
    again: timedelta = RECENT
    border: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of an account, for a venue that must be asked market by market.

    Attributes:
        assets: every asset that it holds or that its stored records name.
        tracked: what the owner narrowed trades to; empty = all.
    """

    assets: frozenset[Asset] = frozenset()
    tracked: frozenset[Asset] = frozenset()


@runtime_checkable
class KeepsLedger(Protocol):
    """A source that can tell its past."""

    @property
    def account(self) -> AccountId:
        """Whose account this is."""

    @property
    def opened(self) -> date:
        """The day before which the platform has no records of anybody."""

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        """What there is to read; may ask the venue which markets come into question.

        Raises:
            SourceError: it could not be asked.
        """

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        """The records of a span, all pages of it, or a part of them with `more`.

        Raises:
            CutShort: the span holds more than can be told.
            SourceError: any page failed, or the pages contradict each other (a cursor that comes again).
        """

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        """What one unit was worth on this venue at an instant; None if it has no market or remembers none.

        Raises:
            SourceError: it could not be asked.
        """


class Price(NamedTuple):
    """A price of the past.

    Attributes:
        amount: > 0, of `quote` for one unit.
        quote: `USD`, a crypto dollar, another coin or a currency: whoever asked goes on from there.
        at: the moment it describes, aware UTC.
    """

    amount: Decimal
    quote: Asset
    at: datetime


def _nobody(_uid: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to a stream of a venue that ccxt signs for.

    Attributes:
        api: raw calls in the lane for background work.
        account: whose records are made.
        span: which instants are wanted.
        token: `Batch.token` of the batch before; "" at the beginning.
        apart: whether the sub-account of that number has a credential of its own here, which tells its side of what
            it gets and gives; with "": whether any sub-account has.
    """

    api: Api
    account: AccountId
    span: Span
    token: str = ""
    apart: Callable[[str], bool] = _nobody


Read: TypeAlias = Callable[[Ask], Awaitable[Batch]]


A_YEAR = timedelta(days=365)


def while_remembered(read: Read) -> Read:
    """For a venue that does not say how far back it goes: what it refuses of over a year ago, it has forgotten."""

    async def remembered(ask: Ask) -> Batch:
        try:
            return await read(ask)
        except Refused as error:
            long_ago = ask.span.end < datetime.now(UTC) - A_YEAR
            if long_ago and error.failure.kind is FailureKind.BAD_ANSWER:
                return Batch()
            raise

    return remembered


@dataclass(frozen=True, slots=True)
class StreamReader:
    """A stream and how it is read."""

    stream: Stream
    read: Read


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a venue file says of its past: `LEDGER = Ledger(...)` in `venues/<name>_ledger.py`.

    Attributes:
        opened: the day the venue began.
        streams: what every account has.
        found: further ones that depend on the account (one per market); may ask the venue.
        price: units of the second asset for one of the first, of the minute (else hour, day) of an instant; None if
            there is no such market or it is not remembered.
        bridges: the second assets to try, best first.
    """

    opened: date
    streams: tuple[StreamReader, ...]
    found: Callable[[Api, Hints], Awaitable[Sequence[StreamReader]]] | None = None
    price: Callable[[Api, Asset, Asset, datetime], Awaitable[Decimal | None]] | None = None
    bridges: tuple[Asset, ...] = field(default=("USD", "USDT", "USDC", "BTC", "ETH"))
