"""What came in, went out and moved between own accounts; newest first, by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, assert_never

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind, Transfer
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Fee, Worth
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
    Gap,
    Headline,
    Line,
    PageBreak,
    Row,
    Table,
    Text,
    Tone,
)
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
from portfolio_bot.report.views import FlowsView
from portfolio_bot.report.voice import Voice

ENTRIES_PER_PAGE: Final = 12
PERIOD: Final = 30
"""Days that the first line sums up, where nobody asked for others."""

LOST, UNCLASSIFIED = "*", "†"
_WIDE_FROM: Final = 60
_BELOW: Final = Column(below=True)
_COLUMNS: Final = (NAME, Column(right=True, below=True), _BELOW, FIGURE, Column(optional=True))
_BORDER: Final = frozenset({FlowKind.DEPOSIT, FlowKind.WITHDRAWAL})


def flows(view: FlowsView, reader: Reader) -> Document:
    """The list, in pages of as many entries as `listed` gives."""
    voice = Voice.of(reader)
    sides = Sides.of(view.matching)
    pages = listed(view, reader)
    blocks: list[Block] = [Headline(_headline(voice, view, found=bool(pages)))]
    blocks += _on_their_way(voice, view)
    lost = [flow for flow in view.matching.unexplained if sides.lost(flow) and _asked_for(flow, view)]
    if lost:
        blocks.append(Line(voice.count("lost", len(lost)), Tone.ALERT))
    for number, page in enumerate(pages):
        blocks += [PageBreak()] if number else []
        blocks.append(_table(voice, page, sides, view.names))
    shown = [entry.first for page in pages for entry in page if isinstance(entry, Gathered)]
    blocks += _feet(voice, shown, sides, reader)
    if view.more:
        phrase = "older_left_out_chat" if _in_chat(reader) else "older_left_out"
        blocks.append(Line(_filled(voice, phrase, reader), Tone.QUIET))
    return Document((*blocks, Gap(), *standing(voice, view.sync, reader)), watermark(voice, demo=reader.demo))


def listed(view: FlowsView, reader: Reader) -> list[list[Entry]]:
    """The entries of each page."""
    every = entries(view.flows, Sides.of(view.matching), reader.calendar, every=view.asked.every)
    return [every[start : start + ENTRIES_PER_PAGE] for start in range(0, len(every), ENTRIES_PER_PAGE)]


def signed(voice: Voice, amount: Decimal, asset: str) -> str:
    """`+0.1503 BTC`."""
    return f"{voice.numbers.amount_change(amount)}{NBSP}{asset}"


def unsigned(voice: Voice, amount: Decimal, asset: str) -> str:
    """`0.1503 BTC`."""
    return f"{voice.numbers.amount(abs(amount) if amount else amount)}{NBSP}{asset}"


def moment(voice: Voice, flow: CashFlow) -> str:
    """When it was; only the day where nobody knows more."""
    return voice.numbers.moment(flow.at) if isinstance(flow.at, datetime) else voice.numbers.day(flow.at)


def worth_of(voice: Voice, worth: Worth | Unknown) -> str:
    """` ($3,356.17)`, or nothing."""
    return "" if isinstance(worth, Unknown) else f" ({voice.numbers.money(worth.usd.copy_abs(), 'USD')})"


def _in_chat(reader: Reader) -> bool:
    return reader.pull.startswith("/")


def _filled(voice: Voice, phrase: str, reader: Reader) -> Text:
    return voice.say(phrase, command=reader.command("flows"))


def _headline(voice: Voice, view: FlowsView, *, found: bool) -> Text:
    """What crossed the portfolio's border in the period, both ways."""
    asked = view.asked
    if not found and not view.matching.external and not view.matching.transfers:
        return voice.say("no_flows")
    if not found:
        return voice.say("no_flows_there")
    first = asked.since
    if asked.since is None and asked.until is None:
        first = voice.numbers.today - timedelta(days=PERIOD - 1)
    arrived, left, unknown = Decimal(0), Decimal(0), 0
    for one in view.matching.external:
        if one.flow.kind not in _BORDER or not _asked_for(one.flow, view):
            continue
        day = flow_day(one.flow, voice.numbers.calendar)
        if (first is not None and day < first) or (asked.until is not None and day > asked.until):
            continue
        if isinstance(one.flow.usd, Unknown):
            unknown += 1
        elif one.flow.amount > 0:
            arrived = CONTEXT.add(arrived, one.flow.usd.usd)
        else:
            left = CONTEXT.subtract(left, one.flow.usd.usd)
    period = _period(voice, asked.since, asked.until)
    if not arrived and not left and not unknown:
        return voice.say("nothing_moved", period=period)
    money = voice.numbers.money
    return voice.say(
        "in_and_out_but" if unknown else "in_and_out",
        arrived=money(arrived, "USD"),
        left=money(left, "USD"),
        period=period,
        **({"count": voice.numbers.count(unknown)} if unknown else {}),
    )


def _period(voice: Voice, since: date | None, until: date | None) -> str:
    if since is None and until is None:
        return voice.word("last_days", days=voice.count("days", PERIOD))
    if since is None:
        return voice.word("until_day", day=voice.numbers.day(until or voice.numbers.today))
    if until is None:
        return voice.word("since_day", day=voice.numbers.day(since))
    return voice.numbers.days(since, until)


def _asked_for(flow: CashFlow, view: FlowsView) -> bool:
    return view.asked.account in {None, flow.account}


