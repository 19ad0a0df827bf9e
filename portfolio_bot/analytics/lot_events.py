"""What moves lots, in the order in which it is fed to the ledger; and the opening lots of what records do not explain.

A transfer is two events, since between them its lots are on neither account. A cash flow of which only the day is
known gets its instant here, from the owner's calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKey, FlowKind, Transfer
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import NOT_PRICED, Origin, Side, Trade, Worth

ESTIMATED = "estimated"
"""`CashFlow.detail` of an opening that was worked out, not recorded."""


class Booked(NamedTuple):
    """A cash flow at its place in time: no transfer, and no side of a conversion that has another side."""

    at: datetime
    flow: CashFlow


class Conversion(NamedTuple):
    """An exchange without a market, dust too: the flows given (amount < 0) and those got for them (amount > 0)."""

    at: datetime
    given: tuple[CashFlow, ...]
    got: tuple[CashFlow, ...]


class Departure(NamedTuple):
    """Own money leaves an account for another one.

    Attributes:
        flow: the record of the sender.
        sent: what is under way, > 0.
        lost: network fee in the same asset, >= 0; it leaves first and is lost.
    """

    at: datetime
    flow: CashFlow
    sent: Decimal
    lost: Decimal


class Arrival(NamedTuple):
    """Own money reaches the other account.

    Attributes:
        flow: the record of the receiver.
        sender: which departure it ends.
        received: > 0.
    """

    at: datetime
    flow: CashFlow
    sender: FlowKey
    received: Decimal


LotEvent: TypeAlias = Trade | Booked | Conversion | Departure | Arrival

_Place: TypeAlias = tuple[datetime, int, AccountId, int, str]


def place(event: LotEvent) -> _Place:
    """The key to sort events by: instant, then what brings before what trades before what takes away, then id.

    Ids of digits are compared as numbers: shorter first.
    """
    match event:
        case Trade():
            return event.at, 2, event.account, len(event.id), event.id
        case Booked(at, flow):
            rank = 0 if flow.kind is FlowKind.OPENING else 1 if flow.amount > 0 else 3
        case Conversion(at, given, got):
            rank, flow = 2, (*given, *got)[0]
        case Departure(at, flow):
            rank = 3
        case Arrival(at, flow):
            rank = 4
    return at, rank, flow.account, len(flow.id), flow.id


def other_events(
    flows: Iterable[CashFlow],
    transfers: Iterable[Transfer],
    under_way: Iterable[CashFlow],
    calendar: Calendar,
) -> list[LotEvent]:
    """All events that are no trades, in order.

    Args:
        flows: every cash flow there is, in any order; a key that comes twice counts once.
        transfers: links between some of them.
        under_way: withdrawals among them that are on their way to an own account not known yet.
        calendar: of the owner, for flows without a time.

    Sides of a conversion belong together where they share account and txid; one that is left alone stays a flow.
    """
    rest = {flow.key: flow for flow in flows}
    events: list[LotEvent] = []
    for transfer in transfers:
        del rest[transfer.withdrawal.key], rest[transfer.deposit.key]
        events += _both_ends(transfer, calendar)
    for flow in under_way:
        del rest[flow.key]
        events.append(Departure(flow.instant(calendar), flow, -flow.amount, _own_fee(flow)))
    groups: dict[tuple[AccountId, str], list[CashFlow]] = {}
    for flow in rest.values():
        if flow.kind is FlowKind.CONVERSION and flow.txid:
            groups.setdefault((flow.account, flow.txid), []).append(flow)
        else:
            events.append(Booked(flow.instant(calendar), flow))
    for group in groups.values():
        events += _conversion(sorted(group, key=lambda flow: flow.id), calendar)
    return sorted(events, key=place)


def _both_ends(transfer: Transfer, calendar: Calendar) -> tuple[Departure, Arrival]:
    withdrawal, deposit = transfer.withdrawal, transfer.deposit
    earliest, latest = withdrawal.span(calendar)
    first, last = deposit.span(calendar)
    left = min(max(first, earliest), latest)
    arrived = max(left, min(max(left, first), last))
    with exactly():
        lost = max(transfer.debited - transfer.received, ZERO)
        sent = transfer.debited - lost
    return (
        Departure(left, withdrawal, sent, lost),
        Arrival(arrived, deposit, withdrawal.key, transfer.received),
    )


def _own_fee(flow: CashFlow) -> Decimal:
    return flow.fee.amount if flow.fee is not None and flow.fee.asset == flow.asset else ZERO


def _conversion(group: list[CashFlow], calendar: Calendar) -> list[LotEvent]:
    given = tuple(flow for flow in group if flow.amount < 0)
    got = tuple(flow for flow in group if flow.amount > 0)
    if not (given and got):
        return [Booked(flow.instant(calendar), flow) for flow in group]
    return [Conversion(max(flow.instant(calendar) for flow in group), given, got)]


@dataclass(frozen=True, slots=True)
class Openings:
    """What must have been there before records begin.

    Attributes:
        flows: one opening per account and asset, marked as estimated; to be fed before everything else.
        missing: by account and asset, a quantity (> 0) by which records brought more than there is now: an outflow
            that nobody recorded, which no opening lot can explain.
    """

    flows: tuple[CashFlow, ...]
    missing: Mapping[tuple[AccountId, Asset], Decimal]


def openings(
    balances: Mapping[tuple[AccountId, Asset], Decimal],
    events: Iterable[LotEvent],
    *,
    at: datetime,
    price: Callable[[Asset], Worth | None],
) -> Openings:
    """Openings by which records and today's balances agree: balance minus all later changes.

    Args:
        balances: what each account holds now; debt is negative. An asset that is missing is held no more.
        events: everything since `at`, in any order, each once; read once.
        at: the first instant of the records, aware UTC.
        price: USD for one unit at that moment, with its source; None if there is none, and then the opening has no
            value.
    """
    with exactly():
        wanted = dict(balances)
        for event in events:
            for account, asset, change in movements(event):
                wanted[account, asset] = wanted.get((account, asset), ZERO) - change
        flows, missing = [], {}
        for (account, asset), quantity in sorted(wanted.items()):
            if quantity < 0:
                missing[account, asset] = -quantity
            elif quantity > 0:
                unit = price(asset)
                usd = NOT_PRICED if unit is None else unit._replace(usd=unit.usd * quantity)
                flows.append(_opening(account, asset, quantity, usd, at))
    return Openings(tuple(flows), missing)


def _opening(account: AccountId, asset: Asset, quantity: Decimal, usd: Worth | Unknown, at: datetime) -> CashFlow:
    id_, kind = f"opening:{asset}", FlowKind.OPENING
    return CashFlow(id_, account, kind, at, asset, quantity, usd, detail=ESTIMATED, origin=Origin.MANUAL)


def movements(event: LotEvent) -> Iterator[tuple[AccountId, Asset, Decimal]]:
    """By how much an event changes which balance; the same balance may come twice. Needs an exact context."""
    match event:
        case Trade():
            sign = 1 if event.side is Side.BUY else -1
            yield event.account, event.base, sign * event.amount
            yield event.account, event.quote, -sign * event.cost
            for fee in event.fees:
                yield event.account, fee.asset, -fee.amount
        case Booked(_, flow):
            yield from _of_flow(flow, flow.amount)
        case Conversion(_, given, got):
            for flow in (*given, *got):
                yield from _of_flow(flow, flow.amount)
        case Departure(_, flow, sent, lost):
            yield flow.account, flow.asset, -sent - lost
            if flow.fee is not None and flow.fee.asset != flow.asset:
                yield flow.account, flow.fee.asset, -flow.fee.amount
        case Arrival(_, flow, _, received):
            yield from _of_flow(flow, received)


def _of_flow(flow: CashFlow, amount: Decimal) -> Iterator[tuple[AccountId, Asset, Decimal]]:
    yield flow.account, flow.asset, amount
    if flow.fee is not None:
        yield flow.account, flow.fee.asset, -flow.fee.amount
