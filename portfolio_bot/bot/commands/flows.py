"""`/flows [account]`: what came, left and moved between own accounts; and one flow, with the owner's word about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portfolio_bot.analytics.transfers import Alone
from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import View, view_of
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.bot.past import account_named, flow_named, names_account, read_on
from portfolio_bot.model.flow import CashFlow, FlowKey, MatchedBy
from portfolio_bot.notify.base import Key
from portfolio_bot.report import compose
from portfolio_bot.report.compose.flows import listed, lost_of, sides_of
from portfolio_bot.report.layout import cut, foreign
from portfolio_bot.report.movements import Entry, Gathered, OwnTransfer, Sides, flow_day, handle
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import Asked, FlowsView
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError

MOST = 360
"""Flows that can be turned to in a chat: thirty pages and more."""

_READ = "read"
_FLOW = "flow"
"""What buttons say about one flow: a command that is not listed."""

_ACTIONS = ("part", "join", "external", "unsay")
_SIDE_BY_SIDE = 2
_WIDEST_NAME = 12
_MOST_LOST = 4
_WAYS_BACK = 36
"""Bytes of an account's id that leave room for the rest of a button."""


async def flows(house: House, request: Request) -> Answer:
    """A page of the list; with `read` the past is read before."""
    reader = request.reader
    view, rest = view_of(request.argument, reader, whole=names_account(house))
    first, _, others = rest.partition(" ")
    wants_reading = first.lower() == _READ
    account = account_named(house, others if wants_reading else rest)
    if wants_reading:
        await read_on(house, request)
    listing = await house.ledger.flows(Asked(account=account, every=view.detail), limit=MOST)
    pages = listed(listing, reader)
    page = pages[min(view.page, len(pages)) - 1] if pages else []
    here = account if account is not None and len(account.encode()) <= _WAYS_BACK else ""
    rows = (
        *_openers(page, listing, reader, view.to(page=view.page)),
        *_standing(house, view, reader, here),
        *buttons.turns(view.page, len(pages), view.turning("flows", here)),
    )
    return Answer(compose.flows(listing, reader, page=view.page), rows)


def _openers(page: Sequence[Entry], listing: FlowsView, reader: Reader, here: View) -> Rows:
    """A button for each transfer, each outflow without another side, and each flow of which the owner said a word.

    The first page has all of the second.

    Args:
        here: where they lead back to.
    """
    voice = Voice.of(reader)
    opened = dict(_to_open(page, sides_of(listing, reader)))
    if here.page == 1:
        opened = {**{flow.key: ("lost", flow) for flow in lost_of(listing, reader)[:_MOST_LOST]}, **opened}

    def opener(label: str, flow: CashFlow) -> Key:
        values = {"day": voice.numbers.day(flow_day(flow, voice.numbers.calendar)), "amount": _amount(voice, flow)}
        return buttons.key(voice.chat(label, **values), _FLOW, handle(flow.key), here)

    return buttons.in_rows((opener(label, flow) for label, flow in opened.values()), _SIDE_BY_SIDE)


def _to_open(page: Sequence[Entry], sides: Sides) -> Iterator[tuple[FlowKey, tuple[str, CashFlow]]]:
    for entry in page:
        if isinstance(entry, OwnTransfer):
            yield entry.link.withdrawal.key, ("own", entry.link.withdrawal)
        elif isinstance(entry, Gathered) and sides.lost(entry.first):
            yield entry.first.key, ("lost", entry.first)
        elif isinstance(entry, Gathered) and entry.first.key in sides.in_transit:
            yield entry.first.key, ("moving", entry.first)
        elif isinstance(entry, Gathered) and sides.told_external(entry.first):
            yield entry.first.key, ("told_external", entry.first)


def _amount(voice: Voice, flow: CashFlow) -> str:
    return f"{voice.numbers.amount(flow.amount.copy_abs())}{NBSP}{cut(foreign(flow.asset), _WIDEST_NAME)}"


def _standing(house: House, view: View, reader: Reader, here: str) -> Rows:
    other = view.to(detail=not view.detail)
    keys = (
        buttons.named(reader, "refresh", "flows", view.to(), here),
        buttons.named(reader, "summary" if view.detail else "details", "flows", other, here),
    )
    read = buttons.named(reader, "read_history", "flows", view.to(), _READ, here)
    return (keys,) if house.sync.running else (keys, (read,))


