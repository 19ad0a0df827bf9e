"""Pictures and rich messages: found again in their own form, replaced where that can be, classic where they must be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portfolio_bot.notify.base import File, Message
from portfolio_bot.service.choices import of_chat
from portfolio_bot.storage.outbox import LetterState
from tests.peers.telegram import Fault, lost, page, refused, reset, slow, telegram_peer
from tests.service.office import ANN, BOB, KEYS, PICTURE, office, rich_of

OTHER = File("chart.png", PICTURE.content + b"other", picture=True)
TABLE = File("flows.csv", b"a\n1\n")
TEXT = Message("<b>$1</b>", KEYS)
RICH = replace(TEXT, rich=rich_of("$1"))
CHART = replace(TEXT, file=PICTURE)
FORMS = pytest.mark.parametrize(
    "message", [TEXT, RICH, CHART, replace(TEXT, file=TABLE)], ids=["text", "rich", "photo", "file"]
)


@FORMS
@pytest.mark.parametrize("fault", [lost(), page(502, effect=True), slow(0.8)], ids=["lost", "gateway", "slow"])
async def test_a_letter_whose_answer_was_lost_is_found_and_stands_once(
    tmp_path: Path, message: Message, fault: Fault
) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN).says("hello")
        desk.delivery.saw(str(ANN), 1)
        telegram.fail(replace(fault))
        await desk.queue("a", message)
        assert await desk.delivery.flush(3)
        letter = await desk.letter("a")
    [shown] = telegram.messages(ANN)
    assert (shown.text, shown.versions, letter.message_ids) == ("$1", [], (shown.id,))
    assert not telegram.made("editMessageMedia")


@FORMS
async def test_a_letter_that_left_no_trace_comes_again_and_says_so(tmp_path: Path, message: Message) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN).says("hello")
        desk.delivery.saw(str(ANN), 1)
        telegram.fail(reset())
        await desk.queue("a", message)
        assert await desk.delivery.flush(3)
    [shown] = telegram.messages(ANN)
    assert shown.text.startswith("$1")
    assert "Repeated" in shown.text


@FORMS
async def test_a_probe_overwrites_no_message_of_another_form(tmp_path: Path, message: Message) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN).says("hello")
        desk.delivery.saw(str(ANN), 1)
        for form in (TEXT, RICH, CHART):
            await desk.queue(f"{form.rich}{form.file}", replace(form, text="before"))
        await desk.delivery.flush(1)
        telegram.fail(lost())
        await desk.queue("a", message)
        await desk.delivery.send_due()
        for form in (CHART, TEXT):
            await desk.delivery.answer(str(ANN), replace(form, text="after"))
        assert await desk.delivery.flush(3)
    shown = telegram.messages(ANN)
    assert [one.text for one in shown] == ["before", "$1", "before", "$1", "after", "after"]
    assert not any(one.versions for one in shown)


async def test_a_long_report_with_a_picture_arrives_whole_and_in_order(tmp_path: Path) -> None:
    lines = "\n".join(["Bybit 12,345.67"] * 100)
    message = Message(f"<b>$45,310</b>\n<pre>{lines}</pre>", KEYS, file=PICTURE)
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN).says("hello")
        desk.delivery.saw(str(ANN), 1)
        telegram.fail(lost(), "sendPhoto")
        telegram.fail(lost(), "sendMessage")
        await desk.queue("a", message)
        await desk.queue("b", Message("b"))
        assert await desk.delivery.flush(3)
    first, second, third = telegram.messages(ANN)
    assert (first.kind, first.text, first.labels) == ("photo", "$45,310", [])
    assert (second.text.count("Bybit"), second.labels, second.silent) == (100, ["↻ Refresh"], True)
    assert third.text == "b"


@pytest.mark.parametrize("how", ["method", "RICH_MESSAGE_UNSUPPORTED", "message is not supported"])
async def test_a_chat_that_refuses_rich_messages_gets_the_classic_one_at_once_and_from_then_on(
    tmp_path: Path, how: str
) -> None:
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        telegram.user(BOB)
        telegram.no_rich = how
        async with office(tmp_path, telegram) as desk:
            await desk.queue("a", RICH)
            await desk.queue("b", RICH)
            assert await desk.delivery.flush(1)
            assert desk.choices.get(of_chat(str(ANN)), "form") == "classic"
        async with office(tmp_path, telegram) as desk:
            assert await desk.delivery.answer(str(ANN), RICH) is not None
            telegram.no_rich = ""
            await desk.delivery.answer(str(BOB), RICH)
    assert [shown.kind for shown in telegram.messages(ANN)] == ["text"] * 3
    assert telegram.messages(BOB)[0].kind == "rich"
    assert len(telegram.made("sendRichMessage")) == 2


async def test_who_wishes_for_rich_messages_may_try_again(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        telegram.user(ANN)
        telegram.no_rich = "RICH_MESSAGE_UNSUPPORTED"
        async with office(tmp_path, telegram) as desk:
            await desk.delivery.answer(str(ANN), RICH)
            await desk.choices.set(of_chat(str(ANN)), "form", "rich", "telegram:4242")
            for _ in range(2):  # once refused more, it is classic again
                await desk.delivery.answer(str(ANN), RICH)
            assert len(telegram.made("sendRichMessage")) == 2
        telegram.no_rich = ""
        async with office(tmp_path, telegram, wish="rich") as desk:
            await desk.delivery.answer(str(ANN), RICH)
    assert [shown.kind for shown in telegram.messages(ANN)] == ["text", "text", "text", "rich"]


async def test_a_single_message_that_is_refused_does_not_make_the_chat_classic(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        telegram.fail(refused(400, "Bad Request: MESSAGE_TOO_LONG"), "sendRichMessage")
        await desk.queue("a", RICH)
        await desk.queue("b", RICH)
        assert await desk.delivery.flush(1)
    assert [shown.kind for shown in telegram.messages(ANN)] == ["text", "rich"]


async def test_an_edit_to_a_refused_rich_form_becomes_classic_in_place(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        sent = await desk.delivery.answer(str(ANN), replace(TEXT, text="before"))
        telegram.no_rich = "RICH_MESSAGE_UNSUPPORTED"
        assert await desk.delivery.answer(str(ANN), RICH, edit=sent) == sent
    [shown] = telegram.messages(ANN)
    assert (shown.id, shown.kind, shown.text) == (sent, "text", "$1")


@pytest.mark.parametrize(
    ("before", "after"), [(TEXT, CHART), (RICH, CHART), (CHART, replace(CHART, file=OTHER)), (TEXT, RICH), (RICH, TEXT)]
)
async def test_what_can_be_replaced_in_place_is(tmp_path: Path, before: Message, after: Message) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        sent = await desk.delivery.answer(str(ANN), before)
        again = await desk.delivery.answer(str(ANN), after, edit=sent, picture=before.file is not None)
    [shown] = telegram.messages(ANN)
    assert sent == again == shown.id
    assert (shown.document.content if shown.document else None) == (after.file.content if after.file else None)


async def test_a_picture_gives_way_to_words_only_once_they_have_arrived(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram, patience=0.1) as desk:
        telegram.user(ANN).says("hello")
        sent = await desk.delivery.answer(str(ANN), CHART)
        telegram.fail(lost(), "sendMessage")
        telegram.fail(page(502), "deleteMessage")
        again = await desk.delivery.answer(str(ANN), TEXT, edit=sent, picture=True)
        assert [shown.kind for shown in telegram.messages(ANN)] == ["photo", "text"]  # the picture could not be removed
        assert await desk.delivery.remove(str(ANN), sent or 0)
    [shown] = telegram.messages(ANN)
    assert (shown.id, shown.kind) == (again, "text")


async def test_progress_is_told_below_a_picture_and_in_a_new_message_below_a_file(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        chart = await desk.delivery.answer(str(ANN), CHART)
        assert await desk.delivery.show(str(ANN), Message("↻ …"), edit=chart, picture=True) == chart
        table = await desk.delivery.answer(str(ANN), replace(TEXT, file=TABLE))
        told = await desk.delivery.show(str(ANN), Message("↻ …"), edit=table)
    assert [(shown.kind, shown.text) for shown in telegram.messages(ANN)] == [
        ("photo", "↻ …"),
        ("document", "$1"),
        ("text", "↻ …"),
    ]
    assert told == telegram.messages(ANN)[2].id


async def test_what_was_deleted_is_shown_anew(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        for form in (TEXT, RICH, CHART):
            sent = await desk.delivery.answer(str(ANN), form)
            telegram.delete(telegram.messages(ANN)[-1])
            again = await desk.delivery.answer(str(ANN), form, edit=sent, picture=form.file is not None)
            assert again is not None
            assert again != sent
        sent = await desk.delivery.show(str(ANN), TEXT)
        telegram.delete(telegram.messages(ANN)[-1])
        assert await desk.delivery.show(str(ANN), TEXT, edit=sent) not in {None, sent}
    assert [shown.kind for shown in telegram.messages(ANN)] == ["text", "rich", "photo", "text"]


@FORMS
async def test_what_is_shown_with_a_lost_answer_is_known_all_the_same(tmp_path: Path, message: Message) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN).says("hello")
        desk.delivery.saw(str(ANN), 1)
        telegram.fail(lost())
        sent = await desk.delivery.show(str(ANN), message)
        telegram.fail(reset())
        assert await desk.delivery.show(str(ANN), message) is None
    assert [shown.id for shown in telegram.messages(ANN)] == [sent]


async def test_what_is_shown_in_a_chat_that_refuses_rich_messages_is_classic_at_once(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        telegram.no_rich = "method"
        sent = await desk.delivery.show(str(ANN), RICH)
        assert sent is not None
        assert await desk.delivery.show(str(ANN), replace(RICH, text="$2"), edit=sent) == sent
    assert [shown.text for shown in telegram.messages(ANN)] == ["$2"]
    assert len(telegram.made("sendRichMessage")) == 1


async def test_a_message_is_pinned_and_removed_and_a_refusal_is_no_error(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        sent = await desk.delivery.answer(str(ANN), TEXT) or 0
        assert await desk.delivery.pin(str(ANN), sent)
        assert telegram.messages(ANN)[0].pinned
        telegram.no_pin.add(ANN)
        assert not await desk.delivery.pin(str(ANN), sent)
        assert await desk.delivery.remove(str(ANN), sent)
        assert await desk.delivery.remove(str(ANN), sent)
        assert not await desk.delivery.pin("slack", sent)
    assert telegram.messages(ANN) == []


async def test_a_picture_that_telegram_cannot_read_is_left_out_and_its_words_come(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, office(tmp_path, telegram) as desk:
        telegram.user(ANN)
        await desk.queue("a", Message("a", file=File("x.png", b"no picture", picture=True)))
        await desk.queue("b", TEXT)
        await desk.delivery.flush(1)
        assert await desk.state("a") is LetterState.SENT
    assert [(shown.kind, shown.text) for shown in telegram.messages(ANN)] == [("text", "a"), ("text", "$1")]
