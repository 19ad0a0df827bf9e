"""Where a profit comes from: what adds up to it, and for one asset its lots and what left them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.lot_book import LotSource
from portfolio_bot.analytics.lot_report import AssetProfit, Disposal, DisposalKind, Lot
from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.money import ZERO
from portfolio_bot.report.compose.explain import hint, in_pages, source_of
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Column,
    Document,
    Foreign,
    Gap,
    Heading,
    Headline,
    Line,
    Row,
    Table,
    Tone,
)
from portfolio_bot.report.explain_views import PnlView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

MOST_LEFT: Final = 50
"""Disposals that are shown; all of them are in the JSON."""

_BELOW: Final = Column(below=True)
_SCOPES: Final = {"global": "scope_global", "account": "scope_account"}
_UNKNOWN: Final = {"exclude": "unknown_exclude", "zero": "unknown_zero", "opening": "unknown_opening"}
_KINDS: Final = {
    DisposalKind.TRADE: "left_sold",
    DisposalKind.SHORT_COVER: "left_covered",
    DisposalKind.FEE: "left_as_fee",
    DisposalKind.NETWORK_FEE: "left_on_the_way",
    DisposalKind.CONVERSION: "left_converted",
    DisposalKind.WITHDRAWAL: "left_withdrawn",
    DisposalKind.FUNDING: "left_as_funding",
    DisposalKind.FUTURES_PNL: "left_futures",
    DisposalKind.UNCLASSIFIED: "left_unknown",
}


def hidden(reader: Reader) -> Document:
    """To somebody who sees percentages only: the steps are all amounts."""
    voice = Voice.of(reader)
    return said(reader, Headline(voice.say("pnl_hidden")), Line(voice.say("pnl_in_percent"), Tone.QUIET))


def pnl(view: PnlView, reader: Reader) -> Document:
    """The profit of lots; of one asset with its lots, prices and disposals."""
    voice = Voice.of(reader)
    if reader.percent_only:
        return hidden(reader)
    mine = next((one for one in view.profit.end.assets if one.asset == view.asset), None)
    if view.asset is None:
        return _whole(voice, view, reader)
    if mine is None:
        return said(reader, Headline(voice.say("nothing_of_asset", asset=(Foreign(view.asset),))))
    return _one(voice, view, mine, reader)


def _whole(voice: Voice, view: PnlView, reader: Reader) -> Document:
    profit, end, before = view.profit, view.profit.end, view.profit.before
    opened = (ZERO, ZERO) if before is None else (before.unrealised, before.revaluation)
    with exactly():
        values = {
            "gain_realised": profit.total("realised"),
            "gain_open": end.unrealised - opened[0],
            "gain_income": profit.total("income"),
            "gain_futures": profit.bucket("futures_pnl"),
            "gain_funding": profit.bucket("funding"),
            "gain_fees": profit.bucket("fee"),
            "gain_withdrawn": profit.total("withdrawn_gain"),
            "gain_cash": end.revaluation - opened[1],
        }
        residual = profit.total("nav_pnl") - sum(values.values(), ZERO)
    numbers = voice.numbers
    rows = [
        Row.of(voice.words.phrases[name], numbers.bare_change(value, "USD")) for name, value in values.items() if value
    ]
    rows.append(Row.of(voice.word("gain_all"), numbers.bare_change(profit.total("nav_pnl"), "USD")))
    add_up = (
        voice.say("pnl_parts_differ", residual=numbers.exact(residual)) if residual else voice.say("pnl_parts_add_up")
    )
    blocks: list[Block] = [
        Headline(voice.say("pnl_explained", figure=numbers.change(profit.total("nav_pnl"), "USD"))),
        Table((NAME, FIGURE), tuple(rows)),
        Line(add_up, Tone.QUIET if not residual else Tone.ALERT),
        _rules(voice, view),
    ]
    if end.assets:
        blocks.append(Heading(voice.say("of_assets")))
        blocks += in_pages([_asset(voice, view, one) for one in end.assets], (NAME, _BELOW, FIGURE))
    return said(reader, *blocks, *hint(voice, "pnl"))


def _asset(voice: Voice, view: PnlView, one: AssetProfit) -> Row:
    realised = voice.numbers.bare_change(view.profit.realised(one), "USD")
    unrealised = _or_unknown(voice, one.unrealised)
    held = f"{voice.numbers.amount(one.quantity - one.short)}"
    told = voice.word("realised_and_open", realised=realised, unrealised=unrealised)
    return Row((Cell(one.asset, foreign=True), Cell(told), Cell(held)))


def _one(voice: Voice, view: PnlView, mine: AssetProfit, reader: Reader) -> Document:
    numbers = voice.numbers
    head = voice.say(
        "pnl_asset_explained",
        realised=numbers.change(view.profit.realised(mine), "USD"),
        unrealised=(
            voice.word("unknown_short")
            if isinstance(mine.unrealised, Unknown)
            else numbers.change(mine.unrealised, "USD")
        ),
        asset=(Foreign(mine.asset),),
    )
    blocks: list[Block] = [Headline(head)]
    price = view.prices.get(mine.asset)
    if price is not None:
        source = voice.word("price_of", source=source_of(voice, price.source), when=numbers.moment(price.at))
        blocks.append(Line(voice.say("price_explained", price=numbers.price(price.usd), source=source)))
    if mine.lots:
        blocks.append(Heading(voice.say("open_lots")))
        blocks += in_pages([_lot(voice, lot, mine) for lot in mine.lots], (NAME, _BELOW, _BELOW, FIGURE))
    newest = view.disposals[::-1][:MOST_LEFT]
    if newest:
        blocks.append(Heading(voice.say("what_left")))
        blocks += in_pages([_disposal(voice, one) for one in newest], (NAME, _BELOW, _BELOW, FIGURE))
    hidden = len(view.disposals) - len(newest) + view.left_out
    if hidden:
        blocks.append(Line(voice.say("older_events", count=voice.numbers.count(hidden)), Tone.QUIET))
    counted = voice.say(
        "events_counted",
        trades=voice.count("trades", len(view.trades)),
        flows=voice.count("flows", len(view.flows)),
    )
    blocks += [Gap(), Line(counted, Tone.QUIET), _rules(voice, view)]
    blocks += [Line(voice.words.flags[flag], Tone.QUIET) for flag in mine.flags]
    return said(reader, *blocks, *hint(voice, f"pnl {mine.asset}"))


def _lot(voice: Voice, lot: Lot, mine: AssetProfit) -> Row:
    cost = voice.word("unknown_short") if isinstance(lot.cost, Unknown) else voice.numbers.bare(lot.cost, "USD")
    gain: Decimal | Unknown = Unknown("no_price", mine.asset)
    if isinstance(lot.cost, Decimal) and isinstance(mine.price, Decimal):
        with exactly():
            gain = lot.quantity * mine.price - lot.cost
            gain = -gain if lot.source is LotSource.SHORT else gain
    return Row((
        Cell(voice.word("lot_bought", amount=voice.numbers.amount(lot.quantity), day=_day(voice, lot.acquired_at))),
        Cell(voice.words.lots[lot.source]),
        Cell(voice.word("lot_cost", cost=cost)),
        Cell(_or_unknown(voice, gain)),
    ))  # fmt: skip


def _disposal(voice: Voice, one: Disposal) -> Row:
    kind = voice.words.phrases[_KINDS[one.kind]]
    proceeds, cost = _bare(voice, one.proceeds), voice.numbers.bare(one.cost, "USD")
    return Row((
        Cell(_day(voice, one.at)),
        Cell(voice.word("left_amount", amount=voice.numbers.amount(one.quantity), kind=kind)),
        Cell(voice.word("left_for", proceeds=proceeds, cost=cost)),
        Cell(_or_unknown(voice, one.gain)),
    ))  # fmt: skip


def _rules(voice: Voice, view: PnlView) -> Line:
    scope, unknown = voice.words.phrases[_SCOPES[view.scope]], voice.words.phrases[_UNKNOWN[view.unknown]]
    return Line(voice.say("lot_rules", scope=scope, unknown=unknown), Tone.QUIET)


def _day(voice: Voice, at: datetime) -> str:
    return voice.numbers.day(voice.numbers.calendar.day(at))


def _bare(voice: Voice, figure: Decimal | Unknown) -> str:
    return voice.word("unknown_short") if isinstance(figure, Unknown) else voice.numbers.bare(figure, "USD")


def _or_unknown(voice: Voice, figure: Decimal | Unknown) -> str:
    return voice.word("unknown_short") if isinstance(figure, Unknown) else voice.numbers.bare_change(figure, "USD")
