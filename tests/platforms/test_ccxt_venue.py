"""One account: which refusals leave it standing, what is remembered, how its rows are added up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, Notice, Statement, UnreadableWallet, Wallet, WarningKind
from portfolio_bot.net.door import Timing, open_session
from portfolio_bot.platforms.base import AccountConfig, QuotesRouble, Secret, Source, Surroundings
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.ccxt_venue import CcxtSource
from portfolio_bot.platforms.shared import Shared
from portfolio_bot.platforms.venue import Api, Role, Venue, WalletAnswer, WalletReader
from portfolio_bot.platforms.venues import bybit
from tests.peers import faults
from tests.peers.faults import Fault, Peer
from tests.peers.venue import case, venue_server
from tests.platforms.contract.peers import CANARY, KeptMemory, now, opened

FUNDING = "GET /v5/asset/transfer/query-account-coins-balance"
UNIFIED = "GET /v5/account/wallet-balance"
OVERVIEW = "GET /v5/asset/asset-overview"
TICKERS = "GET /v5/market/tickers"
EARN = "GET /v5/earn/position"
PRIVATE = (UNIFIED, FUNDING, EARN, OVERVIEW)


def code(number: int) -> Fault:
    return faults.status(200, {"retCode": number, "retMsg": "no", "result": {}})


@asynccontextmanager
async def account(memory: KeptMemory | None = None) -> AsyncIterator[tuple[Peer, Source]]:
    """A Bybit account with money in every wallet."""
    async with (
        venue_server("bybit", case("bybit", "whole account")) as peer,
        opened("bybit", peer.url, memory=memory, total=0.5) as source,
    ):
        yield peer, source


async def failure(source: Source) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await source.read()
    return caught.value


@pytest.mark.parametrize("number", [10003, 10005, 10010, 10024, 33004])
async def test_a_wallet_refused_from_the_start_is_named_and_the_rest_counts(number: int) -> None:
    async with account() as (peer, source):
        peer.fail(code(number), FUNDING)
        found = await source.read()
    assert found.unreadable == (UnreadableWallet("Funding", "missing_right"),)
    assert {row.wallet for row in found.holdings} == {Wallet.UNIFIED, Wallet.EARN}
    assert "Funding" not in found.wallets_read


@pytest.mark.parametrize("number", [10003, 10005, 10010, 33004])
async def test_a_wallet_that_was_readable_before_fails_the_reading_when_refused(number: int) -> None:
    memory = KeptMemory()
    async with account(memory) as (peer, source):
        await source.read()
        peer.fail(code(number), FUNDING)
        error = await failure(source)
    assert error.failure.kind is FailureKind.MISSING_RIGHT
    assert error.failure.detail == f"Funding: code {number}"


async def test_what_was_readable_before_outlives_the_process() -> None:
    memory = KeptMemory()
    async with account(memory) as (_, source):
        await source.read()
    async with account(memory) as (peer, source):
        peer.fail(code(10003), FUNDING)
        assert (await failure(source)).failure.kind is FailureKind.MISSING_RIGHT


async def test_a_wallet_that_becomes_readable_is_read() -> None:
    async with account() as (peer, source):
        peer.fail(code(10005), FUNDING)
        await source.read()
        peer.heal()
        assert (await source.read()).unreadable == ()


@pytest.mark.parametrize(("number", "kind"), [(10003, "bad_key"), (10005, "missing_right"), (33004, "key_expired")])
async def test_if_all_wallets_are_refused_it_is_the_key(number: int, kind: str) -> None:
    async with account() as (peer, source):
        for route in PRIVATE:
            peer.fail(code(number), route)
        assert (await failure(source)).failure.kind == kind


@pytest.mark.parametrize(
    "fault",
    [faults.status(503, ""), faults.half(), faults.status(200, "<html>"), faults.status(403, faults.PAGE), code(10006)],
)
async def test_any_other_failure_of_one_wallet_fails_the_whole_reading(fault: Fault) -> None:
    async with account() as (peer, source):
        peer.fail(fault, FUNDING)
        await failure(source)


async def test_a_product_that_not_everybody_has_leaves_the_account_standing() -> None:
    async with account() as (peer, source):
        peer.fail(code(987654), OVERVIEW)
        found = await source.read()
    assert found.unreadable == (UnreadableWallet("Bots, copy trading, loans and others", "not_built"),)
    assert found.venue_total is None


@pytest.mark.parametrize("number", [987654, 10005])
async def test_an_overview_that_held_nothing_may_be_refused_later(number: int) -> None:
    async with account() as (peer, source):
        await source.read()
        peer.fail(code(number), OVERVIEW)
        assert (await source.read()).unreadable


async def test_an_empty_wallet_that_was_readable_fails_the_reading_when_the_right_is_gone() -> None:
    async with venue_server("bybit") as peer, opened("bybit", peer.url) as source:
        await source.read()
        peer.fail(code(987654), EARN)
        assert [entry.reason for entry in (await source.read()).unreadable] == ["not_built"]
        peer.fail(code(10005), EARN)
        assert (await failure(source)).failure.kind is FailureKind.MISSING_RIGHT


async def test_earn_alone_keeps_an_account_standing_but_an_overview_does_not() -> None:
    async with account() as (peer, source):
        for route in (UNIFIED, FUNDING):
            peer.fail(code(10005), route)
        assert {row.wallet for row in (await source.read()).holdings} == {Wallet.EARN}
    async with account() as (peer, source):
        for route in (UNIFIED, FUNDING, EARN):
            peer.fail(code(10005), route)
        assert (await failure(source)).failure.kind is FailureKind.MISSING_RIGHT


async def test_a_product_that_held_something_before_fails_the_reading() -> None:
    larger = case("bybit", "whole account beside the overview of a larger account")
    memory = KeptMemory()
    async with venue_server("bybit", larger) as peer, opened("bybit", peer.url, memory=memory) as source:
        await source.read()
        peer.fail(code(987654), OVERVIEW)
        assert (await failure(source)).failure.kind is FailureKind.BAD_ANSWER


async def test_prices_are_part_of_the_reading_where_they_are_needed() -> None:
    async with account() as (peer, source):
        peer.fail(faults.status(200, "<html>"), TICKERS)
        assert (await failure(source)).failure.kind is FailureKind.BAD_ANSWER


async def test_prices_that_nobody_needs_are_not_missed() -> None:
    async with venue_server("bybit", case("bybit", "unified account")) as peer, opened("bybit", peer.url) as source:
        peer.fail(faults.status(400, ""), TICKERS)
        assert (await source.read()).prices == {}


@asynccontextmanager
async def several(peer: Peer, count: int, shared: Shared) -> AsyncIterator[list[CcxtSource]]:
    """Accounts of one venue in one process."""
    secrets = {name: Secret(CANARY) for name in SOURCES["bybit"].secrets}
    async with open_session() as session:
        around = Surroundings(session, now, shared=shared)
        configs = [AccountConfig(f"bybit-a{n}", "bybit", "", secrets, peer.url) for n in range(count)]
        yield [CcxtSource(bybit.VENUE, config, around, KeptMemory(), SOURCES["bybit"].regions) for config in configs]


async def test_a_price_list_is_asked_again_only_where_the_last_reading_needed_one() -> None:
    for name, lists in (("unified account", 1), ("funding wallet", 3)):
        async with venue_server("bybit", case("bybit", name)) as peer, several(peer, 1, Shared(fresh=0)) as [source]:
            for _ in range(3):
                await source.read()
                await asyncio.sleep(0.02)
            assert len(peer.asked("/v5/market/tickers")) == lists


async def test_a_price_that_is_needed_again_is_asked_again() -> None:
    async with (
        venue_server("bybit", case("bybit", "unified account")) as peer,
        several(peer, 1, Shared(fresh=0)) as [source],
    ):
        await source.read()
        peer.serve(FUNDING, "balance_funding.json")
        assert (await source.read()).prices[("ETH", "USDT")] == 2400


async def test_wallets_and_prices_are_asked_at_once() -> None:
    async with account() as (peer, source):
        peer.fail(faults.late(0.1))
        started = time.monotonic()
        await source.read()
        assert time.monotonic() - started < 0.19


async def test_accounts_of_one_venue_share_the_price_list() -> None:
    async with venue_server("bybit", case("bybit", "whole account")) as peer, several(peer, 3, Shared()) as sources:
        found = await asyncio.gather(*(source.read() for source in sources))
        assert len(peer.asked("/v5/market/tickers")) == 1
    assert found[0].prices == found[2].prices != {}


async def test_a_clock_that_is_off_by_over_two_seconds_is_noticed() -> None:
    async with account() as (peer, source):
        late = format_datetime(now() - timedelta(seconds=90), usegmt=True)
        peer.fail(replaced_header("Date", late))
        found = await source.read()
        peer.heal()
        assert (await source.read()).notices == ()
    assert found.notices in {(Notice(WarningKind.CLOCK_SKEW, text),) for text in ("+89 s", "+90 s", "+91 s")}


def replaced_header(name: str, value: str) -> Fault:
    async def fault(_request: Any, reply: faults.Reply) -> Any:
        return faults.respond(replace(reply, headers={name: value}))

    return fault


async def made_up(*readers: WalletReader, serial: bool = False) -> Statement:
    """A reading of a venue of these wallets; no request leaves."""
    venue = Venue("bybit", "bybit", readers, lambda _status, _answer: None, {}, serial=serial)
    async with open_session() as session:
        config = AccountConfig("bybit", "bybit", "Bybit", {}, "http://127.0.0.1:1")
        around = Surroundings(session, now, Timing(1.0, 0.05))
        return await CcxtSource(venue, config, around, KeptMemory(), {}).read()


def wallet(*rows: Holding, name: str = "Spot") -> WalletReader:
    async def read(_api: Api) -> WalletAnswer:
        return WalletAnswer(rows)

    return WalletReader(name, read)


def held(amount: str, value: str | None = None, **more: Any) -> Holding:
    return Holding("BTC", Wallet.SPOT, Decimal(amount), None if value is None else Money(Decimal(value), "USD"), **more)


async def test_rows_of_one_asset_and_wallet_are_added_up() -> None:
    found = await made_up(wallet(held("1"), held("0"), held("0.5")))
    assert found.holdings == (held("1.5"),)


async def test_rows_know_which_wallet_told_them() -> None:
    found = await made_up(wallet(held("1")), wallet(held("-2"), name="Borrowed"), wallet(name="Empty"))
    assert [(str(row.amount), row.read_from) for row in found.holdings] == [("1", "Spot"), ("-2", "Borrowed")]
    assert found.wallets_read == ("Spot", "Borrowed", "Empty")


async def test_rows_that_cancel_out_vanish() -> None:
    assert (await made_up(wallet(held("1"), held("-1")))).holdings == ()


async def test_a_sum_has_the_venues_value_only_if_every_row_had() -> None:
    assert (await made_up(wallet(held("1", "60000"), held("1", "60001")))).holdings == (held("2", "120001"),)
    assert (await made_up(wallet(held("1", "60000"), held("1")))).holdings == (held("2"),)


async def test_rows_of_different_parts_stay_apart() -> None:
    found = await made_up(wallet(held("1", part="flex"), held("1")))
    assert found.holdings == (held("1", part="flex"), held("1"))


async def test_a_cross_check_costs_nothing_whatever_happens_to_it() -> None:
    async def hangs(_api: Api) -> WalletAnswer:
        await asyncio.sleep(3600)
        return WalletAnswer()

    async def breaks(_api: Api) -> WalletAnswer:
        raise SourceError.of(FailureKind.BAD_ANSWER)

    found = await made_up(
        wallet(held("1")), WalletReader("slow", hangs, Role.CHECK), WalletReader("broken", breaks, Role.CHECK)
    )
    assert found.venue_total is None
    assert (found.unreadable, found.wallets_read) == ((), ("Spot",))


async def test_a_bug_in_a_reader_is_not_dressed_up_as_a_failure() -> None:
    async def crashes(_api: Api) -> WalletAnswer:
        raise KeyError("typo")

    with pytest.raises(KeyError):
        await made_up(WalletReader("Spot", crashes))


async def test_a_serial_venue_is_not_asked_on_with_a_bad_key() -> None:
    async with venue_server("kraken", case("kraken", "whole account")) as peer, opened("kraken", peer.url) as source:
        peer.fail(faults.status(200, {"error": ["EAPI:Invalid key"]}))
        assert (await failure(source)).failure.kind is FailureKind.BAD_KEY
        assert len([seen for seen in peer.requests if "/private/" in seen.path]) == 1


@pytest.mark.parametrize(("listed", "told"), [("USDTRUB", Decimal("81.55")), ("USDTEUR", None)])
async def test_a_market_of_usdt_in_roubles_tells_its_price(listed: str, told: Decimal | None) -> None:
    async with venue_server("mexc") as peer, opened("mexc", peer.url) as made:
        peer.serve("GET /api/v3/ticker/price", {"body": [{"symbol": listed, "price": "81.55"}]})
        assert isinstance(made, QuotesRouble)
        assert await made.usdt_rub() == told


async def test_a_venue_that_does_not_answer_has_no_price_of_the_rouble() -> None:
    async with opened("mexc", "http://127.0.0.1:9", total=0.2) as made:
        assert isinstance(made, QuotesRouble)
        assert await made.usdt_rub() is None
