"""What explains an odd answer: stored flows of that account, and a look at the newest ones."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.service.recorded_flows import RecordedFlows
from portfolio_bot.service.sync import Sync
from portfolio_bot.storage import ledger
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, FakeSource, Hands


async def test_only_flows_of_that_account_and_time_are_told(store: Store, clock: Hands) -> None:
    for account, hours in (("bybit", -2), ("bybit", -1), ("bybit", 0), ("okx", -1)):
        at = NOON + timedelta(hours=hours)
        made = CashFlow(f"{account}{hours}", account, FlowKind.DEPOSIT, at, "BTC", Decimal(1))
        await store.write(lambda tx, one=made: ledger.store(tx, one.account, "", [one]))  # type: ignore[misc]
    sync = Sync({"bybit": FakeSource("bybit", {}, clock=clock)}, {}, store, calendar=Calendar.of("UTC"), clock=clock)
    known = RecordedFlows(store, sync)
    found = await known.flows("bybit", NOON - timedelta(hours=1), NOON)
    assert [flow.id for flow in found] == ["bybit-1"]


async def test_an_account_that_tells_nothing_of_its_past_has_no_news(store: Store, clock: Hands) -> None:
    sync = Sync({"bybit": FakeSource("bybit", {}, clock=clock)}, {}, store, calendar=Calendar.of("UTC"), clock=clock)
    assert not await RecordedFlows(store, sync).ask("bybit")
