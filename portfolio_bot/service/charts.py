"""Pictures of the past and of what there is, from what is stored: nothing here asks a source."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from portfolio_bot.analytics.performance import Performance
from portfolio_bot.analytics.returns import Method
from portfolio_bot.analytics.series import Closing, Kept
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.notify.base import File
from portfolio_bot.report.charts.bars import bars
from portfolio_bot.report.charts.months import months
from portfolio_bot.report.charts.returns import drawdown, returns
from portfolio_bot.report.charts.views import ChartKind, CurveView, MonthsView, Spot
from portfolio_bot.report.charts.worth import worth
from portfolio_bot.report.compose.curves import beside_name, curve_caption, curve_sheet, months_caption, months_sheet
from portfolio_bot.report.compose.performance import kept
from portfolio_bot.report.compose.split import split, split_caption, split_sheet
from portfolio_bot.report.document import Document, Line
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.chart_views import (
    beside_curve,
    by_month,
    by_year,
    crossings_of,
    curve_of,
    marks_of,
    missing_of,
)
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.figures import Figures
from portfolio_bot.service.past import PastBook, beside_the_loop
from portfolio_bot.service.performance import Window
from portfolio_bot.service.pictures import Pictures

SPLITS: Final = (ChartKind.ASSETS, ChartKind.ACCOUNTS)
"""Pictures of what there is now; the others are of the past."""

_WORK_OF_A_POINT: Final = 5
"""To draw a point takes as long as to work through so many values."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What was drawn.

    Attributes:
        caption: the figure first, as of when, and what dashes and marks mean.
        file: a PNG; None where nothing can be drawn: the caption says why.
    """

    caption: Document
    file: File | None = None


class Charts:
    """Draws what somebody asks for.

    Args:
        newest: the portfolio that is known; None before the first.
        calendar: of the owner.
        method: how capital is counted, as for all figures.
        pictures: who draws.
    """

    def __init__(
        self,
        figures: Figures,
        newest: Callable[[], Awaitable[Portfolio | None]],
        calendar: Calendar,
        *,
        method: Method = Method.AUTO,
        pictures: Pictures | None = None,
    ) -> None:
        self._figures, self._newest, self._calendar, self._method = figures, newest, calendar, method
        self._pictures = pictures or Pictures()

    async def draw(self, kind: ChartKind, days: int | Window | None, reader: Reader) -> Picture:
        """A picture with its caption, in the reader's language, currency and colours.

        Args:
            days: the period, so many days back from the newest value; None for all there is. Months are always all,
                and what there is now has no period.
        """
        caption, svg = await self.svg(kind, days, reader)
        if svg is None:
            return Picture(caption)
        try:
            content = await self._pictures.png(svg)
        except UserError:
            return Picture(caption.then(Line(Voice.of(reader).say("chart_no_picture"))))
        name = f"{kind}-{self._calendar.day(reader.now).isoformat()}.png"
        return Picture(caption, File(name, content, picture=True))

    async def svg(self, kind: ChartKind, days: int | Window | None, reader: Reader) -> tuple[Document, str | None]:
        """The caption, and the picture as text; None where there is nothing to draw."""
        if kind in SPLITS:
            return await self._split(kind, reader)
        if kind is ChartKind.MONTHS:
            return await self._months(reader)
        view = await self.view(kind, _window(days), kept(reader.currency))
        caption = curve_caption(kind, view, reader)
        if not view.curve:
            return caption, None
        work = partial(_drawn, kind, view, reader)
        return caption, await beside_the_loop(work, len(view.curve) * _WORK_OF_A_POINT)

    async def view(self, kind: ChartKind, window: Window, currency: Kept = "USD") -> CurveView:
        """The curve of a period."""
        book, found = await self._figures.performances.measured(window, currency)
        period = found.period
        if isinstance(period, Unknown):
            return CurveView(window.name, currency, found, _only(kind, book))
        work = partial(self._curve, kind, book, found)
        marks, curve = await beside_the_loop(work, len(period.valuations))
        view = None
        if currency == "USD" and curve and kind is not ChartKind.DRAWDOWN:
            view = await self._figures.benchmarks.view(found)
        return CurveView(
            window.name,
            currency,
            found,
            curve,
            beside=() if view is None else beside_curve(kind, view.states, curve),
            coins=() if view is None else tuple(view.plan.weights),
            benchmark=None if view is None else view.figures.returned,
            crossings=crossings_of(period),
            missing=missing_of(marks),
        )

    def _curve(self, kind: ChartKind, book: PastBook, found: Performance) -> tuple[list[Closing], tuple[Spot, ...]]:
        assert not isinstance(found.period, Unknown)  # noqa: S101 - the caller has looked
        marks = marks_of(book.track, found.period, self._calendar)
        return marks, curve_of(kind, marks, found, self._method)

    async def _months(self, reader: Reader) -> tuple[Document, str | None]:
        currency = kept(reader.currency)
        days = await self._figures.performances.daily(currency)
        found = by_month(reversed(days))
        view = MonthsView(currency, found, by_year(found))
        caption = months_caption(view, reader)
        return caption, months(view, reader, months_sheet(view, reader)) if view.known else None

    async def _split(self, kind: ChartKind, reader: Reader) -> tuple[Document, str | None]:
        portfolio = await self._newest()
        if portfolio is None:
            voice = Voice.of(reader)
            return Document((Line(voice.say("chart_nothing_held")),)), None
        view = split(kind, portfolio, reader)
        return split_caption(view), bars(view.bars, reader, split_sheet(view)) if view.bars else None


def _drawn(kind: ChartKind, view: CurveView, reader: Reader) -> str:
    sheet, beside = curve_sheet(kind, view, reader), beside_name(Voice.of(reader), view)
    if kind is ChartKind.WORTH:
        return worth(view, reader, sheet, beside)
    return returns(view, reader, sheet, beside) if kind is ChartKind.TWR else drawdown(view, reader, sheet)


def _window(days: int | Window | None) -> Window:
    return days if isinstance(days, Window) else Window.back(days or 0, "" if days else "all")


def _only(kind: ChartKind, book: PastBook) -> tuple[Spot, ...]:
    """The only value there is."""
    values = book.track.valuations
    return (Spot(values[0].at, values[0].value),) if kind is ChartKind.WORTH and len(values) == 1 else ()
