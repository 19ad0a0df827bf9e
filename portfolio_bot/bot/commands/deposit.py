"""`/deposit [500 USD 18 Nov from bank]`: money that came in and that no account tells, typed or asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from portfolio_bot.bot import buttons
from portfolio_bot.bot.by_hand import COMMANDS as NAMES
from portfolio_bot.bot.by_hand import MARK, ByHand, Form
from portfolio_bot.bot.dialog import Answer, Command, Handler, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.bot.typed_flow import NOW, amount_of, asset_of, day_of, typed_flow
from portfolio_bot.bot.undo import UNDO, undoing
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.portfolio import KnownAccount, Priced
from portfolio_bot.notify.base import Key
from portfolio_bot.report import compose
from portfolio_bot.report.compose.hand import Question, Recorded, place_of
from portfolio_bot.report.compose.hand import amount_of as amount_text
from portfolio_bot.report.document import Foreign
from portfolio_bot.report.movements import Sides
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.records import NO_ACCOUNT, Draft

EXAMPLES = {
    FlowKind.DEPOSIT: "/deposit 500 USD 18 Nov from bank",
    FlowKind.WITHDRAWAL: "/withdraw 500 USD 18 Nov to bank",
}
_OFFERED = 7
"""Assets with a button of their own, beside dollars."""

_ROOM = 40
"""Bytes that the value behind a button may take."""

_NOWHERE = "-"


def recording(kind: FlowKind) -> Handler:
    """The command for one kind."""

    async def handler(house: House, request: Request) -> Answer:
        if house.by_hand is None:
            raise UserError("", "no_recording_here")
        undone, wanted = undoing(request.argument)
        if undone:
            return await _undone(house, house.by_hand, wanted, kind, request)
        if request.argument.startswith(MARK):
            return await _pressed(house, house.by_hand, request, kind)
        return await _begun(house, house.by_hand, request, kind)

    return handler


async def _begun(house: House, by_hand: ByHand, request: Request, kind: FlowKind) -> Answer:
    reader = request.reader
    said = typed_flow(request.argument, kind, house.names, reader.calendar, reader.now)
    form = by_hand.begin(kind, request.who)
    form.amount, form.asset, form.note = said.amount, said.asset, said.note
    form.account = said.account
    if said.at is not None:
        _set_time(form, said.at)
    if said.amount is not None and said.asset:
        # whoever types all of it wants one question more, not three
        form.account, form.timed = form.account or NO_ACCOUNT, True
    return await _next(house, by_hand, form, request)


async def _pressed(house: House, by_hand: ByHand, request: Request, kind: FlowKind) -> Answer:
    """A button, or a text that was waited for."""
    name, _, rest = request.argument.partition(" ")
    step, _, value = rest.partition(" ")
    form = by_hand.find(name)
    if form is None:
        return Answer(compose.hand_question(Question.STALE, request.reader, command=f"/{NAMES[kind]}"))
    if form.who != request.who:
        raise UserError("", "asked_somebody_else")
    if form.done:
        return await _recorded(house, by_hand, form, request)
    match step:
        case "asset":
            form.asset = asset_of(value)
        case "account":
            form.account = NO_ACCOUNT if value == _NOWHERE else value
        case "where":
            form.account = None
        case "amount":
            form.amount = amount_of(value)
        case "day" if value == "other":
            form.waits = "day"
            return Answer(compose.hand_question(Question.WHICH_DAY, request.reader))
        case "day":
            _set_time(form, day_of(value, request.reader.calendar, request.reader.now))
        case "record" if form.flow is not None:
            return await _recorded(house, by_hand, form, request)
        case "cancel":
            by_hand.drop(form)
            return Answer(compose.hand_question(Question.GIVEN_UP, request.reader))
        case _:
            raise UserError(step, "no_form_step", command=NAMES[kind])
    form.waits = ""
    return await _next(house, by_hand, form, request)


def _set_time(form: Form, at: date | datetime | str) -> None:
    form.timed = True
    form.at = None if isinstance(at, str) else at


async def _next(house: House, by_hand: ByHand, form: Form, request: Request) -> Answer:
    """The next thing that is not known yet; in the end whether it is right."""
    reader, voice = request.reader, Voice.of(request.reader)
    comes = form.kind is FlowKind.DEPOSIT
    if not form.asset:
        form.waits = "asset"
        question = compose.hand_question(
            Question.WHAT_IN if comes else Question.WHAT_OUT, reader, example=voice.term(EXAMPLES[form.kind])
        )
        return Answer(question, _assets(house, form))
    if form.account is None and house.names:
        return Answer(
            compose.hand_question(
                Question.WHERE_IN if comes else Question.WHERE_OUT, reader, asset=Foreign(form.asset)
            ),
            _accounts(house, form, reader),
        )
    form.account = form.account or NO_ACCOUNT
    place = place_of(
        voice, form.kind, "" if form.account == NO_ACCOUNT else house.names.get(form.account, form.account)
    )
    if form.amount is None:
        form.waits = "amount"
        return Answer(compose.hand_question(Question.HOW_MUCH, reader, asset=Foreign(form.asset), place=place))
    if not form.timed:
        amount = amount_text(voice, form.amount, form.asset)
        return Answer(compose.hand_question(Question.WHEN, reader, amount=amount, place=place), _days(form, reader))
    draft = Draft(form.kind, form.amount, form.asset, form.account, form.at, note=form.note)
    return await _asked(house, by_hand, form, draft, reader)


async def _asked(house: House, by_hand: ByHand, form: Form, draft: Draft, reader: Reader) -> Answer:
    """What would be recorded, and what that does."""
    form.flow = by_hand.records.drafted(draft)
    like = await by_hand.records.like(form.flow)
    keys = [
        buttons.named(reader, "record_anyway" if like else "record", form.line("record")),
        buttons.named(reader, "cancel", form.line("cancel")),
    ]
    if form.account == NO_ACCOUNT and house.names:
        keys.append(buttons.named(reader, "which_account", form.line("where")))
    return Answer(compose.record_asked(form.flow, like, house.names, reader), (tuple(keys),))


async def _recorded(house: House, by_hand: ByHand, form: Form, request: Request) -> Answer:
    """Record it; what was recorded already is shown once more and stays one record."""
    flow = form.flow
    if flow is None:
        raise UserError("", "nothing_asked_yet", command=NAMES[form.kind])
    if form.done:
        found = await by_hand.records.there(*flow.key)
        if found is None:
            return Answer(compose.hand_question(Question.GONE, request.reader))
        flow = found
    else:
        form.done = True  # before anything is awaited: a second press must find it so
        try:
            flow = await by_hand.records.add(flow, request.who)
        except BaseException:
            form.done = False
            raise
    link = Sides.of(await house.transfers.matching()).links.get(flow.key)
    other = None if link is None else link.deposit if link.withdrawal.key == flow.key else link.withdrawal
    what = Recorded("added", flow, other=other, names=house.names)
    undo = buttons.named(request.reader, "undo", NAMES[form.kind], UNDO, flow.id)
    return Answer(compose.recorded(what, request.reader), ((undo, buttons.named(request.reader, "flows", "flows")),))


async def _undone(house: House, by_hand: ByHand, id_: str, kind: FlowKind, request: Request) -> Answer:
    try:
        flow: CashFlow = await by_hand.records.find(id_)
    except UserError:
        return Answer(compose.hand_question(Question.GONE, request.reader))
    removed = await by_hand.records.remove(flow, request.who)
    return Answer(compose.recorded(Recorded("removed", removed, names=house.names), request.reader))


def _assets(house: House, form: Form) -> Rows:
    """What is held, the most valuable first, and dollars."""
    worth: dict[str, int] = {}
    latest = house.snapshots.latest
    for account in latest.accounts if latest is not None else ():
        for row in account.holdings if isinstance(account, KnownAccount) else ():
            if isinstance(row, Priced):
                worth[row.asset] = worth.get(row.asset, 0) + int(row.value)
    held = sorted(worth, key=lambda asset: (-worth[asset], asset))
    names = [*(asset for asset in held if asset != "USD" and len(asset.encode()) <= _ROOM)][:_OFFERED]
    return buttons.in_rows(buttons.key(asset, form.line("asset", asset)) for asset in ("USD", *names))


def _accounts(house: House, form: Form, reader: Reader) -> Rows:
    keys: Iterable[Key] = [
        *(
            buttons.key(name, form.line("account", id_))
            for id_, name in house.names.items()
            if len(id_.encode()) <= _ROOM
        ),
        buttons.named(reader, "no_account", form.line("account", _NOWHERE)),
    ]
    return buttons.in_rows(keys, 3)


def _days(form: Form, reader: Reader) -> Rows:
    today = reader.calendar.day(reader.now)
    yesterday = today - timedelta(days=1)
    return buttons.in_rows(
        (
            buttons.named(reader, "now", form.line("day", NOW)),
            buttons.named(reader, "today", form.line("day", today.isoformat())),
            buttons.named(reader, "yesterday", form.line("day", yesterday.isoformat())),
            buttons.named(reader, "other_day", form.line("day", "other")),
        ),
        2,
    )


COMMANDS = (Command("deposit", recording(FlowKind.DEPOSIT), "[500 USD 18 Nov]", changes=True),)
