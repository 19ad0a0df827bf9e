"""A command goes through the running service or does the work itself; its answer is the same."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portfolio_bot.app.carry_out import carry_out
from portfolio_bot.app.core import open_core
from portfolio_bot.app.lock import LockHeldError, one_instance
from portfolio_bot.app.operations import operations
from portfolio_bot.control.server import ControlServer
from portfolio_bot.service.errors import UserError
from portfolio_bot.settings import SettingsError
from portfolio_bot.storage import snapshots
from portfolio_bot.storage.errors import DiskFull, StorageError
from portfolio_bot.storage.store import open_store
from tests.app.conftest import KEY, addresses, settings
from tests.peers.faults import status
from tests.peers.fx import fx_server
from tests.peers.telegram import TOKEN, telegram_peer
from tests.peers.venue import case, venue_server
from tests.service.fakes import FakePostman


async def test_without_a_service_a_report_is_made_here_and_stored(data_dir: Path) -> None:
    async with venue_server("bybit", case("bybit", "whole account")) as bybit, fx_server() as fx:
        configured = settings(data_dir, {**KEY, **addresses(bybit.url, fx.url)})
        answer = await carry_out(configured, "report", {})
    assert isinstance(answer, dict)
    assert answer["report"]["accounts"][0]["total_usd"] == "8448.28275421"
    assert answer["complete"] is (answer["report"]["state"] == "complete")
    async with (
        open_store(data_dir, clock=lambda: datetime.now(UTC), read_only=True) as store,
        store.read() as tx,
    ):
        assert await snapshots.newest(tx) is not None


async def test_beside_a_service_it_is_the_service_that_asks(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)
    async with open_core(configured, demo_latency=0) as core:
        server = ControlServer(configured.data_dir, operations(core))
        await server.listen()
        answer = await carry_out(configured, "pull", {"width": 60})
        await server.close()
        assert isinstance(answer, dict)
        assert core.snapshots.latest is not None
        assert answer["report"]["demo"] is True
        assert json.dumps(answer)
        assert "Bybit" in answer["text"]


async def test_a_folder_that_stays_locked_is_told_with_the_number(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)
    configured.data_dir.mkdir(parents=True)
    async with one_instance(configured.data_dir):
        with pytest.raises(LockHeldError) as caught:
            await carry_out(configured, "report", {}, wait=0.05)
    assert caught.value.pid == os.getpid()


async def test_a_service_that_is_just_starting_is_waited_for(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)
    async with open_core(configured, demo_latency=0) as core:
        asking = asyncio.create_task(carry_out(configured, "health", {}, wait=5))
        await asyncio.sleep(0.1)
        server = ControlServer(configured.data_dir, operations(core))
        await server.listen()
        answer = await asking
        await server.close()
    assert isinstance(answer, dict)
    assert answer["database"] is True


async def test_a_service_that_is_just_starting_is_waited_for_though_only_it_knows_the_sources(data_dir: Path) -> None:
    configured = settings(data_dir)
    data_dir.mkdir()
    async with one_instance(data_dir):
        asking = asyncio.create_task(carry_out(configured, "report", {}, wait=5))
        await asyncio.sleep(0.1)
        server = ControlServer(data_dir, {"report": _answer})
        await server.listen()
        assert await asking == {"complete": True}
        await server.close()


async def _answer(_: object) -> object:
    return {"complete": True}


async def test_without_any_source_that_is_said(data_dir: Path) -> None:
    with pytest.raises(SettingsError, match="BYBIT_API_KEY"):
        await carry_out(settings(data_dir), "pull", {})


async def test_nobody_to_send_it_to_is_said_before_anything_is_fetched(data_dir: Path) -> None:
    with pytest.raises(SettingsError, match="TELEGRAM_CHAT_ID"):
        await carry_out(settings(data_dir, demo=True), "report", {"send": True})


async def test_a_report_that_telegram_does_not_take_in_time_says_so(data_dir: Path) -> None:
    async with telegram_peer() as telegram:
        configured = settings(
            data_dir,
            {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": "4242", "TELEGRAM_BASE_URL": telegram.url},
            demo=True,
        )
        await telegram.down()
        answer = await carry_out(configured, "report", {"send": True}, send_patience=0.1)
        assert isinstance(answer, dict)
        assert (answer["complete"], answer["sent"]) == (True, False)
        await telegram.up()
        telegram.user(4242).says("hello")
        again = await carry_out(configured, "report", {"send": True})
        assert isinstance(again, dict)
        assert "sent" not in again
        assert telegram.messages(4242)


async def test_each_key_is_tried_and_a_refused_one_is_not_ok(data_dir: Path) -> None:
    async with venue_server("bybit", case("bybit", "whole account")) as bybit, fx_server() as fx:
        bybit.fail(status(401))
        configured = settings(data_dir, {**KEY, **addresses(bybit.url, fx.url)})
        answer = await carry_out(configured, "check", {})
    assert isinstance(answer, dict)
    assert answer["ok"] is False
    assert answer["checks"][0]["error"]["kind"] == "bad_key"


async def test_an_import_is_looked_at_first_and_stored_then(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)
    history = base64.b64encode(b'{"23-02-2020": {"USD": 42500.00, "RUB": 3932500.00}}').decode()
    plan = {"new": 1, "same": 0, "changed": 0, "errors": []}
    wanted = {
        "plan": plan, "changes": [], "was_separate": False, "residual": "0", "unpriced": 0, "unpriced_assets": [],
    }  # fmt: skip
    assert await carry_out(configured, "import", {"content": history, "dry_run": True}) == wanted
    assert await carry_out(configured, "import", {"content": history}) == wanted
    again = await carry_out(configured, "import", {"content": history})
    assert again == {**wanted, "plan": {**plan, "new": 0, "same": 1}}


async def test_the_schedule_can_be_changed_and_reset(data_dir: Path) -> None:
    configured = settings(data_dir, demo=True)
    answer = await carry_out(configured, "preferences", {"interval": "45m"})
    assert isinstance(answer, dict)
    assert answer["interval_minutes"] == 45
    answer = await carry_out(configured, "preferences", {"reset": "POLL_INTERVAL_MINUTES"})
    assert isinstance(answer, dict)
    assert answer["interval_minutes"] == 120
    with pytest.raises(UserError, match="is no interval"):
        await carry_out(configured, "preferences", {"interval": "often"})


async def test_a_report_that_could_not_be_queued_is_not_called_sent(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise DiskFull("portfolio.db")

    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        core.snapshots.postman = FakePostman()
        monkeypatch.setattr(core.store, "write", full)
        with pytest.raises(StorageError, match="cannot be written"):
            await operations(core)["report"]({"send": True})
        assert core.snapshots.waiting
        monkeypatch.undo()
        await core.snapshots.write_waiting()
        assert not core.snapshots.waiting
