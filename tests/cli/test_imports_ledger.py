"""`import flows|trades|prices`: whole or not at all, and every figure stands right after it, with no source at all."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio_bot.analytics.lot_report import Profit
from portfolio_bot.analytics.lots import Ledger
from portfolio_bot.cli import outcome
from tests.cli.conftest import Command, Done

FLOWS = "time,account,kind,asset,amount,usd_value,fee_asset,fee_amount,txid,id,note"
TRADES = "time,account,id,side,base,quote,amount,price,cost,fee_asset,fee_amount,market"


@pytest.fixture(autouse=True)
def nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rate and price from outside is out of reach, at once."""
    for name in ("ECB", "CBR", "CBR_MIRROR", "FRANKFURTER", "KRAKEN", "BINANCE"):
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")


def file(text: str, name: str = "file.csv") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def rows(done: Done) -> list[dict[str, object]]:
    answer = done.json
    assert isinstance(answer, list)
    return answer


def errors(done: Done) -> list[tuple[object, object, object]]:
    answer = done.json
    assert isinstance(answer, dict)
    assert (answer["new"], answer["same"], answer["changed"]) == (0, 0, 0)
    return [(error["line"], error["column"], error["value"]) for error in answer["errors"]]


def test_flows_are_stored_once_however_often_the_file_comes(command: Command) -> None:
    name = file(f"{FLOWS}\n2026-01-05T08:00Z,bank,deposit,USD,1000,,,,,,first\n2026-01-06,,withdrawal,USD,-5,,,,,,\n")
    assert command("import", "flows", name).out == "Stored: 2 new, 0 changed, 0 as they were.\n"
    assert command("import", "flows", name, "--json").json == {
        "new": 0, "same": 2, "changed": 0, "errors": [], "near": [],
    }  # fmt: skip
    assert [(row["time"], row["account"], row["amount"]) for row in rows(command("flows", "--json"))] == [
        ("2026-01-06", "manual", "-5"),
        ("2026-01-05T08:00:00Z", "bank", "1000"),
    ]


def test_a_dry_run_shows_what_would_change_and_stores_nothing(command: Command) -> None:
    command("import", "flows", file("time,kind,asset,amount,id\n2026-01-05,deposit,USD,1000,a\n"))
    other = file("time,kind,asset,amount,id\n2026-01-05,deposit,USD,1200,a\n2026-01-06,deposit,USD,1,b\n")
    done = command("import", "flows", other, "--dry-run")
    assert "manual a  amount 1000 → 1200" in done.out
    assert "Would be stored: 1 new, 1 changed, 0 as they were. Nothing was." in done.out
    assert [row["amount"] for row in rows(command("flows", "--json"))] == ["1000"]


def test_integer_stamps_and_withdrawals_below_zero_are_read_as_they_are(command: Command) -> None:
    command("import", "flows", file("time,kind,asset,amount\n202601050800,withdrawal,USD,-250.50\n"))
    [row] = rows(command("flows", "--json"))
    assert (row["time"], row["amount"], row["usd_value"]) == ("2026-01-05T08:00:00Z", "-250.5", "-250.5")


@pytest.mark.parametrize(
    ("what", "text", "wrong"),
    [
        ("flows", "time,kind,asset,amount\n2026-01-05,deposit,USD,-1\n", (2, "amount", "-1")),
        ("flows", "time,kind,asset,amount\n2026-01-05,gift,USD,1\n", (2, "kind", "gift")),
        ("flows", "time,kind,asset,amount\n2026-01-05T08:00,deposit,USD,1\n", (2, "time", "2026-01-05T08:00")),
        ("flows", "time,kind,asset,amount,colour\n2026-01-05,deposit,USD,1,red\n", (1, "colour", "colour")),
        ("flows", "time,kind,asset\n2026-01-05,deposit,USD\n", (1, "amount", "")),
        ("flows", "", (1, "", "")),
        ("trades", "time,side,base,quote,amount,price\n2026-01-05T08:00Z,hold,BTC,USD,1,1\n", (2, "side", "hold")),
        ("trades", "time,side,base,quote,amount,price\n2026-01-05,buy,BTC,USD,1,1\n", (2, "time", "2026-01-05")),
        ("trades", "time,side,base,quote,amount,price\n2026-01-05T08:00Z,buy,BTC,USD,1,\n", (2, "cost", "")),
        ("prices", "time,asset,usd\n2026-01-05,BTC,0\n", (2, "usd", "0")),
        ("prices", 'time,asset,usd\n2026-01-05,BTC,"90,000"\n', (2, "usd", "90,000")),
    ],
)
def test_one_wrong_cell_is_named_and_nothing_is_stored(
    command: Command, what: str, text: str, wrong: tuple[object, object, object]
) -> None:
    done = command("import", what, file(text), "--json")
    assert done.code == outcome.FAILED
    assert errors(done)[0] == wrong
    assert rows(command("flows", "--json")) == rows(command("trades", "--json")) == []


def test_errors_for_eyes_go_to_standard_error(command: Command) -> None:
    done = command("import", "flows", file("time,kind,asset,amount\n2026-01-05,deposit,USD,one\n"))
    assert (done.code, done.out) == (outcome.FAILED, "Nothing was stored.\n")
    assert done.err == 'line 2, amount: "one": no exact number\n'