def _on_their_way(voice: Voice, view: FlowsView) -> Iterator[Line]:
    for flow in sorted(view.matching.in_transit, key=lambda flow: moment_key(flow, voice), reverse=True):
        if _asked_for(flow, view):
            yield Line(
                voice.say(
                    "on_its_way",
                    amount=unsigned(voice, flow.amount, flow.asset),
                    worth=worth_of(voice, flow.usd),
                    name=_name(view.names, flow.account),
                    when=moment(voice, flow),
                )
            )


def moment_key(flow: CashFlow, voice: Voice) -> datetime:
    """Its place among others."""
    return flow.instant(voice.numbers.calendar)


def _table(voice: Voice, page: Sequence[Entry], sides: Sides, names: Mapping[AccountId, str]) -> Table:
    rows: list[Row] = []
    before: date | None = None
    for entry in page:
        day = day_of(entry, voice.numbers.calendar)
        if day != before:
            rows.append(Row.over(voice.numbers.day(day)))
            before = day
        rows.append(_row(voice, entry, sides, names))
    return Table(_COLUMNS, tuple(rows), joint=" · ", wide_from=_WIDE_FROM)


def _row(voice: Voice, entry: Entry, sides: Sides, names: Mapping[AccountId, str]) -> Row:
    match entry:
        case OwnTransfer(link):
            return _own(voice, link, names)
        case Moved(flow):
            amount = unsigned(voice, flow.amount, flow.asset)
            return _cells(f"{_name(names, flow.account)} {flow.wallets}", amount, _fee(voice, flow.fee), "")
        case Converted(given, got):
            what = voice.word("kind_of", kind=voice.words.flows[got.kind], name=_name(names, got.account))
            legs = (unsigned(voice, flow.amount, flow.asset) for flow in (given, got))
            told = voice.word("given_got", **dict(zip(("given", "got"), legs, strict=True)))
            worth = got.usd if isinstance(given.usd, Unknown) else given.usd
            return _cells(what, told, _fee(voice, given.fee or got.fee), _value(voice, worth, plus=False))
        case Gathered():
            return _gathered(voice, entry, sides, names)
        case _:
            assert_never(entry)


def _own(voice: Voice, link: Transfer, names: Mapping[AccountId, str]) -> Row:
    sent, got = link.withdrawal, link.deposit
    what = voice.word("from_to", origin=_name(names, sent.account), destination=_name(names, got.account))
    lost = voice.word("lost_as_fee", amount=unsigned(voice, link.network_fee, sent.asset))
    worth = sent.usd if isinstance(got.usd, Unknown) else got.usd
    return _cells(
        what,
        unsigned(voice, link.received, got.asset),
        lost if link.network_fee > 0 else "",
        _value(voice, worth, plus=False),
        handle(sent.key),
    )


def _gathered(voice: Voice, entry: Gathered, sides: Sides, names: Mapping[AccountId, str]) -> Row:
    flow = entry.first
    mark = LOST if sides.lost(flow) else UNCLASSIFIED if flow.kind is FlowKind.UNCLASSIFIED else ""
    what = voice.word("kind_of", kind=voice.words.flows[flow.kind], name=_name(names, flow.account))
    notes = [voice.word("still_moving")] if flow.key in sides.in_transit else []
    if len(entry.flows) > 1:
        notes.append(voice.word("times_in_all", times=voice.count("times", len(entry.flows))))
    else:
        notes += [part for part in (_fee(voice, flow.fee), flow.detail, flow.note) if part]
    usd = entry.usd
    value = voice.word("value_unknown") if isinstance(usd, Unknown) else voice.numbers.change(usd, "USD")
    reference = handle(flow.key) if sides.lost(flow) else ""
    return _cells(what, signed(voice, entry.amount, flow.asset), ", ".join(notes), value, reference, mark=mark)


def _cells(what: str, amount: str, notes: str, value: str, reference: str = "", *, mark: str = "") -> Row:
    return Row((
        Cell(what, mark, foreign=True),
        Cell(amount, foreign=True),
        Cell(notes, foreign=True),
        Cell(value),
        Cell(reference),
    ))  # fmt: skip


def _value(voice: Voice, worth: Worth | Unknown, *, plus: bool) -> str:
    if isinstance(worth, Unknown):
        return voice.word("value_unknown")
    return voice.numbers.change(worth.usd, "USD") if plus else voice.numbers.money(worth.usd.copy_abs(), "USD")


def _fee(voice: Voice, fee: Fee | None) -> str:
    if fee is None or not fee.amount:
        return ""
    return voice.word("fee", amount=f"{voice.numbers.amount(fee.amount)}{NBSP}{fee.asset}")


def _feet(voice: Voice, shown: Iterable[CashFlow], sides: Sides, reader: Reader) -> Iterator[Block]:
    kept = list(shown)
    lost = next((flow for flow in kept if sides.lost(flow)), None)
    if lost is not None:
        mend = voice.say("lost_mend_chat")
        if not _in_chat(reader):
            mend = voice.say("lost_mend", command=reader.command("flows"), example=handle(lost.key))
        yield Foot(LOST, voice.say("lost_foot"), mend)
    if any(flow.kind is FlowKind.UNCLASSIFIED for flow in kept):
        yield Foot(UNCLASSIFIED, voice.say("unclassified_foot"))


def _name(names: Mapping[AccountId, str], account: AccountId) -> str:
    return names.get(account, account)
