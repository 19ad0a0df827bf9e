"""What came in, went out and moved between own accounts; newest first, by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, assert_never

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind, Transfer
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Fee, Worth
from portfolio_bot.report.compose.lens import watermark
from portfolio_bot.report.compose.sync import read_in_part, standing
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
from portfolio_bot.report.movements import (
    Converted,
    Entry,
    Gathered,
    Moved,
    OwnTransfer,
    Sides,
    day_of,
    entries,
    flow_day,
    handle,
)
from portfolio_bot.report.numbers import CONTEXT, NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import Asked, FlowsView
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import joined

ENTRIES_PER_PAGE: Final = 12
PERIOD: Final = 30
"""Days that the first line sums up, where nobody asked for others."""

NAMED_LOST, NAMED_MOVING = 2, 5

LOST, UNCLASSIFIED = "*", "†"
_WIDE_FROM: Final = 60
_BELOW: Final = Column(below=True)
_COLUMNS: Final = (NAME, Column(right=True, below=True), _BELOW, FIGURE)


def flows(view: FlowsView, reader: Reader, *, page: int = 1) -> Document:
    """A page of the list.

    Args:
        page: of those that `listed` gives, from 1; one too many is the last.
    """
    voice = Voice.of(reader)
    sides = sides_of(view, reader)
    pages = listed(view, reader)
    number = min(page, len(pages))
    head = _headline(voice, view, found=bool(pages), partly=read_in_part(view.sync, view.asked, reader))
    blocks: list[Block] = [Headline(joined(head, page_mark(voice, number, len(pages)), between=""))]
    blocks += _on_their_way(voice, view)
    lost = lost_of(view, reader)
    if lost:
        blocks.append(Line(_lost(voice, lost, view.names), Tone.ALERT))
    shown = pages[number - 1] if pages else []
    if shown:
        blocks.append(_Rows(voice, sides, view.names, named=not reader.in_chat).table(shown))
    blocks += _feet(voice, [entry.first for entry in shown if isinstance(entry, Gathered)], sides, reader)
    if view.more and number == len(pages):
        phrase = "older_left_out_chat" if reader.in_chat else "older_left_out"
        blocks.append(Line(voice.say(phrase, command=reader.command("flows")), Tone.QUIET))
    if number <= 1:
        blocks += [Gap(), *standing(voice, view.sync, reader, view.asked)]
    return Document(tuple(blocks), watermark(voice, demo=reader.demo))


def listed(view: FlowsView, reader: Reader) -> list[list[Entry]]:
    """The entries of each page; only a chat has pages."""
    every = entries(view.flows, Sides.of(view.matching), reader.calendar, every=view.asked.every)
    size = ENTRIES_PER_PAGE if reader.in_chat else max(len(every), 1)
    return [every[start : start + size] for start in range(0, len(every), size)]


def sides_of(view: FlowsView, reader: Reader) -> Sides:
    """What matching found out; while an account is still being read for the first time, nothing is lost."""
    return Sides.of(view.matching, known=not read_in_part(view.sync, Asked(), reader))


def lost_of(view: FlowsView, reader: Reader) -> list[CashFlow]:
    """Outflows that no own account received, of the account and asset that are asked for, newest first."""
    sides = sides_of(view, reader)
    lost = [flow for flow in view.matching.unexplained if sides.lost(flow) and view.asked.about(flow)]
    return lost[::-1]


def _lost(voice: Voice, lost: Sequence[CashFlow], names: Mapping[AccountId, str]) -> Text:
    if len(lost) > NAMED_LOST:
        return voice.count("lost", len(lost))
    named = [
        voice.say(
            "lost_one",
            amount=coins(voice, flow.amount, flow.asset),
            name=voice.account(flow.account, names),
            day=voice.numbers.day(flow_day(flow, voice.numbers.calendar)),
        )
        for flow in lost
    ]
    return voice.say("lost_named", flows=joined(*named, between=", "))


def page_mark(voice: Voice, page: int, pages: int) -> str:
    """Behind the headline, where there are several."""
    if pages < 2:
        return ""
    return voice.word("page_of", page=voice.numbers.count(page), pages=voice.numbers.count(pages))


def coins(voice: Voice, amount: Decimal, asset: str, *, sign: bool = False) -> Text:
    """`0.1503 BTC`, or with its sign, for prose: the name is a stranger's."""
    figure = voice.numbers.amount_change(amount) if sign else voice.numbers.amount(amount.copy_abs())
    return f"{figure}{NBSP}", Foreign(asset)


def _signed(voice: Voice, amount: Decimal, asset: str) -> str:
    """`+0.1503 BTC`, for a cell."""
    return f"{voice.numbers.amount_change(amount)}{NBSP}{foreign(asset)}"


