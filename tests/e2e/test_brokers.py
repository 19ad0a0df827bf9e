"""Brokers through `report --json`: their own figures come back to the kopeck."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.e2e.program import Program, fx_settings, several
from tests.peers.fx import fx_server
from tests.peers.ibkr import flex_server, statement


async def test_tbank_gives_its_own_rouble_total_back(tmp_path: Path) -> None:
    async with several("tbank") as (settings, _):
        done = await Program(tmp_path, settings)("report", "--json")
    report = done.json
    account = report["accounts"][0]
    assert done.code == 0, done.err
    assert (account["native_total"], account["native_currency"]) == ("283568.79", "RUB")
    assert report["total_rub"] == "283568.79"
    assert report["crypto_usd"] == "0"
    assert [sub["total"] for sub in account["sub_accounts"] if sub["total"]] == ["82034.59", "201534.2"]
    assert [(row["account"], row["kind"]) for row in report["warnings"]] == [
        ("tbank", "unreadable_wallet"),
        (None, "fx_deviation"),  # the recorded books are of another day than the recorded bank
    ]


async def test_an_ibkr_statement_counts_every_account_in_its_own_currency(tmp_path: Path) -> None:
    async with fx_server() as fx, flex_server(statement("nav-multi-base.xml")) as peer:
        settings = {
            **fx_settings(fx), "IBKR_BASE_URL": peer.url, "IBKR_FLEX_TOKEN": peer.token, "IBKR_QUERY_ID": peer.query,
        }  # fmt: skip
        done = await Program(tmp_path, settings)("report", "--json")
    report = done.json
    account = report["accounts"][0]
    assert sorted((sub["total"], sub["currency"]) for sub in account["sub_accounts"]) == [
        ("15250.75", "EUR"),
        ("8100.1", "USD"),
    ]
    assert Decimal(report["total_usd"]) == Decimal("15250.75") * Decimal("1.1225") + Decimal("8100.10")
    assert account["native_currency"] is None
    assert peer.token not in done.out + done.err
    assert "U2000001" not in done.out + done.err
