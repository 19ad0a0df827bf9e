"""All accounts at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.account import AccountState
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, RateTable
from portfolio_bot.model.reading import Cached, Failed, Live, Reading, Stale
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.net.timing import deadline, in_transaction
from portfolio_bot.platforms.base import StandIn
from portfolio_bot.service.collect import AccountProgress, Collect
from tests.service.fakes import HANG, NOON, TTL, FakeDollars, FakeRates, FakeSource, Hands, collecting, down, statement

NOW = timedelta(0)
HALF_MINUTE = 31


async def readings(collect: Collect, max_age: timedelta = NOW, *, forced: bool = False) -> tuple[Reading, ...]:
    return (await collect.collect(max_age=max_age, forced=forced)).readings


async def one(collect: Collect, max_age: timedelta = NOW, *, forced: bool = False) -> Reading:
    (found,) = await readings(collect, max_age, forced=forced)
    return found


async def test_accounts_answer_side_by_side_in_the_order_of_the_settings(clock: Hands) -> None:
    sources = [FakeSource(name, {"BTC": "1"}, clock=clock, takes=0.2) for name in ("bybit", "okx", "kraken")]
    started = time.monotonic()
    found = await readings(collecting(*sources, clock=clock))
    assert time.monotonic() - started < 0.39
    assert [reading.account for reading in found] == ["bybit", "okx", "kraken"]


async def test_rates_and_dollars_are_fetched_beside_the_accounts(clock: Hands) -> None:
    source = FakeSource("bybit", {"USDT": "1"}, clock=clock, takes=0.2)
    collect = collecting(source, clock=clock, rates=FakeRates(takes=0.2), dollars=FakeDollars(takes=0.2))
    started = time.monotonic()
    await collect.collect(max_age=NOW)
    assert time.monotonic() - started < 0.39


async def test_the_currencies_of_last_time_are_asked_for_before_anybody_answered(clock: Hands) -> None:
    rates = FakeRates()
    collect = collecting(FakeSource("kraken", {"EUR": "5"}, clock=clock), clock=clock, rates=rates)
    await collect.collect(max_age=NOW)
    assert rates.prefetched == {"RUB"}
    await collect.collect(max_age=NOW)
    assert rates.prefetched == {"EUR", "RUB"}


async def test_the_currency_that_people_read_in_is_asked_for_whatever_is_held(clock: Hands) -> None:
    asked: list[frozenset[str]] = []

    class Noting(FakeRates):
        async def latest(self, currencies, **more):  # type: ignore[no-untyped-def]
            asked.append(frozenset(currencies))
            return await super().latest(currencies, **more)

    rates = Noting()
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, clock=clock), clock=clock, rates=rates, headline="GBP")
    await collect.collect(max_age=NOW)
    assert rates.prefetched == {"RUB", "GBP"}
    assert {"RUB", "GBP"} in asked


async def test_nobody_waits_for_one_that_hangs_longer_than_its_own_patience(clock: Hands) -> None:
    good = FakeSource("okx", {"BTC": "1"}, clock=clock)
    started = time.monotonic()
    found = await readings(collecting(FakeSource("bybit", HANG, clock=clock, patience=0.05), good, clock=clock))
    assert time.monotonic() - started < 0.5
    assert isinstance(found[0], Failed)
    assert found[0].failure.kind is FailureKind.TIMEOUT
    assert isinstance(found[1], Live)


async def test_a_bug_in_one_source_is_logged_and_costs_the_others_nothing(
    clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    buggy = FakeSource("bybit", ZeroDivisionError("oops"), clock=clock)
    found = await readings(collecting(buggy, FakeSource("okx", {"BTC": "1"}, clock=clock), clock=clock))
    assert isinstance(found[0], Failed)
    assert found[0].failure.kind is FailureKind.BUG
    assert isinstance(found[1], Live)
    assert "ZeroDivisionError" in caplog.text


async def test_a_source_knows_when_its_time_is_up(clock: Hands) -> None:
    seen: list[float | None] = []

    class Curious(FakeSource):
        async def read(self):  # type: ignore[no-untyped-def]
            seen.append(deadline.get())
            return await super().read()

    before = asyncio.get_running_loop().time()
    await collecting(Curious("bybit", {"BTC": "1"}, clock=clock, patience=7), clock=clock).collect(max_age=NOW)
    assert seen[0] is not None
    assert 6.9 < seen[0] - before < 7.5
    assert deadline.get() is None


async def test_a_young_answer_is_given_again_and_an_old_one_is_not(clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    collect = collecting(source, clock=clock)
    assert isinstance(await one(collect, TTL), Live)
    clock.turn(seconds=60)
    assert isinstance(await one(collect, TTL), Cached)
    clock.turn(seconds=1)
    assert isinstance(await one(collect, TTL), Live)
    assert source.asked == 2


async def test_nobody_gets_an_answer_older_than_the_cache_allows(clock: Hands) -> None:
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, clock=clock), clock=clock)
    await one(collect)
    clock.turn(minutes=5)
    assert isinstance(await one(collect, timedelta(hours=1)), Live)


async def test_a_clock_set_back_makes_no_answer_young(clock: Hands) -> None:
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, clock=clock), clock=clock)
    await one(collect)
    clock.turn(hours=-1)
    assert isinstance(await one(collect, TTL), Live)


async def test_who_asks_at_the_same_time_gets_the_same_round(clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "1"}, clock=clock, takes=0.02)
    collect = collecting(source, clock=clock)
    first, second = await asyncio.gather(collect.collect(max_age=TTL), collect.collect(max_age=TTL))
    assert first is second
    assert source.asked == 1


async def test_a_pull_beside_a_report_asks_nobody_twice_but_takes_nothing_from_memory(clock: Hands) -> None:
    quick = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    slow = FakeSource("okx", {"BTC": "1"}, {"BTC": "1"}, clock=clock)
    collect = collecting(quick, slow, clock=clock)
    await collect.collect(max_age=TTL)
    clock.turn(seconds=61)
    slow.takes = 0.05
    report = asyncio.create_task(collect.collect(max_age=TTL))
    await asyncio.sleep(0.02)
    pull = await collect.collect(max_age=NOW, forced=True)
    assert all(isinstance(reading, Live) for reading in pull.readings)
    assert pull is not await report
    assert (quick.asked, slow.asked) == (3, 2)


async def test_an_asker_who_leaves_does_not_end_the_round_of_the_others(clock: Hands) -> None:
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, clock=clock, takes=0.05), clock=clock)
    leaving = asyncio.create_task(collect.collect(max_age=TTL))
    staying = asyncio.create_task(collect.collect(max_age=TTL))
    await asyncio.sleep(0.01)
    leaving.cancel()
    assert isinstance((await staying).readings[0], Live)


async def test_a_person_who_asks_beside_a_round_that_spares_an_account_gets_it_asked(clock: Hands) -> None:
    paused = FakeSource("bybit", down(FailureKind.BAD_KEY), {"BTC": "1"}, clock=clock)
    slow = FakeSource("okx", {"BTC": "1"}, clock=clock, takes=0.05)
    collect = collecting(paused, slow, clock=clock)
    await collect.collect(max_age=NOW)
    sparing = asyncio.create_task(collect.collect(max_age=NOW))
    await asyncio.sleep(0.01)
    found = await readings(collect, forced=True)
    await sparing
    assert isinstance(found[0], Live)
    assert (paused.asked, slow.asked) == (2, 2)


async def test_one_who_asks_for_a_single_account_and_leaves_ends_nobodys_fetch(clock: Hands) -> None:
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, clock=clock, takes=0.05), clock=clock)
    leaving = asyncio.create_task(collect.read("bybit"))
    await asyncio.sleep(0.01)
    staying = asyncio.create_task(collect.collect(max_age=TTL))
    await asyncio.sleep(0.01)
    leaving.cancel()
    assert isinstance((await staying).readings[0], Live)


async def test_the_last_good_value_stands_in_with_the_beginning_of_the_outage(clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "1"}, down(), clock=clock)
    collect = collecting(source, clock=clock)
    await one(collect)
    clock.turn(minutes=10)
    await one(collect)
    clock.turn(minutes=10)
    found = await one(collect)
    assert isinstance(found, Stale)
    assert found.last_good.as_of == NOON
    assert found.since == NOON + timedelta(minutes=10)


async def test_the_last_good_value_stands_in_after_a_restart(clock: Hands) -> None:
    collect = collecting(FakeSource("bybit", down(), clock=clock), clock=clock)
    kept = statement("bybit", {"BTC": "2"})
    collect.restore({"bybit": kept}, {"bybit": AccountState(down(), NOON, 4, NOON + timedelta(hours=1))}, {})
    found = await one(collect)
    assert isinstance(found, Stale)
    assert found.last_good is kept
    assert found.since == NOON
    assert collect.states()["bybit"].failures_in_row == 5


async def test_a_source_may_hand_over_an_older_statement_with_its_failure(clock: Hands) -> None:
    old = statement("ibkr", {"USD": "500"})
    collect = collecting(FakeSource("ibkr", StandIn(down(FailureKind.UNAVAILABLE), old), clock=clock), clock=clock)
    found = await one(collect)
    assert isinstance(found, Stale)
    assert found.last_good == old


async def test_an_account_that_pauses_is_asked_only_by_a_pull(clock: Hands) -> None:
    source = FakeSource("bybit", down(FailureKind.BAD_KEY), clock=clock)
    collect = collecting(source, clock=clock)
    await one(collect)
    clock.turn(minutes=30)
    assert isinstance(await one(collect, TTL), Failed)
    assert source.asked == 1
    await one(collect, forced=True)
    assert source.asked == 2


async def test_it_is_logged_once_when_it_goes_and_once_when_it_returns(
    clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    source = FakeSource("bybit", down(), down(), {"BTC": "1"}, {"BTC": "1"}, clock=clock)
    collect = collecting(source, clock=clock)
    for _ in range(4):
        await one(collect)
        clock.turn(minutes=5)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["bybit is down: unreachable", "bybit is back after 0:10:00"]


async def test_progress_is_told_account_by_account(clock: Hands) -> None:
    told: list[Mapping[str, AccountProgress]] = []
    collect = collecting(
        FakeSource("bybit", {"BTC": "1"}, clock=clock),
        FakeSource("okx", down(), clock=clock, takes=0.02),
        clock=clock,
    )
    await collect.collect(max_age=NOW, progress=told.append)
    assert told == [
        {"bybit": "waiting", "okx": "waiting"},
        {"bybit": "ok", "okx": "waiting"},
        {"bybit": "ok", "okx": "failed"},
    ]


async def test_an_empty_answer_is_not_believed_until_another_one_agrees_half_a_minute_later(clock: Hands) -> None:
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, {}, clock=clock), clock=clock)
    await one(collect)
    found = await one(collect)
    assert isinstance(found, Stale)
    assert found.failure == Failure(FailureKind.SUSPECT, "empty")
    assert not collect.wants_opinion()
    assert isinstance(await one(collect), Stale)  # at once is no second opinion
    clock.turn(seconds=HALF_MINUTE)
    assert collect.wants_opinion()
    assert isinstance(await one(collect), Live)
    assert collect.states()["bybit"] == AccountState()


async def test_two_odd_answers_that_differ_prove_nothing(clock: Hands) -> None:
    source = FakeSource("bybit", {"BTC": "10"}, {"BTC": "1"}, {"BTC": "2"}, {"BTC": "2"}, clock=clock)
    collect = collecting(source, clock=clock)
    await one(collect)
    await one(collect)
    clock.turn(seconds=HALF_MINUTE)
    assert isinstance(await one(collect), Stale)
    clock.turn(seconds=HALF_MINUTE)
    assert isinstance(await one(collect), Live)


async def test_an_odd_answer_that_the_venues_own_total_contradicts_is_not_believed_twice_either(clock: Hands) -> None:
    odd = statement("bybit", {"BTC": "1"}, venue_says="1000")
    collect = collecting(FakeSource("bybit", {"BTC": "10"}, odd, clock=clock), clock=clock)
    await one(collect)
    await one(collect)
    clock.turn(seconds=HALF_MINUTE)
    assert isinstance(await one(collect), Stale)


async def test_an_odd_answer_that_was_a_hiccup_leaves_no_trace(clock: Hands) -> None:
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, {}, {"BTC": "1"}, clock=clock), clock=clock)
    await one(collect)
    await one(collect)
    assert isinstance(await one(collect), Live)
    assert collect.states()["bybit"].suspicion is None


async def test_a_suspicion_survives_a_restart(clock: Hands) -> None:
    first = collecting(FakeSource("bybit", {"BTC": "1"}, {}, clock=clock), clock=clock)
    await one(first)
    await one(first)
    second = collecting(FakeSource("bybit", {}, clock=clock), clock=clock)
    second.restore({"bybit": statement("bybit", {"BTC": "1"})}, first.states(), {})
    clock.turn(seconds=HALF_MINUTE)
    assert isinstance(await one(second), Live)


async def test_a_doubted_account_is_hurried_only_a_few_times(clock: Hands) -> None:
    script = [{"BTC": "100"}, *({"BTC": str(amount)} for amount in range(1, 9))]
    collect = collecting(FakeSource("bybit", *script, clock=clock), clock=clock)
    await one(collect)
    hurried = 0
    for _ in range(8):
        await one(collect)
        clock.turn(seconds=HALF_MINUTE)
        hurried += collect.wants_opinion()
    assert hurried == 3


async def test_a_kept_statement_has_its_dollars_pinned(clock: Hands) -> None:
    found = await one(collecting(FakeSource("bybit", {"USDT": "10"}, clock=clock), clock=clock))
    assert isinstance(found, Live)
    assert found.statement.prices["USDT", "USD"] == Decimal("0.999")


class Broker(FakeSource):
    """Its books say 90 roubles for a dollar, an eighth more than the bank does."""

    looked = 0

    async def implied_usd_rub(self) -> Decimal | None:
        self.looked += 1
        return Decimal(90)


async def test_a_brokers_books_stand_in_only_when_no_bank_has_a_rate(clock: Hands) -> None:
    rates = FakeRates()
    collect = collecting(Broker("tbank", {"USD": "1"}, clock=clock), clock=clock, rates=rates)
    await one(collect)
    assert rates.implied == {}
    rates.rub = Unknown("no_rate", "USD/RUB")
    await one(collect)
    assert rates.implied == {FxProvider.TBANK: Decimal(90)}


async def test_a_brokers_books_are_held_beside_the_bank_once_an_hour(clock: Hands) -> None:
    broker = Broker("tbank", {"USD": "1"}, clock=clock)
    collect = collecting(broker, clock=clock)
    for minutes in (0, 59):
        clock.turn(minutes=minutes)
        found = await collect.collect(max_age=NOW)
        assert [(notice.kind, notice.detail) for notice in found.notices] == [(WarningKind.FX_DEVIATION, "+12.5 %")]
    assert broker.looked == 1


async def test_nothing_is_fetched_while_the_database_is_held(clock: Hands) -> None:
    token = in_transaction.set(True)
    try:
        with pytest.raises(RuntimeError, match="transaction"):
            await collecting(FakeSource("bybit", {}, clock=clock), clock=clock).collect(max_age=NOW)
    finally:
        in_transaction.reset(token)


class SlowRates(FakeRates):
    async def latest(self, *_: object, **__: object) -> RateTable:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits that long")


async def test_closing_ends_every_round_though_a_pull_began_one_beside_another(clock: Hands) -> None:
    collect = collecting(FakeSource("bybit", {"BTC": "1"}, clock=clock), clock=clock, rates=SlowRates())
    rounds = [asyncio.create_task(collect.collect(max_age=TTL)), asyncio.create_task(collect.collect(max_age=NOW))]
    await asyncio.sleep(0.02)
    begun = [task for task in asyncio.all_tasks() if task.get_name() == "collect"]
    assert len(begun) == 2
    await collect.close()
    assert all(task.done() for task in begun)
    await asyncio.gather(*rounds, return_exceptions=True)


async def test_closing_ends_what_is_under_way(clock: Hands) -> None:
    source = FakeSource("bybit", HANG, clock=clock, patience=30)
    collect = collecting(source, clock=clock)
    asking = asyncio.create_task(collect.collect(max_age=NOW))
    await asyncio.sleep(0.01)
    await collect.close()
    assert source.closed
    with pytest.raises(asyncio.CancelledError):
        await asking
