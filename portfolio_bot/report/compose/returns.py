"""Gains of days that are over, newest first, with what came and went beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.returns import DayReturn
from portfolio_bot.model.figure import Note, Unknown
from portfolio_bot.model.money import Currency
from portfolio_bot.report.compose.performance import NOTED
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import (
    FIGURE,
    Block,
    Cell,
    Column,
    Document,
    Foot,
    Gap,
    Headline,
    Line,
    PageBreak,
    Row,
    Table,
    Tone,
)
from portfolio_bot.report.figures_json import lacks_flows
from portfolio_bot.report.numbers import CONTEXT, SYMBOLS
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

ROWS_PER_PAGE: Final = 31
CENTS_BELOW: Final = 100
"""On a phone there is room for them only in small amounts."""


def returns(
    days: Sequence[DayReturn], reader: Reader, *, currency: Currency = "USD", narrowed: bool = False
) -> Document:
    """Gains from close to close.

    Args:
        days: newest first.
        currency: of their money.
        narrowed: only some days were asked for.
    """
    voice = Voice.of(reader)
    if not days:
        return said(reader, Headline(voice.say("no_returns_there" if narrowed else "no_returns")))
    small = max(max(abs(one.profit), abs(one.net_flows)) for one in days) < CENTS_BELOW
    rows = [row for one in days for row in _rows(voice, one, currency, cents=small or not reader.in_chat)]
    columns: tuple[Column, ...] = (
        Column(),
        Column(right=True, title=SYMBOLS[currency]),
        Column(right=True, title=voice.word("share_title")),
        Column(right=True, below=True, title=voice.word("flows_title")),
    )
    if not any(one.net_flows or lacks_flows(one) for one in days):
        columns = (Column(), columns[1], FIGURE)
    blocks: list[Block] = [Headline(_headline(voice, days[0], currency)), *_together(voice, days, currency)]
    for start in range(0, len(rows), ROWS_PER_PAGE):
        blocks += [PageBreak()] if start else []
        blocks.append(Table(columns, tuple(rows[start : start + ROWS_PER_PAGE]), titled=len(columns) > 3))
    return said(reader, *blocks, *_feet(voice, days), Gap(), *_missing(voice, days))


def _headline(voice: Voice, newest: DayReturn, currency: Currency) -> str:
    if lacks_flows(newest) and isinstance(newest.percent, Unknown):
        return voice.word("day_unknown", day=_days(voice, newest), why=voice.unknown(newest.percent))
    figure = voice.numbers.change(newest.profit, currency)
    if not isinstance(newest.percent, Unknown):
        figure = voice.gain(figure, voice.numbers.percent_change(newest.percent.value))
    return voice.word("day_headline", figure=figure, day=_days(voice, newest))


def _together(voice: Voice, days: Sequence[DayReturn], currency: Currency) -> Iterator[Line]:
    """All of them, where there are several."""
    if len(days) < 2 or any(map(lacks_flows, days)):
        return
    total, growth = Decimal(0), Decimal(1)
    for one in days:
        total = CONTEXT.add(total, one.profit)
        if not isinstance(one.percent, Unknown):
            growth = CONTEXT.multiply(growth, 1 + one.percent.value)
    figure = voice.gain(voice.numbers.change(total, currency), voice.numbers.percent_change(growth - 1))
    counted = sum(one.span_days for one in days)
    yield Line(voice.say("days_headline", figure=figure, days=voice.count("days", counted)))


def _rows(voice: Voice, one: DayReturn, currency: Currency, *, cents: bool) -> Iterator[Row]:
    numbers = voice.numbers
    fraction = voice.word("unknown_short")
    if not isinstance(one.percent, Unknown):
        fraction = numbers.percent_change(one.percent.value)
    flows = numbers.bare_change(one.net_flows, currency, cents=cents) if one.net_flows else ""
    gain = numbers.bare_change(one.profit, currency, cents=cents)
    if lacks_flows(one):
        gain, flows = fraction, fraction
    yield Row.of(
        Cell(numbers.day(one.day), NOTED if _notes(one) else ""),
        gain,
        fraction,
        flows,
    )
    if one.span_days > 1:
        gap = numbers.days(one.since + timedelta(days=1), one.day - timedelta(days=1))
        yield Row.over(voice.word("no_close", days=gap))


def _days(voice: Voice, one: DayReturn) -> str:
    return voice.numbers.days(one.since + timedelta(days=1), one.day)


def _notes(one: DayReturn) -> list[Note]:
    """But for a gap, which stands between the rows."""
    return [] if isinstance(one.percent, Unknown) else [note for note in one.percent.notes if note is not Note.GAP]


def _feet(voice: Voice, days: Sequence[DayReturn]) -> Iterator[Block]:
    for note in dict.fromkeys(note for one in days for note in _notes(one)):
        yield Foot(NOTED, voice.words.notes[note])


def _missing(voice: Voice, days: Sequence[DayReturn]) -> Iterator[Line]:
    """Days without a percentage, by reason."""
    names: dict[Unknown, list[str]] = {}
    for one in days:
        if isinstance(one.percent, Unknown):
            names.setdefault(one.percent, []).append(_days(voice, one))
    for why, which in names.items():
        text = voice.word("names_unknown", names=voice.listed(which), why=voice.unknown(why))
        yield Line(text, Tone.QUIET)
