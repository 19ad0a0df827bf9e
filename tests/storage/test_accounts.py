"""What is remembered of accounts and rates survives a restart, exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.account import AccountState, Suspicion
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.instrument import FxProvider, FxRate, FxState, PriceSource, Quote
from portfolio_bot.storage import accounts, rates
from portfolio_bot.storage.store import Store
from tests.storage.builders import NOON, REFUSED, RUB, statement

BTC = Quote("BTC", Decimal("64123.40"), PriceSource.VENUE_TICKER, NOON)
DOWN = AccountState(
    Failure(FailureKind.RATE_LIMITED, "10006", NOON + timedelta(minutes=5), final=True),
    NOON - timedelta(hours=2),
    3,
    NOON + timedelta(minutes=1),
    Suspicion("empty", NOON, statement("okx")),
)


async def test_statements_prices_and_states_come_back_equal(store: Store) -> None:
    good = {"bybit": statement(), "okx": statement("okx", usd="-0.000000001")}
    states = {"okx": DOWN, "bybit": AccountState()}
    await store.write(lambda tx: accounts.remember(tx, good, {("bybit", "BTC"): BTC}, states))
    async with store.read() as tx:
        assert await accounts.last_good(tx) == good
        assert await accounts.known_quotes(tx) == {("bybit", "BTC"): BTC}
        assert await accounts.states(tx) == states


async def test_newer_ones_replace_and_what_is_not_given_stays(store: Store) -> None:
    newer = replace(BTC, price=Decimal(65000))
    both = {"bybit": statement(), "okx": statement("okx")}
    await store.write(lambda tx: accounts.remember(tx, both, {("bybit", "BTC"): BTC}, {"okx": DOWN}))
    known = {("bybit", "BTC"): newer}
    await store.write(lambda tx: accounts.remember(tx, {"okx": statement("okx", usd="7")}, known, {}))
    await store.write(lambda tx: accounts.remember(tx, {}, {}, {"okx": AccountState(REFUSED, NOON, 1)}))
    async with store.read() as tx:
        assert await accounts.last_good(tx) == {"bybit": statement(), "okx": statement("okx", usd="7")}
        assert await accounts.known_quotes(tx) == {("bybit", "BTC"): newer}
        assert await accounts.states(tx) == {"okx": AccountState(REFUSED, NOON, 1)}


async def test_a_removed_account_leaves_nothing_that_could_stand_in(store: Store) -> None:
    known = {("bybit", "BTC"): BTC, ("okx", "BTC"): BTC}
    both = {"bybit": statement(), "okx": statement("okx")}
    await store.write(lambda tx: accounts.remember(tx, both, known, {"okx": DOWN}))
    await store.write(lambda tx: accounts.forget(tx, "okx"))
    async with store.read() as tx:
        assert set(await accounts.last_good(tx)) == {"bybit"}
        assert set(await accounts.known_quotes(tx)) == {("bybit", "BTC")}
        assert await accounts.states(tx) == {}


async def test_rates_and_dollars_come_back_equal(store: Store) -> None:
    euro = FxRate("EUR", "USD", Decimal("1.0843"), FxProvider.ECB, date(2026, 11, 19), FxState.STALE, crossed=True)
    par = Quote("USDT", Decimal(1), PriceSource.ASSUMED_PAR, datetime(2026, 11, 20, 11, tzinfo=UTC))
    await store.write(lambda tx: rates.remember(tx, {"RUB": RUB, "EUR": euro}, {"USDT": par}))
    newer = replace(RUB, rate=Decimal("79.01"), provider=FxProvider.FRANKFURTER)
    await store.write(lambda tx: rates.remember(tx, {"RUB": newer}, {}))
    async with store.read() as tx:
        assert await rates.stored(tx) == {"RUB": newer, "EUR": euro}
        assert await rates.dollars(tx) == {"USDT": par}
