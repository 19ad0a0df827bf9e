"""CSV: exact columns, safe in a spreadsheet, and the same again when it is read in."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from portfolio_bot.report import as_csv, as_json
from tests.report import gallery
from tests.report.gallery import NOW
from tests.report.ledgers import at, flow, november, trades


def read(text: str) -> list[dict[str, str]]:
    """As a spreadsheet or an import reads it; the latter takes the apostrophe away."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_columns_are_those_that_an_import_reads() -> None:
    assert as_csv.flows([]) == "time,account,kind,asset,amount,usd_value,fee_asset,fee_amount,txid,id,note\n"
    assert as_csv.trades([]) == ("time,account,id,side,base,quote,amount,price,cost,fee_asset,fee_amount,market\n")
    assert as_csv.accounts([]) == ("id,name,source,state,as_of,total_usd,venue_total_usd,coverage_percent,error\n")


def test_a_flow_is_a_line() -> None:
    rows = as_csv.flows(november()).splitlines()
    assert rows[1].startswith("2026-11-20T12:45:00Z,bybit,withdrawal,BTC,-0.05,-3356.17,BTC,0.0001,,bybit-withdrawal")
    assert len(rows) == len(november()) + 1


def test_a_trade_is_a_line_and_a_contract_has_no_cost() -> None:
    rows = as_csv.trades(trades()).splitlines()
    assert rows[1] == "2026-11-20T12:05:00Z,bybit,t4,buy,BTC,USDT,0.015,,1006.85175,USDT,1.00685175,spot"
    assert rows[2] == "2026-11-20T09:10:00Z,okx,t3,sell,BTC-USDT-SWAP,USDT,3,67200.1,,USDT,0.12,futures"


def test_an_account_is_a_line_with_the_kind_of_its_error() -> None:
    made = [row for row in as_json.accounts(gallery.provisional()) if isinstance(row, dict)]
    kraken = read(as_csv.accounts(made))[2]
    assert (kraken["id"], kraken["name"], kraken["state"], kraken["error"]) == ("kraken", "Kraken", "stale", "bad_key")
    assert (kraken["total_usd"], kraken["coverage_percent"]) == ("8104", "")


@pytest.mark.parametrize("evil", ['=HYPERLINK("http://x","y")', "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "'quoted"])
def test_no_text_is_a_formula_and_none_is_changed_by_reading_it_again(evil: str) -> None:
    row = replace(flow("bybit deposit 1 USDT = 1", NOW), asset=evil, note=evil, txid=evil, id=evil)
    cells = read(as_csv.flows([row]))[0]
    for name in ("asset", "note", "txid", "id"):
        assert not cells[name].startswith(("=", "+", "-", "@"))
        assert cells[name].removeprefix("'") == evil


def test_numbers_below_zero_stay_numbers() -> None:
    cells = read(as_csv.flows([flow("bybit withdrawal -0.00000001 BTC = -0.5", NOW)]))[0]
    assert (cells["amount"], cells["usd_value"]) == ("-0.00000001", "-0.5")


def test_commas_quotes_and_other_alphabets_survive() -> None:
    row = flow("bybit deposit 1 USDT", at(1), note='зарплата, "за ноябрь"')
    assert read(as_csv.flows([row]).encode().decode("utf-8"))[0]["note"] == 'зарплата, "за ноябрь"'


def test_one_row_is_one_line_whatever_a_stranger_writes() -> None:
    row = flow("bybit deposit 1 USDT", at(1), note="a\r\nb\x1b[2J")
    assert len(as_csv.flows([row]).splitlines()) == 2
    assert "\x1b" not in as_csv.flows([row])
