"""The command line beside the running service, after it was killed, and without one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.program import Done, Program, several
from tests.e2e.service import ALWAYS, HURRIED, OWNER, Service, bot, serving
from tests.peers.faults import instead, status
from tests.peers.server import Peer
from tests.peers.telegram import telegram_peer

ACCOUNT = "/api/v3/account"


@asynccontextmanager
async def beside(
    folder: Path, *sources: str, **settings: str
) -> AsyncIterator[tuple[Service, Program, dict[str, Peer]]]:
    """A service, and a command line that knows nothing but where the data are."""
    async with several(*sources) as (found, peers), telegram_peer() as telegram:
        telegram.user(OWNER)
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        async with serving(Program(folder, found | ALWAYS | bot(telegram) | settings, HURRIED)) as service:
            await service.until(lambda: telegram.messages(OWNER))
            yield service, Program(elsewhere), peers


async def at_once(program: Program, data: Path, *lines: str) -> list[Done]:
    """Several commands side by side."""
    return await asyncio.gather(*(program(*line.split(), "--data-dir", str(data)) for line in lines))


async def test_beside_a_service_every_command_needs_only_its_folder_and_asks_nobody_itself(tmp_path: Path) -> None:
    imported = tmp_path / "elsewhere" / "mine.json"
    async with beside(tmp_path, "mexc") as (service, line, peers):
        imported.write_text('{"23-02-2020": {"USD": 42500.00, "RUB": 3932500.00}}')
        data, before = service.program.data, len(peers["mexc"].asked(ACCOUNT))
        report, balance, accounts, check, taken_in, health = await at_once(
            line, data,
            "report --json", "balance --json", "accounts --json", "check --json", "import history mine.json --json",
            "healthcheck --json",
        )  # fmt: skip
        assert [done.code for done in (report, balance, accounts, check, taken_in, health)] == [0] * 6
        assert "".join(done.err for done in (report, balance, accounts, check, taken_in, health)) == ""
        assert report.json["accounts"][0]["state"] in {"cached", "live"}  # live: while check asked
        assert balance.json["accounts"] == accounts.json
        assert (check.json[0]["ok"], health.json["pid"]) == (True, service.pid)
        assert taken_in.json == {"new": 1, "same": 0, "changed": 0, "errors": []}
        (history,), second = await asyncio.gather(at_once(line, data, "history --json"), service.program("run"))
        assert (second.code, second.out) == (1, "")
        assert f"is in use by process {service.pid}" in second.err
        assert [row["origin"] for row in history.json] == ["live", "imported"]
        # nothing but the check, which may have shared the report's fetch, went out to the venue
        assert len(peers["mexc"].asked(ACCOUNT)) - before <= 2
        assert not (tmp_path / "elsewhere" / "data").exists()


async def test_a_report_may_be_from_memory_a_pull_may_not_and_a_killed_service_is_not_missed(tmp_path: Path) -> None:
    async with beside(tmp_path, "mexc", LOG_LEVEL="DEBUG") as (service, line, peers):
        data = service.program.data
        first, again = [(await service.ask("report"))["report"] for _ in range(2)]
        assert [first["accounts"][0]["state"], again["accounts"][0]["state"]] == ["cached", "cached"]
        assert again["accounts"][0]["as_of"] == first["accounts"][0]["as_of"]
        (pulled,) = await at_once(line, data, "pull --json")
        assert (pulled.code, pulled.json["accounts"][0]["state"]) == (0, "live")
        assert pulled.json["accounts"][0]["as_of"] > first["accounts"][0]["as_of"]

        peers["mexc"].fail(status(500))
        (failed,) = await at_once(line, data, "pull --json")
        account = failed.json["accounts"][0]
        assert (failed.code, account["state"], account["error"]["kind"]) == (3, "stale", "unavailable")
        assert account["as_of"] == pulled.json["accounts"][0]["as_of"]

        await service.kill()
        assert (data / "control.sock").exists()
        service.program.module = "portfolio_bot"
        peers["mexc"].fail(instead(b"<html>"))
        alone, others = await asyncio.gather(
            service.program("report", "--json"),
            at_once(line, data, "history --json", "healthcheck --json", "pull"),
        )
    account = alone.json["accounts"][0]
    assert (alone.code, account["state"], alone.json["complete"]) == (3, "stale", False)
    assert account["total_usd"] == pulled.json["accounts"][0]["total_usd"]
    assert account["age_seconds"] >= 1
    assert "mexc is down" in alone.err  # and standard output was JSON alone
    closes, health, no_source = others
    assert [row["as_of"] for row in closes.json] == [pulled.json["as_of"]]
    assert (health.code, health.json["ok"]) == (1, False)
    assert f"No service runs on {data}." in health.json["troubles"]
    assert (no_source.code, no_source.out) == (2, "")


async def test_whoever_asks_the_venue_sees_one_user_with_rising_nonces(tmp_path: Path) -> None:
    async with beside(tmp_path, "kraken", CACHE_TTL="0") as (service, line, peers):
        asked = [service.ask(what) for what in ("pull", "report", "pull", "check")]
        done, *_ = await asyncio.gather(at_once(line, service.program.data, "pull --json", "report"), *asked)
        assert [one.code for one in done] == [0, 0]
    nonces = [int(seen.fields["nonce"]) for seen in peers["kraken"].requests if "nonce" in seen.fields]
    assert len(nonces) > 4
    assert nonces == sorted(set(nonces))
