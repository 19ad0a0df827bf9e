"""Answers that are valid but hard to believe: asked again, and not believed until two agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from portfolio_bot.analytics.borders import brought
from portfolio_bot.analytics.transfers import stays_inside
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import KnownAccount, Priced
from portfolio_bot.model.statement import Statement, Wallet
from portfolio_bot.model.trade import Worth

_FALL, _RISE = Decimal("0.5"), Decimal(5)
_AGREEMENT = Decimal("0.01")
_MOST = Decimal("0.95")


def suspect(previous: KnownAccount, now: KnownAccount) -> str | None:
    """Why the new value of an account is not believed at once; None if it is.

    Args:
        previous: the last good value.
        now: the new answer, valued.

    Returns:
        `empty`, `fall` (by more than half) or `rise` (over fivefold), where the change of prices does not explain
        it: the new amounts at the old prices show the same jump. What is only read now, or is no longer read, jumps
        nowhere: a wallet that has become readable, or that the owner declared gone.
    """
    came, gone = brought(previous, now), brought(now, previous)
    before = previous.total.amount - gone
    if previous.holdings and not now.holdings:
        return "empty"
    if before <= 0:
        return None
    ratio = (now.total.amount - came) / before
    if _FALL <= ratio <= _RISE:
        return None
    old_prices = {row.asset: row.price for row in previous.holdings if isinstance(row, Priced)}
    at_old_prices = sum(
        (row.amount * old_prices.get(row.asset, row.price) for row in now.holdings if isinstance(row, Priced)), ZERO
    )
    if _FALL <= (at_old_prices - came) / before <= _RISE:
        return None
    return "fall" if ratio < _FALL else "rise"


def explained(previous: KnownAccount, now: KnownAccount, flows: Iterable[CashFlow]) -> bool:
    """Whether recorded flows lead from the last good value to about the new one: what is left is no jump.

    Args:
        previous: the last good value.
        now: the new answer, valued.
        flows: of this account. Those count that happened after the one and no later than the other; a flow of which
            only the day is known explains nothing.
    """
    prices = _prices(now) | _prices(previous)
    moved = _between(previous, now, flows)
    if not moved:
        return False
    before = previous.total.amount
    expected = before + sum((_worth(flow, prices) for flow in moved), ZERO)
    # everything was sent away, or all but dust
    if abs(now.total.amount - expected) <= _AGREEMENT * abs(before):
        return True
    return expected > 0 and _FALL <= now.total.amount / expected <= _RISE


def missing(previous: KnownAccount, now: KnownAccount, flows: Iterable[CashFlow] = ()) -> bool:
    """Whether more than a twentieth of an account is gone that neither prices nor recorded flows explain.

    That is nothing to doubt, but worth a question before it is told: it may be on its way to another account.

    Args:
        flows: as for `explained`.
    """
    prices = _prices(previous) | _prices(now)
    rows = (row for row in previous.holdings if isinstance(row, Priced))
    expected = sum((row.amount * prices.get(row.asset, row.price) for row in rows), ZERO)
    expected += sum((_worth(flow, prices) for flow in _between(previous, now, flows)), ZERO)
    return expected > 0 and now.total.amount < expected * _MOST


def _between(previous: KnownAccount, now: KnownAccount, flows: Iterable[CashFlow]) -> list[CashFlow]:
    """Those of that time that change the account's value."""
    dated = (flow for flow in flows if isinstance(flow.at, datetime) and previous.as_of < flow.at <= now.as_of)
    return [flow for flow in dated if not stays_inside(flow)]


def _prices(account: KnownAccount) -> dict[Asset, Decimal]:
    return {row.asset: row.price for row in account.holdings if isinstance(row, Priced) and row.price > 0}


def _worth(flow: CashFlow, prices: Mapping[Asset, Decimal]) -> Decimal:
    """By how much it changed the account's value; nothing where nobody has a price."""
    cost = ZERO if flow.fee is None else flow.fee.amount * prices.get(flow.fee.asset, ZERO)
    if flow.asset in prices:
        return flow.amount * prices[flow.asset] - cost
    return (flow.usd.usd if isinstance(flow.usd, Worth) else ZERO) - cost


def agree(first: Statement, second: Statement) -> bool:
    """Whether two answers say the same: every amount, and every total that the venue states, within 1 %."""
    one, other = _amounts(first), _amounts(second)
    return all(_alike(one.get(key, ZERO), other.get(key, ZERO)) for key in one.keys() | other.keys())


def contradicted(now: KnownAccount) -> bool:
    """Whether the venue's own total says that much of the account is missing from its rows."""
    return now.coverage is not None and now.coverage.percent is not None and now.coverage.percent < 50


def _alike(one: Decimal, other: Decimal) -> bool:
    return one == other or abs(one - other) < _AGREEMENT * max(abs(one), abs(other))


def _amounts(statement: Statement) -> dict[tuple[Asset, Wallet | None, str | None], Decimal]:
    found: dict[tuple[Asset, Wallet | None, str | None], Decimal] = {}
    for holding in statement.holdings:
        key = (holding.asset, holding.wallet, holding.part)
        found[key] = found.get(key, ZERO) + holding.amount
    stated: dict[tuple[Asset, Wallet | None, str | None], Decimal] = {
        (total.currency, None, total.part): total.amount for total in statement.stated
    }
    return {**found, **stated}
