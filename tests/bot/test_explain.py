"""`/explain` in the chat: each step of a figure, in one message whose figure and period are buttons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portfolio_bot.bot.commands.explain import explain
from portfolio_bot.bot.dialog import Request
from portfolio_bot.report import telegram_html
from tests.bot.living import ANN
from tests.bot.test_figures import bot, told


async def test_a_figure_is_chosen_and_changed_in_the_same_message(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        shown = await alive.asks("/explain")
        assert told(shown).labels == ["Total", "TWR", "XIRR", "Profit"]
        await alive.presses(shown, "TWR")
        assert "in 30 days" in told(shown).text.splitlines()[0]
        assert "profit ÷ capital" in told(shown).text
        await alive.presses(shown, "7 d")
        text = told(shown).text
        assert text.startswith("+3.65% in 7 days")
        assert text.count("→") == 7
        assert "Chained: 1.03645833 − 1 = +3.65%" in text
        await alive.presses(shown, "XIRR")
        assert "value at the start" in told(shown).text
        assert "all together" in told(shown).text
        await alive.presses(shown, "Profit")
        assert "These add up to what value and flows say" in told(shown).text
        await alive.presses(shown, "BTC")
        assert "Open lots" in told(shown).text
        assert alive.telegram.messages(ANN) == [shown]


async def test_what_is_long_comes_in_pages(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        shown = await alive.asks("/explain twr 30d")
        first = told(shown).text
        turn = next(label for label in told(shown).labels if "2" in label or "›" in label or "▶" in label)
        await alive.presses(shown, turn)
        assert told(shown).text != first


@pytest.mark.parametrize("asked", ["/explain pnl btc", "/explain pnl BTC all", "/explain pnl all btc"])
async def test_an_asset_and_a_period_may_stand_in_any_order_and_case(asked: str, tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        assert "BTC" in told(await alive.asks(asked)).text.splitlines()[0]


async def test_whoever_sees_percentages_only_is_offered_no_way_into_lots(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        reader = replace(alive.house.reader(), percent_only=True)
        answer = await explain(alive.house, Request("pnl BTC", reader, "terminal"))
        assert "only percentages are shown here" in "".join(telegram_html.plain_pages(answer.document))
        assert [[key.label for key in row] for row in answer.rows] == [["Total", "TWR", "XIRR"]]


async def test_what_cannot_be_explained_is_named(tmp_path: Path) -> None:
    async with bot(tmp_path, empty=True) as alive:
        assert "There are total, twr, xirr, pnl." in told(await alive.asks("/explain nav")).text
        assert told(await alive.asks("/explain total")).text.startswith("There is nothing to explain yet.")
        assert "it takes two complete values" in told(await alive.asks("/explain twr")).text
        assert "says nothing here" in told(await alive.asks("/explain total 30d")).text
        assert "Nothing of DOGE is recorded." in told(await alive.asks("/explain pnl DOGE")).text
