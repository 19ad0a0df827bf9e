"""The demo: simulated accounts on several sources, with a year behind them. No key, no network, no HTTP client.

`DemoWorld` answers for any instant of the past year and after, so that history is written by asking it for the
closes of the past and the live service goes on asking it for now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.in_transit import Moving
from portfolio_bot.analytics.valuation import AccountInfo, value
from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import FIAT, Asset, FxProvider, FxRate, Pair, Quote, RateTable
from portfolio_bot.model.money import Currency, Money
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.reading import Live, Reading, Stale
from portfolio_bot.model.statement import (
    AccountId,
    Holding,
    Notice,
    StatedTotal,
    Statement,
    SubAccount,
    Wallet,
    WarningKind,
)
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.demo_ledger import Story
from portfolio_bot.platforms.demo_market import MARKET, DemoMarket, Scenario
from portfolio_bot.platforms.demo_story import BEGAN, story
from portfolio_bot.platforms.ledger import Batch, Hints, Price, Span, Stream

SEED = 2026
HISTORY_DAYS = 365
FLOWS = "flows"
"""The stream of all that is no trade."""

OUTAGE_BEGAN = timedelta(hours=2, minutes=5)
"""How long ago, seen from the start of the demo, Kraken's key was refused in the scenario `outage`."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One simulated account."""

    info: AccountInfo
    native: Currency = "USD"
    latency: float = 0.25
    notices: tuple[Notice, ...] = ()


ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(AccountInfo("bybit", "Bybit", "bybit", is_exchange=True), latency=0.2),
    DemoAccount(AccountInfo("okx", "OKX", "okx", is_exchange=True), latency=0.35),
    DemoAccount(AccountInfo("kraken", "Kraken", "kraken", is_exchange=True), latency=0.6),
    DemoAccount(
        AccountInfo("binance", "Binance", "binance", is_exchange=True),
        latency=0.3,
        notices=(Notice(WarningKind.KEY_MAY_TRADE),),
    ),
    DemoAccount(AccountInfo("tbank", "T-Bank", "tbank", is_exchange=False), native="RUB", latency=0.45),
    DemoAccount(AccountInfo("ibkr", "IBKR", "ibkr", is_exchange=False), latency=0.1),
)


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Everything that the simulated platforms would answer, at any instant.

    Attributes:
        anchor: the moment the demo began; the scenario unfolds around it.
    """

    scenario: Scenario
    anchor: datetime
    seed: int = SEED

    @property
    def market(self) -> DemoMarket:
        """Its prices."""
        return DemoMarket(self.seed, self.scenario, self.anchor)

    @property
    def story(self) -> Story:
        """What happened on its accounts."""
        return story(self.market)

    @property
    def accounts(self) -> Mapping[AccountId, AccountInfo]:
        """The simulated accounts, in the order of the report."""
        return {account.info.id: account.info for account in ACCOUNTS}

    def statement(self, account: AccountId, at: datetime) -> Statement:
        """What the platform answers at that moment.

        Raises:
            SourceError: the scenario says so.
        """
        failure = self.failure(account, at)
        if failure is not None:
            raise SourceError(failure)
        demo = next(row for row in ACCOUNTS if row.info.id == account)
        as_of = _last_statement(at) if account == "ibkr" else at
        held = self.story.books[account].held(as_of)
        holdings = tuple(self._holding(demo, asset, wallet, amount, as_of) for (asset, wallet), amount in held.items())
        stated, subs = self._broker_totals(demo, holdings, as_of)
        return Statement(
            account=account,
            as_of=as_of,
            holdings=holdings,
            prices=self._prices(held, as_of),
            stated=stated,
            sub_accounts=subs,
            notices=demo.notices,
            native_currency=demo.native,
            wallets_read=tuple(sorted({wallet.value for _, wallet in held})),
        )

    def failure(self, account: AccountId, at: datetime) -> Failure | None:
        """Why the platform refuses at that moment; None if it answers."""
        if self.scenario is Scenario.OUTAGE and account == "kraken" and at >= self.anchor - OUTAGE_BEGAN:
            return Failure(FailureKind.BAD_KEY, "EAPI:Invalid key")
        return None

    def rates(self, at: datetime) -> RateTable:
        """USD/RUB as the Bank of Russia would publish it, EUR/USD as ECB would."""
        day = _published(at.date())
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        rub = FxRate("USD", "RUB", self.market.price("RUB", noon), FxProvider.CBR, day)
        eur = FxRate("EUR", "USD", self.market.price("EUR", noon), FxProvider.ECB, day)
        return RateTable({"RUB": rub, "EUR": eur})

    def portfolio(self, at: datetime) -> Portfolio:
        """Everything valued at one instant; an account in an outage stands with its last value before it."""
        readings: list[Reading] = []
        for account in self.accounts:
            failure = self.failure(account, at)
            if failure is None:
                readings.append(Live(account, self.statement(account, at)))
            else:
                since = self.anchor - OUTAGE_BEGAN
                readings.append(Stale(account, self.statement(account, since - timedelta(minutes=2)), failure, since))
        moving = [Moving(one.withdrawal, one.deposit.account) for one in self.story.under_way(at)]
        return value(readings, self.accounts, self.rates(at), at=at, demo=True, moving=moving)

    def _holding(self, demo: DemoAccount, asset: Asset, wallet: Wallet, amount: Decimal, at: datetime) -> Holding:
        if demo.info.is_exchange:
            return Holding(asset, wallet, amount)
        listed = MARKET.get(asset)
        if wallet is Wallet.CASH or listed is None:
            return Holding(asset, wallet, amount, Money(amount, asset), part=_part(demo))
        worth = (amount * self.market.price(asset, at)).quantize(Decimal("0.01"))
        return Holding(asset, wallet, amount, Money(worth, listed.currency), part=_part(demo))

    def _broker_totals(
        self, demo: DemoAccount, holdings: Sequence[Holding], as_of: datetime
    ) -> tuple[tuple[StatedTotal, ...], tuple[SubAccount, ...]]:
        if demo.info.is_exchange:
            return (), ()
        rates = self.rates(as_of)
        total = Decimal(0)
        for holding in holdings:
            assert holding.value is not None  # noqa: S101 - a broker's row always carries its value
            factor = rates.factor(holding.value.currency, demo.native)
            if not isinstance(factor, Unknown):
                total += holding.value.amount * factor
        sub = SubAccount("***4821", _part(demo), "Brokerage", total, demo.native, as_of)
        return (StatedTotal(total, demo.native, part=_part(demo)),), (sub,)

    def _prices(self, held: Mapping[tuple[Asset, Wallet], Decimal], at: datetime) -> Mapping[Pair, Decimal]:
        coins = {asset for asset, _ in held if asset in MARKET and MARKET[asset].currency == "USD"}
        return {(coin, "USD"): self.market.price(coin, at) for coin in sorted(coins - {"RUB", "EUR"})}


class DemoSource:
    """One simulated account as a `Source`. It answers a little late, so that progress can be seen.

    Args:
        latency: how slow it is, 1 being lifelike.
        at_once: only from the second answer on: whoever starts a demo wants to see the report.
    """

    patience = 20.0

    def __init__(
        self, world: DemoWorld, account: AccountId, clock: Clock, *, latency: float = 1.0, at_once: bool = False
    ) -> None:
        self.account = account
        self._world = world
        self._clock = clock
        self._latency = latency * next(row.latency for row in ACCOUNTS if row.info.id == account)
        self._at_once = at_once

    async def read(self) -> Statement:
        """What the platform answers now."""
        at_once, self._at_once = self._at_once, False
        await asyncio.sleep(0 if at_once else self._latency)
        return self._world.statement(self.account, self._clock())

    async def rights(self) -> KeyRights:
        """Read only, as a key should be; one account shows what a warning looks like."""
        await asyncio.sleep(self._latency)
        failure = self._world.failure(self.account, self._clock())
        if failure is not None:
            raise SourceError(failure)
        may_trade = self.account == "binance"
        return KeyRights(
            read_only=not may_trade, can_trade=may_trade, can_transfer=False, can_withdraw=False, ip_bound=True
        )

    @property
    def opened(self) -> date:
        """The day on which the first money came."""
        return (self._world.anchor - timedelta(days=BEGAN)).date()

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        """See `ledger.KeepsLedger`."""
        return (
            Stream(FLOWS, "deposits, withdrawals, income and fees", border=True),
            Stream("trades", "trades"),
        )

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        """See `ledger.KeepsLedger`: what the story tells until now. It answers at once, however slow its venue is."""
        now = self._clock()
        failure = self._world.failure(self.account, now)
        if failure is not None:
            raise SourceError(failure)
        told = self._world.story.books[self.account].entries
        wanted = [entry.record for entry in told if span.start <= entry.at < span.end and entry.at <= now]
        return Batch(tuple(row for row in wanted if isinstance(row, CashFlow) == (stream.name == FLOWS)))

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        """See `ledger.KeepsLedger`; currencies have rates instead."""
        if asset in FIAT or asset not in MARKET:
            return None
        return Price(self._world.market.price(asset, at), MARKET[asset].currency, at)

    async def close(self) -> None:
        """Nothing to give back."""


class DemoRates:
    """Exchange rates of the simulated world, in the place of the FX service."""

    def __init__(self, world: DemoWorld, clock: Clock) -> None:
        self._world = world
        self._clock = clock

    def prefetch(self, currencies: Collection[Currency]) -> None:
        """Nothing is fetched."""

    async def latest(
        self, currencies: Collection[Currency], *, implied: Mapping[FxProvider, Decimal] | None = None
    ) -> RateTable:
        """The rates of now."""
        return self._world.rates(self._clock())

    async def rate(self, currency: Currency, when: datetime | date) -> FxRate | None:
        """Of a past day; None for a currency that nobody in this world uses."""
        at = when if isinstance(when, datetime) else datetime(when.year, when.month, when.day, 12, tzinfo=UTC)
        found = self._world.rates(at).rates.get(currency)
        return found if isinstance(found, FxRate) else None

    def fresh(self) -> Mapping[Currency, FxRate]:
        """Nothing that a real history should keep."""
        return {}

    async def close(self) -> None:
        """Nothing to give back."""


class DemoDollars:
    """The simulated venues print USD pairs of their own: no reference is needed."""

    def prefetch(self) -> None:
        """Nothing is fetched."""

    async def latest(self) -> Mapping[Asset, Quote]:
        """None."""
        return {}

    async def close(self) -> None:
        """Nothing to give back."""


def _part(demo: DemoAccount) -> str:
    """What stands for the one account inside a broker's credential."""
    return f"demo-{demo.info.id}"


def _published(day: date) -> date:
    """Sunday and Monday use Saturday's rate, as at the Bank of Russia."""
    return day - timedelta(days={6: 1, 0: 2}.get(day.weekday(), 0))


def _last_statement(at: datetime) -> datetime:
    """A broker's statement is of the last business day before, at its end in New York (about 05:00 UTC)."""
    day = (at - timedelta(hours=12)).date() - timedelta(days=1)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return min(at, datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + timedelta(days=1))
