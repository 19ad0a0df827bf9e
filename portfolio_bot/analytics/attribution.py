"""Why did it change: start value + market + FX + flows + income + fees + accounts = end value, to the last digit.

What is known to have come or gone is told first, then what exchange rates did to it and to what was there at the start;
the market is the rest. So the parts always add up, and an event that nobody recorded shows up as market.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from portfolio_bot.analytics.shares import exactly, share
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO, Currency
from portfolio_bot.model.statement import AccountId


class Cause(StrEnum):
    """Why value came or went otherwise than by prices and rates."""

    FLOWS = "flows"  # deposits and withdrawals
    INCOME = "income"
    FEES = "fees"
    ACCOUNTS = "accounts"  # an account was added or removed, an asset got its first price
    MOVED = "moved"  # between own accounts or, by a trade, between assets: nothing in the whole


class Position(NamedTuple):
    """A holding at one end of the period.

    Attributes:
        value: in the currency of the report.
        currency: what it is held or priced in: only its rate counts as FX.
    """

    account: AccountId
    asset: Asset
    value: Decimal
    currency: Currency


class Entry(NamedTuple):
    """Something that came (+) or went (-) within the period.

    Attributes:
        value: at its own time, in the currency of the report.
        currency: of the position that it changed.
        rate: units of the report's currency for one of `currency` at its own time; None if unknown, then what rates
            did to it counts as market.
    """

    account: AccountId
    asset: Asset
    cause: Cause
    value: Decimal
    currency: Currency
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """A change and what it is made of: `end - start` is the sum of all the others, exactly.

    Attributes:
        market: prices, and whatever nobody recorded.
        fx: exchange rates; of the start value over the whole period, of an entry since its time.
        moved: only by account or asset; in the whole what does not cancel out (a one-sided record) is market.
    """

    start: Decimal = ZERO
    end: Decimal = ZERO
    market: Decimal = ZERO
    fx: Decimal = ZERO
    flows: Decimal = ZERO
    income: Decimal = ZERO
    fees: Decimal = ZERO
    accounts: Decimal = ZERO
    moved: Decimal = ZERO

    def plus(self, other: Parts) -> Parts:
        """Both together; needs an exact context."""
        return Parts(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


@dataclass(frozen=True, slots=True)
class Explained:
    """A change, in the currency of the report.

    Attributes:
        total: of everything; its `moved` is 0.
        by_account, by_asset: each adds up to the total, but for `moved`, which is market there.
        without_rate: currencies whose rate is unknown at an end: what they did is in `market`.
    """

    total: Parts
    by_account: Mapping[AccountId, Parts]
    by_asset: Mapping[Asset, Parts]
    without_rate: tuple[Currency, ...]


def explain(
    start: Iterable[Position],
    end: Iterable[Position],
    entries: Iterable[Entry],
    rates_start: Mapping[Currency, Decimal],
    rates_end: Mapping[Currency, Decimal],
) -> Explained:
    """Take the change between two complete snapshots apart.

    Args:
        start, end: the holdings at both ends, money in transit among them.
        entries: start <= time < end, in any order; both sides of a trade or an own transfer as `moved`.
        rates_start, rates_end: units of the report's currency for one unit of each currency, > 0; the report's own
            is 1.
    """
    with exactly():
        rows = _rows(start, end, entries, rates_start, rates_end)
        parts = {key: _closed(row) for key, row in rows.items()}
        whole = _sum(parts.values())
        known = rates_start.keys() & rates_end.keys()
        return Explained(
            total=replace(whole, market=whole.market + whole.moved, moved=ZERO),
            by_account=_grouped(parts, 0),
            by_asset=_grouped(parts, 1),
            without_rate=tuple(sorted({key[2] for key in rows} - known)),
        )


_Key: TypeAlias = tuple[AccountId, Asset, Currency]


def _rows(
    start: Iterable[Position],
    end: Iterable[Position],
    entries: Iterable[Entry],
    rates_start: Mapping[Currency, Decimal],
    rates_end: Mapping[Currency, Decimal],
) -> dict[_Key, dict[str, Decimal]]:
    """What is known, by account, asset and currency."""
    rows: dict[_Key, dict[str, Decimal]] = {}

    def add(key: _Key, part: str, value: Decimal) -> None:
        row = rows.setdefault(key, {})
        row[part] = row.get(part, ZERO) + value

    for position in start:
        key = (position.account, position.asset, position.currency)
        before, after = rates_start.get(position.currency), rates_end.get(position.currency)
        add(key, "start", position.value)
        add(key, "fx", _drift(position.value, before, after))
    for position in end:
        add((position.account, position.asset, position.currency), "end", position.value)
    for entry in entries:
        key = (entry.account, entry.asset, entry.currency)
        add(key, entry.cause.value, entry.value)
        add(key, "fx", _drift(entry.value, entry.rate, rates_end.get(entry.currency)))
    return rows


def _drift(value: Decimal, before: Decimal | None, after: Decimal | None) -> Decimal:
    """What a value gains by the rate alone; nothing where a rate is unknown."""
    return ZERO if before is None or after is None else share(value, after - before, before)


def _closed(row: Mapping[str, Decimal]) -> Parts:
    """The market is what the rest leaves open."""
    known = Parts(**row)
    told = known.fx + known.flows + known.income + known.fees + known.accounts + known.moved
    return replace(known, market=known.end - known.start - told)


def _sum(parts: Iterable[Parts]) -> Parts:
    total = Parts()
    for part in parts:
        total = total.plus(part)
    return total


def _grouped(parts: Mapping[_Key, Parts], by: int) -> Mapping[str, Parts]:
    groups: dict[str, list[Parts]] = {}
    for key, part in parts.items():
        groups.setdefault(key[by], []).append(part)
    return {name: _sum(groups[name]) for name in sorted(groups)}
