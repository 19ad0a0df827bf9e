"""What one unit of an asset was worth in USD at a past moment: the first who knows.

    dollars               themselves
    a currency            the rate of its day
    USDT, USDC            the venue's own price in dollars, else Kraken's public history
    anything else         the venue of the record, through whatever it is quoted in there
    then, for all         our own snapshot within a day, the nearest; a list of prices that was imported
    USDT, USDC at last    1, marked as the assumption it is

A venue that cannot be asked now is asked again later and its record waits; only one that has failed for half an hour
gives way to who comes after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

from portfolio_bot.analytics.pricing import PRICE_STANDS_IN, significant
from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import CRYPTO_DOLLARS, FIAT, Asset, FxRate, PriceSource, RateTable
from portfolio_bot.model.money import Currency
from portfolio_bot.model.portfolio import KnownAccount, Portfolio, Priced
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Worth, WorthSource
from portfolio_bot.platforms.base import Source
from portfolio_bot.platforms.ledger import KeepsLedger, Price
from portfolio_bot.rates.base import DollarPrice
from portfolio_bot.storage import prices, snapshots
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

BESIDE = timedelta(hours=24)
"""How far from a record our own snapshot may be that prices it."""

AGAIN, AT_LEAST_DAILY = timedelta(hours=1), timedelta(hours=24)
"""What has no price is looked for again after the first, doubled each time up to the second."""

REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)
"""The same for somebody who cannot be asked."""

GIVEN_UP = 5
"""So many failures in a row: whoever comes next is asked in the place of that one."""

ONE_QUESTION = 90.0
"""Seconds: the longest file of a bank has seven megabytes."""

_ROADS = 3
"""So many markets one after the other at most."""

_KEPT = 20_000
_PORTFOLIOS = 8


class PastRates(Protocol):
    """Exchange rates of past days: the real ones, or the demo's."""

    async def rate(self, currency: Currency, when: datetime | date) -> FxRate | None:
        """USD/RUB for RUB, X/USD for any other X; None if there is none of that day.

        Raises:
            SourceError: nobody can be asked now.
        """


class PastDollars(Protocol):
    """What USDT and USDC were worth."""

    async def price(self, coin: Asset, at: datetime) -> DollarPrice | None:
        """USD for one; None if nobody remembers.

        Raises:
            SourceError: it cannot be asked now.
        """


@runtime_checkable
class Metered(Protocol):
    """Who remembers answers, and says how many requests it really made."""

    @property
    def requests(self) -> int:
        """So far."""


class Enough(Exception):
    """The questions of this round are used up."""


class NotNow(Exception):
    """Somebody who may know cannot be asked at present."""


class Moment(NamedTuple):
    """When a record happened.

    Attributes:
        at: its place among other events, aware UTC, not in the future.
        day: the owner's day, where only that is known.
    """

    at: datetime
    day: date | None = None

    @property
    def listed(self) -> datetime:
        """Up to when a row of a list of prices is of this moment: a list has a day's price at its midnight in UTC."""
        return self.at if self.day is None else max(self.at, datetime.combine(self.day, time(), UTC))


class _Wait(NamedTuple):
    until: datetime
    times: int


