"""Reading the past on somebody's wish: begun, followed, and told with the same words with or without a service."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from portfolio_bot.app.carry_out import Do, carry_out, in_touch
from portfolio_bot.app.core import Core, open_core
from portfolio_bot.app.operations import operations
from portfolio_bot.control import place
from portfolio_bot.control.client import ServiceFailed
from portfolio_bot.control.server import ControlServer
from portfolio_bot.service.errors import UserError
from portfolio_bot.settings import SettingsError
from portfolio_bot.storage.errors import DiskFull
from tests.app.conftest import KEY, addresses, settings
from tests.peers.faults import hang
from tests.peers.fx import fx_server
from tests.peers.venue import case, venue_server


async def followed(do: Do) -> list[dict[str, Any]]:
    """Every answer until it is over."""
    answers = [await do("sync", {"width": 60})]
    while answers[-1]["running"]:  # type: ignore[index]
        await asyncio.sleep(0.01)
        answers.append(await do("sync_state", {"width": 60}))
    return answers  # type: ignore[return-value]


async def test_without_a_service_it_is_begun_here_and_followed_to_its_end(data_dir: Path) -> None:
    answers = await in_touch(settings(data_dir, demo=True), followed)
    assert answers[0]["running"]
    last = answers[-1]
    assert last["sync"]["complete"] is True
    assert {row["state"] for row in last["progress"]} == {"done"}
    assert all(account["streams"] and account["flows"] for account in last["sync"]["accounts"])
    assert "History read" in last["text"]


async def test_while_it_is_read_here_other_commands_are_answered(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)

    async def beside(do: Do) -> object:
        await do("sync", {"width": 60})
        answer = await carry_out(configured, "report", {"width": 60}, wait=0)
        with pytest.raises(ServiceFailed):
            await carry_out(configured, "health", {}, wait=0)  # it is no service
        return answer

    answer = await in_touch(configured, beside)
    assert isinstance(answer, dict)
    assert answer["complete"] is True
    assert not place.socket_of(configured.data_dir).exists()


async def test_beside_a_service_it_is_the_service_that_reads(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)
    async with open_core(configured, demo_latency=0) as core:
        server = ControlServer(configured.data_dir, operations(core))
        await server.listen()
        answers = await in_touch(configured, followed)
        await server.close()
        assert core.sync.finished_at is not None
    assert answers[-1]["sync"]["complete"] is True
    assert json.dumps(answers)


async def test_only_the_accounts_that_are_named_by_id_or_name_are_read(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)
    body = {"accounts": ["BYBIT", "T-Bank"], "wait": True}
    answer = await carry_out(configured, "sync", body)
    assert isinstance(answer, dict)
    read = {row["id"] for row in answer["progress"] if row["state"] == "done"}
    assert read == {"bybit", "tbank"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"accounts": ["binanze"]}, r'"binanze" is no account\. Did you mean binance\? Yours: bybit, '),
        ({"since": "yesterday"}, r'"yesterday" is no date\. Write it like 2024-01-31\.'),
    ],
)
async def test_what_nobody_can_read_is_refused_with_the_mend(
    data_dir: Path, body: dict[str, object], words: str
) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        with pytest.raises(UserError, match=words):
            await operations(core)["sync"](body)


async def test_without_a_source_there_is_nothing_to_read(data_dir: Path) -> None:
    with pytest.raises(SettingsError, match="a source"):
        await carry_out(settings(data_dir), "sync", {})


async def test_a_report_is_made_while_questions_about_the_past_stay_without_an_answer(data_dir: Path) -> None:
    async with venue_server("bybit", case("bybit", "whole account")) as bybit, fx_server() as fx:
        bybit.fail(hang(), "GET /v5/asset/deposit/query-record")
        configured = settings(data_dir, {**KEY, **addresses(bybit.url, fx.url)})
        async with open_core(configured) as core:
            known = operations(core)
            await known["sync"]({})
            while not bybit.asked("/v5/asset/deposit/query-record"):
                await asyncio.sleep(0.01)
            for what in ("report", "pull", "pull"):
                async with asyncio.timeout(5):
                    answer = await known[what]({})
                assert isinstance(answer, dict)
                assert answer["report"]["accounts"][0]["state"] in {"live", "cached"}
            state = await known["sync_state"]({})
            assert isinstance(state, dict)
            assert state["running"] is True


async def test_a_full_disk_is_told_to_whoever_follows(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:

        async def full(*_: object, **__: object) -> None:
            raise DiskFull("portfolio.db")

        monkeypatch.setattr(core.sync, "run", full)
        with pytest.raises(DiskFull):
            await _to_its_end(core)
        answer = await operations(core)["sync_state"]({})
        assert isinstance(answer, dict)
        assert answer["running"] is False


async def _to_its_end(core: Core) -> None:
    known = operations(core)
    await known["sync"]({"wait": True})
