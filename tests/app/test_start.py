"""The service put together with its chat."""

from __future__ import annotations

import asyncio
import importlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from portfolio_bot.app.chat import open_chat
from portfolio_bot.app.core import open_core
from portfolio_bot.app.lock import LockHeldError, one_instance
from portfolio_bot.app.operations import operations
from portfolio_bot.app.start import _listen, _telegram, refuse_a_second
from portfolio_bot.bot.access import Sender, Verdict
from portfolio_bot.control.server import ControlServer
from portfolio_bot.storage import memory
from tests.app.conftest import settings
from tests.peers.telegram import TOKEN

GROUP, SUPERGROUP, OWNER = "-100", "-1001234567890", 7001
BOT = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": GROUP, "ALLOWED_USER_IDS": str(OWNER)}


async def test_after_a_restart_commands_still_come_from_the_groups_new_id(data_dir: Path) -> None:
    async with open_core(settings(data_dir, BOT, demo=True), demo_latency=0) as core:
        await core.store.write(lambda tx: memory.put(tx, "telegram", f"moved:{GROUP}", SUPERGROUP))
        async with open_chat(core) as chat:
            assert chat is not None
            assert chat.delivery.destination == SUPERGROUP
            assert chat.api is not None
            access = _telegram(core, chat, chat.api)._access
    for place in (GROUP, SUPERGROUP):
        assert access.judge(Sender(OWNER, int(place), private=False)) is Verdict.ALLOWED
    assert access.judge(Sender(OWNER, -555, private=False)) is not Verdict.ALLOWED


async def test_without_a_chat_id_nobody_is_pushed_to(data_dir: Path) -> None:
    setting_up = settings(data_dir, {"TELEGRAM_BOT_TOKEN": TOKEN}, demo=True)
    async with open_core(setting_up, demo_latency=0) as core, open_chat(core) as chat:
        assert chat is not None
        assert core.snapshots.postman is None


async def test_a_second_service_is_refused_at_once_with_the_number_of_the_first(data_dir: Path) -> None:
    async with open_core(settings(data_dir, demo=True), demo_latency=0) as core:
        server = ControlServer(core.settings.data_dir, operations(core))
        await server.listen()
        with pytest.raises(LockHeldError) as caught:
            await refuse_a_second(core.settings.data_dir)
        await server.close()
    assert caught.value.pid is not None


async def test_a_second_service_names_the_first_though_that_one_does_not_answer(data_dir: Path) -> None:
    async def breaks(_: Mapping[str, object]) -> object:
        raise RuntimeError("out of order")

    data_dir.mkdir()
    async with one_instance(data_dir):
        server = ControlServer(data_dir, {"health": breaks})
        await server.listen()
        with pytest.raises(LockHeldError) as caught:
            await refuse_a_second(data_dir)
        await server.close()
    assert caught.value.pid == os.getpid()


async def test_a_stop_does_not_wait_for_an_import(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived, stop = threading.Event(), asyncio.Event()
    async with open_core(settings(data_dir, BOT, demo=True), demo_latency=0) as core, open_chat(core) as chat:
        assert chat is not None
        assert chat.api is not None
        monkeypatch.setattr(importlib, "import_module", lambda _: arrived.wait())
        listening = asyncio.create_task(_listen(core, chat, chat.api, None, stop))
        await asyncio.sleep(0.01)
        assert core.doctor.pulse.polled() is not None  # health has a beginning to count from
        stop.set()
        await asyncio.wait_for(listening, 5)
        arrived.set()
