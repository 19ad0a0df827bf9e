"""Why value changed, from what is stored: the parts always add up, and nothing that is no profit counts as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from portfolio_bot.analytics.attribution import Parts
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Figure, Known, Reason, Unknown
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.trade import NOT_PRICED, Fee, Side, Trade, Worth, WorthSource
from portfolio_bot.report.figures_json import day_return
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.service.past import Past
from portfolio_bot.service.performance import Performances, Window
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import imported, ledger, snapshots
from portfolio_bot.storage.imported import Figures
from portfolio_bot.storage.ledger import Record
from portfolio_bot.storage.store import Store
from tests.builders import info, live, rates, statement
from tests.service.fakes import NOON, Hands
from tests.service.test_past import flow, took

UTC_DAYS = Calendar.of("UTC")
HOUR = timedelta(hours=1)


async def record(store: Store, *records: Record) -> None:
    for one in records:
        await store.write(lambda tx, one=one: ledger.store(tx, one.account, "", [one]))  # type: ignore[misc]


def performances(store: Store, clock: Hands) -> Performances:
    return Performances(Past(store, UTC_DAYS, clock, Transfers(store, UTC_DAYS, clock)), store, UTC_DAYS)


async def over(
    store: Store, clock: Hands, window: Window | None = None, currency: Literal["USD", "RUB"] = "USD"
) -> PerformanceView:
    return await performances(store, clock).over(window or Window(), currency)


def known(figure: Figure) -> Decimal:
    assert isinstance(figure, Known)
    return figure.value


def parts(view: PerformanceView) -> Parts:
    assert view.why is not None
    return view.why.total


def told(found: Parts) -> list[Decimal]:
    return [found.market, found.fx, found.flows, found.income, found.fees, found.accounts]


async def test_a_deposit_is_a_flow_and_the_rest_the_market(store: Store, clock: Hands) -> None:
    await took(store, NOON - 2 * HOUR, {"bybit": "100"})
    await took(store, NOON, {"bybit": "160"})
    await record(store, flow("bybit", "50", NOON - HOUR))
    view = await over(store, clock)
    assert told(parts(view)) == [10, 0, 50, 0, 0, 0]
    assert [known(view.figures.change), known(view.figures.profit)] == [60, 10]


async def test_income_and_fees_are_told_apart_from_the_market(store: Store, clock: Hands) -> None:
    await took(store, NOON - 2 * HOUR, {"bybit": "100"})
    await took(store, NOON, {"bybit": "104"})
    usd = Worth(Decimal(60), WorthSource.DOLLARS)
    fee = (Fee("USD", Decimal("0.6")),)
    trade = Trade("9", "bybit", NOON - HOUR, Side.BUY, "BTC", "USD", Decimal("0.001"), Decimal(60), usd, fee)
    await record(store, flow("bybit", "5", NOON - HOUR, kind=FlowKind.INCOME), trade)
    assert told(parts(await over(store, clock))) == [Decimal("-0.4"), 0, 0, 5, Decimal("-0.6"), 0]


async def test_an_account_that_joins_is_named_with_its_assets(store: Store, clock: Hands) -> None:
    await took(store, NOON - 2 * HOUR, {"bybit": "100"})
    await took(store, NOON - HOUR, {"bybit": "101", "okx": "50"})
    await took(store, NOON, {"bybit": "101", "okx": "52"})
    view = await over(store, clock)
    assert told(parts(view)) == [3, 0, 0, 0, 0, 50]
    assert view.why is not None
    assert view.why.by_account["okx"].accounts == 50
    assert view.why.by_asset["USD"].accounts == 50


@pytest.mark.parametrize("ends", [0, 1, 2])
async def test_the_parts_add_up_wherever_the_period_begins(store: Store, clock: Hands, ends: int) -> None:
    await took(store, NOON - 3 * HOUR, {"bybit": "100", "kraken": "7"})
    await took(store, NOON - 2 * HOUR, {"bybit": "100", "okx": "50"})
    await took(store, NOON - HOUR, {"bybit": "130", "okx": "49"})
    await took(store, NOON, {"bybit": "111", "okx": "52", "ibkr": "9"})
    await record(store, flow("bybit", "30", NOON - 1.5 * HOUR), flow("okx", "-4", NOON - HOUR))
    view = await over(store, clock, Window("", since=NOON - (ends + 1) * HOUR))
    assert sum(told(parts(view))) == known(view.figures.change)
    assert known(view.figures.net_flows) == parts(view).flows + parts(view).accounts


async def test_what_a_currency_did_is_no_market(store: Store, clock: Hands) -> None:
    for at, rate in ((NOON - HOUR, "80"), (NOON, "100")):
        portfolio = value([live(statement("tbank", "RUB cash 8000", at=at))], info("tbank"), rates(rate), at=at)
        await store.write(lambda tx, p=portfolio: snapshots.add(tx, p, trigger="poll"))  # type: ignore[misc]
    assert told(parts(await over(store, clock))) == [0, -20, 0, 0, 0, 0]
    assert told(parts(await over(store, clock, currency="RUB"))) == [0, 0, 0, 0, 0, 0]


async def test_imported_closes_alone_give_every_figure(store: Store, clock: Hands) -> None:
    days = {date(2026, 1, day): Figures(Decimal(100 + day % 3), None) for day in range(1, 20)}
    await store.write(lambda tx: imported.store(tx, days))
    view = await over(store, clock)
    figures = view.figures
    wanted: Sequence[Figure] = (figures.twr, figures.max_drawdown, figures.ratios.sharpe, figures.xirr.annual)
    assert all(isinstance(one, Known) for one in wanted)
    assert sum(told(parts(view))) == known(figures.change)


async def test_what_the_dollar_did_to_imported_closes_is_no_market(store: Store, clock: Hands) -> None:
    days = {
        date(2026, 1, 1): Figures(Decimal(1000), Decimal(80000)),
        date(2026, 2, 1): Figures(Decimal(1010), Decimal(92920)),
    }
    await store.write(lambda tx: imported.store(tx, days))
    assert told(parts(await over(store, clock))) == [10, 0, 0, 0, 0, 0]
    view = await over(store, clock, currency="RUB")
    assert told(parts(view)) == [920, 12000, 0, 0, 0, 0]
    assert view.why is not None
    assert view.why.without_rate == ()


async def test_what_the_dollar_did_since_a_deposit_is_no_market(store: Store, clock: Hands) -> None:
    closes = {"2026-01-01": (1000, 80000), "2026-02-01": (1100, 99000), "2026-03-01": (2200, 187000)}
    days = {date.fromisoformat(day): Figures(Decimal(usd), Decimal(rub)) for day, (usd, rub) in closes.items()}
    await store.write(lambda tx: imported.store(tx, days))
    await record(store, flow("bybit", "1000", datetime(2026, 2, 2, tzinfo=UTC)))
    assert told(parts(await over(store, clock, currency="RUB"))) == [200 * 85, 0, 90000, 0, 0, 0]


async def test_closes_in_roubles_alone_have_no_exchange_rate_to_tell_of(store: Store, clock: Hands) -> None:
    days = {date(2026, 1, 1): Figures(None, Decimal(80000)), date(2026, 2, 1): Figures(None, Decimal(92000))}
    await store.write(lambda tx: imported.store(tx, days))
    view = await over(store, clock, currency="RUB")
    assert told(parts(view)) == [12000, 0, 0, 0, 0, 0]
    assert view.why is not None
    assert view.why.without_rate == ()


async def test_nothing_stored_is_no_figure(store: Store, clock: Hands) -> None:
    view = await over(store, clock)
    assert view.figures.twr == Unknown(Reason.TOO_FEW_SNAPSHOTS)
    assert view.why is None
    assert await performances(store, clock).newest() is None


async def test_days_count_back_from_the_newest_valuation(store: Store, clock: Hands) -> None:
    for hour in (0, 24, 48):
        await took(store, NOON - 60 * HOUR + hour * HOUR, {"bybit": str(100 + hour)})
    view = await over(store, clock, Window.back(1))
    assert view.ends == (NOON - 36 * HOUR, NOON - 12 * HOUR)


async def test_daily_returns_come_newest_first_and_only_of_days_that_are_over(store: Store, clock: Hands) -> None:
    for day in range(4):
        await took(store, NOON - timedelta(days=3 - day), {"bybit": str(100 + 10 * day)})
    found = await performances(store, clock).daily()
    assert [str(one.profit) for one in found] == ["10", "10"]
    assert [one.day for one in found] == [(NOON - timedelta(days=days)).date() for days in (1, 2)]
    assert await performances(store, clock).daily(limit=1) == found[:1]


async def test_a_day_on_which_something_of_unknown_value_came_has_no_return(store: Store, clock: Hands) -> None:
    for day in range(4):
        await took(store, NOON - timedelta(days=3 - day), {"bybit": str(100 + 10 * day)})
    await record(store, replace(flow("bybit", "1", NOON - 2.5 * 24 * HOUR), asset="XYZ", usd=NOT_PRICED))
    last, first = await performances(store, clock).daily()
    assert first.percent == Unknown(Reason.INCOMPLETE_FLOWS)
    assert isinstance(last.percent, Known)
    assert day_return(first)["usd"] is day_return(first)["flows_usd"] is None
    assert day_return(last)["usd"] == "10"


def test_a_year_to_date_begins_with_the_owners_year() -> None:
    paris = Calendar.of("Europe/Paris")
    window = Window.named("ytd", paris)
    assert window is not None
    assert window.begin(NOON) == paris.start(date(NOON.year, 1, 1))
    assert window.begin(paris.end(date(2025, 12, 31))) == paris.start(date(2025, 1, 1))


@pytest.mark.parametrize(
    ("text", "days"), [("24h", 1), ("7d", 7), ("30", 30), ("365D", 365), ("0", None), ("all", None), ("ytd", None)]
)
def test_periods_go_by_their_names(text: str, days: int | None) -> None:
    window = Window.named(text, UTC_DAYS)
    assert window is not None
    assert window.days == days


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "36501", "7 d", "1h", "٣"])
def test_other_words_are_no_period(text: str) -> None:
    assert Window.named(text, UTC_DAYS) is None


def test_days_from_and_to_are_both_in() -> None:
    window = Window.of_days(UTC_DAYS, date(2026, 1, 1), date(2026, 1, 31))
    assert (window.since, window.until) == (UTC_DAYS.start(date(2026, 1, 1)), UTC_DAYS.start(date(2026, 2, 1)))


async def test_what_was_swapped_is_no_gain_of_one_coin_and_no_loss_of_another(store: Store, clock: Hands) -> None:
    await took(store, NOON - 2 * HOUR, {"bybit": "100"})
    await took(store, NOON, {"bybit": "100"})
    usd = Worth(Decimal(60), WorthSource.DOLLARS)
    trade = Trade("9", "bybit", NOON - HOUR, Side.SELL, "BTC", "USD", Decimal("0.001"), Decimal(60), usd)
    await record(store, trade)
    view = await over(store, clock)
    assert view.why is not None
    assert [view.why.by_asset[asset].moved for asset in ("BTC", "USD")] == [-60, 60]
    assert told(parts(view)) == [0, 0, 0, 0, 0, 0]


async def test_an_own_transfer_is_no_gain_of_one_account_and_no_loss_of_another(store: Store, clock: Hands) -> None:
    await took(store, NOON - 3 * HOUR, {"bybit": "100", "okx": "50"})
    await took(store, NOON, {"bybit": "70", "okx": "81"})
    await record(
        store,
        replace(flow("bybit", "-30", NOON - 2 * HOUR), txid="0xab"),
        replace(flow("okx", "30", NOON - HOUR), txid="0xab"),
    )
    view = await over(store, clock)
    assert view.why is not None
    assert [view.why.by_account["bybit"].moved, view.why.by_account["bybit"].market] == [-30, 0]
    assert [view.why.by_account["okx"].moved, view.why.by_account["okx"].market] == [30, 1]
    assert told(parts(view)) == [1, 0, 0, 0, 0, 0]


async def test_a_fee_that_its_venue_printed_inside_the_amount_is_paid_once(store: Store, clock: Hands) -> None:
    await took(store, NOON - 3 * HOUR, {"bybit": "100", "okx": "50"})
    await took(store, NOON, {"bybit": "70", "okx": "79"})
    fee = Fee("USD", Decimal(1), Worth(Decimal(1), WorthSource.DOLLARS))
    await record(
        store,
        replace(flow("bybit", "-30", NOON - 2 * HOUR), txid="0xab", fee=fee),
        replace(flow("okx", "29", NOON - HOUR), txid="0xab"),
    )
    assert told(parts(await over(store, clock))) == [0, 0, 0, 0, -1, 0]


async def test_what_arrived_before_a_period_is_not_told_in_it(store: Store, clock: Hands) -> None:
    for hours in (3, 1, 0):
        await took(store, NOON - hours * HOUR, {"bybit": "70", "okx": "80"})
    await record(
        store,
        replace(flow("bybit", "-30", NOON - 2.5 * HOUR), txid="0xab"),
        replace(flow("okx", "30", NOON - 2 * HOUR), txid="0xab"),
    )
    view = await over(store, clock, Window("", since=NOON - HOUR))
    assert view.why is not None
    assert [one.moved for one in view.why.by_account.values()] == [0, 0]
