"""The bot as people meet it: commands and buttons through real aiogram, against a strict Telegram."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portfolio_bot.bot.dialog import Line
from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.bot.progress import ProgressPace
from portfolio_bot.bot.render import ChatRender
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.notify.base import Key, Message
from portfolio_bot.service.due import Due
from portfolio_bot.service.letters import Letters
from portfolio_bot.service.preferences import INTERVAL
from portfolio_bot.service.snapshots import Trigger
from tests.bot.living import ANN, PACE, Living, living, source, utc_now
from tests.peers.telegram import flood, lost, telegram_peer
from tests.service.fakes import FakeSource, down, errand


def many(number: int, account: str = "bybit") -> FakeSource:
    """An account that holds so many coins."""
    return FakeSource(account, {f"COIN{index}": str(index + 1) for index in range(number)}, clock=utc_now)


@pytest.mark.parametrize(
    ("line", "says", "labels"),
    [
        ("/start", "Reports every 2 h, 08:00–20:00 Paris.", ["Report", "/help"]),
        ("/help", "What you can ask", []),
        ("/status", "$3,149.00 · ₽251,920", ["↻ Refresh", "Details", "₽", "Period ▾", "Chart"]),
        ("/status detail rub", "₽251,920 · $3,149.00", ["↻ Refresh", "Summary", "$", "Period ▾", "Chart"]),
        ("/balance", "$3,149.00 in 3 assets", ["↻ Refresh", "₽", "Bybit", "Kraken"]),
        ("/balance Kraken", "$2,000.00 · Kraken · 63.5%", ["↻ Refresh", "₽", "All", "Bybit"]),
        ("/history 7", "No complete close yet.", ["30 d", "90 d", "365 d", "₽"]),
        ("/pull", "$3,149.00 · ₽251,920", ["↻ Refresh", "Details", "₽", "Period ▾", "Chart"]),
        ("/accounts", "2 of 2 accounts live", ["↻ Refresh"]),
        ("/frequency", "Every 2 h, 08:00–20:00 Paris.", ["30 min", "1 h", "4 h", "12 h"]),
        ("/frequency 45m", "Every 45 min from now on", ["Undo"]),
        ("/window", "Reports come 08:00–20:00 Paris", ["7–23", "9–18", "18–23", "Always"]),
        ("/window 22-6", "From now on reports come 22:00–06:00 Paris", ["Undo"]),
        ("/settings", "0 of 4 settings are yours", []),
        ("/id", "Your id: 4242", []),
        ("/STATUS@My_Portfolio_Bot", "$3,149.00", ["↻ Refresh", "Details", "₽", "Period ▾", "Chart"]),
    ],
)
async def test_each_command_is_answered(tmp_path: Path, line: str, says: str, labels: list[str]) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks(line)
    assert says in shown.text.replace("\u00a0", " ")
    assert [label.replace("\u00a0", " ") for label in shown.labels] == labels


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/frequency ten", '"ten" is no interval.\nMinutes (45), or 45m, 2h, 1d; from 5 minutes to 7 days.'),
        ("/frequency 45 minutes ago", "Still every 2 h."),
        ("/frequency 4", '"4" is too short.'),
        ("/frequency 8d", '"8d" is too long.'),
        ("/window noon", '"noon" is no window.'),
        ("/window 8", '"8" is no window.'),
        ("/window 8-25", '"8-25" goes beyond the clock.'),
        ("/history soon", '"soon" is no whole number.'),
        ("/history 0", '"0" is out of range.'),
        ("/history ٣", '"٣" is no whole number.'),
        ("/balance nobody", '"nobody" is no account. Yours: bybit and kraken.'),
        ("/balance <b>&", '"<b>&" is no account.'),
        (f"/balance {'x' * 200}", "is no account."),
        ("/status now please", '"now please" is nothing that the report has.'),
        ("/status p0", '"p0" is nothing that the report has.'),
        ("/status detail detial", '"detial" is nothing that the report has.'),
        ("/settings reset", '"reset" needs the name of a setting behind it.'),
        ("/settings reset CACHE_TTL", '"CACHE_TTL" cannot be changed here.\nWhat can: POLL_INTERVAL_MINUTES, '),
        ("/settings reset CACHE_TTL", "WINDOW_END_HOUR, ALERT_THRESHOLD_PERCENT. The rest"),
        ("/twr 7 30", '"30" is a second period.'),
        ("/export all", "A whole number from 1 to 1,000,000, for instance 100."),
        ("/settings remove everything", '"remove everything" is nothing that /settings does.'),
        ("/statsu", "/statsu is no command.\nDid you mean /status?"),
        ("/wibble", "/wibble is no command.\n/help lists all."),
        ("hello there", "Commands begin with a slash"),
    ],
)  # fmt: skip
async def test_a_wrong_input_is_named_with_what_would_be_right(tmp_path: Path, line: str, says: str) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks(line)
    assert says in shown.text.replace("\u00a0", " ")


async def test_a_command_for_another_bot_is_none_of_ours(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        bot.ann.says("/status@other_bot")
        shown = await bot.asks("/id")
    assert telegram.messages(ANN) == [shown]


@pytest.mark.parametrize(
    ("line", "path", "says"),
    [
        ("/status", ["↻ Refresh"], "$3,149.00 · ₽"),
        ("/status", ["Details"], "ETH"),
        ("/status", ["Details", "Summary"], "$3,149.00 · ₽"),
        ("/status", ["₽"], "₽251,920 · $"),
        ("/status", ["₽", "Details", "$"], "$3,149.00 · ₽"),
        ("/status", ["Period ▾", "7 d", "7 d ▾", "24 h", "↻ Refresh"], "$3,149.00 · ₽"),
        ("/status rub", ["Period ▾", "All", "Details"], "₽251,920 · $"),
        ("/balance", ["Kraken"], "$2,000.00 · Kraken"),
        ("/balance", ["Kraken", "All"], "in 3 assets"),
        ("/balance", ["Kraken", "↻ Refresh", "₽"], "₽160,000 · Kraken"),
        ("/history", ["90 d", "₽"], "No complete close yet"),
        ("/accounts", ["↻ Refresh"], "2 of 2 accounts live"),
        ("/frequency", ["4"], "Every 4 h from now on"),
        ("/frequency", ["4", "Undo"], "Back to every 2 h"),
        ("/frequency 45m", ["Undo", "30"], "Every 30 min from now on"),
        ("/window", ["Always"], "From now on reports come at any hour"),
        ("/window", ["9–18", "Undo"], "Back: reports come 08:00–20:00"),
        ("/start", ["Report"], "$3,149.00 · ₽"),
        ("/start", ["/help"], "What you can ask"),
    ],
)
async def test_buttons_edit_the_message_they_stand_under(tmp_path: Path, line: str, path: list[str], says: str) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks(line)
        for label in path:
            await bot.presses(shown, label)
    assert says in shown.text.replace("\u00a0", " ")
    assert telegram.messages(ANN) == [shown]


async def test_a_change_lasts_and_settings_offer_the_way_back(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        async with living(tmp_path, telegram) as bot:
            await bot.asks("/frequency 45m")
        async with living(tmp_path, telegram) as bot:
            shown = await bot.asks("/settings")
            assert shown.labels == [f"Reset {INTERVAL}"]
            await bot.presses(shown, "Reset")
            assert "120 again (default)" in shown.text
            assert bot.house.preferences.whole(INTERVAL) == 120


async def test_undo_of_a_second_change_brings_back_the_first(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        await bot.asks("/frequency 45m")
        shown = await bot.asks("/frequency 60m")
        await bot.presses(shown, "Undo")
        assert bot.house.preferences.whole(INTERVAL) == 45


async def test_an_update_that_comes_twice_changes_nothing_twice(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        async with living(tmp_path, telegram) as bot:
            bot.ann.says("/frequency 45m")
            [again] = telegram.unconfirmed()
            await telegram.until(lambda: telegram.messages(ANN))
            await bot.asks("/frequency 90m")
        telegram.repeat(again)
        async with living(tmp_path, telegram) as bot:
            await telegram.until(lambda: len(telegram.messages(ANN)) == 3)
            assert bot.house.preferences.whole(INTERVAL) == 90
    assert telegram.messages(ANN)[-1].text.startswith("Every 1\u00a0h\u00a030\u00a0min, 08:00")


async def test_what_was_heard_is_confirmed_when_the_bot_stops(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        async with living(tmp_path, telegram) as bot:
            await bot.asks("/id")
        assert telegram.unconfirmed() == []


async def test_every_press_is_acknowledged_once_and_before_anything_else(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/status")
        press = bot.ann.presses(shown, "Details")
        await telegram.until(lambda: press.answers)
        await bot.idle()
        last = [call.method for call in telegram.made() if call.method != "setMyCommands"][-2:]
    assert last == ["answerCallbackQuery", "editMessageText"]
    assert len(press.answers) == 1


async def test_a_second_press_while_one_runs_starts_no_other(tmp_path: Path) -> None:
    slowly = source("bybit", takes=0.2, BTC="1")
    async with telegram_peer() as telegram, living(tmp_path, telegram, slowly) as bot:
        shown = await bot.asks("/status")
        asked = slowly.asked
        presses = [bot.ann.presses(shown, "Refresh") for _ in range(3)]
        await telegram.until(lambda: all(press.answers for press in presses))
        await bot.idle()
        assert slowly.asked == asked + 1
    assert [press.answers[0].get("text") for press in presses] == [None, "Still working on it.", "Still working on it."]


async def test_a_press_that_telegram_has_given_up_is_not_carried_out(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/frequency")
        bot.ann.presses(shown, "4").expired = True
        await telegram.until(lambda: telegram.made("answerCallbackQuery"))
        await bot.idle()
        assert bot.house.preferences.whole(INTERVAL) == 120


async def test_a_button_whose_message_is_out_of_reach_is_answered_anew(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/status")
        bot.ann.presses(shown, "Details", seen="inaccessible")
        await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
        await bot.idle()
    assert "ETH" in telegram.messages(ANN)[1].text


@pytest.mark.parametrize("data", ["", "nonsense", "drop table", "status; rm", "🙂" * 16])
async def test_a_forged_button_says_nothing(tmp_path: Path, data: str) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/status")
        before = shown.text
        press = bot.ann.presses(shown, "", data=data or "x")
        await telegram.until(lambda: press.answers)
        await bot.idle()
    assert (shown.text, len(telegram.messages(ANN))) == (before, 1)


async def test_a_slow_fetch_shows_its_progress_in_the_message_that_the_report_replaces(tmp_path: Path) -> None:
    fast, slow_one = source("bybit", BTC="1"), source("kraken", takes=0.2, ETH="1")
    async with telegram_peer() as telegram, living(tmp_path, telegram, fast, slow_one) as bot:
        bot.ann.says("/status")
        await telegram.until(lambda: telegram.messages(ANN) and "$200.00" in telegram.messages(ANN)[0].text)
    [shown] = telegram.messages(ANN)
    assert "↻ Bybit\u00a0✓ Kraken\u00a0…" in shown.versions


async def test_progress_is_edited_no_more_often_than_it_may_be(tmp_path: Path) -> None:
    accounts = [source(f"a{number}", takes=0.05 * number, BTC="1") for number in range(8)]
    pace = replace(PACE, progress=ProgressPace(after=0.05, every=0.2))
    async with telegram_peer() as telegram, living(tmp_path, telegram, *accounts, pace=pace) as bot:
        started = asyncio.get_running_loop().time()
        bot.ann.says("/status")
        await telegram.until(lambda: telegram.messages(ANN) and "$800" in telegram.messages(ANN)[0].text)
        took = asyncio.get_running_loop().time() - started
    assert 1 <= len(telegram.messages(ANN)[0].versions) <= took / 0.2 + 1


async def test_a_quick_fetch_shows_no_progress(tmp_path: Path) -> None:
    pace = replace(PACE, progress=ProgressPace())
    async with telegram_peer() as telegram, living(tmp_path, telegram, pace=pace) as bot:
        shown = await bot.asks("/pull")
    assert shown.versions == []


async def test_a_long_account_comes_in_pages_within_every_limit(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, many(300), many(300, "kraken")) as bot:
        shown = await bot.asks("/balance bybit")
        first, pages = shown.text, shown.labels[-2]
        assert pages.startswith("1 / ")
        await bot.presses(shown, "›")
        assert shown.labels[-3:] == ["‹", pages.replace("1", "2", 1), "›"]
        assert shown.text != first
        await bot.presses(shown, "‹")
        assert shown.text == first
        shown = await bot.asks("/status detail")
        await bot.presses(shown, "›")
    assert "2/" in shown.text


async def test_a_page_beyond_the_last_is_the_last(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, many(100)) as bot:
        shown = await bot.asks("/balance p99 bybit")
        last = shown.labels[-1]
    assert last.split(" / ")[0] == last.split(" / ")[1]


async def test_a_source_that_is_down_is_named_with_its_mend(tmp_path: Path) -> None:
    broken = FakeSource("kraken", down(FailureKind.BAD_KEY), clock=utc_now)
    async with telegram_peer() as telegram, living(tmp_path, telegram, source("bybit", BTC="1"), broken) as bot:
        shown = await bot.asks("/status")
    assert shown.text.startswith("at least $100.00 · Kraken unknown")
    assert "key refused" in shown.text


async def test_a_bug_in_a_command_costs_its_answer_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        monkeypatch.setattr(bot.house.history.__class__, "closes", lambda *_: 1 / 0)
        assert "fault of ours" in (await bot.asks("/history")).text
        assert "$3,149" in (await bot.asks("/status")).text


async def test_a_flood_wait_delays_an_answer_and_loses_none(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        telegram.fail(flood(1), "sendMessage")
        shown = await bot.asks("/id")
    assert "4242" in shown.text


async def test_an_answer_whose_receipt_was_lost_stands_there_once(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        telegram.fail(lost(), "sendMessage")
        await bot.asks("/id")
        await bot.asks("/help")
    assert len(telegram.messages(ANN)) == 2


async def test_old_commands_are_not_carried_out_and_that_is_said_once(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        ann = telegram.user(ANN)
        late = timedelta(minutes=11).total_seconds()
        for text in ("/frequency 45m", "/status", "/status", "hello"):
            ann.says(text, ago=late)
        async with living(tmp_path, telegram) as bot:
            await telegram.until(lambda: telegram.messages(ANN))
            await bot.quiet()
            assert bot.house.preferences.whole(INTERVAL) == 120
    [shown] = telegram.messages(ANN)
    assert "not carried out: /frequency, /status." in shown.text


async def test_the_menu_lists_the_commands_for_the_owner(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram):
        await telegram.until(lambda: telegram.commands)
    [(scope, commands)] = telegram.commands
    assert scope == {"type": "chat", "chat_id": ANN}
    assert [command["command"] for command in commands] == [one.name for one in COMMANDS.values() if one.listed]


async def test_the_menu_is_offered_again_until_it_is_taken(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        telegram.fail(lost(), "setMyCommands")
        async with living(tmp_path, telegram) as bot:
            await bot.asks("/id")
            await telegram.until(lambda: len(telegram.commands) == 2)


async def test_a_push_and_its_buttons_work_like_an_answer(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        keys = ((Key("Details", "view detail"),),)
        await bot.delivery.answer(str(ANN), Message("<b>$1</b>", keys))
        [shown] = telegram.messages(ANN)
        await bot.presses(shown, "Details")
    assert "ETH" in shown.text


async def test_a_scheduled_report_is_pushed_and_its_details_and_pages_can_be_opened(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, many(200), many(200, "kraken")) as bot:
        bot.house.snapshots.postman = Letters(
            bot.delivery,
            reader=lambda _: bot.house.reader(),
            window_open=lambda: True,
            render=lambda _: ChatRender(lambda: bot.house),
        )
        await bot.house.snapshots.take(Trigger("poll", errands=(errand(Due(utc_now())),)))
        assert await bot.delivery.flush(5)
        [shown] = telegram.messages(ANN)
        assert shown.labels == ["↻ Refresh", "Details", "₽", "Period ▾", "Chart"]
        await bot.presses(shown, "Details")
        await bot.presses(shown, "›")
    assert "2/" in shown.text.splitlines()[0]


async def test_answers_in_hand_are_given_before_the_bot_stops(tmp_path: Path) -> None:
    slowly = source("bybit", takes=0.15, BTC="1")
    async with telegram_peer() as telegram:
        async with living(tmp_path, telegram, slowly) as bot:
            bot.ann.says("/status")
            await telegram.until(lambda: slowly.asked)
        assert "$100.00" in telegram.messages(ANN)[0].text


async def test_many_questions_at_once_are_all_answered(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        for _ in range(40):
            bot.ann.says("/id")
        await telegram.until(lambda: len(telegram.messages(ANN)) == 40, 10)


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_keeps_its_buttons_within_telegrams_limit(tmp_path: Path, name: str) -> None:
    names = [f"kraken-{'verylonglabel' * 4}{number}" for number in range(3)]
    async with telegram_peer() as telegram, living(tmp_path, telegram, *(many(20, name) for name in names)) as bot:
        shown = await bot.asks(f"/{name}")
        for label in list(shown.labels):
            if label in shown.labels:
                await bot.presses(shown, label)
    assert "fault of ours" not in shown.text


async def pressed_twice(bot: Living, line: str) -> str:
    """What stands there after the same button was pressed again."""
    shown = await bot.asks(line)
    await bot.presses(shown, shown.labels[0])
    await bot.presses(shown, shown.labels[0])
    return shown.text


async def test_pressing_again_when_nothing_has_changed_is_no_error(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        assert "$3,149" in await pressed_twice(bot, "/status")
        assert telegram.made("editMessageText")


def test_lines_are_read_the_same_typed_or_pressed() -> None:
    assert Line.typed(" /History@Bot  30 \n") is None
    assert Line.typed(" /History@Bot  p2   30 \n", own_name="bot") == Line("history", "p2 30")
    assert Line.pressed("history p2 30") == Line("history", "p2 30")
    assert [Line.typed(text) for text in ("status", "/", "//status", "/sta-tus", "", "/" + "x" * 40)] == [None] * 6


async def test_a_message_without_text_is_not_a_command(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        sticker = {"file_id": "x", "file_unique_id": "y", "type": "regular", "width": 1, "height": 1}
        bot.ann.says("", extra={"sticker": {**sticker, "is_animated": False, "is_video": False}})
        shown = await bot.asks("/id")
        await asyncio.sleep(0)
    assert telegram.messages(ANN)[-1] == shown
