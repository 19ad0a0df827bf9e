"""A period reads only what it needs of the past, and says the same as if it had read everything."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.performance import measure
from portfolio_bot.analytics.series import Kept
from portfolio_bot.service.past import Past
from portfolio_bot.service.performance import Performances, Window
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import imported
from portfolio_bot.storage.imported import Figures
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, Hands
from tests.service.test_past import flow, took
from tests.service.test_performance import UTC_DAYS, record

DAYS = 26


async def lived(store: Store, chance: random.Random, *, separate: bool) -> None:
    """Four weeks: imported closes, then snapshots that come and fail, accounts that come and go, flows of all kinds."""
    begin = NOON - timedelta(days=DAYS)
    closes = {
        (begin - timedelta(days=ago)).date(): Figures(Decimal(90 + ago), Decimal(7000 + ago)) for ago in (1, 2, 5)
    }
    await store.write(lambda tx: imported.store(tx, closes))
    await store.write(lambda tx: imported.set_separate(tx, separate=separate))
    worth = {"bybit": 100.0, "okx": 50.0, "ibkr": 70.0}
    there = {"bybit"}
    for number in range(DAYS * 2):
        at = begin + timedelta(hours=12 * number)
        if chance.random() < 0.12:
            there ^= {chance.choice(["okx", "ibkr"])}
        for account in worth:
            worth[account] *= chance.uniform(0.97, 1.03)
        if chance.random() < 0.9:
            await took(store, at, {account: f"{worth[account]:.2f}" for account in sorted(there)})
        if chance.random() < 0.4:
            account = chance.choice(["bybit", "okx", "ibkr", "typed"])
            when = at + timedelta(hours=chance.randrange(12))
            await record(store, flow(account, chance.choice(["9", "-7", "31"]), when, txid=str(number)))


@pytest.mark.parametrize("seed", range(2))
async def test_a_bounded_look_says_what_a_full_one_says(store: Store, seed: int) -> None:
    clock = Hands()
    await lived(store, random.Random(seed), separate=seed % 2 == 1)
    past = Past(store, UTC_DAYS, clock, Transfers(store, UTC_DAYS, clock))
    await same(past, Performances(past, store, UTC_DAYS), "USD")
    await same(past, Performances(past, store, UTC_DAYS), "RUB")


async def same(past: Past, performances: Performances, currency: Kept) -> None:
    everything = await past.track(currency)
    newest = everything.valuations[-1].at
    for days in (1, 3, 7, 20, 25, 26, 60):
        _, found = await performances.measured(Window.back(days), currency)
        assert found == measure(everything, UTC_DAYS, since=newest - timedelta(days=days)), days
    for hours in (5, 150, 400):
        since, until = newest - timedelta(hours=hours), newest - timedelta(hours=hours // 2)
        _, found = await performances.measured(Window("", since=since, until=until), currency)
        assert found == measure(everything, UTC_DAYS, since=since, until=until), hours
    assert await performances.newest(currency) in {newest, newest - timedelta(microseconds=1)}
    full = await performances.daily(currency)
    for limit in (1, 5, 15):
        assert await performances.daily(currency, limit=limit) == full[:limit]


async def test_a_bounded_look_does_not_read_what_lies_long_before(store: Store) -> None:
    clock = Hands()
    await lived(store, random.Random(1), separate=False)
    past = Past(store, UTC_DAYS, clock, Transfers(store, UTC_DAYS, clock))
    few = await past.track("USD", NOON - timedelta(days=3))
    assert len(few.valuations) < 40
    assert few.valuations[0].at < NOON - timedelta(days=12)
    assert await past.newest() == few.valuations[-1].at
    assert few.valuations[-1].at > datetime(2000, 1, 1, tzinfo=UTC)
