"""IBKR's past out of its statements: each new one adds to what earlier ones told, and nothing is asked for it.

A statement is about the days of its template: a year, a month, the last business day. What they told is kept together,
so that a short period is enough once a past is known, as long as no business day between two statements is missing.
After a hole the past begins anew behind it, and the days before it are what was stored of them.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from xml.etree.ElementTree import Element

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.base import Memory
from portfolio_bot.platforms.claims import Claims
from portfolio_bot.platforms.ibkr_calendar import NEW_YORK, is_current
from portfolio_bot.platforms.ibkr_past import TICK, OldPrice, Section, Told, told
from portfolio_bot.platforms.ibkr_record_body import pack, pack_price, unpack, unpack_price
from portfolio_bot.platforms.ledger import Batch, Price, Record, Span, Stream
from portfolio_bot.platforms.sub_accounts import SHORT, Identities

OPENED = date(1995, 1, 1)
"""Before anybody could trade there by himself. How far back a query goes stands with each stream."""

SOURCE = "ibkr"

FORGOTTEN = timedelta(days=400)
"""What is older has been stored long since."""

CORRECTED = timedelta(days=35)
"""So much is offered again each time: statements are days behind, and the broker corrects the month before."""

_MARGIN = timedelta(hours=2)
_DAY = timedelta(days=1)
_PAST = "past"
_VERSION = 1
_HEAD = f"[{_VERSION},"

TITLES: Mapping[Section, str] = {
    Section.CASH: "deposits, dividends, interest and fees",
    Section.TRANSFERS: "transfers",
    Section.TRADES: "trades",
    Section.ACTIONS: "corporate actions",
}

_NEEDED = (Section.CASH, Section.TRANSFERS)
"""Without these money comes and goes unseen."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is known of one section.

    Attributes:
        first, last: every business day from one to the other was in a statement.
        records: by id; of days before `first` too.
    """

    first: date
    last: date
    records: Mapping[str, Record] = field(default_factory=dict)

    def with_more(self, first: date, last: date, records: Sequence[Record]) -> Stretch:
        """After one more statement; where both tell of a record the new one counts."""
        oldest = last - FORGOTTEN
        kept = {key: one for key, one in self.records.items() if _day(one) >= oldest}
        joined = {**kept, **{one.id: one for one in records}}
        if last < self.first or _business_days_between(self.last, first):
            return Stretch(first, last, joined) if last > self.last else replace(self, records=joined)
        return Stretch(max(min(first, self.first), oldest), max(last, self.last), joined)


class FlexPast:
    """Implements the methods of `ledger.KeepsLedger` for one token and query.

    Args:
        fetched: sends for a statement if one is due and waits for it; says why there is none.
    """

    def __init__(
        self,
        account: AccountId,
        memory: Memory,
        who: Identities,
        claims: Claims,
        clock: Clock,
        fetched: Callable[[], Awaitable[Failure | None]],
    ) -> None:
        self._account, self._memory, self._who, self._claims = account, memory, who, claims
        self._clock, self._fetched = clock, fetched
        claims.join(SOURCE, account, who.told())
        self._known: Mapping[Section, Stretch] = {}
        self._prices: tuple[OldPrice, ...] = ()
        self._keys: frozenset[str] = frozenset()
        self._loaded = False
        self._failure: Failure | None = None
        self._failures: Mapping[Section, Failure] = {}
        self.untold = not (memory.get(_PAST) or "").startswith(_HEAD)
        """No statement was looked into yet: a kept one is of a version that knew nothing of the past, or kept it
        otherwise."""

    async def take_in(self, root: Element) -> None:
        """Add what a statement tells. What cannot be read of it is remembered; its value may be known all the same."""
        self.untold = False
        self._load()
        try:
            # a year of a busy account takes a good part of a second: not in the loop
            found = await asyncio.to_thread(told, root, self._account, self._who)
        except SourceError as error:
            self._failure = error.failure
            return
        self._failure, self._failures = None, found.failures
        self._known = joined(self._known, found)
        oldest = found.last - FORGOTTEN
        self._prices = tuple(sorted({row for row in (*self._prices, *found.prices) if row[1] >= oldest}))
        self._keys = found.keys
        await self._memory.put(_PAST, dump(self._known, self._prices, self._keys))

    async def streams(self) -> Sequence[Stream]:
        """What crosses the border always, whether the query has it or not; the rest if it does.

        Raises:
            SourceError: there is no statement.
        """
        await self._ready()
        now = self._clock()
        told_of = {*_NEEDED, *self._known, *self._failures}
        sections = [section for section in Section if section in told_of]
        return [
            Stream(
                name=section.value,
                title=TITLES[section],
                keeps=self._keeps(section, now),
                again=CORRECTED,
                border=section in _NEEDED,
            )
            for section in sections
        ]

    async def past(self, stream: Stream, span: Span) -> Batch:
        """See `ledger.KeepsLedger`.

        Raises:
            SourceError: `bad_query`: the section is not ticked; `unavailable`: the newest statement is too old to tell
                of now; or why there is none, or why it could not be read.
        """
        await self._ready()
        section = Section(stream.name)
        if section in self._failures:
            raise SourceError(self._failures[section])
        known = self._known.get(section)
        if known is None:
            raise SourceError.of(FailureKind.BAD_QUERY, f'tick "{TICK[section]}" in the Flex query')
        if not is_current(known.last, self._clock()):
            raise SourceError.of(
                FailureKind.UNAVAILABLE, f"the newest statement with it is of {known.last.isoformat()}"
            )
        first, last = (span.start - _DAY).date(), span.end.date()
        mine = await self._claims.mine(SOURCE, self._account, self._keys)
        await self._who.keep_told(mine)
        told_here = told_by(known.records.values(), mine)
        return Batch(tuple(one for one in told_here if first <= _day(one) <= last))

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        """What IBKR itself put on securities that were transferred that day; it tells no other prices."""
        self._load()
        day = NEW_YORK.day(at)
        found = [row for row in self._prices if row[0] == asset and abs(row[1] - day) <= _DAY]
        if not found:
            return None
        _, _, amount, currency = min(found, key=lambda row: abs(row[1] - day))
        return Price(amount, currency, at)

    def _load(self) -> None:
        """What earlier lives were told; not at the start, where nobody needs it yet."""
        if not self._loaded:
            self._known, self._prices, self._keys = load(self._memory.get(_PAST), self._account)
            self._loaded = True

    async def _ready(self) -> None:
        failure = await self._fetched()
        self._load()
        if self._failure is not None:
            raise SourceError(self._failure)
        if not self._known and self.untold:
            raise SourceError(failure or Failure(FailureKind.IN_PROGRESS, "IBKR is making the statement"))

    def _keeps(self, section: Section, now: datetime) -> timedelta | None:
        known = self._known.get(section)
        return None if known is None else now - NEW_YORK.start(known.first) + _MARGIN


def joined(known: Mapping[Section, Stretch], found: Told) -> Mapping[Section, Stretch]:
    """What is known after one more statement. A section that it does not have stays as it was."""
    after = dict(known)
    for section, records in found.records.items():
        before = known.get(section) or Stretch(found.first, found.last)
        after[section] = before.with_more(found.first, found.last, records)
    return after


def told_by(records: Iterable[Record], keys: Collection[str]) -> list[Record]:
    """The records of these accounts. A move to or from any other account crosses their border."""
    short = {key[:SHORT] for key in keys}
    mine = [one for one in records if one.id.partition(":")[0] in short]
    sides = Counter(one.txid for one in mine if isinstance(one, CashFlow))
    return [
        _crossing(one) if isinstance(one, CashFlow) and one.wallets and sides[one.txid] == 1 else one for one in mine
    ]


def _crossing(side: CashFlow) -> CashFlow:
    return replace(side, kind=FlowKind.DEPOSIT if side.amount > 0 else FlowKind.WITHDRAWAL, wallets="")


def dump(known: Mapping[Section, Stretch], prices: Sequence[OldPrice], keys: Iterable[str]) -> str:
    """As text for a source's memory."""
    sections = {
        section: [one.first.isoformat(), one.last.isoformat(), [pack(record) for record in one.records.values()]]
        for section, one in known.items()
    }
    return json.dumps([_VERSION, sections, [pack_price(row) for row in prices], sorted(keys)], ensure_ascii=False)


def load(
    text: str | None, account: AccountId
) -> tuple[Mapping[Section, Stretch], tuple[OldPrice, ...], frozenset[str]]:
    """What `dump` wrote; nothing of what another version wrote."""
    if text is None or not text.startswith(_HEAD):
        return {}, (), frozenset()
    _, sections, prices, keys = json.loads(text)
    known = {}
    for name, (first, last, rows) in sections.items():
        records = [unpack(row, account) for row in rows]
        known[Section(name)] = Stretch(
            date.fromisoformat(first), date.fromisoformat(last), {one.id: one for one in records}
        )
    return known, tuple(unpack_price(row) for row in prices), frozenset(keys)


def _day(record: Record) -> date:
    return record.at.astimezone(UTC).date() if isinstance(record.at, datetime) else record.at


def _business_days_between(last: date, first: date) -> bool:
    """Whether a business day lies after the one and before the other."""
    day = last + _DAY
    while day < first:
        if day.weekday() < 5:
            return True
        day += _DAY
    return False
