"""Rates of past days: of the bank's own day, of the last day before one without, each series asked for once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.instrument import FxProvider, FxRate
from portfolio_bot.net.door import Timing, open_session
from portfolio_bot.rates.past import PastRates, parse_dynamic
from tests.clock import HeldClock, moment
from tests.peers.faults import WRONG_BODIES, status
from tests.peers.fx import CBR, CBR_SERIES, ECB_ALL, ECB_RECENT, FRANKFURTER, FxPeer, fixture, fx_server

DECEMBER_2019 = moment("2019-12-01 12:00")
NOVEMBER_2026 = moment("2026-11-20 12:00")
SUNDAY = date(2019, 11, 24)


@asynccontextmanager
async def past_at(peer: FxPeer, now: datetime = NOVEMBER_2026, provider: Any = "ECB") -> AsyncIterator[PastRates]:
    async with open_session() as session:
        clock = HeldClock(now)
        yield PastRates(session, clock, provider=provider, base_urls=peer.urls, timing=Timing(1.0, 1.0))


async def rate(past: PastRates, currency: str, when: datetime | date) -> FxRate:
    found = await past.rate(currency, when)
    assert found is not None
    return found


async def test_a_weekend_has_the_last_rate_before_it() -> None:
    async with fx_server() as peer, past_at(peer, DECEMBER_2019) as past:
        sunday, friday = await rate(past, "EUR", SUNDAY), await rate(past, "EUR", date(2019, 11, 22))
    assert sunday == friday
    assert (sunday.base, sunday.quote, sunday.provider, sunday.date) == ("EUR", "USD", FxProvider.ECB, friday.date)
    assert sunday.rate == Decimal("1.1058")


async def test_a_thousand_records_of_a_season_cost_one_request() -> None:
    async with fx_server() as peer, past_at(peer, DECEMBER_2019) as past:
        for minute in range(1000):
            await rate(past, "GBP", moment("2019-11-20 09:00") + timedelta(minutes=minute))
            await rate(past, "CHF", date(2019, 11, 15))
        assert [seen.path for seen in peer.requests] == [ECB_RECENT]


async def test_older_days_are_in_the_long_file_which_is_asked_for_once_for_all_currencies() -> None:
    async with fx_server() as peer, past_at(peer) as past:
        assert (await rate(past, "EUR", SUNDAY)).rate == Decimal("1.1058")
        pound = await rate(past, "GBP", SUNDAY)
        await rate(past, "EUR", date(2019, 11, 14))
        assert [seen.path for seen in peer.requests] == [ECB_ALL]
    assert (pound.rate, pound.crossed) == (Decimal("1.1058") / Decimal("0.8598"), True)


async def test_the_rouble_goes_by_the_bank_of_russia_and_a_series_serves_a_year() -> None:
    async with fx_server() as peer, past_at(peer) as past:
        sunday = await rate(past, "RUB", date(2026, 8, 9))
        monday = await rate(past, "RUB", date(2026, 8, 10))
        assert [seen.path for seen in peer.requests] == [CBR_SERIES]
        assert peer.requests[0].fields["VAL_NM_RQ"] == "R01235"
    assert sunday == monday == FxRate("USD", "RUB", Decimal("82.1665"), FxProvider.CBR, date(2026, 8, 8))


async def test_an_instant_has_the_day_of_the_bank() -> None:
    late = datetime(2026, 8, 6, 21, 30, tzinfo=UTC)  # the 7th in Moscow
    async with fx_server() as peer, past_at(peer) as past:
        assert (await rate(past, "RUB", late)).date == date(2026, 8, 7)
        assert (await rate(past, "RUB", late - timedelta(hours=1))).date == date(2026, 8, 6)
    thursday = datetime(2019, 11, 28, 22, 59, tzinfo=UTC)  # still the 28th in Frankfurt
    async with fx_server() as peer, past_at(peer, DECEMBER_2019) as past:
        assert (await rate(past, "EUR", thursday)).date == date(2019, 11, 28)
        assert (await rate(past, "EUR", thursday + timedelta(minutes=1))).date == date(2019, 11, 29)


async def test_without_the_series_the_file_of_the_day_serves_and_then_the_copy() -> None:
    day = date(2026, 8, 26)
    async with fx_server() as peer, past_at(peer) as past:
        peer.fail(status(503), f"GET {CBR_SERIES}")
        found = await rate(past, "RUB", day)
        await rate(past, "RUB", day)
        assert (found.rate, found.provider) == (Decimal("84.4635"), FxProvider.CBR)
        assert [seen.fields["date_req"] for seen in peer.asked(CBR)] == ["26/08/2026"]
    async with fx_server() as peer, past_at(peer) as past:
        peer.fail(status(503), f"GET {CBR_SERIES}")
        peer.fail(status(403), f"GET {CBR}")
        assert (await rate(past, "RUB", day)).provider is FxProvider.FRANKFURTER
        assert peer.asked(FRANKFURTER)[0].fields["date"] == "2026-08-26"


async def test_a_currency_that_the_ecb_does_not_list_is_crossed_through_the_bank_of_russia() -> None:
    async with fx_server() as peer, past_at(peer, moment("2026-08-26 12:00")) as past:
        peer.ecb_recent = fixture("ecb-daily-2022-07-08.xml")
        peer.frankfurter.clear()
        tenge = await rate(past, "KZT", date(2026, 8, 26))
    assert (tenge.provider, tenge.crossed) == (FxProvider.CBR, True)


async def test_with_provider_cbr_the_ecb_is_never_asked() -> None:
    async with fx_server() as peer, past_at(peer, provider="CBR") as past:
        euro = await rate(past, "EUR", date(2026, 8, 26))
        assert {seen.path for seen in peer.requests} == {CBR}
    assert round(euro.rate, 5) == Decimal("1.16640")


async def test_the_rouble_of_an_old_ecb_file_is_not_used() -> None:
    async with fx_server() as peer, past_at(peer, DECEMBER_2019) as past:
        peer.fail(status(503), f"GET {CBR_SERIES}")
        peer.fail(status(503), f"GET {CBR}")
        peer.frankfurter.clear()
        with pytest.raises(SourceError):
            await past.rate("RUB", SUNDAY)


async def test_a_day_that_is_too_far_from_any_rate_has_none() -> None:
    async with fx_server() as peer, past_at(peer, DECEMBER_2019) as past:
        peer.cbr = fixture("cbr-error.xml")
        peer.frankfurter.clear()
        with pytest.raises(SourceError):
            await past.rate("EUR", date(2019, 11, 1))


async def test_today_is_asked_for_again_only_after_an_hour() -> None:
    async with fx_server() as peer, open_session() as session:
        clock = HeldClock(DECEMBER_2019)
        past = PastRates(session, clock, provider="ECB", base_urls=peer.urls, timing=Timing(1.0, 1.0))
        for _ in range(3):
            assert (await rate(past, "EUR", clock.now)).date == date(2019, 11, 29)
            clock.forward(minutes=25)
        assert len(peer.asked(ECB_RECENT)) == 1
        clock.forward(minutes=25)
        await rate(past, "EUR", clock.now)
        assert len(peer.asked(ECB_RECENT)) == 2


@pytest.mark.parametrize("name", WRONG_BODIES)
async def test_whatever_the_ecb_sends_instead_its_copy_is_asked(name: str) -> None:
    async with fx_server() as peer, past_at(peer, DECEMBER_2019) as past:
        peer.fail(WRONG_BODIES[name], f"GET {ECB_RECENT}")
        peer.frankfurter["ECB"] = ("2019-11-22", {"USD": "1.1"})
        assert (await rate(past, "EUR", SUNDAY)).provider is FxProvider.FRANKFURTER


def test_a_malformed_row_of_a_series_is_left_out_alone() -> None:
    body = fixture("cbr-dynamic-usd-2026-08.xml").replace(b"<Value>80,0687</Value>", b"<Value>80.0687e9</Value>")
    assert len(parse_dynamic(body)) == 16


@pytest.mark.parametrize("name", ["cbr-error.xml", "cbr-daily-2026-08-26.xml"])
def test_another_file_is_no_series(name: str) -> None:
    with pytest.raises(SourceError):
        parse_dynamic(fixture(name))
