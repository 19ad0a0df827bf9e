"""A stranger says everything that can be said and presses everything that can be pressed, and nothing happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from portfolio_bot.bot.access import Access, Sender, Verdict
from portfolio_bot.bot.menu import COMMANDS
from tests.bot.living import ANN, Living, living
from tests.bot.test_people import ANN as OWNER
from tests.bot.test_people import LINES, room
from tests.bot.test_telegram_doors import spoken
from tests.peers.telegram import Shown, telegram_peer

STRANGER = 99
FAMILY = -100500
MANY = 5000

MASKS: Mapping[str, Mapping[str, object]] = {
    "as a channel": {"sender_chat": {"id": FAMILY, "type": "supergroup", "title": "Family"}},
    "through a bot": {"via_bot": {"id": 7, "is_bot": True, "first_name": "Inline"}},
    "forwarded": {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Ann"}},
    "edited": {"update_kind": "edited_message"},
    "in a channel": {"update_kind": "channel_post"},
}


def lines() -> list[str]:
    """Everything that can be typed, but for the one thing that a stranger may ask."""
    typed = [f"/{name} {argument}".strip() for name in COMMANDS for argument in LINES[name]]
    return [line for line in typed if line != "/id"] + ["/nothing", "hello", "/status@my_portfolio_bot", "/start 123"]


async def pressable(folder: Path) -> list[str]:
    """What every button says that the owner gets to see."""
    found: dict[str, None] = {}
    async with room(folder) as here:
        for name in COMMANDS:
            for argument in LINES[name]:
                answer = await here.says(OWNER, f"{name} {argument}".strip())
                found.update(dict.fromkeys(key.action for row in answer.rows for key in row))
    return list(found)


async def test_no_line_of_a_stranger_makes_a_call(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=str(FAMILY), users=[ANN], owner=ANN) as bot:
        telegram.group(FAMILY)
        stranger = telegram.user(STRANGER)
        for text in lines():
            stranger.says(text)
            stranger.says(text, chat=FAMILY)
        stranger.says("/id", chat=FAMILY)
        await served(bot)
    assert spoken(telegram) == []


async def test_no_button_can_be_pressed_by_a_stranger(tmp_path: Path) -> None:
    actions = await pressable(tmp_path / "room")
    assert len(actions) > 60
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=str(FAMILY), users=[ANN], owner=ANN) as bot:
        telegram.group(FAMILY)
        shown = await bot.asks("/help", chat=FAMILY)
        before = len(spoken(telegram))
        stranger = telegram.user(STRANGER)
        presses = [stranger.presses(shown, "", data=action) for action in [*actions, "", "\x00", "status " + "x" * 60]]
        presses += [stranger.presses(shown, "", data=action, seen="inaccessible") for action in actions]
        presses += [stranger.presses(shown, "", data=action, seen="none") for action in actions]
        await served(bot)
    assert not any(press.answers for press in presses)
    assert len(spoken(telegram)) == before
    assert shown.versions == []


async def test_a_report_that_was_carried_elsewhere_answers_nobody(tmp_path: Path) -> None:
    actions = (await pressable(tmp_path / "room"))[::3]
    async with telegram_peer() as telegram, living(tmp_path, telegram, users=[STRANGER], owner=ANN) as bot:
        shown = await bot.asks("/help")
        elsewhere = Shown(1, telegram.group(FAMILY), "report", own=True)
        before = len(spoken(telegram))
        presses = [bot.ann.presses(elsewhere, "", data=action) for action in actions]
        presses += [telegram.user(STRANGER).presses(shown, "", data=action) for action in actions]  # in Ann's own chat
        await served(bot)
    assert not any(press.answers for press in presses)
    assert len(spoken(telegram)) == before


@pytest.mark.parametrize("mask", MASKS)
async def test_whoever_hides_behind_another_is_not_heard(tmp_path: Path, mask: str) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=str(FAMILY), users=[ANN], owner=ANN) as bot:
        telegram.group(FAMILY)
        for text in (*lines(), "/id"):
            bot.ann.says(text, extra=MASKS[mask])
            bot.ann.says(text, chat=FAMILY, extra=MASKS[mask])
        # what was never asked for does not even come
        await (bot.quiet() if "update_kind" in MASKS[mask] else served(bot))
    assert spoken(telegram) == []


@pytest.mark.parametrize(
    "kind", ["inline_query", "chosen_inline_result", "message_reaction", "poll_answer", "chat_join_request"]
)
async def test_kinds_of_updates_that_were_never_asked_for_are_not_looked_at(tmp_path: Path, kind: str) -> None:
    body: dict[str, object] = {
        "id": "1",
        "from": {"id": ANN, "is_bot": False, "first_name": "Ann"},
        "query": "/status",
        "offset": "",
    }
    async with telegram_peer() as telegram, living(tmp_path, telegram, owner=ANN) as bot:
        await bot.asks("/id")
        before = len(spoken(telegram))
        telegram._allowed = None  # Telegram forgets what it was asked for
        telegram._add_update(kind, body)
        await bot.asks("/id")
    assert len(spoken(telegram)) == before + 1


async def test_thousands_of_strangers_do_not_delay_the_owner(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, owner=ANN) as bot:
        shown = await bot.asks("/id")
        for number in range(MANY // 2):
            telegram.user(10_000 + number).says("/status")
            telegram.user(10_000 + number).presses(shown, "", data="status")
        began = time.monotonic()
        bot.ann.says("/id")
        async with asyncio.timeout(30):
            while len(telegram.messages(ANN)) < 2:
                await asyncio.sleep(0.01)
        taken = time.monotonic() - began
    assert spoken(telegram) == ["sendMessage", "sendMessage"]
    assert taken < 10  # seconds behind all of them: two milliseconds for each


def test_in_a_group_a_person_is_let_in_and_a_mask_is_not() -> None:
    access = Access(str(FAMILY), [ANN])
    assert access.judge(Sender(ANN, FAMILY, private=False)) is Verdict.ALLOWED
    assert access.judge(Sender(ANN, FAMILY, private=False, masked=True)) is Verdict.SILENCE
    assert access.judge(Sender(STRANGER, FAMILY, private=False)) is Verdict.SILENCE


async def served(bot: Living) -> None:
    """Wait until the bot has taken all updates, and then a moment more."""
    await bot.telegram.until(lambda: not bot.telegram.unconfirmed(), 20)
    await bot.quiet()
