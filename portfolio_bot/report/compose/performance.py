"""How well it went in a period: its return first, then how rough the way was, and what has to be said beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from portfolio_bot.analytics.returns import Rule
from portfolio_bot.analytics.risk import Drawdown
from portfolio_bot.analytics.series import Kept, Period
from portfolio_bot.model.figure import Figure, Known, Note, Reason, Unknown
from portfolio_bot.model.money import Currency
from portfolio_bot.report.compose.lens import place
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Document,
    Foot,
    Gap,
    Headline,
    Line,
    Row,
    Table,
    Tone,
)
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.numbers import CONTEXT, NBSP, SYMBOLS
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

NOTED: Final = "*"
_IN_DAYS: Final = timedelta(days=2)


def kept(currency: Currency) -> Kept:
    """The currency that a reader's figures of performance are in: values are kept in dollars and in roubles."""
    return "RUB" if currency == "RUB" else "USD"


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of the table.

    Attributes:
        name: as its row says it.
        figure: with its validity.
        text: of a known one.
        alone: its name where it stands in a sentence; "" = `name`.
    """

    name: str
    figure: Figure
    text: str
    alone: str = ""


def performance(view: PerformanceView, reader: Reader) -> Document:
    """The figures of a period."""
    voice = Voice.of(reader)
    period = view.figures.period
    if isinstance(period, Unknown):
        return said(reader, *nothing(voice, view.window, view.currency))
    rows = [replace(row, figure=without(row.figure, period.notes)) for row in _rows(voice, view)]
    known = [row for row in rows if isinstance(row.figure, Known)]
    blocks: list[Block] = [
        Headline(headline(voice, view.figures.twr, period)),
        *([] if voice.numbers.percent_only else [Line(_summary(voice, view, period))]),
        Line(stretch(voice, period, reader), Tone.QUIET),
    ]
    if known:
        blocks.append(Table((NAME, FIGURE), tuple(Row.of(Cell(row.name, mark(row.figure)), row.text) for row in known)))
    blocks += feet(voice, known)
    blocks += [Gap(), *_fall(voice, view.figures.falls)]
    if view.figures.since_funding is not None:
        blocks.append(Line(voice.say("since_funding", figure=percent(voice, view.figures.since_funding))))
    blocks += [
        Gap(),
        *missing(voice, rows),
        *unvalued(voice, view.figures.twr, reader),
        *of_the_period(voice, period),
        *_counted(voice, view.figures.rules),
    ]
    return said(reader, *blocks)


def nothing(voice: Voice, window: str, currency: Currency = "USD") -> tuple[Block, ...]:
    """Where there are no two values to compare: and how they come about, if there are none at all."""
    if currency != "USD":
        return (Headline(voice.say("no_period_in", currency=SYMBOLS[currency])),)
    if window != "all":
        return (Headline(voice.say("no_period_there")),)
    return Headline(voice.say("no_period")), Line(voice.say("values_come"))


def headline(voice: Voice, figure: Figure, period: Period) -> str:
    """`+5.21%* in 30 days`: the period's own return, never one per year."""
    span = length(voice, period.end.at - period.start.at)
    if isinstance(figure, Unknown):
        return voice.word("return_of", length=span, why=voice.unknown(figure))
    told = percent(voice, figure) + mark(without(figure, period.notes))
    return voice.word("in_period", figure=told, length=span)


def percent(voice: Voice, figure: Figure) -> str:
    """`+5.21%`, or why not."""
    return voice.unknown(figure) if isinstance(figure, Unknown) else voice.numbers.percent_change(figure.value)


def length(voice: Voice, span: timedelta) -> str:
    """How long a period is: in whole days from two on, in hours from one on."""
    if span >= _IN_DAYS:
        return voice.count("days", round(span / timedelta(days=1)))
    return voice.numbers.span(span) if span < timedelta(days=1) else voice.numbers.hours(span)


def stretch(voice: Voice, period: Period, reader: Reader | None = None) -> str:
    """From when to when: `21 Oct 14:05 – 20 Nov 14:05 Paris`.

    Args:
        reader: whose zone is named; None where that is done elsewhere.
    """
    start, end = period.start.at, period.end.at
    if voice.numbers.calendar.day(start) == voice.numbers.today:
        ends = voice.numbers.clock(start), voice.numbers.clock(end)
    else:
        ends = moment(voice, start), moment(voice, end)
    told = voice.word("period", start=ends[0], end=ends[1])
    return f"{told}{NBSP}{place(reader.zone_name)}" if reader is not None and ":" in told else told


def moment(voice: Voice, at: datetime) -> str:
    """Day and time; the end of a day is that day."""
    calendar, before = voice.numbers.calendar, at - timedelta(microseconds=1)
    if calendar.end(calendar.day(before)) == at:
        return voice.numbers.day(calendar.day(before))
    return f"{voice.numbers.day(calendar.day(at))}{NBSP}{voice.numbers.clock(at)}"


def missing(voice: Voice, rows: Iterable[Told]) -> Iterator[Line]:
    """Figures that cannot be given, by reason."""
    names: dict[Unknown, list[str]] = {}
    for row in rows:
        if isinstance(row.figure, Unknown):
            names.setdefault(row.figure, []).append(row.alone or row.name)
    for why, which in names.items():
        told = voice.all_of(which)
        text = voice.word("names_unknown", names=told[:1].upper() + told[1:], why=voice.unknown(why))
        yield Line(text, Tone.QUIET)


