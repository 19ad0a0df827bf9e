"""What was read beside what the venue itself says: the gap that is a holding, and the coverage that is a check."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from portfolio_bot.analytics.pricing import Pricer
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import Coverage, Priced, Valued
from portfolio_bot.model.statement import StatedTotal, Statement, Wallet

_UNSEEN = Decimal("0.000000005")
"""USD; half of the last place that is ever shown."""


def gap_of(
    stated: StatedTotal, rows: Sequence[tuple[str, Valued]], statement: Statement, pricer: Pricer
) -> Priced | None:
    """What the rows leave open of a total that the venue itself states; None if less than 8 places show."""
    unit = pricer.unit(stated.currency, statement)
    if unit is None:
        return None
    price, source = unit
    inside = sum(
        (row.value for part, row in rows if isinstance(row, Priced) and stated.part in {None, part}),
        ZERO,
    )
    worth = stated.amount * price - inside
    if abs(worth) <= _UNSEEN:
        return None
    amount = stated.amount - inside / price
    return Priced(stated.currency, Wallet.OTHER, amount, price, worth, source, statement.as_of, covered=False)


def coverage_of(
    statement: Statement, covered: Decimal, rows: Sequence[tuple[str, Valued]], pricer: Pricer
) -> Coverage | None:
    """The sum of what was read beside the venue's own total; None where the venue has none."""
    if statement.venue_total is not None:
        totals: tuple[StatedTotal, ...] = (statement.venue_total,)
    elif statement.stated and {part for part, _ in rows} <= {total.part for total in statement.stated}:
        totals = statement.stated
    else:
        totals = tuple(total for total in statement.stated if total.part is None)
    if not totals:
        return None
    venue_total = ZERO
    for total in totals:
        unit = pricer.unit(total.currency, statement)
        if unit is None:
            return None
        venue_total += total.amount * unit[0]
    percent = covered / venue_total * 100 if venue_total else None
    return Coverage(venue_total, percent, venue_total - covered, _suspects(statement, rows, pricer))


def _suspects(statement: Statement, rows: Sequence[tuple[str, Valued]], pricer: Pricer) -> tuple[str, ...]:
    """The wallets of the venue's overview that differ by over a hundredth from what was read, greatest gap first.

    Lines of one wallet here (cross and isolated margin) are compared together, and named together.
    """
    worth = {
        line: line.amount * unit[0]
        for line in statement.overview
        if (unit := pricer.unit(line.currency, statement)) is not None
    }
    gaps: list[tuple[Decimal, str]] = []
    for wallet in {line.wallet for line in worth}:
        inside = sum((row.value for _, row in rows if isinstance(row, Priced) and row.wallet is wallet), ZERO)
        lines = [line for line in worth if line.wallet is wallet and worth[line]]
        stated = sum((worth[line] for line in lines), ZERO)
        if abs(stated - inside) * 100 > abs(stated):
            gaps += [(abs(stated - inside), line.name) for line in lines]
    return tuple(name for _, name in sorted(gaps, reverse=True))
