"""Returns, profit and benchmark on the command line: their shapes, what is said where there is nothing, wrong words."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from portfolio_bot.cli import outcome
from tests.cli.conftest import Command
from tests.cli.imported import asked, take_in

COMMANDS = ("performance", "returns", "latest-return", "pnl", "benchmark")
FIGURES = {
    "start_value", "end_value", "net_flows", "change", "profit", "simple_return", "twr", "twr_annualized", "xirr",
    "xirr_period", "max_drawdown", "volatility", "sharpe", "sortino", "benchmark_return", "outperformance",
    "outperformance_twr",
}  # fmt: skip
HISTORY = [
    {"time": f"2026-01-{day:02}", "total_usd": 1000 + 10 * day, "total_rub": 80000 + day} for day in range(1, 11)
]
TRADES = [
    {"time": "2026-01-02T10:00Z", "id": "1", "side": "buy", "base": "BTC", "quote": "USD", "amount": 2, "cost": 200},
    {"time": "2026-01-05T10:00Z", "id": "2", "side": "sell", "base": "BTC", "quote": "USD", "amount": 1, "cost": 120},
    {"time": "2026-01-06T10:00Z", "id": "3", "side": "buy", "base": "ETH", "quote": "USD", "amount": 1, "cost": 50},
]


@pytest.fixture
def filled(command: Command) -> Command:
    """Ten days and three trades."""
    take_in(command, history=HISTORY, trades=TRADES, prices=[{"time": "2026-01-10", "asset": "BTC", "usd": 130}])
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_no_database_is_an_empty_answer_and_a_sentence(name: str, command: Command) -> None:
    done = command(name)
    assert (done.code, done.out) == (outcome.GOOD, "")
    assert f"Nothing is stored in {Path('data').absolute()} yet" in done.err
    assert "portfolio-bot import" in done.err
    assert command(name, "--json").code == outcome.GOOD
    assert not Path("data").exists()


def test_without_anything_stored_every_figure_says_why(command: Command) -> None:
    answer = asked(command, "performance")
    assert all(answer[name] == {"value": None, "status": "too_few_snapshots", "notes": []} for name in FIGURES)
    assert asked(command, "pnl")["assets"] == []
    assert asked(command, "benchmark")["state"] == "too_few_snapshots"
    assert asked(command, "benchmark")["weights"] == {"BTC": "0.5", "ETH": "0.5"}
    assert command("returns", "--json").json == []
    assert command("latest-return", "--json").json == {}


def test_performance_has_the_promised_fields(filled: Command) -> None:
    answer = asked(filled, "performance")
    others = {"start", "end", "days", "currency", "change_parts", "twr_rules", "drawdown"}
    assert set(answer) == FIGURES | others
    assert set(answer["change_parts"]) == {"market", "fx", "flows", "income", "fees", "accounts"}
    for figure in [answer[name] for name in FIGURES] + list(answer["change_parts"].values()):
        assert set(figure) == {"value", "status", "notes"}
        assert (figure["value"] is None) is (figure["status"] != "ok")
    assert (answer["start"], answer["end"]) == ("2026-01-01T23:00:00Z", "2026-01-10T23:00:00Z")
    assert answer["benchmark_return"]["status"] == "no_price"


def test_profit_has_the_promised_fields(filled: Command) -> None:
    answer = asked(filled, "pnl")
    btc = next(row for row in answer["assets"] if row["asset"] == "BTC")
    promised = {"amount", "average_cost", "cost", "price", "value", "unrealised", "realised", "fees", "lots", "flags"}
    assert promised <= set(btc)
    assert [btc[name] for name in ("amount", "average_cost", "price", "unrealised", "realised")] == [
        "1", "100", "130", "30", "20",
    ]  # fmt: skip
    assert {"realised", "unrealised", "income", "fees", "funding", "futures_pnl", "nav_pnl"} <= set(answer["totals"])
    assert answer["change"]["total"]["end"] == "1100"
    assert [row["asset"] for row in asked(filled, "pnl", "--asset", "eth")["assets"]] == ["ETH"]


def test_periods_go_by_name_by_days_by_dates_and_by_year(filled: Command) -> None:
    def realised(*words: str) -> str:
        return str(asked(filled, "pnl", *words)["totals"]["realised"])

    assert (
        realised()
        == realised("all")
        == realised("--days", "0")
        == realised("ytd")
        == realised("--year", "2026")
        == "20"
    )
    assert realised("3") == realised("24h") == realised("--days", "3") == realised("--from", "2026-01-06") == "0"
    assert realised("--to", "2026-01-05") == "20"
    assert realised("--to", "2026-01-04") == realised("--year", "2025") == "0"


def test_a_year_is_that_of_the_owners_days(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Tokyo the new year begins nine hours before Greenwich's."""
    sold = {"time": "2025-12-31T16:00Z", "id": "4", "side": "sell", "base": "BTC", "quote": "USD", "amount": 1}
    bought = {"time": "2025-06-01T10:00Z", "id": "0", "side": "buy", "base": "BTC", "quote": "USD", "amount": 1}
    take_in(command, trades=[{**bought, "cost": 100}, {**sold, "cost": 150}])
    counts = {}
    for zone in ("Europe/London", "Asia/Tokyo"):
        monkeypatch.setenv("TIMEZONE", zone)
        counts[zone] = [len(command("pnl", "--year", year, "--csv").out.splitlines()) - 1 for year in ("2025", "2026")]
    assert counts == {"Europe/London": [1, 0], "Asia/Tokyo": [0, 1]}


