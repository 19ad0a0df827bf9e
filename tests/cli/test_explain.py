"""Each figure is worked out again from its explanation alone, by a calculator that shares no code with the program."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from portfolio_bot.cli import outcome
from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from tests.cli import pocket
from tests.cli.conftest import Command
from tests.cli.imported import Line, asked, take_in
from tests.cli.test_readme import fields
from tests.cli.test_stored import store

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def days_of_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "UTC")


def value(answer: dict[str, Any], name: str) -> Decimal:
    found = answer[name]
    assert found["status"] == "ok", found
    return Decimal(found["value"])


@pytest.mark.parametrize("scenario", [Scenario.BULL, Scenario.OUTAGE])
def test_the_total(scenario: Scenario, command: Command) -> None:
    store(DemoWorld(scenario, NOW).portfolio(NOW))
    answer = asked(command, "explain", "total")
    usd, rub = pocket.total(answer)
    told = answer["result"]
    assert str(usd) == f"{Decimal(told['total_usd']):.8f}"
    assert abs(rub - Decimal(told["total_rub"])) < Decimal("0.000001")  # roubles of T-Bank come from a division
    assert {row["price_source"] for one in answer["accounts"] for row in one["rows"]} <= {
        "venue_value", "venue_ticker", "fx", "known_before", "assumed_par",
    }  # fmt: skip
    assert all(one["provider"] and one["date"] for one in answer["fx"].values())


def test_the_total_of_a_history_from_elsewhere_is_its_newest_value(command: Command) -> None:
    assert asked(command, "explain", "total") == {}
    take_in(command, history=[*HISTORY[:3], {"time": "2026-01-04", "total_rub": "831000"}])
    answer = asked(command, "explain", "total")
    assert (answer["as_of"], answer["origin"]) == ("2026-01-05T00:00:00Z", "imported")
    assert answer["result"] == {"total_usd": None, "total_rub": "831000"}
    take_in(command, history=HISTORY)
    answer = asked(command, "explain", "total")
    assert answer["as_of"] == "2026-03-06T10:00:00Z"
    assert answer["result"] == {"total_usd": "11111.11", "total_rub": "900000"}
    assert "$11,111.11 and ₽900,000, imported, of 6 Mar 10:00" in command("explain", "total").out.replace("\xa0", " ")


HISTORY: list[Line] = [
    {"time": "2026-01-01", "total_usd": "10000", "total_rub": "800000"},
    {"time": "2026-01-02", "total_usd": "10400.11", "total_rub": "840000"},
    {"time": "2026-01-03T08:00:00Z", "total_usd": "10350", "total_rub": "830000"},
    {"time": "2026-01-03T09:00:00Z", "total_usd": "13500.5", "total_rub": "1080000"},
    {"time": "2026-01-05T09:00:00Z", "total_usd": "4100", "total_rub": "330000"},
    {"time": "2026-01-06T09:00:00Z", "total_usd": "4200", "total_rub": "345000.77"},
    {"time": "2026-01-06T10:00:00Z", "total_usd": "9900", "total_rub": "790000"},
    {"time": "2026-03-06T10:00:00Z", "total_usd": "11111.11", "total_rub": "900000"},
]
FLOWS: list[Line] = [
    {"time": "2026-01-02", "kind": "deposit", "amount": "300"},
    {"time": "2026-01-03T08:20:00Z", "kind": "deposit", "amount": "3000"},
    {"time": "2026-01-03T20:00:00Z", "kind": "withdrawal", "amount": "-9500"},
    {"time": "2026-01-05T09:00:00Z", "kind": "deposit", "amount": "50.005"},
    {"time": "2026-01-06T09:59:00Z", "kind": "deposit", "amount": "5800"},
    {"time": "2026-03-05T00:00:00Z", "kind": "withdrawal", "amount": "-1.23"},
]


def taken_in(command: Command) -> None:
    take_in(command, history=HISTORY, flows=[{"account": "bank", "asset": "USD", **flow} for flow in FLOWS])


@pytest.mark.parametrize(
    ("currency", "words"),
    [("USD", ()), ("RUB", ("--from", "2026-01-03", "--to", "2026-01-06")), ("RUB", ("--days", "60"))],
)
def test_a_time_weighted_return(words: tuple[str, ...], currency: str, command: Command) -> None:
    taken_in(command)
    answer = asked(command, "explain", "twr", "--currency", currency, *words)
    printed = asked(command, "performance", "--currency", currency, *words)
    assert pocket.twr(answer) == value(answer["result"], "twr") == value(printed, "twr")
    assert [answer["start"], answer["end"]] == [printed["start"], printed["end"]]
    assert set(answer["rules"]) == {one["rule"] for one in answer["periods"]} - {None}
    net = pocket.added(flow["value"] for one in answer["periods"] for flow in one["flows"])
    assert pocket.rounded(net, 8) == value(printed, "net_flows")


def test_every_rule_is_met_with(command: Command) -> None:
    taken_in(command)
    answer = asked(command, "explain", "twr")
    assert set(answer["rules"]) == {"simple", "start", "dietz", "pp"}
    records = [flow["record"] for one in answer["periods"] for flow in one["flows"]]
    assert [record["amount"] for record in records] == [flow["amount"] for flow in FLOWS]
    assert {record["usd_source"] for record in records} == {"dollars"}


@pytest.mark.parametrize(("currency", "words"), [("USD", ()), ("RUB", ("--from", "2026-01-03"))])
def test_a_money_weighted_return(words: tuple[str, ...], currency: str, command: Command) -> None:
    taken_in(command)
    answer = asked(command, "explain", "xirr", "--currency", currency, *words)
    printed = asked(command, "performance", "--currency", currency, *words)
    annual, period = pocket.xirr(answer)
    for name, mine in (("xirr", annual), ("xirr_period", period)):
        told = value(printed, name)
        assert value(answer["result"], name) == told
        assert abs(mine - float(told)) <= 1e-9 * max(1.0, abs(float(told)))
    present = pocket.added(one["present_value"] for one in answer["payments"])
    assert abs(present) < Fraction(1, 10**6)
    assert pocket.rounded(present, 8) == pocket.rounded(Fraction(answer["npv"]), 8)


@pytest.mark.parametrize(("figure", "currency"), [("twr", "USD"), ("twr", "RUB"), ("xirr", "RUB")])
def test_a_return_of_snapshots_with_their_accounts(figure: str, currency: str, command: Command) -> None:
    assert command("pull", "--demo").code == outcome.GOOD
    answer = asked(command, "explain", figure, "--demo", "--days", "20", "--currency", currency)
    if figure == "twr":
        assert pocket.twr(answer) == value(answer["result"], "twr")
    else:
        assert abs(pocket.xirr(answer)[0] - float(value(answer["result"], "xirr"))) < 1e-9
    last = answer["snapshots"][-1]
    usd, rub = pocket.total(last)
    mine, told = (usd, last["total"]) if currency == "USD" else (rub, last["total"])
    assert abs(mine - Decimal(told)) < Decimal("0.000001")
    end = answer["periods"][-1]["end_value"] if figure == "twr" else answer["payments"][-1]["amount"]
    assert abs(Decimal(end) - Decimal(told)) < Decimal("0.000001")


TRADES: list[Line] = [
    {"time": "2026-01-02T00:00:00Z", "id": "1", "side": "buy", "base": "BNB", "amount": "0.5", "price": "600"},
    {"time": "2026-01-03T00:00:00Z", "id": "2", "side": "buy", "base": "BNB", "amount": "1", "price": "700"},
    {
        "time": "2026-01-04T00:00:00Z", "id": "3", "side": "buy", "base": "BTC", "amount": "0.2", "price": "91000",
        "fee_asset": "BNB", "fee_amount": "0.02",
    },
    {
        "time": "2026-01-05T00:00:00Z", "id": "4", "side": "buy", "base": "BTC", "amount": "0.3", "price": "93000.07",
        "fee_asset": "BTC", "fee_amount": "0.0003",
    },
    {
        "time": "2026-01-06T00:00:00Z", "id": "5", "side": "sell", "base": "BTC", "amount": "0.37", "price": "95000",
        "fee_asset": "USD", "fee_amount": "35.15",
    },
]  # fmt: skip
PRICES: list[Line] = [
    {"time": "2026-01-04", "asset": "BNB", "usd": "690"},
    {"time": "2026-01-07", "asset": "BNB", "usd": "701.123"},
    {"time": "2026-01-07", "asset": "BTC", "usd": "90123.4567"},
]


def traded(command: Command) -> None:
    take_in(command, prices=PRICES, trades=[{"account": "bybit", "quote": "USD", **trade} for trade in TRADES])


@pytest.mark.parametrize(
    ("asset", "words"), [("BTC", ()), ("bnb", ()), ("BTC", ("--from", "2026-01-05")), ("btc", ("--from", "2026-01-06"))]
)
def test_the_profit_of_an_asset(asset: str, words: tuple[str, ...], command: Command) -> None:
    traded(command)
    answer = asked(command, "explain", "pnl", asset, *words)
    printed = next(one for one in asked(command, "pnl", *words)["assets"] if one["asset"] == asset.upper())
    realised, unrealised = pocket.disposed(answer)
    assert [realised, unrealised] == [Decimal(printed["realised"]), Decimal(printed["unrealised"])]
    assert answer["result"]["realised"] == printed["realised"]
    if not words:
        assert pocket.first_in_first_out(answer) == realised
    assert answer["prices"][asset.upper()]["source"] == "imported"


def test_the_profit_of_everything(command: Command) -> None:
    traded(command)
    answer = asked(command, "explain", "pnl")
    told = answer["result"]
    names = ("realised", "unrealised", "income", "funding", "futures_pnl", "fees_paid_apart", "withdrawn_gain")
    whole = pocket.added(told[name] for name in (*names, "revaluation"))
    assert pocket.rounded(whole, 6) == pocket.rounded(Fraction(told["nav_pnl"]), 6)
    assert told["residual"] == "0"
    for name in ("realised", "unrealised"):
        assert pocket.rounded(pocket.added(one[name] for one in answer["assets"]), 8) == Decimal(told[name])
    for one in answer["assets"]:
        mine = asked(command, "explain", "pnl", one["asset"])
        assert mine["lots"] == one["lots"]


@pytest.mark.parametrize("figure", [["total"], ["twr"], ["xirr"], ["pnl"], ["pnl", "BTC"]])
def test_people_read_it_too_and_an_empty_folder_says_so(figure: list[str], command: Command) -> None:
    assert command("explain", *figure).code == outcome.GOOD
    assert command("explain", *figure, "--json").code == outcome.GOOD
    taken_in(command)
    traded(command)
    store(DemoWorld(Scenario.OUTAGE, NOW).portfolio(NOW - timedelta(minutes=1)))
    done = command("explain", *figure)
    assert (done.code, done.err) == (outcome.GOOD, "")
    assert f"portfolio-bot explain {' '.join(figure)} --json" in done.out.replace("\n", " ")


@pytest.mark.parametrize(
    "words", [["nav"], ["twr", "BTC"], ["total", "--days", "3"], ["pnl", "--currency", "RUB"], ["twr", "--from", "x"]]
)
def test_what_cannot_be_explained_is_refused(words: list[str], command: Command) -> None:
    done = command("explain", *words)
    assert (done.code, done.out) == (outcome.USAGE, "")
    assert done.err


README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("**Where does a figure come from?**")[2].partition("\n## ")[0]
NAMED = {*re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", SECTION))), "rate", "provider", "date", "state"}


def test_the_readme_names_every_field(command: Command) -> None:
    taken_in(command)
    traded(command)
    take_in(command, flows=[{**FLOWS[1], "account": "bybit", "asset": "BTC", "amount": "0.1", "usd_value": "9000"}])
    store(DemoWorld(Scenario.OUTAGE, NOW).portfolio(NOW - timedelta(minutes=1)))
    for figure in (["total"], ["twr"], ["xirr"], ["pnl"], ["pnl", "BTC"]):
        answer = asked(command, "explain", *figure)
        answer.pop("result")  # as documented for the figure itself
        found = {name for name in fields(answer) if re.fullmatch(r"[a-z_]+", name)}
        unnamed = found - NAMED - {"account", "kind", "message", "amount"} - {"simple", "start", "dietz", "pp"}
        assert not unnamed, (figure, unnamed)
