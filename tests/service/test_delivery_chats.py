"""Each chat is served by itself: slow, silent, gone, moved or without a topic, it holds back nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from portfolio_bot.notify.base import Message
from portfolio_bot.service.lane import Pace
from portfolio_bot.storage.outbox import LetterState
from tests.peers.slack import slack_peer
from tests.peers.telegram import flood, hang, lost, reset, telegram_peer
from tests.service.office import ANN, BOB, FAMILY, FAST, KEYS, PICTURE, office, rich_of


async def test_letters_go_to_every_chat_in_its_order(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack) as desk:
        telegram.user(ANN)
        telegram.user(BOB)
        telegram.group(FAMILY, topics=[3])
        for number in range(3):
            for chat in (ANN, BOB, FAMILY, "slack"):
                message = Message(f"{chat} {number}", topic=3 if chat == FAMILY else None)
                await desk.queue(f"{chat}{number}", message, chat)
        assert await desk.delivery.flush(5)
        for chat in (ANN, BOB, FAMILY):
            assert desk.texts(chat) == [f"{chat} {number}" for number in range(3)]
    assert slack.texts == [f"slack {number}" for number in range(3)]
    assert {message.topic for message in telegram.messages(FAMILY)} == {3}


async def test_a_slack_that_hangs_does_not_delay_telegram_nor_the_reverse(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack) as desk:
        telegram.user(ANN)
        stop = asyncio.Event()
        serving = asyncio.create_task(desk.delivery.serve(stop))
        slack.fail(200, "ok", effect=True, delay=0.4)
        await desk.queue("a", Message("a"), "slack")
        desk.delivery.nudge()
        async with asyncio.timeout(2):
            while not slack.asked:
                await asyncio.sleep(0.005)
        await desk.queue("b", Message("b"))
        desk.delivery.nudge()
        await telegram.until(desk.texts, 0.3)
        telegram.fail(hang(), "sendMessage")
        await desk.queue("c", Message("c"))
        await desk.queue("d", Message("d"), "slack")
        desk.delivery.nudge()
        async with asyncio.timeout(2):
            while "d" not in slack.texts:
                await asyncio.sleep(0.005)
        stop.set()
        await asyncio.wait_for(serving, 2)
    assert desk.texts()[0] == "b"


async def test_a_flood_in_one_chat_does_not_silence_another(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        telegram.user(BOB)
        await desk.queue("a", Message("a"), ANN)
        telegram.fail(flood(600), "sendMessage")
        await desk.delivery.send_due()
        await desk.queue("b", Message("b"), BOB)
        await desk.delivery.send_due()
        assert (desk.texts(ANN), desk.texts(BOB)) == ([], ["b"])


async def test_a_chat_that_is_gone_is_named_and_paused_alone_until_somebody_speaks_there(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        telegram.user(BOB)
        telegram.blocked.add(BOB)
        for key in ("one", "two"):
            await desk.queue(key, Message(key), BOB)
        await desk.queue("mine", Message("mine"), ANN)
        await desk.delivery.send_due()
        assert desk.texts(ANN) == ["mine"]
        assert dict(desk.delivery.paused) == {str(BOB): "Forbidden: bot was blocked by the user"}
        assert not desk.delivery.state.paused
        telegram.blocked.clear()
        await desk.delivery.send_due()
        assert desk.texts(BOB) == []
        desk.delivery.heard_from(str(BOB))
        await desk.delivery.send_due()
        assert desk.texts(BOB) == ["two"]
        assert not desk.delivery.paused


async def test_a_paused_chat_is_tried_again_after_a_restart(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        telegram.user(BOB)
        telegram.blocked.add(BOB)
        async with office(tmp_path, telegram) as desk:
            for key in ("one", "two"):
                await desk.queue(key, Message(key), BOB)
            await desk.delivery.send_due()
            assert desk.delivery.paused
        telegram.blocked.clear()
        async with office(tmp_path, telegram) as desk:
            assert not desk.delivery.paused
            assert await desk.delivery.flush(1)
            assert desk.texts(BOB) == ["two"]


async def test_a_slack_channel_that_is_archived_is_paused_alone(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack) as desk:
        telegram.user(ANN)
        slack.archived = True
        await desk.queue("a", Message("a"), "slack")
        await desk.queue("b", Message("b"))
        await desk.delivery.send_due()
        assert dict(desk.delivery.paused) == {"slack": "channel_is_archived"}
        assert desk.texts() == ["b"]


async def test_letters_to_slack_wait_while_no_webhook_is_set(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, slack_peer() as slack:
        telegram.user(ANN)
        async with office(tmp_path, telegram) as desk:
            await desk.queue("a", Message("a"), "slack")
            await desk.delivery.send_due()
            assert await desk.state("a") is LetterState.PENDING
        async with office(tmp_path, telegram, slack) as desk:
            assert await desk.delivery.flush(1)
    assert slack.texts == ["a"]


async def test_what_slack_may_have_got_is_sent_again_and_says_so_in_blocks_too(tmp_path: Path) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "$1"}}]
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack) as desk:
        slack.fail(500, "rollup_error", effect=True)
        await desk.queue("a", Message("$1", rich={"blocks": blocks}), "slack")
        assert await desk.delivery.flush(2)
    first, second = slack.posted
    assert first == {"text": "$1", "blocks": blocks}
    assert str(second["text"]).startswith("$1\n\nRepeated")
    assert "Repeated" in str(second["blocks"])


async def test_blocks_that_slack_will_not_have_go_out_as_text(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack) as desk:
        await desk.queue("a", Message("<b>$1</b>", rich={"blocks": [{"type": "wibble"}]}), "slack")
        assert await desk.delivery.flush(1)
    assert slack.posted == [{"text": "$1"}]


async def test_slack_can_be_the_only_chat(tmp_path: Path) -> None:
    async with (
        telegram_peer() as telegram,
        slack_peer() as slack,
        office(tmp_path, telegram, slack, main="slack") as desk,
    ):
        await desk.queue("a", Message("a"), "slack")
        assert await desk.delivery.flush(1)
        assert await desk.state("a") is LetterState.SENT
    assert slack.texts == ["a"]


@pytest.mark.parametrize("chat", [ANN, BOB])
async def test_every_chat_that_moved_is_followed_also_after_a_restart(tmp_path: Path, chat: int) -> None:
    group, to = -5, -1005
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        telegram.group(to)
        telegram.migrated[group] = to
        async with office(tmp_path, telegram, main=str(chat)) as desk:
            await desk.queue("one", Message("one"), group)
            await desk.queue("two", Message("two"), group)
            assert await desk.delivery.flush(1)
        async with office(tmp_path, telegram, main=str(chat)) as desk:
            await desk.queue("three", Message("three"), group)
            assert await desk.delivery.flush(1)
            assert desk.texts(to) == ["one", "two", "three"]
    assert len(telegram.made("sendMessage")) == 4


async def test_a_letter_for_a_topic_that_vanished_comes_to_the_group_and_says_why(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.group(FAMILY, topics=[3])
        await desk.queue("a", Message("<b>a</b>", KEYS, topic=3, rich=rich_of("a")), FAMILY)
        assert await desk.delivery.flush(1)
        telegram.lose_topic(FAMILY, 3)
        await desk.queue("b", Message("<b>b</b>", KEYS, topic=3), FAMILY)
        await desk.queue("c", Message("<b>c</b>", KEYS, topic=3, rich=rich_of("c")), FAMILY)
        assert await desk.delivery.flush(1)
    told = "The topic of this message is gone, so it stands here."
    assert desk.texts(FAMILY) == [f"b\n\n{told}", f"c\n{told}"]
    assert {shown.topic for shown in telegram.messages(FAMILY)} == {None}


async def test_a_letter_in_several_messages_says_once_that_its_topic_is_gone(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.group(FAMILY, topics=[])
        await desk.queue("a", Message("head\n" + "x" * 3000, KEYS, topic=3, file=PICTURE), FAMILY)
        assert await desk.delivery.flush(1)
    picture, words = telegram.messages(FAMILY)
    assert "topic of this message is gone" in picture.text
    assert words.text == "x" * 3000


async def test_a_lost_answer_is_found_though_other_chats_raised_the_ids_meanwhile(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        telegram.user(BOB)
        async with office(tmp_path, telegram) as desk:
            await desk.delivery.answer(str(BOB), Message("first"))
            for number in range(20):
                await desk.delivery.answer(str(ANN), Message(f"answer {number}"))
            telegram.fail(lost(), "sendMessage")
            await desk.queue("b", Message("b"), BOB)
            await desk.delivery.send_due()
            for number in range(20, 40):
                await desk.delivery.answer(str(ANN), Message(f"answer {number}"))
        async with office(tmp_path, telegram) as desk:
            assert await desk.delivery.flush(2)
            assert desk.texts(BOB) == ["first", "b"]
            assert desk.texts(ANN) == [f"answer {number}" for number in range(40)]


async def test_a_refused_token_silences_all_chats_of_the_bot_together(tmp_path: Path) -> None:
    pace = Pace(every=0.0, token_wait=60)
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack, pace=pace) as desk:
        telegram.revoked = True
        for chat in (ANN, "slack"):
            await desk.queue(str(chat), Message("x"), chat)
        await desk.delivery.send_due()
        await desk.queue(str(BOB), Message("x"), BOB)
        await desk.delivery.send_due()
    assert len(telegram.calls) == 1
    assert slack.texts == ["x"]


async def test_a_reply_stands_below_what_it_answers(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack) as desk:
        telegram.user(ANN)
        telegram.group(FAMILY)
        for chat in (ANN, FAMILY, "slack"):
            await desk.queue(f"alert@{chat}", Message("alert"), chat)
            await desk.queue(f"over@{chat}", Message("over", file=PICTURE), chat, answers=f"alert@{chat}")
        await desk.queue("of nothing", Message("of nothing"), answers="never written")
        await desk.queue("of another chat", Message("of another chat"), answers=f"alert@{FAMILY}")
        assert await desk.delivery.flush(2)
    first, second, third, fourth = telegram.messages(ANN)
    assert [second.reply_to, third.reply_to, fourth.reply_to] == [first.id, None, None]
    group = telegram.messages(FAMILY)
    assert group[1].reply_to == group[0].id
    assert slack.texts == ["alert", "over"]


async def test_a_reply_in_a_topic_comes_also_when_what_it_answers_was_deleted(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.group(FAMILY, topics=[3])
        await desk.queue("alert", Message("alert", topic=3), FAMILY)
        assert await desk.delivery.flush(1)
        telegram.delete(telegram.messages(FAMILY)[0])
        await desk.queue("over", Message("over", topic=3), FAMILY, answers="alert")
        assert await desk.delivery.flush(1)
    [shown] = telegram.messages(FAMILY)
    assert (shown.text, shown.topic, shown.reply_to) == ("over", 3, None)


async def test_a_stop_without_time_leaves_no_worker_behind_and_the_letter_in_doubt(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack) as desk:
        stop, before = asyncio.Event(), asyncio.all_tasks()
        serving = asyncio.create_task(desk.delivery.serve(stop))
        slack.fail(200, "ok", effect=True, delay=3600.0)
        await desk.queue("a", Message("a"), "slack")
        desk.delivery.nudge()
        async with asyncio.timeout(2):
            while not slack.texts:
                await asyncio.sleep(0.005)
        stop.set()
        await asyncio.sleep(0.01)
        assert not serving.done()
        serving.cancel()
        await asyncio.wait([serving], timeout=1)
        assert serving.cancelled()
        names = {task.get_name() for task in asyncio.all_tasks() - before}
        assert not any(name.startswith("letters to") for name in names)
        assert await desk.state("a") is LetterState.SENDING


async def test_reports_give_way_within_their_series_only(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        for number in range(2):
            for series in ("day", "week"):
                await desk.queue(f"{series}{number}", Message(f"{series} {number}"), kind="report", series=series)
        await desk.delivery.flush(1)
    assert [text.splitlines()[0] for text in desk.texts()] == ["day 1", "week 1"]


async def test_a_letter_in_several_messages_goes_on_where_a_life_ended(tmp_path: Path) -> None:
    text = "\n".join(f"line {number}" for number in range(1500))
    async with telegram_peer() as telegram:
        telegram.user(ANN).says("hello")
        for life in range(3):
            async with office(tmp_path, telegram, patience=0.1) as desk:
                desk.delivery.saw(str(ANN), 1)
                if life == 0:
                    await desk.queue("long", Message(text, KEYS, silent=False))
                telegram.fail((lost, reset, lost)[life](), "sendMessage")
                await desk.delivery.send_due()
        async with office(tmp_path, telegram) as desk:
            assert await desk.delivery.flush(2)
            letter = await desk.letter("long")
    shown = telegram.messages(ANN)
    lines = [line for one in shown for line in one.text.splitlines() if line.startswith("line")]
    assert lines == text.splitlines()
    assert letter.message_ids == tuple(one.id for one in shown)
    assert [bool(one.labels) for one in shown] == [*[False] * (len(shown) - 1), True]


async def test_what_telegram_finds_too_long_is_cut_again(tmp_path: Path) -> None:
    from tests.peers.telegram import refused

    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        telegram.fail(refused(400, "Bad Request: message is too long"), "sendMessage")
        await desk.queue("a", Message("\n".join(["x" * 50] * 40)))
        assert await desk.delivery.flush(1)
    assert len(desk.texts()) == 2
    assert "".join(desk.texts()).count("x") == 2000


async def test_a_picture_is_kept_no_longer_than_it_takes_to_send_it(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        await desk.queue("a", Message("a", file=PICTURE))
        assert await desk.delivery.flush(1)
        letter = await desk.letter("a")
    assert telegram.messages(ANN)[0].kind == "photo"
    assert "chart.png" not in str(letter.payload)


async def test_no_picture_is_kept_of_what_will_never_be_sent(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        for number in range(3):
            await desk.queue(f"a{number}", Message("a", file=PICTURE), kind="report")
        telegram.blocked.add(ANN)
        await desk.delivery.send_due()
        letters = [await desk.letter(f"a{number}") for number in range(3)]
    assert [letter.state for letter in letters] == [LetterState.COLLAPSED, LetterState.COLLAPSED, LetterState.DEAD]
    assert not any("chart.png" in str(letter.payload) for letter in letters)


async def test_reports_to_a_chat_that_is_gone_do_not_pile_up(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        telegram.blocked.add(ANN)
        await desk.queue("a", Message("a"), kind="report")
        await desk.delivery.send_due()
        for number in range(3):
            await desk.queue(f"b{number}", Message(f"b{number}", file=PICTURE), kind="report")
            await desk.delivery.send_due()
        assert [await desk.state(f"b{number}") for number in range(3)] == [LetterState.COLLAPSED] * 2 + [
            LetterState.PENDING
        ]
        telegram.blocked.clear()
        desk.delivery.heard_from(str(ANN))
        assert await desk.delivery.flush(1)
        assert [text.splitlines()[0] for text in desk.texts()] == ["b2"]


async def test_the_form_of_telegram_messages_is_none_of_slack(tmp_path: Path) -> None:
    blocks = {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "a"}}]}
    async with (
        telegram_peer() as telegram,
        slack_peer() as slack,
        office(tmp_path, telegram, slack, wish="classic") as desk,
    ):
        await desk.queue("a", Message("a", html=False, rich=blocks), "slack")
        assert await desk.delivery.flush(1)
    assert slack.posted == [{"text": "a", **blocks}]


async def test_the_pace_of_one_chat_is_not_that_of_all(tmp_path: Path) -> None:
    slow = replace(FAST, every=0.3, burst=1)
    async with telegram_peer() as telegram, office(tmp_path, telegram, pace=slow) as desk:
        chats = [100 + number for number in range(10)]
        for chat in chats:
            telegram.user(chat)
            for number in range(3):
                await desk.queue(f"{chat}/{number}", Message("x"), chat)
        began = asyncio.get_running_loop().time()
        assert await desk.delivery.flush(20)
        took = asyncio.get_running_loop().time() - began
    assert sum(len(desk.texts(chat)) for chat in chats) == 30
    assert took < 30 * 0.3 / 2
