"""Brokers' pasts through the real reading into a real database: killed anywhere, re-booked, told by two credentials."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.platforms.base import Source
from portfolio_bot.report.views import AccountSyncView, SyncState
from portfolio_bot.service.sync import Sync
from portfolio_bot.service.sync_stream import Patience
from portfolio_bot.storage import ledger
from portfolio_bot.storage.store import Store, open_store
from tests.clock import HeldClock, moment
from tests.peers.faults import Reply, hang
from tests.peers.ibkr import flex_server, statement
from tests.peers.server import Seen
from tests.peers.tbank import OPERATIONS, TBankPeer, tbank_server
from tests.platforms import test_ibkr_flex, test_tbank
from tests.platforms.brokers import KeptMemory

NOW = moment("2026-11-20 09:00")
HASTE = Patience(call=5.0, pauses=(), limited=0.01)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path, "sqlite://", clock=HeldClock(NOW)) as opened:
        yield opened


async def synced(source: Source, store: Store, clock: HeldClock | None = None) -> AccountSyncView:
    """One life of the reading, of this account alone."""
    sync = Sync(
        {source.account: source}, {}, store, calendar=Calendar.of("UTC"), clock=clock or HeldClock(NOW), patience=HASTE
    )
    await sync.load()
    (view,) = (await sync.run()).accounts
    return view


async def stored(store: Store) -> list[str]:
    async with store.read() as tx:
        return sorted(map(repr, (*await ledger.flows(tx), *await ledger.trades(tx))))


class Stops:
    """Lets so many requests through; from then on the peer says nothing any more."""

    def __init__(self, peer: TBankPeer, after: int) -> None:
        self._answer, self._left = peer.answer, after
        self._peer = peer
        self.reached = asyncio.Event()
        peer.answer = self

    def __call__(self, seen: Seen) -> Reply:
        if self._left == 0:
            self._peer.fail(hang())
            self.reached.set()
        self._left -= 1
        return self._answer(seen)


async def test_killed_at_any_request_the_past_of_a_token_ends_the_same(store: Store, tmp_path: Path) -> None:
    async with tbank_server() as peer:
        peer.page = 3
        async with test_tbank.source(peer.url) as tbank:
            assert (await synced(tbank, store)).state is SyncState.DONE
        whole, requests = await stored(store), len(peer.requests)
    assert len(whole) == 10
    for kill_at in range(0, requests, 5):
        memory = KeptMemory()
        async with open_store(tmp_path / str(kill_at), "sqlite://", clock=HeldClock(NOW)) as again:
            async with tbank_server() as peer, test_tbank.source(peer.url, memory) as tbank:
                peer.page = 3
                stops = Stops(peer, kill_at)
                life = asyncio.create_task(synced(tbank, again))
                await stops.reached.wait()
                life.cancel()
                with suppress(asyncio.CancelledError):
                    await life
            async with tbank_server() as peer, test_tbank.source(peer.url, memory) as tbank:
                peer.page = 3
                await synced(tbank, again)
            assert await stored(again) == whole, kill_at


async def test_an_operation_that_the_bank_books_anew_is_there_once(store: Store) -> None:
    async with tbank_server() as peer, test_tbank.source(peer.url) as tbank:
        newest = peer.operations["2000000001"][0]
        newest["date"] = "2026-11-17T09:00:00Z"
        await synced(tbank, store)
        before = await stored(store)
        newest["id"] = "another"
        await synced(tbank, store)
        after = await stored(store)
    assert len(after) == len(before)
    assert [row for row in after if row not in before] == [
        row.replace("op-0009", "another") for row in before if "op-0009" in row
    ]


async def test_an_operation_that_the_bank_takes_back_is_gone(store: Store) -> None:
    async with tbank_server() as peer, test_tbank.source(peer.url) as tbank:
        peer.operations["2000000001"][0]["date"] = "2026-11-17T09:00:00Z"
        await synced(tbank, store)
        before = await stored(store)
        peer.operations["2000000001"][0]["state"] = "OPERATION_STATE_CANCELED"
        await synced(tbank, store)
    assert await stored(store) == [row for row in before if "op-0009" not in row]


async def test_a_second_reading_asks_for_the_last_week_alone(store: Store) -> None:
    async with tbank_server() as peer, test_tbank.source(peer.url) as tbank:
        await synced(tbank, store)
        peer.requests.clear()
        await synced(tbank, store)
        assert {seen.fields["from"][:10] for seen in peer.asked(OPERATIONS)} == {"2026-11-13"}
        assert len(peer.asked(OPERATIONS)) == 3


async def test_statements_are_stored_once_however_often_they_are_read(store: Store) -> None:
    clock = HeldClock(test_ibkr_flex.NOW)
    async with (
        flex_server(statement("nav-with-flows.xml")) as peer,
        test_ibkr_flex.source(peer.url, clock=clock) as flex,
    ):
        assert (await synced(flex, store, clock)).flows == 4
        before = await stored(store)
        assert (await synced(flex, store, clock)).new == 0
    assert await stored(store) == before
    assert len(before) == 4


async def test_what_a_later_statement_tells_of_earlier_days_is_taken_in(store: Store) -> None:
    clock, body = HeldClock(test_ibkr_flex.NOW), statement("nav-with-flows.xml")
    late = body.index(b'<CashTransaction accountId="U2000003" acctAlias="" model="" currency="EUR"')
    first = body[:late] + body[body.index(b"\n", late) :]
    async with flex_server(first) as peer, test_ibkr_flex.source(peer.url, clock=clock) as flex:
        assert (await synced(flex, store, clock)).flows == 3
        clock.now = moment("2026-11-20 15:00")
        peer.statement = body.replace(b'reportDate="20261118" cash', b'reportDate="20261119" cash')
        await flex.read()
        await test_ibkr_flex.settled(flex)
        assert (await synced(flex, store, clock)).flows == 4
    async with store.read() as tx:
        found = await ledger.flows(tx)
    assert {str(flow.amount) for flow in found if isinstance(flow, CashFlow)} == {"1000", "-200", "3", "-0.45"}
