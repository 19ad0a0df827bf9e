"""The table of commands: whole, worded, and within Telegram's limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portfolio_bot.bot import buttons, commands
from portfolio_bot.bot.arguments import View, view_of
from portfolio_bot.bot.dialog import Answer
from portfolio_bot.bot.menu import COMMANDS, menu
from portfolio_bot.model.days import Calendar
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import CATALOGUES
from tests.service.fakes import NOON

READER = Reader(Calendar.of("UTC"), "UTC", NOON)


def test_every_command_of_the_product_is_there_and_nothing_else_is_listed() -> None:
    listed = {command.name for command in COMMANDS.values() if command.listed}
    reading = {"start", "help", "status", "balance", "history", "flows", "trades", "accounts", "settings", "id"}
    figures = {"returns", "pnl", "twr", "benchmark", "explain"}
    hand = {"deposit", "withdraw", "export", "export_returns", "export_trades"}
    people = {"people", "changes", "look", "language"}
    pictures = {"chart", "allocation"}
    rules = {"frequency", "window", "schedules", "alerts"}
    assert listed == reading | figures | hand | people | pictures | rules | {"pull", "backup"}


def test_help_shows_what_may_stand_behind_a_picture() -> None:
    assert (COMMANDS["chart"].argument, COMMANDS["allocation"].argument) == ("[90d] [twr]", "[accounts]")


def test_no_file_of_a_command_is_forgotten() -> None:
    files = {path.stem for path in Path(str(commands.__file__)).parent.glob("*.py")} - {"__init__"}
    beside_another = {"allocation"}
    assert files == {command.name for command in COMMANDS.values() if command.listed} - beside_another


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_menu_has_words_for_every_command_within_telegrams_limits(language: str) -> None:
    for name, text in menu(language):
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 1 <= len(text) <= 256


def test_a_button_that_says_too_much_is_a_bug() -> None:
    with pytest.raises(ValueError, match="65 bytes"):
        buttons.key("x", "balance", "x" * 57)


@pytest.mark.parametrize(
    ("page", "pages", "labels"),
    [
        (1, 1, []),
        (1, 3, ["1 / 3", "›"]),
        (2, 3, ["‹", "2 / 3", "›"]),
        (3, 3, ["‹", "3 / 3"]),
        (99, 3, ["‹", "3 / 3"]),
    ],
)
def test_pages_are_turned_by_buttons_where_there_are_several(page: int, pages: int, labels: list[str]) -> None:
    rows = buttons.pager(Answer(Document(()), page=page, turn="view p{page}"), pages)
    assert [key.label for row in rows for key in row] == labels


def test_a_document_without_a_line_to_turn_it_has_no_pager() -> None:
    assert buttons.pager(Answer(Document(())), 3) == ()


@pytest.mark.parametrize(
    "view", [View(), View(3), View(2, "rub", detail=True), View(fresh=True, currency="usd"), View(detail=True)]
)
def test_a_view_survives_the_way_through_a_button(view: View) -> None:
    assert view_of(f"{view} kraken-2 p7".strip(), READER) == (view, "kraken-2 p7")


@pytest.mark.parametrize(
    ("base", "round_"), [("EUR", ["₽", "$", "€"]), ("USD", ["₽", "$"]), ("RUB", ["$", "₽"])], ids=str
)
def test_the_currency_button_goes_round_and_comes_back_to_the_readers_own(base: str, round_: list[str]) -> None:
    reader, view, labels = Reader(Calendar.of("UTC"), "UTC", NOON, currency=base), View(), list[str]()
    for _ in round_:
        key = buttons.currency(view.reader(reader), base, view, "view")
        labels.append(key.label)
        view, rest = view_of(key.action.removeprefix("view "), reader)
        assert rest == ""
    assert labels == round_
    assert view.reader(reader).currency == base
