"""`/language`: each is spoken to in the language that they chose, that the settings say, or that their Telegram has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from portfolio_bot.bot.commands.language import language
from portfolio_bot.bot.dialog import Answer, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import telegram_html
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.choices import Choices, of_user
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.looks import CLIENT_LANGUAGE, Look, Looks
from portfolio_bot.storage.store import open_store
from tests.bot.living import ANN, living
from tests.peers.telegram import TelegramPeer, telegram_peer
from tests.report.gallery import NOW, reader

ANNA, BORIS = 11, 22


class Room:
    """Two people, a bot, and what they chose."""

    def __init__(self, choices: Choices, *, setting: str | None = None) -> None:
        self.choices = choices
        self.looks = Looks(choices, Look(setting or "en"), language_is_set=setting is not None)
        self.offered: list[int] = []
        self.looks.on_language.append(self.offered.append)

    def reader_of(self, user: int | None, chat: str | None) -> Reader:
        return replace(reader(), language=self.looks.of(user, chat).language)

    async def ask(self, argument: str = "", user: int | None = ANNA, update: int | None = None) -> Answer:
        house: House = _HouseOfLooks(self)  # type: ignore[assignment]
        request = Request(
            argument, self.reader_of(user, None), f"telegram:{user}", user=user, chat=user, owner=False, update=update
        )
        return await language(house, request)

    async def told(self, argument: str = "", user: int = ANNA) -> str:
        return "\n".join(telegram_html.plain_pages((await self.ask(argument, user)).document))


class _HouseOfLooks:
    """As much of a house as the command may touch."""

    def __init__(self, room: Room) -> None:
        self.looks, self.reader_for = room.looks, room.reader_of


@pytest.fixture
async def choices(tmp_path: Path) -> AsyncIterator[Choices]:
    async with open_store(tmp_path, clock=lambda: NOW) as store:
        yield Choices(store, lambda: NOW)


async def test_nobody_chose_and_it_is_english(choices: Choices) -> None:
    answer = await Room(choices).told()
    assert answer.startswith("Your language: English\nNobody chose one")


async def test_the_telegram_of_a_person_says_it_where_nobody_else_does(choices: Choices) -> None:
    await choices.set(of_user(ANNA), CLIENT_LANGUAGE, "ru", "anna")
    await choices.set(of_user(BORIS), CLIENT_LANGUAGE, "de", "boris")
    room = Room(choices)
    assert (await room.told()).startswith("Ваш язык: русский\nТакой язык у вашего Telegram.")
    assert (await room.told(user=BORIS)).startswith("Your language: English")


async def test_the_settings_stand_above_a_telegram(choices: Choices) -> None:
    await choices.set(of_user(ANNA), CLIENT_LANGUAGE, "ru", "anna")
    assert (await Room(choices, setting="en").told()).startswith("Your language: English\nLANGUAGE in the settings")
    assert (await Room(choices, setting="ru").told(user=BORIS)).startswith("Ваш язык: русский\nТак задано")


async def test_a_person_s_own_choice_stands_above_all_and_is_theirs_alone(choices: Choices) -> None:
    room = Room(choices, setting="en")
    assert (await room.told("ru")).startswith("Ваш язык: русский\nТак выбрано вами.")
    assert (await room.told()).startswith("Ваш язык")
    assert (await room.told(user=BORIS)).startswith("Your language")
    assert (await room.told("Авто")).startswith("Your language: English\nLANGUAGE")


async def test_the_menu_is_offered_again_in_the_new_language(choices: Choices) -> None:
    room = Room(choices)
    await room.ask("ru")
    assert room.offered == [ANNA]


async def test_one_update_chooses_once(choices: Choices) -> None:
    room = Room(choices)
    await room.ask("ru", update=7)
    await room.ask("en", update=8)
    answer = await room.ask("ru", update=7)
    assert telegram_html.plain_pages(answer.document)[0].startswith("Your language: English")
    assert room.offered == [ANNA, ANNA]


async def test_every_language_and_none_of_them_is_one_press_away(choices: Choices) -> None:
    (row,) = (await Room(choices).ask()).rows
    assert [(key.label, key.action) for key in row] == [
        ("English", "language en"), ("Русский", "language ru"), ("Auto", "language auto"),
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["tlh", "rus", "en ru"])
async def test_another_language_is_refused(word: str, choices: Choices) -> None:
    with pytest.raises(UserError, match="is no language"):
        await Room(choices).ask(word)


async def test_where_nobody_in_particular_asks_there_is_nothing_to_choose(choices: Choices) -> None:
    with pytest.raises(UserError, match=r"(?i)no language can be chosen"):
        await Room(choices).ask("ru", user=None)


async def test_a_russian_telegram_is_answered_in_russian_and_a_press_makes_it_english(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, owner=ANN) as bot:
        bot.ann.as_json["language_code"] = "ru-RU"
        told = await bot.asks("/language")
        assert told.text.startswith("Ваш язык: русский\nТакой язык у вашего Telegram.")
        await telegram.until(lambda: menu_word(telegram, "help") == "все команды")
        await bot.presses(told, "English")
        assert telegram.messages(ANN)[-1].text.startswith("Your language: English\nYou chose it.")
        await telegram.until(lambda: menu_word(telegram, "help") == "all commands")


def menu_word(telegram: TelegramPeer, name: str) -> str:
    """What the newest menu says of a command."""
    _, commands = telegram.commands[-1]
    return next(str(command["description"]) for command in commands if command["command"] == name)
