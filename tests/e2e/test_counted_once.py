"""The same account twice, and a key that changed hands: through the whole program."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.program import Program, several
from tests.peers.tbank import TOKEN
from tests.platforms.contract.peers import CANARY


async def test_one_login_under_two_labels_is_an_error_that_names_both(tmp_path: Path) -> None:
    async with several("mexc") as (settings, _):
        second = {"MEXC_MUM_API_KEY": CANARY[::-1], "MEXC_MUM_API_SECRET": CANARY}
        program, folder = Program(tmp_path, settings | second), tmp_path / "alone"
        folder.mkdir()
        alone = await Program(folder, settings)("report", "--json")
        report = await program("report", "--json")
        check = await program("check")
    assert report.code == 3
    assert report.json["at_least_usd"] == alone.json["total_usd"]
    assert report.json["missing"] == ["mexc-mum"]
    assert "it opens the same account as MEXC, mexc" in report.json["accounts"][1]["error"]["message"]
    assert check.code == 1
    assert "MEXC Mum" in check.out
    assert "the same account as MEXC, mexc" in " ".join(check.out.split())


async def test_one_key_under_two_labels_stops_the_start(tmp_path: Path) -> None:
    async with several("mexc") as (settings, peers):
        twice = {"MEXC_MUM_API_KEY": settings["MEXC_API_KEY"], "MEXC_MUM_API_SECRET": CANARY}
        done = await Program(tmp_path, settings | twice)("report")
        assert peers["mexc"].requests == []
    assert done.code == 2
    assert "MEXC_MUM_API_KEY" in done.err
    assert "the same as MEXC_API_KEY" in done.err


async def test_two_tokens_that_see_the_same_accounts_count_them_once(tmp_path: Path) -> None:
    async with several("tbank") as (settings, _):
        done = await Program(tmp_path, settings | {"TBANK_MUM_API_TOKEN": f"{TOKEN}-mum"})("report", "--json")
    report = done.json
    assert report["total_rub"] == "283568.79"
    first, second = report["accounts"]
    assert (len(first["sub_accounts"]) > 0, second["total_usd"], second["sub_accounts"]) == (True, "0", [])
    assert {row["account"] for row in report["warnings"] if row["kind"] == "counted_once"} == {"tbank-mum"}


async def test_a_key_of_another_account_enters_history_only_after_its_owners_word(tmp_path: Path) -> None:
    async with several("mexc") as (settings, peers):
        program = Program(tmp_path, settings)
        before = (await program("report", "--json")).json
        peers["mexc"].serve("GET /api/v3/uid", {"body": {"uid": "another"}})  # type: ignore[attr-defined]
        program.settings["MEXC_API_KEY"] = CANARY[::-1]
        moved = await program("report", "--json")
        check = await program("check")
        word = await program("accounts", "confirm", "mexc")
        after = await program("report", "--json")
    assert (moved.code, moved.json["accounts"][0]["state"]) == (3, "stale")
    assert moved.json["accounts"][0]["total_usd"] == before["total_usd"]
    assert moved.json["accounts"][0]["error"]["kind"] == "suspect"
    assert "portfolio-bot accounts confirm mexc" in " ".join(check.out.split())
    assert (word.code, word.out.split(" ")[0]) == (0, "MEXC")
    assert (after.code, after.json["accounts"][0]["state"]) == (0, "live")
