"""One flow or own transfer: why it is taken for one, and what became of the owner's word about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from portfolio_bot.analytics.transfers import Alone
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, Transfer
from portfolio_bot.model.instrument import FIAT
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.compose.flows import coins, moment, worth_of
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import Block, Document, Gap, Headline, Line, Text, Tone
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

_MOMENT = timedelta(minutes=1)
"""A delay below this says nothing."""


def transfer(link: Transfer, names: Mapping[AccountId, str], reader: Reader) -> Document:
    """An own transfer: both sides, what was lost under way, and why the two are taken for one."""
    voice = Voice.of(reader)
    sent, got = link.withdrawal, link.deposit
    origin, destination = voice.account(sent.account, names), voice.account(got.account, names)
    arrived: dict[str, Text] = {
        "name": destination,
        "when": moment(voice, got),
        "amount": coins(voice, link.received, got.asset),
    }
    if link.delay >= _MOMENT:
        arrived["span"] = voice.numbers.span(link.delay)
    why = {"confidence": voice.words.confidence[link.confidence], "why": voice.words.matched[link.by]}
    if link.rivals:
        why["rivals"] = voice.count("rivals", link.rivals)
    blocks: list[Block] = [
        Headline(
            voice.say(
                "own_transfer",
                amount=coins(voice, link.received, got.asset),
                origin=origin,
                destination=destination,
            )
        ),
        Line(
            voice.say(
                "left_then",
                name=origin,
                when=moment(voice, sent),
                amount=coins(voice, link.debited, sent.asset),
                worth=worth_of(voice, sent.usd),
            )
        ),
        Line(voice.say("arrived_after" if "span" in arrived else "arrived_then", **arrived)),
    ]
    if link.network_fee > 0:
        blocks.append(Line(voice.say("lost_between", amount=coins(voice, link.network_fee, sent.asset))))
    blocks += [Gap(), Line(voice.say("why_linked_but" if link.rivals else "why_linked", **why))]
    return said(reader, *blocks, *_transaction(voice, sent.txid or got.txid))


def flow(
    one: CashFlow,
    why: Alone | None,
    names: Mapping[AccountId, str],
    reader: Reader,
    *,
    candidates: Sequence[CashFlow] = (),
    moving: bool = False,
) -> Document:
    """A flow without another side.

    Args:
        why: as matching says; None where the question does not arise.
        candidates: deposits that may be its other side.
        moving: it is on its way.
    """
    voice = Voice.of(reader)
    worth = voice.word("value_unknown") if isinstance(one.usd, Unknown) else voice.numbers.change(one.usd.usd, "USD")
    when = moment(voice, one)
    told: Text = (when,) if voice.numbers.percent_only else voice.say("flow_when", when=when, worth=worth)
    headline = voice.say(
        "flow_headline",
        amount=coins(voice, one.amount, one.asset, sign=True),
        kind=voice.words.flows[one.kind],
        name=voice.account(one.account, names),
    )
    blocks: list[Block] = [
        Headline(headline),
        Line(told),
        *_transaction(voice, one.txid),
        Gap(),
    ]
    if moving:
        blocks.append(Line(voice.say("flow_moving")))
    elif why is Alone.OWNER:
        blocks.append(Line(voice.say("flow_external")))
    elif why is Alone.NO_WITHDRAWAL:
        blocks.append(Line(voice.say("flow_outside")))
    elif why is Alone.NO_DEPOSIT and one.asset in FIAT and not candidates:
        blocks.append(Line(voice.say("flow_to_bank")))
    elif why is Alone.NO_DEPOSIT:
        blocks.append(Line(voice.say("flow_lost" if candidates else "flow_lost_alone"), Tone.ALERT))
    return said(reader, *blocks)


def parted(withdrawal: CashFlow, deposit: CashFlow, names: Mapping[AccountId, str], reader: Reader) -> Document:
    """The owner says that two flows are no transfer."""
    voice = Voice.of(reader)
    sides = {"origin": voice.account(withdrawal.account, names), "destination": voice.account(deposit.account, names)}
    return _done(voice, reader, voice.say("parted", **sides))


def joined(withdrawal: CashFlow, deposit: CashFlow, names: Mapping[AccountId, str], reader: Reader) -> Document:
    """The owner says that two flows are one transfer."""
    voice = Voice.of(reader)
    sides = {"origin": voice.account(withdrawal.account, names), "destination": voice.account(deposit.account, names)}
    return _done(voice, reader, voice.say("joined", **sides))


def made_external(one: CashFlow, names: Mapping[AccountId, str], reader: Reader) -> Document:
    """The owner says that a flow has no other side among the own accounts."""
    voice = Voice.of(reader)
    phrase = "made_external" if one.amount < 0 else "came_external"
    return _done(voice, reader, _about(voice, phrase, one, names))


def forgotten(one: CashFlow, names: Mapping[AccountId, str], reader: Reader) -> Document:
    """What the owner had said about a flow is taken back."""
    voice = Voice.of(reader)
    return _done(voice, reader, _about(voice, "verdict_reset", one, names))


def _about(voice: Voice, phrase: str, one: CashFlow, names: Mapping[AccountId, str]) -> Text:
    return voice.say(phrase, amount=coins(voice, one.amount, one.asset), name=voice.account(one.account, names))


def _done(voice: Voice, reader: Reader, text: Text) -> Document:
    return said(reader, Headline(text), Line(voice.say("verdict_effect"), Tone.QUIET))


def _transaction(voice: Voice, txid: str | None) -> Iterator[Line]:
    """Its id on the chain: not where amounts are hidden, because there everybody can look one up by it."""
    if txid and not voice.numbers.percent_only:
        yield Line(voice.say("transaction", txid=txid), Tone.QUIET)
