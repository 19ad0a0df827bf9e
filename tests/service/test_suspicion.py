"""Flows explain an odd answer: recorded ones at once, newer ones after asking the platform; then only it is doubted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.reading import Live, Reading, Stale
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service import collect as collecting_module
from portfolio_bot.service.collect import Collect
from tests.service.fakes import NOON, FakeSource, Hands, collecting

GONE = CashFlow("w", "bybit", FlowKind.WITHDRAWAL, NOON + timedelta(minutes=1), "BTC", Decimal(-9))


class Known:
    """Flows that are recorded, and those that come when the platform is asked."""

    def __init__(self, *recorded: CashFlow, news: Sequence[CashFlow] = (), takes: float = 0.0) -> None:
        self.recorded, self.news, self.takes = list(recorded), list(news), takes
        self.asked: list[AccountId] = []

    async def flows(self, account: AccountId, since: datetime, until: datetime) -> Sequence[CashFlow]:
        return [flow for flow in self.recorded if isinstance(flow.at, datetime) and since <= flow.at < until]

    async def ask(self, account: AccountId) -> bool:
        self.asked.append(account)
        await asyncio.sleep(self.takes)
        self.recorded += self.news
        return bool(self.news)


class Broken(Known):
    async def flows(self, account: AccountId, since: datetime, until: datetime) -> Sequence[CashFlow]:
        raise RuntimeError("a bug")


def falling(clock: Hands, known: Known) -> Collect:
    """Ten coins, then one."""
    collect = collecting(FakeSource("bybit", {"BTC": "10"}, {"BTC": "1"}, clock=clock), clock=clock)
    collect.flows = known
    return collect


async def after_the_fall(clock: Hands, known: Known) -> Reading:
    collect = falling(clock, known)
    await collect.collect(max_age=timedelta(0))
    clock.turn(minutes=5)
    return (await collect.collect(max_age=timedelta(0))).readings[0]


async def test_a_fall_that_a_recorded_withdrawal_explains_is_no_suspicion(clock: Hands) -> None:
    known = Known(GONE)
    assert isinstance(await after_the_fall(clock, known), Live)
    assert known.asked == []


async def test_what_is_not_recorded_yet_is_asked_for(clock: Hands) -> None:
    known = Known(news=[GONE])
    assert isinstance(await after_the_fall(clock, known), Live)
    assert known.asked == ["bybit"]


@pytest.mark.parametrize("known", [Known(), Broken(GONE)])
async def test_without_an_explanation_it_is_doubted(clock: Hands, known: Known) -> None:
    assert isinstance(await after_the_fall(clock, known), Stale)


async def test_a_smaller_loss_is_believed_but_asked_about(clock: Hands) -> None:
    known = Known(news=[GONE])
    collect = collecting(FakeSource("bybit", {"BTC": "10"}, {"BTC": "9"}, {"BTC": "8.9"}, clock=clock), clock=clock)
    collect.flows = known
    for _ in range(3):
        clock.turn(minutes=5)
        assert isinstance((await collect.collect(max_age=timedelta(0))).readings[0], Live)
    assert known.asked == ["bybit"]


async def test_a_platform_that_does_not_answer_delays_the_doubt_for_a_short_while(
    clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "ASKING", 0.02)
    async with asyncio.timeout(10):
        assert isinstance(await after_the_fall(clock, Known(news=[GONE], takes=60)), Stale)
