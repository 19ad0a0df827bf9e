"""What the wallets of one reading answered, as one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from portfolio_bot.model.instrument import FIAT, Asset
from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import AccountId, Holding, Statement, UnreadableWallet, Wallet
from portfolio_bot.platforms.venue import WalletAnswer


@dataclass(frozen=True, slots=True)
class Found:
    """What the wallets gave by name, which of them were refused, and the names of those that answered."""

    answers: Mapping[str, WalletAnswer]
    refused: tuple[UnreadableWallet, ...]
    names: tuple[str, ...]


def statement_of(account: AccountId, taken_at: datetime, found: Found, not_built: Iterable[str]) -> Statement:
    """The statement, not priced yet.

    Args:
        taken_at: the moment it describes.
        not_built: wallets that nobody reads.
    """
    answers = found.answers.values()
    return Statement(
        account=account,
        as_of=taken_at,
        holdings=_merged(
            replace(row, read_from=name)
            for name, answer in found.answers.items()
            for row in answer.holdings
            if row.amount
        ),
        stated=tuple(
            replace(answer.stated, read_from=name)
            for name, answer in found.answers.items()
            if answer.stated is not None
        ),
        venue_total=next((answer.venue_total for answer in answers if answer.venue_total is not None), None),
        overview=tuple(line for answer in answers for line in answer.overview),
        unreadable=(
            *found.refused,
            *(entry for answer in answers for entry in answer.unreadable),
            *(UnreadableWallet(name, "not_built") for name in not_built),
        ),
        notices=tuple(notice for answer in answers for notice in answer.notices),
        wallets_read=found.names + tuple(name for answer in answers for name in answer.wallets),
    )


def _merged(rows: Iterable[Holding]) -> tuple[Holding, ...]:
    """One row per asset, wallet, part and whence it was read; what adds up to zero vanishes.

    A sum keeps the venue's value only if every row of it had one: half a value would stand for the whole.
    """
    merged: dict[tuple[Asset, Wallet, str, str], Holding] = {}
    for row in rows:
        key = (row.asset, row.wallet, row.part, row.read_from)
        before = merged.get(key)
        merged[key] = row if before is None else _added(before, row)
    return tuple(row for row in merged.values() if row.amount)


def _added(one: Holding, other: Holding) -> Holding:
    value: Money | None = None
    if one.value is not None and other.value is not None and one.value.currency == other.value.currency:
        value = one.value + other.value
    return replace(one, amount=one.amount + other.amount, value=value)


def unvalued(statement: Statement) -> frozenset[Asset]:
    """What needs a price of the market: rows without the venue's value, and totals that are stated in a coin."""
    totals = [*statement.stated, *([] if statement.venue_total is None else [statement.venue_total])]
    wanted = {row.asset for row in statement.holdings if row.value is None} | {total.currency for total in totals}
    return frozenset(wanted - FIAT)
