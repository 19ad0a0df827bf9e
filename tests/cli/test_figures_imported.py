"""A database filled through `import` alone, no source configured, gives the figures of the worked examples."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.cli import outcome
from tests.analytics.examples import Case, cases, instant, names, near
from tests.cli.conftest import Command
from tests.cli.imported import Line, asked, take_in

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def days_of_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "UTC")


def figure(answer: Mapping[str, Any], name: str) -> Decimal:
    """A figure that must be known."""
    found = answer[name]
    assert found["status"] == "ok", (name, found)
    return Decimal(found["value"])


def totals(rows: Sequence[Case], field: str = "value") -> list[Line]:
    return [{"time": instant(row["t"]).isoformat(), "total_usd": row[field]} for row in rows]


def crossings(rows: Sequence[Case], field: str = "amount") -> list[Line]:
    """Dollars that came and went."""
    return [
        {
            "time": instant(row["t"]).isoformat(),
            "account": "bank",
            "kind": "deposit" if Decimal(row[field]) > 0 else "withdrawal",
            "asset": "USD",
            "amount": row[field],
        }
        for row in rows
    ]


TWR = cases("twr")


@pytest.mark.parametrize("case", TWR[::4], ids=names(TWR[::4]))
def test_time_weighted_returns(case: Case, command: Command) -> None:
    take_in(command, history=totals(case["valuations"]), flows=crossings(case["flows"]))
    answer = asked(command, "performance")
    assert near(figure(answer, "twr"), case["expected"]["twr"]["auto"], case["tol"])
    assert near(figure(answer, "profit"), case["expected"]["pnl"], "1e-8")
    assert near(figure(answer, "net_flows"), case["expected"]["net_flows"], "1e-8")
    assert near(figure(answer, "simple_return"), case["expected"]["pnl_pct_of_invested"], "1e-11")
    parts = {name: figure(answer["change_parts"], name) for name in answer["change_parts"]}
    assert sum(parts.values()) == figure(answer, "change")


@pytest.mark.parametrize("method", ["start", "dietz", "pp"])
def test_the_rule_of_the_settings_counts(method: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in TWR if case["id"] == "twr-seed-hourly-deposit")
    monkeypatch.setenv("TWR_METHOD", method)
    take_in(command, history=totals(case["valuations"]), flows=crossings(case["flows"]))
    assert near(figure(asked(command, "performance"), "twr"), case["expected"]["twr"][method])


def test_annualised_returns(command: Command) -> None:
    case = next(case for case in cases("annualise") if case["days"] == "730" or case["days"] == 730)
    begin = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
    end = begin + timedelta(days=float(case["days"]))
    grown = 1000 * (1 + Decimal(case["period_return"]))
    take_in(
        command, history=[{"time": f"{begin:%FT%TZ}", "total_usd": 1000}, {"time": f"{end:%FT%TZ}", "total_usd": grown}]
    )
    answer = asked(command, "performance")
    assert near(figure(answer, "twr_annualized"), case["expected"]["annualized"], "1e-11")
    assert ("extrapolated" in answer["twr_annualized"]["notes"]) is case["expected"]["extrapolated"]


XIRR = [
    case
    for case in cases("xirr")
    if case["expected"]["xirr"] is not None
    and Decimal(case["cashflows"][0]["amount"]) < 0 < Decimal(case["cashflows"][-1]["amount"])
    and [row["t"] for row in case["cashflows"]] == sorted({row["t"] for row in case["cashflows"]})
]


@pytest.mark.parametrize("case", XIRR[::4], ids=names(XIRR[::4]))
def test_money_weighted_returns(case: Case, command: Command) -> None:
    """What is put in first is the first total, what is taken out last is the last one."""
    first, *between, last = case["cashflows"]
    ends = [{"t": first["t"], "value": -Decimal(first["amount"])}, {"t": last["t"], "value": last["amount"]}]
    moved = [{"t": row["t"], "amount": str(-Decimal(row["amount"]))} for row in between]
    take_in(command, history=totals(ends), flows=crossings(moved))
    answer = asked(command, "performance")
    assert near(figure(answer, "xirr"), case["expected"]["xirr"], case["tol"])
    assert near(figure(answer, "xirr_period"), case["expected"]["period_mwr"], case["tol"])


def test_profit_of_windows(command: Command) -> None:
    case = next(case for case in cases("pnl") if case["id"] == "pnl-windows-flows")
    take_in(command, history=totals(case["valuations"]), flows=crossings(case["flows"]))
    for days, name in (("1", "24h"), ("7", "7d"), ("30", "30d"), ("90", "90d"), ("0", "total")):
        expected, answer = case["expected"][name], asked(command, "performance", "--days", days)
        assert near(figure(answer, "profit"), expected["pnl"])
        assert near(figure(answer, "simple_return"), expected["pct"])
        assert instant(str(answer["start"])) == instant(expected["start_t"])
        assert ("truncated" in answer["profit"]["notes"]) is expected["truncated"]


def test_daily_returns(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    case = cases("daily")[0]
    monkeypatch.setenv("TIMEZONE", case["timezone"])
    take_in(command, history=totals(case["valuations"]), flows=crossings(case["flows"]))
    done = command("returns", "--json")
    assert done.code == outcome.GOOD
    found: Any = done.json
    expected = case["expected"]["returns"][::-1]
    assert [(row["date"], row["span_days"]) for row in found] == [(row["day"], row["span_days"]) for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert near(Decimal(row["usd"]), wanted["usd"])
        assert near(Decimal(row["percent"]) / 100, wanted["pct"])
    assert command("latest-return", "--json").json == found[0]
    assert command("show_returns", "--json", "--limit", "1").json == found[:1]
    assert command("returns", "--json", "--to", expected[-1]["day"]).json == found[1:]
    assert command("returns", "--json", "--from", expected[0]["day"]).json == found[:1]


RISK = [case for case in cases("risk") if "returns" in case and case["params"]["periods_per_year"] == 365]


@pytest.mark.parametrize("case", RISK[:3], ids=names(RISK[:3]))
def test_risk_of_daily_closes(case: Case, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISK_FREE_ANNUAL", case["params"]["risk_free_annual"])
    value, first = Decimal(1_000_000), date(2026, 1, 1)
    rows: list[Line] = [{"time": f"{first:%F}", "total_usd": value}]
    for day, change in enumerate(case["returns"], 1):
        value *= 1 + Decimal(change)
        rows.append({"time": f"{first + timedelta(days=day):%F}", "total_usd": value})
    take_in(command, history=rows)
    answer = asked(command, "performance")
    expected = case["expected"]
    for name in ("volatility", "sharpe", "sortino", "max_drawdown"):
        if expected[name] is None:
            assert answer[name]["value"] is None
        else:
            assert near(figure(answer, name), expected[name], case["tol"])
    if expected["peak_index"] is not None and Decimal(expected["max_drawdown"]):
        days = [f"{first + timedelta(days=expected[name]):%F}" for name in ("peak_index", "trough_index")]
        assert [answer["drawdown"]["peak"], answer["drawdown"]["trough"]] == days


CURRENCY = cases("currency")


@pytest.mark.parametrize("case", CURRENCY, ids=names(CURRENCY))
def test_returns_in_roubles(case: Case, command: Command) -> None:
    both = [
        {
            "time": row["t"],
            "total_usd": row["usd"],
            "total_rub": Decimal(row["usd"]) * Decimal(row["usd_rub"]),
        }
        for row in case["valuations"]
    ]
    take_in(command, history=both, flows=crossings(case["flows"], "usd"))
    for currency in ("usd", "rub"):
        answer = asked(command, "performance", "--currency", currency)
        assert answer["currency"] == currency.upper()
        assert near(figure(answer, "twr"), case["expected"][f"twr_{currency}"])
        assert near(figure(answer, "profit"), case["expected"][f"pnl_{currency}"])


FIFO = {case["id"]: case for case in cases("fifo")}
KINDS = {"futures_realized": "futures_pnl", "funding": "funding", "commission": "fee"}


def trades(case: Case) -> Iterator[Line]:
    for number, row in enumerate(case["events"]):
        if row["type"] == "trade":
            fee = row.get("fee", {})
            yield {
                "time": row["t"], "id": f"{number:04}", "fee_asset": fee.get("currency", ""),
                "fee_amount": fee.get("amount", ""),
                "market": "margin" if case["params"].get("allow_short") else "spot",
                **{name: row[name] for name in ("account", "side", "base", "quote", "amount", "cost")},
            }  # fmt: skip


def movements(case: Case) -> Iterator[Line]:
    for number, row in enumerate(case["events"]):
        if row["type"] == "transfer":
            sent, received = Decimal(row["amount_sent"]), Decimal(row["amount_received"])
            told = {"time": row["t"], "asset": row["asset"], "txid": f"0x{number}"}
            yield {
                **told, "account": row["from"], "kind": "withdrawal", "amount": -received, "id": f"{number}o",
                "fee_asset": row["asset"] if sent != received else "",
                "fee_amount": sent - received if sent != received else "",
            }  # fmt: skip
            yield {**told, "account": row["to"], "kind": "deposit", "amount": received, "id": f"{number}i"}
        elif row["type"] != "trade":
            kind = "income" if row["type"] == "income" else KINDS[row["kind"]]
            shown = {name: row[name] for name in ("account", "asset", "amount")}
            yield {"time": row["t"], "id": f"{number:04}", "kind": kind, **shown}


def price_list(case: Case) -> Iterator[Line]:
    """Prices of the events, and those at the end, a minute after the last one; there is no price of nothing."""
    for row in case["prices"]:
        yield {"time": row["t"], "asset": row["asset"], "usd": row["usd"]}
    end = max(instant(row["t"]) for row in case["events"]) + MINUTE
    for asset, usd in case.get("mark", {}).get("prices", {}).items():
        if Decimal(usd):
            yield {"time": end.isoformat(), "asset": asset, "usd": usd}


EXAMPLES = [
    "fifo-rotki-oversell", "fifo-canada-fees", "fifo-short-btc", "fifo-transfer-keeps-basis", "fifo-fee-bnb",
    "fifo-fee-in-base", "fifo-staking", "fifo-futures",
]  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_profit_first_in_first_out(name: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    case = FIFO[name]
    monkeypatch.setenv("LOT_SCOPE", case["params"].get("lot_scope", "global"))
    take_in(command, prices=list(price_list(case)), trades=list(trades(case)), flows=list(movements(case)))
    answer = asked(command, "pnl")
    expected, total = case["expected"], answer["totals"]
    assert total["residual"] == "0"
    assert near(Decimal(total["realised"]), expected["realized_total"], "1e-8")
    assert near(Decimal(total["income"]), expected["income_total"], "1e-8")
    assert near(Decimal(total["fees"]), expected["fees_usd"], "1e-8")
    assert near(Decimal(total["unmatched_proceeds"]), expected["unmatched_proceeds"], "1e-8")
    assert sorted(total["flags"]) == sorted(expected["flags"])
    for kind, amount in expected["cash_pnl"].items():
        field = {"commission": "fees_paid_apart", "futures_realized": "futures_pnl"}.get(kind, kind)
        assert near(Decimal(total[field]), amount, "1e-8")
    assets = {row["asset"]: row for row in answer["assets"]}
    for asset, gain in expected["realized_by_asset"].items():
        assert near(Decimal(assets[asset]["realised"]), gain, "1e-8")
    told = [(row["asset"], lot["amount"], lot["cost"]) for row in answer["assets"] for lot in row["lots"]]
    opened = [
        (row["asset"], row["qty"], row.get("cost", row.get("proceeds")))
        for row in [*expected["open_lots"], *expected["short_lots"]]
    ]
    for (asset, amount, cost), (asset_wanted, amount_wanted, cost_wanted) in zip(
        sorted(told), sorted(opened), strict=True
    ):
        assert asset == asset_wanted
        assert near(Decimal(amount), amount_wanted)
        assert near(Decimal(cost), cost_wanted, "1e-8")
    if "mark" in case:
        assert near(Decimal(total["unrealised"]), expected["unrealized_total"], "1e-8")
        assert near(Decimal(total["nav_pnl"]), expected["nav_pnl"], "1e-8")
        for asset, gain in expected["unrealized_by_asset"].items():
            assert near(Decimal(assets[asset]["unrealised"]), gain, "1e-8")


def test_a_years_disposals_are_told_lot_by_lot(command: Command) -> None:
    case = FIFO["fifo-pp-1"]
    take_in(command, prices=list(price_list(case)), trades=list(trades(case)))
    done = command("pnl", "--year", "2010", "--csv")
    assert done.code == outcome.GOOD
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["asset"], row["quantity"], row["disposed_at"]) for row in rows] == [
        ("XYZ", "15", "2010-02-01T00:00:00Z")
    ]
    assert near(Decimal(rows[0]["gain_usd"]), case["expected"]["disposals"][0]["pnl"], "1e-8")
    assert command("pnl", "--year", "2011", "--csv").out == done.out.splitlines()[0] + "\n"
    assert command("pnl", "--csv").out == done.out
    assert command("pnl", "--csv", "--asset", "btc").out == done.out.splitlines()[0] + "\n"


BENCHMARK = [case for case in cases("benchmark") if len(case["ticks"]) > 1]


@pytest.mark.parametrize("case", BENCHMARK, ids=names(BENCHMARK))
def test_the_benchmark(case: Case, command: Command) -> None:
    """The portfolio itself never earns: what it is worth is what was paid in."""
    worth, values = Decimal(case["initial"]["nav"]), []
    moved = {row["t"]: Decimal(row["amount"]) for row in case["flows"]}
    for tick in case["ticks"]:
        values.append({"t": tick["t"], "value": worth})
        worth += moved.get(tick["t"], Decimal(0))
    listed = [
        {"time": tick["t"], "asset": coin, "usd": tick[coin.lower()]}
        for tick in case["ticks"]
        for coin in ("BTC", "ETH")
    ]
    take_in(command, prices=listed, history=totals(values), flows=crossings(case["flows"]))
    answer = asked(command, "benchmark")
    expected, last = case["expected"], case["expected"]["states"][-1]
    assert near(figure(answer, "benchmark_value"), expected["final_value"], "1e-8")
    assert near(figure(answer, "benchmark_return"), expected["benchmark_twr"], "1e-11")
    assert answer["rebalances"] == [row["t"] for row in expected["states"] if row["rebalanced"]]
    assert answer["next_rebalance"] == last["next_rebalance"]
    assert near(Decimal(answer["units"]["BTC"]), last["btc_units"])
    assert figure(answer, "twr") == 0
    ahead = Decimal(values[-1]["value"]) / Decimal(expected["final_value"]) - 1
    assert near(figure(answer, "outperformance"), ahead, "1e-11")
    assert near(figure(answer, "outperformance_twr"), 1 / (1 + Decimal(expected["benchmark_twr"])) - 1, "1e-11")


def test_the_benchmark_begins_with_the_first_value(command: Command) -> None:
    case = next(case for case in cases("benchmark") if len(case["ticks"]) == 1)
    [tick], [state] = case["ticks"], case["expected"]["states"]
    take_in(command, history=[{"time": tick["t"], "total_usd": case["initial"]["nav"]}])
    assert asked(command, "benchmark")["next_rebalance"] is None
    take_in(command, prices=[{"time": tick["t"], "asset": coin, "usd": tick[coin.lower()]} for coin in ("BTC", "ETH")])
    answer = asked(command, "benchmark")
    assert figure(answer, "nav") == figure(answer, "benchmark_value") == Decimal(state["value"])
    assert answer["units"] == {"BTC": state["btc_units"], "ETH": state["eth_units"]}
    assert (answer["start"], answer["next_rebalance"]) == (state["t"], state["next_rebalance"])
    assert (answer["state"], answer["benchmark_return"]["value"]) == ("too_few_snapshots", None)
    assert command("benchmark").code == outcome.GOOD
