"""The simulated world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.portfolio import Complete, Provisional
from portfolio_bot.platforms.demo import DemoSource, DemoWorld
from portfolio_bot.platforms.demo_market import Scenario

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)


def nav(scenario: Scenario, ago: float) -> float:
    total = DemoWorld(scenario, NOW).portfolio(NOW - timedelta(days=ago)).total_usd
    return float(total.value.amount if isinstance(total, Complete) else 0)


def test_the_same_seed_gives_the_same_figures() -> None:
    one, other = (DemoWorld(Scenario.BULL, NOW).portfolio(NOW) for _ in range(2))
    assert one == other
    assert one.total_usd != DemoWorld(Scenario.BULL, NOW, seed=1).portfolio(NOW).total_usd


def test_each_scenario_does_what_its_name_says() -> None:
    bull, bear = (DemoWorld(name, NOW).market for name in (Scenario.BULL, Scenario.BEAR))
    year_ago = NOW - timedelta(days=365)
    assert bull.price("BTC", NOW) > bull.price("BTC", year_ago)
    assert bear.price("BTC", NOW) < bear.price("BTC", year_ago)
    assert nav(Scenario.CRASH, 0) < 0.8 * nav(Scenario.CRASH, 3)
    assert isinstance(DemoWorld(Scenario.OUTAGE, NOW).portfolio(NOW).total_usd, Provisional)


def test_prices_move_without_jumps() -> None:
    market = DemoWorld(Scenario.SIDEWAYS, NOW).market
    series = [float(market.price("BTC", NOW + timedelta(minutes=m))) for m in range(600)]
    assert max(abs(b / a - 1) for a, b in pairwise(series)) < 0.003
    assert len(set(series)) > 500


async def test_the_outage_refuses_a_key_from_its_beginning_on() -> None:
    world = DemoWorld(Scenario.OUTAGE, NOW)
    source = DemoSource(world, "kraken", lambda: NOW, latency=0)
    with pytest.raises(SourceError) as caught:
        await source.read()
    assert caught.value.failure.kind is FailureKind.BAD_KEY
    before = DemoSource(world, "kraken", lambda: NOW - timedelta(hours=3), latency=0)
    assert (await before.read()).holdings
