"""Sub-accounts that a venue's main key can see into: parts of the statement, each with an identity of its own.

By that identity a sub-account that is configured by itself too is recognised, and counted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, StatedTotal, Statement, SubAccount, Wallet
from portfolio_bot.platforms.sub_accounts import masked, shown
from portfolio_bot.platforms.venue import Inside


def looked_into(
    statement: Statement, inside: Iterable[tuple[str, Inside]], stands_for: Callable[[str], str]
) -> Statement:
    """The statement with what lies in sub-accounts.

    The venue's figures for the whole are of the main account alone: what the venue says of the others is added to
    them, and if it says nothing they are left out, since beside more than they speak of they would tell of a gap.

    Args:
        inside: each with the name of the wallet that showed it.
        stands_for: the keyed hash of an account's number.
    """
    found = {stands_for(sub.uid): (name, sub) for name, sub in inside}
    if not found:
        return statement
    total = _with(statement.venue_total, [sub.total for _, sub in found.values()])
    return replace(
        statement,
        holdings=(*statement.holdings, *(row for key, (name, sub) in found.items() for row in _rows(sub, key, name))),
        sub_accounts=(
            *statement.sub_accounts,
            *(
                SubAccount(
                    masked(sub.uid),
                    key,
                    shown(sub.name),
                    None if sub.total is None else sub.total.amount,
                    "USD" if sub.total is None else sub.total.currency,
                    statement.as_of,
                )
                for key, (_, sub) in found.items()
            ),
        ),
        venue_total=total,
        overview=statement.overview if total is not None else (),
    )


def _rows(sub: Inside, key: str, name: str) -> Iterable[Holding]:
    if sub.holdings or sub.total is None:
        return (replace(row, part=key, read_from=name) for row in sub.holdings if row.amount)
    return (Holding(sub.total.currency, Wallet.OTHER, sub.total.amount, sub.total, key, name),)


def _with(total: StatedTotal | None, others: Sequence[Money | None]) -> StatedTotal | None:
    if total is None:
        return None
    for other in others:
        if other is None or other.currency != total.currency:
            return None
        total = replace(total, amount=total.amount + other.amount)
    return total
