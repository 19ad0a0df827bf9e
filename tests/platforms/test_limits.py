"""What a venue may be asked: by weight, in two lanes, held by the venue's word, whatever the wall clock does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.net.door import Timing, open_session
from portfolio_bot.net.timing import deadline
from portfolio_bot.platforms import tbank_api
from portfolio_bot.platforms.base import AccountConfig, Secret, Surroundings
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.ccxt_client import CcxtClient
from portfolio_bot.platforms.ccxt_venue import CcxtSource
from portfolio_bot.platforms.limits import LIMITS, Count, Gate, Gates, Lane, Limit, in_background
from portfolio_bot.platforms.venue import Venue
from portfolio_bot.platforms.venues import binance, bybit, gate, kraken, kucoin, okx
from tests.peers import faults
from tests.peers.faults import Peer, Reply, Seen, serve
from tests.peers.venue import case, venue_server
from tests.platforms.contract.peers import CANARY, make, now

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEN = Limit(10, 10)


class World:
    """A clock that only sleeping moves, and a wall clock that can be set apart from it."""

    def __init__(self) -> None:
        self.seconds, self.jumped = 1000.0, timedelta(0)

    def now(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 1000) + self.jumped

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.seconds += seconds

    def gate(self, limit: Limit = TEN) -> Gate:
        return Gate(limit, self.now, self.sleep)

    async def times(self, gate: Gate, weights: Sequence[float]) -> list[float]:
        """When each call came in, in seconds from the beginning."""
        found = []
        for weight in weights:
            await gate.enter(weight, self.wall)
            found.append(round(self.seconds - 1000, 2))
        return found


async def test_a_reports_calls_are_not_spaced_until_the_window_is_full() -> None:
    world = World()
    assert await world.times(world.gate(), [1] * 10 + [2, 8, 1]) == [0] * 10 + [10, 10, 20]


async def test_a_counter_that_drains_gives_room_bit_by_bit() -> None:
    world = World()
    assert await world.times(world.gate(replace(TEN, drains=True)), [10, 1, 3]) == [0, 1, 4]


async def test_background_work_has_half_and_leaves_the_other_half_free() -> None:
    world = World()
    gate = world.gate()
    with in_background():
        assert await world.times(gate, [1] * 6) == [0] * 5 + [10]
    assert gate.wait(9, Lane.REPORT) == 0


async def test_background_work_leaves_room_for_a_report_of_each_account_that_shares_the_gate() -> None:
    world = World()
    gate = world.gate(replace(TEN, report=3))
    gate.members |= {"okx", "okx-second"}
    with in_background():
        assert await world.times(gate, [2, 2, 2]) == [0, 0, 10]
    assert gate.wait(6, Lane.REPORT) == 0


async def test_background_work_stands_back_while_a_report_has_used_the_room() -> None:
    world = World()
    gate = world.gate(replace(TEN, report=4))
    await world.times(gate, [6])
    with in_background():
        assert await world.times(gate, [1]) == [10]


async def test_a_call_dearer_than_the_background_may_use_comes_in_alone() -> None:
    world = World()
    with in_background():
        assert await world.times(world.gate(), [1, 8, 1]) == [0, 10, 20]


async def test_a_report_comes_in_before_background_work_that_waits_longer() -> None:
    world, order = World(), []
    gate = world.gate()
    await world.times(gate, [10])

    async def one(name: str, *, background: bool) -> None:
        if background:
            with in_background():
                await gate.enter(5, world.wall)
        else:
            await gate.enter(10, world.wall)
        order.append(name)

    await asyncio.gather(one("sync", background=True), one("report", background=False))
    assert order == ["report", "sync"]


async def test_a_hold_fails_a_report_at_once_with_the_time_and_lets_background_work_wait() -> None:
    world = World()
    gate = world.gate()
    gate.hold(world.wall() + timedelta(seconds=300), world.wall)
    with pytest.raises(SourceError) as caught:
        await gate.enter(1, world.wall)
    assert (caught.value.failure.kind, world.seconds) == (FailureKind.RATE_LIMITED, 1000)
    assert caught.value.failure.retry_at == NOON + timedelta(seconds=300)
    with in_background():
        assert await world.times(gate, [1]) == [300]


async def test_a_report_that_would_wait_past_its_deadline_says_so_instead() -> None:
    world = World()
    gate = world.gate()
    await world.times(gate, [10])
    token = deadline.set(asyncio.get_running_loop().time() + 5)
    try:
        with pytest.raises(SourceError) as caught:
            await gate.enter(1, world.wall)
    finally:
        deadline.reset(token)
    assert caught.value.failure.retry_at == NOON + timedelta(seconds=10)


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)])
async def test_a_clock_that_jumps_neither_stops_nor_hurries(jump: timedelta) -> None:
    world = World()
    gate = world.gate()
    gate.hold(world.wall() + timedelta(seconds=20), world.wall)
    world.jumped = jump
    with in_background():
        assert await world.times(gate, [5, 1]) == [20, 30]


async def test_an_asker_who_gives_up_leaves_the_gate_as_it_was() -> None:
    gate = Gate(Limit(1, 0.05))
    await gate.enter(1, now)
    given_up = asyncio.create_task(gate.enter(1, now))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])
    async with asyncio.timeout(5):
        with in_background():
            await gate.enter(1, now)


def test_a_count_never_lets_more_into_any_window_than_the_limit() -> None:
    count, moment, spent = Count(TEN), 0.0, []
    for step in range(200):
        weight = 1 + step * 7 % 4
        moment += count.until(TEN.units - weight, moment) + (step % 3) * 0.4
        count.spend(weight, moment)
        spent.append((moment, weight))
        assert sum(w for at, w in spent if at > moment - TEN.seconds) <= TEN.units


def test_every_exchange_has_limits_in_which_reports_of_two_accounts_fit() -> None:
    for source, spec in SOURCES.items():
        if spec.is_exchange:
            limit = LIMITS[source].private
            together = 2 if limit.by_address else 1
            assert 0 < limit.report * together <= limit.units, source


LEDGERS = "private_post_ledgers"
GOOD = {"retCode": 0, "retMsg": "OK", "result": {"list": []}}
BALANCE = "private_get_v5_account_wallet_balance"


@asynccontextmanager
async def around(**more: Any) -> AsyncIterator[Surroundings]:
    async with open_session() as session:
        yield Surroundings(session, now, Timing(2.0, 2.0), **more)


def client(venue: Venue, peer: Peer, shared: Surroundings, label: str = "", key: str = CANARY) -> CcxtClient:
    secrets = {name: Secret(CANARY) for name in SOURCES[venue.source].secrets} | {"API_KEY": Secret(key)}
    return CcxtClient(venue, AccountConfig(venue.source + label, venue.source, "", secrets), shared, peer.url)


async def limited(made: CcxtClient, method: str = BALANCE) -> timedelta:
    """How long from now the account is told to wait."""
    with pytest.raises(SourceError) as caught:
        await made.call(method)
    assert caught.value.failure.kind is FailureKind.RATE_LIMITED
    assert caught.value.failure.retry_at is not None
    return caught.value.failure.retry_at - now()


async def test_two_accounts_behind_one_address_are_counted_and_held_together() -> None:
    async with serve(lambda _: Reply.of(GOOD)) as peer, around() as shared:
        one, other = client(bybit.VENUE, peer, shared), client(bybit.VENUE, peer, shared, "-b", "other")
        await one.call(BALANCE)
        await other.call(BALANCE)
        assert sorted(spent for spent in shared.gates.spent().values() if spent) == [1, 1, 2]
        peer.fail(faults.status(429, {"retCode": 10006, "result": {}}, {"Retry-After": "60"}))
        assert timedelta(seconds=58) < await limited(one) <= timedelta(seconds=60)
        asked = len(peer.requests)
        assert timedelta(seconds=58) < await limited(other) <= timedelta(seconds=60)
        assert len(peer.requests) == asked, "a request left although the address is held"


async def test_an_endpoint_that_may_rarely_be_asked_slows_no_other() -> None:
    async with serve(lambda _: Reply.of(GOOD)) as peer, around() as shared:
        made = client(bybit.VENUE, peer, shared)
        loop = asyncio.get_running_loop()
        with in_background():
            await made.call("private_get_v5_asset_transfer_query_inter_transfer_list")
            started = loop.time()
            for _ in range(5):
                await made.call("private_get_v5_execution_list")
            assert loop.time() - started < 0.5
            await made.call("private_get_v5_asset_transfer_query_inter_transfer_list")
            assert loop.time() - started > 0.5


async def test_bank_orders_of_binance_leave_the_rest_alone() -> None:
    async with serve(lambda _: Reply.of({"code": "000000", "data": [], "total": 0})) as peer, around() as shared:
        made = client(binance.VENUE, peer, shared)
        for _ in range(2):
            await made.call("sapi_get_fiat_orders", {"transactionType": "0"})
        spent = {key[1]: spent for key, spent in shared.gates.spent().items() if isinstance(key, tuple)}
        assert (spent["sapi_get_fiat_orders"], spent["private"]) == (2, 0)


async def test_accounts_behind_two_proxies_are_two_addresses() -> None:
    async with serve(lambda _: Reply.of(GOOD)) as peer, around() as shared:
        one = client(bybit.VENUE, peer, shared)
        other = client(bybit.VENUE, peer, replace(shared, proxy="http://127.0.0.1:1"), "-b", "other")
        peer.fail(faults.status(429, {"retCode": 10006, "result": {}}))
        await limited(one)
        with pytest.raises(SourceError) as caught:
            await other.call(BALANCE)
        assert caught.value.failure.kind is FailureKind.UNREACHABLE


async def test_where_the_key_is_counted_another_key_goes_on() -> None:
    async with serve(lambda _: Reply.of({"code": "0", "data": []})) as peer, around() as shared:
        one, other = client(okx.VENUE, peer, shared), client(okx.VENUE, peer, shared, "-b", "other")
        peer.fail(faults.status(429, {"code": "50011", "data": []}), times=1)
        await limited(one, "private_get_account_balance")
        await other.call("private_get_account_balance")


def in_ms(seconds: float) -> str:
    return str(round((now().timestamp() + seconds) * 1000))


@pytest.mark.parametrize(
    ("venue", "method", "answer", "seconds"),
    [
        (
            gate.VENUE,
            "private_spot_get_accounts",
            lambda: ({"label": "TOO_MANY_REQUESTS"}, {"X-Gate-RateLimit-Reset-Timestamp": in_ms(7)[:-3]}),
            7,
        ),
        (
            binance.VENUE,
            "private_get_account",
            lambda: (
                {"code": -1003, "msg": f"Way too many requests; IP banned until {in_ms(700)}. Use websockets."},
                {},
            ),
            700,
        ),
        (
            bybit.VENUE,
            BALANCE,
            lambda: ({"retCode": 10006, "result": {}}, {"X-Bapi-Limit-Reset-Timestamp": in_ms(7)}),
            7,
        ),
        (
            bybit.VENUE,
            BALANCE,
            lambda: ({"retCode": 10006, "result": {}}, {"X-Bapi-Limit-Reset-Timestamp": in_ms(-3)}),
            1,
        ),
        (
            kucoin.VENUE,
            "private_get_accounts",
            lambda: ({"code": "429000", "msg": "?"}, {"gw-ratelimit-reset": "7000"}),
            7,
        ),
        (okx.VENUE, "private_get_account_balance", lambda: ({"code": "50011", "data": []}, {"Retry-After": "7"}), 7),
        (okx.VENUE, "private_get_account_balance", lambda: ({"code": "50011", "data": []}, {}), 60),
    ],
)
async def test_the_delay_that_a_venue_names_in_its_own_way_is_kept(
    venue: Venue, method: str, answer: Any, seconds: float
) -> None:
    body, headers = answer()
    async with serve(lambda _: Reply.of(GOOD)) as peer, around() as shared:
        peer.fail(faults.status(429, body, headers))
        assert (await limited(client(venue, peer, shared), method)).total_seconds() == pytest.approx(seconds, abs=1.5)


async def test_a_report_gets_krakens_nonce_turn_while_background_work_waits_for_room() -> None:
    def answer(_seen: Seen) -> Reply:
        return Reply.of({"error": [], "result": {}})

    async with serve(answer) as peer, around() as shared:
        made = client(kraken.VENUE, peer, shared)

        async def sync() -> None:
            with in_background():
                for _ in range(5):
                    await made.call("private_post_ledgers")

        syncing = asyncio.create_task(sync())
        async with asyncio.timeout(5):
            while len(peer.requests) < 3:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert [seen.path for seen in peer.requests].count("/0/private/Ledgers") == 3, "half of 45 units, 6 each"
        async with asyncio.timeout(4):  # the fourth one has room after six seconds
            for _ in range(5):
                await made.call("private_post_balanceex")
        syncing.cancel()
        await asyncio.wait([syncing])
        nonces = [int(seen.fields["nonce"]) for seen in peer.requests]
        assert nonces == sorted(set(nonces))


async def test_krakens_nonce_rises_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve(lambda _: Reply.of({"error": [], "result": {}})) as peer, around() as shared:
        made = client(kraken.VENUE, peer, shared)
        await made.call("private_post_balanceex")
        monkeypatch.setattr(made._exchange, "milliseconds", lambda: 1_000_000)
        await made.call("private_post_balanceex")
        first, second = (int(seen.fields["nonce"]) for seen in peer.requests)
        assert second == first + 1


def test_gates_of_one_key_are_one_gate() -> None:
    gates = Gates()
    one, same = gates.gate(("okx", "key"), TEN, "okx"), gates.gate(("okx", "key"), TEN, "okx-b")
    assert one is same
    assert one.members == {"okx", "okx-b"}


async def test_tbank_counts_each_service_apart_and_everybody_with_the_token_waits() -> None:
    limit = faults.status(429, {"code": 8, "message": "?", "description": "80002"}, {"x-ratelimit-reset": "30"})
    async with serve(lambda _: Reply.of({})) as peer, around(patience=1.0) as shared:
        config = AccountConfig("tbank", "tbank", "", {"API_TOKEN": Secret(CANARY)}, peer.url)
        one, same = tbank_api.Api(config, shared, tbank_api.Pauses()), tbank_api.Api(config, shared, tbank_api.Pauses())
        peer.fail(limit, times=1)
        for api in (one, same):
            with pytest.raises(SourceError) as caught:
                await api.call("UsersService/GetAccounts")
            assert caught.value.failure.kind is FailureKind.RATE_LIMITED
        assert len(peer.requests) == 1
        await same.call("OperationsService/GetPortfolio")


@pytest.mark.parametrize(
    ("source", "asked"),
    [("okx", "private_get_trade_fills_history"), ("bybit", "private_get_v5_execution_list"), ("kraken", LEDGERS)],
)
async def test_a_sync_that_takes_all_it_may_does_not_delay_a_report(source: str, asked: str) -> None:
    async with venue_server(source, case(source, "whole account")) as peer, around() as shared:
        made = await make(source, peer.url, shared)
        assert isinstance(made, CcxtSource)
        client = made._home.client

        async def sync() -> None:
            with in_background():
                while True:
                    await client.call(asked, {"instType": "SPOT", "category": "spot"})

        syncing = [asyncio.create_task(sync()) for _ in range(5)]
        await asyncio.sleep(0.3)
        started = time.monotonic()
        assert (await made.read()).holdings
        assert time.monotonic() - started < 1.8, "the shortest of their windows is two seconds"
        for task in syncing:
            task.cancel()
        await asyncio.wait(syncing)
        assert len(peer.requests) > 5, "nothing was synced"
