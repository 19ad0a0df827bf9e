"""What an account was read from, as a part of its body: names that never change, and values that are mostly known.

Like the rest of a portfolio's body: what can be summed up again is not written, and the sums are part of the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import Compartment, KnownAccount, Priced, Valued
from portfolio_bot.model.statement import Wallet
from portfolio_bot.storage.bodies import Plain
from portfolio_bot.storage.short_figures import Factors, usd, usd_of

_ALL, _KIND = "=", "@"
"""Instead of what a compartment is worth: all of the account; before the name of a wallet: all that lies in such."""


def names(compartments: Sequence[Compartment]) -> Plain:
    """Of wallets their names, of inner accounts what tells them apart too; None for none."""
    return [[one.name, one.key, one.within] if one.key else one.name for one in compartments] or None


def worths(account: KnownAccount, factors: Factors) -> Plain:
    """What the compartments are worth: nearly always nothing, all there is, or what one kind of wallet holds."""
    if not account.compartments:
        return None
    kinds = _by_wallet(account.holdings)

    def written(value: Decimal) -> str:
        if not value or value == account.total.amount:
            return _ALL if value else "0"
        kind = next((wallet for wallet, held in kinds.items() if held == value), None)
        if kind is not None:
            return f"{_KIND}{kind}"
        found = usd(value, None, factors)
        return ":".join(found) if isinstance(found, list) else str(found)

    return " ".join(written(one.value) for one in account.compartments)


def compartments_of(
    names: Plain, worths: Plain, total: Decimal, holdings: Sequence[Valued], factors: Factors
) -> tuple[Compartment, ...]:
    """What `names` and `worths` wrote; an older body has neither."""
    if names is None:
        return ()
    kinds = _by_wallet(holdings)

    def read(worth: str) -> Decimal:
        if worth == _ALL:
            return total
        if worth.startswith(_KIND):
            return kinds[Wallet(worth.removeprefix(_KIND))]
        return usd_of(worth.split(":") if ":" in worth else worth, None, factors)

    found = []
    for named, worth in zip(names, worths.split(), strict=True):
        name, key, within = (named, "", "") if isinstance(named, str) else named
        found.append(Compartment(name, read(worth), key, within))
    return tuple(found)


def _by_wallet(holdings: Iterable[Valued]) -> dict[Wallet, Decimal]:
    found: dict[Wallet, Decimal] = {}
    for row in holdings:
        if isinstance(row, Priced):
            found[row.wallet] = found.get(row.wallet, ZERO) + row.value
    return found
