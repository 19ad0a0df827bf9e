"""The chain of providers over loopback servers: who is asked next, how old a rate may be, what it is called."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.instrument import FxProvider, FxRate, FxState
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.rates.checks import deviation
from tests.clock import HeldClock, moment
from tests.peers.faults import WRONG_BODIES, Fault, hang, instead, late, reset, status
from tests.peers.fx import CBR, ECB, FRANKFURTER, MIRROR, FxPeer, fixture, fx_server
from tests.rates.desks import known, rates_at, rouble, unknown

NOON = moment("2026-11-20 09:00")


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(NOON)


def down(peer: FxPeer, *paths: str) -> None:
    """Nobody answers there."""
    for path in paths:
        peer.fail(status(503), f"GET {path}")


BANKS = (CBR, MIRROR, FRANKFURTER)


async def test_each_currency_comes_from_its_bank_with_name_and_date(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        table = await rates.latest({"EUR", "GBP"})
    rub, eur = known(table, "RUB"), known(table, "EUR")
    assert (rub.rate, rub.provider, rub.date.isoformat()) == (Decimal("84.4635"), FxProvider.CBR, "2026-08-26")
    assert (eur.rate, eur.provider, eur.date.isoformat()) == (Decimal("1.1225"), FxProvider.ECB, "2026-10-02")
    assert {rate.state for rate in (rub, eur, known(table, "GBP"))} == {FxState.LIVE}


async def test_the_bank_of_russia_is_asked_for_today_in_moscow(clock: HeldClock) -> None:
    clock.now = moment("2026-11-20 21:30")  # half past midnight there
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        await rates.latest(())
        assert [seen.fields for seen in peer.asked(CBR)] == [{"date_req": "21/11/2026"}]


async def test_a_new_day_in_moscow_is_asked_about_at_once(clock: HeldClock) -> None:
    clock.now = moment("2026-11-20 20:50")
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        await rates.latest(())
        clock.forward(minutes=15)
        await rates.latest(())
        assert [seen.fields["date_req"] for seen in peer.asked(CBR)] == ["20/11/2026", "21/11/2026"]


async def test_tomorrows_rate_gives_way_to_the_mirrors_rate_of_today(clock: HeldClock) -> None:
    clock.now = moment("2022-02-02 14:00")
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        rub = known(await rates.latest(()), "RUB")
    assert (rub.rate, rub.date.isoformat(), rub.provider) == (Decimal("77.1302"), "2022-02-02", FxProvider.CBR_MIRROR)


@pytest.mark.parametrize(
    ("dark", "provider", "rate"),
    [
        ((), FxProvider.CBR, "84.4635"),
        ((CBR,), FxProvider.CBR_MIRROR, "76.4849"),
        ((CBR, MIRROR), FxProvider.FRANKFURTER, "84.4635"),
    ],
)
async def test_the_rouble_goes_down_its_chain(
    clock: HeldClock, dark: tuple[str, ...], provider: FxProvider, rate: str
) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, *dark)
        rub = known(await rates.latest(()), "RUB")
    assert (rub.provider, rub.rate, rub.state) == (provider, Decimal(rate), FxState.LIVE)


@pytest.mark.parametrize(
    ("dark", "provider", "rate"),
    [
        ((ECB,), FxProvider.FRANKFURTER, Decimal("1.1225") / Decimal("0.85033")),
        ((ECB, FRANKFURTER), FxProvider.CBR, Decimal("115.1660") / Decimal("84.4635")),
    ],
)
async def test_other_currencies_go_down_theirs(
    clock: HeldClock, dark: tuple[str, ...], provider: FxProvider, rate: Decimal
) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, *dark)
        pound = known(await rates.latest({"GBP"}), "GBP")
    assert (pound.provider, pound.rate, pound.crossed) == (provider, rate, True)


async def test_what_the_ecb_does_not_list_is_crossed_without_asking_its_copy(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        tenge = known(await rates.latest({"KZT"}), "KZT")
        assert peer.asked(FRANKFURTER) == []
    assert tenge.provider is FxProvider.CBR


async def test_frankfurter_is_always_asked_by_the_name_of_a_bank(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, ECB, CBR, MIRROR)
        await rates.latest({"GBP"})
        assert {seen.fields["providers"] for seen in peer.asked(FRANKFURTER)} == {"ECB", "CBR"}


async def test_a_copy_that_shows_tomorrow_is_asked_for_today(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, CBR, MIRROR)
        peer.frankfurter["CBR"] = ("2026-11-21", {"RUB": "84.9"})
        rub = known(await rates.latest(()), "RUB")
        assert [seen.fields.get("date") for seen in peer.asked(FRANKFURTER)] == [None, "2026-11-20"]
    assert rub.date.isoformat() == "2026-11-20"


async def test_a_request_under_way_for_fewer_currencies_is_followed_by_one_for_all(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, ECB)
        peer.fail(late(0.05), f"GET {FRANKFURTER}")
        rates.prefetch({"GBP"})
        await asyncio.sleep(0.02)
        table = await rates.latest({"GBP", "CHF"})
        assert len(peer.asked(FRANKFURTER)) == 2
    assert known(table, "CHF").provider is known(table, "GBP").provider is FxProvider.FRANKFURTER


async def test_provider_cbr_takes_everything_through_the_bank_of_russia(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock, provider="CBR") as rates:
        euro = known(await rates.latest({"EUR"}), "EUR")
        assert {seen.path for seen in peer.requests} == {CBR}
    assert (round(euro.rate, 5), euro.provider) == (Decimal("1.16640"), FxProvider.CBR)


async def test_a_rate_is_asked_for_once_in_its_time(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        for _ in range(7):
            assert known(await rates.latest({"EUR"}), "EUR").state is FxState.LIVE
            clock.forward(minutes=10)
        assert (len(peer.asked(ECB)), len(peer.asked(CBR))) == (2, 2)


async def test_a_clock_set_back_makes_an_answer_of_unknown_age(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        await rates.latest(())
        clock.forward(hours=-1)
        await rates.latest(())
        assert len(peer.asked(CBR)) == 2


async def test_askers_at_the_same_time_share_the_requests(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        rates.prefetch({"EUR"})
        await asyncio.gather(*(rates.latest({"EUR"}) for _ in range(5)))
        assert (len(peer.asked(ECB)), len(peer.asked(CBR))) == (1, 1)


async def test_what_was_prefetched_costs_the_report_nothing(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        peer.fail(late(0.1))
        rates.prefetch({"EUR"})
        await asyncio.sleep(0.2)
        peer.fail(hang())
        async with asyncio.timeout(0.05):
            known(await rates.latest({"EUR"}), "EUR")


async def test_providers_that_hang_cost_no_more_than_the_limit(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock, total=5, at_most=0.2) as rates:
        peer.fail(hang())
        async with asyncio.timeout(0.5):
            unknown(await rates.latest({"EUR"}), "RUB")


async def test_a_provider_that_failed_is_left_alone_for_a_minute(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, CBR)
        await rates.latest(())
        await rates.latest(())
        assert len(peer.asked(CBR)) == 1
        clock.forward(seconds=61)
        await rates.latest(())
        assert len(peer.asked(CBR)) == 2


async def test_the_bank_is_used_again_when_it_is_back(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        peer.mirror = peer.mirror.replace(b"2022-02-0", b"2026-11-0").replace(b"76.4849", b"84.5")
        down(peer, CBR)
        assert known(await rates.latest(()), "RUB").provider is FxProvider.CBR_MIRROR
        peer.heal()
        clock.forward(minutes=2)
        assert known(await rates.latest(()), "RUB").provider is FxProvider.CBR


@pytest.mark.parametrize(
    ("days", "state"), [(0, FxState.LIVE), (4, FxState.LIVE), (5, FxState.STALE), (15, FxState.STALE), (16, None)]
)
async def test_out_of_reach_a_rate_lives_four_days_and_is_gone_after_fifteen(
    clock: HeldClock, days: int, state: FxState | None
) -> None:
    stored = {"RUB": rouble("80", "2026-11-20")}
    clock.forward(days=days)
    async with fx_server() as peer, rates_at(peer.urls, clock, stored=stored) as rates:
        down(peer, *BANKS)
        table = await rates.latest(())
    if state is None:
        assert unknown(table, "RUB").detail == "RUB since 2026-11-20"
    else:
        assert known(table, "RUB") == FxRate("USD", "RUB", Decimal(80), FxProvider.CBR, stored["RUB"].date, state)


@pytest.mark.parametrize("now", ["2026-11-21 09:00", "2026-11-22 09:00", "2026-11-23 09:00", "2026-11-23 20:59"])
async def test_from_saturday_to_monday_it_is_saturdays_rate_with_its_date(clock: HeldClock, now: str) -> None:
    clock.now = moment(now)
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        peer.cbr = peer.cbr.replace(b"26.08.2026", b"21.11.2026")
        rub = known(await rates.latest(()), "RUB")
    assert (rub.date.isoformat(), rub.state) == ("2026-11-21", FxState.LIVE)


async def test_a_bank_that_answers_with_an_old_date_has_published_nothing_newer(clock: HeldClock) -> None:
    clock.now = moment("2027-01-08 09:00")  # twelve days without a new rate over New Year
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        peer.cbr = peer.cbr.replace(b"26.08.2026", b"31.12.2026")
        assert known(await rates.latest(()), "RUB").state is FxState.LIVE


async def test_without_any_rate_ever_the_rouble_is_unknown(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, ECB, *BANKS)
        table = await rates.latest({"EUR"})
    assert unknown(table, "RUB").reason == unknown(table, "EUR").reason == "no_rate"


@pytest.mark.parametrize(
    ("age", "provider"),
    [(4, FxProvider.CBR), (5, FxProvider.TBANK), (16, FxProvider.TBANK)],
)
async def test_a_stored_rate_of_four_days_comes_before_the_brokers_books(
    clock: HeldClock, age: int, provider: FxProvider
) -> None:
    stored = {"RUB": rouble("80", (NOON.date() - timedelta(days=age)).isoformat())}
    implied = {FxProvider.TBANK: Decimal("79.8"), FxProvider.USDT: Decimal(81)}
    async with fx_server() as peer, rates_at(peer.urls, clock, stored=stored) as rates:
        down(peer, *BANKS)
        assert known(await rates.latest((), implied=implied), "RUB").provider is provider


async def test_usdt_comes_last_and_an_implied_rate_is_never_stored_or_live(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, *BANKS)
        rub = known(await rates.latest((), implied={FxProvider.USDT: Decimal(81)}), "RUB")
        assert rates.fresh() == {}
    assert (rub.provider, rub.rate, rub.state) == (FxProvider.USDT, Decimal(81), FxState.STALE)


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-5), Decimal("NaN"), Decimal("Infinity")])
async def test_an_implied_rate_must_be_one(clock: HeldClock, rate: Decimal) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        down(peer, *BANKS)
        unknown(await rates.latest((), implied={FxProvider.TBANK: rate}), "RUB")


@pytest.mark.parametrize("now", ["1 000,5", "8,4463", "844,635"])
async def test_a_slipped_comma_is_not_believed(clock: HeldClock, now: str) -> None:
    clock.now = moment("2026-08-26 09:00")
    stored = {"RUB": rouble("80", "2026-08-25")}
    async with fx_server() as peer, rates_at(peer.urls, clock, stored=stored) as rates:
        peer.cbr = peer.cbr.replace(b"84,4635", now.encode())
        down(peer, MIRROR)
        rub = known(await rates.latest(()), "RUB")
    assert (rub.rate, rub.provider) == (Decimal("84.4635"), FxProvider.FRANKFURTER)


async def test_a_rate_too_old_to_be_known_shuts_out_no_new_one(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock, stored={"RUB": rouble("20", "2026-10-01")}) as rates:
        assert known(await rates.latest(()), "RUB").rate == Decimal("84.4635")


async def test_a_copy_that_lags_behind_the_stored_rate_does_not_replace_it(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock, stored={"RUB": rouble("80", "2026-11-19")}) as rates:
        down(peer, CBR)
        rub = known(await rates.latest(()), "RUB")
    assert (rub.rate, rub.date.isoformat(), rub.state) == (Decimal(80), "2026-11-19", FxState.LIVE)


async def test_fresh_rates_are_what_another_life_starts_with(clock: HeldClock) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        await rates.latest({"EUR"})
        stored = rates.fresh()
    async with rates_at(
        dict.fromkeys(("ECB", "CBR", "CBR_MIRROR", "FRANKFURTER"), "http://127.0.0.1:9"), clock
    ) as none:
        unknown(await none.latest({"EUR"}), "EUR")
    assert {currency: rate.provider for currency, rate in stored.items()} == {
        "RUB": FxProvider.CBR,
        "EUR": FxProvider.ECB,
    }


@pytest.mark.parametrize("name", WRONG_BODIES)
async def test_whatever_a_provider_sends_instead_the_next_one_is_asked(clock: HeldClock, name: str) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        peer.fail(WRONG_BODIES[name], f"GET {CBR}")
        peer.fail(WRONG_BODIES[name], f"GET {MIRROR}")
        rub = known(await rates.latest(()), "RUB")
    assert rub.provider is FxProvider.FRANKFURTER


@pytest.mark.parametrize("fault", [reset(), instead(fixture("cbr-error.xml")), status(302, headers={"Location": "/"})])
async def test_whatever_befalls_the_bank_its_mirror_is_asked(clock: HeldClock, fault: Fault) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        peer.fail(fault, f"GET {CBR}")
        assert known(await rates.latest(()), "RUB").provider is FxProvider.CBR_MIRROR


async def test_two_banks_that_disagree_are_logged_once(clock: HeldClock, caplog: pytest.LogCaptureFixture) -> None:
    async with fx_server() as peer, rates_at(peer.urls, clock) as rates:
        peer.cbr = peer.cbr.replace(b"26.08.2026", b"02.10.2026")  # 1.1664 there, 1.1225 here
        for _ in range(3):
            await rates.latest({"EUR"})
    assert len([line for line in caplog.messages if "EUR/USD" in line]) == 1


@pytest.mark.parametrize(
    ("implied", "told"), [("78.60", None), ("80.90", None), ("82.53", "+5.0 %"), ("70", "-10.9 %")]
)
def test_a_brokers_rate_over_three_percent_off_is_worth_a_word(implied: str, told: str | None) -> None:
    notice = deviation(rouble("78.60", "2026-11-20"), Decimal(implied))
    assert (notice and (notice.kind, notice.detail)) == (told and (WarningKind.FX_DEVIATION, told))


async def test_a_path_in_a_base_url_stands_in_front(clock: HeldClock) -> None:
    async with fx_server() as peer:
        urls = {name: f"{url}/proxy/" for name, url in peer.urls.items()}
        async with rates_at(urls, clock) as rates:
            await rates.latest({"EUR"})
        assert {seen.path for seen in peer.requests} >= {f"/proxy{ECB}", f"/proxy{CBR}", f"/proxy{MIRROR}"}
