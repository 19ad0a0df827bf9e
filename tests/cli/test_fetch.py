"""Commands that fetch: beside a running service they only ask it; without one they do the work under the lock."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import portfolio_bot
from portfolio_bot.cli import outcome
from portfolio_bot.control import server
from portfolio_bot.control.server import Body, ControlServer
from portfolio_bot.service.errors import UserError
from tests.cli.conftest import Command, Done

REPORT: Mapping[str, object] = {"state": "complete", "complete": True, "total_usd": "1"}
HEALTH: Mapping[str, object] = {"ok": True, "troubles": [], "version": "1", "pid": 42}


class Stub:
    """A service that notes what it is asked."""

    def __init__(self, *, complete: bool = True, ok: bool = True) -> None:
        self.complete, self.ok = complete, ok
        self.asked: list[tuple[str, Body]] = []

    async def report(self, body: Body) -> object:
        self.asked.append(("report", body))
        return {"report": {**REPORT, "complete": self.complete}, "text": "the report", "complete": self.complete}

    async def pull(self, body: Body) -> object:
        self.asked.append(("pull", body))
        return {"report": dict(REPORT), "text": "pulled", "complete": self.complete}

    async def check(self, body: Body) -> object:
        self.asked.append(("check", body))
        return {"checks": [{"id": "bybit", "ok": self.ok}], "text": "checked", "ok": self.ok}

    async def take_in(self, body: Body) -> object:
        self.asked.append(("import", body))
        plan = {"new": 1, "same": 0, "changed": 0, "errors": []}
        return {"plan": plan, "changes": [], "was_separate": False}

    async def health(self, _: Body) -> object:
        return {**HEALTH, "ok": self.ok, "troubles": [] if self.ok else ["the database does not answer"]}

    async def refuse(self, _: Body) -> object:
        raise UserError("", "nobody_to_send_to")


@asynccontextmanager
async def serving(stub: Stub, **others: object) -> AsyncIterator[None]:
    """The stub on the control socket of ./data."""
    Path("data").mkdir()
    operations = {
        "report": stub.report, "pull": stub.pull, "check": stub.check, "import": stub.take_in, "health": stub.health,
        **others,
    }  # fmt: skip
    control = ControlServer(Path("data").absolute(), operations)  # type: ignore[arg-type]
    await control.listen()
    try:
        yield
    finally:
        await control.close()


async def run(*words: str, **environment: str) -> Done:
    """The command in a process of its own, as beside a real service."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "portfolio_bot", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, **environment},
    )  # fmt: skip
    out, err = await process.communicate()
    return Done(process.returncode or 0, out.decode(), err.decode())


@pytest.mark.parametrize(("name", "text"), [("report", "the report"), ("pull", "pulled"), ("check", "checked")])
async def test_beside_a_service_no_source_is_needed_and_the_service_is_asked(name: str, text: str) -> None:
    stub = Stub()
    async with serving(stub):
        done = await run(name, COLUMNS="60")
    assert (done.code, done.out, done.err) == (outcome.GOOD, f"{text}\n", "")
    assert [asked for asked, _ in stub.asked] == [name]
    assert (stub.asked[0][1]["width"], stub.asked[0][1]["colour"]) == (60, False)


async def test_json_is_the_report_alone() -> None:
    async with serving(Stub()):
        assert (await run("report", "--json")).json == REPORT
        assert (await run("check", "--json")).json == [{"id": "bybit", "ok": True}]


@pytest.mark.parametrize("name", ["report", "pull"])
async def test_a_report_that_is_not_complete_ends_with_three(name: str) -> None:
    async with serving(Stub(complete=False)):
        assert (await run(name, "--json")).code == outcome.NOT_COMPLETE


async def test_a_key_that_fails_ends_with_one() -> None:
    async with serving(Stub(ok=False)):
        assert (await run("check")).code == outcome.FAILED


async def test_sending_is_asked_of_the_service_even_if_only_it_knows_the_bot() -> None:
    stub = Stub()
    async with serving(stub):
        done = await run("report", "--send")
    assert (done.code, stub.asked[0][1]["send"]) == (outcome.GOOD, True)


async def test_a_report_that_could_not_be_sent_ends_with_one() -> None:
    async def unsent(_: Body) -> object:
        return {"report": dict(REPORT), "text": "the report", "complete": True, "sent": False}

    async with serving(Stub(), report=unsent):
        done = await run("report", "--send")
    assert (done.code, done.out) == (outcome.FAILED, "the report\n")
    assert "Telegram did not take it" in done.err


