"""A naive oracle for lots: fractions, and no queue.

First in, first out is seen as a ruler: whatever comes in occupies the next stretch of it, whatever goes out does the
same on a second ruler, and the lots of a disposal are the stretches that lie over each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from portfolio_bot.analytics.lots import CASH_LIKE
from portfolio_bot.model.trade import Side, Trade, Worth

Stretch = tuple[Fraction, Fraction, Fraction]
"""From, to, and the USD that belong to all of it."""


@dataclass
class Rulers:
    """All that came in and all that went out of one asset."""

    came: list[Stretch] = field(default_factory=list)
    went: list[Stretch] = field(default_factory=list)

    def put(self, ruler: list[Stretch], quantity: Fraction, usd: Fraction) -> None:
        if quantity:
            begin = ruler[-1][1] if ruler else Fraction(0)
            ruler.append((begin, begin + quantity, usd))

    def realised(self) -> Fraction:
        return sum((usd for _, _, usd in self.went), Fraction(0)) - sum(
            (
                cost * overlap(came, gone) / (came[1] - came[0])
                for came in self.came
                for gone in self.went
                for cost in [came[2]]
            ),
            Fraction(0),
        )

    def left(self) -> list[tuple[Fraction, Fraction]]:
        gone = self.went[-1][1] if self.went else Fraction(0)
        rest = [(max(Fraction(0), end - max(begin, gone)), end - begin, usd) for begin, end, usd in self.came]
        return [(quantity, usd * quantity / whole) for quantity, whole, usd in rest if quantity]


def overlap(one: Stretch, other: Stretch) -> Fraction:
    return max(Fraction(0), min(one[1], other[1]) - max(one[0], other[0]))


def rulers(trades: Iterable[Trade]) -> dict[str, Rulers]:
    """Every asset that has lots; the trades must never sell what is not there, and each has a value."""
    found: dict[str, Rulers] = defaultdict(Rulers)

    def came(asset: str, quantity: Fraction, usd: Fraction) -> None:
        if asset not in CASH_LIKE:
            found[asset].put(found[asset].came, quantity, usd)

    def went(asset: str, quantity: Fraction, usd: Fraction) -> None:
        if asset not in CASH_LIKE:
            found[asset].put(found[asset].went, quantity, usd)

    for trade in trades:
        assert isinstance(trade.usd, Worth)
        value, amount, cost = Fraction(trade.usd.usd), Fraction(trade.amount), Fraction(trade.cost)
        in_base = in_quote = dollars = elsewhere = Fraction(0)
        for fee in trade.fees:
            size = Fraction(fee.amount)
            if fee.asset == trade.base:
                in_base += size
            elif fee.asset == trade.quote:
                in_quote, dollars = in_quote + size, dollars + value * size / cost
            else:
                assert isinstance(fee.usd, Worth)
                went(fee.asset, size, Fraction(fee.usd.usd))
                elsewhere += Fraction(fee.usd.usd)
        if trade.side is Side.BUY:
            went(trade.quote, cost + in_quote, value + dollars)
            came(trade.base, amount - in_base, value + dollars + elsewhere)
        else:
            went(trade.base, amount + in_base, value - dollars - elsewhere)
            came(trade.quote, cost - in_quote, value - dollars)
    return found
