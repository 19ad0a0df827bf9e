"""Pictures in the chat: one message that the buttons below it edit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portfolio_bot.bot.commands.chart import COMMANDS as CHARTS
from portfolio_bot.bot.dialog import Answer, Dialog, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.telegram_html import plain_pages
from portfolio_bot.service.charts import Charts
from portfolio_bot.service.choices import of_chat
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.looks import THEME
from portfolio_bot.service.pictures import Pictures
from tests.bot.living import ANN, living
from tests.bot.test_figures import bot, told
from tests.peers.telegram import telegram_peer

PNG = b"\x89PNG"


async def ask(house: House, command: str, argument: str = "", **more: object) -> Answer:
    handler = next(one.handler for one in CHARTS if one.name == command)
    request = Request(argument, house.reader_for(ANN, str(ANN)), f"telegram:{ANN}", user=ANN, chat=ANN)
    return await handler(house, replace(request, **more))  # type: ignore[arg-type]


def actions(answer: Answer) -> list[str]:
    return [key.action for row in answer.rows for key in row]


def caption(answer: Answer) -> str:
    return "\n".join(plain_pages(answer.document)).replace("\u00a0", " ")


async def test_a_picture_is_edited_into_another_by_its_buttons(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        shown = await alive.asks("/chart")
        assert shown.photo
        assert shown.document is not None
        assert shown.document.content.startswith(PNG)
        first = shown.document.content
        assert told(shown).text.startswith("$19,900 · +82.57% in 90 days")
        assert told(shown).labels[:4] == ["7 d", "30 d", "This year", "All"]
        await alive.presses(shown, "30 d")
        assert "in 30 days" in told(shown).text
        await alive.presses(shown, "TWR")
        assert told(shown).text.startswith("+17.75% in 30 days")
        await alive.presses(shown, "₽")
        assert "The benchmark is counted in dollars only." in told(shown).text
        assert shown.document.content != first
        assert alive.telegram.messages(ANN) == [shown]


async def test_an_allocation_is_by_asset_or_by_account(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as alive:
        shown = await alive.asks("/allocation")
        assert shown.photo
        assert "% of $3,149" in told(shown).text.splitlines()[0]
        await alive.presses(shown, "By account")
        assert told(shown).text.startswith("Kraken 63.5% of ")
        await alive.presses(shown, "Net worth")
        assert told(shown).text.splitlines()[0].startswith("$3,149")


async def test_the_theme_is_remembered_for_the_chat(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        house = alive.house
        light = await ask(house, "chart", "light")
        assert light.file is not None
        if house.choices is not None:
            assert house.choices.get(of_chat(str(ANN)), THEME) == "light"
        dark = await ask(house, "chart", "dark")
        assert dark.file is not None
        assert dark.file.content != light.file.content
        assert any("light" in one for one in actions(dark))


async def test_a_viewer_sees_another_theme_and_changes_nothing(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        answer = await ask(alive.house, "chart", "light 30d", owner=False)
        assert answer.file is not None
        if alive.house.choices is not None:
            assert alive.house.choices.get(of_chat(str(ANN)), THEME) is None
        assert all("light" in one or "dark" in one for one in actions(answer))


@pytest.mark.parametrize(
    ("command", "argument", "value", "name"),
    [
        ("chart", "bananas", "bananas", "chart_unknown_word"),
        ("chart", "-5", "-5", "chart_unknown_word"),
        ("chart", "assets", "assets", "chart_unknown_word"),
        ("chart", "30d 90d", "90d", "chart_two_words"),
        ("chart", "twr worth", "worth", "chart_two_words"),
        ("chart", "light dark", "dark", "chart_two_words"),
        ("allocation", "30d", "30d", "chart_allocation_word"),
        ("allocation", "assets accounts", "assets accounts", "chart_allocation_word"),
        ("allocation", "worth", "worth", "chart_allocation_word"),
    ],
)
async def test_what_is_neither_a_period_nor_a_picture_is_refused(
    tmp_path: Path, command: str, argument: str, value: str, name: str
) -> None:
    async with bot(tmp_path, empty=True) as alive:
        with pytest.raises(UserError) as caught:
            await ask(alive.house, command, argument)
        assert (caught.value.refusal.value, caught.value.refusal.name) == (value, name)


async def test_every_button_is_understood_and_fits(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        dialog, seen = Dialog(alive.house, {one.name: one for one in CHARTS}), set[str]()
        waiting = ["chart", "allocation"]
        drawn: list[ChartKind] = []

        class Blind(Pictures):
            async def png(self, svg: str) -> bytes:
                return PNG + svg.encode()

        charts = alive.house.charts
        assert isinstance(charts, Charts)
        charts._pictures = Blind()
        while waiting:
            command, _, argument = waiting.pop().partition(" ")
            for word in argument.split():
                if word in set(ChartKind):
                    drawn.append(ChartKind(word))
            assert dialog.house is alive.house
            answer = await ask(alive.house, command, argument)
            assert len(caption(answer)) <= 1024
            assert all(len(one.encode()) <= 64 for one in actions(answer))
            fresh = {one for one in actions(answer) if "rub" not in one and "ytd" not in one} - seen
            seen |= fresh
            waiting += fresh
        assert set(drawn) == set(ChartKind)


@pytest.mark.parametrize("argument", ["", "twr", "drawdown", "months"])
async def test_where_nothing_is_known_a_sentence_says_why(tmp_path: Path, argument: str) -> None:
    async with bot(tmp_path, empty=True) as alive:
        answer = await ask(alive.house, "chart", argument)
        assert answer.file is None
        assert any(word in caption(answer) for word in ("no two complete values", "No monthly return yet"))


async def test_without_who_draws_the_figures_are_told_all_the_same(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        charts = alive.house.charts
        assert isinstance(charts, Charts)
        charts._pictures = Pictures(script=tmp_path / "nothing.py")
        answer = await ask(alive.house, "chart")
        assert answer.file is None
        assert caption(answer).startswith("$19,900 · +82.57% in 90 days")
        assert "The picture could not be drawn." in caption(answer)


async def test_percentages_alone_are_drawn_for_who_may_see_no_amount(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        reader = replace(alive.house.reader(), percent_only=True)
        charts = alive.house.charts
        assert isinstance(charts, Charts)
        for kind in ChartKind:
            document, svg = await charts.svg(kind, 30, reader)
            told_ = "\n".join(plain_pages(document))
            assert "19,900" not in f"{told_}{svg}"
            assert "$" not in f"{svg}"


async def test_shares_are_the_same_in_every_currency(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        reader = replace(alive.house.reader(), percent_only=True)
        answer = await ask(alive.house, "allocation", reader=reader)
        assert not [line for line in actions(answer) if line.startswith("allocation") and "rub" in line]
        assert [line for line in actions(await ask(alive.house, "allocation")) if "rub" in line]
