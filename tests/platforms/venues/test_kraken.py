"""Kraken: names, staked rows, a key that may only see balances, the result of margin positions."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.statement import Holding, Statement, UnreadableWallet, Wallet
from portfolio_bot.platforms.venues.kraken import code
from portfolio_bot.platforms.venues.kraken_names import canonical, market_ids
from tests.peers import faults
from tests.peers.venue import case, venue_server
from tests.platforms.contract.peers import opened

DENIED = faults.status(200, {"error": ["EGeneral:Permission denied"]})


def answer(result: object) -> dict[str, object]:
    return {"body": {"error": [], "result": result}}


async def read(balance: object, margin: object | None = None) -> Statement:
    async with venue_server("kraken") as peer, opened("kraken", peer.url) as source:
        peer.serve("POST /0/private/BalanceEx", answer(balance))
        if margin is not None:
            peer.serve("POST /0/private/TradeBalance", answer(margin))
        return await source.read()


@pytest.mark.parametrize(
    ("name", "asset"),
    [
        ("XXBT", "BTC"), ("XBT.F", "BTC"), ("XBT.M", "BTC"), ("XETH", "ETH"), ("ETH2.S", "ETH"), ("ETH2", "ETH"),
        ("XXDG", "DOGE"), ("XDG.F", "DOGE"), ("ZUSD", "USD"), ("USD.M", "USD"), ("EUR.HOLD", "EUR"), ("DOT28.S", "DOT"),
        ("DOT.P", "DOT"), ("SOL03.S", "SOL"), ("XTZ", "XTZ"), ("XTZ.S", "XTZ"), ("ZRX", "ZRX"), ("TSLA.T", "TSLA.T"),
        ("TSLAx", "TSLAX"), ("C98", "C98"), ("1INCH", "1INCH"), ("BABY.B", "BABY"),
    ],
)  # fmt: skip
def test_a_name_becomes_the_coins_own(name: str, asset: str) -> None:
    assert canonical(name) == asset


def test_a_market_is_found_by_its_old_and_its_new_name() -> None:
    assert {"XXBTZUSD", "XBTUSDT", "XBTUSD"} <= {*market_ids("BTC", "USD"), *market_ids("BTC", "USDT")}
    assert "USDTZUSD" in set(market_ids("USDT", "USD"))
    assert "XDGUSD" in set(market_ids("DOGE", "USD"))
    for stock in ("TSLA.T", "TSLAX.T", "TSLAX"):
        assert "TSLAxUSD" in set(market_ids(stock, "USD"))
        assert "TSLAUSD" not in set(market_ids(stock, "USD"))


async def test_staked_and_rewarded_rows_are_the_coin_itself() -> None:
    rows = {"DOT": {"balance": "1"}, "DOT28.S": {"balance": "2"}, "DOT.F": {"balance": "4", "hold_trade": "3"}}
    assert (await read(rows)).holdings == (Holding("DOT", Wallet.SPOT, Decimal(7)),)


async def test_fee_credits_are_no_money() -> None:
    assert (await read({"KFEE": {"balance": "1000"}})).holdings == ()


async def test_a_key_that_may_only_see_balances_works() -> None:
    async with venue_server("kraken", case("kraken", "whole account")) as peer, opened("kraken", peer.url) as source:
        peer.fail(DENIED, "POST /0/private/TradeBalance")
        found = await source.read()
        again = await source.read()
    assert len(found.holdings) == 7
    assert found.venue_total is None
    assert found.unreadable == again.unreadable == (UnreadableWallet("Margin positions"),)


async def test_without_the_extended_balance_the_plain_one_serves() -> None:
    async with venue_server("kraken", case("kraken", "whole account")) as peer, opened("kraken", peer.url) as source:
        peer.fail(DENIED, "POST /0/private/BalanceEx")
        found = await source.read()
    assert {row.asset: row.amount for row in found.holdings}["ETH"] == Decimal("1019.535637433")


async def test_a_key_that_may_see_no_balance_lacks_a_right() -> None:
    async with venue_server("kraken") as peer, opened("kraken", peer.url) as source:
        peer.fail(DENIED)
        with pytest.raises(SourceError) as caught:
            await source.read()
    assert caught.value.failure.kind is FailureKind.MISSING_RIGHT


async def test_a_balance_that_is_refused_is_not_made_up_for_by_the_margin_result() -> None:
    async with venue_server("kraken", case("kraken", "whole account")) as peer, opened("kraken", peer.url) as source:
        peer.fail(DENIED, "POST /0/private/BalanceEx")
        peer.fail(DENIED, "POST /0/private/Balance")
        with pytest.raises(SourceError) as caught:
            await source.read()
    assert caught.value.failure.kind is FailureKind.MISSING_RIGHT


async def test_a_margin_result_of_nothing_is_not_missed_when_the_right_is_taken() -> None:
    async with venue_server("kraken", case("kraken", "whole account")) as peer, opened("kraken", peer.url) as source:
        await source.read()
        peer.fail(DENIED, "POST /0/private/TradeBalance")
        assert (await source.read()).unreadable == (UnreadableWallet("Margin positions"),)


async def test_a_margin_result_that_was_seen_is_not_forgotten_when_the_right_is_taken() -> None:
    served = case("kraken", "margin result and a venue total of another account")
    async with venue_server("kraken", served) as peer, opened("kraken", peer.url) as source:
        await source.read()
        peer.fail(DENIED, "POST /0/private/TradeBalance")
        with pytest.raises(SourceError, match="Margin positions"):
            await source.read()


async def test_a_burst_of_reports_is_not_throttled() -> None:
    async with venue_server("kraken", case("kraken", "whole account")) as peer, opened("kraken", peer.url) as source:
        started = time.monotonic()
        for _ in range(5):
            await source.read()
        assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("errors", "found"),
    [
        ([], None),
        (["WDatabase:Slow"], None),
        (["EService:Throttled:1700000000"], "EService:Throttled"),
        (["EGeneral:Permission denied:wallet"], "EGeneral:Permission denied"),
        (["WDatabase:Slow", "EAPI:Invalid key"], "EAPI:Invalid key"),
        (["EQuery:Something new"], "EQuery:Something new"),
    ],
)
def test_an_error_is_known_by_how_it_begins(errors: list[str], found: str | None) -> None:
    assert code(200, {"error": errors, "result": {}}) == found


@pytest.mark.parametrize("answered", [{}, {"error": "x"}, {"error": []}, {"error": [None]}, {"result": {}}, []])
def test_what_is_no_envelope_is_a_bad_answer(answered: object) -> None:
    with pytest.raises(SourceError):
        code(200, answered)


async def test_a_narrow_nonce_window_is_worth_a_hint() -> None:
    served = case("kraken", "key rights: everything")
    async with venue_server("kraken", served) as peer, opened("kraken", peer.url) as source:
        assert (await source.rights()).notes[0].startswith("nonce window 15:")
