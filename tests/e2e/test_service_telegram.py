"""The running service and Telegram: everything over real polling, and a Telegram that is away, refuses or hangs."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.control.client import ServiceFailed
from tests.e2e.program import Program, several
from tests.e2e.service import ALWAYS, HURRIED, OWNER, bot, serving
from tests.peers import faults
from tests.peers.server import Peer
from tests.peers.telegram import TelegramPeer, hang, telegram_peer


@asynccontextmanager
async def world(
    folder: Path, *sources: str, module: str = HURRIED
) -> AsyncIterator[tuple[Program, TelegramPeer, dict[str, Peer]]]:
    """A program with these sources and a bot whose owner is known."""
    async with several(*sources) as (settings, peers), telegram_peer() as telegram:
        telegram.user(OWNER)
        yield Program(folder, settings | ALWAYS | bot(telegram), module), telegram, peers


def shown(telegram: TelegramPeer) -> list[str]:
    return [message.text for message in telegram.messages(OWNER)]


def reports(telegram: TelegramPeer) -> list[str]:
    """Without notices about keys and the past."""
    return [text for text in shown(telegram) if "₽" in text]


async def test_every_command_and_every_button_is_answered_over_real_polling(tmp_path: Path) -> None:
    async with world(tmp_path, "mexc", "bybit") as (program, telegram, _), serving(program) as service:
        owner = telegram.user(OWNER)
        await service.until(lambda: shown(telegram))
        assert "$" in shown(telegram)[0]  # the report that is due at the first start
        listed = [name for name, command in COMMANDS.items() if command.listed]
        for count, name in enumerate(listed, start=2):
            owner.says(f"/{name}")
            await service.until(lambda count=count: len(shown(telegram)) == count)  # type: ignore[misc]
        pressed: set[str] = set()
        for message in telegram.messages(OWNER):
            while left := [label for row in message.markup for label, data in row if not {data, label} & pressed]:
                pressed |= {data for row in message.markup for label, data in row if label == left[0]}
                press = owner.presses(message, left[0])
                await service.until(lambda press=press: press.answers)  # type: ignore[misc]
        assert {data.partition(" ")[0] for data in pressed} >= {"status", "view", "history", "balance", "frequency"}
        owner.says("/id")
        await service.until(lambda: len(shown(telegram)) == len(listed) + 2)
        assert telegram.unconfirmed() == [] or len(telegram.unconfirmed()) == 1
        code, seconds = await service.stop()
    assert (code, seconds < 10) == (0, True)
    assert not [line for line in service.log.splitlines() if "ERROR" in line or "WARNING" in line]
    assert telegram.commands


async def test_strangers_bring_about_no_call_of_any_kind(tmp_path: Path) -> None:
    async with world(tmp_path, "mexc") as (program, telegram, _), serving(program) as service:
        await service.until(lambda: shown(telegram))
        stranger, before = telegram.user(666, "Eve"), len(telegram.made())
        for text in ("/start", "/status", "/pull", "hello", "/frequency 5", "/settings"):
            stranger.says(text)
        press = stranger.presses(telegram.messages(OWNER)[0], "Refresh")
        telegram.user(OWNER).says("/status")
        await service.until(lambda: len(shown(telegram)) == 2)
        assert [call.method for call in telegram.made()[before:]] == ["sendMessage"]
        assert (press.answers, telegram.messages(666)) == ([], [])
    assert service.log.count("refused a message of user 666") == 1


async def test_telegram_may_be_away_and_afterwards_one_report_stands_for_all(tmp_path: Path) -> None:
    async with world(tmp_path, "mexc") as (program, telegram, peers):
        program.settings |= {"HURRIED_MINUTE": "1", "POLL_INTERVAL_MINUTES": "1", "CACHE_TTL": "0"}
        await telegram.down()
        async with serving(program) as service:  # ready without Telegram
            await service.until(lambda: len(peers["mexc"].asked("/api/v3/account")) > 3)
            assert (await service.ask("report"))["complete"] is True
            assert 0 < (await service.ask("health"))["outbox_waiting"] < 5  # older reports give way, notices stay
            await telegram.up()
            await service.until(lambda: reports(telegram))
            first = reports(telegram)[0]
            await service.until(lambda: len(reports(telegram)) > 1)  # the one after goes out as ever
            second = reports(telegram)[1]
    assert "also" in first.lower()
    assert "also" not in second.lower()
    assert service.log.count("Telegram does not answer") == 1
    assert len(re.findall(r"sending to .* fails", service.log)) == 1


async def test_a_refused_token_is_tried_rarely_and_makes_health_red_at_once(tmp_path: Path) -> None:
    async with world(tmp_path, "mexc") as (program, telegram, peers):
        telegram.revoked = True
        async with serving(program) as service:
            await service.until(
                lambda: "refuses the bot's token" in service.log and re.search("sending to .* fails", service.log)
            )
            health = await service.ask("health")
            assert (health["ok"], health["troubles"]) == (False, ["Telegram refuses the bot's token"])
            before = len(telegram.calls)
            await service.ask("pull")
            await asyncio.sleep(0.5)
            assert len(telegram.calls) == before <= 4
            assert len(peers["mexc"].asked("/api/v3/account")) == 2
    assert telegram.token not in service.log


async def test_beside_another_poller_reports_go_out_and_it_is_named(tmp_path: Path) -> None:
    async with world(tmp_path, "mexc") as (program, telegram, _):
        telegram.other_poller = True
        async with serving(program) as service:
            await service.until(lambda: shown(telegram) and "another copy polls with this token" in service.log)
            telegram.other_poller = False
            telegram.user(OWNER).says("/id")
            await service.until(lambda: len(shown(telegram)) == 2)
    assert service.log.count("another copy polls") == 1


async def test_the_manager_hears_a_heart_and_who_is_missing_but_no_figure(tmp_path: Path) -> None:
    async with world(tmp_path, "mexc", "kucoin") as (program, telegram, peers):
        peers["kucoin"].fail(faults.status(500))
        async with serving(program, watchdog=0.6) as service:
            await service.until(lambda: service.said.count("WATCHDOG=1") > 3 and shown(telegram))
            await service.until(lambda: "STATUS=2 accounts, no answer from kucoin" in service.said)
            peers["kucoin"].heal()
            await service.ask("pull")
            await service.until(lambda: service.said[-1] == "STATUS=2 accounts")
            code, _ = await service.stop(signal.SIGINT)
            assert (code, service.said[-1]) == (0, "STOPPING=1")
    assert service.said[0] == "READY=1"


async def test_a_stop_while_everything_hangs_ends_within_ten_seconds_and_loses_no_report(tmp_path: Path) -> None:
    async with world(tmp_path, "mexc", module="portfolio_bot") as (program, telegram, peers):
        telegram.fail(hang(), "sendMessage", 99)
        async with serving(program) as service:
            await service.until(lambda: telegram.made("sendMessage"))  # the first report is on its way
            peers["mexc"].fail(faults.hang())
            telegram.user(OWNER).says("/pull")
            asking = asyncio.create_task(service.ask("pull"))
            await service.until(lambda: len(peers["mexc"].asked("/api/v3/account")) == 2)
            with closing(sqlite3.connect(program.data / "portfolio.db", isolation_level=None)) as backup:
                backup.execute("BEGIN")
                backup.execute("SELECT count(*) FROM snapshot").fetchone()
                code, seconds = await service.stop()
            assert (code, seconds < 10) == (0, True), service.log
            assert "STOPPING=1" in service.said
            with pytest.raises(ServiceFailed, match="went away"):
                await asking
        telegram._faults.clear()
        peers["mexc"].heal()
        program.module = HURRIED
        async with serving(program) as service:
            await service.drained()
            await service.until(lambda: len(shown(telegram)) == 2)  # the report, and what /pull asked for
            await asyncio.sleep(0.3)
    assert len(shown(telegram)) == 2


async def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    async with world(tmp_path, "mexc", module="portfolio_bot") as (program, _, peers):
        peers["mexc"].fail(faults.hang())
        async with serving(program) as service:
            await service.until(lambda: peers["mexc"].requests)
            service.process.terminate()
            await service.until(lambda: "STOPPING=1" in service.said)
            code, seconds = await service.stop()
    assert (code, seconds < 1) == (1, True)
    assert "SIGTERM again" in service.log


async def test_a_damaged_database_gives_way_to_the_newest_sound_backup_and_the_owner_hears_of_it(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, "mexc") as (program, telegram, _):
        async with serving(program) as service:
            await service.until(lambda: shown(telegram))
            made = await service.ask("backup")
            await service.stop()
        (program.data / "portfolio.db").write_bytes(b"rubbish" * 4000)
        async with serving(program) as service:
            await service.until(lambda: any("was damaged" in text for text in shown(telegram)))
            assert (await service.ask("health"))["database"] is True
            assert (await service.stop())[0] == 0
    [told] = [text for text in shown(telegram) if "was damaged" in text]
    assert "portfolio.db.damaged-" in told
    assert Path(made["backup"]["file"]).exists()
    assert list(program.data.glob("portfolio.db.damaged-*"))
