"""The buttons of the report: each holds all of what it shows, and nothing that fails costs the report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import cast

import pytest

from portfolio_bot.bot.buttons import ACTION_LIMIT
from portfolio_bot.bot.commands import status
from portfolio_bot.bot.dialog import Answer, Request
from portfolio_bot.bot.house import House
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.notify.base import File
from portfolio_bot.report.charts.canvas import width_of
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.document import Document, Headline
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import Crossed
from portfolio_bot.service.charts import Picture
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.performance import Window
from tests.report import figures, gallery
from tests.report.shown import text

ME = gallery.reader()
PHONE = 320
"""Pixels of a message on a phone of 360, whose letters of 14 are as wide as ours of 13."""
PNG = File("worth.png", b"\x89PNG", picture=True)
DRAWN = Picture(Document.of(Headline("caption")), PNG)


@dataclass
class Stand:
    """The services that a report asks, each of which can fail."""

    figures_fail: bool = False
    picture: Picture | Exception = DRAWN
    drawn: Window | int | None = None

    async def newest(self, _: object = None) -> Portfolio:
        return gallery.complete()

    async def take(self, *_: object) -> Portfolio:
        return gallery.complete()

    async def baseline(self) -> Portfolio:
        return gallery.yesterday()

    async def crossed(self, _: object) -> tuple[Crossed, ...]:
        return ()

    async def gained(self, window: Window, currency: str) -> PerformanceView:
        if self.figures_fail:
            raise ValueError("a past that cannot be read")
        return replace(figures.performance(), window=window.name)

    async def draw(self, kind: ChartKind, window: Window | int | None, _: Reader) -> Picture:
        assert kind is ChartKind.WORTH
        self.drawn = window
        if isinstance(self.picture, Exception):
            raise self.picture
        return self.picture

    @property
    def house(self) -> House:
        parts = {
            "snapshots": self, "history": self, "charts": self, "breakdown": True, "newest": self.newest,
            "figures": SimpleNamespace(performances=self),
        }  # fmt: skip
        return cast("House", SimpleNamespace(**parts))


async def shown(argument: str = "", stand: Stand | None = None, reader: Reader = ME) -> Answer:
    return await status.view((stand or Stand()).house, Request(argument, reader, "telegram:1"))


def keys(answer: Answer) -> dict[str, str]:
    return {key.label.replace("\u00a0", " "): key.action for row in answer.rows for key in row}


async def test_the_buttons_say_all_of_the_next_state() -> None:
    assert keys(await shown()) == {
        "↻ Refresh": "status",
        "Details": "view detail",
        "₽": "view rub",
        "Period ▾": "view when",
        "Chart": "view chart",
    }
    assert keys(await shown("rub 30d")) == {
        "↻ Refresh": "status rub 30d",
        "Details": "view detail rub 30d",
        "$": "view usd 30d",
        "30 d ▾": "view rub when 30d",
        "Chart": "view rub chart 30d",
    }


async def test_periods_open_below_and_the_one_that_is_shown_is_marked() -> None:
    found = keys(await shown("detail when 7d"))
    assert list(found) == [
        "↻ Refresh", "Summary", "₽",
        "24 h", "7 d ✓", "30 d", "90 d", "Last close", "This year", "All",
        "7 d ▾", "Chart",
    ]  # fmt: skip
    assert (found["90 d"], found["Last close"], found["7 d ▾"]) == ("view detail 90d", "view detail", "view detail 7d")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_no_button_is_cut_off_on_a_small_phone(language: str) -> None:
    reader = replace(ME, language=language)
    for argument in ("", "when", "when 7d", "when ytd", "detail chart when all"):
        for row in (await shown(argument, reader=reader)).rows:
            room = (PHONE - 6 * (len(row) - 1)) / len(row) - 8
            for key in row:
                assert width_of(key.label, 13) <= room, key.label


async def test_every_button_of_every_state_is_understood_and_short_enough() -> None:
    seen, waiting = set[str](), ["view"]
    while waiting:
        line = waiting.pop()
        seen.add(line)
        answer = await shown(line.partition(" ")[2])
        for action in keys(answer).values():
            assert len(action.encode()) <= ACTION_LIMIT
            if action not in seen and action not in waiting:
                waiting.append(action)
        assert len(answer.turn.encode()) <= ACTION_LIMIT
    assert len(seen) > 50


async def test_the_picture_stands_above_the_same_report_and_goes_away_again() -> None:
    stand = Stand()
    answer = await shown("chart 90d", stand)
    assert answer.file is PNG
    assert text(answer.document) == text((await shown("90d")).document)
    assert stand.drawn == Window.back(90)
    assert keys(answer)["Text only"] == "view 90d"
    assert keys(answer)["Details"] == "view detail 90d"


async def test_without_a_period_the_picture_shows_thirty_days() -> None:
    stand = Stand()
    await shown("chart", stand)
    assert stand.drawn == Window.back(30)


async def test_where_nothing_can_be_drawn_the_report_says_why() -> None:
    answer = await shown("chart", Stand(picture=Picture(Document.of(Headline("There are no two values yet.")))))
    assert answer.file is None
    assert text(answer.document).endswith("There are no two values yet.")


async def test_what_fails_beside_the_report_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    broken = Stand(figures_fail=True, picture=RuntimeError("no child"))
    answer = await shown("chart 30d", broken)
    plain = text((await shown()).document)
    assert text(answer.document) == f"{plain}\nThere is no picture of it now."
    assert answer.file is None
    assert "30 d" not in " ".join(keys(answer))
    assert len(caplog.records) == 2


async def test_refreshing_asks_the_accounts_and_keeps_what_is_shown() -> None:
    request = Request("chart rub 7d", ME, "telegram:1")
    answer = await status.status(Stand().house, request)
    assert answer.file is PNG
    assert keys(answer)["↻ Refresh"] == "status rub chart 7d"


async def test_a_word_that_is_none_of_them_is_refused() -> None:
    for argument in ("yesterday", "7d 30d", "detail later"):
        with pytest.raises(UserError):
            await shown(argument)


async def test_who_sees_no_amounts_needs_no_other_currency() -> None:
    found = keys(await shown("30d", reader=replace(ME, percent_only=True)))
    assert list(found) == ["↻ Refresh", "Details", "30 d ▾", "Chart"]
