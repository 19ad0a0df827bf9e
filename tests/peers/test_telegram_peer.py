"""The stand-in for Telegram is itself held to Telegram's rules, and a second client library gets along with it."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from portfolio_bot.notify.base import DeliveryError, Message
from tests.peers import telegram_html
from tests.peers.telegram import TOKEN, TelegramPeer, telegram_peer
from tests.peers.telegram_client import bot_api, telegram_sink
from tests.peers.telegram_html import Refused, parse

ANN = 4242


@pytest.mark.parametrize(
    "source",
    [
        "<b>open",
        "closed</b>",
        "<b><i>crossed</b></i>",
        "<h1>no such tag</h1>",
        "a < b",
        "AT&T",
        "&nbsp;",
        '<a name="x">no address</a>',
        '<span class="big">x</span>',
        "<pre><b>marks in code</b></pre>",
        "<b><pre>code in marks</pre></b>",
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
        "<b>x</b>" * 101,
    ],
)
def test_html_that_telegram_refuses_or_mangles_is_refused(source: str) -> None:
    with pytest.raises(Refused):
        parse(source)


def test_good_html_becomes_text_and_entities() -> None:
    text, entities = parse("<b>1 &lt; 2</b> 😀<i>&#65;</i>")
    assert text == "1 < 2 😀A"
    assert [(entity.kind, entity.offset, entity.length) for entity in entities] == [("bold", 0, 5), ("italic", 8, 1)]


def test_length_is_counted_in_utf_16() -> None:
    telegram_html.check_length("😀" * 2048)
    with pytest.raises(Refused, match="too long"):
        telegram_html.check_length("😀" * 2048 + "x")


async def _refused(telegram: TelegramPeer, method: str, **parameters: object) -> str:
    async with bot_api(telegram) as api:
        with pytest.raises(Exception, match=r"refused|bad_markup|too_long") as error:
            await api.call(method, parameters)
    telegram.complaints.clear()
    return str(error.value)


@pytest.mark.parametrize(
    "parameters",
    [
        {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "ä" * 33}]]}},
        {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": " ", "callback_data": "x"}]]}},
        {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 9]}},
        {"text": "x", "reply_markup": {"inline_keyboard": [[]]}},
        {"text": "x" * 4097},
        {"text": "  "},
        {"text": "x", "parse_mode": "Markdown"},
        {"text": "x", "colour": "red"},
        {"text": "x", "message_thread_id": "first"},
    ],
)
async def test_a_send_against_the_rules_is_refused_and_remembered(parameters: dict[str, object]) -> None:
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        assert await _refused(telegram, "sendMessage", chat_id=ANN, **parameters)
    assert telegram.messages(ANN) == []


async def test_a_complaint_fails_the_test_that_caused_it() -> None:
    async def wrong_call() -> None:
        async with telegram_peer() as telegram, telegram_sink(telegram) as sink:
            telegram.user(ANN)
            with contextlib.suppress(DeliveryError):
                await sink.send(str(ANN), Message("<h1>x</h1>"))

    with pytest.raises(AssertionError, match="unsupported start tag"):
        await wrong_call()


@pytest.mark.parametrize(("name", "about"), [("Status", "x"), ("status", ""), ("a" * 33, "x"), ("status", "x" * 257)])
async def test_a_menu_against_the_rules_is_refused(name: str, about: str) -> None:
    async with telegram_peer() as telegram:
        assert await _refused(telegram, "setMyCommands", commands=[{"command": name, "description": about}])


async def test_updates_come_again_until_the_next_poll_confirms_them() -> None:
    async with telegram_peer() as telegram, bot_api(telegram) as api:
        telegram.user(ANN).says("one")
        first = await api.call("getUpdates", {})
        again = await api.call("getUpdates", {})
        assert isinstance(first, list)
        assert first == again
        assert await api.call("getUpdates", {"offset": first[-1]["update_id"] + 1}) == []


async def test_a_long_poll_ends_with_the_message_that_comes_in() -> None:
    async with telegram_peer() as telegram, bot_api(telegram, seconds=5) as api:
        ann = telegram.user(ANN)
        poll = asyncio.create_task(api.call("getUpdates", {"timeout": 4}))
        await telegram.until(lambda: telegram.calls)
        ann.says("hello")
        updates = await asyncio.wait_for(poll, 1)
    assert isinstance(updates, list)
    assert updates[0]["message"]["text"] == "hello"


async def test_kinds_of_updates_that_were_not_asked_for_do_not_come() -> None:
    async with telegram_peer() as telegram, bot_api(telegram) as api:
        telegram.user(ANN).says("one", extra={"update_kind": "edited_message"})
        assert await api.call("getUpdates", {"allowed_updates": ["message"]}) == []


async def test_another_client_library_gets_along_with_it() -> None:
    telegram_bot = pytest.importorskip("telegram")
    async with telegram_peer() as telegram:
        ann = telegram.user(ANN)
        async with telegram_bot.Bot(TOKEN, base_url=f"{telegram.url}/bot") as bot:
            ann.says("/start")
            [update] = await bot.get_updates(timeout=1)
            keys = telegram_bot.InlineKeyboardMarkup([[telegram_bot.InlineKeyboardButton("Go", callback_data="go")]])
            sent = await update.message.reply_text("<b>Hello</b>", parse_mode="HTML", reply_markup=keys)
            press = ann.presses(telegram.messages(ANN)[0], "Go")
            [pressed] = await bot.get_updates(offset=update.update_id + 1)
            await pressed.callback_query.answer("on it")
            await pressed.callback_query.edit_message_text("<b>Done</b>", parse_mode="HTML")
            await bot.set_my_commands([("status", "the report")])
            with pytest.raises(telegram_bot.error.BadRequest, match="not modified"):
                await sent.edit_text("<b>Done</b>", parse_mode="HTML")
    assert [message.text for message in telegram.messages(ANN)] == ["Done"]
    assert press.answers[0]["text"] == "on it"
