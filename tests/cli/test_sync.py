"""`sync` beside a running service: it is followed, its progress goes to standard error, its end decides the code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from portfolio_bot.cli import outcome
from portfolio_bot.cli.sync import Lines
from portfolio_bot.control.server import Body, ControlServer
from portfolio_bot.service.errors import UserError


class Reading:
    """A service that reads for a few questions, and notes what it is asked."""

    def __init__(self, *states: Mapping[str, str]) -> None:
        self.states = states
        self.asked: list[Body] = []
        self.looks = 0

    async def begin(self, body: Body) -> object:
        self.asked.append(body)
        if "nobody" in (body.get("accounts") or ()):  # type: ignore[operator]
            raise UserError("nobody", "no_account", yours="bybit, okx")
        return {}

    async def state(self, body: Body) -> object:
        del body
        states = self.states[min(self.looks, len(self.states) - 1)]
        self.looks += 1
        running = self.looks < len(self.states)
        rows = [{"id": name, "state": state, "line": f"{name} {state}"} for name, state in states.items()]
        return {"running": running, "sync": {"complete": not running}, "progress": rows, "text": "all read"}


async def run(*words: str, service: Reading) -> tuple[int, str, str]:
    """The command in a process of its own, beside this service."""
    Path("data").mkdir()
    control = ControlServer(Path("data").absolute(), {"sync": service.begin, "sync_state": service.state})
    await control.listen()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "portfolio_bot", *words,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
    finally:
        await control.close()
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_line_is_printed_whenever_an_account_gets_on() -> None:
    service = Reading(
        {"bybit": "waiting", "okx": "waiting"},
        {"bybit": "running", "okx": "waiting"},
        {"bybit": "running", "okx": "running"},
        {"bybit": "done", "okx": "done"},
    )
    code, out, err = await run("sync", "--since", "2024-01-31", service=service)
    assert (code, out) == (outcome.GOOD, "all read\n")
    assert err.splitlines() == ["bybit running", "okx running", "bybit done", "okx done"]
    assert service.asked[0]["since"] == "2024-01-31"


async def test_one_account_that_failed_is_code_one_and_json_stands_alone() -> None:
    service = Reading({"bybit": "done", "okx": "failed"})
    code, out, err = await run("sync", "--json", "okx", service=service)
    assert (code, out, err) == (outcome.FAILED, '{\n  "complete": true\n}\n', "bybit done\nokx failed\n")
    assert service.asked[0]["accounts"] == ["okx"]


async def test_an_account_that_the_service_does_not_know_is_wrong_usage() -> None:
    code, out, err = await run("sync", "nobody", service=Reading({}))
    assert (code, out) == (outcome.USAGE, "")
    assert err == '"nobody" is no account. Yours: bybit, okx.\n'


def drawn(
    rounds: Sequence[Sequence[str]], *, clear: bool = False, state: str = "running", monkeypatch: pytest.MonkeyPatch
) -> str:
    """What a terminal is sent."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        lines = Lines()
        for rows in rounds:
            lines.show([{"id": row, "state": state, "line": row} for row in rows])
        if clear:
            lines.end([])
    sent = b""
    with contextlib.suppress(OSError):  # how the end of a terminal is told
        while part := os.read(master, 4096):
            sent += part
    os.close(master)
    return sent.decode().replace("\r\n", "\n")


def test_on_a_terminal_the_lines_are_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = drawn([["Bybit 1%", "OKX …"], ["Bybit 2%", "OKX …"]], monkeypatch=monkeypatch)
    assert sent == "\x1b[KBybit 1%\n\x1b[KOKX …\n\x1b[2A\x1b[KBybit 2%\n\x1b[KOKX …\n"


def test_when_all_is_read_it_says_what_still_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = drawn([["Bybit ✓"]], state="done", monkeypatch=monkeypatch)
    assert sent == "\x1b[KBybit ✓\n\x1b[K↻ looking up values …\n"


def test_the_result_takes_the_place_of_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn([["Bybit 1%"]], clear=True, monkeypatch=monkeypatch).endswith("\x1b[1A\x1b[J")
