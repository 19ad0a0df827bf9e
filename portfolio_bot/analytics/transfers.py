"""Own transfers: which withdrawal of one account is which deposit on another.

A pair comes into question where the asset is the same, the accounts differ, and
- both carry the same transaction id, or
- not both carry one, the amounts agree within max(1e-8, a millionth), and the deposit comes between five minutes
  before and 24 hours after the withdrawal (longer for single assets, if so set).
Two different transaction ids are never one transfer. A venue should print what it sent and its fee apart; some print
the fee inside the amount, so both readings are tried and the nearer one counts.

`transfer` rows say of themselves that they are one side. Two of them with one id on the same account are a movement
inside it. Those that name wallets never left their venue: they are never on their way, since they arrive at once, and
only a common id links them with rows of another account. Some venues book each side on its own, without an id: on one
account, the same amount out of a wallet and into a wallet within five minutes is one movement. What is left alone of
them and names no other account than its own moved inside it, and only one side was told: no flow either. The rest went
to or came from an account that we do not see.

A withdrawal that the venue has not finished (`settled=False`) is on its way for as long as that lasts.

What the owner said comes first, then what the records say of themselves (`transfer` rows with one id), then equal
transaction ids, then the smallest difference of amounts, then the shortest delay. One to one. Where taking the nearest
first leaves a withdrawal and a deposit alone that another pairing by amount and time would serve, that pairing is
taken: as many links as the rules allow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from portfolio_bot.analytics.pairing import pair_up
from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, Confidence, FlowKey, FlowKind, MatchedBy, Transfer
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO

SIDES = frozenset({FlowKind.DEPOSIT, FlowKind.WITHDRAWAL, FlowKind.TRANSFER})
"""What may be a side of a transfer."""

Pair: TypeAlias = tuple[FlowKey, FlowKey]
"""Withdrawal and deposit."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What comes into question.

    Attributes:
        window: the longest delay.
        windows: the same for single assets.
        early: by how much a deposit may seem to come before its withdrawal, since clocks differ.
        relative, absolute: the greater one is how far amounts may differ.
        aliases: other names of an asset (`XBT` for `BTC`).
    """

    window: timedelta = timedelta(hours=24)
    windows: Mapping[Asset, timedelta] = field(default_factory=dict)
    early: timedelta = timedelta(minutes=5)
    relative: Decimal = Decimal("0.000001")
    absolute: Decimal = Decimal("0.00000001")
    aliases: Mapping[Asset, Asset] = field(default_factory=dict)

    def name(self, asset: Asset) -> Asset:
        """The one name of an asset."""
        return self.aliases.get(asset, asset)

    def longest(self, asset: Asset) -> timedelta:
        """The longest delay for an asset."""
        return self.windows.get(self.name(asset), self.window)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the owner said; it stands above all rules.

    Attributes:
        joined: pairs that are one transfer.
        parted: pairs that are not, whatever they look like.
        external: flows that are no side of any transfer, also not on their way, finished or not.
    """

    joined: AbstractSet[Pair] = frozenset()
    parted: AbstractSet[Pair] = frozenset()
    external: AbstractSet[FlowKey] = frozenset()


class Alone(StrEnum):
    """Why a flow has no other side (public names)."""

    OWNER = "owner"  # the owner says it is external
    NO_WITHDRAWAL = "no_withdrawal"  # an inflow from outside
    NO_DEPOSIT = "no_deposit"  # an outflow that reached no own account: to be looked at


class External(NamedTuple):
    """A flow that crosses the portfolio's border."""

    flow: CashFlow
    reason: Alone


@dataclass(frozen=True, slots=True)
class Matching:
    """All deposits and withdrawals, each in exactly one place.

    Attributes:
        transfers: by the time they left.
        in_transit: withdrawals that may still arrive: their amount stays in the total.
        external: flows.
        inside: movements inside an account of which the venue told one side: no flows.
    """

    transfers: tuple[Transfer, ...]
    in_transit: tuple[CashFlow, ...]
    external: tuple[External, ...]
    inside: tuple[CashFlow, ...] = ()

    @property
    def unexplained(self) -> tuple[CashFlow, ...]:
        """Outflows that match nothing and that the owner has not spoken about."""
        return tuple(one.flow for one in self.external if one.reason is Alone.NO_DEPOSIT)


