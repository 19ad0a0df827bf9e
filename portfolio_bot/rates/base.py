"""What a provider publishes, in one shape, and the protocol of asking it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeAlias

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import FxProvider, FxRate
from portfolio_bot.model.money import Currency

Worth: TypeAlias = tuple[Decimal, Decimal]
"""Numerator and denominator, so that a cross rate takes one division and no more."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rates of one day by one provider.

    Attributes:
        date: the day they are valid for, as the provider dates them.
        anchor: the currency that all others are quoted in: EUR by the ECB, RUB by the Bank of Russia.
        worth: what one unit of each currency is worth in the anchor, all > 0.
    """

    provider: FxProvider
    date: date
    anchor: Currency
    worth: Mapping[Currency, Worth]

    def rate(self, currency: Currency) -> FxRate | None:
        """USD/RUB for RUB, X/USD for any other X; None if the sheet does not list what that takes."""
        one, dollar = self._worth(currency), self._worth("USD")
        if one is None or dollar is None:
            return None
        base, quote = ("USD", "RUB") if currency == "RUB" else (currency, "USD")
        above, below = (dollar, one) if currency == "RUB" else (one, dollar)
        value = (above[0] * below[1]) / (above[1] * below[0])
        crossed = self.anchor not in {currency, "USD"}
        return FxRate(base, quote, value, self.provider, self.date, crossed=crossed)

    def _worth(self, currency: Currency) -> Worth | None:
        return (Decimal(1), Decimal(1)) if currency == self.anchor else self.worth.get(currency)


class DollarPrice(NamedTuple):
    """USD for one crypto dollar, > 0, and the moment that it describes."""

    amount: Decimal
    at: datetime


class RateProvider(Protocol):
    """Somebody who publishes rates.

    Attributes:
        name: as it stands beside a rate.
        whole: it always answers with all it has, whatever is asked for.
    """

    @property
    def name(self) -> FxProvider: ...

    @property
    def whole(self) -> bool: ...

    async def fetch(self, currencies: Collection[Currency]) -> Sheet:
        """The newest sheet that is valid today; it need not list all that is asked for.

        Raises:
            SourceError: it cannot be asked, or its answer is none.
        """


def bad(detail: str) -> SourceError:
    """An answer that is not understood."""
    return SourceError.of(FailureKind.BAD_ANSWER, detail)


def refuse_status(status: int) -> None:
    """Only 200 is an answer.

    Raises:
        SourceError: `unavailable` for 5xx, `rate_limited` for 429, else `bad_answer`.
    """
    if status == 200:
        return
    kind = FailureKind.BAD_ANSWER
    if status >= 500:
        kind = FailureKind.UNAVAILABLE
    elif status == 429:
        kind = FailureKind.RATE_LIMITED
    raise SourceError.of(kind, f"HTTP {status}")
