"""The service with Slack alone, and killed while a message is on its way to Telegram and to Slack."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.e2e.program import Program, several
from tests.e2e.service import ALWAYS, HURRIED, OWNER, bot, serving
from tests.peers.slack import PATH, slack_peer
from tests.peers.telegram import Fault, telegram_peer

HELD = 3600.0


@pytest.mark.timeout(120)
async def test_slack_can_be_the_only_face_and_a_kill_repeats_with_a_word(tmp_path: Path) -> None:
    async with several("mexc") as (settings, _), slack_peer() as slack:
        program = Program(tmp_path, settings | ALWAYS | {"SLACK_WEBHOOK_URL": slack.webhook}, HURRIED)
        async with serving(program) as service:
            await service.until(lambda: slack.texts)
            first = len(slack.texts)
            slack.fail(200, "ok", effect=True, delay=HELD)
            asking = asyncio.create_task(service.ask("report", send=True))
            await service.until(lambda: len(slack.texts) > first)
            await service.kill()
            await asyncio.wait([asking])
            asking.exception()
            await service.again()
            await service.drained()
            assert (await service.stop())[0] == 0
            log = service.log + service.out
    pushed = slack.texts[first:]
    assert len([text for text in pushed if "$" in text.splitlines()[0]]) >= 2
    assert any("Repeated" in text for text in pushed[1:])
    assert PATH not in log


@pytest.mark.timeout(120)
async def test_a_kill_between_delivery_and_its_receipt_leaves_one_message(tmp_path: Path) -> None:
    async with several("mexc") as (settings, _), telegram_peer() as telegram, slack_peer() as slack:
        both = bot(telegram) | {"SLACK_WEBHOOK_URL": slack.webhook}
        program = Program(tmp_path, settings | ALWAYS | both | {"CACHE_TTL": "0"}, HURRIED)
        telegram.user(OWNER).says("/id")
        async with serving(program) as service:
            await service.until(lambda: len(telegram.messages(OWNER)) >= 2)
            await service.drained()
            assert any("$" in text for text in slack.texts)  # reports go to both
            slack.fail(200, "ok", effect=True, delay=HELD)  # Slack hangs: that must not hold up Telegram
            before = len(telegram.messages(OWNER))
            for method in ("sendMessage", "sendRichMessage", "sendPhoto"):
                telegram.fail(Fault(effect=True, delay=HELD, plain=True), method)
            asking = asyncio.create_task(service.ask("report", send=True))
            await service.until(lambda: len(telegram.messages(OWNER)) > before)
            await service.kill()
            await asyncio.wait([asking])
            asking.exception()
            telegram.forgive()
            await service.again()
            await service.drained()
            assert (await service.stop())[0] == 0
    shown = telegram.messages(OWNER)[before:]
    assert [bool(re.search(r"\$", message.text)) for message in shown] in ([True], [True, True])
    assert not any("Repeated" in message.text for message in shown)
    assert not shown[0].versions