async def flow(house: House, request: Request) -> Answer:
    """One flow or own transfer, or the owner's word about it."""
    action, _, rest = request.argument.partition(" ")
    if action not in _ACTIONS:
        one, sides = await flow_named(house, action)
        return await _opened(house, request.reader, one, sides, view_of(rest, request.reader)[0])
    short, _, other = rest.partition(" ")
    one, sides = await flow_named(house, short)
    match action:
        case "part":
            return await _part(house, request, one, sides)
        case "join":
            return await _join(house, request, one, other)
        case "external":
            said = await house.transfers.external(one.id, account=one.account, by=request.who)
            document = compose.made_external(said, house.names, request.reader)
            return Answer(document, _undo(request.reader, "unsay", said))
        case _:
            return await _unsay(house, request, one, other)


async def _unsay(house: House, request: Request, one: CashFlow, other: str) -> Answer:
    """Take back one thing that was said; pressed twice, the second time changes nothing."""
    second = (await flow_named(house, other))[0].key if other else None
    await house.transfers.unsay(one.key, second, by=request.who)
    one, sides = await flow_named(house, handle(one.key))
    document = compose.forgotten(one, house.names, request.reader)
    return Answer(document, await _choices(house, request.reader, one, sides))


async def _part(house: House, request: Request, one: CashFlow, sides: Sides) -> Answer:
    link = sides.links.get(one.key)
    if link is None:
        raise UserError("", "no_transfer_any_more")
    await house.transfers.part(one.id, account=one.account, by=request.who)
    way = "join" if link.by is MatchedBy.OWNER else "unsay"
    back = _undo(request.reader, way, link.withdrawal, link.deposit)
    document = compose.parted(link.withdrawal, link.deposit, house.names, request.reader)
    return Answer(document, back)


async def _join(house: House, request: Request, one: CashFlow, other: str) -> Answer:
    second, _ = await flow_named(house, other)
    named = f"{second.account}:{second.id}"
    withdrawal, deposit = await house.transfers.join(one.id, named, account=one.account, by=request.who)
    document = compose.joined(withdrawal, deposit, house.names, request.reader)
    return Answer(document, _undo(request.reader, "unsay", withdrawal, deposit))


def _undo(reader: Reader, action: str, *flows: CashFlow) -> Rows:
    names = (handle(flow.key) for flow in flows)
    return ((buttons.named(reader, "undo", _FLOW, action, *names), buttons.named(reader, "flows", "flows")),)


async def _opened(house: House, reader: Reader, one: CashFlow, sides: Sides, listed_on: View) -> Answer:
    link = sides.links.get(one.key)
    rows = await _choices(house, reader, one, sides, listed_on)
    if link is not None:
        return Answer(compose.transfer(link, house.names, reader), rows)
    candidates = await house.transfers.candidates(one)
    moving = one.key in sides.in_transit
    return Answer(
        compose.flow(one, sides.alone.get(one.key), house.names, reader, candidates=candidates, moving=moving), rows
    )


async def _choices(house: House, reader: Reader, one: CashFlow, sides: Sides, listed_on: View | None = None) -> Rows:
    """What can be said about a flow.

    Args:
        listed_on: the page that it was opened from.
    """
    back = buttons.named(reader, "back", "flows", listed_on or "")
    short = handle(one.key)
    if one.key in sides.links:
        return ((buttons.named(reader, "not_a_transfer", _FLOW, "part", short), back),)
    if sides.alone.get(one.key) is Alone.OWNER:
        return ((buttons.named(reader, "look_again", _FLOW, "unsay", short),), (back,))
    if one.amount > 0:
        return ((back,),)
    voice = Voice.of(reader)
    rows = [
        (buttons.key(_arrived(voice, house, candidate), _FLOW, "join", short, handle(candidate.key)),)
        for candidate in await house.transfers.candidates(one)
    ]
    return (*rows, (buttons.named(reader, "was_external", _FLOW, "external", short), back))


def _arrived(voice: Voice, house: House, flow: CashFlow) -> str:
    return voice.chat(
        "arrived_as",
        day=voice.numbers.day(flow_day(flow, voice.numbers.calendar)),
        account=house.names.get(flow.account, flow.account),
        amount=_amount(voice, flow),
    )


def _reads(argument: str) -> bool:
    return _READ in argument.lower().split()


def _says(argument: str) -> bool:
    return argument.partition(" ")[0] in _ACTIONS


COMMANDS = (
    Command("flows", flows, "[account]", changes=_reads),
    Command(_FLOW, flow, listed=False, changes=_says),
)
