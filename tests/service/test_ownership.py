"""The owner's word about accounts, on a real database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.valuation import AccountInfo
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.identity import ANOTHER
from portfolio_bot.model.statement import Statement, SubAccount
from portfolio_bot.platforms.base import WALLETS_HELD, WALLETS_READ, Memory
from portfolio_bot.platforms.identity import ACCOUNT, OTHER_ACCOUNT
from portfolio_bot.service.absences import Absences
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.ownership import Ownership
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.snapshots import STATUS, Snapshots
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.storage import accounts, ledger, membership
from portfolio_bot.storage import snapshots as stored
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.stream_progress import progress
from tests.platforms.contract.peers import KeptMemory
from tests.service.fakes import NOON, FakeDollars, FakeRates, FakeSource, Hands, down, settings, statement

MOVED = Failure(FailureKind.SUSPECT, ANOTHER)


@dataclass
class World:
    """Accounts that answer by script, in a program that remembers."""

    store: Store
    clock: Hands
    memories: Mapping[str, KeptMemory]
    collect: Collect
    snapshots: Snapshots
    owner: Ownership

    async def take(self, after: timedelta = timedelta(hours=1)) -> Sequence[str]:
        """The accounts of a snapshot that is taken later, with their state."""
        self.clock.now += after
        found = await self.snapshots.take(STATUS)
        return [f"{account.id} {'failed' if account.failure else 'ok'}" for account in found.accounts]


async def world(store: Store, clock: Hands, *sources: FakeSource) -> World:
    memories = {source.account: KeptMemory() for source in sources}
    known: Mapping[str, Memory] = memories
    infos = {s.account: AccountInfo(s.account, s.account.title(), s.account, is_exchange=True) for s in sources}
    collect = Collect(
        {source.account: source for source in sources},
        infos,
        rates=FakeRates(),
        dollars=FakeDollars(),
        clock=clock,
        ttl=timedelta(0),
        pace=0,
        absences=Absences(known),
    )
    timetable = Timetable(store, Preferences(store, clock, settings()), Calendar.of("UTC"), clock)
    snapshots = Snapshots(collect, store, FakeRates(), timetable, calendar=Calendar.of("UTC"), clock=clock)
    await snapshots.load()
    return World(store, clock, memories, collect, snapshots, Ownership(collect, known, store, clock))


def deposit(account: str) -> CashFlow:
    return CashFlow(id="1", account=account, at=NOON, kind=FlowKind.DEPOSIT, asset="BTC", amount=Decimal(1))


async def test_a_confirmed_account_begins_a_history_of_its_own(store: Store, clock: Hands) -> None:
    okx = FakeSource("okx", {"BTC": "1"}, MOVED, {"BTC": "9"}, clock=clock)
    found = await world(store, clock, okx, FakeSource("kraken", {"ETH": "1"}, clock=clock))
    note = json.dumps({"login": "new", "main": None, "key": "k"})
    await found.take()
    await store.write(lambda tx: ledger.store(tx, "okx", "deposits", [deposit("okx")]))
    assert await found.take() == ["okx failed", "kraken ok"]
    await found.memories["okx"].put(OTHER_ACCOUNT, note)
    await found.memories["okx"].put(WALLETS_READ, '["Trading"]')
    assert (await found.owner.confirm("OKX")).account == "okx"
    assert found.memories["okx"].rows == {ACCOUNT: note}
    assert await found.take() == ["okx ok", "kraken ok"]
    former = f"okx~{clock.now:%Y-%m-%d}"
    async with store.read() as tx:
        runs = await membership.runs(tx)
        assert [flow.account for flow in await ledger.flows(tx)] == [former]
        assert await progress(tx) == {}
        first = await stored.at(tx, runs[former][0].first)
    assert runs[former][-1].last < runs["okx"][0].first
    assert len(runs["kraken"]) == 1
    assert first is not None
    assert [account.id for account in first.accounts] == [former, "kraken"]


async def test_a_brokers_token_of_another_login_can_be_confirmed_too(store: Store, clock: Hands) -> None:
    found = await world(store, clock, FakeSource("tbank", {"BTC": "1"}, MOVED, {"BTC": "2"}, clock=clock))
    await found.memories["tbank"].put("sub_accounts_seen", '["aa"]')
    await found.take()
    with pytest.raises(UserError, match="waits for no answer"):
        await found.owner.confirm("tbank")
    assert await found.take() == ["tbank failed"]
    await found.owner.confirm("tbank")
    assert found.memories["tbank"].rows == {}
    assert await found.take() == ["tbank ok"]


async def test_an_account_that_asks_nothing_has_nothing_to_be_confirmed(store: Store, clock: Hands) -> None:
    found = await world(store, clock, FakeSource("okx", {"BTC": "1"}, clock=clock))
    with pytest.raises(UserError, match="waits for no answer"):
        await found.owner.confirm("okx")


async def test_an_account_that_is_gone_is_neither_asked_nor_counted_until_it_is_back(
    store: Store, clock: Hands
) -> None:
    okx, kraken = FakeSource("okx", {"BTC": "1"}, clock=clock), FakeSource("kraken", {"ETH": "1"}, clock=clock)
    found = await world(store, clock, okx, kraken)
    await found.take()
    await found.owner.say("gone", "okx")
    assert await found.take() == ["kraken ok"]
    assert okx.asked == 1
    assert list(found.collect.sources()) == ["kraken"]
    await found.owner.say("back", "okx")
    assert await found.take() == ["okx ok", "kraken ok"]


async def test_what_is_left_out_counts_again_as_soon_as_it_answers(store: Store, clock: Hands) -> None:
    okx = FakeSource("okx", {"BTC": "1"}, down(), down(), {"BTC": "1"}, down(), clock=clock)
    found = await world(store, clock, okx, FakeSource("kraken", {"ETH": "1"}, clock=clock))
    await found.take()
    assert await found.take() == ["okx failed", "kraken ok"]
    await found.owner.say("leave", "okx")
    assert await found.take() == ["kraken ok"]
    assert await found.take() == ["okx ok", "kraken ok"]
    assert await found.take() == ["okx failed", "kraken ok"], "it was left out once, not for ever"


async def test_a_wallet_that_is_gone_may_be_missing_from_the_next_reading(store: Store, clock: Hands) -> None:
    found = await world(store, clock, FakeSource("okx", {"BTC": "1"}, clock=clock))
    memory = found.memories["okx"]
    await memory.put(WALLETS_READ, '["Funding", "Trading"]')
    await memory.put(WALLETS_HELD, '["Funding"]')
    assert (await found.owner.gone("okx", "funding")).what == "Funding"
    assert memory.rows == {WALLETS_READ: '["Trading"]', WALLETS_HELD: "[]"}


async def test_an_account_inside_a_brokers_is_named_by_its_masked_number_or_name(store: Store, clock: Hands) -> None:
    found = await world(store, clock, FakeSource("tbank", {"BTC": "1"}, clock=clock))
    subs = (
        SubAccount("***01", "aa", "Savings", None, "RUB", NOON),
        SubAccount("***02", "bb", "Shares", Decimal(70), "RUB", NOON),
    )
    last = Statement("tbank", NOON, statement("tbank", {"BTC": "1"}).holdings, sub_accounts=subs)
    await store.write(lambda tx: accounts.remember(tx, {"tbank": last}, {}, {}))
    for what, left in (("***02", '["aa"]'), ("savings", '["bb"]')):
        await found.memories["tbank"].put("sub_accounts_seen", '["aa", "bb"]')
        await found.owner.gone("tbank", what)
        assert found.memories["tbank"].rows["sub_accounts_seen"] == left


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("gone", "krakn"), "Did you mean kraken\\?"),
        (("gone", "kraken", "Margin"), '"Margin" is nothing that Kraken ever held'),
        (("sell", "kraken"), '"sell" is nothing to say'),
    ],
)
async def test_what_cannot_be_meant_is_said(words: tuple[str, ...], says: str, store: Store, clock: Hands) -> None:
    found = await world(store, clock, FakeSource("kraken", {"BTC": "1"}, clock=clock))
    with pytest.raises(UserError, match=says):
        await found.owner.say(*words)
    assert found.memories["kraken"].rows == {}


async def test_to_wait_changes_nothing(store: Store, clock: Hands) -> None:
    found = await world(store, clock, FakeSource("kraken", {"BTC": "1"}, clock=clock))
    assert (await found.owner.say("wait", "kraken")).name == "Kraken"
    assert found.memories["kraken"].rows == {}
