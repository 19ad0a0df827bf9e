"""Ten years of hourly snapshots through every figure: what a chat or a page waits for, and what the loop notices."""

from __future__ import annotations

import gc
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from portfolio_bot.analytics.benchmark import Plan
from portfolio_bot.analytics.irr import xirr
from portfolio_bot.analytics.performance import Track
from portfolio_bot.analytics.performance import measure as measured
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import Fee, Side, Trade, Worth, WorthSource
from portfolio_bot.report import compose
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.benchmarks import Benchmarks
from portfolio_bot.service.history import History
from portfolio_bot.service.past import Past
from portfolio_bot.service.performance import Performances, Window
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger, prices
from portfolio_bot.storage.prices import AssetPrice, PriceOrigin
from portfolio_bot.storage.store import Store, open_store
from portfolio_bot.storage.tables import account_value, snapshot
from tests.bench import Measure, best_of
from tests.bench.market import HOUR, Market
from tests.bench.reports import watched
from tests.bench.storage import PARIS, START, TEN_YEARS, fill

STORED = 60 * 24
"""Hours at the end that are stored with every holding; those before have their values by account only."""

ACCOUNTS = 10
_AT_ONCE = 5_000
_Work = Callable[[], Awaitable[object]]


async def measure(*, full: bool) -> list[Measure]:
    """What the figures take."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_rates_of_return(), *await _over_ten_years(Path(folder))]


async def _over_ten_years(folder: Path) -> list[Measure]:
    last = START + (TEN_YEARS - 1) * HOUR
    async with open_store(folder, clock=lambda: last) as store:
        await _lived(store)
        now = lambda: last + timedelta(minutes=5)  # noqa: E731
        transfers = Transfers(store, PARIS, now)
        await transfers.refresh()
        past = Past(store, PARIS, now, transfers)
        basket = Benchmarks(store, Plan({"BTC": Decimal(50), "ETH": Decimal(50)}))
        performances = Performances(past, store, PARIS, benchmark=basket)
        gc.collect()
        gc.freeze()
        days, history = await _of_days(past), History(store, PARIS, now)
        month, whole = Window.back(30), Window()
        return [
            Measure("all figures, ten years of days", await best_of(lambda: _clock(days), 60), "ms", 60),
            await _taken("all figures of 30 days", lambda: performances.over(month), 60),
            await _taken("change since the close, and its parts", lambda: _since_close(history, last), 60),
            await _taken("30 daily returns", lambda: performances.daily(limit=30), 60),
            await _taken("ten years of hours, read", past.book),
            await _taken("ten years of hours, all figures", lambda: performances.over(whole), most=2),
            *await _late("30 days", lambda: performances.over(month)),
            *await _late("ten years of hours", lambda: performances.over(whole)),
        ]


async def _lived(store: Store) -> None:
    """Heads and values by account for ten years, every holding at their end; a deposit a month, prices of each hour."""
    chance, nav = random.Random(3), 1_234_567.0
    hours = Market().hours(START + (TEN_YEARS - STORED) * HOUR, STORED)
    await fill(store, islice(Market().hours(START - HOUR, 2), 1, 2))  # the very first is looked into, so it is whole
    for begin in range(1, TEN_YEARS - STORED, _AT_ONCE):
        heads, values, quoted = [], [], []
        for number in range(begin, min(begin + _AT_ONCE, TEN_YEARS - STORED)):
            at = START + number * HOUR
            nav *= 1 + chance.gauss(0, 0.002)
            usd = Decimal(f"{nav:.8f}")
            state = {"trigger": "hourly", "state": "complete", "nav": usd, "rub": usd * Decimal("78.6012")}
            heads.append({"at": at, "seq": number - TEN_YEARS, **state})
            part = usd / ACCOUNTS
            values += [{"at": at, "account": f"account{n}", "state": "live", "nav": part} for n in range(ACCOUNTS)]
            quoted += [
                AssetPrice("BTC", at, Decimal(f"{nav / 20:.2f}"), PriceOrigin.LIVE),
                AssetPrice("ETH", at, Decimal(f"{nav / 500:.2f}"), PriceOrigin.LIVE),
            ]

        await store.write(lambda tx, rows=heads: tx.execute(snapshot.insert(), rows))  # type: ignore[misc]
        await store.write(lambda tx, rows=values: tx.execute(account_value.insert(), rows))  # type: ignore[misc]
        await store.write(lambda tx, rows=quoted: prices.add(tx, rows))  # type: ignore[misc]
    await fill(store, hours)
    given = [_deposit(START + timedelta(days=30 * month, hours=7, minutes=20), month) for month in range(1, 121)]
    dealt = [_trade(START + (TEN_YEARS - 1) * HOUR - timedelta(minutes=10 * number), number) for number in range(500)]
    await store.write(lambda tx: ledger.store(tx, "account1", "", [*given, *dealt]))


def _trade(at: datetime, number: int) -> Trade:
    usd, fee = Worth(Decimal(100), WorthSource.DOLLARS), Fee("USD", Decimal("0.1"))
    return Trade(f"t{number}", "account1", at, Side.BUY, "BTC", "USD", Decimal("0.001"), Decimal(100), usd, (fee,))


async def _since_close(history: History, now: datetime) -> None:
    """What a report adds to its accounts: the close, what came and went, and both in words."""
    newest, close = await history.newest(), await history.baseline()
    assert newest is not None
    reader = Reader(PARIS, "Europe/Paris", now)
    assert compose.status(newest, reader, baseline=close, crossed=await history.crossed(close)).blocks


def _deposit(at: datetime, number: int) -> CashFlow:
    usd = Decimal(500 + number)
    worth = Worth(usd, WorthSource.DOLLARS)
    return CashFlow(f"d{number}", "account1", FlowKind.DEPOSIT, at, "USD", usd, worth)


async def _of_days(past: Past) -> Track:
    """The same past with nothing but its closes."""
    whole = await past.track()
    return replace(whole, valuations=tuple(one.valuation for one in whole.closings))


async def _clock(track: Track) -> float:
    began = time.perf_counter()
    measured(track, PARIS)
    return (time.perf_counter() - began) * 1000


def _rates_of_return() -> list[Measure]:
    found = []
    for count, goal in ((10, 2), (1_000, 100), (10_000, 60)):
        chance = random.Random(count)
        paid = [
            (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=7 * n), Decimal(-chance.randrange(1, 900)))
            for n in range(count)
        ]
        ends = (paid[-1][0] + timedelta(days=3), -sum((amount for _, amount in paid), Decimal(0)) * Decimal("1.1"))
        took = []
        for _ in range(3):
            began = time.perf_counter()
            assert xirr([*paid, ends]).roots
            took.append((time.perf_counter() - began) * 1000)
        found.append(Measure(f"XIRR of {count:,} payments", min(took), "ms", goal))
    return found


async def _taken(name: str, work: _Work, goal: float | None = None, most: int = 6) -> Measure:
    async def attempt() -> float:
        began = time.perf_counter()
        await work()
        return (time.perf_counter() - began) * 1000

    return Measure(name, await best_of(attempt, goal or 0, least=1, most=most), "ms", goal)


async def _late(what: str, work: _Work) -> list[Measure]:
    best, worst = [], []
    for _ in range(3):
        async with watched() as late:
            await work()
        best.append(late.percentile(99) * 1000)
        worst.append(late.wall * 1000)
    return [
        Measure(f"loop late, {what}, 99 of 100", min(best), "ms", 10),
        Measure(f"loop late, {what}, at most", min(worst), "ms", 40),
    ]
