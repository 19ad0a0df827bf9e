"""`report --json` for each source, and with broken ones among them."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio_bot.platforms.catalog import SOURCES
from tests.e2e.program import Program, fx_settings, several
from tests.peers.faults import half, hang, instead, status
from tests.peers.fx import fx_server
from tests.peers.venue import case, cases, venue_server
from tests.platforms.contract.peers import CANARY

VENUES = {"gate": "gateio"}
FOLDERS = ["bybit", "okx", "binance", "kraken", "krakenfutures", "kucoin", "gate", "mexc"]
FIELDS = [
    "as_of", "demo", "state", "complete", "total_usd", "total_rub", "crypto_usd", "in_transit", "at_least_usd",
    "missing", "fx", "unpriced", "warnings", "accounts",
]  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_whole_account_comes_out_to_the_cent(folder: str, tmp_path: Path) -> None:
    case = next(found for found in cases(folder) if found.kind == "whole_account")
    spec = SOURCES[VENUES.get(folder, folder)]
    async with venue_server(folder, case) as peer, fx_server() as fx:
        if folder == "kraken":
            fx.ecb = fx.ecb.replace(b"1.1225", b"1.08")  # the case wants EUR/USD 1.08
        settings = {**fx_settings(fx), f"{spec.prefix}_BASE_URL": peer.url}
        settings |= {f"{spec.prefix}_{name}": CANARY for name in spec.secrets}
        done = await Program(tmp_path, settings)("report", "--json")
    report = done.json
    assert done.code == 0, done.err
    assert list(report) == FIELDS
    assert abs(Decimal(report["total_usd"]) - Decimal(str(case.row["expected_total_usd"]))) < Decimal("0.01")
    account = report["accounts"][0]
    held: dict[str, Decimal] = {}
    for row in account["holdings"]:
        if row["wallet"] != "other":
            held[row["asset"]] = held.get(row["asset"], Decimal(0)) + Decimal(row["amount"])
    expected = case.row["expected_holdings"]
    assert isinstance(expected, dict)
    assert held == {asset: Decimal(amount) for asset, amount in expected.items()}
    assert (report["state"], report["complete"], account["state"]) == ("complete", True, "live")
    assert report["crypto_usd"] == report["total_usd"] == report["at_least_usd"]
    assert report["fx"]["USD/RUB"]["provider"] == "cbr"
    assert CANARY not in done.out + done.err


async def test_five_broken_sources_are_named_and_the_total_is_never_silently_lower(tmp_path: Path) -> None:
    async with several("bybit", "okx", "kucoin", "mexc", "kraken", "binance") as (settings, peers):
        settings["OKX_BASE_URL"] = peers["okx"].url
        settings["KRAKEN_BASE_URL"] = peers["kraken"].url
        program = Program(tmp_path, settings)
        good = (await program("report", "--json")).json
        assert good["state"] == "complete"

        peers["bybit"].fail(hang())
        peers["okx"].fail(status(500))
        peers["kucoin"].fail(instead(b"<html>maintenance</html>"))
        peers["mexc"].fail(half())
        program.settings["BINANCE_BASE_URL"] = "http://127.0.0.1:9"  # nobody listens there
        started = time.monotonic()
        done = await program("report", "--json")
        took = time.monotonic() - started

    report = done.json
    states = {row["id"]: (row["state"], (row["error"] or {}).get("kind")) for row in report["accounts"]}
    assert states == {
        "bybit": ("stale", "timeout"),
        "okx": ("stale", "unavailable"),
        "kucoin": ("stale", "bad_answer"),
        "mexc": ("stale", "bad_answer"),
        "binance": ("stale", "unreachable"),
        "kraken": ("live", None),
    }
    assert (done.code, report["state"], report["complete"]) == (3, "provisional", False)
    assert Decimal(report["total_usd"]) == pytest.approx(Decimal(good["total_usd"]), rel=Decimal("0.0001"))
    assert took < 35  # 20 s for the one that hangs, the rest for a busy machine to start the process

    closes = (await program("history", "--json")).json
    assert [row["total_usd"] for row in closes] == [good["total_usd"]]


async def test_a_key_that_may_act_is_warned_of_in_the_very_first_report(tmp_path: Path) -> None:
    async with several("okx") as (settings, peers):
        served = case("okx", "key rights: trade and withdraw, not bound").served()
        peers["okx"].serve(*next(iter(served.items())))  # type: ignore[attr-defined]
        done = await Program(tmp_path, settings)("report", "--json")
    warned = {(row["account"], row["kind"]) for row in done.json["warnings"]}
    assert warned >= {("okx", "key_may_trade"), ("okx", "key_may_withdraw")}
    assert done.code == 0


async def test_a_source_that_never_answered_leaves_an_at_least(tmp_path: Path) -> None:
    async with several("mexc", "kucoin") as (settings, peers):
        peers["kucoin"].fail(status(503))
        done = await Program(tmp_path, settings)("report", "--json")
    report = done.json
    assert done.code == 3
    assert (report["state"], report["total_usd"], report["total_rub"]) == ("incomplete", None, None)
    assert report["missing"] == ["kucoin"]
    assert Decimal(report["at_least_usd"]) > 0
    assert report["crypto_usd"] is None
    account = next(row for row in report["accounts"] if row["id"] == "kucoin")
    assert (account["total_usd"], account["as_of"], account["holdings"]) == (None, None, [])


async def test_the_market_of_usdt_stands_in_where_nobody_publishes_the_rouble(tmp_path: Path) -> None:
    async with several("mexc") as (settings, peers):
        listed = [{"symbol": "USDTRUB", "price": "81.959"}, {"symbol": "BTCUSDT", "price": "60000"}]
        peers["mexc"].serve("GET /api/v3/ticker/price", {"body": listed})  # type: ignore[attr-defined]
        settings |= {f"{name}_BASE_URL": "http://127.0.0.1:9" for name in ("CBR", "CBR_MIRROR", "FRANKFURTER")}
        done = await Program(tmp_path, settings)("report", "--json")
    report = done.json
    rate = report["fx"]["USD/RUB"]
    assert (rate["rate"], rate["provider"], rate["state"]) == ("82", "usdt", "stale")
    assert Decimal(report["total_rub"]) == pytest.approx(Decimal(report["total_usd"]) * 82)


async def test_an_unknown_rouble_rate_leaves_the_rouble_total_unknown(tmp_path: Path) -> None:
    async with several("mexc") as (settings, _):
        settings |= {f"{name}_BASE_URL": "http://127.0.0.1:9" for name in ("CBR", "CBR_MIRROR", "FRANKFURTER")}
        done = await Program(tmp_path, settings)("report", "--json")
    report = done.json
    assert (done.code, report["state"], report["total_rub"]) == (0, "complete", None)
    assert report["fx"]["USD/RUB"] == {"rate": None, "provider": None, "date": None, "state": "unknown"}
