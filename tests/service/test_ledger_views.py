"""Flows and trades for screens: chosen, cut, with what is left out said, and read no further back than needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.report.views import Asked, SyncState
from portfolio_bot.service.ledger_views import LedgerViews
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger
from portfolio_bot.storage.ledger import Progress, Record
from portfolio_bot.storage.store import open_store
from tests.report.gallery import NOW, PARIS
from tests.report.ledgers import NAMES, at, flow, trades

MOVES = [
    flow(f"bybit transfer {sign}{n} USDT", at(19, f"{n:02}:00"), txid=f"t{n}", wallets="spot → earn")
    for n in range(1, 21)
    for sign in ("-", "")
]
DEPOSITS = [flow(f"bybit deposit {n} USDT = {n}", at(n)) for n in range(1, 9)]


@asynccontextmanager
async def views(
    folder: Path, records: Sequence[Record], *, calendar: Calendar = PARIS, progress: Progress | None = None
) -> AsyncIterator[LedgerViews]:
    async with open_store(folder, clock=lambda: NOW) as store:
        for account in {record.account for record in records}:
            mine = [record for record in records if record.account == account]
            await store.write(lambda tx, whose=account, rows=mine: ledger.store(tx, whose, "", rows))  # type: ignore[misc]
        if progress is not None:
            await store.write(lambda tx: ledger.put_progress(tx, progress))
        yield LedgerViews(store, Transfers(store, calendar, lambda: NOW), calendar, NAMES)


async def test_what_is_hidden_does_not_count_against_the_limit(tmp_path: Path) -> None:
    async with views(tmp_path, [*MOVES, *DEPOSITS]) as made:
        listing = await made.flows(Asked(), limit=3)
        everything = await made.flows(Asked(every=True), limit=3)
    assert [row.kind for row in listing.flows] == [FlowKind.DEPOSIT] * 3
    assert listing.more
    assert {row.kind for row in everything.flows} == {FlowKind.TRANSFER}


async def test_the_last_of_them_leaves_nothing_out(tmp_path: Path) -> None:
    async with views(tmp_path, [*MOVES, *DEPOSITS]) as made:
        listing = await made.flows(Asked(), limit=8)
    assert len(listing.flows) == 8
    assert not listing.more


async def test_kinds_and_assets_can_be_chosen(tmp_path: Path) -> None:
    rows = [*DEPOSITS, flow("okx income 1 ETH = 3000", at(9)), flow("okx deposit 1 ETH = 3000", at(10))]
    async with views(tmp_path, rows) as made:
        eth = await made.flows(Asked(asset="ETH"), limit=10)
        income = await made.flows(Asked(), limit=10, kinds={FlowKind.INCOME})
        mine = await made.flows(Asked(account="okx"), limit=10)
    assert [row.kind for row in eth.flows] == [FlowKind.DEPOSIT, FlowKind.INCOME]
    assert [row.asset for row in income.flows] == ["ETH"]
    assert len(mine.flows) == 2


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
async def test_a_flow_of_a_day_lies_in_that_day_wherever_its_owner_lives(zone: str, tmp_path: Path) -> None:
    calendar = Calendar.of(zone)
    rows: list[CashFlow] = [replace(row, at=date(2026, 11, day)) for day, row in enumerate(DEPOSITS, 1)]
    asked = Asked(since=calendar.start(date(2026, 11, 3)), until=calendar.end(date(2026, 11, 4)))
    async with views(tmp_path, rows, calendar=calendar) as made:
        listing = await made.flows(asked, limit=10)
    assert [row.at for row in listing.flows] == [date(2026, 11, 4), date(2026, 11, 3)]


async def test_trades_say_whether_there_are_older_ones(tmp_path: Path) -> None:
    async with views(tmp_path, trades()) as made:
        some, every = await made.trades(Asked(), limit=3), await made.trades(Asked(), limit=4)
    assert ([row.id for row in some.trades], some.more) == (["t4", "t3", "t2"], True)
    assert (len(every.trades), every.more) == (4, False)


async def test_how_far_it_is_read_comes_from_what_is_stored(tmp_path: Path) -> None:
    failure = Failure(FailureKind.TIMEOUT)
    progress = Progress("okx", "fills", "trades", at(1), at(2), keeps=timedelta(days=90), failure=failure, tried_at=NOW)
    async with views(tmp_path, DEPOSITS, progress=progress) as made:
        found = await made.progress()
    states = {account.account: account.state for account in found.accounts}
    assert states == {
        "bybit": SyncState.WAITING, "okx": SyncState.FAILED, "kraken": SyncState.WAITING, "ibkr": SyncState.WAITING,
    }  # fmt: skip
    assert found.accounts[0].flows == 8
    assert found.accounts[1].streams[0].failure == failure
    assert (found.running, found.finished_at) == (False, NOW)
