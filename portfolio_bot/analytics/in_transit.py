"""Money between own accounts: which of it no account shows at this moment, and what it is worth.

What has left one account and is not in what we see of another is a line of its own in the total. Readings are of
different moments, and balances change before their records can be read; so what counts is what the readings show, not
what has happened: money is on its way from the first reading of the sender without it to the first reading of the
receiver with it, recorded or not. Nothing is counted twice, and nothing is missing in between.

It is priced like a holding of the account that sent it. Without any price it is listed and left out of the total, and
that total stays what it is otherwise: a coin that nobody can price was no part of it before it left either, so leaving
changes nothing, and calling the total incomplete for it would stop every return for a worthless token.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple, TypeAlias

from portfolio_bot.analytics.pricing import PRICE_STANDS_IN, Pricer
from portfolio_bot.analytics.shares import exactly
from portfolio_bot.analytics.transfers import Matching, stays_inside
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKey
from portfolio_bot.model.instrument import CRYPTO_DOLLARS, FIAT, Asset, PriceSource, Quote
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import AccountValue, InTransit, KnownAccount, Priced, ReadingState
from portfolio_bot.model.statement import AccountId, Statement

Balances: TypeAlias = Mapping[tuple[AccountId, Asset], Decimal]
"""What each account holds of an asset in all its wallets; what is missing is none."""

Seen: TypeAlias = Mapping[AccountId, datetime]
"""The moment that our view of each account describes."""

ABOUT = Decimal("0.001")
"""By what share of an amount a balance may rise more or less than by that amount, and still be taken for it."""

_AT_MOST_TOGETHER = 3
"""So many transfers may arrive on an account between two readings and still be told apart from anything else."""


class Moving(NamedTuple):
    """Money that has left an own account.

    Attributes:
        flow: the record of the account that sent.
        destination: where it goes; None while that is not known.
    """

    flow: CashFlow
    destination: AccountId | None = None


def not_shown(matching: Matching, seen: Seen, at: datetime, calendar: Calendar) -> tuple[Moving, ...]:
    """What no reading shows: gone from the sender's, not yet in the receiver's; oldest first.

    Args:
        seen: by account; one that is missing has no reading: what left it is gone, what reached it has arrived.
        at: now.
    """

    def is_shown(flow: CashFlow) -> bool:
        return flow.instant(calendar) <= seen.get(flow.account, at)

    moving = [Moving(flow) for flow in matching.in_transit if is_shown(flow)]
    moving += [
        Moving(link.withdrawal, link.deposit.account)
        for link in matching.transfers
        if not link.inside and is_shown(link.withdrawal) and not is_shown(link.deposit)
    ]
    return tuple(sorted(moving, key=lambda one: (one.flow.instant(calendar), one.flow.key)))


def rises(
    then: Balances, now: Balances, recorded: Iterable[CashFlow], seen_then: Seen, seen_now: Seen, calendar: Calendar
) -> Balances:
    """By how much balances rose for no recorded reason; accounts that were not seen both times are left out.

    Args:
        recorded: flows, of which those between the two readings of their account explain a part of it.
    """
    with exactly():
        found = {
            key: now.get(key, ZERO) - then.get(key, ZERO)
            for key in now.keys() | then.keys()
            if key[0] in seen_then and key[0] in seen_now
        }
        for flow in recorded:
            key = (flow.account, flow.asset)
            if (
                key in found
                and not stays_inside(flow)
                and seen_then[flow.account] < flow.instant(calendar) <= seen_now[flow.account]
            ):
                found[key] -= flow.amount - _own_fee(flow)
    return {key: rise for key, rise in found.items() if rise > 0}


def arrived(moving: Collection[CashFlow], risen: Balances) -> Mapping[FlowKey, AccountId]:
    """Which withdrawals seem to have reached another own account, whose record of them is not read yet.

    An account tells so by a rise of about one of the amounts, or of a few of them together. Each counts once; the
    fewest that explain a rise are taken, the oldest first.

    Args:
        moving: oldest first.
        risen: as `rises` tells them.
    """
    found: dict[FlowKey, AccountId] = {}
    for (account, asset), rise in sorted(risen.items()):
        free = [f for f in moving if f.asset == asset and f.account != account and f.key not in found]
        for group in _groups(free):
            if _about(rise, group):
                found |= {flow.key: account for flow in group}
                break
    return found


def _groups(flows: Sequence[CashFlow]) -> Iterator[tuple[CashFlow, ...]]:
    for size in range(1, _AT_MOST_TOGETHER + 1):
        yield from combinations(flows, size)


def _about(rise: Decimal, group: Sequence[CashFlow]) -> bool:
    """Whether it is the amounts; or, where a venue prints the fee inside, what they are without it."""
    with exactly():
        printed = sum((-flow.amount for flow in group), ZERO)
        less = printed - sum((_own_fee(flow) for flow in group), ZERO)
        return any(abs(rise - sent) <= ABOUT * sent for sent in (printed, less))


def _own_fee(flow: CashFlow) -> Decimal:
    return flow.fee.amount if flow.fee is not None and flow.fee.asset == flow.asset else ZERO


def lines(
    moving: Iterable[Moving],
    accounts: Sequence[AccountValue],
    statements: Mapping[AccountId, Statement],
    pricer: Pricer,
    dollars: Mapping[Asset, Quote],
    calendar: Calendar,
) -> tuple[InTransit, ...]:
    """A line for each, valued by the first that knows a price.

    The account that sent it, else another account of this valuation, those that answered first; a crypto dollar's
    reference; else the last price known on any account, for `PRICE_STANDS_IN`.

    Args:
        statements: of those accounts that have one.
        dollars: reference prices of crypto dollars.
    """
    answered = sorted(
        (account for account in accounts if isinstance(account, KnownAccount)),
        key=lambda account: account.state is ReadingState.STALE,
    )
    made = []
    for flow, destination in moving:
        asset, amount, origin = flow.asset, -flow.amount, flow.account
        asked = sorted(answered, key=lambda account: account.id != origin)
        quote = _quote(asset, origin, asked, statements, pricer, dollars)
        value = Unknown("no_price", asset) if quote is None else amount * quote.price
        stands_in = quote if quote is not None and quote.source in _NOT_OF_NOW else None
        since = flow.instant(calendar)
        made.append(InTransit(asset, amount, value, origin, destination, since, flow.txid, stands_in))
    return tuple(made)


_NOT_OF_NOW = frozenset({PriceSource.KNOWN_BEFORE, PriceSource.ASSUMED_PAR})


def _quote(
    asset: Asset,
    origin: AccountId,
    accounts: Iterable[KnownAccount],
    statements: Mapping[AccountId, Statement],
    pricer: Pricer,
    dollars: Mapping[Asset, Quote],
) -> Quote | None:
    for account in accounts:
        found = _of_account(asset, account, statements[account.id], pricer)
        if found is not None:
            return found
    if asset in CRYPTO_DOLLARS and asset in dollars:
        return dollars[asset]
    return _known(asset, origin, pricer)


def _of_account(asset: Asset, account: KnownAccount, statement: Statement, pricer: Pricer) -> Quote | None:
    unit = pricer.unit(asset, statement)
    if unit is not None:
        return Quote(asset, unit[0], unit[1], account.as_of)
    if asset in FIAT:
        return None
    rows = (row for row in account.holdings if isinstance(row, Priced) and row.asset == asset and row.price > 0)
    row = next((row for row in rows if row.source is PriceSource.VENUE_VALUE), None)
    return None if row is None else Quote(asset, row.price, row.source, row.as_of)


def _known(asset: Asset, origin: AccountId, pricer: Pricer) -> Quote | None:
    quotes = [
        (account == origin, quote.as_of, quote)
        for (account, name), quote in pricer.known.items()
        if name == asset and pricer.at - quote.as_of <= PRICE_STANDS_IN
    ]
    if not quotes:
        return None
    best = max(quotes, key=lambda row: row[:2])[2]
    return Quote(asset, best.price, PriceSource.KNOWN_BEFORE, best.as_of)


def balances_of(statements: Iterable[Statement]) -> Balances:
    """What each account holds in all its wallets."""
    return _summed((statement.account, row.asset, row.amount) for statement in statements for row in statement.holdings)


def balances_in(accounts: Iterable[AccountValue]) -> Balances:
    """The same of accounts that were valued; without what only makes up for a gap."""
    return _summed(
        (account.id, row.asset, row.amount)
        for account in accounts
        if isinstance(account, KnownAccount)
        for row in account.holdings
        if not isinstance(row, Priced) or row.covered
    )


def _summed(rows: Iterable[tuple[AccountId, Asset, Decimal]]) -> Balances:
    found: dict[tuple[AccountId, Asset], Decimal] = {}
    with exactly():
        for account, asset, amount in rows:
            found[account, asset] = found.get((account, asset), ZERO) + amount
    return found
