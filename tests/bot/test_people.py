"""Owners change, viewers read; who changed what is kept; each chat is written to in its own way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from portfolio_bot.bot.dialog import TERMINAL, Answer, Dialog, Line, Request
from portfolio_bot.bot.house import House
from portfolio_bot.bot.menu import COMMANDS, menu_of
from portfolio_bot.report import telegram_html
from portfolio_bot.service.choices import of_user
from portfolio_bot.service.looks import Looks
from portfolio_bot.service.people import People
from portfolio_bot.storage.store import Store, open_store
from tests.bot.living import open_house, source, utc_now, with_people

ANN, BOB, EVE, STRANGER = 11, 22, 33, 99

LINES: Mapping[str, tuple[str, ...]] = {
    "accounts": ("",),
    "alert": ("ack 1a2b3c4d", "1d 1a2b3c4d"),
    "alerts": ("", "off", "7", "total 7", "drawdown off"),
    "allocation": ("",),
    "backup": ("", "list", "send 20260101T000000Z"),
    "balance": ("", "bybit"),
    "benchmark": ("",),
    "changes": ("", "p2"),
    "chart": ("",),
    "deposit": ("500 USD", "", "#1234abcd record", "undo manual-1"),
    "explain": ("", "total"),
    "export": ("", "5"),
    "export_returns": ("",),
    "export_trades": ("",),
    "flow": ("abc123", "external abc123", "part abc123", "unsay abc123"),
    "flows": ("", "read"),
    "frequency": ("", "45m"),
    "help": ("",),
    "history": ("", "5"),
    "id": ("",),
    "language": ("",),  # their own they may choose
    "look": ("", "percent on", "22 percent on", "reset"),
    "owner": ("gone bybit", "leave bybit", "back bybit"),
    "people": ("", "33 owner"),
    "plan": ("", "1", "new", "1 remove", "1 pause"),
    "pnl": ("",),
    "pull": ("",),
    "returns": ("",),
    "schedules": ("", "new", "add evening daily 20:00", "1", "1 remove", "1 pause", "1 daily 09:00"),
    "settings": ("", "reset POLL_INTERVAL_MINUTES", "reset PERCENT_ONLY"),
    "start": ("",),
    "status": ("", "detail"),
    "trades": ("", "read"),
    "twr": ("",),
    "view": ("",),
    "window": ("", "7-21"),
    "withdraw": ("500 USD", ""),
}
"""Something to say behind each command, also what changes things."""

CHANGING = (
    ("schedules", "add evening daily 20:00"), ("plan", "evening pause"), ("alerts", "drawdown 20"), ("language", "ru"),
    ("language", "en"),
    ("frequency", "45m"), ("window", "7-21"), ("settings", "reset POLL_INTERVAL_MINUTES"), ("people", "33 owner"),
    ("look", "percent on"), ("look", "33 theme light"),
)  # fmt: skip
"""Changes that take effect at once, in this order."""


class Room:
    """The chat of some people, without a network."""

    def __init__(self, house: House, store: Store) -> None:
        self.house, self.store = house, store
        self.dialog = Dialog(house, COMMANDS)
        self.people: People = house.people  # type: ignore[assignment]
        self.looks: Looks = house.looks  # type: ignore[assignment]
        self._update = 1

    async def says(self, user: int, line: str, *, chat: int | None = None) -> Answer:
        """The answer to a line."""
        name, _, argument = line.partition(" ")
        self._update += 1
        place = user if chat is None else chat
        request = Request(
            argument,
            self.house.reader_for(user, str(place)),
            f"telegram:{user}",
            user=user,
            chat=place,
            owner=self.house.owns(user),
            update=self._update,
        )
        return await self.dialog.answer(Line(name, argument), request)

    async def told(self, user: int, line: str, *, chat: int | None = None) -> str:
        """The same, as it is read."""
        return read(await self.says(user, line, chat=chat))

    async def typed(self, line: str) -> str:
        """What the terminal shows of the answer to a line."""
        name, _, argument = line.partition(" ")
        reader = self.house.reader_for(None, TERMINAL)
        return read(await self.dialog.answer(Line(name, argument), Request(argument, reader, TERMINAL)))

    async def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """The whole database, but for what Telegram's side of it remembers."""
        async with self.store.read() as tx:
            names = (await tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))).scalars().all()
            found = {}
            for name in set(names) - {"own_message", "chat"}:
                rows = await tx.execute(text(f'SELECT * FROM "{name}"'))
                found[name] = sorted((tuple(row) for row in rows), key=repr)
        return found


