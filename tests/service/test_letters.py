"""Reports and notices as letters in the outbox."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta

from portfolio_bot.analytics.valuation import AccountInfo, value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.instrument import RateTable
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.reading import Live, Stale
from portfolio_bot.model.rhythm import Monthly, Weekly
from portfolio_bot.notify.base import File, Key, Message
from portfolio_bot.report import compose, telegram_html
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import AccountDown
from portfolio_bot.service.due import Due
from portfolio_bot.service.letters import Letters
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.push import Push
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.schedule import Schedule
from portfolio_bot.service.watch import News, Notice
from portfolio_bot.storage import outbox
from portfolio_bot.storage.outbox import Letter
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, down, errand, statement

REFRESH = ((Key("Refresh", "status"),),)


class Desk:
    """A sender that only notes."""

    def __init__(self, destination: str | None = "7") -> None:
        self.destination = destination
        self.nudged = 0
        self.shown: list[Message] = []

    def nudge(self) -> None:
        self.nudged += 1

    async def answer(self, chat: str, message: Message) -> int | None:
        self.shown.append(message)
        return None


def letters(desk: Desk, *, window_open: bool = True, posts: tuple[Post, ...] = (MAIN,)) -> Letters:
    reader = Reader(Calendar.of("Europe/Paris"), "Europe/Paris", NOON)
    return Letters(
        desk,
        reader=lambda _: reader,
        window_open=lambda: window_open,
        render=lambda chat: None if chat == "nowhere" else Face(),
        posts=posts,
    )


class Face:
    """Shows what a chat would, without its buttons; says what it was asked to read."""

    def at_once(self, content: str) -> bool:
        return content == "report"

    def report(self, pushed: Pushed, reader: Reader) -> Message:
        document = compose.status(pushed.portfolio, reader, baseline=pushed.baseline, late=pushed.late)
        return Message(telegram_html.pages(document)[0], REFRESH)

    async def content(self, pushed: Pushed, reader: Reader) -> Message:
        return Message(f"{pushed.content} read", file=File("chart.png", b"png", picture=True))

    def notice(self, document: Document, reader: Reader, news: News | None = None) -> Message:
        return Message(telegram_html.pages(document)[0])


def portfolio(*, stale: bool = False) -> Portfolio:
    known = statement("kraken", {"BTC": "3"})
    reading = Stale("kraken", known, down(), NOON - timedelta(hours=1)) if stale else Live("kraken", known)
    infos = {"kraken": AccountInfo("kraken", "Kraken", "kraken", is_exchange=True)}
    return value([reading], infos, RateTable({}), at=NOON)


async def queued(store: Store, chat: str = "7") -> list[Letter]:
    async with store.read() as tx:
        return await outbox.due(tx, NOON, chat)


async def test_a_report_is_a_letter_with_its_slot_its_figure_and_its_buttons(store: Store) -> None:
    pushed = Pushed(portfolio(), None, errand(Due(NOON)))
    await store.write(lambda tx: letters(Desk()).report(tx, pushed))
    (letter,) = await queued(store)
    push = Push.of(letter.payload)
    assert (letter.key, letter.kind, push.slot) == ("report:2026-11-20T12:00", "report", NOON)
    assert "$300.00" in push.message.text
    assert push.message.rows == REFRESH


async def test_the_same_slot_is_queued_once(store: Store) -> None:
    for _ in range(2):
        await store.write(lambda tx: letters(Desk()).report(tx, Pushed(portfolio(), None, errand(Due(NOON)))))
    assert len(await queued(store)) == 1


async def test_a_late_report_says_so_in_its_words(store: Store) -> None:
    late = Due(NOON - timedelta(hours=2), also=(NOON - timedelta(hours=4),), late=True)
    await store.write(lambda tx: letters(Desk()).report(tx, Pushed(portfolio(), None, errand(late))))
    text = Push.of((await queued(store))[0].payload).message.text
    assert "11:00 report" in text
    assert "09:00" in text


async def test_a_notice_outside_the_window_makes_no_sound(store: Store) -> None:
    now = portfolio(stale=True)
    notice = Notice("down:kraken:1:0", AccountDown(now.accounts[0], 2))
    await store.write(lambda tx: letters(Desk(), window_open=False).notice(tx, notice, now))
    (letter,) = await queued(store)
    assert letter.kind == "notice"
    assert Push.of(letter.payload).message.silent
    assert "Kraken" in Push.of(letter.payload).message.text


async def test_a_notice_goes_to_every_address_and_its_end_replies_to_it_there(store: Store) -> None:
    now = portfolio(stale=True)
    first = Notice("down:kraken:1:0", AccountDown(now.accounts[0], 2))
    end = Notice("down:kraken:1:1", AccountDown(now.accounts[0], 3), answers=first.key)
    postman = letters(Desk(), posts=(MAIN, Post(SLACK), Post("nowhere")))
    for notice in (first, end):
        await store.write(lambda tx, one=notice: postman.notice(tx, one, now))  # type: ignore[misc]
    assert [(letter.key, Push.of(letter.payload).answers) for letter in await queued(store, SLACK)] == [
        ("down:kraken:1:0@slack", ""),
        ("down:kraken:1:1@slack", "down:kraken:1:0@slack"),
    ]
    assert [Push.of(letter.payload).answers for letter in await queued(store)] == ["", first.key]
    assert await queued(store, "nowhere") == []


async def test_a_report_of_a_schedule_goes_to_its_topics_in_a_series_of_each(store: Store) -> None:
    posts = (MAIN, Post("-100", 5))
    friday = Schedule("friday", Weekly((4,), (time(13),)), posts=posts, silent=True)
    pushed = Pushed(portfolio(), None, errand(Due(NOON), friday))
    await store.write(lambda tx: letters(Desk()).report(tx, pushed))
    (here,), (there,) = await queued(store), await queued(store, "-100")
    assert (here.key, there.key) == ("report:friday:2026-11-20T12:00", "report:friday:2026-11-20T12:00@-100/5")
    push = Push.of(there.payload)
    assert (push.series, push.message.topic, push.message.silent) == ("friday@-100/5", 5, True)


async def test_what_has_to_be_drawn_is_drawn_before_the_transaction_that_queues_it(store: Store) -> None:
    postman = letters(Desk())
    assert not postman.at_once("chart", (MAIN,))
    close = Schedule("close", Monthly(None, (time(21),)), "chart")
    queue = await postman.prepare(Pushed(portfolio(), None, errand(Due(NOON), close)))
    assert await queued(store) == []
    await store.write(queue)
    (letter,) = await queued(store)
    message = Push.of(letter.payload).message
    assert message.text == "chart read"
    assert message.file == File("chart.png", b"png", picture=True)


async def test_without_a_destination_nothing_is_queued(store: Store) -> None:
    desk = Desk(None)
    await store.write(lambda tx: letters(desk).report(tx, Pushed(portfolio(), None, errand(Due(NOON)))))
    await letters(desk).alarm("the disk is full")
    assert await queued(store) == []
    assert desk.shown == []


async def test_an_alarm_goes_past_the_database_as_plain_text() -> None:
    desk = Desk()
    postman = letters(desk)
    await postman.alarm("the disk is full <&>")
    await asyncio.sleep(0)
    (message,) = desk.shown
    assert (message.text, message.html) == ("the disk is full <&>", False)
