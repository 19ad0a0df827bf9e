"""Flows, trades and sync as public JSON: names, order, forms."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.trade import Fee
from portfolio_bot.report import ledger_json
from portfolio_bot.report.as_json import Json
from portfolio_bot.report.views import SyncView
from tests.report import ledgers
from tests.report.gallery import GUIDES, NOW
from tests.report.ledgers import matched, november, trades

FLOW = [
    "time", "account", "kind", "asset", "amount", "usd_value", "usd_source", "fee_asset", "fee_amount", "txid", "id",
    "note", "detail", "wallets", "origin", "settled", "in_transit", "match", "alone",
]  # fmt: skip
TRADE = [
    "time", "account", "id", "side", "base", "quote", "amount", "price", "cost", "fee_asset", "fee_amount", "market",
    "usd_value", "usd_source", "realised", "detail", "origin",
]  # fmt: skip
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")


def rows(answer: Json) -> list[dict[str, Json]]:
    assert isinstance(answer, list)
    return [row for row in answer if isinstance(row, dict)]


def flows_by_id() -> dict[str, dict[str, Json]]:
    return {str(row["id"]): row for row in rows(ledger_json.flows(november(), matched(november())))}


def test_every_row_has_the_same_fields_in_the_same_order() -> None:
    flows = rows(ledger_json.flows(november(), matched(november())))
    assert {tuple(row) for row in flows} == {tuple(FLOW)}
    assert {tuple(row) for row in rows(ledger_json.trades(trades()))} == {tuple(TRADE)}
    assert json.loads(json.dumps(flows)) == flows


def test_money_is_plain_text_and_what_is_unknown_is_null() -> None:
    for row in [*flows_by_id().values(), *rows(ledger_json.trades(trades()))]:
        for name in ("amount", "usd_value", "fee_amount", "price", "cost", "realised"):
            value = row.get(name)
            assert value is None or NUMBER.fullmatch(str(value)), (name, value)
    shib = next(row for row in flows_by_id().values() if row["asset"] == "SHIB")
    assert (shib["usd_value"], shib["usd_source"], shib["fee_asset"]) == (None, None, None)


def test_an_own_transfer_names_its_other_side_on_both_rows() -> None:
    out, into = (row for row in flows_by_id().values() if row["asset"] == "ETH" and row["txid"] in {"0xabc", "0xABC"})
    out, into = sorted((out, into), key=lambda row: str(row["kind"]), reverse=True)
    assert into["match"] == {
        "id": out["id"],
        "account": "kraken",
        "by": "txid",
        "confidence": "certain",
        "network_fee": "0.004",
        "delay_seconds": 1740,
        "rivals": 0,
    }
    other = out["match"]
    assert isinstance(other, dict)
    assert (other["id"], out["alone"]) == (into["id"], None)


def test_a_flow_without_another_side_says_why() -> None:
    every = flows_by_id()
    assert every["W-1"]["alone"] == "no_deposit"
    assert {row["alone"] for row in every.values() if row["kind"] == "deposit" and not row["match"]} == {
        "no_withdrawal"
    }
    assert [row["asset"] for row in every.values() if row["in_transit"]] == ["BTC"]


def test_a_flow_of_which_only_the_day_is_known_has_a_date() -> None:
    row = replace(november()[0], at=date(2026, 11, 20))
    assert rows(ledger_json.flows([row], matched([row])))[0]["time"] == "2026-11-20"


def test_a_contract_has_its_name_as_base_and_no_cost() -> None:
    contract = rows(ledger_json.trades(trades()))[1]
    shown = {name: contract[name] for name in ("base", "quote", "cost", "market", "realised", "usd_value")}
    assert shown == {
        "base": "BTC-USDT-SWAP", "quote": "USDT", "cost": None, "market": "futures", "realised": "12.5",
        "usd_value": None,
    }  # fmt: skip


def test_a_price_that_was_not_printed_follows_from_the_cost() -> None:
    assert [row["price"] for row in rows(ledger_json.trades(trades()))] == ["67123.45", "67200.1", None, "2.2"]


def test_no_fee_of_a_trade_is_lost() -> None:
    first = trades()[0]._replace(fees=(Fee("USDT", Decimal(1)), Fee("BNB", Decimal("0.5")), Fee("USDT", Decimal(2))))
    row = rows(ledger_json.trades([first]))[0]
    assert (row["fee_asset"], row["fee_amount"], row["detail"]) == ("USDT", "3", "fee 0.5 BNB")


def test_sync_tells_every_stream_and_what_mends_it() -> None:
    answer = ledger_json.sync(ledgers.being_read(), NOW, GUIDES)
    assert (answer["complete"], answer["since"]) == (False, None)
    kraken = rows(answer["accounts"])[2]
    assert list(kraken) == ["id", "name", "state", "flows", "trades", "new", "unclassified", "unpriced", "streams"]
    stream = rows(kraken["streams"])[0]
    assert list(stream) == ["name", "title", "since", "until", "keeps_days", "state", "error", "gaps"]
    error = stream["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "missing_right"
    assert "(Query ledger). Tick it on the key" in str(error["message"])


def test_sync_is_complete_only_when_it_stands_still_and_nothing_failed() -> None:
    def complete(view: SyncView) -> Json:
        return ledger_json.sync(view, NOW)["complete"]

    assert complete(ledgers.read()) is True
    assert complete(replace(ledgers.read(), running=True)) is False
    assert complete(ledgers.read_in_part()) is False
    assert complete(ledgers.unread()) is False


def test_what_a_venue_keeps_and_what_is_missing_are_told() -> None:
    bybit = rows(ledger_json.sync(ledgers.read(), NOW)["accounts"])[0]
    stream = rows(bybit["streams"])[2]
    assert (stream["keeps_days"], stream["since"]) == (730, "2024-11-21T12:00:00Z")
    assert stream["gaps"] == [{"from": "2026-02-03T12:00:00Z", "to": "2026-02-05T12:00:00Z"}]


def test_a_cause_without_a_mend_is_still_told() -> None:
    view = ledgers.read()
    broken = replace(view.accounts[0].streams[0], failure=Failure(FailureKind.TIMEOUT))
    account = replace(view.accounts[0], streams=(broken,))
    stream = rows(rows(ledger_json.sync(replace(view, accounts=(account,)), NOW)["accounts"])[0]["streams"])[0]
    assert stream["error"] == {"kind": "timeout", "message": "Bybit: no answer in time.", "retry_at": None}