def _unsigned(voice: Voice, amount: Decimal, asset: str) -> str:
    """`0.1503 BTC`, for a cell."""
    return f"{voice.numbers.amount(amount.copy_abs())}{NBSP}{foreign(asset)}"


def moment(voice: Voice, flow: CashFlow) -> str:
    """When it was; only the day where nobody knows more."""
    return voice.numbers.moment(flow.at) if isinstance(flow.at, datetime) else voice.numbers.day(flow.at)


def worth_of(voice: Voice, worth: Worth | Unknown) -> str:
    """` ($3,356.17)`, or nothing."""
    return "" if isinstance(worth, Unknown) else f" ({voice.numbers.money(_size(worth), 'USD')})"


def _headline(voice: Voice, view: FlowsView, *, found: bool, partly: bool) -> Text:
    """What crossed the portfolio's border in the period, both ways.

    Args:
        found: there is something to list.
        partly: more may come, for it is being read.
    """
    asked = view.asked
    if not found and not view.matching.external and not view.matching.transfers:
        return voice.say("no_flows")
    if not found:
        return voice.say("no_flows_there")
    calendar = voice.numbers.calendar
    if asked.since is None and asked.until is None:
        asked = replace(asked, since=calendar.start(voice.numbers.today - timedelta(days=PERIOD - 1)))
    if voice.numbers.percent_only:
        return _counted(voice, view, asked)
    arrived, left, unknown = Decimal(0), Decimal(0), 0
    for flow in (one.flow for one in view.matching.external if asked.holds(one.flow, calendar)):
        if isinstance(flow.usd, Unknown):
            unknown += 1
        elif flow.amount > 0:
            arrived = CONTEXT.add(arrived, flow.usd.usd)
        else:
            left = CONTEXT.subtract(left, flow.usd.usd)
    period = _period(voice, view.asked)
    if partly:
        period = voice.word("as_far_as_read", period=period)
    if not arrived and not left and not unknown:
        return voice.say("nothing_moved", period=period)
    if not arrived and not left:
        return voice.say("moved_unknown", period=period, flows=voice.count("flows", unknown))
    money = voice.numbers.money
    return voice.say(
        "in_and_out_but" if unknown else "in_and_out",
        arrived=money(arrived, "USD"),
        left=money(left, "USD"),
        period=period,
        **({"count": voice.numbers.count(unknown)} if unknown else {}),
    )


def _counted(voice: Voice, view: FlowsView, asked: Asked) -> Text:
    """How many flows crossed it, where amounts are hidden."""
    crossed = [one.flow for one in view.matching.external if asked.holds(one.flow, voice.numbers.calendar)]
    arrived = sum(flow.amount > 0 for flow in crossed)
    counts = {"arrived": voice.count("flows", arrived), "left": voice.count("flows", len(crossed) - arrived)}
    return voice.say("in_and_out", **counts, period=_period(voice, view.asked))


def _period(voice: Voice, asked: Asked) -> str:
    calendar = voice.numbers.calendar
    first = None if asked.since is None else calendar.day(asked.since)
    last = None if asked.until is None else calendar.day(asked.until - timedelta(microseconds=1))
    if first is not None and last is not None:
        return voice.numbers.days(first, last)
    if first is not None:
        return voice.word("since_day", day=voice.numbers.day(first))
    if last is not None:
        return voice.word("until_day", day=voice.numbers.day(last))
    return voice.word("last_days", days=voice.count("days", PERIOD))


