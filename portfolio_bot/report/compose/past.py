"""Day closes, newest first, and the days that have none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from portfolio_bot.model.history import DayClose, Origin
from portfolio_bot.model.money import Currency
from portfolio_bot.report.compose.lens import watermark
from portfolio_bot.report.document import (
    FIGURE,
    Block,
    Column,
    Document,
    Gap,
    Headline,
    Line,
    PageBreak,
    Row,
    Table,
    Tone,
)
from portfolio_bot.report.numbers import CONTEXT, SYMBOLS
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

ROWS_PER_PAGE: Final = 31
_PARTS: Final = (Column(right=True, optional=True), FIGURE)


def history(closes: Sequence[DayClose], reader: Reader, *, limit: int | None = None) -> Document:
    """Closes of days in dollars and roubles, each with its change since the close before.

    Args:
        closes: newest first, today's with `open`.
        limit: how many to show; one more than that, if given, serves the oldest one's change.
    """
    voice = Voice.of(reader)
    mark = watermark(voice, demo=reader.demo)
    shown = closes[:limit]
    if not shown:
        return Document((Headline(voice.say("no_closes")),), mark)
    first = "RUB" if reader.currency == "RUB" else "USD"
    second = "USD" if first == "RUB" else "RUB"
    columns = (
        Column(),
        Column(right=True, title=SYMBOLS[first]),
        *_PARTS,
        Column(right=True, below=True, title=SYMBOLS[second]),
    )
    rows: list[Row] = []
    for place, close in enumerate(shown):
        before = closes[place + 1] if place + 1 < len(closes) else None
        rows.append(_row(voice, close, before, (first, second)))
        if before is not None and place + 1 < len(shown) and close.day - before.day > timedelta(days=1):
            gap = voice.numbers.days(before.day + timedelta(days=1), close.day - timedelta(days=1))
            rows.append(Row.over(voice.word("no_close", days=gap)))
    blocks: list[Block] = [Headline(_headline(voice, closes, shown, first))]
    for start in range(0, len(rows), ROWS_PER_PAGE):
        blocks += [PageBreak()] if start else []
        blocks.append(Table(columns, tuple(rows[start : start + ROWS_PER_PAGE]), titled=True))
    return Document((*blocks, Gap(), *_remarks(voice, shown, demo=reader.demo)), mark)


def _headline(voice: Voice, closes: Sequence[DayClose], shown: Sequence[DayClose], currency: Currency) -> str:
    """The newest close; today's is none yet. Where amounts are hidden, its change."""
    closed = next((close for close in shown if not close.open), None)
    newest = closed or shown[0]
    amount = _amount(newest, currency)
    figure = voice.word("unknown") if amount is None else voice.numbers.headline(amount, currency)
    if voice.numbers.percent_only:
        earlier = next((_amount(close, currency) for close in closes if close.day < newest.day), None)
        figure = _fraction(voice, amount, earlier) or figure
    if closed is None:
        return voice.word("open_headline", figure=figure)
    return voice.word("closes_headline", figure=figure, day=voice.numbers.day(newest.day))


def _row(voice: Voice, close: DayClose, before: DayClose | None, currencies: tuple[Currency, Currency]) -> Row:
    numbers, (first, second) = voice.numbers, currencies
    day = voice.word("today") if close.open else numbers.day(close.day)
    now, earlier = _amount(close, first), None if before is None else _amount(before, first)
    moved = fraction = ""
    if now is not None and earlier is not None:
        difference = CONTEXT.subtract(now, earlier)
        moved = numbers.bare_change(difference, first, cents=False)
        fraction = _fraction(voice, now, earlier)
    return Row.of(day, _figure(voice, now, first), moved, fraction, _figure(voice, _amount(close, second), second))


def _fraction(voice: Voice, now: Decimal | None, earlier: Decimal | None) -> str:
    """The change in percent; "" where nobody can tell."""
    if now is None or earlier is None or earlier <= 0:
        return ""
    return voice.numbers.percent_change(CONTEXT.divide(CONTEXT.subtract(now, earlier), earlier), 1)


def _figure(voice: Voice, amount: Decimal | None, currency: Currency) -> str:
    if amount is None:
        return voice.word("unknown_short")
    return voice.numbers.bare_headline(amount, currency)


def _amount(close: DayClose, currency: Currency) -> Decimal | None:
    return close.point.rub if currency == "RUB" else close.point.usd


def _remarks(voice: Voice, shown: Sequence[DayClose], *, demo: bool) -> list[Line]:
    told = []
    if shown[0].open:
        told.append(Line(voice.say("open_day", when=voice.numbers.moment(shown[0].point.at)), Tone.QUIET))
    imported = [close.day for close in shown if close.point.origin is Origin.IMPORTED]
    if imported and not demo:  # a demo's whole past is made up
        told.append(Line(voice.say("imported_until", day=voice.numbers.day(max(imported))), Tone.QUIET))
    return told
