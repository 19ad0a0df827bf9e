"""What goes out arrives once: through floods, lost answers, crashes and a Telegram that is away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portfolio_bot.notify.base import Message
from portfolio_bot.storage import outbox
from portfolio_bot.storage.outbox import LetterState
from tests.peers.telegram import (
    Fault,
    flood,
    hang,
    lost,
    page,
    refused,
    reset,
    slow,
    telegram_peer,
)
from tests.service.fakes import NOON, Hands
from tests.service.posting import ANN, FAST, Post, posting


async def test_a_letter_arrives_with_its_buttons_and_is_marked_sent(post: Post) -> None:
    await post.queue("<b>$1</b>")
    assert await post.delivery.flush(1)
    [shown] = post.telegram.messages(ANN)
    assert (shown.text, shown.labels) == ("$1", ["↻ Refresh"])
    assert await post.state("<b>$1</b>") is LetterState.SENT


async def test_a_letter_that_was_sent_is_not_sent_again(post: Post) -> None:
    await post.queue("$1")
    await post.delivery.flush(1)
    await post.queue("$1")
    await post.delivery.flush(1)
    assert post.texts() == ["$1"]


async def test_letters_arrive_in_the_order_of_queueing(post: Post) -> None:
    for text in ("one", "two", "three"):
        await post.queue(text, "notice")
    post.telegram.fail(page(502), "sendMessage")
    assert await post.delivery.flush(2)
    assert [text.splitlines()[0] for text in post.texts()] == ["one", "two", "three"]


@pytest.mark.parametrize("fault", [lost(), page(502, effect=True), Fault(effect=True, status=200, body=b"{")])
async def test_an_answer_lost_after_delivery_leaves_one_message(post: Post, fault: Fault) -> None:
    post.telegram.fail(replace(fault), "sendMessage")
    await post.queue("$1")
    assert await post.delivery.flush(2)
    assert post.texts() == ["$1"]
    assert len(post.telegram.made("sendMessage")) == 1


@pytest.mark.parametrize("fault", [reset(), page(500), refused(500, "Internal Server Error"), hang()])
async def test_what_left_no_trace_is_sent_again_and_says_so(post: Post, fault: Fault) -> None:
    post.telegram.fail(replace(fault), "sendMessage")
    await post.queue("$1")
    assert await post.delivery.flush(3)
    [text] = post.texts()
    assert text.startswith("$1\n\nRepeated")


async def test_a_slow_answer_that_came_too_late_is_found(post: Post) -> None:
    post.telegram.fail(slow(0.8), "sendMessage")
    await post.queue("$1")
    assert await post.delivery.flush(3)
    assert post.texts() == ["$1"]


async def test_a_probe_never_touches_messages_that_are_known(post: Post) -> None:
    await post.delivery.answer(str(ANN), Message("an answer"))
    post.telegram.fail(lost(), "sendMessage")
    await post.queue("$1")
    await post.delivery.send_due()
    await post.delivery.answer(str(ANN), Message("another answer"))
    assert await post.delivery.flush(2)
    assert post.texts() == ["an answer", "$1", "another answer"]
    assert all(not message.versions for message in post.telegram.messages(ANN))


async def test_a_second_try_of_unknown_fate_is_asked_about_from_the_beginning(post: Post) -> None:
    for fault in (reset(), reset(), lost()):
        post.telegram.fail(fault, "sendMessage")
    await post.queue("$1")
    assert await post.delivery.flush(3)
    assert [text.splitlines()[0] for text in post.texts()] == ["$1"]


async def test_a_probe_that_meets_a_flood_is_put_again_later(post: Post) -> None:
    post.telegram.fail(lost(), "sendMessage")
    post.telegram.fail(page(502), "editMessageText", times=2)
    await post.queue("$1")
    assert await post.delivery.flush(3)
    assert post.texts() == ["$1"]


async def test_a_refused_connection_is_no_riddle(post: Post) -> None:
    await post.telegram.down()
    await post.queue("$1")
    await post.delivery.send_due()
    assert await post.state("$1") is LetterState.PENDING
    await post.telegram.up()
    assert await post.delivery.flush(2)
    assert post.texts() == ["$1"]
    assert not post.telegram.made("editMessageText")


async def test_a_flood_wait_is_honoured_to_the_second(post: Post) -> None:
    post.telegram.fail(flood(1), "sendMessage")
    await post.queue("$1")
    await post.delivery.send_due()
    assert await post.state("$1") is LetterState.PENDING
    await post.delivery.send_due()
    assert len(post.telegram.made("sendMessage")) == 1
    post.clock.turn(seconds=1)
    await asyncio.sleep(1)
    assert await post.delivery.flush(1)
    assert post.texts() == ["$1"]


async def test_a_flood_wait_survives_a_restart(tmp_path: Path) -> None:
    clock = Hands()
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        telegram.fail(flood(600), "sendMessage")
        async with posting(tmp_path, telegram, clock=clock) as post:
            await post.queue("$1")
            await post.delivery.send_due()
        async with posting(tmp_path, telegram, clock=clock) as post:
            await post.delivery.send_due()
            assert post.texts() == []
            clock.turn(seconds=601)
            await post.delivery.send_due()
            [text] = post.texts()
    assert text == "$1\n\n12:00 report, sent 12:10 (was offline)"


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_crash_between_call_and_commit_leaves_one_message(tmp_path: Path, arrived: bool) -> None:
    async with telegram_peer() as telegram:
        telegram.user(ANN).says("hello")
        async with posting(tmp_path, telegram) as post:
            post.delivery.saw(str(ANN), 1)
            telegram.fail(Fault(effect=arrived, delay=3600.0, plain=arrived), "sendMessage")
            await post.queue("$1")
            sending = asyncio.create_task(post.delivery.send_due())
            await telegram.until(lambda: telegram.made("sendMessage"))
            sending.cancel()
            await asyncio.wait([sending])
            assert await post.state("$1") is LetterState.SENDING
        async with posting(tmp_path, telegram) as post:
            assert await post.delivery.flush(3)
            assert await post.state("$1") is LetterState.SENT
    assert [text.splitlines()[0] for text in post.texts()] == ["$1"]
    assert ("Repeated" in post.texts()[0]) is not arrived


async def test_answers_of_an_earlier_life_are_not_overwritten_by_a_probe(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        async with posting(tmp_path, telegram) as post:
            await post.delivery.answer(str(ANN), Message("first"))
            telegram.fail(hang(), "sendMessage")
            await post.queue("$1")
            await post.delivery.send_due()
            await post.delivery.answer(str(ANN), Message("second"))
        async with posting(tmp_path, telegram) as post:
            await post.delivery.flush(2)
    assert [text.splitlines()[0] for text in post.texts()] == ["first", "second", "$1"]


async def test_reports_that_pile_up_become_the_newest_which_names_the_others(post: Post) -> None:
    await post.telegram.down()
    for hour in (10, 12, 14):
        await post.queue(f"report of {hour}", hour=hour)
        post.clock.now = NOON.replace(hour=hour)
        await post.delivery.send_due()
    await post.queue("⚠ Kraken", "notice", hour=14)
    post.clock.now = NOON.replace(hour=15, minute=20)
    await post.telegram.up()
    assert await post.delivery.flush(2)
    assert post.texts() == [
        "report of 14\n\n14:00 report, sent 15:20 (was offline)\nalso due 10:00 and 12:00",
        "⚠ Kraken",
    ]
    assert await post.state("report of 10") is LetterState.COLLAPSED


async def test_notices_do_not_collapse(post: Post) -> None:
    for text in ("one", "two"):
        await post.queue(text, "notice")
    await post.delivery.flush(1)
    assert post.texts() == ["one", "two"]


async def test_a_letter_that_nobody_wants_any_more_is_not_sent(post: Post) -> None:
    await post.queue("old news", "notice", expires=timedelta(hours=1))
    post.clock.turn(hours=2)
    await post.delivery.flush(1)
    assert post.texts() == []
    assert await post.state("old news", "notice") is LetterState.DEAD


async def test_a_letter_that_nobody_can_read_does_not_hold_back_the_others(post: Post) -> None:
    for key, payload in {
        "a": {},
        "b": {"message": {"text": 7}},
        "c": {"message": {"text": "x"}, "slot": "now"},
    }.items():
        await post.store.write(
            lambda tx, key=key, payload=payload: outbox.add(  # type: ignore[misc]
                tx, key=key, chat=str(ANN), payload=payload, kind="report", not_before=NOON
            )
        )
    await post.queue("$1")
    assert await post.delivery.flush(1)
    assert post.texts() == ["$1"]


async def test_a_remark_that_would_make_a_message_too_long_is_left_out(post: Post) -> None:
    await post.queue("x" * 4090)
    post.clock.turn(hours=1)
    assert await post.delivery.flush(1)
    assert post.texts() == ["x" * 4090]


@pytest.mark.parametrize(
    "fault",
    [refused(403, "Forbidden: bot was blocked by the user"), refused(400, "Bad Request: chat not found")],
)
async def test_a_destination_that_is_gone_pauses_until_somebody_speaks_there(post: Post, fault: Fault) -> None:
    post.telegram.fail(replace(fault), "sendMessage")
    await post.queue("one", "notice")
    await post.queue("two", "notice")
    await post.delivery.send_due()
    assert await post.state("one", "notice") is LetterState.DEAD
    assert post.delivery.state.paused
    await post.delivery.send_due()
    assert len(post.telegram.made("sendMessage")) == 1
    post.delivery.heard_from(str(ANN))
    await post.delivery.flush(1)
    assert post.texts() == ["two"]


async def test_a_message_that_will_never_pass_does_not_hold_back_the_others(post: Post) -> None:
    post.telegram.fail(refused(400, "Bad Request: BUTTON_DATA_INVALID"), "sendMessage")
    await post.queue("one", "notice")
    await post.queue("two", "notice")
    await post.delivery.flush(1)
    assert post.texts() == ["two"]
    assert await post.state("one", "notice") is LetterState.DEAD


async def test_marks_that_cannot_be_read_go_out_as_plain_text(post: Post) -> None:
    post.telegram.fail(refused(400, "Bad Request: can't parse entities: Unsupported start tag"), "sendMessage")
    await post.queue("<b>$1</b> &amp; more")
    await post.delivery.flush(1)
    [shown] = post.telegram.messages(ANN)
    assert (shown.text, shown.entities, shown.labels) == ("$1 & more", (), ["↻ Refresh"])


async def test_a_deleted_topic_gives_way_to_the_main_chat(post: Post) -> None:
    post.telegram.group(-1007, topics=[3])
    assert await post.delivery.answer("-1007", Message("x", topic=9)) is not None
    [shown] = post.telegram.messages(-1007)
    assert shown.topic is None


async def test_a_group_that_moved_is_followed_and_stays_followed(tmp_path: Path) -> None:
    moved: list[str] = []
    async with telegram_peer() as telegram:
        telegram.group(-1005)
        telegram.migrated[-5] = -1005
        async with posting(tmp_path, telegram, chat="-5") as post:
            await post.queue("one", "notice")
            await post.queue("two", "notice")
            assert await post.delivery.flush(1)
        async with posting(tmp_path, telegram, chat="-5") as post:
            post.delivery.on_move = moved.append
            await post.delivery.restore()
            await post.queue("three", "notice")
            assert await post.delivery.flush(1)
            assert post.texts(-1005) == ["one", "two", "three"]
    assert moved == ["-1005"]
    assert len(telegram.made("sendMessage")) == 4


async def test_after_a_restart_with_another_token_nothing_waits_for_the_old_one(tmp_path: Path) -> None:
    pace, clock = replace(FAST, token_wait=60), Hands()
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        async with posting(tmp_path, telegram, pace=pace, clock=clock) as post:
            telegram.revoked = True
            await post.queue("$1")
            await post.delivery.send_due()
            await post.delivery.send_due()
        telegram.revoked = False
        clock.turn(seconds=1)
        async with posting(tmp_path, telegram, pace=pace, clock=clock) as post:
            await post.delivery.send_due()
            assert await post.state("$1") is LetterState.SENT


async def test_a_refused_token_is_not_hammered(tmp_path: Path) -> None:
    pace = replace(FAST, token_wait=60)
    async with telegram_peer() as telegram, posting(tmp_path, telegram, pace=pace) as post:
        telegram.revoked = True
        await post.queue("$1")
        assert await post.delivery.send_due() == 60
        await post.delivery.send_due()
        assert await post.state("$1") is LetterState.PENDING
    assert len(telegram.calls) == 1


async def test_a_friend_who_blocked_the_bot_does_not_stop_the_reports(post: Post) -> None:
    post.telegram.fail(refused(403, "Forbidden: bot was blocked by the user"), "sendMessage")
    assert await post.delivery.answer("77", Message("answer")) is None
    await post.queue("$1")
    assert await post.delivery.flush(1)


async def test_the_worker_sends_at_a_nudge_and_stops_when_told(post: Post) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(post.delivery.serve(stop))
    await asyncio.sleep(0.01)
    await post.queue("$1")
    post.delivery.nudge()
    await post.telegram.until(post.texts, 1)
    stop.set()
    await asyncio.wait_for(working, 1)


@pytest.mark.parametrize("seed", range(2))
async def test_nothing_is_lost_and_nothing_repeated_whatever_the_wire_does(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    kinds: tuple[Callable[[], Fault], ...] = (
        lost,
        lost,
        reset,
        reset,
        hang,
        lambda: page(502),
        lambda: page(502, effect=True),
        lambda: flood(0),
    )
    met: list[Fault] = []

    def fate() -> Fault | None:
        if len(met) >= 60 or chance.random() < 0.6:
            return None
        met.append(chance.choice(kinds)())
        return met[-1]

    async with telegram_peer() as telegram:
        telegram.user(ANN).says("hello")
        telegram.next_fault = fate
        for life in range(6):
            async with posting(tmp_path, telegram, patience=0.15) as post:
                post.delivery.saw(str(ANN), 1)
                for number in range(5):
                    await post.queue(f"notice {5 * life + number}", "notice")
                sending = asyncio.create_task(post.delivery.flush(20))
                await asyncio.wait([sending], timeout=chance.random() if life < 5 else 20)
                sending.cancel()  # a life ends somewhere in the middle
                await asyncio.wait([sending])
    assert [text.splitlines()[0] for text in post.texts()] == [f"notice {number}" for number in range(30)]
    assert len(met) > 40