def _on_their_way(voice: Voice, view: FlowsView) -> Iterator[Line]:
    calendar = voice.numbers.calendar
    moving = [flow for flow in view.matching.in_transit if view.asked.about(flow)]
    moving.sort(key=lambda flow: flow.instant(calendar), reverse=True)
    for flow in moving[:NAMED_MOVING]:
        yield Line(
            voice.say(
                "on_its_way",
                amount=coins(voice, flow.amount, flow.asset),
                worth=worth_of(voice, flow.usd),
                name=voice.account(flow.account, view.names),
                when=moment(voice, flow),
            )
        )
    if len(moving) > NAMED_MOVING:
        yield Line(voice.count("moving", len(moving) - NAMED_MOVING))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Entries as rows.

    Attributes:
        named: with the short names that commands take; a chat has buttons instead.
    """

    voice: Voice
    sides: Sides
    names: Mapping[AccountId, str]
    named: bool

    def table(self, page: Sequence[Entry]) -> Table:
        """A page, by day."""
        rows: list[Row] = []
        before: date | None = None
        for entry in page:
            day = day_of(entry, self.voice.numbers.calendar)
            if day != before:
                rows.append(Row.over(self.voice.numbers.day(day)))
                before = day
            rows.append(self._row(entry))
        return Table(_COLUMNS, tuple(rows), joint=", ", wide_from=_WIDE_FROM)

    def _row(self, entry: Entry) -> Row:
        match entry:
            case OwnTransfer(link):
                origin, destination = self._name(link.withdrawal), self._name(link.deposit)
                between = self.voice.word("from_to", origin=origin, destination=destination)
                return self._link(link, "own_transfer_row", between)
            case Moved(link):
                return self._link(
                    link, "moved_row", f"{self._name(link.deposit)} {foreign(link.withdrawal.wallets)}".strip()
                )
            case Converted():
                return self._converted(entry)
            case Gathered():
                return self._gathered(entry)
            case _:
                assert_never(entry)

    def _link(self, link: Transfer, phrase: str, between: str) -> Row:
        voice, sent, got = self.voice, link.withdrawal, link.deposit
        lost = voice.word("lost_as_fee", amount=_unsigned(voice, link.network_fee, sent.asset))
        notes = (between, lost if link.network_fee > 0 else "", "" if link.inside else self._handle(sent))
        worth = sent.usd if isinstance(got.usd, Unknown) else got.usd
        return _cells(voice.word(phrase), _unsigned(voice, link.received, got.asset), notes, _value(voice, worth))

    def _converted(self, entry: Converted) -> Row:
        voice, given, got = self.voice, entry.given, entry.got
        legs = {"given": _unsigned(voice, given.amount, given.asset), "got": _unsigned(voice, got.amount, got.asset)}
        worth = got.usd if isinstance(given.usd, Unknown) else given.usd
        notes = (self._name(got), _fee(voice, given.fee or got.fee))
        return _cells(voice.words.flows[got.kind], voice.word("given_got", **legs), notes, _value(voice, worth))

    def _gathered(self, entry: Gathered) -> Row:
        voice, flow = self.voice, entry.first
        lost = self.sides.lost(flow)
        mark = LOST if lost else UNCLASSIFIED if flow.kind is FlowKind.UNCLASSIFIED else ""
        notes = [self._name(flow), foreign(flow.wallets)]
        if flow.key in self.sides.in_transit:
            notes.append(voice.word("still_moving"))
        if self.sides.to_bank(flow):
            notes.append(voice.word("to_a_bank"))
        if len(entry.flows) > 1:
            notes.append(voice.word("times_in_all", times=voice.count("times", len(entry.flows))))
        else:
            notes += [_fee(voice, flow.fee), foreign(voice.term(_detail(flow))), foreign(flow.note)]
        if self.sides.told_external(flow):
            notes.append(voice.word("said_left" if flow.amount < 0 else "said_came"))
        if self.sides.at_border(flow):
            notes.append(self._handle(flow))
        usd = entry.usd
        value = voice.word("value_unknown") if isinstance(usd, Unknown) else voice.numbers.change(usd, "USD")
        if voice.numbers.percent_only:
            value = ""
        amount = _signed(voice, entry.amount, flow.asset)
        return _cells(voice.words.flows[flow.kind], amount, notes, value, mark)

    def _handle(self, flow: CashFlow) -> str:
        return handle(flow.key) if self.named else ""

    def _name(self, flow: CashFlow) -> str:
        return self.voice.account(flow.account, self.names)


def _cells(what: str, amount: str, notes: Iterable[str], value: str, mark: str = "") -> Row:
    told = ", ".join(note for note in notes if note)
    return Row((Cell(what, mark), Cell(amount), Cell(told), Cell(value)))


def _value(voice: Voice, worth: Worth | Unknown) -> str:
    """Without a sign: nothing was won or lost."""
    if voice.numbers.percent_only:
        return ""
    return voice.word("value_unknown") if isinstance(worth, Unknown) else voice.numbers.money(_size(worth), "USD")


def _size(worth: Worth) -> Decimal:
    return worth.usd.copy_abs()


def _fee(voice: Voice, fee: Fee | None) -> str:
    if fee is None or not fee.amount or voice.numbers.percent_only:
        return ""
    return voice.word("fee", amount=f"{voice.numbers.amount(fee.amount)}{NBSP}{foreign(fee.asset)}")


def _detail(flow: CashFlow) -> str:
    """A platform's word as people write it: `broker fee` for `broker_fee`; a market's name (`BTC_USDT`) as it is."""
    return flow.detail.replace("_", " ") if flow.detail.islower() else flow.detail


def _feet(voice: Voice, shown: Iterable[CashFlow], sides: Sides, reader: Reader) -> Iterator[Block]:
    kept = list(shown)
    lost = next((flow for flow in kept if sides.lost(flow)), None)
    if lost is not None:
        mend = voice.say("lost_mend_chat")
        if not reader.in_chat:
            mend = voice.say("lost_mend", command=reader.command("flows"), example=handle(lost.key))
        yield Foot(LOST, voice.say("lost_foot"), mend)
    if any(flow.kind is FlowKind.UNCLASSIFIED for flow in kept):
        yield Foot(UNCLASSIFIED, voice.say("unclassified_foot"))
