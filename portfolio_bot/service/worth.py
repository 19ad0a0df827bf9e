"""What every flow, trade and fee was worth in USD at its own moment, filled in behind the reading of them.

A value is looked up once and stays with its record. What has no price is said to have none and looked for again, less
and less often. All of it happens in rounds of a few questions in the background: nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portfolio_bot.analytics.worth import priced_contract, priced_flow, priced_trade
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Trade, Worth
from portfolio_bot.platforms.base import Source
from portfolio_bot.platforms.ledger import Record
from portfolio_bot.platforms.limits import in_background
from portfolio_bot.service.at_hand import GIVES_WAY, AtHand, Units, lacking, without_lists
from portfolio_bot.service.past_price import Enough, Moment, NotNow, PastDollars, PastPrices, PastRates
from portfolio_bot.storage import ledger
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.ledger import BY_HAND
from portfolio_bot.storage.ledger_rows import is_priced
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

QUESTIONS = 50
"""Asked in one round at most."""

PAGE = 1000
"""Records of each kind that one round looks at."""

BETWEEN = 1.0
"""Seconds between two rounds while there is more to do."""

IDLE = 600.0
"""Seconds until what has no price is looked at again, where nothing new comes."""

_WRITTEN_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did.

    Attributes:
        tried: records that it looked at.
        priced: those that have all their values now.
        more: a further round may do more at once.
    """

    tried: int = 0
    priced: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Lacking:
    """What has no value yet.

    Attributes:
        records: how many.
        assets: whose prices are missing.
    """

    records: int = 0
    assets: frozenset[Asset] = frozenset()


