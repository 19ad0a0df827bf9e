"""What moved the total since the last close: income and fees are read with what came and went, and cost no report."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import Fee, Side, Trade, Worth, WorthSource
from portfolio_bot.report.compose.change import change
from portfolio_bot.report.compose.lens import Lens
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import Came, Crossed
from portfolio_bot.service import costs
from portfolio_bot.service.history import History
from portfolio_bot.service.past import Past
from portfolio_bot.service.performance import Performances, Window
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger, snapshots
from portfolio_bot.storage.store import Store
from tests.builders import info, live, rates, statement
from tests.service.fakes import NOON, Hands
from tests.service.test_history import DAY, PARIS, put

DOLLARS = Worth(Decimal(10), WorthSource.DOLLARS)
SINCE = NOON - DAY / 2


def flow(id_: str, kind: FlowKind, amount: int, **changes: object) -> CashFlow:
    worth = Worth(Decimal(amount), WorthSource.DOLLARS)
    return replace(CashFlow(id_, "bybit", kind, SINCE, "USD", Decimal(amount), worth), **changes)  # type: ignore[arg-type]


async def told(store: Store, *records: CashFlow | Trade) -> tuple[Crossed, ...]:
    await store.write(lambda tx: ledger.store(tx, "bybit", "", list(records)))
    history = History(store, PARIS, Hands(NOON))
    return await history.crossed(await history.baseline())


async def test_income_and_fees_since_the_close_are_told_by_account_and_earlier_ones_are_not(store: Store) -> None:
    await put(store, NOON - DAY, "1")
    found = await told(
        store,
        flow("1", FlowKind.INCOME, 7),
        flow("2", FlowKind.INCOME, 5),
        flow("3", FlowKind.FEE, -2),
        flow("4", FlowKind.INCOME, 100, at=NOON - 2 * DAY),
        flow("5", FlowKind.DEPOSIT, 50, fee=Fee("USD", Decimal(1))),
        Trade(
            "6", "bybit", SINCE, Side.BUY, "BTC", "USD", Decimal(1), Decimal(10), DOLLARS, (Fee("BTC", Decimal("0.1")),)
        ),
    )
    assert set(found) == {
        Crossed("bybit", Decimal(50)),
        Crossed("bybit", Decimal(12), Came.INCOME),
        Crossed("bybit", Decimal(-4), Came.FEE),
    }


async def test_what_has_no_value_yet_stays_with_the_market(store: Store) -> None:
    await put(store, NOON - DAY, "1")
    strange = CashFlow("1", "bybit", FlowKind.INCOME, SINCE, "XYZ", Decimal(1))
    assert await told(store, strange) == ()


async def test_where_they_cannot_be_read_that_is_logged_and_the_report_lives(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await put(store, NOON - DAY, "1")

    def broken(*_: object, **__: object) -> object:
        raise ValueError("a row that nobody can read")

    monkeypatch.setattr(costs, "every_trade", broken)
    found = await told(store, flow("1", FlowKind.DEPOSIT, 50))
    assert found == (Crossed("bybit", Decimal(50)), Crossed("", None, Came.UNTOLD))
    assert "cannot be told" in caplog.text


async def test_the_parts_are_those_of_the_same_stretch_anywhere_else(store: Store) -> None:
    """What `/pnl` tells of exactly this stretch, to the last digit."""
    ends = []
    for at, roubles, dollars, rate in ((NOON - DAY, "8000", "100", "80"), (NOON, "8000", "160", "100")):
        readings = [
            live(statement("tbank", f"RUB cash {roubles}", at=at)),
            live(statement("bybit", f"USD cash {dollars}", at=at)),
        ]
        ends.append(value(readings, info("tbank", "bybit"), rates(rate), at=at))
        await store.write(lambda tx: snapshots.add(tx, ends[-1], trigger="poll"))
    buy = Trade(
        "6", "bybit", SINCE, Side.BUY, "BTC", "USD", Decimal(1), Decimal(10), DOLLARS, (Fee("USD", Decimal("0.3")),)
    )
    since = await told(store, flow("1", FlowKind.DEPOSIT, 50), flow("2", FlowKind.INCOME, 7), buy)
    lens = Lens.of(ends[1], Reader(PARIS, "Europe/Paris", NOON))
    found = change(lens, ends[0], since)
    clock = Hands(NOON)
    performances = Performances(Past(store, PARIS, clock, Transfers(store, PARIS, clock)), store, PARIS)
    view = await performances.gained(Window("", since=ends[0].at, until=NOON))
    assert found is not None
    assert view.why is not None
    whole = view.why.total
    assert found.parts == {"fx": whole.fx, "income": whole.income, "fees": whole.fees}
    assert found.parts == {"fx": -20, "income": 7, "fees": Decimal("-0.3")}
    assert found.amount - sum(found.parts.values()) == whole.market
