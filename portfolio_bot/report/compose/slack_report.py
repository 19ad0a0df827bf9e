"""The report as a channel reads it: the total, each asset in one line, what it gained, and when that was."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.portfolio import Incomplete, Portfolio, Priced
from portfolio_bot.report.compose.assets import Held, added_up, smallest
from portfolio_bot.report.compose.lens import STALE, Lens
from portfolio_bot.report.compose.overview import footnotes, opening
from portfolio_bot.report.compose.remarks import alerts, left_out
from portfolio_bot.report.compose.talk import late as late_lines
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Column,
    Document,
    Gap,
    Headline,
    Line,
    Row,
    Table,
    Tone,
    plain,
)
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import LateNote

_BELOW: Final = Column(right=True, below=True)
_COLUMNS: Final = (NAME, _BELOW, _BELOW, FIGURE, FIGURE)


def slack_report(
    portfolio: Portfolio, reader: Reader, gains: Sequence[PerformanceView] = (), *, late: LateNote | None = None
) -> Document:
    """The report for a channel.

    Args:
        gains: of the periods that are told: 24 hours, 7 days, all; without any none is told.
        late: why this comes after its time.
    """
    lens = Lens.of(portfolio, reader)
    first, *beside = opening(lens, ())
    head = plain(first.text) if isinstance(first, Headline) else ""
    blocks: list[Block] = [Headline(lens.voice.say("report_title", figure=head)), *beside, _assets(lens), Gap()]
    blocks += [_gain(lens, view) for view in gains]
    blocks += [Gap(), *footnotes(lens), Gap(), *alerts(lens), *left_out(lens), Gap()]
    if late is not None:
        blocks += late_lines(late, reader)
    blocks.append(Line(lens.numbers.stamp(portfolio.at), Tone.QUIET))
    return Document(tuple(blocks), lens.watermark)


def _assets(lens: Lens) -> Table:
    """Quantity @ price = value, and the share: the largest first, dust together."""
    rows = [row for account in lens.sorted_known() for row in account.holdings]
    held = sorted(added_up(row for row in rows if isinstance(row, Priced)), key=lambda one: -one.value)
    moving = [one.value for one in lens.portfolio.in_transit if not isinstance(one.value, Unknown)]
    dust = [one for one in held if abs(lens.value(one.value)) < smallest(lens)]
    dust = dust if len(dust) > 1 else []
    told = [_asset(lens, one) for one in held if one not in dust]
    if moving:
        value = sum(moving, Decimal(0))
        told.append(_row(lens, Cell(lens.voice.word("in_transit")), "", "", value))
    if dust:
        value = sum((one.value for one in dust), Decimal(0))
        told.append(_row(lens, Cell(lens.voice.count("more", len(dust))), "", "", value))
    if not lens.reader.percent_only:
        return Table(_COLUMNS, tuple(told), joint=" ")
    shares = (Row((row.cells[0], row.cells[-1])) for row in told)
    return Table((NAME, FIGURE), tuple(shares))


def _asset(lens: Lens, one: Held) -> Row:
    stale = STALE if any(one.asset in account.provisional_prices for account in lens.sorted_known()) else ""
    name = Cell(one.asset, stale, foreign=True) if one.covered else Cell(lens.voice.word("not_itemised"))
    price, numbers = one.price, lens.numbers
    if price is None:
        return _row(lens, name, "", "", one.value)
    return _row(lens, name, numbers.quantity(one.amount), f"@ {numbers.unit_price(lens.value(price))}", one.value)


def _row(lens: Lens, name: Cell, quantity: str, price: str, usd: Decimal) -> Row:
    whole = Decimal(0) if isinstance(lens.portfolio.total_usd, Incomplete) else lens.total
    share = lens.numbers.share(lens.value(usd), whole)
    return Row((name, Cell(quantity), Cell(price), Cell(f"= {lens.bare(usd)}"), Cell(share)))


def _gain(lens: Lens, view: PerformanceView) -> Line:
    """`24 h +$512.40 (+1.14%)`; a dash where it cannot be told."""
    voice, found = lens.voice, view.figures
    name = {"24h": voice.word("report_24h"), "7d": voice.word("report_7d")}.get(view.window, voice.word("report_all"))
    told = voice.word("unknown_short")
    share = (
        None if isinstance(found.simple_return, Unknown) else voice.numbers.percent_change(found.simple_return.value)
    )
    if isinstance(found.profit, Unknown):
        return Line(f"{name} {told}")
    if share is None:
        told = told if lens.reader.percent_only else voice.numbers.change(found.profit.value, view.currency)
    else:
        told = voice.gain(voice.numbers.change(found.profit.value, view.currency), share)
    return Line(f"{name} {told}")
