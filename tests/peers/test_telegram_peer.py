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


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


async def test_another_client_library_sends_pictures_and_changes_them() -> None:
    library = pytest.importorskip("telegram")
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        async with library.Bot(TOKEN, base_url=f"{telegram.url}/bot") as bot:
            words = await bot.send_message(ANN, "<b>words</b>", parse_mode="HTML")
            photo = await bot.send_photo(ANN, PNG, caption="<b>one</b>", parse_mode="HTML", disable_notification=True)
            assert photo.photo[0].file_id
            await bot.send_document(ANN, b"a,b\n", filename="a.csv", caption="table")
            await photo.edit_caption("<i>two</i>", parse_mode="HTML")
            with pytest.raises(library.error.BadRequest, match="not modified"):
                await photo.edit_caption("<i>two</i>", parse_mode="HTML")
            with pytest.raises(library.error.BadRequest, match="no text in the message"):
                await photo.edit_text("words")
            with pytest.raises(library.error.BadRequest, match="no caption in the message"):
                await words.edit_caption("caption")
            media = library.InputMediaPhoto(PNG + b"more", caption="<b>three</b>", parse_mode="HTML")
            edited = await words.edit_media(media)
            assert edited.photo
            with pytest.raises(library.error.BadRequest, match="caption is too long"):
                await bot.send_photo(ANN, PNG, caption="x" * 1025)
            with pytest.raises(library.error.BadRequest, match=r"(?i)image_process_failed"):
                await bot.send_photo(ANN, b"no picture")
    first, second, third = telegram.messages(ANN)
    assert (first.kind, first.text, first.versions) == ("photo", "three", ["words"])
    assert (second.kind, second.text, second.silent, second.versions) == ("photo", "two", True, ["one"])
    assert (third.kind, third.document.name if third.document else "") == ("document", "a.csv")


async def test_another_client_library_replies_pins_and_deletes() -> None:
    library = pytest.importorskip("telegram")
    async with telegram_peer() as telegram:
        hello = telegram.user(ANN).says("hello")
        async with library.Bot(TOKEN, base_url=f"{telegram.url}/bot") as bot:
            answer = await bot.send_message(ANN, "answer", reply_parameters=library.ReplyParameters(hello.id))
            again = library.ReplyParameters(999, allow_sending_without_reply=True)
            await bot.send_message(ANN, "to nothing", reply_parameters=again)
            with pytest.raises(library.error.BadRequest, match="replied not found"):
                await bot.send_message(ANN, "to nothing", reply_parameters=library.ReplyParameters(999))
            await answer.pin(disable_notification=True)
            with pytest.raises(library.error.BadRequest, match="pin not found"):
                await bot.pin_chat_message(ANN, 999, disable_notification=True)
            assert telegram.messages(ANN)[0].pinned
            await answer.delete()
            with pytest.raises(library.error.BadRequest, match="delete not found"):
                await answer.delete()
    [left] = telegram.messages(ANN)
    assert (left.text, left.reply_to) == ("to nothing", None)


async def test_another_client_library_meets_topics_moves_and_blocks_as_telegram_has_them() -> None:
    library = pytest.importorskip("telegram")
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        telegram.group(-1007, topics=[3, 4])
        telegram.migrated[-7] = -1007
        async with library.Bot(TOKEN, base_url=f"{telegram.url}/bot") as bot:
            await bot.send_message(-1007, "in a topic", message_thread_id=3)
            await bot.send_message(-1007, "in another", message_thread_id=4)
            telegram.lose_topic(-1007, 3)
            with pytest.raises(library.error.BadRequest, match="thread not found"):
                await bot.send_message(-1007, "in a topic", message_thread_id=3)
            with pytest.raises(library.error.ChatMigrated) as moved:
                await bot.send_message(-7, "to the group")
            telegram.blocked.add(ANN)
            with pytest.raises(library.error.Forbidden, match="blocked"):
                await bot.send_message(ANN, "hello")
    assert moved.value.new_chat_id == -1007
    assert [message.text for message in telegram.messages(-1007)] == ["in another"]


