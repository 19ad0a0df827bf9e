"""Cash flows as people look at them: both sides of a movement as one entry, the small change of a day gathered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from portfolio_bot.analytics.transfers import Alone, Matching
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKey, FlowKind, Transfer
from portfolio_bot.model.instrument import FIAT
from portfolio_bot.report.numbers import CONTEXT

HANDLE_LENGTH: Final = 10

_SMALL_CHANGE: Final = frozenset({FlowKind.INCOME, FlowKind.FEE, FlowKind.FUNDING, FlowKind.FUTURES_PNL})
"""Kinds that come many times a day."""


@dataclass(frozen=True, slots=True)
class OwnTransfer:
    """From one own account to another."""

    link: Transfer


@dataclass(frozen=True, slots=True)
class Moved:
    """Between wallets of one account."""

    link: Transfer


@dataclass(frozen=True, slots=True)
class Converted:
    """One asset for another, without a market."""

    given: CashFlow
    got: CashFlow


@dataclass(frozen=True, slots=True)
class Gathered:
    """Flows of one kind and asset, on one account, of one day; one or more, newest first."""

    flows: tuple[CashFlow, ...]

    @property
    def first(self) -> CashFlow:
        """The newest: kind, account, asset and day are those of all."""
        return self.flows[0]

    @property
    def amount(self) -> Decimal:
        """The sum."""
        return _sum(flow.amount for flow in self.flows)

    @property
    def usd(self) -> Decimal | Unknown:
        """The sum of the values; Unknown if one of them is."""
        worths = [flow.usd for flow in self.flows]
        unknown = next((worth for worth in worths if isinstance(worth, Unknown)), None)
        return unknown or _sum(worth.usd for worth in worths if not isinstance(worth, Unknown))


Entry: TypeAlias = OwnTransfer | Moved | Converted | Gathered


@dataclass(frozen=True, slots=True)
class Sides:
    """What matching found out, by flow.

    Attributes:
        links: own transfers, by each of their two sides.
        in_transit: withdrawals on their way.
        alone: why others have no second side.
        known: every account is read; else an outflow's other side may only not be read yet.
    """

    links: Mapping[FlowKey, Transfer]
    in_transit: Mapping[FlowKey, CashFlow]
    alone: Mapping[FlowKey, Alone]
    known: bool = True

    @classmethod
    def of(cls, matching: Matching, *, known: bool = True) -> Sides:
        """Sorted by flow."""
        links = {flow.key: link for link in matching.transfers for flow in (link.withdrawal, link.deposit)}
        alone = {one.flow.key: one.reason for one in matching.external}
        return cls(links, {flow.key: flow for flow in matching.in_transit}, alone, known)

    def lost(self, flow: CashFlow) -> bool:
        """Whether it is an outflow of coins that no own account received, and nobody says where it went."""
        unexplained = self.alone.get(flow.key) is Alone.NO_DEPOSIT and not flow.wallets
        return self.known and unexplained and flow.asset not in FIAT

    def to_bank(self, flow: CashFlow) -> bool:
        """Whether it is ordinary money that was paid out: it went where nobody reads anything, as it should."""
        return self.alone.get(flow.key) is Alone.NO_DEPOSIT and not flow.wallets and flow.asset in FIAT

    def at_border(self, flow: CashFlow) -> bool:
        """Whether it came from outside, left, or is on its way: the owner may have another word about it."""
        return flow.key in self.alone or flow.key in self.in_transit

    def told_external(self, flow: CashFlow) -> bool:
        """Whether the owner says that it crossed the portfolio's border."""
        return self.alone.get(flow.key) is Alone.OWNER

    def inside(self, flow: CashFlow) -> bool:
        """Whether it stayed within its account."""
        link = self.links.get(flow.key)
        return link is not None and link.inside


def entries(flows: Sequence[CashFlow], sides: Sides, calendar: Calendar, *, every: bool = False) -> list[Entry]:
    """What stands in a list of flows, day by day; an entry of several stands where the first of them does.

    Args:
        flows: newest first.
        every: with what moved inside an account, and each flow on its own.
    """
    groups: dict[tuple[object, ...], list[CashFlow]] = {}
    for flow in flows:
        if every or not sides.inside(flow):
            groups.setdefault(_group(flow, sides, calendar, every=every), []).append(flow)
    found = [entry for group in groups.values() for entry in _entries(group, sides)]
    return sorted(found, key=lambda entry: day_of(entry, calendar), reverse=True)


def day_of(entry: Entry, calendar: Calendar) -> date:
    """The owner's day: of a transfer the one on which it arrived."""
    match entry:
        case OwnTransfer(link):
            flow = link.deposit
        case Moved(link):
            flow = link.deposit
        case Converted(_, got):
            flow = got
        case Gathered():
            flow = entry.first
    return flow_day(flow, calendar)


def flow_day(flow: CashFlow, calendar: Calendar) -> date:
    """The owner's day of a flow."""
    return calendar.day(flow.at) if isinstance(flow.at, datetime) else flow.at


def handle(key: FlowKey) -> str:
    """A short name of a flow, for buttons and for typing; ids themselves are long."""
    return hashlib.sha256("\0".join(key).encode()).hexdigest()[:HANDLE_LENGTH]


def _group(flow: CashFlow, sides: Sides, calendar: Calendar, *, every: bool) -> tuple[object, ...]:
    link = sides.links.get(flow.key)
    if link is not None:
        return "own", link.withdrawal.key
    if flow.kind is FlowKind.CONVERSION and flow.txid:
        return flow.kind, flow.account, flow.txid
    if flow.kind in _SMALL_CHANGE and not every:
        return flow.kind, flow.account, flow.asset, flow_day(flow, calendar)
    return ("one", *flow.key)


def _entries(group: Sequence[CashFlow], sides: Sides) -> Iterator[Entry]:
    first = group[0]
    link = sides.links.get(first.key)
    if link is not None:
        yield Moved(link) if link.inside else OwnTransfer(link)
    elif first.kind is FlowKind.CONVERSION and len(group) == 2 and group[0].amount * group[1].amount < 0:
        got, given = sorted(group, key=lambda flow: flow.amount < 0)
        yield Converted(given, got)
    elif first.kind in _SMALL_CHANGE:
        yield Gathered(tuple(group))
    else:
        yield from (Gathered((flow,)) for flow in group)


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = CONTEXT.add(total, amount)
    return total
