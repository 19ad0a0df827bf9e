"""Power cuts: the running service is killed at random moments, over and over, while it stores and pushes."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from portfolio_bot.app.lock import one_instance
from portfolio_bot.control.client import NoService, ServiceFailed
from tests.e2e.program import Program, several
from tests.e2e.service import ALWAYS, HURRIED, OWNER, Service, bot, serving
from tests.peers.faults import changed
from tests.peers.telegram import Fault, TelegramPeer, lost, reset, telegram_peer

KILLS = int(os.environ.get("SERVICE_KILLS", "10"))
ACCOUNT = "GET /api/v3/account"
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def richer_each_time() -> Callable[[object], object]:
    """An account with a dollar more at each asking: every report has a figure of its own."""
    dollars = count(1000)
    return lambda _: {"balances": [{"asset": "USDT", "free": str(next(dollars)), "locked": "0"}]}


def sometimes(chance: random.Random) -> Callable[[], Fault | None]:
    """One call in five is lost before or behind its effect."""
    return lambda: chance.choice([None] * 8 + [lost(), reset()])


async def pushing(service: Service, acknowledged: list[str]) -> None:
    """Ask for pushed reports, one after the other, until nobody answers any more."""
    with contextlib.suppress(ServiceFailed, NoService):
        while True:
            answer = await service.ask("report", send=True)
            acknowledged.append(answer["report"]["as_of"])


def nobody_holds(folder: Path) -> None:
    """The lock can be had this very moment."""
    with (folder / "lock").open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def rows(program: Program, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(program.data / "portfolio.db")) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.timeout(240)  # eleven starts of the service, on a machine that may be busy
async def test_kills_at_random_lose_no_acknowledged_report_and_show_none_twice(tmp_path: Path) -> None:
    chance, acknowledged = random.Random(11), list[str]()
    async with several("mexc") as (settings, peers), telegram_peer() as telegram:
        program = Program(tmp_path, settings | ALWAYS | bot(telegram) | {"CACHE_TTL": "0"}, HURRIED)
        peers["mexc"].fail(changed(richer_each_time()), ACCOUNT)
        telegram.user(OWNER).says("/id")  # from here on the bot knows an id behind which lost messages stand
        async with serving(program) as service:
            await service.until(lambda: len(telegram.messages(OWNER)) == 2)
            for life in range(KILLS):
                telegram.next_fault = sometimes(chance)
                askers = [asyncio.create_task(pushing(service, acknowledged)) for _ in range(2)]
                if life % 2:  # each second life is killed once it has acknowledged something, however slow the machine
                    known = len(acknowledged)
                    await service.until(lambda known=known: len(acknowledged) > known)  # type: ignore[misc]
                await asyncio.sleep(chance.uniform(0.0, 0.5))
                await service.kill()
                await asyncio.gather(*askers)
                nobody_holds(program.data)
                telegram.next_fault = lambda: None
                await service.again()
            await service.drained()
            assert (await service.stop())[0] == 0
        done = await program("history", "--json")
    assert len(acknowledged) >= KILLS // 2
    assert rows(program, "PRAGMA integrity_check") == [("ok",)]
    assert (len(done.json), done.json[0]["total_usd"] is not None) == (1, True)
    judge(program, telegram, acknowledged)


def judge(program: Program, telegram: TelegramPeer, acknowledged: list[str]) -> None:
    """What was acknowledged is stored and was told once; nobody was told anything that is not in the books."""
    stored = {at for (at,) in rows(program, "SELECT at FROM snapshot")}
    letters = {
        key: (state, json.loads(ids)) for key, state, ids in rows(program, "SELECT key, state, message_ids FROM outbox")
    }
    for as_of in acknowledged:
        moment = datetime.fromisoformat(as_of)
        assert (moment - EPOCH) // timedelta(microseconds=1) in stored
        assert letters[f"report:asked:{moment.isoformat()}"][0] in {"sent", "collapsed"}
    assert {state for state, _ in letters.values()} <= {"sent", "collapsed"}
    told = [message_id for _, ids in letters.values() for message_id in ids]
    visible = {message.id: message.text for message in telegram.messages(OWNER) if "$" in message.text}
    assert sorted(told) == sorted(visible)
    figures = Counter(re.findall(r"\$[\d,.]+", text)[0] for text in visible.values())
    assert set(figures.values()) == {1}, figures


async def test_a_folder_in_use_is_waited_for_and_then_named_with_the_number_of_its_user(tmp_path: Path) -> None:
    async with several("mexc") as (settings, _), telegram_peer() as telegram:
        program = Program(tmp_path, settings | bot(telegram), HURRIED)
        program.data.mkdir()
        async with one_instance(program.data):
            done = await program("run")
    assert (done.code, done.out) == (1, "")
    assert f"is in use by process {os.getpid()}" in done.err
    assert not (program.data / "portfolio.db").exists()
