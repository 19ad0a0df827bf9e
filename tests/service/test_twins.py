"""Two labels with one account, told by what was read of their past."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.valuation import AccountInfo
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.reading import Failed, Live
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.twins import Twins
from portfolio_bot.storage import ledger
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, TTL, FakeDollars, FakeRates, FakeSource, Hands


def told(account: str, ids: Iterable[int], kind: FlowKind = FlowKind.DEPOSIT) -> list[CashFlow]:
    one = CashFlow(id="", account=account, at=NOON, kind=kind, asset="BTC", amount=Decimal(1))
    return [replace(one, id=f"L{number}", at=NOON - timedelta(days=number)) for number in ids]


def collect_of(clock: Hands, *accounts: str, platform: str = "kraken") -> Collect:
    sources = {account: FakeSource(account, {"BTC": "1"}, clock=clock) for account in accounts}
    infos = {account: AccountInfo(account, account.title(), platform, is_exchange=True) for account in accounts}
    return Collect(sources, infos, rates=FakeRates(), dollars=FakeDollars(), clock=clock, ttl=TTL, pace=0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (range(9), range(9), True),
        (range(60), range(9), True),
        (range(2), range(2), False),
        (range(9), range(20, 29), False),
        (range(9), range(6, 40), False),
    ],
)
async def test_the_same_records_under_two_labels_are_one_account(
    one: range, other: range, same: bool, store: Store, clock: Hands
) -> None:
    collect = collect_of(clock, "kraken", "kraken-b")
    await store.write(lambda tx: ledger.store(tx, "kraken", "ledger", told("kraken", one)))
    await store.write(lambda tx: ledger.store(tx, "kraken-b", "ledger", told("kraken-b", other)))
    await Twins(collect, store).look()
    first, second = (await collect.collect(max_age=timedelta(0))).readings
    assert isinstance(first, Live)
    assert isinstance(second, Failed) is same
    if isinstance(second, Failed):
        assert second.failure.detail == "it opens the same account as Kraken, kraken"


async def test_moves_between_wallets_prove_nothing(store: Store, clock: Hands) -> None:
    collect = collect_of(clock, "kraken", "kraken-b")
    for account in ("kraken", "kraken-b"):
        records = told(account, range(9), FlowKind.TRANSFER)
        await store.write(lambda tx, account=account, records=records: ledger.store(tx, account, "ledger", records))  # type: ignore[misc]
    await Twins(collect, store).look()
    assert collect.same_past == {}


async def test_accounts_of_two_platforms_are_never_compared(store: Store, clock: Hands) -> None:
    collect = collect_of(clock, "kraken")
    twins = Twins(collect, store)
    twins.heard(True)
    await twins.close()
    assert collect.same_past == {}
