"""The demo's past: written at its first start, continued at each later one, thrown away for another scenario."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from portfolio_bot.model.account import AccountState
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.portfolio import KnownAccount, Portfolio, Priced
from portfolio_bot.platforms.demo import FLOWS, HISTORY_DAYS, OUTAGE_BEGAN, DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.service.watch import TOLD_AFTER
from portfolio_bot.storage import accounts, imported, ledger, prices, snapshots
from portfolio_bot.storage.imported import Figures
from portfolio_bot.storage.places import CLEAN_END, FILE_NAME, MARKER
from portfolio_bot.storage.prices import AssetPrice, PriceOrigin
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

NOTE = "scenario"
"""A file beside the database: which world it was made in."""

_STORY = "3"
"""Of which story: the past of another one contradicts what the accounts tell now."""

IN_FULL = timedelta(hours=30)
"""So much of the past is stored hour by hour, with every asset; what is older as day closes."""

_AT_ONCE = 20

_COMPARED = frozenset({"BTC", "ETH"})
"""The coins of the benchmark that nobody changed."""


def world_of(data_dir: Path, scenario: str, now: datetime) -> DemoWorld:
    """The world of this folder; a new one, with an empty past, if the scenario is another than last time."""
    note = data_dir / NOTE
    try:
        name, anchor, told = note.read_text(encoding="utf-8").split()
        known = DemoWorld(Scenario(name), datetime.fromisoformat(anchor)) if told == _STORY else None
    except (OSError, ValueError):
        known = None
    if known is not None and known.scenario == Scenario(scenario) and known.anchor <= now:
        return known
    for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", MARKER, CLEAN_END):
        (data_dir / name).unlink(missing_ok=True)
    note.write_text(f"{scenario} {now.isoformat()} {_STORY}\n", encoding="utf-8")
    return DemoWorld(Scenario(scenario), now)


@asynccontextmanager
async def remembered(store: Store, world: DemoWorld, calendar: Calendar, now: datetime) -> AsyncIterator[None]:
    """The past of the demo: what a first report needs at once, the rest while the demo runs."""
    await write_recent(store, world, calendar, now)
    older = asyncio.create_task(write_older(store, world, calendar), name="the demo's past")
    try:
        yield
    finally:
        older.cancel()
        await asyncio.wait([older])


async def write_recent(store: Store, world: DemoWorld, calendar: Calendar, now: datetime) -> None:
    """What a first report is compared with, and what happened while the demo was not running."""
    async with store.read() as tx:
        newest = await snapshots.newest(tx)
    since = newest.at if newest else now - IN_FULL
    portfolios = [world.portfolio(at) for at in _instants(calendar, since, now)]

    async def write(tx: Tx) -> None:
        for portfolio in portfolios:
            await snapshots.add(tx, portfolio, trigger="demo")
            await prices.add(tx, _quoted(portfolio))
        if newest is None:
            await _remember_accounts(tx, world, now)
            for sent in world.story.under_way(now):  # the first report must not miss what is between two accounts
                await ledger.store(tx, sent.withdrawal.account, FLOWS, [sent.withdrawal], progress=None)

    await store.write(write)


async def write_older(store: Store, world: DemoWorld, calendar: Calendar) -> None:
    """Day closes of the year before the demo began, a few at a time, so that nobody waits for them."""
    today = calendar.day(world.anchor)
    async with store.read() as tx:
        if today - timedelta(days=HISTORY_DAYS) in await imported.stored(tx):
            return
    closes: dict[imported.When, Figures] = {}
    quoted: list[AssetPrice] = []
    for ago in range(1, HISTORY_DAYS + 1):
        day = today - timedelta(days=ago)
        portfolio = world.portfolio(calendar.end(day) - timedelta(minutes=5))
        point = NavPoint.of(portfolio)
        quoted += _quoted(portfolio)
        if point is not None:
            closes[day] = Figures(point.usd, point.rub)
        if len(closes) == _AT_ONCE or ago == HISTORY_DAYS:
            await store.write(partial(_keep, closes=closes, quoted=quoted))
            closes, quoted = {}, []
        await asyncio.sleep(0)


async def _keep(tx: Tx, closes: Mapping[imported.When, Figures], quoted: Sequence[AssetPrice]) -> None:
    await imported.store(tx, closes)
    await prices.add(tx, quoted)


def _quoted(portfolio: Portfolio) -> list[AssetPrice]:
    """Prices of the coins that the portfolio is compared with."""
    found: dict[Asset, AssetPrice] = {}
    for account in portfolio.accounts:
        for row in account.holdings if isinstance(account, KnownAccount) else ():
            if isinstance(row, Priced) and row.asset in _COMPARED:
                found[row.asset] = AssetPrice(row.asset, portfolio.at, row.price, PriceOrigin.LIVE)
    return list(found.values())


async def _remember_accounts(tx: Tx, world: DemoWorld, now: datetime) -> None:
    """What each account said last, for the one that says nothing any more."""
    began = world.anchor - OUTAGE_BEGAN
    good, states = {}, {}
    for account in world.accounts:
        failure = world.failure(account, now)
        good[account] = world.statement(account, now if failure is None else began - timedelta(minutes=2))
        if failure is not None:
            states[account] = AccountState(failure, began, TOLD_AFTER)
    await accounts.remember(tx, good, {}, states)


def _instants(calendar: Calendar, since: datetime, now: datetime) -> Iterator[datetime]:
    """Day closes up to `IN_FULL` ago, then every hour; after `since`, before now, oldest first."""
    day = calendar.day(since)
    while (close := calendar.end(day) - timedelta(minutes=5)) <= now - IN_FULL:
        if close > since:
            yield close
        day += timedelta(days=1)
    hour = max(since, now - IN_FULL) + timedelta(hours=1)
    while hour < now - timedelta(minutes=1):
        yield hour
        hour += timedelta(hours=1)