async def test_what_the_service_refuses_is_said() -> None:
    async with serving(Stub(), report=Stub().refuse):
        done = await run("report", "--send")
    assert (done.code, done.out) == (outcome.FAILED, "")
    assert done.err == "There is nobody to send it to. Set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID in .env.\n"


async def test_a_service_of_another_version_is_named_with_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.portfolio_bot, "__version__", "9.9.9")  # type: ignore[attr-defined]
    async with serving(Stub()):
        done = await run("report")
    monkeypatch.undo()
    assert done.code == outcome.FAILED
    assert "9.9.9" in done.err
    assert portfolio_bot.__version__ in done.err


async def test_files_travel_through_the_socket() -> None:
    stub = Stub()
    Path("mine.json").write_text("{}", encoding="utf-8")
    async with serving(stub):
        done = await run("import", "history", "mine.json", "--separate")
    assert done.out.splitlines()[0] == "Stored: 1 new, 0 changed, 0 as they were."
    assert (stub.asked[0][1]["content"], stub.asked[0][1]["separate"]) == ("e30=", True)


async def test_a_healthy_service_is_well() -> None:
    async with serving(Stub()):
        assert (await run("healthcheck")).out == "well: version 1, process 42\n"
        assert (await run("healthcheck", "--json")).json == HEALTH


async def test_a_sick_service_says_where_it_hurts() -> None:
    async with serving(Stub(ok=False)):
        done = await run("healthcheck")
    assert (done.code, done.err) == (outcome.FAILED, "the database does not answer\n")


def test_no_service_is_not_well(command: Command) -> None:
    done = command("healthcheck")
    assert (done.code, done.out) == (outcome.FAILED, "")
    assert "No service runs on " in done.err
    answer = command("healthcheck", "--json").json
    assert isinstance(answer, dict)
    assert answer["ok"] is False


def test_a_demo_never_asks_a_real_service_nor_the_reverse(command: Command) -> None:
    assert command("healthcheck", "--demo").err.endswith("/data/demo.\n")
    assert command("healthcheck").err.endswith("/data.\n")


def test_sending_without_a_bot_is_a_matter_of_settings(command: Command) -> None:
    done = command("report", "--send", "--demo")
    assert (done.code, done.out) == (outcome.USAGE, "")
    assert "TELEGRAM_BOT_TOKEN" in done.err
    assert "TELEGRAM_CHAT_ID" in done.err


def test_a_pull_of_the_demo_stores_what_reading_commands_then_show(command: Command) -> None:
    answer = command("pull", "--demo", "--json").json
    assert isinstance(answer, dict)
    assert answer["demo"] is True
    stored = command("balance", "--demo", "--json").json
    assert isinstance(stored, dict)
    assert stored["as_of"] == answer["as_of"]
    assert json.dumps(command("accounts", "--demo", "--json").json) == json.dumps(stored["accounts"])


async def test_an_interrupted_command_says_nothing_more(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def hang(_: Body) -> object:
        asked.set()
        return await asyncio.Event().wait()

    async with serving(Stub(), report=hang):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "portfolio_bot", "report", stderr=asyncio.subprocess.PIPE, cwd=tmp_path,
            # whoever runs the tests in the background of a shell has it ignored, and children inherit that
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        await asyncio.wait_for(asked.wait(), 10)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert (process.returncode, err) == (outcome.INTERRUPTED, b"")


@pytest.mark.parametrize("name", ["check", "report", "history"])
def test_a_mistyped_name_is_said_whoever_listens(name: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_MODE", "true")
    monkeypatch.setenv("TELEGRAM_BOT_TOKN", "123456:abcdefgh")
    done = command(name, "--json")
    assert done.code == outcome.GOOD
    assert isinstance(done.json, dict | list)
    assert done.err.splitlines() == ["⚠ TELEGRAM_BOT_TOKN is unknown: did you mean TELEGRAM_BOT_TOKEN?"]


def test_a_demo_says_that_it_leaves_the_keys_unused(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYBIT_API_KEY", "abcdefgh")
    monkeypatch.setenv("BYBIT_API_SECRET", "abcdefgh")
    assert "every account is simulated, the keys are not used" in command("report", "--demo").err


def test_what_was_said_is_not_said_again_with_an_error(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYBIT_API_KYE", "abcdefgh")
    done = command("report")
    assert done.code == outcome.USAGE
    assert done.err.count("did you mean BYBIT_API_KEY?") == 1
