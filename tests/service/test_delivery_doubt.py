"""A letter in doubt, and what else goes to its chat meanwhile: nothing may stand where it is going to be looked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from portfolio_bot.notify.base import Message
from portfolio_bot.storage.outbox import LetterState
from tests.peers.slack import slack_peer
from tests.peers.telegram import Fault, flood, hang, reset, telegram_peer
from tests.service.office import ANN, KEYS, Office, office


async def cut_short(desk: Office, answer: str) -> None:
    """An answer that arrives just before a power cut, so that nobody notes where it stands."""
    desk.telegram.fail(Fault(effect=True, delay=3600.0, plain=True), "sendMessage")
    before = len(desk.texts())
    answering = asyncio.create_task(desk.delivery.answer(str(ANN), Message(answer)))
    await desk.telegram.until(lambda: len(desk.texts()) > before)
    answering.cancel()
    await asyncio.wait([answering])


async def test_an_answer_that_a_power_cut_left_unknown_is_not_overwritten_by_a_letter(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        async with office(tmp_path, telegram) as desk:
            await desk.delivery.answer(str(ANN), Message("first"))
            telegram.fail(reset(), "sendMessage")
            await desk.queue("letter", Message("letter", KEYS))
            await desk.delivery.send_due()
            assert await desk.state("letter") is LetterState.SENDING
            await cut_short(desk, "second")
        async with office(tmp_path, telegram) as desk:
            assert await desk.delivery.flush(2)
            assert [text.splitlines()[0] for text in desk.texts()] == ["first", "second", "letter"]
            assert not any(message.versions for message in telegram.messages(ANN))


async def test_nothing_is_shown_while_a_letter_is_in_doubt(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        await desk.delivery.answer(str(ANN), Message("first"))
        telegram.fail(reset(), "sendMessage")
        await desk.queue("letter", Message("letter"))
        await desk.delivery.send_due()
        assert await desk.delivery.show(str(ANN), Message("progress")) is None
        assert desk.texts() == ["first"]
        assert await desk.delivery.flush(2)
        assert await desk.delivery.show(str(ANN), Message("progress")) is not None


async def test_an_answer_waits_for_a_doubt_no_longer_than_anybody_wants_it(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        await desk.delivery.answer(str(ANN), Message("first"))
        telegram.fail(hang(), "sendMessage")
        await desk.queue("letter", Message("letter"))
        await desk.delivery.send_due()
        telegram.fail(flood(3600), "editMessageText")
        assert await desk.delivery.answer(str(ANN), Message("second")) is None
        assert desk.texts() == ["first"]
        assert await desk.state("letter") is LetterState.SENDING


async def test_a_long_message_that_slack_may_have_got_says_so_too(tmp_path: Path) -> None:
    text = "head\n" + "row\n" * 1500
    async with telegram_peer() as telegram, slack_peer() as slack, office(tmp_path, telegram, slack) as desk:
        slack.fail(effect=True)
        await desk.queue("a", Message(text, html=False), "slack")
        assert await desk.delivery.flush(2)
    first, again = slack.texts
    assert "Repeated" not in first
    assert "Repeated" in again


async def test_a_group_that_moves_while_a_letter_is_in_doubt_is_followed(tmp_path: Path) -> None:
    group, to = -5, -1005
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        telegram.group(group)
        telegram.group(to)
        await desk.queue("one", Message("one"), group)
        assert await desk.delivery.flush(1)
        telegram.fail(reset(), "sendMessage")
        await desk.queue("two", Message("two"), group)
        await desk.queue("three", Message("three"), group)
        await desk.delivery.send_due()
        telegram.migrated[group] = to
        assert await desk.delivery.flush(2)
        assert [text.splitlines()[0] for text in desk.texts(to)] == ["two", "three"]
