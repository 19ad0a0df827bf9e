"""What was bought and sold; newest first, by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.report.compose.flows import page_mark
from portfolio_bot.report.compose.lens import watermark
from portfolio_bot.report.compose.sync import standing
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Column,
    Document,
    Foot,
    Foreign,
    Gap,
    Headline,
    Line,
    Row,
    Table,
    Text,
    Tone,
)
from portfolio_bot.report.layout import foreign
from portfolio_bot.report.numbers import CONTEXT, NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import TradesView
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import joined

CONTRACT: Final = "†"
ROWS_PER_PAGE: Final = 12
_WIDE_FROM: Final = 60
_BELOW: Final = Column(below=True)
_COLUMNS: Final = (NAME, _BELOW, _BELOW, _BELOW, FIGURE)


def trades(view: TradesView, reader: Reader, *, page: int = 1) -> Document:
    """Side, amount, price, place, fee and value of each; in a chat so many on a page.

    Args:
        page: from 1; one too many is the last.
    """
    voice = Voice.of(reader)
    size = ROWS_PER_PAGE if reader.in_chat else max(len(view.trades), 1)
    pages = pages_of(view) if reader.in_chat else 1
    number = min(page, pages)
    shown = view.trades[(number - 1) * size : number * size]
    head = joined(_headline(voice, view), page_mark(voice, number, pages), between="")
    blocks: list[Block] = [Headline(head)]
    if shown:
        blocks.append(_table(voice, shown, view.names))
    if any(isinstance(trade, ContractTrade) for trade in shown):
        blocks.append(Foot(CONTRACT, voice.say("contract_foot_hidden" if reader.percent_only else "contract_foot")))
    if view.more and not reader.in_chat:
        blocks.append(Line(voice.say("older_left_out", command=reader.command("trades")), Tone.QUIET))
    if number == 1:
        blocks += [Gap(), *standing(voice, view.sync, reader, view.asked)]
    return Document(tuple(blocks), watermark(voice, demo=reader.demo))


def pages_of(view: TradesView) -> int:
    """How many pages there are in a chat."""
    return max(-(-len(view.trades) // ROWS_PER_PAGE), 1)


def _headline(voice: Voice, view: TradesView) -> Text:
    """The newest one."""
    if not view.trades:
        return voice.say("no_trades" if view.asked.everything else "no_trades_there")
    newest = view.trades[0]
    price = price_of(newest)
    return voice.say(
        "trade_headline_buy" if newest.side is Side.BUY else "trade_headline_sell",
        amount=(f"{voice.numbers.amount(size_of(newest))}{NBSP}", Foreign(name_of(newest))),
        price="" if price is None else voice.say("trade_at", price=_price_said(voice, newest, price)),
        when=voice.numbers.moment(newest.at),
    )


def _table(voice: Voice, shown: Sequence[Trade | ContractTrade], names: Mapping[AccountId, str]) -> Table:
    rows: list[Row] = []
    before: date | None = None
    for trade in shown:
        day = voice.numbers.calendar.day(trade.at)
        if day != before:
            rows.append(Row.over(voice.numbers.day(day)))
            before = day
        rows.append(_row(voice, trade, names))
    return Table(_COLUMNS, tuple(rows), joint=", ", wide_from=_WIDE_FROM)


def _row(voice: Voice, trade: Trade | ContractTrade, names: Mapping[AccountId, str]) -> Row:
    phrase = "bought" if trade.side is Side.BUY else "sold"
    price = price_of(trade)
    place = voice.word("trade_place", name=voice.account(trade.account, names), when=voice.numbers.clock(trade.at))
    return Row((
        Cell(voice.word(phrase, amount=_what(voice, trade)), _mark(trade)),
        Cell("" if price is None else voice.word("at_price", price=_price(voice, trade, price))),
        Cell(place),
        Cell(_fees(voice, trade.fees)),
        Cell(_value(voice, trade)),
    ))  # fmt: skip


def price_of(trade: Trade | ContractTrade) -> Decimal | None:
    """As printed, or what follows from amount and cost."""
    if trade.price is not None or isinstance(trade, ContractTrade):
        return trade.price
    return CONTEXT.divide(trade.cost, trade.amount)


def fees_of(fees: Iterable[Fee]) -> list[tuple[str, Decimal]]:
    """Fees by asset, in their order."""
    sums: dict[str, Decimal] = {}
    for fee in fees:
        sums[fee.asset] = CONTEXT.add(sums.get(fee.asset, Decimal(0)), fee.amount)
    return [(asset, amount) for asset, amount in sums.items() if amount]


def size_of(trade: Trade | ContractTrade) -> Decimal:
    """How much of it."""
    return trade.amount if isinstance(trade, Trade) else trade.size


def name_of(trade: Trade | ContractTrade) -> str:
    """What was bought or sold."""
    return trade.base if isinstance(trade, Trade) else trade.contract


def _what(voice: Voice, trade: Trade | ContractTrade) -> str:
    return f"{voice.numbers.amount(size_of(trade))}{NBSP}{foreign(name_of(trade))}"


def _mark(trade: Trade | ContractTrade) -> str:
    return CONTRACT if isinstance(trade, ContractTrade) else ""


def _price(voice: Voice, trade: Trade | ContractTrade, price: Decimal) -> str:
    return f"{voice.numbers.price(price)}{NBSP}{foreign(_quote(trade))}"


def _price_said(voice: Voice, trade: Trade | ContractTrade, price: Decimal) -> Text:
    return f"{voice.numbers.price(price)}{NBSP}", Foreign(_quote(trade))


def _quote(trade: Trade | ContractTrade) -> str:
    return trade.quote if isinstance(trade, Trade) else trade.settle


def _fees(voice: Voice, fees: Iterable[Fee]) -> str:
    if voice.numbers.percent_only:
        return ""
    told = ", ".join(f"{voice.numbers.amount(amount)}{NBSP}{foreign(asset)}" for asset, amount in fees_of(fees))
    return voice.word("fee", amount=told) if told else ""


def _value(voice: Voice, trade: Trade | ContractTrade) -> str:
    """What changed hands, in USD; of a contract what closing gave, in its own coin."""
    if voice.numbers.percent_only:
        return ""
    match trade:
        case Trade():
            if isinstance(trade.usd, Unknown):
                return voice.word("value_unknown")
            return voice.numbers.money(trade.usd.usd, "USD")
        case ContractTrade():
            if not trade.realised:
                return foreign(voice.term(trade.detail))
            return f"{voice.numbers.amount_change(trade.realised)}{NBSP}{foreign(trade.settle)}"
