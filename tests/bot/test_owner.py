"""The owner's word about accounts, by the buttons of a question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from portfolio_bot.bot.dialog import Dialog, Line, Request
from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.bot.owner import answers
from portfolio_bot.bot.render import ChatRender
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.portfolio import KnownAccount, Portfolio
from portfolio_bot.model.statement import Notice as Remark
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.report import compose
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import KeyMoved, KeyNews, NoClose
from portfolio_bot.service.ownership import Ownership
from portfolio_bot.service.watch import News
from portfolio_bot.storage.store import open_store
from tests.bot.living import open_house
from tests.platforms.contract.peers import KeptMemory
from tests.report import gallery
from tests.report.shown import text
from tests.service.fakes import NOON, FakeSource, Hands, collecting

READER = Reader(Calendar.of("UTC"), "UTC", NOON)
STALE: Portfolio = gallery.provisional()
KRAKEN = next(account for account in STALE.accounts if account.failure is not None)


def said(news: News) -> tuple[str, list[str]]:
    """The message, and what its buttons say when they are pressed."""
    document = compose.notice(news, READER, STALE)
    message = ChatRender().notice(document, READER, news)
    return message.text, [key.action for row in message.rows for key in row]


def test_a_key_that_opens_another_account_is_a_question_with_two_answers() -> None:
    text, actions = said(KeyMoved(KRAKEN))
    assert "its key opens another account than before" in text
    assert actions == [f"owner confirm {KRAKEN.id}", f"owner wait {KRAKEN.id}"]


def test_days_without_a_complete_close_are_a_question_about_each_silent_account() -> None:
    text, actions = said(NoClose((KRAKEN,), 3))
    assert "No complete close for 3" in text
    assert actions == [f"owner {word} {KRAKEN.id}" for word in ("leave", "gone", "wait")]


def test_a_difference_of_clocks_offers_nothing_that_cannot_be_pressed() -> None:
    account = next(one for one in STALE.accounts if isinstance(one, KnownAccount))
    skew = Remark(WarningKind.CLOCK_SKEW, "90")
    assert said(KeyNews(account, (skew,)))[1] == ["accounts"]
    assert len(said(KeyNews(account, (skew, Remark(WarningKind.KEY_MAY_TRADE))))[1]) == 3


def test_what_is_no_question_has_no_buttons() -> None:
    assert answers(None, READER) == ()


async def test_a_button_is_carried_out_and_can_be_taken_back(tmp_path: Path) -> None:
    clock, memory = Hands(), KeptMemory()
    source = FakeSource("kraken", {"BTC": "1"}, clock=clock)
    async with open_store(tmp_path, clock=clock) as store, open_house(store, source) as house:
        owner = Ownership(collecting(source, clock=clock), {"kraken": memory}, store, clock)
        asked = replace(house, ownership=owner)
        dialog = Dialog(asked, COMMANDS)

        async def press(action: str) -> tuple[str, list[str]]:
            line = Line.pressed(action)
            answer = await dialog.answer(line, Request(line.argument, READER, "telegram:1"))
            return str(answer.document.blocks[0]), [key.action for row in answer.rows for key in row]

        text, rows = await press("owner gone kraken")
        assert "is taken as gone" in text
        assert list(memory.rows) == ["gone"]
        assert rows == ["owner back kraken"]
        text, rows = await press(rows[0])
        assert "counts again" in text
        assert (memory.rows, rows) == ({}, [])
        text, _ = await press("owner confirm kraken")
        assert "waits for no answer" in text


async def test_a_simulated_account_is_called_so_and_stays(tmp_path: Path) -> None:
    clock = Hands()
    source = FakeSource("kraken", {"BTC": "1"}, clock=clock)
    async with open_store(tmp_path, clock=clock) as store, open_house(store, source) as house:
        asked = replace(house, ownership=Ownership(collecting(source, clock=clock), {}, store, clock))
        request = Request("leave kraken", replace(READER, demo=True), "terminal")
        answer = await Dialog(asked, COMMANDS).answer(Line.pressed("owner leave kraken"), request)
    assert text(answer.document).startswith('"kraken" is a simulated account.\n')
