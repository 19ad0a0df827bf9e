"""Values while somebody waits: by what is stored, then by whoever answers in time, at last by what there is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import FxRate
from portfolio_bot.model.trade import Fee, Origin, Trade, Worth, WorthSource
from portfolio_bot.rates.base import DollarPrice
from portfolio_bot.service.worth import Appraiser
from portfolio_bot.storage import imported, prices
from portfolio_bot.storage.imported import Figures
from portfolio_bot.storage.prices import AssetPrice
from portfolio_bot.storage.store import Store
from tests.service.fakes import Hands
from tests.service.test_worth import THEN, Dollars, Rates, Venue, appraiser, flow, kept, put, snapshot, trade

HAND = {"account": "manual", "origin": Origin.IMPORTED}


class Silent:
    """Nobody answers."""

    def __init__(self, takes: float = 0.0) -> None:
        self.takes = takes

    async def rate(self, currency: str, when: datetime | date) -> FxRate | None:
        await asyncio.sleep(self.takes)
        raise SourceError.of(FailureKind.UNREACHABLE)

    async def price(self, coin: str, at: datetime) -> DollarPrice | None:
        await asyncio.sleep(self.takes)
        raise SourceError.of(FailureKind.UNREACHABLE)


def alone(store: Store, clock: Hands, *venues: Venue, **more: Any) -> Appraiser:
    return appraiser(store, clock, *venues, **{"rates": Silent(), "dollars": Silent(), **more})


async def listed(store: Store, *rows: tuple[str, datetime, str]) -> None:
    await store.write(lambda tx: prices.add(tx, [AssetPrice(asset, at, Decimal(usd)) for asset, at, usd in rows]))


async def worth(store: Store, id_: str = "f") -> Worth | Unknown:
    found = (await kept(store))[id_]
    assert isinstance(found, CashFlow | Trade)
    return found.usd


async def test_the_list_of_prices_values_at_once_and_nobody_is_asked(store: Store, clock: Hands) -> None:
    venue = Venue("bybit", clock, BTC="50000 USD")
    await put(store, flow(**HAND))
    await listed(store, ("BTC", THEN - timedelta(hours=5), "40000"), ("BTC", THEN + timedelta(hours=1), "41000"))
    left = await alone(store, clock, venue).at_once(1.0)
    assert (left.records, venue.questions) == (0, [])
    assert await worth(store) == Worth(Decimal(80_000), WorthSource.PRICE_LIST, THEN - timedelta(hours=5))


async def test_a_day_alone_has_the_price_of_its_own_midnight_in_utc(store: Store, clock: Hands) -> None:
    await put(store, flow(at=date(2026, 1, 5), **HAND))
    await listed(
        store, ("BTC", datetime(2026, 1, 4, tzinfo=UTC), "40000"), ("BTC", datetime(2026, 1, 5, tzinfo=UTC), "50000")
    )
    await alone(store, clock).at_once(1.0)
    assert await worth(store) == Worth(Decimal(100_000), WorthSource.PRICE_LIST, datetime(2026, 1, 5, tzinfo=UTC))


async def test_whoever_answers_comes_before_the_last_resort(store: Store, clock: Hands) -> None:
    await put(store, flow(asset="USDT", **HAND), flow("e", "EUR", **HAND))
    left = await appraiser(store, clock, rates=Rates(), dollars=Dollars()).at_once(1.0)
    assert left.records == 0
    usdt, euro = await worth(store), await worth(store, "e")
    assert isinstance(usdt, Worth)
    assert isinstance(euro, Worth)
    assert (usdt.usd, usdt.source) == (Decimal("1.998"), WorthSource.VENUE_HISTORY)
    assert (euro.usd, euro.source) == (Decimal("2.2"), WorthSource.FX)


async def test_where_nobody_answers_a_crypto_dollar_is_at_par_and_marked(store: Store, clock: Hands) -> None:
    await put(store, flow(asset="USDT", **HAND), trade(account="manual", origin=Origin.IMPORTED))
    await listed(store, ("BTC", THEN, "10000"))
    left = await alone(store, clock).at_once(1.0)
    assert left.records == 0
    assert await worth(store) == Worth(Decimal(2), WorthSource.ASSUMED_PAR)
    # what was paid prices a trade, at par too: a list of what was bought is further away
    assert await worth(store, "t") == Worth(Decimal(30_000), WorthSource.ASSUMED_PAR)


async def test_nobody_waits_longer_than_was_said(store: Store, clock: Hands) -> None:
    await put(store, flow(asset="USDT", **HAND))
    began = asyncio.get_running_loop().time()
    await alone(store, clock, dollars=Silent(takes=5.0)).at_once(0.05)
    assert asyncio.get_running_loop().time() - began < 1.0
    assert await worth(store) == Worth(Decimal(2), WorthSource.ASSUMED_PAR)


async def test_an_old_price_of_the_list_is_better_than_none(store: Store, clock: Hands) -> None:
    await put(store, flow(**HAND), flow("x", "XYZ", **HAND))
    await listed(store, ("BTC", THEN - timedelta(days=40), "30000"))
    left = await alone(store, clock).at_once(1.0)
    assert await worth(store) == Worth(Decimal(60_000), WorthSource.PRICE_LIST, THEN - timedelta(days=40))
    assert (left.records, left.assets) == (1, frozenset({"XYZ"}))


async def test_what_a_platform_told_waits_for_somebody_who_knows(store: Store, clock: Hands) -> None:
    venue = Venue("bybit", clock)
    some = alone(store, clock, venue)
    await put(store, flow())
    await some.round()  # looked for in vain
    await listed(store, ("BTC", THEN - timedelta(days=40), "30000"))
    assert (await some.at_once(1.0)).records == 1
    await listed(store, ("BTC", THEN - timedelta(days=1), "31000"))
    assert (await some.at_once(1.0)).records == 0


async def test_our_own_snapshot_beside_it_is_at_hand(store: Store, clock: Hands) -> None:
    await snapshot(store, THEN + timedelta(hours=3), bybit="40")
    await put(store, flow(asset="ABC", **HAND))
    await alone(store, clock).at_once(1.0)
    found = await worth(store)
    assert isinstance(found, Worth)
    assert (found.usd, found.source) == (Decimal(80), WorthSource.SNAPSHOT)


async def test_roubles_have_the_rate_of_the_nearest_imported_totals(store: Store, clock: Hands) -> None:
    day = THEN.date()
    totals = {day: Figures(Decimal(100), Decimal(8000)), day - timedelta(days=2): Figures(Decimal(100), Decimal(5000))}
    await store.write(lambda tx: imported.store(tx, totals))
    await put(
        store,
        flow(asset="RUB", amount="80", **HAND),
        flow("o", "RUB", "80", **{**HAND, "at": THEN - timedelta(days=30)}),
    )
    left = await alone(store, clock).at_once(1.0)
    found = await worth(store)
    assert isinstance(found, Worth)
    assert (found.usd, found.source) == (Decimal(1), WorthSource.FX)
    assert left.assets == {"RUB"}


async def test_new_prices_correct_what_an_older_list_and_par_had_valued(store: Store, clock: Hands) -> None:
    some = alone(store, clock)
    fee = Fee("BNB", Decimal(1))
    stated = Worth(Decimal(7), WorthSource.STATED)
    await put(
        store,
        flow(**HAND),
        flow("p", "USDT", **HAND),
        flow("s", usd=stated, **HAND),
        trade(account="manual", origin=Origin.IMPORTED, fees=(fee,)),
    )
    await listed(store, ("BTC", THEN, "40000"), ("BNB", THEN, "500"))
    await some.at_once(1.0)
    await listed(store, ("BTC", THEN, "50000"), ("BNB", THEN, "600"), ("USDT", THEN, "0.9"))
    assert await some.revalue({"BTC", "BNB", "USDT"}) == 3
    assert [await worth(store, id_) for id_ in "fpst"] == [
        Worth(Decimal(100_000), WorthSource.PRICE_LIST, THEN),
        Worth(Decimal("1.8"), WorthSource.PRICE_LIST, THEN),
        stated,
        Worth(Decimal(27_000), WorthSource.PRICE_LIST, THEN),
    ]
    bought = (await kept(store))["t"]
    assert isinstance(bought, Trade)
    assert bought.fees == (replace_fee(fee, "600"),)


async def test_prices_of_what_was_bought_leave_par_of_what_was_paid(store: Store, clock: Hands) -> None:
    some = alone(store, clock)
    await put(store, trade(account="manual", origin=Origin.IMPORTED))
    await some.at_once(1.0)
    await listed(store, ("BTC", THEN, "1"))
    assert await some.revalue({"BTC"}) == 0
    assert await worth(store, "t") == Worth(Decimal(30_000), WorthSource.ASSUMED_PAR)


def replace_fee(fee: Fee, usd: str) -> Fee:
    return fee._replace(usd=Worth(Decimal(usd), WorthSource.PRICE_LIST, THEN))


@pytest.mark.parametrize("origin", [Origin.MANUAL, Origin.IMPORTED])
async def test_typed_and_imported_are_alike(store: Store, clock: Hands, origin: Origin) -> None:
    await put(store, replace(flow(asset="USDC"), account="manual", origin=origin))
    assert (await alone(store, clock).at_once(1.0)).records == 0
