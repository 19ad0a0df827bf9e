"""What is asked about money: the accounts of the settings, or the demo's."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portfolio_bot.analytics.valuation import AccountInfo
from portfolio_bot.model.days import Clock
from portfolio_bot.model.statement import AccountId
from portfolio_bot.net.timing import Timing
from portfolio_bot.platforms.base import Memory, Source, Surroundings
from portfolio_bot.service.benchmarks import CoinPrices
from portfolio_bot.service.collect import DollarService, FxService
from portfolio_bot.service.past_price import PastDollars, PastRates
from portfolio_bot.storage import memory, rates
from portfolio_bot.storage.store import Store

if TYPE_CHECKING:
    from portfolio_bot.app.outside import Outside
    from portfolio_bot.platforms.demo import DemoWorld
    from portfolio_bot.settings import Settings

EVERYBODY = ""
"""Stands in the memory in place of an account: notes that all of them share."""

_IDENTITY_KEY = "identity_key"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything that answers questions about money. Whoever collects closes it."""

    sources: Mapping[AccountId, Source]
    infos: Mapping[AccountId, AccountInfo]
    rates: FxService
    dollars: DollarService
    past_rates: PastRates | None = None
    past_dollars: PastDollars | None = None
    memories: Mapping[AccountId, Memory] = field(default_factory=dict)
    coins: CoinPrices | None = None


@dataclass(slots=True)
class StoredMemory:
    """A source's small table: read from memory, written through to the database."""

    store: Store
    account: AccountId
    notes: dict[str, str]

    def get(self, key: str) -> str | None:
        """The value, or None."""
        return self.notes.get(key)

    async def put(self, key: str, value: str | None) -> None:
        """Store or, with None, forget."""
        if self.notes.get(key) == value:
            return
        await self.store.write(lambda tx: memory.put(tx, self.account, key, value))
        if value is None:
            self.notes.pop(key, None)
        else:
            self.notes[key] = value


async def open_accounts(
    settings: Settings,
    store: Store,
    outside: Outside,
    clock: Clock,
    *,
    timing: Timing,
    patience: float,
    patient: bool,
    world: DemoWorld | None,
    demo_latency: float = 1.0,
    demo_at_once: bool = False,
) -> Accounts:
    """The accounts of the settings with the services that price them, or those of the demo.

    Args:
        timing, patience: deadlines of one request, and of one account.
        patient: nobody will ask again soon, so a source waits for what it would else fetch in the background.
        world: what the demo simulates; None for the real one.
        demo_latency: how slow its platforms are, 1 being lifelike.
        demo_at_once: each answers for the first time without delay.
    """
    if world is not None:
        return _demo(world, clock, demo_latency, at_once=demo_at_once)
    return await _real(settings, store, outside, clock, timing, patience, patient=patient)


async def _real(
    settings: Settings, store: Store, outside: Outside, clock: Clock, timing: Timing, patience: float, *, patient: bool
) -> Accounts:
    from portfolio_bot.platforms.catalog import SOURCES
    from portfolio_bot.rates import past, past_dollars
    from portfolio_bot.rates.dollars import Dollars
    from portfolio_bot.rates.public_tickers import PublicTickers
    from portfolio_bot.rates.service import Rates

    session, proxy = await outside.session(settings.proxy_url)
    key = await _identity_key(store)
    around = Surroundings(session, clock, timing, patience, proxy, patient, identity_key=key)
    async with store.read() as tx:
        notes = {config.account: dict(await memory.all(tx, config.account)) for config in settings.accounts}
        known_rates, known_dollars = await rates.stored(tx), await rates.dollars(tx)
    sources, infos = {}, {}
    memories: dict[AccountId, Memory] = {}
    for config in settings.accounts:
        spec = SOURCES[config.source]
        kept = StoredMemory(store, config.account, notes[config.account])
        memories[config.account] = kept
        sources[config.account] = await spec.open(config, around, kept)
        infos[config.account] = AccountInfo(config.account, config.name, config.source, spec.is_exchange)
    fx = Rates(
        session,
        clock,
        provider=settings.fx_provider,
        ttl=settings.fx_ttl,
        base_urls=settings.fx_base_urls,
        stored=known_rates,
        proxy=proxy,
        timing=timing,
    )
    dollars = Dollars(session, clock, base_urls=settings.base_urls, stored=known_dollars, proxy=proxy, timing=timing)
    then = past.PastRates(session, clock, provider=settings.fx_provider, base_urls=settings.fx_base_urls, proxy=proxy)
    dollars_then = past_dollars.PastDollars(session, clock, base_urls=settings.base_urls, proxy=proxy)
    coins = PublicTickers(session, clock, base_urls=settings.base_urls, proxy=proxy, timing=timing)
    return Accounts(sources, infos, fx, dollars, then, dollars_then, memories, coins)


async def _identity_key(store: Store) -> bytes:
    """What account numbers are hashed with: made once, and the same for all accounts of this database."""
    async with store.read() as tx:
        kept = (await memory.all(tx, EVERYBODY)).get(_IDENTITY_KEY)
    if kept is None:
        kept = secrets.token_hex(32)
        made = kept
        await store.write(lambda tx: memory.put(tx, EVERYBODY, _IDENTITY_KEY, made))
    return bytes.fromhex(kept)


def _demo(world: DemoWorld, clock: Clock, latency: float, *, at_once: bool) -> Accounts:
    from portfolio_bot.platforms.demo import DemoDollars, DemoRates, DemoSource

    sources = {
        account: DemoSource(world, account, clock, latency=latency, at_once=at_once) for account in world.accounts
    }
    rates = DemoRates(world, clock)
    return Accounts(sources, world.accounts, rates, DemoDollars(), past_rates=rates)
