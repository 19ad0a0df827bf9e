"""Answers to people: behind the pushes, once, and not when they come too late."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from portfolio_bot.notify.base import Message
from tests.peers.telegram import (
    flood,
    lost,
    slow,
)
from tests.service.posting import ANN, Post


async def test_an_answer_goes_behind_the_push_that_is_in_hand(post: Post) -> None:
    post.telegram.fail(slow(0.1), "sendMessage")
    await post.queue("push")
    sending = asyncio.create_task(post.delivery.send_due())
    await post.telegram.until(lambda: post.telegram.made("sendMessage"))
    await post.delivery.answer(str(ANN), Message("answer"))
    await sending
    assert post.texts() == ["push", "answer"]


async def test_an_answer_survives_a_flood_and_a_lost_reply(post: Post) -> None:
    post.telegram.fail(flood(1), "sendMessage")
    post.telegram.fail(lost(), "sendMessage")
    assert await post.delivery.answer(str(ANN), Message("answer")) is not None
    assert post.texts() == ["answer"]


async def test_an_answer_older_than_ten_minutes_is_dropped(post: Post) -> None:
    await post.telegram.down()
    asked = post.clock() - timedelta(minutes=10)
    assert await post.delivery.answer(str(ANN), Message("answer"), asked_at=asked) is None


async def test_an_edit_of_a_deleted_message_becomes_a_new_one(post: Post) -> None:
    sent = await post.delivery.answer(str(ANN), Message("one"))
    post.telegram.delete(post.telegram.messages(ANN)[0])
    again = await post.delivery.answer(str(ANN), Message("two"), edit=sent)
    assert again != sent
    assert post.texts() == ["two"]


async def test_an_edit_that_changes_nothing_is_a_success(post: Post) -> None:
    sent = await post.delivery.answer(str(ANN), Message("one"))
    assert await post.delivery.answer(str(ANN), Message("one"), edit=sent) == sent


async def test_progress_is_left_out_while_something_is_being_sent(post: Post) -> None:
    post.telegram.fail(slow(0.1), "sendMessage")
    answering = asyncio.create_task(post.delivery.answer(str(ANN), Message("answer")))
    await post.telegram.until(lambda: post.telegram.made("sendMessage"))
    assert await post.delivery.show(str(ANN), Message("…")) is None
    await answering
    assert post.texts() == ["answer"]
