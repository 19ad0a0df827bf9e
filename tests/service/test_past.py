"""What the mathematics get: valuations, flows across the border, accounts that joined and left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.in_transit import Moving
from portfolio_bot.analytics.performance import Track
from portfolio_bot.analytics.series import Flow, Valuation
from portfolio_bot.analytics.transfers import Matching, match
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import Worth, WorthSource
from portfolio_bot.service.past import Past
from portfolio_bot.storage import imported, snapshots
from portfolio_bot.storage.imported import Figures
from portfolio_bot.storage.store import Store
from tests.builders import info, live, rates, statement
from tests.clock import moment
from tests.service.fakes import NOON, Hands

PARIS = Calendar.of("Europe/Paris")
HOUR = timedelta(hours=1)


class Matched:
    """Matches the flows of a test by the usual rules."""

    def __init__(self, flows: Sequence[CashFlow]) -> None:
        self._flows = flows

    async def matching(self) -> Matching:
        return match(self._flows, at=NOON + timedelta(days=30), calendar=PARIS)


async def took(
    store: Store,
    at: datetime,
    accounts: Mapping[str, str],
    as_of: datetime | None = None,
    way: tuple[Moving, ...] = (),
) -> None:
    """A complete snapshot in which each account holds so many USD."""
    readings = [
        live(statement(name, f"USD cash {amount}", at=as_of if as_of is not None and name == "ibkr" else at))
        for name, amount in accounts.items()
    ]
    portfolio = value(readings, info(*accounts), rates("80"), at=at, moving=way)
    await store.write(lambda tx: snapshots.add(tx, portfolio, trigger="poll"))


def flow(account: str, amount: str, at: datetime | date, *, txid: str | None = None, **more: object) -> CashFlow:
    usd, kind = Decimal(amount), FlowKind.DEPOSIT if Decimal(amount) > 0 else FlowKind.WITHDRAWAL
    name = f"{account}:{at.isoformat()}:{amount}"
    made = CashFlow(name, account, kind, at, "USD", usd, Worth(usd, WorthSource.DOLLARS), txid=txid)
    return replace(made, **more)  # type: ignore[arg-type]


async def track(store: Store, clock: Hands, *flows: CashFlow, currency: str = "USD") -> Track:
    return await Past(store, PARIS, clock, Matched(flows)).track(currency)  # type: ignore[arg-type]


def shown(flows: Sequence[Flow]) -> list[tuple[datetime, Decimal]]:
    return [(one.at, one.amount) for one in flows]


async def test_snapshots_and_imported_closes_are_one_line(store: Store, clock: Hands) -> None:
    await took(store, NOON, {"bybit": "120"})
    await store.write(
        lambda tx: imported.store(
            tx,
            {
                date(2026, 1, 1): Figures(Decimal(100), None),
                moment("2026-01-03 08:00"): Figures(Decimal(110), Decimal(8800)),
            },
        )
    )
    found = await track(store, clock)
    assert found.valuations == (
        Valuation(moment("2026-01-01 23:00"), Decimal(100)),
        Valuation(moment("2026-01-03 08:00"), Decimal(110)),
        Valuation(NOON, Decimal(120)),
    )
    assert found.joined == ()
    assert [close.day for close in found.closings] == [date(2026, 1, 1), date(2026, 1, 3)]


async def test_an_imported_portfolio_of_its_own_leaves_and_ours_joins(store: Store, clock: Hands) -> None:
    await took(store, NOON, {"bybit": "120"})
    before = moment("2026-01-03 08:00")
    await store.write(lambda tx: imported.store(tx, {before: Figures(Decimal(110), None)}))
    await store.write(lambda tx: imported.set_separate(tx, separate=True))
    assert shown((await track(store, clock)).joined) == [(before, Decimal(-110)), (NOON, Decimal(120))]


async def test_an_account_that_joins_flows_in_and_one_that_leaves_flows_out(store: Store, clock: Hands) -> None:
    await took(store, NOON - 3 * HOUR, {"bybit": "100"})
    await took(store, NOON - 2 * HOUR, {"bybit": "100", "okx": "50"})
    await took(store, NOON - HOUR, {"bybit": "101", "okx": "51"})
    await took(store, NOON, {"okx": "52"})
    found = await track(store, clock)
    assert shown(found.joined) == [(NOON - 2 * HOUR, Decimal(50)), (NOON - HOUR, Decimal(-101))]
    assert [one.value for one in found.valuations] == [100, 100, 152, 52]


async def test_an_account_that_comes_back_joins_again(store: Store, clock: Hands) -> None:
    for hour, accounts in enumerate([{"a": "1", "b": "2"}, {"a": "1"}, {"a": "1", "b": "3"}, {"a": "1", "b": "3"}]):
        await took(store, NOON + (hour - 3) * HOUR, accounts)
    assert [amount for _, amount in shown((await track(store, clock)).joined)] == [-2, 3]


async def test_what_was_deposited_before_an_account_joined_is_in_its_value(store: Store, clock: Hands) -> None:
    await took(store, NOON - 2 * HOUR, {"bybit": "100"})
    await took(store, NOON - HOUR, {"bybit": "100", "okx": "50"})
    await took(store, NOON, {"bybit": "100", "okx": "80"})
    early, late = flow("okx", "40", NOON - 90 * HOUR), flow("okx", "30", NOON - HOUR / 2)
    assert shown((await track(store, clock, early, late)).flows) == [(late.at, Decimal(30))]


@pytest.mark.parametrize("missed", [0, 2])
@pytest.mark.parametrize("hours", [1, 2, 9, 24])
async def test_an_outflow_that_was_taken_for_a_transfer_leaves_when_the_total_let_go_of_it(
    store: Store, clock: Hands, missed: int, hours: int
) -> None:
    left = NOON - 30 * HOUR
    sent = flow("bybit", "-40", left)
    last = missed + hours
    for hour in (-1, *range(1, 29)):
        way = (Moving(sent),) if missed < hour <= last else ()
        await took(store, left + hour * HOUR, {"bybit": "60"}, way=way)
    assert shown((await track(store, clock, sent)).flows) == [(left + min(last, 28) * HOUR, Decimal(-40))]


async def test_an_outflow_that_was_never_taken_for_a_transfer_stands_at_its_own_time(
    store: Store, clock: Hands
) -> None:
    sent, other = flow("bybit", "-40", NOON - 5 * HOUR), flow("bybit", "-41", NOON - 6 * HOUR)
    for hour in range(-8, 0):
        await took(store, NOON + hour * HOUR, {"bybit": "60"}, way=(Moving(other),) if hour > -6 else ())
    assert shown((await track(store, clock, sent)).flows) == [(sent.at, Decimal(-40))]


async def test_records_of_an_account_without_snapshots_count(store: Store, clock: Hands) -> None:
    await took(store, NOON, {"bybit": "100"})
    typed = flow("savings", "40", NOON - HOUR)
    assert shown((await track(store, clock, typed)).flows) == [(typed.at, Decimal(40))]


async def test_flows_count_in_what_was_imported_from_before_the_first_snapshot(store: Store, clock: Hands) -> None:
    await took(store, NOON, {"bybit": "150"})
    await store.write(lambda tx: imported.store(tx, {moment("2026-01-03 08:00"): Figures(Decimal(110), None)}))
    early = flow("bybit", "40", moment("2026-05-03 08:00"))
    assert shown((await track(store, clock, early)).flows) == [(early.at, Decimal(40))]


async def test_an_own_transfer_is_no_flow(store: Store, clock: Hands) -> None:
    await took(store, NOON - 3 * HOUR, {"bybit": "100", "okx": "50"})
    sent, got = flow("bybit", "-10", NOON - 2 * HOUR, txid="t"), flow("okx", "10", NOON - HOUR, txid="t")
    assert (await track(store, clock, sent, got)).flows == ()


async def test_a_transfer_to_an_account_outside_the_total_is_a_flow(store: Store, clock: Hands) -> None:
    await took(store, NOON - 3 * HOUR, {"bybit": "100"})
    await took(store, NOON, {"bybit": "90", "okx": "10"})
    sent, got = flow("bybit", "-10", NOON - 2 * HOUR, txid="t"), flow("okx", "10", NOON - HOUR, txid="t")
    found = await track(store, clock, sent, got)
    assert shown(found.flows) == [(sent.at, Decimal(-10))]
    assert shown(found.joined) == [(NOON, Decimal(10))]


async def test_roubles_are_counted_at_the_rate_of_the_snapshot_beside(store: Store, clock: Hands) -> None:
    await took(store, NOON - HOUR, {"bybit": "100"})
    await took(store, NOON, {"bybit": "110"})
    given = flow("bybit", "10", NOON - HOUR / 2)
    found = await track(store, clock, given, currency="RUB")
    assert [one.value for one in found.valuations] == [8000, 8800]
    assert shown(found.flows) == [(given.at, Decimal(800))]


async def test_a_flow_without_a_value_is_named_and_not_zero(store: Store, clock: Hands) -> None:
    await took(store, NOON - HOUR, {"bybit": "100"})
    lost = CashFlow("1", "bybit", FlowKind.DEPOSIT, NOON - HOUR, "XYZ", Decimal(3))
    found = await track(store, clock, lost)
    assert found.flows == ()
    assert found.unpriced == ((NOON - HOUR, ("bybit", "1")),)


async def test_a_flow_of_a_late_statement_counts_with_the_snapshot_that_has_it(store: Store, clock: Hands) -> None:
    start = NOON - 30 * HOUR
    for hour in range(0, 31, 6):  # the statement of noon comes eighteen hours later
        fresh = hour >= 18
        as_of = start + 12 * HOUR if fresh else start - 12 * HOUR
        await took(store, start + hour * HOUR, {"ibkr": "150" if fresh else "100"}, as_of)
    given = flow("ibkr", "50", start + 2 * HOUR)
    assert shown((await track(store, clock, given)).flows) == [(start + 12 * HOUR, Decimal(50))]


async def test_a_flow_of_a_statement_that_is_not_there_yet_disturbs_nothing(store: Store, clock: Hands) -> None:
    for hour in range(4):
        await took(store, NOON + (hour - 3) * HOUR, {"ibkr": "100"}, NOON - 20 * HOUR)
    given = flow("ibkr", "50", NOON - 2 * HOUR)
    assert shown((await track(store, clock, given)).flows) == [(NOON, Decimal(50))]