async def test_another_client_library_offers_menus_by_scope_and_language() -> None:
    library = pytest.importorskip("telegram")
    async with telegram_peer() as telegram:
        async with library.Bot(TOKEN, base_url=f"{telegram.url}/bot") as bot:
            scope = library.BotCommandScopeChat(ANN)
            await bot.set_my_commands([("status", "the report")], scope=scope)
            await bot.set_my_commands([("status", "отчёт")], scope=scope, language_code="ru")
        [english, russian] = telegram.made("setMyCommands")
    assert english.parameters["scope"] == russian.parameters["scope"] == {"type": "chat", "chat_id": ANN}
    assert russian.parameters["language_code"] == "ru"


async def test_another_client_library_sends_a_rich_message_and_edits_it() -> None:
    library = pytest.importorskip("telegram")
    rich = {
        "blocks": [
            {"type": "heading", "text": "$1", "size": 3},
            {"type": "paragraph", "text": ["a ", {"type": "bold", "text": "b"}]},
        ]
    }
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        async with library.Bot(TOKEN, base_url=f"{telegram.url}/bot") as bot:
            call = bot.do_api_request  # newer than the library's own methods
            sent = await call("sendRichMessage", {"chat_id": ANN, "rich_message": rich})
            place = {"chat_id": ANN, "message_id": sent["message_id"]}
            with pytest.raises(library.error.BadRequest, match="not modified"):
                await call("editMessageText", {**place, "rich_message": rich})
            await call("editMessageText", {**place, "rich_message": {"html": "<h3>$2</h3><p>c</p>"}})
            assert telegram.messages(ANN)[0].text == "$2\nc"
            await call("editMessageText", {**place, "text": "words"})
            telegram.no_rich = "RICH_MESSAGE_UNSUPPORTED"
            with pytest.raises(library.error.BadRequest, match=r"(?i)rich_message_unsupported"):
                await call("sendRichMessage", {"chat_id": ANN, "rich_message": rich})
            telegram.no_rich = "method"
            with pytest.raises(library.error.TelegramError, match="not found in Bot API"):
                await call("sendRichMessage", {"chat_id": ANN, "rich_message": rich})
    [shown] = telegram.messages(ANN)
    assert (shown.kind, shown.versions) == ("text", ["$1\na b", "$2\nc"])


@pytest.mark.parametrize(
    "rich",
    [
        {},
        {"blocks": [], "html": "<p>x</p>"},
        {"blocks": []},
        {"blocks": [{"type": "wibble", "text": "x"}]},
        {"blocks": [{"type": "paragraph", "text": "x", "colour": "red"}]},
        {"blocks": [{"type": "paragraph", "text": "x" * 32_769}]},
        {"blocks": [{"type": "divider"}] * 501},
        {"html": "<p>open"},
        {"html": "<b><i>crossed</b></i>"},
    ],
)
async def test_a_rich_message_against_the_rules_is_refused_and_remembered(rich: dict[str, object]) -> None:
    async with telegram_peer() as telegram, bot_api(telegram) as api:
        telegram.user(ANN)
        with pytest.raises(DeliveryError):
            await api.call("sendRichMessage", {"chat_id": ANN, "rich_message": rich})
        assert telegram.complaints
        telegram.complaints.clear()
    assert telegram.messages(ANN) == []


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("editMessageMedia", {"media": {"type": "photo", "media": "file-1"}}),
        ("editMessageMedia", {"media": {"type": "video", "media": "attach://x"}}),
        ("editMessageMedia", {"media": {"type": "photo", "media": "attach://x"}}),
        ("sendPhoto", {"photo": "https://example.org/a.png"}),
        ("pinChatMessage", {}),
    ],
)
async def test_a_picture_that_does_not_come_along_and_a_pin_that_rings_are_refused(
    method: str, parameters: dict[str, object]
) -> None:
    async with telegram_peer() as telegram, bot_api(telegram) as api:
        telegram.user(ANN)
        sent = await api.call("sendMessage", {"chat_id": ANN, "text": "x"})
        assert isinstance(sent, dict)
        place = {"chat_id": ANN} | ({} if method == "sendPhoto" else {"message_id": sent["message_id"]})
        with pytest.raises(DeliveryError):
            await api.call(method, {**place, **parameters})
        assert telegram.complaints
        telegram.complaints.clear()
