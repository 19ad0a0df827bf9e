"""The whole program on simulated accounts: their past is read, valued, matched, and what is on its way is counted."""

from __future__ import annotations

from pathlib import Path

from portfolio_bot.app.core import open_core
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.trade import WorthSource
from portfolio_bot.service.snapshots import STATUS
from portfolio_bot.storage import ledger
from portfolio_bot.storage.ledger_rows import is_priced
from tests.app.conftest import settings
from tests.service.fakes import Hands


async def test_every_record_of_the_demo_has_a_value_once_its_past_is_read(data_dir: Path) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        await core.sync.run()
        await core.worth.catch_up(20)
        async with core.store.read() as tx:
            flows, trades = await ledger.flows(tx), await ledger.trades(tx)
    assert flows
    assert trades
    assert [record for record in [*flows, *trades] if not is_priced(record)] == []
    sources = {flow.usd.source for flow in flows if isinstance(flow.usd, tuple)}
    assert {WorthSource.DOLLARS, WorthSource.FX, WorthSource.VENUE_HISTORY} & sources


async def test_what_is_on_its_way_in_the_demo_is_a_line_of_the_next_snapshot(data_dir: Path) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        await core.sync.run()
        moving = (await core.transfers.matching()).in_transit
        portfolio: Portfolio = await core.snapshots.take(STATUS)
        names = {(row.asset, row.origin) for row in portfolio.in_transit}
    assert names == {(flow.asset, flow.account) for flow in moving}
    assert names


async def test_what_never_arrives_leaves_the_total_when_its_time_is_over(data_dir: Path) -> None:
    clock = Hands()
    async with open_core(settings(data_dir, demo=True), clock=clock, demo_latency=0) as core:
        await core.sync.run()
        assert core.transfers.under_way()
        clock.turn(hours=30)
        assert (await core.snapshots.take(STATUS)).in_transit == ()
