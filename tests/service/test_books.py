"""What books and markets say of the rouble when no bank does, and beside one that does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from portfolio_bot.model.instrument import Asset, FxProvider, FxRate, FxState, PriceSource, Quote
from portfolio_bot.service.books import Books
from tests.service.fakes import NOON, FakeSource, Hands


def worth(price: str, source: PriceSource = PriceSource.VENUE_TICKER) -> Mapping[Asset, Quote]:
    return {"USDT": Quote("USDT", Decimal(price), source, NOON)}


def bank(rate: str, provider: FxProvider = FxProvider.CBR, state: FxState = FxState.LIVE) -> FxRate:
    return FxRate("USD", "RUB", Decimal(rate), provider, date(2026, 11, 20), state)


class Broker(FakeSource):
    rate: Decimal | Exception | None = Decimal(80)

    async def implied_usd_rub(self) -> Decimal | None:
        if isinstance(self.rate, Exception):
            raise self.rate
        await asyncio.sleep(60 if self.rate == 0 else 0)
        return self.rate


class Venue(FakeSource):
    async def usdt_rub(self) -> Decimal | None:
        return Decimal("81.6")


def broker(clock: Hands, rate: Decimal | Exception | None = Decimal(80)) -> Broker:
    made = Broker("tbank", {}, clock=clock)
    made.rate = rate
    return made


async def test_a_brokers_books_come_before_the_market_of_usdt(clock: Hands) -> None:
    sources = [Venue("mexc", {}, clock=clock), broker(clock)]
    assert await Books(clock).instead(sources, worth("0.999")) == {FxProvider.TBANK: Decimal(80)}


@pytest.mark.parametrize("rate", [None, Decimal(0), ZeroDivisionError("oops")])
async def test_the_market_of_usdt_is_the_last_resort(clock: Hands, rate: Decimal | Exception | None) -> None:
    sources = [broker(clock, rate), FakeSource("okx", {}, clock=clock), Venue("mexc", {}, clock=clock)]
    assert await Books(clock, 0.05).instead(sources, worth("1.02")) == {FxProvider.USDT: Decimal(80)}


async def test_the_resort_has_no_more_digits_than_any_derived_price(clock: Hands) -> None:
    found = await Books(clock).instead([Venue("mexc", {}, clock=clock)], worth("0.9995"))
    assert found == {FxProvider.USDT: Decimal("81.6408204102051026")}


async def test_a_usdt_whose_price_nobody_knows_says_nothing_of_the_dollar(clock: Hands) -> None:
    venue = Venue("mexc", {}, clock=clock)
    assert await Books(clock).instead([venue], worth("1", PriceSource.ASSUMED_PAR)) == {}


@pytest.mark.parametrize(
    ("official", "told"),
    [
        (bank("80"), []),
        (bank("82"), []),
        (bank("84"), ["-4.8 %"]),
        (bank("84", FxProvider.FRANKFURTER), ["-4.8 %"]),
        (bank("84", state=FxState.STALE), []),  # an old rate differs for a reason
        (bank("84", FxProvider.USDT), []),
        (None, []),
    ],
)
async def test_a_bank_that_differs_from_the_books_by_over_three_percent_is_named(
    clock: Hands, official: FxRate | None, told: list[str]
) -> None:
    books = Books(clock)
    books.open(broker(clock))
    assert [notice.detail for notice in await books.differing(official)] == told


async def test_books_that_do_not_open_in_time_delay_nobody(clock: Hands) -> None:
    books = Books(clock, 0.05)
    books.open(broker(clock, Decimal(0)))
    assert await books.differing(bank("84")) == ()
    books = Books(clock)
    books.open(broker(clock, Decimal(0)))
    await books.close()
