"""The portfolio beside the same money in a basket of coins."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from portfolio_bot.analytics.benchmark import State
from portfolio_bot.analytics.series import Period
from portfolio_bot.model.figure import Figure, Known, Note, Unknown
from portfolio_bot.report.compose.performance import (
    Told,
    feet,
    headline,
    mark,
    moment,
    nothing,
    of_the_period,
    percent,
    stretch,
    without,
)
from portfolio_bot.report.compose.performance import missing as missing_lines
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import FIGURE, NAME, Block, Cell, Document, Gap, Headline, Line, Row, Table, Tone
from portfolio_bot.report.figures_views import BenchmarkView, PerformanceView
from portfolio_bot.report.numbers import CONTEXT, NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice


def benchmark(view: BenchmarkView | None, found: PerformanceView, reader: Reader) -> Document:
    """How the two compare, in USD.

    Args:
        view: None where there is no period.
        found: the portfolio over the same period.
    """
    voice = Voice.of(reader)
    period = found.figures.period
    if view is None or isinstance(period, Unknown):
        return said(reader, *nothing(voice, found.window))
    basket = _basket(voice, view)
    if len(view.states) < 2:
        return said(
            reader,
            Headline(headline(voice, view.twr, period)),
            Line(voice.say("basket_no_price", basket=basket)),
            Line(stretch(voice, period, reader), Tone.QUIET),
            *feet(voice, [Told(voice.word("portfolio"), without(view.twr, period.notes), "")]),
        )
    figures, newest = view.figures, view.states[-1]
    said_once = (*period.notes, Note.TRUNCATED)
    rows = [
        _row(voice, voice.word("portfolio"), view.nav, without(view.twr, said_once)),
        _row(voice, voice.word("basket"), newest.basket.value, without(figures.returned, said_once)),
        _row(voice, voice.word("basket_held"), newest.held.value, without(figures.held, said_once)),
    ]
    told = [
        Told(voice.word("portfolio"), without(view.twr, said_once), ""),
        Told(voice.word("basket"), without(figures.returned, said_once), ""),
        Told(voice.word("against"), without(figures.outperformance_twr, said_once), ""),
    ]
    blocks: list[Block] = [
        Headline(_headline(voice, figures.outperformance_twr, basket)),
        Line(stretch(voice, period, reader), Tone.QUIET),
        Table((NAME, FIGURE, FIGURE), tuple(rows)),
        *feet(voice, told),
        *_compared(voice, figures.outperformance, figures.outperformance_twr),
        Gap(),
        *_holding(voice, view, newest),
        *_later(voice, view, period),
        *missing_lines(voice, told),
        *of_the_period(voice, period),
    ]
    return said(reader, *blocks)


def _headline(voice: Voice, ahead: Figure, basket: str) -> str:
    if isinstance(ahead, Unknown):
        return voice.word("of_accounts", names=basket, text=voice.unknown(ahead))
    phrase = "behind" if ahead.value < 0 else "ahead"
    size = CONTEXT.multiply(ahead.value.copy_abs(), Decimal(100))
    return voice.word(phrase, figure=voice.numbers.percent(size, 2), basket=basket)


def _basket(voice: Voice, view: BenchmarkView) -> str:
    """`BTC 50%, ETH 50%`."""
    weights = view.plan.weights
    whole = sum(weights.values(), Decimal(0))
    percents = {asset: CONTEXT.divide(100 * part, whole) for asset, part in weights.items()}
    told = {
        asset: voice.numbers.percent(part, 0 if part == part.to_integral_value() else 1)
        for asset, part in percents.items()
    }
    return ", ".join(f"{asset}{NBSP}{part}" for asset, part in told.items())


def _row(voice: Voice, name: str, value: Decimal | Unknown, returned: Figure) -> Row:
    short = voice.word("unknown_short")
    return Row.of(
        Cell(name, mark(returned)),
        short if isinstance(value, Unknown) else voice.numbers.bare(value, "USD"),
        short if isinstance(returned, Unknown) else percent(voice, returned),
    )


def _compared(voice: Voice, in_value: Figure, in_return: Figure) -> Iterator[Line]:
    if isinstance(in_value, Known) and isinstance(in_return, Known):
        told = voice.say("ahead_in_value", figure=percent(voice, in_value), twr=percent(voice, in_return))
        yield Line(told)


def _later(voice: Voice, view: BenchmarkView, period: Period) -> Iterator[Line]:
    """Where its prices are not known from the beginning: then both are compared from there on."""
    if view.states[0].at > period.start.at:
        yield Line(voice.say("basket_since", when=moment(voice, view.states[0].at)), Tone.QUIET)


def _holding(voice: Voice, view: BenchmarkView, newest: State) -> Iterator[Line]:
    """What is in the basket, and when it is brought back to its weights."""
    if not newest.basket.units:
        return
    hidden = voice.numbers.percent_only
    units = [f"{voice.numbers.amount(amount)}{NBSP}{asset}" for asset, amount in newest.basket.units.items()]
    if not hidden:
        yield Line(voice.say("basket_holds", units=voice.all_of(units)))
    times = sum(state.rebalanced for state in view.states)
    yield Line(
        voice.say(
            "basket_next" if times else "basket_next_never",
            when=voice.numbers.moment(newest.next_rebalance),
            **({"times": voice.count("rebalances", times)} if times else {}),
        ),
        Tone.QUIET,
    )
    if newest.clamped:
        yield Line(voice.say("basket_clamped"))
