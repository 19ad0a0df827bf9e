"""Money: an exact amount in one currency.

There is no `__radd__`, so `sum()` cannot start from a bare 0 and a list of money is added up only where
somebody has decided what an empty or a partial list means (`analytics.valuation`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Currency: TypeAlias = str
"""An upper-case ISO 4217 code: `USD`, `RUB`, `EUR`."""

ZERO = Decimal(0)


class CurrencyMismatchError(TypeError):
    """Two currencies met in one sum: a bug of the caller, never bad input."""

    def __init__(self, left: Currency, right: Currency) -> None:
        super().__init__(f"{left} and {right} cannot be added: convert first")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency; negative is debt. Never rounded here."""

    amount: Decimal
    currency: Currency

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + -other

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    @classmethod
    def total(cls, parts: Iterable[Money], currency: Currency) -> Money:
        """The sum of `parts` in `currency`; zero for none.

        Raises:
            CurrencyMismatchError: a part is of another currency.
        """
        result = cls(ZERO, currency)
        for part in parts:
            result += part
        return result
