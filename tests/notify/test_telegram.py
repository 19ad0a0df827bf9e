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
            await sink.edit(str(ANN), sent, message)
    [shown] = telegram.messages(ANN)
    assert (shown.id, shown.text, shown.silent) == (sent, "flows: 1 row", True)
    assert shown.markup == ((("↻ Refresh", "status"),),)
    assert shown.document is not None
    assert shown.document.name == "flows-2026-11-21.csv"
    assert shown.document.content.decode().splitlines()[2] == "грн"
    assert TOKEN not in shown.document.content.decode()
    assert same.value.trouble is Trouble.UNCHANGED


async def test_a_message_cannot_become_a_file_nor_a_file_a_message() -> None:
    table = File("a.csv", b"x")
    async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
        telegram.user(ANN)
        plain, document = await sink.send(str(ANN), REPORT), await sink.send(str(ANN), replace(REPORT, file=table))
        for place, message in ((plain, replace(REPORT, file=table)), (document, REPORT)):
            with pytest.raises(DeliveryError) as caught:
                await sink.edit(str(ANN), place, message)
            assert caught.value.trouble is Trouble.NO_MESSAGE


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
