"""One account at a venue that ccxt signs for: wallets and prices at once, one whole statement or one cause.

The venue file says what to ask and how to read it (`venue.Venue`); `ccxt_client` carries and judges single calls.
Here is what holds for all: where a key lives, whose it is, how wallets (`ccxt_wallets`) and prices become one
statement.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.identity import Identity
from portfolio_bot.model.instrument import FIAT, Asset
from portfolio_bot.model.statement import AccountId, Statement
from portfolio_bot.platforms.base import AccountConfig, KeyRights, Memory, Surroundings
from portfolio_bot.platforms.ccxt_client import CcxtClient, OneReading
from portfolio_bot.platforms.ccxt_ledger import CcxtLedger
from portfolio_bot.platforms.ccxt_statement import statement_of, unvalued
from portfolio_bot.platforms.ccxt_wallets import Wallets
from portfolio_bot.platforms.identity import KeyHolder
from portfolio_bot.platforms.inside import looked_into
from portfolio_bot.platforms.key_watch import KeyWatch, skew_notices
from portfolio_bot.platforms.ledger import Batch, Hints, Price, Span, Stream
from portfolio_bot.platforms.shared import heard
from portfolio_bot.platforms.tickers import Tickers, needed
from portfolio_bot.platforms.venue import Api, Refused, Venue

log = logging.getLogger(__name__)

T = TypeVar("T")

_LIVES_HERE = frozenset(
    {FailureKind.IP_NOT_ALLOWED, FailureKind.MISSING_RIGHT, FailureKind.KEY_EXPIRED, FailureKind.ACCOUNT_FROZEN}
)
"""Refusals by which a regional host shows that it knows the key."""

_REGION = "region"


@dataclass(frozen=True, slots=True)
class _Home:
    """A host where the key may live; `region` is "" for a venue without regions."""

    region: str
    client: CcxtClient


class CcxtSource:
    """Implements `base.Source`.

    Args:
        regions: region → official address, the main one first; empty for a venue without regions.
    """

    def __init__(
        self,
        venue: Venue,
        config: AccountConfig,
        around: Surroundings,
        memory: Memory,
        regions: Mapping[str, str],
    ) -> None:
        venue = venue.testnet if config.testnet and venue.testnet is not None else venue
        self._venue = venue
        self._config = config
        self._around = around
        self._memory = memory
        self._addresses = regional_addresses(config, regions)
        wanted = (config.region, memory.get(_REGION), *self._addresses)
        self._home = self._at(next(name for name in wanted if name is not None and name in self._addresses))
        self._needs_prices = asyncio.Event()
        self._needs_prices.set()
        self._also: frozenset[Asset] = frozenset()
        self._wallets = Wallets(venue, memory, around.timing.connect)
        self._key = KeyWatch(venue.rights, around.clock, around.timing.connect)
        self._holder = KeyHolder(venue.identity, config, memory, around.identity_key, around.timing.connect)
        self._ledger = CcxtLedger(venue, config.account, self._of_its_own, self._apart)
        self._known()

    @property
    def account(self) -> AccountId:
        """Whose account this is."""
        return self._config.account

    @property
    def region(self) -> str | None:
        """See `base.Regional`."""
        return self._home.region or None

    @property
    def patience(self) -> float:
        """Seconds it may take for everything."""
        return self._around.patience

    async def read(self) -> Statement:
        """The whole account, now; see `base.Source`."""
        return await self._where_the_key_lives(self._read)

    async def rights(self) -> KeyRights:
        """What the key may do; see `base.Source`."""
        if self._venue.rights is None:
            return KeyRights(notes=("this venue does not say what a key may do",))
        return await self._where_the_key_lives(lambda client: self._key.ask(self._api(client)))

    @property
    def identity(self) -> Identity | None:
        """See `base.KnownIdentity`."""
        return self._holder.identity

    @property
    def skew(self) -> float | None:
        """See `base.KnowsClock`."""
        return self._home.client.skew

    def price_also(self, assets: frozenset[Asset]) -> None:
        """See `base.PricesMore`."""
        self._also = assets - FIAT
        if self._also:
            self._needs_prices.set()

    @property
    def opened(self) -> date:
        """See `ledger.KeepsLedger`."""
        return self._ledger.opened

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        """See `ledger.KeepsLedger`."""
        return await self._ledger.streams(hints)

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        """See `ledger.KeepsLedger`."""
        return await self._ledger.past(stream, span, token)

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        """See `ledger.KeepsLedger`."""
        return await self._ledger.price_at(asset, at)

    async def usdt_rub(self) -> Decimal | None:
        """See `base.QuotesRouble`."""
        client, ask = self._home.client, self._venue.tickers
        if ask is None:
            return None
        try:
            listed = await self._price_list(client.hosts, lambda: ask(self._api(client)))
        except SourceError:
            return None
        return listed.price("USDT", "RUB")

    async def close(self) -> None:
        """Nothing: the session is shared, and ccxt never opened one of its own."""

    async def _read(self, client: CcxtClient) -> Statement:
        taken_at = self._around.clock()
        api = self._api(client)
        prices = asyncio.ensure_future(self._tickers(api, client.hosts))
        prices.add_done_callback(heard)
        # a serial venue's calls wait for each other, and what the wallets say comes first
        about_key = None if self._venue.serial else self._key.begin(api)
        whose = self._holder.begin(api)
        try:
            outcomes = await self._wallets.asked(api)
            await self._holder.settle(whose)
            self._known()
            found = await self._wallets.sorted_out(outcomes)
            statement = statement_of(self.account, taken_at, found, self._venue.not_built)
            inside = [(name, sub) for name, answer in found.answers.items() for sub in answer.inside]
            statement = looked_into(statement, inside, self._holder.stands_for)
            about_key = self._key.begin(api) if self._venue.serial else about_key
            return await self._priced(statement, prices, client, about_key)
        finally:
            for task in (prices, about_key, whose):
                if task is not None:
                    task.cancel()

    async def _priced(
        self,
        statement: Statement,
        prices: asyncio.Future[Tickers | None],
        client: CcxtClient,
        about_key: asyncio.Task[None] | None,
    ) -> Statement:
        """With what the market and the key have to say."""
        assets = unvalued(statement) | self._also
        tickers: Tickers | None = None
        if assets:
            self._needs_prices.set()
            tickers = await prices
        else:
            self._needs_prices.clear()
        if about_key is not None:
            await about_key
        notices = (*skew_notices(client.skew), *self._key.notices(), *statement.notices)
        return replace(statement, notices=notices, prices={} if tickers is None else needed(assets, tickers))

    async def _of_its_own(self, work: Callable[[CcxtClient], Awaitable[T]]) -> T:
        """Work whose outcome enters history: not before it is known that the key opens the account of that history."""

        async def once_known(client: CcxtClient) -> T:
            await self._holder.known(self._api(client))
            self._known()
            return await work(client)

        return await self._where_the_key_lives(once_known)

    def _known(self) -> None:
        identity = self._holder.identity
        if identity is not None:
            self._around.logins[self.account] = identity

    def _apart(self, uid: str) -> bool:
        """See `ledger.Ask`."""
        others = [login for account, login in self._around.logins.items() if account != self.account]
        if uid:
            return any(other.login == self._holder.stands_for(uid) for other in others)
        own = self._holder.identity
        return own is not None and any(other.main == own.login for other in others)

    def _api(self, client: CcxtClient) -> OneReading:
        return OneReading(client, self._venue.absent)

    async def _tickers(self, api: Api, hosts: frozenset[str]) -> Tickers | None:
        ask = self._venue.tickers
        if ask is None:
            return None
        # wallets first: they take longer; and where the last reading needed no price, this one waits to be asked
        await asyncio.sleep(0)
        await self._needs_prices.wait()
        return await self._price_list(hosts, lambda: ask(api))

    async def _price_list(self, hosts: frozenset[str], ask: Callable[[], Awaitable[Tickers]]) -> Tickers:
        """Shared with the venue's other accounts."""
        return await self._around.shared.get((self._venue.source, hosts), ask)

    async def _where_the_key_lives(self, work: Callable[[CcxtClient], Awaitable[T]]) -> T:
        """Do the work; if the host does not know the key, look for it at the venue's other regions, once."""
        try:
            return await work(self._home.client)
        except Refused as error:
            if error.code not in self._venue.elsewhere or self._config.region:
                raise
            found = await self._found_elsewhere()
            if found is None:
                raise
        self._home = found
        log.info("%s: the key lives in region %s", self.account, found.region)
        await self._memory.put(_REGION, found.region)
        return await work(found.client)

    async def _found_elsewhere(self) -> _Home | None:
        """The first other region that knows the key. One that is out of reach says nothing."""
        others = [self._at(region) for region in self._addresses if region != self._home.region]
        known = await asyncio.gather(*(self._knows_the_key(home) for home in others))
        return next((home for home, knows in zip(others, known, strict=True) if knows), None)

    async def _knows_the_key(self, home: _Home) -> bool:
        try:
            async with asyncio.timeout(self._around.timing.connect):
                await self._venue.wallets[0].read(self._api(home.client))
        except Refused as error:
            return error.failure.kind in _LIVES_HERE and error.code not in self._venue.elsewhere
        except (SourceError, TimeoutError):
            return False
        return True

    def _at(self, region: str) -> _Home:
        return _Home(region, CcxtClient(self._venue, self._config, self._around, self._addresses[region]))


def regional_addresses(config: AccountConfig, official: Mapping[str, str]) -> Mapping[str, str | None]:
    """Where each region may be asked, the main one first; None = at the addresses that ccxt has.

    With a base URL set no official host is asked: only it, and the regions that have an address of their own.
    """
    main = next(iter(official), "")
    if config.base_url is not None:
        return {config.region or main: config.base_url, **config.region_urls}
    return {main: None, **{name: url for name, url in official.items() if name != main}, **config.region_urls}