def unvalued(voice: Voice, figure: Figure, reader: Reader, currency: Currency = "USD") -> Iterator[Line]:
    """Where to look, if it is for want of a value in USD that a figure cannot be given."""
    if currency == "USD" and isinstance(figure, Unknown) and figure.reason == Reason.INCOMPLETE_FLOWS:
        yield Line(voice.say("look_for_unvalued", command=reader.command("flows")))


def feet(voice: Voice, rows: Iterable[Told]) -> Iterator[Foot]:
    """What has to be said beside figures: those that share a note share a footnote."""
    names: dict[Note, list[str]] = {}
    for row in rows:
        for note in _notes(row.figure):
            names.setdefault(note, []).append(row.alone or row.name)
    for note, which in names.items():
        text = voice.say("of_accounts", names=", ".join(which), text=voice.words.notes[note])
        yield Foot(NOTED, text)


def of_the_period(voice: Voice, period: Period) -> Iterator[Line]:
    """What has to be said of its ends."""
    for note in period.notes:
        text = voice.words.notes[note]
        yield Line(text[:1].upper() + text[1:], Tone.QUIET)


def mark(figure: Figure) -> str:
    """Behind a figure about which a footnote says something."""
    return NOTED if _notes(figure) else ""


def _notes(figure: Figure) -> tuple[Note, ...]:
    return () if isinstance(figure, Unknown) else figure.notes


def without(figure: Figure, said_once: Sequence[Note]) -> Figure:
    """Without what is said of the whole period."""
    if isinstance(figure, Unknown):
        return figure
    return Known(figure.value, tuple(note for note in figure.notes if note not in said_once))


def _rows(voice: Voice, view: PerformanceView) -> Iterator[Told]:
    found, numbers = view.figures, voice.numbers

    def told(name: str, figure: Figure, *, signed: bool = True, alone: str = "") -> Told:
        if isinstance(figure, Unknown):
            return Told(name, figure, "", alone)
        hundredfold = CONTEXT.multiply(figure.value, 100)
        return Told(name, figure, percent(voice, figure) if signed else numbers.percent(hundredfold), alone)

    def ratio(name: str, figure: Figure) -> Told:
        return Told(name, figure, "" if isinstance(figure, Unknown) else numbers.ratio(figure.value))

    def yearly(of: str, figure: Figure) -> Iterator[Told]:
        if _shown(figure):
            yield told(f"  {voice.word('a_year')}", figure, alone=voice.word("year_of", figure=of))

    weighted, money = voice.word("time_weighted"), voice.word("money_weighted")
    yield told(weighted, found.twr)
    yield from yearly(weighted, found.twr_annualized)
    yield told(money, found.xirr.period)
    yield from yearly(money, found.xirr.annual)
    yield told(voice.word("on_invested"), found.simple_return)
    yield told(voice.word("deepest_fall"), found.max_drawdown)
    if found.falls is not None and found.falls.current:
        yield told(voice.word("below_peak"), Known(found.falls.current))
    yield told(voice.word("volatility"), found.ratios.volatility, signed=False)
    yield ratio(voice.word("sharpe"), found.ratios.sharpe)
    yield ratio(voice.word("sortino"), found.ratios.sortino)
    if view.benchmark is not None:
        yield told(voice.word("basket"), view.benchmark.returned)
        if isinstance(view.benchmark.returned, Known):
            yield told(voice.word("against"), view.benchmark.outperformance_twr)


def _shown(figure: Figure) -> bool:
    """Whether a figure per year may be put before people."""
    return isinstance(figure, Known) and Note.NOT_SHOWN not in figure.notes


def _summary(voice: Voice, view: PerformanceView, period: Period) -> str:
    money, change = voice.numbers.money, voice.numbers.change
    values = {"start": money(period.start.value, view.currency), "end": money(period.end.value, view.currency)}
    if isinstance(view.figures.profit, Unknown):
        return voice.word("from_value", **values)
    values["profit"] = change(period.profit, view.currency)
    if not period.net_flows:
        return voice.word("from_value_to", **values)
    phrase = "from_value_flows" if period.net_flows > 0 else "from_value_outflows"
    return voice.word(phrase, **values, flows=money(period.net_flows.copy_abs(), view.currency))


def _fall(voice: Voice, falls: Drawdown | None) -> Iterator[Line]:
    if falls is None or not falls.depth:
        return
    day = voice.numbers.day
    values = {"peak": day(falls.peak), "trough": day(falls.trough)}
    if falls.recovery is None:
        yield Line(voice.say("fell_still", **values))
    else:
        yield Line(voice.say("fell_back", **values, recovery=day(falls.recovery)))
    if falls.longest is not None and falls.longest.days > 1:
        yield Line(voice.say("longest_below", days=voice.count("days", falls.longest.days)), Tone.QUIET)


def _counted(voice: Voice, rules: Sequence[Rule]) -> Iterator[Line]:
    """By which rule capital was counted; nothing where no flow asked for one."""
    told = [voice.words.rules[rule] for rule in rules if rule is not Rule.SIMPLE]
    if told:
        yield Line(voice.say("counted_with", rules=voice.all_of(told)), Tone.QUIET)