class Appraiser:
    """Fills in values; a part of the service.

    Args:
        sources: by account.
        rates, dollars: of the past; None where nobody is asked.
        calendar: of the owner, for records of which only the day is known.
        questions, between, idle: as `QUESTIONS`, `BETWEEN`, `IDLE`.

    Attributes:
        on_priced: each is called after values were stored; it must return at once.
    """

    name = "worth"

    def __init__(
        self,
        store: Store,
        sources: Mapping[AccountId, Source],
        *,
        calendar: Calendar,
        clock: Clock,
        rates: PastRates | None = None,
        dollars: PastDollars | None = None,
        questions: int = QUESTIONS,
        between: float = BETWEEN,
        idle: float = IDLE,
    ) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._prices = PastPrices(store, sources, clock, rates=rates, dollars=dollars)
        self._questions, self._between, self._idle = questions, between, idle
        self._nobody = PastPrices(store, {}, clock, rates=None, dollars=None)
        self._nudged = asyncio.Event()
        self._rounds = asyncio.Lock()
        self._serving = False
        self.on_priced: list[Callable[[], None]] = []

    def nudge(self) -> None:
        """Something new is stored."""
        self._nudged.set()

    def look_again(self) -> None:
        """Prices were imported: what had none may have one now."""
        self._prices.forget()
        self.nudge()

    async def serve(self, stop: asyncio.Event) -> None:
        """Until the stop; what is under way then is cut off and done again."""
        stopping = asyncio.create_task(stop.wait())
        working: asyncio.Task[Round] | None = None
        self._serving = True
        try:
            while not stop.is_set():
                self._nudged.clear()
                working = asyncio.create_task(self._guarded(), name="worth")
                await asyncio.wait({stopping, working}, return_when="FIRST_COMPLETED")
                if working.done():
                    await self._pause(stopping, more=working.result().more)
        finally:
            self._serving = False
            stopping.cancel()
            if working is not None and not working.done():
                working.cancel()
                await asyncio.wait({working})

    async def catch_up(self, within: float) -> None:
        """After a reading of the past: beside a service in the background; without one here, for so many seconds."""
        if self._serving:
            self.nudge()
        else:
            await self.settle(within)

    async def at_once(self, within: float) -> Lacking:
        """Values of what was typed or imported, while somebody waits: from what is stored, then by asking around.

        Whoever cannot be asked within so many seconds gives way to what is stored, whatever its age, and to par.

        Returns:
            What still lacks a value.
        """
        left = await self._fill(last=False)
        if left.records:
            await self.settle(within)
            left = await self._fill(last=True)
        return left

    async def revalue(self, assets: Collection[Asset]) -> int:
        """Prices of these assets were imported: what an older list or par had valued gets its value from them.

        Returns:
            How many records have another value now.
        """
        self.look_again()
        async with self._store.read() as tx:
            at_hand = await AtHand.of(tx, self._nobody, last=False)
            records = await ledger.valued_by(tx, GIVES_WAY)
        anew: list[Record] = []
        for number, record in enumerate(records):
            bare = without_lists(record, assets)
            if bare is not record:
                found = await self._valued(bare, at_hand)
                if is_priced(found) and found != record:
                    anew.append(found)
            if number % _WRITTEN_AT_ONCE == 0:
                await asyncio.sleep(0)
        await self._write_all(anew)
        return len(anew)

    async def _fill(self, *, last: bool) -> Lacking:
        async with self._store.read() as tx:
            waiting = await ledger.waiting(tx)
            careful = await AtHand.of(tx, self._nobody, last=False)
            at_hand = await AtHand.of(tx, self._nobody, last=True) if last else careful
        done: list[Record] = []
        left: list[Record] = []
        for number, record in enumerate(waiting):
            # what a platform told waits for a better price than the last resort
            found = await self._valued(record, at_hand if record.origin in BY_HAND else careful)
            if found != record:
                done.append(found)
            if not is_priced(found):
                left.append(found)
            if number % _WRITTEN_AT_ONCE == 0:
                await asyncio.sleep(0)
        await self._write_all(done)
        return Lacking(len(left), frozenset[Asset]().union(*map(lacking, left)))

    async def _write_all(self, records: Sequence[Record]) -> None:
        for start in range(0, len(records), _WRITTEN_AT_ONCE):
            await self._write(list(records[start : start + _WRITTEN_AT_ONCE]))

    async def settle(self, within: float) -> int:
        """Rounds until nothing more comes of them, or for so many seconds; how many records have all their values."""
        priced = 0
        try:
            async with asyncio.timeout(within):
                while True:
                    done = await self.round()
                    priced += done.priced
                    if not done.more:
                        break
        except TimeoutError:
            pass
        return priced

    async def round(self) -> Round:
        """One round.

        Raises:
            StorageError: the database cannot be used.
        """
        async with self._rounds:
            return await self._round()

    async def _round(self) -> Round:
        self._prices.begin(self._questions)
        async with self._store.read() as tx:
            flows, trades = await ledger.unpriced(tx, limit=PAGE)
        waiting: list[Record] = [*flows, *trades]
        tried = priced = 0
        exhausted = False
        done: list[Record] = []
        with in_background():
            for record in waiting:
                try:
                    done.append(await self._valued(record, self._prices))
                except Enough:
                    exhausted = True
                    break
                if len(done) >= _WRITTEN_AT_ONCE:
                    tried, priced = tried + len(done), priced + await self._write(done)
                    done = []
        tried, priced = tried + len(done), priced + await self._write(done)
        full = len(flows) >= PAGE or len(trades) >= PAGE
        return Round(tried, priced, exhausted or (full and priced > 0))

    async def _write(self, records: list[Record]) -> int:
        if not records:
            return 0
        now = self._clock()
        await self._store.write(lambda tx: ledger.put_worth(tx, records, tried_at=now))
        priced = sum(map(is_priced, records))
        if priced:
            for listener in self.on_priced:
                listener()
        return priced

    async def _guarded(self) -> Round:
        try:
            return await self.round()
        except StorageError as error:
            log.warning("worth: looked for later: %s", error)
        except Exception:  # a bug in one round must not end the service; the next one tries again
            log.exception("worth: a round broke")
        return Round()

    async def _pause(self, stopping: asyncio.Task[object], *, more: bool) -> None:
        if more:
            await asyncio.wait({stopping}, timeout=self._between)
            return
        nudged = asyncio.create_task(self._nudged.wait())
        await asyncio.wait({stopping, nudged}, timeout=self._idle, return_when="FIRST_COMPLETED")
        nudged.cancel()

    async def _valued(self, record: Record, units: Units) -> Record:
        """The record with every value that can be found now."""
        if isinstance(record, CashFlow):
            at = min(record.instant(self._calendar), self._clock())
            day = None if isinstance(record.at, datetime) else record.at
            look = _Look(units, record.account, Moment(at, day))
            if isinstance(record.usd, Unknown):
                await look.up(record.asset)
            if record.fee is not None and isinstance(record.fee.usd, Unknown):
                await look.up(record.fee.asset)
            return priced_flow(record, look.unit, at=at)
        look = _Look(units, record.account, Moment(min(record.at, self._clock())))
        if isinstance(record, Trade):
            return await _trade(record, look)
        return await _contract(record, look)


class _Look:
    """The prices for one record."""

    def __init__(self, units: Units, account: AccountId, moment: Moment) -> None:
        self._prices, self._account, self._moment = units, account, moment
        self._units: dict[Asset, Worth | None] = {}
        self.later = False
        """Somebody who may know one of them cannot be asked now."""

    async def up(self, asset: Asset) -> Worth | None:
        """Look one up."""
        if asset not in self._units:
            try:
                self._units[asset] = await self._prices.unit(self._account, asset, self._moment)
            except NotNow:
                self._units[asset], self.later = None, True
        return self._units[asset]

    def unit(self, asset: Asset, _: datetime) -> Worth | None:
        """What was found."""
        return self._units.get(asset)


async def _trade(trade: Trade, look: _Look) -> Trade:
    # what was paid prices a trade; what was bought does only where that has no price, not where nobody answers
    if isinstance(trade.usd, Unknown) and await look.up(trade.quote) is None and not look.later:
        await look.up(trade.base)
    for fee in trade.fees:
        if fee.asset not in {trade.base, trade.quote} and isinstance(fee.usd, Unknown):
            await look.up(fee.asset)
    return priced_trade(trade, look.unit)


async def _contract(trade: ContractTrade, look: _Look) -> ContractTrade:
    for fee in trade.fees:
        if isinstance(fee.usd, Unknown):
            await look.up(fee.asset)
    return priced_contract(trade, look.unit)
