"""What is said over and under pictures of a period: the answer first, then what dashes and marks mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from portfolio_bot.model.figure import Known, Unknown
from portfolio_bot.report.charts.axes import Sheet
from portfolio_bot.report.charts.views import ChartKind, CurveView, MonthsView
from portfolio_bot.report.compose.lens import place, watermark
from portfolio_bot.report.compose.performance import (
    Told,
    feet,
    headline,
    length,
    moment,
    nothing,
    of_the_period,
    percent,
    stretch,
    unvalued,
    without,
)
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import Block, Document, Gap, Headline, Line, Tone
from portfolio_bot.report.numbers import MINUS, NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

_NAMED: Final = 2
"""Stretches without a close that are named; of more only how many days they are."""


def curve_sheet(kind: ChartKind, view: CurveView, reader: Reader) -> Sheet:
    """The title of a curve."""
    voice = Voice.of(reader)
    return Sheet(_TITLES[kind](voice, view, reader), _below(voice, view, reader), watermark(voice, demo=reader.demo))


def curve_caption(kind: ChartKind, view: CurveView, reader: Reader) -> Document:
    """What stands under a curve, or why there is none."""
    voice = Voice.of(reader)
    period = view.figures.period
    if not view.curve and isinstance(period, Unknown):
        return said(reader, *nothing(voice, view.window, view.currency))
    if not view.curve:
        figure = view.figures.max_drawdown if kind is ChartKind.DRAWDOWN else view.figures.twr
        why = Line(voice.unknown(figure)) if isinstance(figure, Unknown) else Line(voice.say("values_come"))
        return said(reader, Headline(headline(voice, view.figures.twr, period)), why)  # type: ignore[arg-type]
    blocks: list[Block] = [Headline(_TITLES[kind](voice, view, reader)), Line(_below(voice, view, reader), Tone.QUIET)]
    if kind is ChartKind.WORTH:
        blocks += _flows(voice, view, reader)
    if kind is ChartKind.DRAWDOWN:
        blocks += _fall(voice, view)
    blocks += [Gap(), *_beside(voice, kind, view), *_dashed(voice, view)]
    if not isinstance(period, Unknown):
        if kind is not ChartKind.DRAWDOWN:
            figure = without(view.figures.twr, period.notes)
            blocks += [Gap(), *feet(voice, [Told(voice.word("time_weighted"), figure, "")])]
        blocks += [*unvalued(voice, view.figures.twr, reader, view.currency), *of_the_period(voice, period)]
    return said(reader, *blocks)


def _worth_title(voice: Voice, view: CurveView, reader: Reader) -> str:
    """`$45,310 · +12.43% in 90 days`; without an amount `100 → 120.95 · +12.43% in 90 days`."""
    period = view.figures.period
    if reader.percent_only:
        told = voice.word("chart_index_now", now=voice.numbers.ratio(view.indexed().curve[-1].value))
    else:
        told = voice.numbers.headline(view.curve[-1].value, view.currency)
    return told if isinstance(period, Unknown) else f"{told} · {headline(voice, view.figures.twr, period)}"


def _twr_title(voice: Voice, view: CurveView, _: Reader) -> str:
    """`+12.43% in 90 days · BTC + ETH +8.10%`."""
    period = view.figures.period
    assert not isinstance(period, Unknown)  # noqa: S101 - a curve of returns has one
    told = headline(voice, view.figures.twr, period)
    if view.beside and isinstance(view.benchmark, Known):
        told = f"{told} · {beside_name(voice, view)}{NBSP}{percent(voice, view.benchmark)}"
    return told


def _fall_title(voice: Voice, view: CurveView, _: Reader) -> str:
    """`−8.2% at worst in 90 days, −1.3% now`."""
    period, falls = view.figures.period, view.figures.falls
    assert not isinstance(period, Unknown)  # noqa: S101
    span = length(voice, period.end.at - period.start.at)
    if falls is None or not falls.depth:
        return voice.word("chart_no_fall", length=span)
    deepest = voice.numbers.percent_change(falls.depth)
    if not falls.current:
        return voice.word("chart_fall", deepest=deepest, length=span)
    return voice.word("chart_fall_now", deepest=deepest, length=span, now=voice.numbers.percent_change(falls.current))


_TITLES: Final[Mapping[ChartKind, Callable[[Voice, CurveView, Reader], str]]] = {
    ChartKind.WORTH: _worth_title,
    ChartKind.TWR: _twr_title,
    ChartKind.DRAWDOWN: _fall_title,
}


def beside_name(voice: Voice, view: CurveView) -> str:
    """What the benchmark is called: by its coins where they are few."""
    return " + ".join(view.coins) if 0 < len(view.coins) <= 2 else voice.word("chart_benchmark")


def _below(voice: Voice, view: CurveView, reader: Reader) -> str:
    """From when to when."""
    period = view.figures.period
    if not isinstance(period, Unknown):
        return stretch(voice, period, reader)
    return f"{moment(voice, view.curve[-1].at)}{NBSP}{place(reader.zone_name)}"


def _flows(voice: Voice, view: CurveView, reader: Reader) -> Iterator[Line]:
    """What the triangles are."""
    period = view.figures.period
    if len(view.curve) == 1:
        yield Line(voice.say("chart_one_value"), Tone.QUIET)
    if reader.percent_only and len(view.curve) > 1:
        yield Line(voice.say("chart_index"), Tone.QUIET)
    if isinstance(period, Unknown) or not view.crossings:
        return
    if reader.percent_only:
        yield Line(voice.say("chart_marks"))
        return
    inflows = voice.numbers.change(period.inflows, view.currency)
    outflows = MINUS + voice.numbers.money(period.outflows, view.currency)
    if period.inflows and period.outflows:
        yield Line(voice.say("chart_flows", inflows=inflows, outflows=outflows))
    elif period.inflows:
        yield Line(voice.say("chart_came_in", inflows=inflows))
    else:
        yield Line(voice.say("chart_went_out", outflows=outflows))


def _fall(voice: Voice, view: CurveView) -> Iterator[Line]:
    falls = view.figures.falls
    if falls is not None and falls.depth:
        day = voice.numbers.day
        yield Line(voice.say("chart_fall_ends", peak=day(falls.peak), trough=day(falls.trough)))
    yield Line(voice.say("chart_fall_means"), Tone.QUIET)


def _beside(voice: Voice, kind: ChartKind, view: CurveView) -> Iterator[Line]:
    if kind is ChartKind.DRAWDOWN or not view.curve:
        return
    if not view.beside:
        if view.currency != "USD":
            yield Line(voice.say("chart_no_beside"), Tone.QUIET)
        return
    coins = voice.all_of(list(view.coins))
    if kind is ChartKind.WORTH:
        yield Line(voice.say("chart_beside_worth", coins=coins), Tone.QUIET)
    elif isinstance(view.benchmark, Known):
        yield Line(voice.say("chart_beside_twr", coins=coins, figure=percent(voice, view.benchmark)), Tone.QUIET)
    if view.beside[0].at > view.curve[0].at + timedelta(days=1):
        day = voice.numbers.day(voice.numbers.calendar.day(view.beside[0].at))
        yield Line(voice.say("chart_beside_later", day=day), Tone.QUIET)


def _dashed(voice: Voice, view: CurveView) -> Iterator[Line]:
    """Days without a complete close: by name, or how many."""
    if not view.missing or len(view.curve) < 2:
        return
    named = [voice.numbers.days(*stretch) for stretch in view.missing]
    if len(named) <= _NAMED:
        yield Line(voice.say("chart_dashed", days=voice.all_of(named)), Tone.QUIET)
        return
    count = voice.count("chart_days", sum((last - first).days + 1 for first, last in view.missing))
    yield Line(voice.say("chart_dashed_many", count=count, days=named[-1]), Tone.QUIET)


def months_sheet(view: MonthsView, reader: Reader) -> Sheet:
    """The title of the months."""
    voice = Voice.of(reader)
    return Sheet(_month_title(voice, view), _month_ends(voice, view), watermark(voice, demo=reader.demo))


def months_caption(view: MonthsView, reader: Reader) -> Document:
    """What stands under the months, or why there are none."""
    voice = Voice.of(reader)
    if not view.known:
        return said(reader, Headline(voice.say("chart_months_none")), Line(voice.say("values_come")))
    count = voice.count("chart_months", len(view.known))
    blocks: list[Block] = [Headline(_month_title(voice, view)), Line(_month_ends(voice, view))]
    blocks.append(Line(voice.say("chart_months_years", count=count), Tone.QUIET))
    if any(one.partly for one in view.months.values()):
        blocks.append(Line(voice.say("chart_month_partly"), Tone.QUIET))
    return said(reader, *blocks)


def _month_title(voice: Voice, view: MonthsView) -> str:
    month, value = view.known[-1]
    return voice.word("chart_months", figure=voice.numbers.percent_change(value), month=voice.numbers.month(*month))


def _month_ends(voice: Voice, view: MonthsView) -> str:
    if len(view.known) < 2:
        return voice.word("chart_month_one")
    (best_month, best), (worst_month, worst) = (
        max(view.known, key=lambda one: one[1]),
        min(view.known, key=lambda one: one[1]),
    )
    return voice.word(
        "chart_months_ends",
        best=voice.numbers.percent_change(best),
        best_month=voice.numbers.month(*best_month),
        worst=voice.numbers.percent_change(worst),
        worst_month=voice.numbers.month(*worst_month),
    )
