"""Which markets of a venue an account can have traded on, without walking through all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from portfolio_bot.model.instrument import Asset, Pair
from portfolio_bot.platforms.ledger import Hints


def likely(
    hints: Hints, listed: Collection[str], quotes: Iterable[Asset], seen: Iterable[str] = (), separator: str = ""
) -> tuple[Pair, ...]:
    """The markets that really exist of every coin that is known, and those that were seen elsewhere.

    Where the owner follows some coins only, the markets on which these are bought and sold.

    Args:
        listed: the venue's own names of all its markets.
        quotes: in what most coins are traded there.
        seen: names of markets that surely come into question (open orders).
        separator: between the two coins of a name.
    """
    known = hints.assets | hints.tracked
    second = tuple(dict.fromkeys((*quotes, *sorted(known))))
    found: dict[str, Pair] = {}
    for base in sorted(known):
        for quote in second:
            name = f"{base}{separator}{quote}"
            if base != quote and name in listed:
                found.setdefault(name, (base, quote))
    for name in seen:
        pair = _parted(name, second, separator)
        if pair is not None and name in listed:
            found.setdefault(name, pair)
    return tuple(pair for pair in found.values() if not hints.tracked or pair[0] in hints.tracked)


def _parted(name: str, quotes: Iterable[Asset], separator: str) -> Pair | None:
    """The two coins of a market's name."""
    for quote in quotes:
        base = name.removesuffix(f"{separator}{quote}")
        if base and base != name:
            return base, quote
    return None
