"""`/status`: the report. Refreshing asks the accounts; all other buttons show what is known already."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Final

from portfolio_bot.bot import buttons, periods
from portfolio_bot.bot.arguments import View, view_of
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.report import compose
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.compose.performance import kept
from portfolio_bot.report.document import Document, Headline, Line, Text, Tone
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.performance import WINDOWS, Window
from portfolio_bot.service.snapshots import STATUS

log = logging.getLogger(__name__)

_VIEW: Final = "view"
"""What buttons say that only show: a command that is not listed."""

_CHOOSING, _CHART = "when", "chart"
_DRAWN: Final = "30d"
"""What a picture shows where no period is chosen."""

_IN_WORDS: Final = ("", "ytd", "all")
"""Periods that are called by words: of these three stand side by side, of the others four."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the report is shown: all of it stands in each button's line.

    Attributes:
        view: page, currency, details.
        period: whose change is told; "" = since the last close.
        choosing: the periods lie open below.
        chart: under the picture of what all was worth.
    """

    view: View
    period: str = ""
    choosing: bool = False
    chart: bool = False

    @property
    def line(self) -> str:
        """The words of a button that shows this."""
        words = (str(self.view), _CHART if self.chart else "", _CHOOSING if self.choosing else "", self.period)
        return " ".join(word for word in words if word)

    def to(
        self,
        view: View | None = None,
        *,
        period: str | None = None,
        choosing: bool = False,
        chart: bool | None = None,
    ) -> Shown:
        """The same on its first page, but for these."""
        return Shown(
            view or self.view.to(),
            self.period if period is None else period,
            choosing,
            self.chart if chart is None else chart,
        )


async def status(house: House, request: Request) -> Answer:
    """The report, now."""
    shown = _read(request)
    portfolio = await house.snapshots.take(STATUS, request.progress)
    return await report(house, portfolio, shown, request.reader)


async def view(house: House, request: Request) -> Answer:
    """The report as it is known, in another form."""
    wanted = _read(request)
    return await report(house, await house.newest(request.progress), wanted, request.reader)


async def report(house: House, portfolio: Portfolio, shown: Shown, reader: Reader) -> Answer:
    """A portfolio as the report, with its buttons."""
    in_currency = shown.view.reader(reader)
    period = await _over(house, shown.period, in_currency)
    yesterday = await house.history.baseline() if period is None else None
    document = compose.status(
        portfolio,
        in_currency,
        baseline=yesterday,
        crossed=await house.history.crossed(yesterday),
        period=period,
        detail=shown.view.detail,
        breakdown=house.breakdown,
    )
    if shown.period and period is None:
        shown = replace(shown, period="")
    if not shown.chart or house.charts is None:
        return _answer(document, shown, reader)
    return await _drawn(house, _answer(document, shown, reader), shown, in_currency)


async def _drawn(house: House, found: Answer, shown: Shown, reader: Reader) -> Answer:
    """The report under its picture; as it was where nothing can be drawn, with the reason."""
    assert house.charts is not None  # noqa: S101 - the caller has looked
    window = Window.named(shown.period or _DRAWN, reader.calendar)
    try:
        picture = await house.charts.draw(ChartKind.WORTH, window, reader)
    except Exception:  # a picture that fails must not cost the report
        log.exception("the picture of the report cannot be drawn")
        return replace(found, document=found.document.then(_quietly(Voice.of(reader).say("report_no_chart"))))
    if picture.file is None:
        why = (block.text for block in picture.caption.blocks if isinstance(block, Headline))
        return replace(found, document=found.document.then(*map(_quietly, why)))
    return replace(found, file=picture.file)


def _quietly(text: Text) -> Line:
    return Line(text, Tone.QUIET)


def answer(document: Document, view: View, reader: Reader) -> Answer:
    """A report with its buttons, also one that is pushed."""
    return _answer(document, Shown(view), reader)


async def _over(house: House, period: str, reader: Reader) -> PerformanceView | None:
    """The change of a period; None where none is wanted, and where it fails: a report comes all the same."""
    window = Window.named(period, reader.calendar) if period else None
    if window is None:
        return None
    try:
        return await house.figures.performances.gained(window, kept(reader.currency))
    except Exception:  # what it did in a period must not cost the report of what there is
        log.exception("the change of a period cannot be told")
        return None


def _answer(document: Document, shown: Shown, reader: Reader) -> Answer:
    behind = (_CHART if shown.chart else "", shown.period)
    turn = shown.view.turning(_VIEW, *(word for word in behind if word))
    return Answer(document, _rows(shown, reader), shown.view.page, turn)


def _rows(shown: Shown, reader: Reader) -> Rows:
    now, label = shown.view, Voice.of(reader).chat
    fold = "summary" if now.detail else "details"
    first = [
        buttons.named(reader, "refresh", "status", shown.to().line),
        # details are more than a caption holds: they are shown without the picture
        buttons.named(reader, fold, _VIEW, shown.to(now.to(detail=not now.detail), chart=False).line),
    ]
    if not reader.percent_only:
        chart = _CHART if shown.chart else ""
        first.append(buttons.currency(now.reader(reader), reader.currency, now, _VIEW, chart, shown.period))
    named = periods.label(Voice.of(reader), shown.period) if shown.period else label("report_period")
    other = shown.to(now.to(detail=False), chart=not shown.chart)
    second = (
        buttons.key(label("report_choose", period=named), _VIEW, shown.to(choosing=not shown.choosing).line),
        buttons.named(reader, "report_text" if shown.chart else "report_chart", _VIEW, other.line),
    )
    return (tuple(first), *(_periods(shown, reader) if shown.choosing else ()), second)


def _periods(shown: Shown, reader: Reader) -> Rows:
    """Every period, the one that is shown with its mark; those with long names have a row of fewer."""
    voice = Voice.of(reader)
    keys = {}
    for name in ("", *WINDOWS):
        told = periods.label(voice, name) if name else voice.chat("report_since_close")
        mark = voice.chat("report_chosen", period=told) if name == shown.period else told
        keys[name] = buttons.key(mark, _VIEW, shown.to(period=name).line)
    return tuple(key for name, key in keys.items() if name not in _IN_WORDS), tuple(keys[name] for name in _IN_WORDS)


def _read(request: Request) -> Shown:
    """The words of a view, a period and whether the periods lie open, in any order.

    Raises:
        UserError: a word is none of them, or there are two periods.
    """
    period, said, others = "", set[str](), list[str]()
    for word in request.argument.split():
        window = Window.named(word, request.reader.calendar)
        if window is not None and not period:
            period = window.name
        elif word.lower() in {_CHOOSING, _CHART}:
            said.add(word.lower())
        else:
            others.append(word)
    view, rest = view_of(" ".join(others), request.reader)
    if rest:
        raise UserError(rest, "no_report_word")
    return Shown(view, period, _CHOOSING in said, _CHART in said)


COMMANDS = (Command("status", status, "[detail] [rub] [30d] [chart]"), Command(_VIEW, view, listed=False))
