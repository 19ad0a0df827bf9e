"""A venue in memory that keeps a ledger: seeded, bounded in its answers, and killed at any request one likes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.platforms.ledger import Batch, CutShort, Hints, Price, Record, Span, Stream
from tests.service.fakes import FakeSource, Hands

OPENED = date(2026, 9, 1)
START = datetime(2026, 9, 1, tzinfo=UTC)

Way = Literal["pages", "cut", "ids", "parts"]
"""How a stream gives more than one answer holds: page after page within one question, not at all (the span must be
shorter), from an id on, or part after part."""


class Killed(BaseException):
    """The process ended here."""


@dataclass(frozen=True)
class Shelf:
    """One stream's records."""

    stream: Stream
    records: Sequence[Record]
    way: Way = "pages"
    full: int = 5


@dataclass
class Requests:
    """Counts every request, and does at each what the script says.

    Attributes:
        kill_at: the request at which the process ends.
        script: by number: an error to raise.
    """

    made: int = 0
    kill_at: int = 0
    script: dict[int, Exception] = field(default_factory=dict)
    asked: list[tuple[str, Span, str]] = field(default_factory=list)

    def one_more(self) -> None:
        self.made += 1
        if self.made == self.kill_at:
            raise Killed
        if self.made in self.script:
            raise self.script[self.made]


class PastVenue(FakeSource):
    """A source with a past, and a present of nothing but a few coins."""

    def __init__(
        self,
        shelves: Sequence[Shelf],
        clock: Hands,
        *,
        account: str = "venue",
        requests: Requests | None = None,
        found: Callable[[Hints], Sequence[Shelf]] | None = None,
    ) -> None:
        super().__init__(account, {"BTC": "1"}, clock=clock)
        self.shelves: dict[str, Shelf] = {shelf.stream.name: shelf for shelf in shelves}
        self.requests = requests or Requests()
        self.opened = OPENED
        self.gate: Callable[[Stream, Span], None] = lambda stream, span: None
        self._found = found
        self._now = clock

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        if self._found is not None:
            self.requests.one_more()
            self.shelves |= {shelf.stream.name: shelf for shelf in self._found(hints)}
        return [shelf.stream for shelf in self.shelves.values()]

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        shelf = self.shelves[stream.name]
        self.requests.asked.append((stream.name, span, token))
        assert stream.window is None or span.end - span.start <= stream.window
        self.gate(stream, span)
        there = [one for one in shelf.records if at_of(one) < self._now()]
        match shelf.way:
            case "pages":
                return self._pages(shelf, within(there, span))
            case "cut":
                self.requests.one_more()
                rows = within(there, span)
                if len(rows) >= shelf.full:
                    raise CutShort
                return Batch(tuple(shuffled(rows)))
            case "ids":
                return self._from_id(shelf, there, token)
            case "parts":
                return self._part(shelf, within(there, span), token)

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        return None

    def _pages(self, shelf: Shelf, rows: Sequence[Record]) -> Batch:
        """Several requests, all or nothing; rows out of order, some on two pages."""
        found: list[Record] = []
        for first in range(0, max(len(rows), 1), shelf.full):
            self.requests.one_more()
            found += shuffled(rows[max(first - 1, 0) : first + shelf.full])
        return Batch(tuple(found))

    def _from_id(self, shelf: Shelf, rows: Sequence[Record], token: str) -> Batch:
        self.requests.one_more()
        later = [one for one in rows if one.id > token][: shelf.full]
        return Batch(tuple(later), token=later[-1].id if later else token, more=len(later) == shelf.full)

    def _part(self, shelf: Shelf, rows: Sequence[Record], token: str) -> Batch:
        self.requests.one_more()
        first = int(token or 0)
        some, rest = rows[first : first + shelf.full], len(rows) > first + shelf.full
        return Batch(tuple(shuffled(some)), token=str(first + shelf.full) if rest else "", more=rest)


def at_of(record: Record) -> datetime:
    assert isinstance(record.at, datetime)
    return record.at


def within(rows: Sequence[Record], span: Span) -> list[Record]:
    return [one for one in rows if span.start <= at_of(one) < span.end]


def shuffled(rows: Sequence[Record]) -> list[Record]:
    mixed = list(rows)
    random.Random(len(mixed)).shuffle(mixed)
    return mixed


def deposit(name: str, at: datetime, amount: str = "1", asset: str = "BTC", account: str = "venue") -> CashFlow:
    return CashFlow(name, account, FlowKind.DEPOSIT, at, asset, Decimal(amount), txid=f"0x{name}")


def withdrawal(name: str, at: datetime, *, settled: bool = True) -> CashFlow:
    fee = Fee("BTC", Decimal("0.0005"))
    return CashFlow(name, "venue", FlowKind.WITHDRAWAL, at, "BTC", Decimal("-0.5"), fee=fee, settled=settled)


def bought(name: str, at: datetime, base: str = "BTC") -> Trade:
    return Trade(
        name, "venue", at, Side.BUY, base, "USDT", Decimal(2), Decimal("10.50"), fees=(Fee("BNB", Decimal(1)),)
    )


def contract(name: str, at: datetime, symbol: str = "BTC-PERP") -> ContractTrade:
    return ContractTrade(name, "venue", at, Side.SELL, symbol, "USDT", Decimal(3), Decimal("9.9"))


def times(seed: int, count: int, until: datetime) -> list[datetime]:
    """Instants to the millisecond, some of them twice, in order."""
    chance = random.Random(seed)
    span = (until - START) // timedelta(milliseconds=1)
    drawn = [START + timedelta(milliseconds=chance.randrange(span)) for _ in range(count)]
    return sorted(chance.choice(drawn[:index]) if index % 7 == 6 else at for index, at in enumerate(drawn))


def whole_venue(seed: int, until: datetime) -> list[Shelf]:
    """Every way of paging at once; all in all some forty requests."""
    day = timedelta(days=1)
    deposits = [deposit(f"d{n}", at) for n, at in enumerate(times(seed, 14, until))]
    sent = [withdrawal(f"w{n}", at) for n, at in enumerate(times(seed + 1, 12, until))]
    fills = [bought(f"t{n:03}", at) for n, at in enumerate(times(seed + 2, 30, until))]
    contracts = [contract(f"c{n}", at) for n, at in enumerate(times(seed + 3, 12, until))]
    interest = [
        replace(deposit(f"i{n}", at, "0.01"), kind=FlowKind.INCOME, detail="earn")
        for n, at in enumerate(times(seed + 4, 20, until))
    ]
    return [
        Shelf(Stream("deposits", "deposits", window=30 * day, border=True), deposits, full=4),
        Shelf(Stream("withdrawals", "withdrawals", border=True), sent, "cut", full=4),
        Shelf(Stream("fills", "spot trades", again=timedelta(0)), fills, "ids", full=4),
        Shelf(Stream("contracts", "futures trades", window=20 * day), contracts, "parts", full=3),
        Shelf(Stream("earn", "interest", window=40 * day, replaces=True), interest, "parts", full=4),
    ]


def refused(kind: FailureKind = FailureKind.BAD_KEY, **more: object) -> SourceError:
    return SourceError.of(kind, **more)  # type: ignore[arg-type]


def renamed(records: Sequence[Record], ids: Mapping[str, str]) -> list[Record]:
    """The same records under other ids."""
    return [
        replace(one, id=ids.get(one.id, one.id))
        if isinstance(one, CashFlow)
        else one._replace(id=ids.get(one.id, one.id))
        for one in records
    ]
