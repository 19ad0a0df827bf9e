"""What goes to a channel: the report with its gains, which cost it nothing where they fail, and notices as blocks."""

from __future__ import annotations

import json
from datetime import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from portfolio_bot.bot.house import House
from portfolio_bot.bot.slack import SlackRender, as_message
from portfolio_bot.model.rhythm import Daily
from portfolio_bot.report.document import Document, Gap, Headline, Line
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.service.due import Due
from portfolio_bot.service.performance import Window
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.schedule import Errand, Schedule
from portfolio_bot.service.snapshots import STATUS
from portfolio_bot.storage.store import open_store
from tests.bot.living import open_house
from tests.report import figures, gallery
from tests.service.fakes import FakeSource, Hands

ME = gallery.reader()
PUSHED = Pushed(gallery.complete(), gallery.yesterday())


class Gains:
    """Figures of performance that may be broken."""

    def __init__(self, *, broken: bool = False) -> None:
        self._broken, self.asked = broken, list[str]()

    async def gained(self, window: Window, _: str) -> PerformanceView:
        self.asked.append(window.name)
        if self._broken:
            raise ValueError("a past that cannot be read")
        found = figures.performance()
        return PerformanceView(window.name, found.currency, found.figures, found.why)

    def render(self) -> SlackRender:
        house = SimpleNamespace(figures=SimpleNamespace(performances=self), breakdown=True)
        return SlackRender(lambda: cast("House", house))


async def test_the_report_has_what_was_gained_in_a_day_a_week_and_ever() -> None:
    gains = Gains()
    message = await gains.render().content(PUSHED, ME)
    assert gains.asked == ["24h", "7d", "all"]
    assert message.rich is not None
    told = json.dumps(message.rich, ensure_ascii=False)
    for line in ("P&amp;L 24 h +$3,610.12 (+8.66%)", "P&amp;L 7 d", "P&amp;L total", "0.3603"):
        assert line in told
    assert message.text.startswith("Portfolio: $45,304")
    assert not message.html
    assert not message.rows


async def test_gains_that_cannot_be_read_are_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    message = await Gains(broken=True).render().content(PUSHED, ME)
    assert "P&L" not in message.text
    assert "= 24,180.65" in message.text
    assert "cannot be told" in caplog.text


@pytest.mark.parametrize(("content", "told"), [("chart", "no two complete values"), ("allocation", "100.0%")])
async def test_a_content_that_is_a_picture_comes_in_words(tmp_path: Path, content: str, told: str) -> None:
    clock = Hands()
    source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
    async with open_store(tmp_path, clock=clock) as store, open_house(store, source, clock=clock) as house:
        portfolio = await house.snapshots.take(STATUS)
        errand = Errand(Schedule("x", Daily((time(8),)), content), Due(portfolio.at))
        message = await SlackRender(lambda: house).content(Pushed(portfolio, None, errand), house.reader())
    assert message.file is None
    assert told in message.text.replace("\u00a0", " ")
    assert "Grey" not in message.text


async def test_without_a_house_the_report_stands_alone() -> None:
    alone = SlackRender()
    assert alone.at_once("report")
    assert not Gains().render().at_once("report")
    assert (await alone.content(PUSHED, ME)).text == alone.report(PUSHED, ME).text


def test_a_notice_is_a_header_and_its_lines() -> None:
    message = SlackRender().notice(Document.of(Headline("Kraken is back.", alert=True), Line("After 3 h.")), ME)
    assert message.rich is not None
    blocks = message.rich["blocks"]
    assert isinstance(blocks, list)
    assert [block["type"] for block in blocks] == ["header", "section"]
    assert message.text == "⚠ Kraken is back.\nAfter 3 h."


def test_what_no_message_holds_goes_as_plain_text() -> None:
    many = Document.of(*(block for number in range(60) for block in (Line(str(number)), Gap())))
    assert as_message(many).rich is None
    assert "59" in as_message(many).text
