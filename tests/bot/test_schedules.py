"""`/schedules`: every button pressed once, every line that can be typed, and what is wrong with the others."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from portfolio_bot.bot.buttons import ACTION_LIMIT
from portfolio_bot.bot.contents import CONTENTS
from portfolio_bot.bot.dialog import Answer, Dialog, Line, Request
from portfolio_bot.bot.house import House
from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.bot.render import ChatRender
from portfolio_bot.model.days import Calendar
from portfolio_bot.report import telegram_html, terminal
from portfolio_bot.report.compose.schedules import rhythm_said
from portfolio_bot.report.document import plain
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.due import Due
from portfolio_bot.service.letters import Letters
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.push import Push
from portfolio_bot.service.rhythm_words import rhythm_of
from portfolio_bot.service.schedule import Errand, Schedule
from portfolio_bot.service.snapshots import Trigger
from portfolio_bot.storage import choices, outbox
from portfolio_bot.storage.store import Store, open_store
from tests.bot.living import ANN, open_house, utc_now
from tests.service.fakes import NOON, FakePostman, FakeSource, Hands

GROUP = -100123


@dataclass
class Chat:
    """Somebody at the keyboard."""

    house: House
    store: Store
    clock: Hands
    language: str = "en"
    updates: int = 0

    async def says(self, line: str, *, chat: int | None = ANN, update: int | None = None, owner: bool = True) -> Answer:
        typed = Line.typed(line) or Line.pressed(line)
        self.updates += 1
        request = Request(
            typed.argument,
            replace(self.house.reader(), language=self.language),
            f"telegram:{ANN}",
            user=ANN,
            chat=chat,
            owner=owner,
            update=update or self.updates,
            topic=None if chat in {None, ANN} else 5,
        )
        return await Dialog(self.house, COMMANDS).answer(typed, request)

    async def reads(self, line: str) -> str:
        return text(await self.says(line))

    def named(self, name: str) -> Schedule:
        found = self.house.timetable.get(name)
        assert found is not None
        return found

    async def restore(self, schedules: list[Schedule]) -> None:
        """Everything as it was before the last press."""
        timetable = self.house.timetable
        for one in timetable.all():
            if one.name not in {kept.name for kept in schedules}:
                await timetable.remove(one.name, "test")
        for one in schedules:
            if self.house.timetable.get(one.name) != one:
                await timetable.put(one, "test")

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.house.timetable.all()]


def text(answer: Answer) -> str:
    return terminal.text(answer.document, 200).replace("\u00a0", " ")


@asynccontextmanager
async def talking(folder: Path, *, slack: bool = True) -> AsyncIterator[Chat]:
    clock = Hands()
    source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    async with open_store(folder, clock=clock) as store, open_house(store, source, clock=clock) as house:
        house.snapshots.postman = _Postman()
        yield Chat(replace(house, slack=slack), store, clock)


class _Postman(FakePostman):
    def main(self) -> str | None:
        return str(ANN)


TYPED = [
    ("add morning daily 08:30 report", "morning", "daily 08:30", ""),
    ("add friday weekly fri 18:00 performance silent to slack", "friday", "weekly fri 18:00", "silent"),
    ("add close month-end 21:00 chart", "close", "month-end 21:00", ""),
    ('add work cron "0 9-18/3 * * mon-fri" report window 9-18', "work", "cron 0 9-18/3 * * mon-fri", "window"),
    ("add pay monthly 15 10:00 allocation to here,slack", "pay", "monthly 15 10:00", ""),
    ("add often every 45m details", "often", "every 45m", ""),
    ("add утро ежедневно 08:30 отчёт", "утро", "daily 08:30", ""),
    ("добавить вечер по пятницам в 18:00 доходность без звука в slack", "вечер", "weekly fri 18:00", "silent"),
]


@pytest.mark.parametrize(("line", "name", "rhythm", "flag"), TYPED)
async def test_one_line_makes_a_schedule_and_shows_its_next_runs(
    tmp_path: Path, line: str, name: str, rhythm: str, flag: str
) -> None:
    async with talking(tmp_path) as chat:
        answer = await chat.says(f"/schedules {line}")
        made = chat.named(name)
    assert made.rhythm == rhythm_of(rhythm)
    assert made.silent is (flag == "silent")
    assert made.window.always is (flag != "window")
    assert f"{name} is made" in text(answer)
    assert text(answer).split("Next: ")[1].count(", ") == 2
    assert [key.label for key in answer.rows[-1]] == ["Undo", "‹ All"]


CHANGES = [
    ("at 09:00", "morning from now on: every day at 09:00."),
    ("в 09:00", "morning from now on: every day at 09:00."),
    ("пауза", "Report, here, paused"),
    ("at 09:00,20:00", "morning from now on: every day at 09:00 and 20:00."),
    ("weekly mon-fri 07:00", "morning from now on: Mon–Fri at 07:00."),
    ("month-end 21:00", "morning from now on: last day of the month at 21:00."),
    ("every 2h", "morning from now on: every 2 h."),
    ("performance", "Change of 7 days, here"),
    ("window 8-12", "Only 08:00–12:00 Paris."),
    ("silent", "Report, here, silent"),
    ("to slack", "Report, in Slack"),
    ("to main,slack", "Report, here and in Slack"),
    ("pause", "Report, here, paused"),
]


@pytest.mark.parametrize(("words", "says"), CHANGES)
async def test_one_line_changes_a_schedule_and_one_press_takes_it_back(tmp_path: Path, words: str, says: str) -> None:
    async with talking(tmp_path) as chat:
        await chat.says("/schedules add morning daily 08:30 report")
        before = chat.named("morning")
        answer = await chat.says(f"/schedules morning {words}")
        assert says in text(answer)
        assert chat.named("morning") != before
        undo = answer.rows[-1][0]
        assert undo.label == "Undo"
        back = await chat.says(undo.action)
        assert "morning is back: every day at 08:30." in text(back)
        assert chat.named("morning") == before


async def test_a_change_shows_the_runs_before_and_after_it(tmp_path: Path) -> None:
    async with talking(tmp_path) as chat:
        await chat.says("/schedules add morning daily 08:30 report")
        told = await chat.reads("/schedules morning at 09:00")
    assert "Before: 21 Nov 08:30, 22 Nov 08:30, 23 Nov 08:30." in told
    assert "Next: 21 Nov 09:00, 22 Nov 09:00, 23 Nov 09:00." in told


async def test_what_is_removed_is_asked_about_and_can_be_brought_back(tmp_path: Path) -> None:
    async with talking(tmp_path) as chat:
        await chat.says("/schedules add close month-end 21:00 chart silent")
        made = chat.named("close")
        question = await chat.says("/schedules close remove")
        assert "Remove close: last day of the month at 21:00?" in text(question)
        assert chat.named("close") == made
        gone = await chat.says(question.rows[0][0].action)
        assert chat.names == ["default"]
        await chat.says(gone.rows[0][0].action)
        assert chat.named("close") == made


async def test_what_was_just_made_is_gone_after_an_undo(tmp_path: Path) -> None:
    async with talking(tmp_path) as chat:
        made = await chat.says("/schedules add morning daily 08:30")
        assert "morning is no more." in text(await chat.says(made.rows[-1][0].action))
        assert chat.names == ["default"]


WRONG = [
    # a name
    ("add", "A name is missing"),
    ("add a_b daily 08:30", '"a_b" is no name'),
    ("add an-endlessly-long-name daily 08:30", "is too long for a name"),
    ("add new daily 08:30", '"new" is a word of this command'),
    ("add default daily 08:30", '"default" is there already'),
    ("add there daily 09:00", '"there" is there already'),
    # every rhythm, three times
    ("add x", "It is not said when"),
    ("add x report", '"report" does not say when'),
    ("add x 08:30", '"08:30" does not say when'),
    ("add x daily", "The time of day is missing"),
    ("add x daily noon", '"noon" is no time of day'),
    ("add x daily 25:00", '"25:00" is no time of day'),
    ("add x weekly", "The day of the week is missing"),
    ("add x weekly someday 18:00", '"someday" is no day of the week'),
    ("add x weekly fri", "The time of day is missing"),
    ("add x month-end", "The time of day is missing"),
    ("add x month-end late", '"late" is no time of day'),
    ("add x month-end 21:61", '"21:61" is no time of day'),
    ("add x monthly", "The day of the month is missing"),
    ("add x monthly 32 10:00", '"32" is no day of the month'),
    ("add x monthly 15 ten", '"ten" is no time of day'),
    ("add x every", "The interval is missing"),
    ("add x every ten", '"ten" is no interval'),
    ("add x every 2m", '"2m" is too short'),
    ("add x cron", "The expression is missing"),
    ('add x cron "0 9 * *" report', "is no cron expression"),
    ('add x cron "* * * * *"', "is too often"),
    # what follows
    ("add x daily 08:30 poem", '"poem" means nothing here'),
    ("add x daily 08:30 window 8", '"8" is no window'),
    ("add x daily 08:30 window 9-18", '"x" would never come'),
    ("add x daily 08:30 to mars", '"mars" is no address'),
    ("add x daily 08:30 to", "The address is missing"),
    # changes
    ("there at", "The time of day is missing"),
    ("there at noon", '"noon" is no time of day'),
    ("there at 8", '"8" is no time of day'),
    ("there poem", '"poem" means nothing here.\npause, resume, remove; at 19:00, daily 08:30'),
    ("there window 9-18", '"there" would never come'),
    ("there undo", "Is no change"),
    ("there undo 99", '"99" is no change'),
    ("there undo x", '"x" is no change'),
    ("nowhere", '"nowhere" is no schedule'),
    ("nowhere pause", '"nowhere" is no schedule'),
    ("nowhere remove yes", '"nowhere" is no schedule'),
    ("default poem", '"poem" means nothing here.\nreport, details, '),
    ("default remove", '"default" cannot be removed'),
    ("default every 45m", "is changed by two other commands"),
    ("default window 9-18", "is changed by two other commands"),
]


async def test_where_there_is_no_other_place_nobody_is_asked_for_one(tmp_path: Path) -> None:
    async with talking(tmp_path) as chat:
        chat.house = replace(chat.house, slack=False)
        await chat.says("/schedules add there daily 08:30 report")
        answer = await chat.says("/schedules there where")
        assert "Nowhere else yet" in text(answer)
        assert [key.label for row in answer.rows for key in row] == ["‹ there"]


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_is_wrong_is_named_with_what_would_be_right_and_changes_nothing(
    tmp_path: Path, language: str
) -> None:
    async with talking(tmp_path) as chat:
        await chat.says("/schedules add there daily 08:30 report")
        before = chat.house.timetable.all()
        chat.language = language
        for line, says in WRONG:
            told = await chat.reads(f"/schedules {line}")
            assert chat.house.timetable.all() == before, line
            assert language == "ru" or says in told, f"{line}: {told}"
            assert len(told.strip().splitlines()) >= 2, line  # the mend stands below
        async with chat.store.read() as tx:
            assert len(await choices.changes(tx, 9)) == 1


async def test_without_slack_nothing_leads_there(tmp_path: Path) -> None:
    async with talking(tmp_path, slack=False) as chat:
        assert '"slack" is not set up' in await chat.reads("/schedules add x daily 08:30 to slack")
        question = await chat.says("/schedules new daily 08:00 report")
    assert "slack" not in str(question.rows).lower()


@pytest.mark.parametrize(("language", "place"), [("en", None), ("ru", GROUP)], ids=["terminal", "a topic elsewhere"])
async def test_every_button_can_be_pressed(tmp_path: Path, language: str, place: int | None) -> None:
    """From the list on, each button that is met is pressed once; none is refused, and none is too long."""
    async with talking(tmp_path) as chat:
        chat.language = language
        name = "ежеднев-отч"  # nearly as long as a name may be, in bytes
        for line in (
            f"add {name} weekly mon,wed,fri,sun 21:00 performance",
            "add c cron 0 9 * * mon",
            "add e every 2h",
        ):
            await chat.says(f"/schedules {line}", chat=place)
        made = chat.house.timetable.all()
        pressed, waiting = set[str](), ["schedules"]
        while waiting:
            action = waiting.pop(0)
            answer = await chat.says(action, chat=place)
            assert telegram_html.pages(answer.document)
            assert answer.rows, f"{action}: {text(answer)}"
            passing = set(chat.names) - {one.name for one in made}  # just made, and gone in a moment
            for key in (key for row in answer.rows for key in row):
                assert len(key.action.encode()) <= ACTION_LIMIT, key.action
                if passing & set(key.action.split()[1:2]):
                    continue
                # the two old commands are pressed elsewhere
                if shape(key.action) not in pressed and key.action.startswith(("plan", "schedules")):
                    pressed.add(shape(key.action))
                    waiting.append(key.action)
            await chat.restore(made)
    assert len(pressed) > 100


def shape(action: str) -> str:
    """A button without its figures: on the way to a new schedule each sort is pressed once, not every pair of them."""
    if " undo " in action:
        return "undo"
    if not action.startswith(("plan new", "plan make")):
        return action
    days = r"\b(mon|tue|wed|thu|fri|sat|sun)\b([-,](fri|sun))?"
    return re.sub(r"\d+:\d\d|\b\d+m?\b", "#", re.sub(days, "day", re.sub("|".join(CONTENTS), "content", action)))


async def test_step_by_step_makes_what_the_buttons_said(tmp_path: Path) -> None:
    async with talking(tmp_path) as chat:
        answer = await chat.says("/schedules")
        for label in ("New", "Every week", "Fri", "18:00", "Change of 7 days", "Silent", "Here and Slack", "Make it"):
            key = next(key for row in answer.rows for key in row if key.label == label)
            answer = await chat.says(key.action)
        made = chat.named("weekly-1")
        assert made == Schedule(
            "weekly-1", rhythm_of("weekly fri 18:00"), "performance", (MAIN, Post(SLACK)), silent=True
        )
        again = await chat.says(key.action)  # pressed twice by a nervous thumb
        assert chat.names == ["default", "weekly-1"]
    assert "weekly-1: Fri at 18:00." in text(again)


async def test_the_same_update_changes_nothing_twice(tmp_path: Path) -> None:
    async with talking(tmp_path) as chat:
        for _ in range(2):
            await chat.says("/schedules add morning daily 08:30", update=7001)
        for _ in range(2):
            await chat.says("/schedules morning pause", update=7002)
        await chat.says("/schedules morning resume", update=7002)
        assert chat.named("morning").paused
        async with chat.store.read() as tx:
            assert len(await choices.changes(tx, 9)) == 2


async def test_what_is_made_in_a_topic_comes_there(tmp_path: Path) -> None:
    async with talking(tmp_path) as chat:
        here = text(await chat.says("/schedules add here daily 08:30 report", chat=GROUP))
        assert chat.named("here").posts == (Post(str(GROUP), 5),)
        assert "Report, here" in here
        assert f"in chat {GROUP}/5" in await chat.reads("/schedules here")


VIEWER = {
    "": False,
    "p2": False,
    "new": False,
    "new daily 08:00": False,
    "there": False,
    "there show": False,
    "there when": False,
    "there what": False,
    "add x daily 08:30": True,
    "make daily 08:30": True,
    "there pause": True,
    "there at 09:00": True,
    "there remove": True,
    "there remove yes": True,
    "there undo 1": True,
    "rub add x daily 08:30": True,
    "p2 there pause": True,
}


async def test_who_only_reads_may_look_and_change_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path) as chat:
        await chat.says("/schedules add there daily 08:30 report")
        before = chat.house.timetable.all()
        for line, refused in VIEWER.items():
            for command in ("schedules", "plan"):
                told = text(await chat.says(f"/{command} {line}", owner=False))
                assert ("nly an owner" in told) is refused, line
        assert chat.house.timetable.all() == before


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_every_content_has_a_name_and_can_be_shown(tmp_path: Path, content: str, language: str) -> None:
    async with talking(tmp_path) as chat:
        await chat.house.snapshots.take(Trigger("start"))
        voice = Voice.of(replace(chat.house.reader(), language=language))
        assert voice.word(f"schedule_content_{content}")
        render = ChatRender(lambda: chat.house)
        letters = Letters(
            _Desk(), reader=lambda _: chat.house.reader(), window_open=lambda: True, render=lambda _: render
        )
        chat.house.snapshots.postman = letters
        one = Schedule("x", rhythm_of("daily 08:30"), content, silent=True)
        await chat.house.snapshots.serve([Errand(one, Due(NOON))])
        async with chat.store.read() as tx:
            (letter,) = await outbox.due(tx, NOON, str(ANN))
    message = Push.of(letter.payload).message
    assert message.silent
    assert message.text
    assert (message.file is not None) is (content in {"allocation", "chart"})


class _Desk:
    destination = str(ANN)

    def nudge(self) -> None:
        """Nobody sends anything."""

    async def answer(self, chat: str, message: object) -> int | None:
        return None


def test_a_rhythm_is_told_in_words_of_both_languages() -> None:
    from portfolio_bot.report.reader import Reader

    def told(language: str, word: str) -> str:
        voice = Voice.of(Reader(Calendar.of("UTC"), "UTC", utc_now(), language=language))
        return plain(rhythm_said(voice, rhythm_of(word))).replace("\u00a0", " ")

    assert told("en", "weekly mon,wed 08:30,20:00") == "Mon, Wed at 08:30 and 20:00"
    assert told("en", "monthly 15 10:00") == "day 15 of the month at 10:00"
    assert told("ru", "weekly mon-fri 08:30") == "пн–пт в 08:30"
    assert told("ru", "every 90m") == "раз в 1 ч 30 мин"
