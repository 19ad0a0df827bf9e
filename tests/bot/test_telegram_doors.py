"""Who is heard and who is not, and how the bot listens when Telegram does not answer as it should."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from portfolio_bot.bot.session import _SAID, Ear
from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.base import DeliveryError, Trouble
from tests.bot.living import ANN, PACE, living, quick, utc_now
from tests.peers.telegram import TOKEN, Fault, TelegramPeer, lost, page, refused, reset, telegram_peer
from tests.service.fakes import FakeSource

STRANGER, FRIEND = 99, 55
FAMILY, OTHERS = -100500, -100600
REPORTING = ["getMe", "getUpdates", "setMyCommands"]


def spoken(telegram: TelegramPeer) -> list[str]:
    """Calls that somebody could notice."""
    return [call.method for call in telegram.calls if call.method not in REPORTING]


async def test_strangers_get_no_call_at_all(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        stranger = telegram.user(STRANGER)
        for text in ("/start", "/status", "/help", "/frequency 45m", "hello", "/balance", "/idea"):
            stranger.says(text)
        await bot.quiet()
    assert spoken(telegram) == []


async def test_a_stranger_may_learn_their_own_id_once_a_minute(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        stranger = telegram.user(STRANGER)
        shown = await bot.asks("/id", user=stranger)
        for _ in range(5):
            stranger.says("/id")
        await bot.quiet()
    assert telegram.messages(STRANGER) == [shown]
    assert shown.text == "Your id: 99"
    assert shown.labels == []


async def test_a_strangers_press_is_not_even_acknowledged(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/frequency")
        press = telegram.user(STRANGER).presses(shown, "4")
        await bot.quiet()
    assert press.answers == []
    assert shown.versions == []


async def test_a_viewers_press_that_is_refused_leaves_the_message_of_all_as_it_is(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        telegram.group(FAMILY)
        users = (ANN, FRIEND)
        async with living(tmp_path, telegram, chat=str(FAMILY), users=users, owner=ANN) as bot:
            shown = await bot.asks("/frequency", chat=FAMILY)
            text = shown.text
            press = telegram.user(FRIEND).presses(shown, "4")
            await telegram.until(lambda: press.answers)
            await bot.idle()
            assert (shown.text, shown.versions, shown.labels != []) == (text, [], True)
            assert press.answers[0]["text"] == "Only an owner may change this. Ask the owner of this bot."
            await bot.presses(shown, "4")
    assert shown.versions == [text]


async def test_a_press_that_cannot_be_carried_out_leaves_the_message_and_says_why_below(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/frequency")
        text, labels = shown.text, shown.labels
        press = bot.ann.presses(shown, "", data="frequency 3")
        await telegram.until(lambda: press.answers)
        await bot.idle()
        assert (shown.text, shown.labels) == (text, labels)
        assert '"3"' in telegram.messages(ANN)[-1].text


async def test_the_owners_press_on_a_report_that_was_forwarded_elsewhere_does_nothing(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/status")
        shown.chat = telegram.group(OTHERS)
        press = bot.ann.presses(shown, "Refresh")
        inline = bot.ann.presses(shown, "Refresh", seen="none")
        await bot.quiet()
    assert press.answers == inline.answers == []


@pytest.mark.parametrize(
    "mask",
    [
        {"sender_chat": {"id": FAMILY, "type": "supergroup", "title": "Family"}},
        {"via_bot": {"id": 7, "is_bot": True, "first_name": "Inline"}},
        {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Ann"}},
        {"update_kind": "edited_message"},
        {"update_kind": "channel_post"},
        {"update_kind": "business_message"},
    ],
    ids=str,
)
async def test_what_speaks_for_somebody_else_is_no_command(tmp_path: Path, mask: Mapping[str, object]) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        bot.ann.says("/status", extra=mask)
        await bot.quiet()
    assert spoken(telegram) == []


async def test_a_thousand_strangers_do_not_delay_the_owner(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "portfolio_bot.bot.access")
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        for number in range(1000):
            telegram.user(10_000 + number).says("/status")
        shown = await bot.asks("/id")
    assert shown.id == 1002
    assert spoken(telegram) == ["sendMessage"]
    assert len([line for line in caplog.records if line.name == "portfolio_bot.bot.access"]) == 10


async def test_listed_people_use_the_group_and_others_do_not(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=str(FAMILY), users=[ANN, FRIEND]) as bot:
        telegram.group(FAMILY)
        telegram.user(STRANGER).says("/status", chat=FAMILY)
        shown = await bot.asks("/status", chat=FAMILY, user=telegram.user(FRIEND))
        await bot.presses(shown, "Details")
        assert "ETH" in shown.text
        assert (await bot.asks("/id")).text == "Your id: 4242"
    assert len(telegram.messages(FAMILY)) == 1


async def test_the_menu_in_a_group_is_offered_to_the_listed_people_alone(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=str(FAMILY), users=[ANN]):
        await telegram.until(lambda: len(telegram.commands) == 2)
    scopes = [scope for scope, _ in telegram.commands]
    assert {"type": "chat_member", "chat_id": FAMILY, "user_id": ANN} in scopes


async def test_small_talk_in_a_group_is_not_answered(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=str(FAMILY), users=[ANN]) as bot:
        telegram.group(FAMILY)
        bot.ann.says("hello everybody", chat=FAMILY)
        await bot.quiet()
    assert spoken(telegram) == []


async def test_a_group_without_listed_people_only_receives(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=str(FAMILY)) as bot:
        telegram.group(FAMILY)
        bot.ann.says("/status", chat=FAMILY)
        bot.ann.says("/status")
        await bot.quiet()
    assert spoken(telegram) == []
    assert telegram.commands == []


async def test_an_answer_stays_in_the_topic_of_its_question(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=str(FAMILY), users=[ANN]) as bot:
        telegram.group(FAMILY, topics=[3], is_forum=True)
        bot.ann.says("/id", chat=FAMILY, extra={"is_topic_message": True, "message_thread_id": 3})
        await telegram.until(lambda: telegram.messages(FAMILY))
    assert telegram.messages(FAMILY)[0].topic == 3


async def test_commands_go_on_in_a_group_that_moved(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat="-5", users=[ANN]) as bot:
        telegram.group(-5, "group")
        telegram.group(FAMILY)
        telegram.migrated[-5] = FAMILY
        bot.ann.says("/id", chat=-5)
        await telegram.until(lambda: telegram.messages(FAMILY))
        shown = await bot.asks("/id", chat=FAMILY)
    assert shown.text == f"Your id: {ANN}\nThis chat: {FAMILY}"


async def test_a_group_that_says_that_it_moves_is_heard_there_at_once(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat="-5", users=[ANN]) as bot:
        telegram.group(-5, "group")
        telegram.group(FAMILY)
        telegram.user(STRANGER).says("", chat=-5, extra={"migrate_to_chat_id": FAMILY})
        telegram.migrated[-5] = FAMILY
        async with asyncio.timeout(5):
            while bot.delivery.destination != str(FAMILY):
                await asyncio.sleep(0.005)
        shown = await bot.asks("/frequency", chat=FAMILY)
    assert shown.text.startswith("Every")
    assert not [call for call in telegram.calls if call.parameters.get("chat_id") == -5]


async def test_a_group_that_is_none_of_ours_may_move_where_it_likes(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat="-5", users=[ANN]) as bot:
        telegram.group(-6, "group")
        telegram.group(FAMILY)
        telegram.user(STRANGER).says("", chat=-6, extra={"migrate_to_chat_id": FAMILY})
        bot.ann.says("/frequency", chat=FAMILY)
        await bot.quiet()
        assert bot.delivery.destination == "-5"
    assert spoken(telegram) == []


async def test_set_up_mode_tells_the_line_to_put_into_the_settings_and_nothing_else(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=None) as bot:
        telegram.user(STRANGER).says("/status")
        shown = await bot.asks("/start")
        await bot.quiet()
    assert "TELEGRAM_CHAT_ID=4242" in shown.text
    assert spoken(telegram) == ["sendMessage"]


async def test_set_up_mode_in_a_group_names_the_group_and_who_may_use_it(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, chat=None) as bot:
        telegram.group(FAMILY)
        shown = await bot.asks("/id", chat=FAMILY)
    assert f"TELEGRAM_CHAT_ID={FAMILY}" in shown.text
    assert f"ALLOWED_USER_IDS={ANN}" in shown.text


async def test_a_blocked_bot_goes_on_when_it_is_let_in_again(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        telegram.blocked.add(ANN)
        bot.ann.says("/id")
        await telegram.until(lambda: telegram.made("sendMessage"))
        await bot.idle()
        assert bot.delivery.state.paused
        telegram.blocked.clear()
        telegram.moderate(ANN, "member")
        async with asyncio.timeout(2):
            while bot.delivery.state.paused:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("fault", [lost(), reset(), page(502), refused(500, "Internal Server Error")])
async def test_a_first_call_that_fails_does_not_end_the_listening(tmp_path: Path, fault: Fault) -> None:
    async with telegram_peer() as telegram:
        telegram.fail(fault, "getMe")
        async with living(tmp_path, telegram) as bot:
            assert "4242" in (await bot.asks("/id")).text


async def test_telegram_may_be_away_at_the_start_and_in_between(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portfolio_bot.bot.session")
    async with telegram_peer() as telegram:
        await telegram.down()
        async with living(tmp_path, telegram) as bot:
            await bot.quiet()
            states = [bot.face.hearing.state]
            await telegram.up()
            await bot.asks("/id")
            await telegram.down()
            await bot.quiet()
            await telegram.up()
            await bot.asks("/help")
            states.append(bot.face.hearing.state)
    assert states == [Ear.UNREACHABLE, Ear.LISTENING]
    told = [record.message for record in caplog.records]
    assert told.count("Telegram does not answer; the bot keeps asking") == 2
    assert told.count("Telegram answers again") == 2
    assert TOKEN not in caplog.text


def test_what_is_said_of_polling_is_not_taken_for_a_secret_by_the_log() -> None:
    assert [Redactor().log(words) for words in _SAID.values()] == list(_SAID.values())
    refused = str(DeliveryError(Trouble.TOKEN, "Unauthorized"))
    assert Redactor().log(refused) == refused


async def test_a_revoked_token_is_tried_rarely_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with telegram_peer() as telegram:
        telegram.revoked = True
        async with living(tmp_path, telegram) as bot:
            started = asyncio.get_running_loop().time()
            await bot.quiet(0.5)
            assert bot.face.hearing.state is Ear.TOKEN_REFUSED
            tries = [call for call in telegram.calls if call.method in {"getMe", "getUpdates"}]
            took = asyncio.get_running_loop().time() - started
            assert len(tries) <= took / PACE.poll.token_wait + 1
            telegram.revoked = False
            await bot.asks("/id")
    assert caplog.text.count("refuses the bot's token") == 1


async def test_another_poller_is_named_and_the_bot_listens_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        telegram.other_poller = True
        await bot.quiet(1.3)
        assert bot.face.hearing.state is Ear.OTHER_COPY
        telegram.other_poller = False
        await bot.asks("/id")
    assert caplog.text.count("another copy polls with this token") == 1


async def test_a_webhook_that_was_left_behind_is_removed(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        telegram.webhook = "https://old.example/hook"
        async with living(tmp_path, telegram) as bot:
            await bot.asks("/id")


async def test_an_update_that_cannot_be_read_does_not_make_the_bot_deaf(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        bot.ann.says("/status", extra={"date": "yesterday"})
        bot.ann.says("/status", extra={"from": {"id": "nobody"}})
        shown = await bot.asks("/id")
    assert telegram.messages(ANN) == [shown]


async def test_the_time_of_the_last_poll_is_known(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        began = bot.face.polled()
        await bot.asks("/id")
        polled = bot.face.polled()
    assert began is not None
    assert polled is not None
    assert polled >= began


async def test_the_bot_stops_at_once_in_the_middle_of_a_poll(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        async with living(tmp_path, telegram, pace=quick(timeout=30)) as bot:
            await bot.asks("/id")
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 5


async def test_an_answer_that_takes_too_long_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    hanging = FakeSource("bybit", {"BTC": "1"}, clock=utc_now, takes=60, patience=60)
    async with telegram_peer() as telegram:
        async with living(tmp_path, telegram, hanging, pace=replace(PACE, handlers=0.1)) as bot:
            bot.ann.says("/status")
            await telegram.until(lambda: hanging.asked)
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 5
    assert telegram.messages(ANN) == [] or telegram.messages(ANN)[0].text.startswith("↻")