def test_standard_input_is_a_file_too(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"time,asset,usd\n2026-01-05,BTC,90000\n")))
    assert command("import", "prices", "-").out == "Stored: 1 new, 0 changed, 0 as they were.\n"


def test_what_may_be_there_already_is_named(command: Command) -> None:
    command("import", "flows", file("time,account,kind,asset,amount,id\n2026-01-05T08:00Z,okx,deposit,BTC,5,a\n"))
    again = file("time,account,kind,asset,amount,id\n2026-01-05T08:20Z,okx,deposit,BTC,5,b\n")
    assert "perhaps the same under another id" in command("import", "flows", again, "--dry-run").out
    answer = command("import", "flows", again, "--json").json
    assert isinstance(answer, dict)
    assert answer["near"] == ["okx a"]


def test_imported_prices_value_flows_whichever_comes_first(command: Command) -> None:
    flows = file("time,kind,asset,amount,id\n2026-01-05,deposit,BTC,0.1,a\n2026-01-07T08:00Z,withdrawal,BTC,-0.1,b\n")
    prices = file("time,asset,usd\n2026-01-05,BTC,90000\n2026-01-07,BTC,91000\n", "prices.csv")
    assert "Without a value in USD: 2 (BTC)." in command("import", "flows", flows).out
    assert command("import", "prices", prices).out == "Stored: 2 new, 0 changed, 0 as they were.\n"
    told = [(row["id"], row["usd_value"], row["usd_source"]) for row in rows(command("flows", "--json"))]
    assert told == [("b", "-9100", "price_list"), ("a", "9000", "price_list")]
    corrected = file("time,asset,usd\n2026-01-05,BTC,80000\n", "prices.csv")
    assert "BTC 2026-01-05T00:00Z  usd 90000 → 80000" in command("import", "prices", corrected).out
    assert [row["usd_value"] for row in rows(command("flows", "--json"))] == ["-9100", "8000"]


def test_crypto_dollars_without_a_price_stand_at_par_and_say_so_until_a_price_comes(command: Command) -> None:
    command("import", "flows", file("time,kind,asset,amount\n2026-01-05T08:00Z,deposit,USDT,100\n"))
    command("import", "trades", file("time,side,base,quote,amount,price\n2026-01-06T08:00Z,buy,BTC,USDT,0.001,90000\n"))
    [flow], [trade] = rows(command("flows", "--json")), rows(command("trades", "--json"))
    assert (flow["usd_value"], flow["usd_source"]) == ("100", "assumed_par")
    assert (trade["usd_value"], trade["usd_source"]) == ("90", "assumed_par")
    command("import", "prices", file("time,asset,usd\n2026-01-05,USDT,0.99\n2026-01-06,BTC,50000\n"))
    [flow], [trade] = rows(command("flows", "--json")), rows(command("trades", "--json"))
    assert (flow["usd_value"], flow["usd_source"]) == ("99", "price_list")
    assert trade["usd_value"] == "89.1"


def test_two_totals_of_a_day_are_the_rate_of_roubles(command: Command) -> None:
    command("import", "history", file('{"05-01-2026": {"USD": 1000, "RUB": 80000}}', "history.json"))
    command("import", "flows", file("time,kind,asset,amount\n2026-01-05T08:00Z,deposit,RUB,10000\n"))
    [row] = rows(command("flows", "--json"))
    assert (row["usd_value"], row["usd_source"]) == ("125", "fx")


def test_a_database_filled_only_by_import_gives_performance_and_profit(command: Command) -> None:
    command("import", "flows", file("time,kind,asset,amount\n2026-01-03,deposit,BTC,0.1\n"))
    command("import", "prices", file("time,asset,usd\n2026-01-03,BTC,90000\n2026-01-05,BTC,100000\n"))
    command("import", "history", file("time,total_usd,total_rub\n2026-01-02,1000,\n2026-01-05,11000,\n"))
    answer = command("performance", "--json", "--from", "2026-01-02", "--to", "2026-01-05").json
    assert isinstance(answer, dict)
    assert (answer["net_flows"]["value"], answer["change"]["value"]) == ("9000", "10000")
    assert answer["twr"]["status"] == "ok"
    profit = command("pnl", "--json").json
    assert isinstance(profit, dict)
    assert profit["totals"]["residual"] == "0"


def test_own_transfers_are_found_in_what_was_imported(command: Command) -> None:
    lines = ("2026-01-05T08:00Z,a,withdrawal,BTC,-1,,BTC,0.0001,0xab,,", "2026-01-05T08:30Z,b,deposit,BTC,1,,,,0xab,,")
    command("import", "flows", file("\n".join((FLOWS, *lines, ""))))
    deposit, _ = rows(command("flows", "--json"))
    match = deposit["match"]
    assert isinstance(match, dict)
    assert (match["account"], match["by"], match["network_fee"]) == ("a", "txid", "0.0001")


def test_a_profit_that_does_not_add_up_is_said_loudly(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Ledger.profit

    def wrong(self: Ledger, *args: object) -> Profit:
        return replace(counted(self, *args), residual=Decimal("0.5"))  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "profit", wrong)
    done = command("import", "flows", file("time,kind,asset,amount\n2026-01-05,deposit,USD,1\n"))
    assert done.code == outcome.GOOD
    assert "⚠ Profit does not add up: 0.5 USD are unexplained." in done.err
    assert "profit does not add up after an import: 0.5 USD are unexplained" in done.err
