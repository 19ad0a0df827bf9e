"""The living message: always the newest report, once, and never in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from portfolio_bot.bot.living import last_word
from portfolio_bot.bot.living import living as rendered
from portfolio_bot.service.choices import of_chat
from portfolio_bot.service.living import LIVING_ID, Living
from portfolio_bot.service.snapshots import PULL
from tests.bot import living as bots
from tests.bot.living import ANN
from tests.peers.telegram import TelegramPeer, page, telegram_peer
from tests.service.fakes import FakeSource

CHAT = str(ANN)
FAMILY = -100500


@dataclass
class Kept:
    """A bot with a living message."""

    bot: bots.Living
    keeper: Living
    sources: tuple[FakeSource, ...]

    @property
    def telegram(self) -> TelegramPeer:
        return self.bot.telegram

    async def look(self, word: str, value: str | None, chat: str = CHAT) -> None:
        assert self.bot.house.looks is not None
        await self.bot.house.looks.choose(chat, word, value, "test")
        await self.keeper.keep()

    async def another_report(self, amount: str) -> None:
        self.sources[0].script = ({"BTC": amount},)
        await self.bot.house.snapshots.take(PULL)
        await self.keeper.keep()


@asynccontextmanager
async def kept(folder: Path, telegram: TelegramPeer, *, chat: str = CHAT) -> AsyncIterator[Kept]:
    """Ann's bot, whose reports are in."""
    source = bots.source("bybit", BTC="1.5")
    users = [ANN] if chat != CHAT else []
    async with bots.living(folder, telegram, source, chat=chat, users=users, owner=ANN) as bot:
        assert bot.house.looks is not None
        assert bot.house.choices is not None
        keeper = Living(
            bot.delivery,
            bot.house.looks,
            bot.house.choices,
            chats=lambda: [chat],
            render=rendered(bot.house),
            last_word=last_word(bot.house),
            after=0.0,
        )
        await bot.house.newest()
        yield Kept(bot, keeper, (source,))


async def test_one_message_is_pinned_silently_and_then_edited(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.keeper.keep()
        assert telegram.messages(ANN) == []  # nobody wanted one
        await here.look("living", "on")
        [shown] = telegram.messages(ANN)
        assert (shown.pinned, shown.silent) == (True, True)
        assert "updated" in shown.text
        assert "Details" in shown.labels
        first = shown.text
        await here.another_report("3")
        assert telegram.messages(ANN) == [shown]
        assert shown.text != first
        assert len(shown.versions) == 1
        assert len(telegram.made("pinChatMessage")) == 1
        assert telegram.made("pinChatMessage")[0].parameters["disable_notification"] is True


async def test_what_has_not_changed_is_not_sent(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.look("living", "on")
        before = len(telegram.made())
        for _ in range(3):
            await here.keeper.keep()
        assert len(telegram.made()) == before


async def test_somebody_who_deletes_it_gets_a_new_one(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.look("living", "on")
        telegram.delete(telegram.messages(ANN)[0])
        await here.another_report("3")
        [shown] = telegram.messages(ANN)
        assert shown.pinned
        await here.another_report("4")
        assert telegram.messages(ANN) == [shown]


async def test_it_is_the_same_message_after_a_restart(tmp_path: Path) -> None:
    async with telegram_peer() as telegram:
        async with kept(tmp_path, telegram) as here:
            await here.look("living", "on")
        async with kept(tmp_path, telegram) as here:
            await here.another_report("3")
        [shown] = telegram.messages(ANN)
        assert len(shown.versions) == 1
        assert len(telegram.made("pinChatMessage")) == 1


async def test_when_it_is_switched_off_it_has_a_last_word(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.look("living", "on")
        [shown] = telegram.messages(ANN)
        await here.look("living", "off")
        assert shown.text.startswith("This message is not kept up to date any more.")
        assert shown.labels == []
        await here.another_report("3")
        assert len(shown.versions) == 1
        choices = here.bot.house.choices
        assert choices is not None
        assert choices.get(of_chat(CHAT), LIVING_ID) is None
        told = [one.what for one in await choices.changes(10)]
        assert told == [f"chat:{CHAT} living", f"chat:{CHAT} living"]  # which message it is, is nobody's change


async def test_it_shows_no_amount_where_amounts_are_hidden(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.look("living", "on")
        assert "$" in telegram.messages(ANN)[0].text
        await here.look("percent", "on")
        assert "$" not in telegram.messages(ANN)[0].text


async def test_it_gives_way_to_whatever_else_is_sent(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.look("living", "on")
        lane = here.bot.delivery._lane(CHAT)
        edits = len(telegram.made("editMessageText"))
        async with lane.turn:
            async with asyncio.timeout(2):
                await here.another_report("3")
        assert len(telegram.made("editMessageText")) == edits
        await here.keeper.keep()  # as it does a minute later
        assert len(telegram.made("editMessageText")) == edits + 1
        edits += 1
        await here.another_report("4")
        assert len(telegram.made("editMessageText")) == edits + 1


async def test_a_chat_in_which_nothing_may_be_pinned_has_one_all_the_same(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram, chat=str(FAMILY)) as here:
        telegram.group(FAMILY)
        telegram.no_pin.add(FAMILY)
        await here.look("living", "on", str(FAMILY))
        await here.another_report("3")
        [shown] = telegram.messages(FAMILY)
        assert not shown.pinned
        assert len(shown.versions) == 1


async def test_a_report_that_cannot_be_shown_ends_nothing(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.look("living", "on")
        telegram.fail(page(500), "editMessageText")
        await here.another_report("3")
        await here.another_report("4")
        assert len(telegram.messages(ANN)) == 1


async def test_what_was_left_out_is_caught_up_without_another_report(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.look("living", "on")
        here.keeper._again = 0.01
        before = telegram.messages(ANN)[0].text
        telegram.fail(page(502), "editMessageText", times=3)
        await here.another_report("3")
        stop = asyncio.Event()
        serving = asyncio.create_task(here.keeper.serve(stop))
        await telegram.until(lambda: telegram.messages(ANN)[0].text != before)
        stop.set()
        await asyncio.wait_for(serving, 2)
    assert len(telegram.messages(ANN)) == 1


async def test_a_chat_that_blocked_the_bot_is_left_alone(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        await here.look("living", "on")
        here.bot.delivery._lane(CHAT).fare.paused = "Forbidden: bot was blocked by the user"
        made = len(telegram.made())
        await here.another_report("3")
        assert len(telegram.made()) == made


async def test_it_keeps_them_until_it_is_told_to_stop(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, kept(tmp_path, telegram) as here:
        stop = asyncio.Event()
        serving = asyncio.create_task(here.keeper.serve(stop))
        looks = here.bot.house.looks
        assert looks is not None
        looks.on_change.append(here.keeper.heard)
        await looks.choose(CHAT, "living", "on", "test")
        await telegram.until(lambda: telegram.messages(ANN))
        stop.set()
        await asyncio.wait_for(serving, 2)
    assert telegram.messages(ANN)[0].pinned
