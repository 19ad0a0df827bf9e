"""What each wallet and each inner account of an account is worth, beside the sum of them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import Compartment, Priced, Valued
from portfolio_bot.model.statement import StatedTotal, Statement, SubAccount


def compartments(
    statement: Statement, rows: Sequence[Valued], gaps: Iterable[tuple[StatedTotal, Priced]]
) -> tuple[Compartment, ...]:
    """Wallets that answered, empty ones included, and inner accounts.

    Args:
        rows: the holdings of the statement, valued, in its order.
        gaps: what rows leave open of the totals that the venue states.
    """
    wallets = dict.fromkeys(statement.wallets_read, ZERO)
    inside = dict.fromkeys((sub.key for sub in statement.sub_accounts), ZERO)
    within: dict[str, str] = {}

    def add(wallet: str, part: str | None, value: Decimal) -> None:
        if wallet in wallets:
            wallets[wallet] += value
        if part in inside:
            inside[part] += value
            within[part] = wallet

    for holding, row in zip(statement.holdings, rows, strict=True):
        if isinstance(row, Priced):
            add(holding.read_from, holding.part, row.value)
    for stated, gap in gaps:
        add(stated.read_from, stated.part, gap.value)
    return (
        *(Compartment(name, value) for name, value in wallets.items()),
        *(
            Compartment(_called(sub), inside[sub.key], sub.key, within.get(sub.key, ""))
            for sub in statement.sub_accounts
        ),
    )


def _called(sub: SubAccount) -> str:
    return sub.name if sub.id in sub.name else f"{sub.name} {sub.id}"