def test_tracked_assets_are_the_only_ones_listed(filled: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKED_ASSETS", "eth,sol")
    answer = asked(filled, "pnl")
    assert [row["asset"] for row in answer["assets"]] == ["ETH"]
    assert answer["totals"]["realised"] == "20"


def test_returns_in_roubles_have_roubles_in_their_names(filled: Command) -> None:
    rows: Any = filled("returns", "--json", "--currency", "rub", "--limit", "2").json
    assert [set(row) for row in rows] == [{"date", "from", "span_days", "rub", "percent", "flows_rub"}] * 2
    assert rows[0]["rub"] == "1"


def test_a_period_lists_all_of_its_days(command: Command) -> None:
    take_in(command, history=[{"time": f"2026-01-{day:02}", "total_usd": 100 + day} for day in range(1, 21)])

    def days(*words: str) -> list[str]:
        rows: Any = command("returns", "--json", *words).json
        return [row["date"][-2:] for row in rows]

    every = [f"{day:02}" for day in range(20, 1, -1)]
    assert days() == every[:10]
    assert days("--from", "2026-01-03", "--to", "2026-01-19") == every[1:18]
    assert days("--from", "2026-01-03", "--limit", "2") == every[:2]
    assert days("--days", "3") == every[:3]
    assert days("--days", "0") == every


def test_the_latest_return_is_told_in_roubles_too(filled: Command) -> None:
    rows: Any = filled("returns", "--json", "--currency", "rub", "--limit", "1").json
    assert filled("latest-return", "--json", "--currency", "rub").json == rows[0]


def test_people_get_the_same_as_text(filled: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    starts = ("+8.91%", "+$10.00", "+$10.00", "+$90.00", "+8.91%")
    for name, start in zip(COMMANDS, starts, strict=True):
        done = filled(name)
        assert done.code == outcome.GOOD, done.err
        assert done.out.startswith(start), (name, done.out)
        assert max(map(len, done.out.splitlines())) <= 40
    assert "Open lots" in filled("pnl", "--asset", "BTC").out
    assert filled("pnl", "--asset", "DOGE").out == '"DOGE" has no lots.\n'


def test_trades_alone_have_a_profit_and_no_return_yet(command: Command) -> None:
    take_in(command, trades=TRADES)
    done = command("performance")
    assert done.out.startswith("There is nothing to compare yet: it takes two complete values.")
    assert "portfolio-bot import history" in done.out
    assert "BTC" in command("pnl").out
    assert asked(command, "pnl")["totals"]["realised"] == "20"
    assert asked(command, "pnl")["to"] == "2026-01-06T10:00:00Z"


def test_a_past_in_dollars_alone_has_no_return_in_roubles(command: Command) -> None:
    take_in(command, history=[{"time": f"2026-01-0{day}", "total_usd": 100} for day in (1, 2)])
    done = command("performance", "--currency", "rub")
    assert (done.code, done.out) == (outcome.GOOD, "There are no two complete values in ₽ in this period.\n")
    assert asked(command, "performance", "--currency", "rub")["twr"]["status"] == "too_few_snapshots"


def test_they_only_look_while_another_process_writes(filled: Command) -> None:
    with sqlite3.connect("data/portfolio.db", isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert asked(filled, "performance")["twr"]["status"] == "ok"
        assert filled("pnl").code == outcome.GOOD
        writer.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pnl 3x", '"3x" is no period: 24h, 7d, 30d, 90d, ytd or all'),
        ("pnl 7d --days 3", "Give the period once"),
        ("pnl --year 2025 --from 2025-01-01", "Give the period once"),
        ("pnl --year 1990", '"1990" is out of range for --year'),
        ("pnl --csv --json", "--json and --csv exclude one another"),
        ("performance --days -1", '"-1" is out of range for --days'),
        ("performance --days many", '"many" is no whole number for --days'),
        ("performance --days 3 --to 2026-01-01", "--days stands alone"),
        ("performance --currency EUR", '"EUR" is no currency that values are kept in: USD or RUB.'),
        ("returns --from yesterday", '"yesterday" is neither of what --from takes'),
        ("returns --limit 0", '"0" is out of range for --limit'),
        ("benchmark --from 2026-02-01 --to 2026-01-01", "Nothing lies between"),
    ],
)
def test_wrong_words_are_named_with_what_would_be_right(line: str, said: str, command: Command) -> None:
    done = command(*line.split())
    assert (done.code, done.out) == (outcome.USAGE, "")
    assert said in done.err
