"""The whole program without a face: real settings, real database, real clients, loopback platforms."""

from __future__ import annotations

import asyncio
import decimal
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio_bot.app.core import open_core
from portfolio_bot.app.lock import LockHeldError
from portfolio_bot.model.portfolio import Complete, KnownAccount, Provisional, ReadingState
from portfolio_bot.report.views import SettingOrigin
from portfolio_bot.service.snapshots import PULL, STATUS
from tests.app.conftest import KEY, addresses, settings
from tests.peers.faults import status
from tests.peers.fx import fx_server
from tests.peers.venue import case, venue_server
from tests.service.fakes import Hands

WHOLE = Decimal("8448.28275421")


async def test_a_key_becomes_a_total_that_stands_in_after_a_restart(data_dir: Path) -> None:
    clock = Hands(datetime(2026, 10, 3, 12, tzinfo=UTC))
    async with venue_server("bybit", case("bybit", "whole account")) as bybit, fx_server() as fx:
        configured = settings(data_dir, {**KEY, **addresses(bybit.url, fx.url)})
        async with open_core(configured, clock=clock) as core:
            first = await core.snapshots.take(STATUS)
        assert isinstance(first.total_usd, Complete)
        assert round(first.total_usd.value.amount, 8) == WHOLE
        bybit.fail(status(503))
        clock.turn(minutes=5)
        async with open_core(configured, clock=clock) as core:
            again = await core.snapshots.take(PULL)
    assert isinstance(again.total_usd, Provisional)
    assert round(again.total_usd.best_known.amount, 8) == WHOLE


async def test_a_folder_has_one_user_at_a_time(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)
    async with open_core(configured, demo_latency=0):
        with pytest.raises(LockHeldError) as caught:
            async with open_core(configured, lock_wait=0):
                pass
    assert caught.value.pid == os.getpid()


async def test_the_demo_has_a_past_and_a_present(data_dir: Path) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        portfolio = await core.snapshots.take(STATUS)
        assert portfolio.demo
        assert len(portfolio.accounts) == 6
        assert await core.history.baseline() is not None
        assert core.reader().demo
        await _until_older_days_are_written()
        assert len(await core.history.closes()) > 360


async def _until_older_days_are_written() -> None:
    (older,) = [task for task in asyncio.all_tasks() if task.get_name() == "the demo's past"]
    await older


async def test_the_demo_goes_on_where_it_stopped_and_another_scenario_is_another_world(data_dir: Path) -> None:
    clock = Hands(datetime(2026, 11, 20, 12, tzinfo=UTC))
    configured = settings(data_dir, demo=True)
    async with open_core(configured, clock=clock, demo_latency=0) as core:
        before = await core.history.baseline()
        await core.timetable.set_interval("45", "terminal")
    clock.turn(hours=3)
    async with open_core(configured, clock=clock, demo_latency=0) as core:
        assert await core.history.baseline() == before
        assert core.timetable.interval == timedelta(minutes=45)
        assert core.snapshots.taken_at is not None
        assert clock() - core.snapshots.taken_at <= timedelta(hours=1, minutes=1)
    async with open_core(configured, clock=clock, demo_latency=0, scenario="outage") as core:
        assert core.timetable.interval == timedelta(minutes=120)
        portfolio = await core.snapshots.take(PULL)
        kraken = next(account for account in portfolio.accounts if account.id == "kraken")
        assert isinstance(kraken, KnownAccount)
        assert kraken.state is ReadingState.STALE


async def test_every_setting_is_listed_with_its_origin_and_no_secret(data_dir: Path) -> None:
    async with venue_server("bybit") as bybit, fx_server() as fx:
        configured = settings(data_dir, {**KEY, **addresses(bybit.url, fx.url), "CACHE_TTL": "30"})
        async with open_core(configured) as core:
            listed = {view.name: view for view in core.preferences.listing()}
    assert (listed["CACHE_TTL"].value, listed["CACHE_TTL"].origin) == ("30", SettingOrigin.ENVIRONMENT)
    assert listed["POLL_INTERVAL_MINUTES"].origin is SettingOrigin.DEFAULT
    assert listed["POLL_INTERVAL_MINUTES"].live
    assert not any(secret in str(listed.values()) for secret in KEY.values())


async def test_money_is_counted_with_fifty_digits_everywhere(data_dir: Path) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0):
        there = await asyncio.to_thread(lambda: decimal.getcontext().prec)
        assert (decimal.getcontext().prec, there) == (50, 50)


def test_the_demos_core_loads_no_http_client_and_no_chat_library(tmp_path: Path) -> None:
    script = """
import asyncio, pathlib, sys
from portfolio_bot.settings import load
from portfolio_bot.app.core import open_core
from portfolio_bot.service.snapshots import STATUS
async def main():
    async with open_core(load({}, data_dir=pathlib.Path(sys.argv[1]), demo=True), demo_latency=0) as core:
        await core.snapshots.take(STATUS)
asyncio.run(main())
print(sorted({name.partition(".")[0] for name in sys.modules} & {"aiohttp", "aiogram", "ccxt", "alembic"}))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert ran.stdout.strip() == "[]"