def match(
    flows: Iterable[CashFlow],
    *,
    at: datetime,
    calendar: Calendar,
    rules: Rules | None = None,
    verdicts: Verdicts | None = None,
) -> Matching:
    """Find the own transfers among cash flows.

    Args:
        flows: in any order; kinds other than deposit, withdrawal and transfer are left out; a key that comes twice
            counts once.
        at: until when; what happened later is not seen. A withdrawal younger than its window is in transit.
        calendar: of the owner, for flows of which only the day is known.

    Returns:
        The same for every order of the flows. Amounts in `Transfer` are exact.

    Raises:
        ValueError: the owner joined a flow with two others, with one of another asset, or one that he calls external.
    """
    with exactly():
        return _Search(flows, at, calendar, rules or Rules(), verdicts or Verdicts()).matching()


def under_way(matching: Matching, at: datetime, calendar: Calendar) -> tuple[CashFlow, ...]:
    """What was between two own accounts at an earlier instant, as we know it now: withdrawals, oldest first.

    An outflow that was taken for a transfer then and is known to be external now is not among them.
    """
    left = [flow for flow in matching.in_transit if flow.instant(calendar) <= at]
    left += [
        link.withdrawal
        for link in matching.transfers
        if not link.inside and link.withdrawal.instant(calendar) <= at < link.deposit.instant(calendar)
    ]
    return tuple(sorted(left, key=lambda flow: (flow.instant(calendar), flow.key)))


def next_change(
    flows: Collection[CashFlow], *, at: datetime, calendar: Calendar, rules: Rules | None = None
) -> datetime | None:
    """When the passing of time alone may change what `match` finds: a withdrawal is too old, a later flow is seen.

    None: the same flows stay matched as they are at `at`.
    """
    rules = rules or Rules()
    moments = [flow.span(calendar)[0] for flow in flows]
    moments += [
        flow.span(calendar)[1] + rules.longest(flow.asset) + _MOMENT
        for flow in flows
        if flow.amount < 0 and flow.settled
    ]
    return min((moment for moment in moments if moment > at), default=None)


def stays_inside(flow: CashFlow) -> bool:
    """Whether it says of itself that both its ends are wallets of the account: its value stays, whoever tells it."""
    return _inside_venue(flow) and not any(word in flow.wallets for word in _ELSEWHERE)


class _Candidate(NamedTuple):
    """A pair that comes into question; sorted, the best one is first.

    Ids of venues' own transfers are short: one that two accounts happen to share links first what is on one account.
    """

    rank: int
    apart: bool
    difference: Decimal
    distance: timedelta
    keys: Pair
    delay: timedelta
    fee_inside: bool
    fits: bool


_ORDER = (MatchedBy.OWNER, MatchedBy.STATED, MatchedBy.TXID, MatchedBy.AMOUNT_TIME)
_LOOSE = _ORDER.index(MatchedBy.AMOUNT_TIME)
_ELSEWHERE = ("account", "outside", "custody", "segregated", "cloud exchange")
"""What the name of an end holds that is no wallet of the account: `sub-account 10002`, `another account`."""

_NOW, _MOMENT = timedelta(0), timedelta(microseconds=1)


