"""Lots: every public example gives its published figures, disposal by disposal and lot by lot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portfolio_bot.analytics.lot_book import LotSource
from portfolio_bot.analytics.lot_events import Arrival, Booked, Departure, LotEvent
from portfolio_bot.analytics.lot_report import Disposal, Lot, Profit
from portfolio_bot.analytics.lots import CASH_LIKE, Ledger, LotScope, UnknownBasis
from portfolio_bot.analytics.worth import PriceAt, priced_flow, priced_trade
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.trade import Fee, Market, Side, Trade, Worth, WorthSource

FILE = Path(__file__).parents[1] / "fixtures" / "analytics" / "fifo.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text())["cases"]}
KINDS = {"futures_realized": FlowKind.FUTURES_PNL, "funding": FlowKind.FUNDING, "commission": FlowKind.FEE}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def price_at(case: dict[str, Any]) -> PriceAt:
    table = {(row["asset"], instant(row["t"])): Decimal(row["usd"]) for row in case["prices"]}

    def look_up(asset: Asset, at: datetime) -> Worth | None:
        price = table.get((asset, at), Decimal(1) if asset in CASH_LIKE else None)
        return None if price is None else Worth(price, WorthSource.PRICE_LIST)

    return look_up


def events(case: dict[str, Any]) -> Iterator[LotEvent]:
    prices = price_at(case)
    for number, row in enumerate(case["events"]):
        at, name = instant(row["t"]), str(number)
        match row["type"]:
            case "trade":
                fee = row.get("fee")
                made = Trade(
                    name,
                    row["account"],
                    at,
                    Side(row["side"]),
                    row["base"],
                    row["quote"],
                    Decimal(row["amount"]),
                    Decimal(row["cost"]),
                    fees=(Fee(fee["currency"], Decimal(fee["amount"])),) if fee else (),
                    market=Market.MARGIN if case["params"].get("allow_short") else Market.SPOT,
                )
                yield priced_trade(made, prices)
            case "transfer":
                sent, received = Decimal(row["amount_sent"]), Decimal(row["amount_received"])
                left = CashFlow(name, row["from"], FlowKind.WITHDRAWAL, at, row["asset"], -received)
                came = CashFlow(name, row["to"], FlowKind.DEPOSIT, at, row["asset"], received)
                yield Departure(at, priced_flow(left, prices, at=at), received, sent - received)
                yield Arrival(at, priced_flow(came, prices, at=at), left.key, received)
            case kind:
                what = FlowKind.INCOME if kind == "income" else KINDS[row["kind"]]
                made_flow = CashFlow(name, row["account"], what, at, row["asset"], Decimal(row["amount"]))
                yield Booked(at, priced_flow(made_flow, prices, at=at))


def run(case: dict[str, Any]) -> tuple[Ledger, list[Disposal], Profit]:
    told: list[Disposal] = []
    ledger = Ledger(
        scope=LotScope(case["params"].get("lot_scope", "global")),
        unknown=UnknownBasis(case["params"].get("unknown_basis", "exclude")),
        sink=told.append,
    )
    ledger.feed_all(events(case))
    marks = {asset: Decimal(price) for asset, price in case.get("mark", {}).get("prices", {}).items()}
    cash = dict.fromkeys(CASH_LIKE, Decimal(1))
    return ledger, told, ledger.profit(cash | marks)


def near(value: Decimal | Unknown, expected: str, tolerance: str = "1e-12") -> bool:
    assert isinstance(value, Decimal)
    return abs(value - Decimal(expected)) <= Decimal(tolerance) * max(Decimal(1), abs(Decimal(expected)))


@pytest.mark.parametrize("name", CASES)
def test_totals_are_those_of_the_example(name: str) -> None:
    expected = CASES[name]["expected"]
    profit = run(CASES[name])[2]
    assert near(profit.realised, expected["realized_total"])
    assert near(profit.income, expected["income_total"])
    assert near(profit.withdrawn_gain, expected["withdrawn_gain"])
    assert near(profit.fees, expected["fees_usd"])
    assert near(profit.unmatched_proceeds, expected["unmatched_proceeds"])
    assert list(profit.flags) == expected["flags"]
    buckets = {KINDS[kind].value: amount for kind, amount in expected["cash_pnl"].items()}
    assert profit.cash_pnl.keys() == buckets.keys()
    assert all(near(profit.cash_pnl[kind], amount) for kind, amount in buckets.items())
    by_kind = expected["realized_by_kind"]
    assert profit.realised_by_kind.keys() == by_kind.keys()
    assert all(near(gain, by_kind[kind]) for kind, gain in profit.realised_by_kind.items())
    by_asset = {asset.asset: asset for asset in profit.assets}
    assert all(near(by_asset[asset].realised, gain) for asset, gain in expected["realized_by_asset"].items())


@pytest.mark.parametrize("name", [name for name in CASES if "mark" in CASES[name]])
def test_realised_and_open_profit_add_up_to_the_change_of_value(name: str) -> None:
    expected = CASES[name]["expected"]
    profit = run(CASES[name])[2]
    assert near(profit.unrealised, expected["unrealized_total"])
    assert near(profit.nav_pnl, expected["nav_pnl"])
    assert profit.revaluation == 0
    assert profit.residual == 0
    open_gains = {asset.asset: asset.unrealised for asset in profit.assets if asset.lots}
    assert open_gains.keys() == expected["unrealized_by_asset"].keys()
    assert all(near(open_gains[asset], gain) for asset, gain in expected["unrealized_by_asset"].items())


@pytest.mark.parametrize("name", CASES)
def test_each_disposal_uses_the_lots_of_the_example(name: str) -> None:
    told = run(CASES[name])[1]
    expected = CASES[name]["expected"]["disposals"]
    assert [(one.at, one.asset, one.kind) for one in told] == [
        (instant(row["t"]), row["asset"], row["kind"]) for row in expected
    ]
    for one, row in zip(told, expected, strict=True):
        assert near(one.quantity, row["qty"])
        assert near(one.proceeds, row["proceeds"])
        assert near(one.cost, row["cost"])
        assert near(one.gain, row["pnl"])
        assert near(one.unmatched, row["unmatched_qty"])
        assert [lot.acquired_at for lot in one.lots] == [instant(lot["acquired_t"]) for lot in row["lots"]]
        assert all(
            near(lot.quantity, line["qty"]) and near(lot.cost, line["cost"])
            for lot, line in zip(one.lots, row["lots"], strict=True)
        )


def same(lot: Lot, row: dict[str, str], *, short: bool) -> bool:
    at, cost = (row["opened_t"], row["proceeds"]) if short else (row["acquired_t"], row["cost"])
    return (
        lot.asset == row["asset"]
        and lot.acquired_at == instant(at)
        and near(lot.quantity, row["qty"])
        and near(lot.cost, cost)
        and lot.source == ("short" if short else row["source"])
    )


@pytest.mark.parametrize("name", CASES)
def test_the_lots_of_the_example_are_left(name: str) -> None:
    lots = run(CASES[name])[0].open_lots()
    long = [lot for lot in lots if lot.source is not LotSource.SHORT]
    short = [lot for lot in lots if lot.source is LotSource.SHORT]
    expected = CASES[name]["expected"]
    assert len(long) == len(expected["open_lots"])
    assert len(short) == len(expected["short_lots"])
    assert all(same(lot, row, short=False) for lot, row in zip(long, expected["open_lots"], strict=True))
    assert all(same(lot, row, short=True) for lot, row in zip(short, expected["short_lots"], strict=True))


@pytest.mark.parametrize("name", [name for name in CASES if "published" in CASES[name]])
def test_the_figures_that_the_source_printed_are_met(name: str) -> None:
    profit = run(CASES[name])[2]
    for figure, printed in CASES[name]["published"].items():
        value = profit.realised if figure == "realized_total" else profit.unrealised
        assert abs(value - Decimal(printed["value"])) <= Decimal(printed["tol"])