def read(answer: Answer) -> str:
    """All that is shown of an answer, with its buttons."""
    pages = "\n".join(telegram_html.plain_pages(answer.document)).replace("\u00a0", " ")
    return "\n".join((pages, *(key.label for row in answer.rows for key in row)))


@asynccontextmanager
async def room(folder: Path) -> AsyncIterator[Room]:
    """Ann owns the bot, Bob and Eve read."""
    async with (
        open_store(folder, clock=utc_now) as store,
        open_house(store, source("bybit", BTC="1.5", USDT="1000"), patience=0.2) as house,
    ):
        await house.newest()
        yield Room(await with_people(house, store, utc_now, ANN, (BOB, EVE)), store)


def test_every_command_has_lines_here() -> None:
    assert not set(COMMANDS) - set(LINES)


async def test_no_line_of_a_viewer_changes_anything(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        reading = {"status", "view"}  # they fetch what is older than a minute, whoever asks, and keep that
        before = await here.everything()
        for name in COMMANDS:
            for argument in LINES.get(name, ("",)) if name not in reading else ():
                answer = await here.says(EVE, f"{name} {argument}".strip())
                assert await here.everything() == before, (name, argument)
                assert not _changing(answer), (name, argument)


def _changing(answer: Answer) -> list[str]:
    """Buttons that a viewer would be refused."""
    lines = [Line.pressed(key.action) for row in answer.rows for key in row]
    return [line.name for line in lines if line.name in COMMANDS and COMMANDS[line.name].is_change(line.argument)]


async def test_a_viewer_is_refused_in_words(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        for line in ("frequency 45m", "pull", "deposit 500 USD", "people", "owner gone bybit", "look percent on"):
            assert "Only an owner may change this" in await here.told(EVE, line), line
        for line in ("frequency", "look", "settings", "changes", "flows", "export"):
            assert "Only an owner" not in await here.told(EVE, line), line


async def test_each_changing_line_of_an_owner_stands_among_the_changes(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        for count, (name, argument) in enumerate(CHANGING, start=1):
            await here.says(ANN, f"{name} {argument}")
            told = await here.told(ANN, "changes")
            assert sum(" · you · " in line or " · вы · " in line for line in told.splitlines()) >= count, (name, told)


async def test_a_record_by_hand_stands_among_the_changes_and_is_hidden_where_amounts_are(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        asked = await here.says(ANN, "deposit 73519 USD")
        record = next(key.action for row in asked.rows for key in row if key.action.endswith(" record"))
        await here.says(ANN, record)
        assert "record by hand: +73,519 USD" in await here.told(ANN, "changes")
        await here.says(ANN, "look percent on")
        hidden = await here.told(ANN, "changes")
        assert "record by hand: +••• USD" in hidden
        assert "73" not in hidden


async def test_a_question_is_for_whom_it_was_put_to(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.says(ANN, "people 22 owner")
        asked = await here.says(ANN, "deposit 500 USD")
        record = next(key.action for row in asked.rows for key in row if key.action.endswith(" record"))
        assert "Somebody else was asked this" in await here.told(BOB, record)
        assert "Somebody else" not in await here.told(ANN, record)


async def test_an_owner_raises_and_lowers_others_and_never_the_owner_of_the_settings(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        heard: list[int] = []
        here.people.on_change.append(heard.append)
        assert "22 is owner now" in await here.told(ANN, "people 22 owner")
        assert here.house.owns(BOB)
        assert "11 owner, by the settings" in await here.told(BOB, "people")
        assert "stays one" in await here.told(BOB, "people 11 viewer")
        assert here.house.owns(ANN)
        assert "22 is viewer now" in await here.told(ANN, "people 22 viewer")
        assert not here.house.owns(BOB)
        assert "Only an owner may change this" in await here.told(BOB, "people 22 owner")
        assert "is nobody who may use this bot" in await here.told(ANN, "people 99 owner")
        assert "is no role" in await here.told(ANN, "people 22 king")
        assert heard == [22, 22]


async def test_whoever_is_not_let_in_owns_nothing_whatever_was_chosen_once(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.house.choices.set(of_user(STRANGER), "role", "owner", "test")  # type: ignore[union-attr]
        assert not here.house.owns(STRANGER)
        assert not here.house.owns(None)


async def test_a_menu_lists_what_its_person_may_use(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        owner, viewer = (dict(menu_of(here.house, user)) for user in (ANN, EVE))
        assert {"people", "pull", "deposit", "withdraw"} <= owner.keys() - viewer.keys()
        assert {"status", "balance", "frequency", "look", "changes", "export"} <= viewer.keys()


async def test_a_look_is_of_its_chat(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        assert "percentages only: off (default)" in await here.told(ANN, "look")
        told = await here.told(ANN, "look percent on")
        assert "percentages only: on (set in the chat)" in told
        assert "Show amounts" in told
        assert here.looks.of(ANN, str(ANN)).percent_only
        assert not here.looks.of(EVE, str(EVE)).percent_only
        assert "How chat 33 is written to" in await here.told(ANN, "look 33 percent on")
        assert here.looks.of(EVE, str(EVE)).percent_only
        assert "$" not in (await here.told(EVE, "balance")).replace("under $1", "")
        assert "pictures: light (set in the chat)" in await here.told(ANN, "look theme light")
        assert "is nothing to choose here" in await here.told(ANN, "look colour red")
        assert "One of these: on, off" in await here.told(ANN, "look percent maybe")
        assert "is no chat of this bot" in await here.told(ANN, "look 99 percent on")
        assert "percentages only: off (default)" in await here.told(ANN, "look reset")


async def test_a_value_that_is_missing_is_asked_for_by_name(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        told = await here.told(ANN, "look percent")
        assert '"percent" needs a value behind it.' in told
        assert "One of these: on, off." in told


async def test_in_the_terminal_nothing_is_offered_that_only_telegram_has(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        told = await here.typed("look percent on")
        assert "percentages only: on" in told
        assert "pictures: dark" in told
        assert not {"living", "pinned", "form"} & set(told.lower().split())
        assert "is for chats in Telegram" in await here.typed("look living on")
        assert not here.looks.of(chat=TERMINAL).living
        assert "percentages only in the terminal" in await here.typed("changes")


async def test_what_was_said_of_a_flow_is_noted_with_its_accounts_name(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.house.choices.note("terminal", "flow:bybit 1a2b3c", None, "external")  # type: ignore[union-attr]
        assert "flow of Bybit 1a2b3c: left the accounts" in await here.told(ANN, "changes")


async def test_an_alert_of_one_asset_is_noted_as_it_is_typed(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.house.choices.set("alert", "asset:BTC", "8", "terminal")  # type: ignore[union-attr]
        assert "alert asset BTC: 8" in await here.told(ANN, "changes")


async def test_the_settings_show_the_look_of_the_chat_and_lead_back(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        below = [replace(view, name="PERCENT_ONLY", value="false") for view in here.house.preferences.listing()[:1]]
        await here.says(ANN, "look percent on")
        laid = here.looks.laid_over(below, str(ANN))[0]
        assert (laid.value, laid.below, str(laid.origin)) == ("true", "false", "chat")
        assert here.looks.laid_over(below, str(EVE)) == below


async def test_a_change_is_made_once_for_one_update(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.says(ANN, "look percent on")
        here._update -= 1
        assert "percentages only: on" in await here.told(ANN, "look percent off")
        here._update -= 1
        await here.says(ANN, "people 22 owner")
        assert not here.house.owns(BOB)


async def test_files_have_no_amounts_where_amounts_are_hidden(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.says(ANN, "look percent on")
        history = await here.says(ANN, "export")
        assert history.file is not None
        lines = history.file.content.decode().splitlines()
        assert lines[0] == "time,usd_index,rub_index"
        assert [line.partition(",")[2] for line in lines[1:]] == ["100,100"]
        assert "only percentages are shown in this chat" in (await here.told(ANN, "export_trades")).lower()