class _Search:
    """One run of the matching; needs an exact context."""

    def __init__(
        self, flows: Iterable[CashFlow], at: datetime, calendar: Calendar, rules: Rules, verdicts: Verdicts
    ) -> None:
        self._at, self._calendar, self._rules, self._verdicts = at, calendar, rules, verdicts
        sides = {flow.key: flow for flow in flows if flow.kind in SIDES and flow.span(calendar)[0] <= at}
        ordered = sorted(sides.values(), key=self._place)
        self._sent = {flow.key: flow for flow in ordered if flow.amount < 0}
        self._got = {flow.key: flow for flow in ordered if flow.amount > 0}
        self._by_day: dict[tuple[Asset, int], list[CashFlow]] = {}
        self._by_txid: dict[tuple[Asset, str], list[CashFlow]] = {}
        for flow in self._got.values():
            asset = rules.name(flow.asset)
            first, last = flow.span(calendar)
            for day in range(first.toordinal(), last.toordinal() + 1):
                self._by_day.setdefault((asset, day), []).append(flow)
            if flow.txid:
                self._by_txid.setdefault((asset, _plain(flow.txid)), []).append(flow)

    def matching(self) -> Matching:
        candidates = sorted(self._candidates())
        fixed = [one.keys for one in candidates if one.rank < _LOOSE]
        pairs = set(pair_up(fixed, [one.keys for one in candidates if one.rank == _LOOSE]))
        taken = {key for pair in pairs for key in pair}
        rivals = _rivals(candidates, pairs)
        links = [self._link(one, rivals) for one in candidates if one.keys in pairs]
        links.sort(key=lambda link: self._place(link.withdrawal))
        alone = [flow for flow in (*self._sent.values(), *self._got.values()) if flow.key not in taken]
        inside = [flow for flow in alone if stays_inside(flow) and flow.key not in self._verdicts.external]
        moving = [flow for flow in alone if self._may_arrive(flow)]
        placed = {flow.key for flow in (*inside, *moving)}
        external = [External(flow, self._why_alone(flow)) for flow in alone if flow.key not in placed]
        external.sort(key=lambda one: self._place(one.flow))
        return Matching(tuple(links), tuple(moving), tuple(external), tuple(sorted(inside, key=self._place)))

    def _place(self, flow: CashFlow) -> tuple[datetime, FlowKey]:
        return flow.instant(self._calendar), flow.key

    def _may_arrive(self, flow: CashFlow) -> bool:
        if flow.amount > 0 or flow.key in self._verdicts.external:
            return False
        if stays_inside(flow):
            return False
        if not flow.settled:
            return True
        if _inside_venue(flow):
            return False
        return self._at - flow.span(self._calendar)[1] <= self._rules.longest(flow.asset)

    def _why_alone(self, flow: CashFlow) -> Alone:
        if flow.key in self._verdicts.external:
            return Alone.OWNER
        return Alone.NO_WITHDRAWAL if flow.amount > 0 else Alone.NO_DEPOSIT

    def _candidates(self) -> Iterator[_Candidate]:
        spoken_for = set(self._verdicts.external)
        for keys in sorted(self._verdicts.joined):
            withdrawal, deposit = self._sent.get(keys[0]), self._got.get(keys[1])
            if withdrawal is None or deposit is None:
                continue  # one of them is not recorded any more, or not yet
            if spoken_for.intersection(keys) or self._rules.name(withdrawal.asset) != self._rules.name(deposit.asset):
                raise ValueError(f"{keys[0]} and {keys[1]} cannot be the two sides of one transfer")
            spoken_for.update(keys)
            yield self._candidate(withdrawal, deposit, MatchedBy.OWNER)
        for withdrawal in self._sent.values():
            if withdrawal.key in spoken_for:
                continue
            for deposit in self._in_question(withdrawal):
                by = None if deposit.key in spoken_for else self._linked_by(withdrawal, deposit)
                if by is not None:
                    candidate = self._candidate(withdrawal, deposit, by)
                    if candidate.fits or by is not MatchedBy.AMOUNT_TIME:
                        yield candidate

    def _in_question(self, withdrawal: CashFlow) -> Iterable[CashFlow]:
        """Deposits of the same asset that the time or a transaction id may link with this one."""
        asset, (first, last) = self._rules.name(withdrawal.asset), withdrawal.span(self._calendar)
        latest = last + self._rules.longest(asset)
        days = range((first - self._rules.early).toordinal(), latest.toordinal() + 1)
        near = {flow.key: flow for day in days for flow in self._by_day.get((asset, day), ())}
        if withdrawal.txid:
            near |= {flow.key: flow for flow in self._by_txid.get((asset, _plain(withdrawal.txid)), ())}
        parted = self._verdicts.parted
        return (flow for flow in near.values() if (withdrawal.key, flow.key) not in parted)

    def _linked_by(self, withdrawal: CashFlow, deposit: CashFlow) -> MatchedBy | None:
        same_account = withdrawal.account == deposit.account
        if withdrawal.txid and deposit.txid:
            if _plain(withdrawal.txid) != _plain(deposit.txid):
                return None
            if withdrawal.kind is deposit.kind is FlowKind.TRANSFER:
                return MatchedBy.STATED
            return None if same_account else MatchedBy.TXID
        shortest, longest = self._delays(withdrawal, deposit)
        if same_account and stays_inside(withdrawal) and stays_inside(deposit):
            at_once = longest >= -self._rules.early and shortest <= self._rules.early
            return MatchedBy.AMOUNT_TIME if at_once else None
        if same_account or _inside_venue(withdrawal) or _inside_venue(deposit):
            return None
        in_time = longest >= -self._rules.early and shortest <= self._rules.longest(withdrawal.asset)
        return MatchedBy.AMOUNT_TIME if in_time else None

    def _delays(self, withdrawal: CashFlow, deposit: CashFlow) -> tuple[timedelta, timedelta]:
        left, arrived = withdrawal.span(self._calendar), deposit.span(self._calendar)
        return arrived[0] - left[1], arrived[1] - left[0]

    def _candidate(self, withdrawal: CashFlow, deposit: CashFlow, by: MatchedBy) -> _Candidate:
        shortest, longest = self._delays(withdrawal, deposit)
        delay = max(shortest, min(longest, _NOW))  # where there is a choice, the one nearest to none
        sent, fee = -withdrawal.amount, _own_fee(withdrawal)
        printed, inside = abs(deposit.amount - sent), abs(deposit.amount - (sent - fee))
        difference = min(printed, inside)
        return _Candidate(
            rank=_ORDER.index(by),
            apart=withdrawal.account != deposit.account,
            difference=difference,
            distance=abs(delay),
            keys=(withdrawal.key, deposit.key),
            delay=delay,
            fee_inside=inside < printed,
            fits=difference <= max(self._rules.absolute, self._rules.relative * sent),
        )

    def _link(self, one: _Candidate, rivals: Mapping[FlowKey, int]) -> Transfer:
        withdrawal, deposit = self._sent[one.keys[0]], self._got[one.keys[1]]
        by, others = _ORDER[one.rank], sum(rivals.get(key, 1) - 1 for key in one.keys)
        if by in {MatchedBy.OWNER, MatchedBy.STATED} or (by is MatchedBy.TXID and one.fits):
            confidence = Confidence.CERTAIN
        elif by is MatchedBy.AMOUNT_TIME and (others or withdrawal.day_only or deposit.day_only):
            confidence = Confidence.POSSIBLE
        else:
            confidence = Confidence.LIKELY
        return Transfer(
            withdrawal,
            deposit,
            debited=-withdrawal.amount + (ZERO if one.fee_inside else _own_fee(withdrawal)),
            received=deposit.amount,
            by=by,
            confidence=confidence,
            difference=one.difference,
            delay=one.delay,
            rivals=others,
            fee_inside=one.fee_inside,
        )


def _plain(txid: str) -> str:
    """One spelling of a transaction id."""
    return txid.strip().casefold().removeprefix("0x")


def _inside_venue(flow: CashFlow) -> bool:
    return flow.kind is FlowKind.TRANSFER and bool(flow.wallets)


def _own_fee(flow: CashFlow) -> Decimal:
    return flow.fee.amount if flow.fee is not None and flow.fee.asset == flow.asset else ZERO


def _rivals(candidates: Iterable[_Candidate], pairs: AbstractSet[Pair]) -> Mapping[FlowKey, int]:
    """In how many pairs each flow comes into question, without those that a stronger link rules out."""
    settled = {key for one in candidates if one.rank < _LOOSE and one.keys in pairs for key in one.keys}
    counts: dict[FlowKey, int] = {}
    for one in candidates:
        if one.keys in pairs or not settled.intersection(one.keys):
            for key in one.keys:
                counts[key] = counts.get(key, 0) + 1
    return counts
