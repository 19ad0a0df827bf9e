"""Ten accounts of thirty assets, hour by hour: prices always move, two amounts in a hundred change."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.pricing import significant
from portfolio_bot.model.instrument import FxProvider, FxRate, PriceSource
from portfolio_bot.model.money import ZERO, Money
from portfolio_bot.model.portfolio import Complete, KnownAccount, Portfolio, Priced, Provisional, ReadingState
from portfolio_bot.model.statement import Wallet

HOUR = timedelta(hours=1)
PARTIAL = 97
"""Every so many snapshots one is provisional."""


class Market:
    """A seeded world; `hours` gives one portfolio after another.

    Args:
        valued_by_venue: how many accounts print the value of each row, as Bybit and OKX do; the others have prices.
        spread: by how much prices differ from venue to venue; 0 = an asset has the same price everywhere.
    """

    def __init__(
        self, accounts: int = 10, assets: int = 30, valued_by_venue: int = 0, spread: float = 0, seed: int = 1
    ) -> None:
        self._chance = random.Random(seed)
        self._prices = [10 ** self._chance.uniform(-3, 5) for _ in range(assets)]
        self._premiums = [[1 + self._chance.gauss(0, spread) for _ in range(assets)] for _ in range(accounts)]
        self._amounts = [[self._amount() for _ in range(assets)] for _ in range(accounts)]
        self._valued_by_venue = valued_by_venue

    def hours(self, start: datetime, count: int) -> Iterator[Portfolio]:
        """So many portfolios, an hour apart."""
        for n in range(count):
            self._move()
            yield self._portfolio(start + n * HOUR, partial=n % PARTIAL == 0)

    def _amount(self) -> Decimal:
        return Decimal(self._chance.randrange(10**6, 10**11)).scaleb(-8)

    def _move(self) -> None:
        self._prices = [price * (1 + self._chance.gauss(0, 0.005)) for price in self._prices]
        for account in self._amounts:
            for n in range(len(account)):
                if self._chance.random() < 0.02:
                    account[n] = self._amount()

    def _portfolio(self, at: datetime, *, partial: bool) -> Portfolio:
        accounts = tuple(self._account(n, at) for n in range(len(self._amounts)))
        total = Money.total((account.total for account in accounts), "USD")
        rate = FxRate("USD", "RUB", Decimal("78.6012"), FxProvider.CBR, date(at.year, at.month, at.day))
        rub = Money(total.amount * rate.rate, "RUB")
        return Portfolio(
            at=at,
            demo=False,
            accounts=accounts,
            total_usd=Provisional(total, ("account0",)) if partial else Complete(total),
            total_rub=Provisional(rub, ("account0",)) if partial else Complete(rub),
            crypto=total,
            rates={"RUB": rate},
        )

    def _account(self, number: int, at: datetime) -> KnownAccount:
        as_of = at - timedelta(microseconds=self._chance.randrange(2_000_000))
        by_venue = number < self._valued_by_venue
        figures = zip(self._amounts[number], self._prices, self._premiums[number], strict=True)
        holdings = tuple(
            self._row(f"COIN{n}", amount, price * premium, as_of, by_venue)
            for n, (amount, price, premium) in enumerate(figures)
        )
        total = sum((row.value for row in holdings), ZERO)
        return KnownAccount(
            id=f"account{number}",
            name=f"Account {number}",
            source="bybit",
            state=ReadingState.LIVE,
            is_exchange=True,
            as_of=as_of,
            holdings=holdings,
            total=Money(total, "USD"),
            native_total=total,
            native_currency="USD",
        )

    def _row(self, asset: str, amount: Decimal, price: float, as_of: datetime, by_venue: bool) -> Priced:
        if not by_venue:
            last = Decimal(f"{price:.6g}")
            return Priced(asset, Wallet.SPOT, amount, last, amount * last, PriceSource.VENUE_TICKER, as_of)
        value = Decimal(f"{float(amount) * price:.8f}")
        return Priced(asset, Wallet.UNIFIED, amount, significant(value / amount), value, PriceSource.VENUE_VALUE, as_of)
