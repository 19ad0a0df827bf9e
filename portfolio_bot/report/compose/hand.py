"""Deposits and withdrawals by hand: the questions on the way to one, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import FIAT
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import WorthSource
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import Block, Document, Foreign, Gap, Headline, Line, Text, Tone
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import Value


class Altered(NamedTuple):
    """A field of a record that says something else now; "" for nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a record.

    Attributes:
        action: `added`, `changed` or `removed`.
        flow: as it is stored now, or was.
        altered: field by field, of one that was changed.
        other: the other side, where it is one of an own transfer.
        new_account: no other record is of its account.
        back: the command line that undoes it; "" in a chat.
    """

    action: str
    flow: CashFlow
    altered: Sequence[Altered] = ()
    other: CashFlow | None = None
    new_account: bool = False
    back: str = ""
    names: Mapping[AccountId, str] = field(default_factory=dict)


_DONE = {"added": "hand_added", "changed": "hand_changed", "removed": "hand_removed"}


def recorded(what: Recorded, reader: Reader) -> Document:
    """Something was entered, corrected or taken back: what it says now, and what that does."""
    voice = Voice.of(reader)
    flow = what.flow
    blocks: list[Block] = [Headline(_sentence(voice, _DONE[what.action], flow, what.names))]
    for one in what.altered:
        nothing = voice.word("hand_nothing")
        before, after = (Foreign(one.before or nothing), Foreign(one.after or nothing))
        blocks.append(Line(voice.say("hand_cell", field=one.field, before=before, after=after)))
    if what.action != "removed":
        blocks += _worth(voice, flow, chat=not what.back)
        if flow.note:
            blocks.append(Line(voice.say("hand_note", note=Foreign(flow.note)), Tone.QUIET))
    if what.new_account:
        blocks.append(Line(voice.say("hand_new_account", name=Foreign(_name(what.names, flow)))))
    blocks.append(Line(effect(voice, flow, what.other, what.names)))
    if what.back:
        blocks.append(Gap())
        if what.action != "removed":
            blocks.append(Line(voice.say("hand_id", id=flow.id), Tone.QUIET))
        blocks.append(Line(voice.say("hand_back", command=what.back), Tone.QUIET))
    return said(reader, *blocks)


def record_asked(flow: CashFlow, like: Sequence[CashFlow], names: Mapping[AccountId, str], reader: Reader) -> Document:
    """What would be recorded, before it is.

    Args:
        like: records that it may be, told already.
    """
    voice = Voice.of(reader)
    blocks: list[Block] = [Headline(_sentence(voice, "hand_ask", flow, names)), Line(effect(voice, flow, None, names))]
    if flow.note:
        blocks.append(Line(voice.say("hand_note", note=Foreign(flow.note)), Tone.QUIET))
    blocks += [Line(alike(voice, one, names), Tone.ALERT) for one in like[:3]]
    return said(reader, *blocks)


def alike(voice: Voice, one: CashFlow, names: Mapping[AccountId, str]) -> Text:
    """A record that another one may be."""
    return voice.say(
        "hand_like", kind=voice.words.flows[one.kind], amount=money(voice, one), when=_when(voice, one.at),
        place=_place(voice, one, names),
    )  # fmt: skip


class Question(Enum):
    """What is said on the way to a record: the question or the answer, and how it goes on ("" where buttons say)."""

    WHAT_IN = "hand_what_deposit", "hand_what_line"
    WHAT_OUT = "hand_what_withdrawal", "hand_what_line"
    WHERE_IN = "hand_where_deposit", ""
    WHERE_OUT = "hand_where_withdrawal", ""
    HOW_MUCH = "hand_how_much", "hand_how_much_line"
    WHEN = "hand_when", ""
    WHICH_DAY = "hand_which_day", "hand_which_day_line"
    GIVEN_UP = "hand_given_up", ""
    STALE = "hand_stale", "hand_stale_line"
    GONE = "hand_gone", ""
    NO_FILE = "file_empty", ""


def hand_question(question: Question, reader: Reader, **values: Value) -> Document:
    """One of these, with its places filled."""
    voice = Voice.of(reader)
    phrase, line = question.value
    blocks: list[Block] = [Headline(voice.say(phrase, **values))]
    if line:
        blocks.append(Line(voice.say(line, **values), Tone.QUIET))
    return said(reader, *blocks)


def effect(voice: Voice, flow: CashFlow, other: CashFlow | None, names: Mapping[AccountId, str]) -> Text:
    """What a record changes."""
    if other is not None:
        return voice.say("hand_effect_joined", other=money(voice, other), name=Foreign(_name(names, other)))
    border = flow.kind in {FlowKind.DEPOSIT, FlowKind.WITHDRAWAL}
    return voice.say("hand_effect" if border else "hand_effect_inner")


def money(voice: Voice, flow: CashFlow) -> Text:
    """`2,000.00 USD`, `0.5 BTC`."""
    return amount_of(voice, flow.amount.copy_abs(), flow.asset)


def amount_of(voice: Voice, amount: Decimal, asset: str) -> Text:
    """The same for an amount without a record."""
    figure = voice.numbers.bare(amount, "USD") if _in_cents(amount, asset) else voice.numbers.amount(amount)
    return f"{figure}{NBSP}", Foreign(asset)


def place_of(voice: Voice, kind: FlowKind, name: str) -> Text:
    """`, to Bybit` or `, from Bybit`; nothing for ""."""
    if not name:
        return ""
    return voice.say("hand_from" if kind is FlowKind.WITHDRAWAL else "hand_to", name=Foreign(name))


def _in_cents(amount: Decimal, asset: str) -> bool:
    return asset in FIAT and amount == amount.quantize(Decimal("0.01"))


def _sentence(voice: Voice, phrase: str, flow: CashFlow, names: Mapping[AccountId, str]) -> Text:
    return voice.say(
        phrase,
        kind=voice.words.flows[flow.kind],
        amount=money(voice, flow),
        day=_when(voice, flow.at),
        place=_place(voice, flow, names),
    )


def _when(voice: Voice, at: datetime | date) -> str:
    numbers = voice.numbers
    if not isinstance(at, datetime):
        return voice.word("hand_on", day=numbers.day(at))
    if numbers.calendar.day(at) == numbers.today:
        return voice.word("hand_today", clock=numbers.clock(at))
    return voice.word("hand_on", day=numbers.moment(at))


def _place(voice: Voice, flow: CashFlow, names: Mapping[AccountId, str]) -> Text:
    return place_of(voice, flow.kind, "" if flow.account == "manual" else _name(names, flow))


def _name(names: Mapping[AccountId, str], flow: CashFlow) -> str:
    return names.get(flow.account, flow.account)


def _worth(voice: Voice, flow: CashFlow, *, chat: bool) -> Iterator[Line]:
    if isinstance(flow.usd, Unknown):
        yield Line(voice.say("hand_worth_unknown_chat" if chat else "hand_worth_unknown"), Tone.ALERT)
    elif flow.usd.source is not WorthSource.DOLLARS and not voice.numbers.percent_only:
        par = flow.usd.source is WorthSource.ASSUMED_PAR
        phrase = "hand_worth_par" if par else "hand_worth"
        yield Line(voice.say(phrase, worth=voice.numbers.money(flow.usd.usd.copy_abs(), "USD")))


def file_taken(what: str, rows: int, reader: Reader) -> Document:
    """What stands below a file.

    Args:
        what: as the command line calls it.
    """
    voice = Voice.of(reader)
    blocks: list[Block] = [Headline(voice.say("file_headline", name=what, count=voice.count("rows", rows)))]
    if voice.numbers.percent_only:
        blocks.append(Line(voice.say("export_hidden"), Tone.QUIET))
    elif what in _COMES_BACK:
        blocks.append(Line(voice.say("file_back", what=what), Tone.QUIET))
    return said(reader, *blocks)


_COMES_BACK = frozenset({"history", "trades"})


def file_saved(path: str, reader: Reader) -> str:
    """Where a chat without files has put one."""
    return Voice.of(reader).word("file_saved", path=path)
