"""The sink: what arrives, and what each way of failing is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.base import DeliveryError, File, Key, Message, Trouble, plain_text
from portfolio_bot.notify.telegram import TelegramSink
from tests.peers.telegram import TOKEN, Fault, flood, hang, lost, page, refused, reset, telegram_peer
from tests.peers.telegram_client import bot_api, telegram_sink

ANN = 4242
REPORT = Message("<b>$45,310</b>\n<pre>Bybit 12,345.67</pre>", ((Key("↻ Refresh", "status"),),))
CELL = {"text": "Bybit", "align": "left", "valign": "top"}
RICH = replace(
    REPORT,
    rich={
        "blocks": [
            {"type": "heading", "text": "$45,310", "size": 3},
            {"type": "table", "cells": [[CELL, CELL]]},
        ]
    },
)
PICTURE = File("chart.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), picture=True)


async def test_a_message_arrives_with_its_marks_and_buttons() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        sent = await sink.send(str(ANN), REPORT)
    [shown] = telegram.messages(ANN)
    assert (shown.id, shown.text) == (sent, "$45,310\nBybit 12,345.67")
    assert [entity.kind for entity in shown.entities] == ["bold", "pre"]
    assert shown.markup == ((("↻ Refresh", "status"),),)


async def test_a_file_arrives_with_its_caption_and_buttons_and_without_a_secret() -> None:
    table = File("flows-2026-11-21.csv", f"note\n{TOKEN}\nгрн\n".encode())
    message = replace(REPORT, text="<b>flows</b>: 1 row", file=table, silent=True)
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        sent = await sink.send(str(ANN), message)
        with pytest.raises(DeliveryError) as same:
            await sink.probe(str(ANN), sent, message)
    [shown] = telegram.messages(ANN)
    assert (shown.id, shown.text, shown.silent) == (sent, "flows: 1 row", True)
    assert shown.markup == ((("↻ Refresh", "status"),),)
    assert shown.document is not None
    assert shown.document.name == "flows-2026-11-21.csv"
    assert shown.document.content.decode().splitlines()[2] == "грн"
    assert TOKEN not in shown.document.content.decode()
    assert same.value.trouble is Trouble.UNCHANGED


async def test_a_picture_arrives_as_one_and_is_asked_about_by_its_caption_alone() -> None:
    message = replace(REPORT, file=PICTURE)
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        sent = await sink.send(str(ANN), message)
        with pytest.raises(DeliveryError) as same:
            await sink.probe(str(ANN), sent, message)
    [shown] = telegram.messages(ANN)
    assert (shown.kind, shown.text, shown.labels) == ("photo", "$45,310\nBybit 12,345.67", ["↻ Refresh"])
    assert shown.document is not None
    assert shown.document.content == PICTURE.content
    assert same.value.trouble is Trouble.UNCHANGED
    assert [call.method for call in telegram.made()] == ["sendPhoto", "editMessageCaption"]


async def test_words_become_a_picture_and_a_picture_another_one() -> None:
    other = replace(PICTURE, content=PICTURE.content + b"more")
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        for first in (REPORT, RICH, replace(REPORT, file=PICTURE)):
            sent = await sink.send(str(ANN), first)
            await sink.edit(str(ANN), sent, Message("<b>30 d</b>", REPORT.rows, file=other))
    for shown in telegram.messages(ANN):
        assert shown.document is not None
        assert (shown.kind, shown.text, shown.labels) == ("photo", "30 d", ["↻ Refresh"])
        assert shown.document.content == other.content


async def test_a_picture_does_not_become_words_and_only_its_caption_can_change() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        sent = await sink.send(str(ANN), replace(REPORT, file=PICTURE))
        with pytest.raises(DeliveryError) as caught:
            await sink.edit(str(ANN), sent, REPORT)
        await sink.edit(str(ANN), sent, Message("↻ " + "x" * 2000), caption=True)
        words = await sink.send(str(ANN), REPORT)
        with pytest.raises(DeliveryError) as reverse:
            await sink.edit(str(ANN), words, REPORT, caption=True)
    assert caught.value.trouble is reverse.value.trouble is Trouble.OTHER_KIND
    shown = telegram.messages(ANN)[0]
    assert (shown.kind, len(shown.text)) == ("photo", 1024)


async def test_a_rich_message_is_sent_edited_and_asked_about_in_its_form() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        sent = await sink.send(str(ANN), RICH)
        with pytest.raises(DeliveryError) as same:
            await sink.probe(str(ANN), sent, RICH)
        await sink.edit(str(ANN), sent, REPORT)
        await sink.edit(str(ANN), sent, RICH)
    [shown] = telegram.messages(ANN)
    assert (shown.kind, shown.text.splitlines()[0], shown.labels) == ("rich", "$45,310", ["↻ Refresh"])
    assert same.value.trouble is Trouble.UNCHANGED


@pytest.mark.parametrize("how", ["method", "RICH_MESSAGE_UNSUPPORTED", "can't parse entities: no such block"])
async def test_a_refused_rich_form_has_its_own_name_and_the_token_is_not_blamed(how: str) -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        telegram.no_rich = how
        with pytest.raises(DeliveryError) as caught:
            await sink.send(str(ANN), RICH)
    assert caught.value.trouble is Trouble.NO_RICH


async def test_a_secret_does_not_hide_in_a_rich_message() -> None:
    rich = {"blocks": [{"type": "paragraph", "text": [f"token {TOKEN}", {"type": "bold", "text": TOKEN}]}]}
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        await sink.send(str(ANN), replace(RICH, rich=rich))
    assert TOKEN not in telegram.messages(ANN)[0].source


async def test_a_reply_names_what_it_answers_and_comes_also_when_that_is_gone() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        first = await sink.send(str(ANN), REPORT)
        for form in (REPORT, RICH, replace(REPORT, file=PICTURE)):
            await sink.send(str(ANN), replace(form, reply_to=first))
        await sink.send(str(ANN), replace(REPORT, reply_to=99))
    assert [shown.reply_to for shown in telegram.messages(ANN)] == [None, first, first, first, None]


async def test_a_message_is_pinned_without_a_sound_and_deleted() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        first, second = await sink.send(str(ANN), REPORT), await sink.send(str(ANN), REPORT)
        await sink.pin(str(ANN), first)
        await sink.delete(str(ANN), second)
        with pytest.raises(DeliveryError) as gone:
            await sink.delete(str(ANN), second)
        telegram.no_pin.add(ANN)
        with pytest.raises(DeliveryError) as refusal:
            await sink.pin(str(ANN), first)
    [shown] = telegram.messages(ANN)
    assert (shown.id, shown.pinned) == (first, True)
    assert gone.value.trouble is Trouble.NO_MESSAGE
    assert refusal.value.trouble is Trouble.REFUSED


@pytest.mark.parametrize(("fault", "trouble"), [(flood(7), Trouble.FLOOD), (lost(), Trouble.UNKNOWN)])
async def test_a_file_fails_as_a_message_does(fault: Fault, trouble: Trouble) -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        telegram.fail(fault, "sendDocument")
        with pytest.raises(DeliveryError) as caught:
            await sink.send(str(ANN), replace(REPORT, file=File("a.csv", b"x")))
    assert caught.value.trouble is trouble


async def test_an_edit_replaces_text_and_buttons() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        sent = await sink.send(str(ANN), REPORT)
        await sink.edit(str(ANN), sent, Message("$46,000"))
    [shown] = telegram.messages(ANN)
    assert (shown.text, shown.markup) == ("$46,000", ())


async def test_the_same_again_is_unchanged_and_other_buttons_are_a_change() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        sent = await sink.send(str(ANN), REPORT)
        with pytest.raises(DeliveryError) as same:
            await sink.edit(str(ANN), sent, REPORT)
        await sink.edit(str(ANN), sent, Message(REPORT.text))
    assert same.value.trouble is Trouble.UNCHANGED


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (flood(7), Trouble.FLOOD),
        (lost(), Trouble.UNKNOWN),
        (reset(), Trouble.UNKNOWN),
        (hang(), Trouble.UNKNOWN),
        (refused(500, "Internal Server Error"), Trouble.UNKNOWN),
        (page(502, effect=True), Trouble.UNKNOWN),
        (page(403), Trouble.NOT_SENT),
        (refused(401, "Unauthorized"), Trouble.TOKEN),
        (refused(403, "Forbidden: bot was kicked from the group chat"), Trouble.GONE),
        (refused(400, "Bad Request: chat not found"), Trouble.GONE),
        (refused(400, "Bad Request: can't parse entities: Unsupported start tag"), Trouble.BAD_MARKUP),
        (refused(400, "Bad Request: message is too long"), Trouble.TOO_LONG),
        (refused(400, "Bad Request: message thread not found"), Trouble.NO_TOPIC),
        (refused(400, "Bad Request: BUTTON_DATA_INVALID"), Trouble.REFUSED),
        (Fault(effect=True, status=200, body=b"{"), Trouble.UNKNOWN),
        (Fault(effect=True, status=200, body=b'{"ok": true, "result": true}'), Trouble.UNKNOWN),
    ],
)
async def test_each_failure_of_a_send_has_its_name(fault: Fault, trouble: Trouble) -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram, seconds=0.1) as sink:
        telegram.user(ANN)
        telegram.fail(fault)
        with pytest.raises(DeliveryError) as error:
            await sink.send(str(ANN), REPORT)
    assert error.value.trouble is trouble


async def test_a_flood_says_how_long_to_wait() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.fail(flood(10072))
        with pytest.raises(DeliveryError) as error:
            await sink.send(str(ANN), REPORT)
    assert error.value.retry_after == 10072


async def test_nobody_listening_means_surely_not_sent() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        await telegram.down()
        with pytest.raises(DeliveryError) as error:
            await sink.send(str(ANN), REPORT)
    assert error.value.trouble is Trouble.NOT_SENT


async def test_a_group_that_moved_says_where() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.migrated[-5] = -1005
        with pytest.raises(DeliveryError) as error:
            await sink.send("-5", REPORT)
    assert (error.value.trouble, error.value.moved_to) == (Trouble.MOVED, "-1005")


async def test_an_edit_of_what_is_not_there_or_not_ours_finds_no_message() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        theirs = telegram.user(ANN).says("hello")
        for message_id in (theirs.id, 99):
            with pytest.raises(DeliveryError) as error:
                await sink.edit(str(ANN), message_id, REPORT)
            assert error.value.trouble is Trouble.NO_MESSAGE


async def test_a_known_secret_never_leaves_in_a_message() -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        await sink.send(str(ANN), Message(f"the token is {TOKEN}", html=False))
    [shown] = telegram.messages(ANN)
    assert shown.text == "the token is ***"


async def test_neither_errors_nor_reprs_hold_the_token() -> None:
    async with telegram_peer() as telegram, bot_api(telegram) as api:
        sink = TelegramSink(api, Redactor())
        telegram.fail(reset())
        with pytest.raises(DeliveryError) as error:
            await sink.send(str(ANN), REPORT)
        assert TOKEN not in repr(api) + repr(error.value) + str(error.value.__context__)


def test_plain_text_keeps_the_words_and_loses_the_marks() -> None:
    message = Message('<b>A &amp; B</b> &lt;3 <blockquote expandable>"x"</blockquote>', REPORT.rows, silent=True)
    assert plain_text(message) == Message('A & B <3 "x"', REPORT.rows, html=False, silent=True)


def test_a_stored_message_comes_back_whole() -> None:
    message = Message("x", REPORT.rows, html=False, silent=True, topic=7)
    assert Message.from_json(message.to_json()) == message


@pytest.mark.parametrize("before", ["no ", "x" * 100], ids=["whole", "where it is cut"])
async def test_a_refusal_that_repeats_the_token_is_kept_without_it(before: str) -> None:
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        telegram.fail(refused(400, before + TOKEN), "sendMessage")
        with pytest.raises(DeliveryError) as met:
            await sink.send(str(ANN), REPORT)
    assert met.value.detail.startswith(before)
    assert TOKEN[:12] not in met.value.detail
