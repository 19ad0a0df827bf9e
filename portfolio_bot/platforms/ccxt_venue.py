"""One account at a venue that ccxt signs for: wallets and prices at once, one whole statement or one cause.

The venue file says what to ask and how to read it (`venue.Venue`); `ccxt_client` carries and judges single calls.
Here is what holds for all: which refusals leave an account standing, where a key lives, what is remembered.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias, TypeVar

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.identity import Identity
from portfolio_bot.model.instrument import FIAT, Asset
from portfolio_bot.model.statement import (
    AccountId,
    Statement,
    UnreadableWallet,
)
from portfolio_bot.platforms.base import (
    WALLETS_HELD,
    WALLETS_READ,
    AccountConfig,
    KeyRights,
    Memory,
    Surroundings,
)
from portfolio_bot.platforms.ccxt_client import CcxtClient, OneReading
from portfolio_bot.platforms.ccxt_ledger import CcxtLedger
from portfolio_bot.platforms.ccxt_statement import Found, statement_of, unvalued
from portfolio_bot.platforms.hollow import Listening
from portfolio_bot.platforms.identity import KeyHolder
from portfolio_bot.platforms.inside import looked_into
from portfolio_bot.platforms.key_watch import KeyWatch, skew_notices
from portfolio_bot.platforms.ledger import Batch, Hints, Price, Span, Stream
from portfolio_bot.platforms.shared import heard
from portfolio_bot.platforms.tickers import Tickers, needed
from portfolio_bot.platforms.venue import (
    OF_THE_KEY,
    REFUSALS,
    STATUS_ONLY,
    Api,
    Refused,
    Role,
    Venue,
    WalletAnswer,
    WalletReader,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

_Outcome: TypeAlias = WalletAnswer | SourceError

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
            outcomes = await self._outcomes(api)
            await self._holder.settle(whose)
            self._known()
            found = await self._sorted_out(outcomes)
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

    async def _outcomes(self, api: Api) -> Mapping[str, _Outcome]:
        readers = self._venue.wallets
        outcomes = await (self._in_turn(readers, api) if self._venue.serial else self._at_once(readers, api))
        return dict(zip((reader.name for reader in readers), outcomes, strict=True))

    async def _at_once(self, readers: Iterable[WalletReader], api: Api) -> Sequence[_Outcome]:
        tasks: list[asyncio.Task[_Outcome]] = []
        try:
            for reader in readers:
                tasks.append(asyncio.create_task(self._attempt(reader, api)))
                await asyncio.sleep(0)  # paced starts: a burst of signatures delays the first answers
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _in_turn(self, readers: Iterable[WalletReader], api: Api) -> Sequence[_Outcome]:
        outcomes: list[_Outcome] = []
        for reader in readers:
            outcome = await self._attempt(reader, api)
            # every call of a bad key is refused, and too many of them lock it out
            if isinstance(outcome, SourceError) and outcome.failure.kind is FailureKind.BAD_KEY and not outcomes:
                raise outcome
            outcomes.append(outcome)
        return outcomes

    async def _attempt(self, reader: WalletReader, api: Api) -> _Outcome:
        """The answer, or a refusal that may leave the account standing; any other failure is raised."""
        if reader.role is Role.CHECK:
            try:
                async with asyncio.timeout(self._around.timing.connect):
                    return await reader.read(api)
            except TimeoutError:
                return SourceError.of(FailureKind.TIMEOUT)
            except SourceError as error:
                return error
        listening = Listening(api)
        try:
            return await reader.read(listening)
        except Refused as error:
            if error.code in self._venue.absent:
                return WalletAnswer()
            not_for_everybody = reader.role is not Role.WALLET and error.failure.kind is FailureKind.BAD_ANSWER
            if _is_want_of_rights(error) or not_for_everybody:
                return error
            raise
        except SourceError as error:
            never_held = reader.role is not Role.WALLET and reader.name not in self._names(WALLETS_HELD)
            if never_held and listening.nothing and error.failure.kind is FailureKind.BAD_ANSWER:
                return WalletAnswer()
            raise

    async def _sorted_out(self, outcomes: Mapping[str, _Outcome]) -> Found:
        """Refused wallets beside answered ones; the key's own failure if no wallet answered."""
        roles = {reader.name: reader.role for reader in self._venue.wallets}
        answers = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, WalletAnswer)}
        refused = {
            name: outcome
            for name, outcome in outcomes.items()
            if isinstance(outcome, SourceError) and roles[name] is not Role.CHECK
        }
        read = tuple(name for name in answers if roles[name] is not Role.CHECK)
        held = [name for name in read if answers[name].inside or any(row.amount for row in answers[name].holdings)]
        wallets = [name for name in read if roles[name] is Role.WALLET or (roles[name] is Role.EXTRA and name in held)]
        if refused and not wallets:
            raise next(iter(refused.values()))
        for name, error in refused.items():
            kind = error.failure.kind
            known = roles[name] is not Role.FIGURE and kind is not FailureKind.BAD_ANSWER
            if name in self._names(WALLETS_READ if known else WALLETS_HELD):
                # another wallet answered, so it is not the key that is bad
                kind = FailureKind.MISSING_RIGHT if kind in OF_THE_KEY else kind
                raise SourceError.of(kind, f"{name}: {error.failure.detail}")
        await self._remember(WALLETS_READ, read)
        await self._remember(WALLETS_HELD, held)
        unreadable = tuple(UnreadableWallet(name, _reason(error)) for name, error in refused.items())
        return Found(answers, unreadable, read)

    def _names(self, key: str) -> frozenset[str]:
        return frozenset(json.loads(self._memory.get(key) or "[]"))

    async def _remember(self, key: str, names: Iterable[str]) -> None:
        before = self._names(key)
        found = before.union(names)
        if found != before:
            await self._memory.put(key, json.dumps(sorted(found)))

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


def _is_want_of_rights(error: Refused) -> bool:
    """A page of a firewall on one call says nothing of rights; the venue's own code does."""
    kind = error.failure.kind
    return kind in REFUSALS and not (kind is FailureKind.GEO_BLOCKED and error.code.startswith(STATUS_ONLY))


def _reason(error: SourceError) -> str:
    return "not_built" if error.failure.kind is FailureKind.BAD_ANSWER else "missing_right"
