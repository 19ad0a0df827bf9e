"""The socket between the service and its command line, both ends real."""

from __future__ import annotations

import asyncio
import socket
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import portfolio_bot
from portfolio_bot.control.client import NoService, ServiceFailed, ServiceOfOtherVersion, ask
from portfolio_bot.control.server import Body, ControlServer, Operation
from portfolio_bot.service.errors import UserError


async def echo(body: Body) -> object:
    return {"heard": body}


async def refuses(body: Body) -> object:
    raise UserError(str(body["interval"]), "no_interval")


async def breaks(_: Body) -> object:
    raise ZeroDivisionError("secret detail")


@asynccontextmanager
async def serving(data_dir: Path, **operations: Operation) -> AsyncIterator[ControlServer]:
    known = {"echo": echo, "refuses": refuses, "breaks": breaks, **operations}
    server = ControlServer(data_dir, known, grace=0.2)
    await server.listen()
    try:
        yield server
    finally:
        await server.close()


async def test_what_is_asked_arrives_and_the_answer_comes_back(tmp_path: Path) -> None:
    async with serving(tmp_path):
        assert await ask(tmp_path, "echo", {"who": "Zoë", "n": 3}) == {"heard": {"who": "Zoë", "n": 3}}


async def test_only_the_owner_may_open_the_socket(tmp_path: Path) -> None:
    async with serving(tmp_path):
        assert stat.S_IMODE((tmp_path / "control.sock").stat().st_mode) == 0o600


async def test_without_a_service_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoService):
        await ask(tmp_path, "echo")


async def test_a_socket_that_a_dead_service_left_is_no_service_and_stops_no_new_one(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "control.sock"))
    with pytest.raises(NoService):
        await ask(tmp_path, "echo")
    async with serving(tmp_path):
        assert await ask(tmp_path, "echo") == {"heard": {}}


async def test_nothing_is_left_behind(tmp_path: Path) -> None:
    async with serving(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


async def test_a_deep_folder_is_served_from_a_private_place(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    async with serving(deep):
        where = Path((deep / "control.path").read_text().strip())
        assert stat.S_IMODE(where.parent.stat().st_mode) == 0o700
        assert await ask(deep, "echo") == {"heard": {}}
    assert not where.parent.exists()
    assert list(deep.iterdir()) == []


async def test_a_killed_service_leaves_no_private_place_for_good(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    killed = ControlServer(deep, {"echo": echo})
    await killed.listen()
    before = Path((deep / "control.path").read_text().strip())
    async with serving(deep):
        assert await ask(deep, "echo") == {"heard": {}}
        assert not before.parent.exists()


async def test_a_pointer_that_a_crash_left_empty_stops_no_new_service(tmp_path: Path) -> None:
    (tmp_path / "control.path").touch()
    async with serving(tmp_path):
        assert await ask(tmp_path, "echo") == {"heard": {}}


async def test_another_version_is_refused_with_both_named_and_nothing_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Body] = []

    async def counts(body: Body) -> object:
        done.append(body)
        return None

    async with serving(tmp_path, counts=counts):
        request = b"POST /counts HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "control.sock"))
        writer.write(request)
        assert (await reader.read()).startswith(b"HTTP/1.1 409")
        writer.close()
    assert done == []


async def test_the_client_names_both_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 409 Conflict\r\nPortfolio-Bot-Version: 9.9.9\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(other, str(tmp_path / "control.sock")):
        with pytest.raises(ServiceOfOtherVersion) as caught:
            await ask(tmp_path, "echo")
    assert "9.9.9" in str(caught.value)
    assert portfolio_bot.__version__ in str(caught.value)


async def test_a_wish_that_cannot_be_met_comes_back_as_one(tmp_path: Path) -> None:
    async with serving(tmp_path):
        with pytest.raises(UserError, match="is no interval"):
            await ask(tmp_path, "refuses", {"interval": "ten"})


async def test_a_bug_in_the_service_is_logged_there_and_told_without_detail_here(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path):
        with pytest.raises(ServiceFailed, match="its log says why") as caught:
            await ask(tmp_path, "breaks")
    assert "secret detail" not in str(caught.value)
    assert "ZeroDivisionError" in caplog.text


async def test_an_operation_nobody_knows_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path):
        with pytest.raises(ServiceFailed, match="knows no dance"):
            await ask(tmp_path, "dance")


async def test_a_service_that_hangs_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    async def hangs(_: Body) -> object:
        await asyncio.sleep(60)
        return None

    started = time.monotonic()
    async with serving(tmp_path, hangs=hangs):
        with pytest.raises(ServiceFailed, match="did not answer"):
            await ask(tmp_path, "hangs", patience=0.05)
    assert time.monotonic() - started < 2


async def test_a_request_in_hand_is_finished_at_the_stop(tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def slow(_: Body) -> object:
        begun.set()
        await asyncio.sleep(0.05)
        return "done"

    async with serving(tmp_path, slow=slow) as server:
        asking = asyncio.create_task(ask(tmp_path, "slow"))
        await begun.wait()
        stop = asyncio.Event()
        stop.set()
        await server.serve(stop)
        assert await asking == "done"
    with pytest.raises(NoService):
        await ask(tmp_path, "echo")


async def test_a_request_that_never_ends_holds_up_the_stop_by_the_grace_and_no_longer(tmp_path: Path) -> None:
    ended = asyncio.Event()

    async def hangs(_: Body) -> object:
        try:
            return await asyncio.Event().wait()
        finally:
            ended.set()

    server = ControlServer(tmp_path, {"hangs": hangs}, grace=1.0)
    await server.listen()
    asking = asyncio.create_task(ask(tmp_path, "hangs"))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    await server.close()
    assert 0.9 < time.monotonic() - started < 1.5
    assert ended.is_set()
    with pytest.raises(ServiceFailed, match="went away"):
        await asking
    assert list(tmp_path.iterdir()) == []
