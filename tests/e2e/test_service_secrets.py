"""No secret leaves the program: not by log, message, file, answer or command line, whatever goes wrong."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from portfolio_bot.platforms.catalog import SOURCES
from tests.e2e.program import Done, Program, several
from tests.e2e.service import ALWAYS, HURRIED, OWNER, Service, bot, serving
from tests.peers import faults
from tests.peers.ibkr import flex_server, statement
from tests.peers.server import Peer, Reply
from tests.peers.slack import slack_peer
from tests.peers.telegram import TOKEN, TelegramPeer, lost, page, refused, reset, telegram_peer

ALL = ("bybit", "okx", "binance", "kraken", "krakenfutures", "kucoin", "gateio", "mexc", "tbank")


def canaries() -> dict[str, str]:
    """A secret of its own for every variable that holds one; as base64, because Kraken's must be."""
    found = {}
    for source in ALL:
        spec = SOURCES[source]
        for name in spec.secrets:
            variable = f"{spec.prefix}_{name}"
            found[variable] = base64.b64encode(f"canary of {variable}, sing".ljust(48, "!").encode()).decode()
    return found | {"WEB_TOKEN": "canary-web-token-" + "w" * 32}


def echo() -> faults.Fault:
    """An error page that repeats the whole request, as some gateways do."""

    async def fault(request: web.BaseRequest, _: Reply) -> web.StreamResponse:
        told = f"{request.url} {dict(request.headers)} {await request.text()}"
        return faults.respond(
            Reply.of({"msg": told, "retMsg": told, "message": told, "error": [told], "code": "1"}, 400)
        )

    return fault


FAULTS = (
    faults.status(401, {"msg": "no"}),
    faults.status(500, "<html>500</html>"),
    faults.redirect("http://127.0.0.1:9/"),
    faults.hang(),
    faults.half(),
    faults.reset(),
    echo(),
)


def forms(secret: str) -> set[str]:
    """What a secret can look like on the way out."""
    raw = secret.encode()
    coded = {base64.b64encode(raw).decode().rstrip("="), raw.hex()}
    return {secret, secret.rstrip("="), *coded, *([secret.split(":")[1]] if secret == TOKEN else [])}


def leaks(secrets: Mapping[str, str], *places: str) -> list[str]:
    text = "\n".join(places)
    return [name for name, secret in secrets.items() if any(form in text for form in forms(secret))]


def files(folder: Path) -> str:
    """Everything that lies in the folder and below."""
    return "\n".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


@dataclass(frozen=True, slots=True)
class World:
    """What a test holds in its hands; `secrets` by the variable that holds them."""

    service: Service
    secrets: Mapping[str, str]
    peers: list[Peer]
    telegram: TelegramPeer


@asynccontextmanager
async def everything(folder: Path, **more: str) -> AsyncIterator[World]:
    """A service with every source there is."""
    async with (
        several(*ALL) as (settings, peers),
        flex_server(statement("nav-multi-base.xml")) as flex,
        telegram_peer() as telegram,
        slack_peer() as slack,
    ):
        telegram.user(OWNER)
        slack.fail(400, f"no {slack.webhook}")
        ibkr = {"IBKR_BASE_URL": flex.url, "IBKR_FLEX_TOKEN": flex.token, "IBKR_QUERY_ID": flex.query}
        logs = {"LOG_LEVEL": "DEBUG", "LOG_FILE": "bot.log", "CACHE_TTL": "0"}
        secrets = canaries() | {"SLACK_WEBHOOK_URL": slack.webhook}
        program = Program(folder, settings | ALWAYS | bot(telegram) | ibkr | secrets | logs | more, HURRIED)
        async with serving(program) as service:
            await service.until(lambda: telegram.messages(OWNER))
            hook = slack.webhook.rpartition("/")[2]
            secrets |= {"IBKR_FLEX_TOKEN": flex.token, "TELEGRAM_BOT_TOKEN": TOKEN, "SLACK_WEBHOOK_URL": hook}
            yield World(service, secrets, [*peers.values(), flex], telegram)


def outputs(*done: Done) -> str:
    return "".join(one.out + one.err for one in done)


async def test_no_canary_sings_whatever_the_platforms_and_telegram_answer(tmp_path: Path) -> None:
    async with everything(tmp_path) as world:
        service, secrets, peers, telegram = world.service, world.secrets, world.peers, world.telegram
        assert not leaks(secrets, Path(f"/proc/{service.pid}/cmdline").read_text())
        answers = [await service.ask("check")]
        for turn in range(3):  # each fault hits other platforms each time
            for peer, fault in zip(peers, (FAULTS * 3)[turn * 2 :], strict=False):
                peer.heal()
                peer.fail(fault)
            answers.append(await service.ask("pull"))
            kinds = [(row["error"] or {}).get("kind") for row in answers[-1]["report"]["accounts"]]
            assert len(set(kinds)) > 3, kinds
        for trouble in (page(502), lost(), reset(), refused(500, f"bot{TOKEN} is tired"), refused(400, f"no {TOKEN}")):
            telegram.fail(trouble, "sendMessage")
        # to their owners: what is looked for can be found
        await service.until(lambda: len(leaks(secrets, *(peer.headers_seen() for peer in peers))) > len(ALL))
        telegram.fail(refused(502, f"/bot{TOKEN}/getUpdates"), "getUpdates", 2)
        answers += [await service.ask("report", send=True) for _ in range(3)]
        for command in ("settings", "accounts", "status", "balance"):
            telegram.user(OWNER).says(f"/{command}")
        done = await asyncio.gather(service.program("check"), service.program("accounts"))
        await service.drained()
        await service.stop()
    heard = [str(call.parameters) for call in telegram.calls]
    said = json.dumps(answers)
    found = leaks(secrets, service.log, service.out, files(tmp_path), said, outputs(*done), *heard, *service.said)
    assert not found
    assert len(service.log) > 2000
    assert len(heard) > 8


async def test_a_bug_that_holds_the_key_is_told_with_its_trace_and_without_the_key(tmp_path: Path) -> None:
    async with everything(tmp_path, HURRIED_CRASH="MEXC_API_SECRET", LOG_FORMAT="json") as world:
        service = world.service
        answer = await service.ask("pull")
        await service.stop()
    kinds = {row["id"]: (row["error"] or {}).get("kind") for row in answer["report"]["accounts"]}
    assert kinds["mexc"] == "bug"
    assert kinds["tbank"] is None
    assert "RuntimeError" in service.log
    assert all(isinstance(json.loads(line), dict) for line in service.log.splitlines())
    told = [str(call.parameters) for call in world.telegram.calls]
    assert not leaks(world.secrets, service.log, files(tmp_path), json.dumps(answer), *told)


@pytest.mark.parametrize("variable", ["MEXC_API_SECRET", "TELEGRAM_BOT_TOKEN"])
async def test_a_start_that_fails_repeats_no_secret(variable: str, tmp_path: Path) -> None:
    secret = canaries()["MEXC_API_SECRET"] if variable == "MEXC_API_SECRET" else TOKEN
    program = Program(tmp_path, {variable: secret, "POLL_INTERVAL_MINUTES": "often"})
    done = await program("run")
    assert (done.code, done.out) == (2, "")
    assert not leaks({variable: secret}, done.err)