class PastPrices:
    """Looks prices up, remembers them, and remembers who and what is not worth asking again soon.

    Args:
        sources: by account; those that keep a ledger know old prices.
        rates, dollars: None where nobody is asked.
    """

    def __init__(
        self,
        store: Store,
        sources: Mapping[AccountId, Source],
        clock: Clock,
        *,
        rates: PastRates | None,
        dollars: PastDollars | None,
    ) -> None:
        self._store, self._clock = store, clock
        self._venues = {account: source for account, source in sources.items() if isinstance(source, KeepsLedger)}
        self._rates, self._dollars = rates, dollars
        self._found: OrderedDict[tuple[str, Asset, datetime], Worth] = OrderedDict()
        self._missing: OrderedDict[tuple[str, Asset, datetime], _Wait] = OrderedDict()
        self._rests: dict[str, _Wait] = {}
        self._no_dollars: set[tuple[str, Asset]] = set()
        self._portfolios: OrderedDict[datetime, list[Portfolio]] = OrderedDict()
        self._left = 0

    def begin(self, questions: int) -> None:
        """From now on so many questions may be asked; what is remembered costs none."""
        self._left = questions

    def forget(self) -> None:
        """Look at once for what had no price."""
        self._missing.clear()

    async def unit(self, account: AccountId, asset: Asset, moment: Moment, *, roads: int = _ROADS) -> Worth | None:
        """USD for one unit; None if nobody knows it.

        Raises:
            Enough: no question is left.
            NotNow: who may know it cannot be asked.
        """
        if asset == "USD":
            return Worth(Decimal(1), WorthSource.DOLLARS)
        minute = moment.at.replace(second=0, microsecond=0)
        key = (account.partition("-")[0] if account in self._venues else "", asset, minute)
        if key in self._found:
            return self._found[key]
        now, waiting = self._clock(), self._missing.get(key)
        if waiting is not None and now < waiting.until:
            return None
        found = await self._looked_up(account, asset, moment, roads)
        if found is not None:
            self._missing.pop(key, None)
            _keep(self._found, key, found, _KEPT)
        elif roads == _ROADS:  # else a longer road may still lead there
            times = waiting.times if waiting is not None else 0
            _keep(self._missing, key, _Wait(now + min(AGAIN * 2**times, AT_LEAST_DAILY), min(times + 1, 5)), _KEPT)
        return found

    async def _looked_up(self, account: AccountId, asset: Asset, moment: Moment, roads: int) -> Worth | None:
        if asset in FIAT:
            found = await self._by_rate(asset, moment)
        elif asset in CRYPTO_DOLLARS:
            found = await self._by_own_dollar(account, asset, moment) or await self._by_reference(asset, moment)
        else:
            found = await self._by_venue(account, asset, moment, roads)
        found = found or await self._by_snapshot(account, asset, moment) or await self._by_list(asset, moment)
        if found is None and asset in CRYPTO_DOLLARS:
            return Worth(Decimal(1), WorthSource.ASSUMED_PAR)
        return found

    async def _by_rate(self, currency: Currency, moment: Moment) -> Worth | None:
        rates = self._rates
        if rates is None:
            return None
        when = moment.at if moment.day is None else moment.day
        rate = await self._asked("rates", lambda: rates.rate(currency, when), rates)
        if rate is None:
            return None
        factor = RateTable({currency: rate}).factor(currency, "USD")
        if isinstance(factor, Unknown):
            return None
        usd = factor if rate.base == currency and not rate.crossed else significant(factor)
        return Worth(usd, WorthSource.FX, datetime.combine(rate.date, time(), UTC))

    async def _by_own_dollar(self, account: AccountId, coin: Asset, moment: Moment) -> Worth | None:
        """Only a market against dollars: every other would go round in a circle."""
        venue = account.partition("-")[0]
        if account not in self._venues or (venue, coin) in self._no_dollars:
            return None
        price = await self._at_venue(account, coin, moment)
        if price is None or price.quote != "USD":
            if account not in self._rests:  # it has answered, and will not say otherwise of another minute
                self._no_dollars.add((venue, coin))
            return None
        return Worth(price.amount, WorthSource.VENUE_HISTORY, price.at)

    async def _by_reference(self, coin: Asset, moment: Moment) -> Worth | None:
        dollars = self._dollars
        if dollars is None:
            return None
        price = await self._asked("dollars", lambda: dollars.price(coin, moment.at), dollars)
        return None if price is None else Worth(price.amount, WorthSource.VENUE_HISTORY, price.at)

    async def _by_venue(self, account: AccountId, asset: Asset, moment: Moment, roads: int) -> Worth | None:
        """The venue of the record; a record of no venue that we know may have the price of any."""
        if roads <= 0:
            return None
        for one in [account] if account in self._venues else list(self._venues):
            price = await self._at_venue(one, asset, moment)
            quote = None if price is None else await self.unit(one, price.quote, moment, roads=roads - 1)
            if price is not None and quote is not None:
                assumed = quote.source is WorthSource.ASSUMED_PAR
                source = WorthSource.ASSUMED_PAR if assumed else WorthSource.VENUE_HISTORY
                return Worth(price.amount * quote.usd, source, price.at)
        return None

    async def _at_venue(self, account: AccountId, asset: Asset, moment: Moment) -> Price | None:
        venue = self._venues.get(account)
        if venue is None:
            return None
        price = await self._asked(account, lambda: venue.price_at(asset, moment.at))
        return price if price is not None and price.amount > 0 and price.quote != asset else None

    async def _by_snapshot(self, account: AccountId, asset: Asset, moment: Moment) -> Worth | None:
        """Of the two snapshots beside it the nearer one that has a price: the account's own, else any account's."""
        for portfolio in await self._beside(moment.at):
            known = [one for one in portfolio.accounts if isinstance(one, KnownAccount)]
            known.sort(key=lambda one: one.id != account)
            rows = (row for one in known for row in one.holdings if isinstance(row, Priced) and row.asset == asset)
            for row in rows:
                if row.source in _FOUND_THEN and row.price > 0 and abs(row.as_of - moment.at) <= BESIDE:
                    return Worth(row.price, WorthSource.SNAPSHOT, row.as_of)
        return None

    async def _beside(self, at: datetime) -> list[Portfolio]:
        minute = at.replace(second=0, microsecond=0)
        if minute not in self._portfolios:
            async with self._store.read() as tx:
                found = await snapshots.beside(tx, at, BESIDE)
            _keep(self._portfolios, minute, found, _PORTFOLIOS)
        return self._portfolios[minute]

    async def _by_list(self, asset: Asset, moment: Moment) -> Worth | None:
        async with self._store.read() as tx:
            found = await prices.at_or_before(tx, asset, moment.listed)
        if found is None or moment.at - found.at > PRICE_STANDS_IN:
            return None
        return Worth(found.usd, WorthSource.PRICE_LIST, found.at)

    async def _asked(self, whom: str, question: Callable[[], Awaitable[T | None]], meter: object = None) -> T | None:
        """The answer; None also from somebody who has not answered for long.

        Args:
            meter: counts what the question really costs; None: one request.

        Raises:
            Enough, NotNow: as `unit`.
        """
        now, rest = self._clock(), self._rests.get(whom)
        if rest is not None and now < rest.until:
            if rest.times >= GIVEN_UP:
                return None
            raise NotNow
        if self._left <= 0:
            raise Enough
        before = meter.requests if isinstance(meter, Metered) else None
        try:
            async with asyncio.timeout(ONE_QUESTION):
                answer = await question()
        except (SourceError, TimeoutError) as error:
            times = 1 if rest is None else rest.times + 1
            named = error.failure.retry_at if isinstance(error, SourceError) else None
            until = max(now + min(REST * 2 ** min(times - 1, 6), LONGEST_REST), named or now)
            self._rests[whom] = _Wait(until, times)
            log.info("worth: %s cannot say what something was worth: %s", whom, error or "no answer in time")
            if times >= GIVEN_UP:
                return None
            raise NotNow from None
        finally:
            self._left -= 1 if before is None or not isinstance(meter, Metered) else meter.requests - before
        self._rests.pop(whom, None)
        return answer


_FOUND_THEN = frozenset({PriceSource.VENUE_VALUE, PriceSource.VENUE_TICKER, PriceSource.FX})

_Key = TypeVar("_Key")


def _keep(cache: OrderedDict[_Key, T], key: _Key, value: T, most: int) -> None:
    cache[key] = value
    cache.move_to_end(key)
    while len(cache) > most:
        cache.popitem(last=False)
