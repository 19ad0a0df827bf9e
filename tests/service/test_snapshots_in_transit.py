"""Snapshots while money is between two accounts: a line of the total, stored, priced though nobody holds it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.in_transit import Moving
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import Complete
from portfolio_bot.model.reading import Reading
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.snapshots import PULL, Snapshots
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger, snapshots
from portfolio_bot.storage.store import Store
from tests.service.fakes import FakeRates, FakeSource, Hands, collecting, settings

PARIS = Calendar.of("Europe/Paris")


class Curious(FakeSource):
    """A source that can price what it does not hold."""

    asked_also: frozenset[Asset] = frozenset()

    def price_also(self, assets: frozenset[Asset]) -> None:
        self.asked_also = assets


def taking(store: Store, clock: Hands, *sources: FakeSource, between: object) -> Snapshots:
    preferences = Preferences(store, clock, settings())
    return Snapshots(
        collecting(*sources, clock=clock),
        store,
        FakeRates(),
        Timetable(store, preferences, PARIS, clock),
        calendar=PARIS,
        clock=clock,
        between=between,  # type: ignore[arg-type]
    )


async def put(store: Store, id_: str, account: str, amount: str, at: datetime) -> None:
    kind = FlowKind.DEPOSIT if Decimal(amount) > 0 else FlowKind.WITHDRAWAL
    flow = CashFlow(id_, account, kind, at, "BTC", Decimal(amount), txid="x")
    await store.write(lambda tx: ledger.store(tx, account, "", [flow]))


async def test_a_transfer_leaves_the_total_as_it_was_from_beginning_to_end(store: Store, clock: Hands) -> None:
    transfers = Transfers(store, PARIS, clock)
    bybit = FakeSource("bybit", {"BTC": "3"}, {"BTC": "2"}, clock=clock)
    okx = FakeSource("okx", {"BTC": "1"}, {"BTC": "1"}, {"BTC": "2"}, clock=clock)
    snapshot = taking(store, clock, bybit, okx, between=transfers)
    totals = []
    for records in ((), (("w", "bybit", "-1"),), (), (("d", "okx", "1"),)):
        for id_, account, amount in records:
            await put(store, id_, account, amount, clock.now - timedelta(minutes=1))
        await transfers.refresh()
        portfolio = await snapshot.take(PULL)
        assert isinstance(portfolio.total_usd, Complete)
        totals.append((portfolio.total_usd.value, [row.destination for row in portfolio.in_transit]))
        clock.turn(minutes=30)
    whole = Money(Decimal(400), "USD")
    assert totals == [(whole, []), (whole, [None]), (whole, []), (whole, [])]


class Tails:
    """The record of a withdrawal comes only when the platform is asked for it."""

    def __init__(self, store: Store, transfers: Transfers, clock: Hands) -> None:
        self._store, self._transfers, self._clock = store, transfers, clock

    async def flows(self, account: AccountId, since: datetime, until: datetime) -> Sequence[CashFlow]:
        async with self._store.read() as tx:
            return await ledger.flows(tx, account=account, since=since, until=until)

    async def ask(self, account: AccountId) -> bool:
        await put(self._store, "w", account, "-1", self._clock.now - timedelta(minutes=1))
        self._transfers.outdated()
        return True


async def test_the_first_snapshot_after_it_left_has_it_already(store: Store, clock: Hands) -> None:
    transfers = Transfers(store, PARIS, clock)
    bybit = FakeSource("bybit", {"BTC": "4"}, {"BTC": "3"}, clock=clock)
    collect = collecting(bybit, clock=clock)
    collect.flows = Tails(store, transfers, clock)
    timetable = Timetable(store, Preferences(store, clock, settings()), PARIS, clock)
    snapshot = Snapshots(collect, store, FakeRates(), timetable, calendar=PARIS, clock=clock, between=transfers)
    for _ in range(2):
        portfolio = await snapshot.take(PULL)
        assert portfolio.total_usd == Complete(Money(Decimal(400), "USD"))
        clock.turn(minutes=30)
    assert [row.origin for row in portfolio.in_transit] == ["bybit"]


async def test_the_line_is_stored_with_the_snapshot(store: Store, clock: Hands) -> None:
    transfers = Transfers(store, PARIS, clock)
    await put(store, "w", "bybit", "-1", clock.now - timedelta(minutes=1))
    snapshot = taking(store, clock, FakeSource("bybit", {"BTC": "2"}, clock=clock), between=transfers)
    made = await snapshot.take(PULL)
    async with store.read() as tx:
        kept = await snapshots.newest(tx)
    assert kept == made
    assert [row.txid for row in made.in_transit] == ["x"]


async def test_the_account_that_sent_the_last_of_an_asset_is_asked_for_its_price(store: Store, clock: Hands) -> None:
    transfers = Transfers(store, PARIS, clock)
    bybit = Curious("bybit", {"ETH": "2"}, clock=clock)
    okx = Curious("okx", {"ETH": "2"}, clock=clock)
    snapshot = taking(store, clock, bybit, okx, between=transfers)
    await put(store, "w", "bybit", "-1", clock.now - timedelta(minutes=1))
    await transfers.refresh()
    await snapshot.take(PULL)
    assert (bybit.asked_also, okx.asked_also) == (frozenset({"BTC"}), frozenset())


class Broken:
    """Knows nothing."""

    def under_way(self) -> tuple[CashFlow, ...]:
        return ()

    async def moving(self, readings: Sequence[Reading], at: datetime) -> tuple[Moving, ...]:
        raise RuntimeError("a bug")


async def test_a_bug_in_what_is_between_costs_no_report(store: Store, clock: Hands) -> None:
    snapshot = taking(store, clock, FakeSource("bybit", {"BTC": "2"}, clock=clock), between=Broken())
    assert (await snapshot.take(PULL)).in_transit == ()
