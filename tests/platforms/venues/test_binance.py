"""Binance: what stands in two wallets at once, what is marked, what the test network lacks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Notice, StatedTotal, UnreadableWallet, WarningKind
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import CANARY, opened
from tests.platforms.venues.reading import read, rows, venue

SPOT = "GET /api/v3/account"
ASSETS = "POST /sapi/v3/asset/getUserAsset"
FLEXIBLE = "GET /sapi/v1/simple-earn/flexible/position"
OVERVIEW = "GET /sapi/v1/asset/wallet/balance?quoteAsset=USDT"
PRICES = "GET /api/v3/ticker/price"


def spot(**coins: str) -> dict[str, Any]:
    return {"balances": [{"asset": name, "free": amount, "locked": "0"} for name, amount in coins.items()]}


def positions(*amounts: str, asset: str = "USDT", total: int | None = None) -> dict[str, Any]:
    found = [{"asset": asset, "totalAmount": amount} for amount in amounts]
    return {"rows": found, "total": len(found) if total is None else total}


def prices(**last: str) -> list[dict[str, str]]:
    return [{"symbol": symbol, "price": price} for symbol, price in last.items()]


async def test_a_coin_in_flexible_earn_is_not_counted_in_spot_too() -> None:
    found = await read("binance", {SPOT: spot(LDUSDT="75.46", BTC="1"), FLEXIBLE: positions("75.46")})
    assert rows(found) == {"spot BTC": 1, "earn USDT": Decimal("75.46")}


async def test_ldo_is_a_coin_of_its_own() -> None:
    market = {PRICES: prices(LDOUSDT="1.2", BTCUSDT="60000")}
    assert rows(await read("binance", {SPOT: spot(LDO="5"), **market})) == {"spot LDO": 5}


async def test_a_coin_in_earn_that_earn_does_not_list_is_that_coin() -> None:
    market = {PRICES: prices(AXSUSDT="2.5")}
    assert rows(await read("binance", {SPOT: spot(LDAXS="3"), **market})) == {"earn AXS": 3}


async def test_a_name_that_only_looks_like_earn_stays_as_it_is() -> None:
    market = {PRICES: prices(BTCUSDT="60000")}
    assert rows(await read("binance", {SPOT: spot(LDXYZ="3"), **market})) == {"spot LDXYZ": 3}


async def test_frozen_coins_and_those_on_their_way_out_are_still_owned() -> None:
    row = {"asset": "BTC", "free": "1", "locked": "0.5", "freeze": "0.25", "withdrawing": "0.125", "ipoable": "0"}
    account = {"balances": [{"asset": "BTC", "free": "1", "locked": "0.5"}]}
    assert rows(await read("binance", {SPOT: account, ASSETS: [row]})) == {"spot BTC": Decimal("1.875")}


async def test_every_page_of_earn_is_read_once() -> None:
    pages = {
        f"{FLEXIBLE}&current={n}".replace("position&", "position?"): positions(*["1"] * 100, total=250) for n in (1, 2)
    }
    pages[f"{FLEXIBLE}?current=3"] = positions(*["1"] * 50, total=250)
    async with venue("binance", pages) as peer, opened("binance", peer.url) as made:
        assert rows(await made.read()) == {"earn USDT": 250}
        assert len(peer.asked("/sapi/v1/simple-earn/flexible/position")) == 3


async def test_a_page_that_fails_is_no_smaller_sum() -> None:
    async with venue("binance", {f"{FLEXIBLE}?current=1": positions(*["1"] * 100, total=150)}) as peer:
        peer.fail(faults.status(400, {"code": -1000, "msg": ""}), f"{FLEXIBLE}?current=2")
        async with opened("binance", peer.url) as made:
            with pytest.raises(Exception, match="code -1000"):
                await made.read()


@pytest.mark.parametrize(
    ("endpoint", "answer"),
    [
        ("GET /fapi/v3/account", {"assets": [{"asset": "BNFCR", "marginBalance": "12.5"}]}),
        (SPOT, spot(BNFCR="12.5")),
    ],
)
async def test_futures_credits_count_one_dollar_and_say_so(endpoint: str, answer: object) -> None:
    found = await read("binance", {endpoint: answer})
    assert [(row.asset, row.value) for row in found.holdings] == [("BNFCR", Money(Decimal("12.5"), "USD"))]
    assert Notice(WarningKind.MARKED_AT_PAR, "BNFCR") in found.notices


async def test_debt_is_negative_and_the_net_of_both_margins_is_one_row() -> None:
    cross = {"GET /sapi/v1/margin/account": {"userAssets": [{"asset": "USDT", "netAsset": "-30.5"}]}}
    pair = {"baseAsset": {"asset": "BTC", "netAsset": "1"}, "quoteAsset": {"asset": "USDT", "netAsset": "10"}}
    found = await read("binance", {**cross, "GET /sapi/v1/margin/isolated/account": {"assets": [pair]}})
    assert rows(found) == {"margin USDT": Decimal("-20.5"), "margin BTC": 1}


async def test_a_margin_account_that_was_never_opened_is_worth_nothing() -> None:
    never = {"GET /sapi/v1/margin/account": {"code": -3003, "msg": "Margin account does not exist."}}
    found = await read("binance", {SPOT: spot(BTC="1"), **never}, dict.fromkeys(never, 400))
    assert found.unreadable == ()
    assert "Cross Margin" in found.wallets_read


async def test_wallets_that_only_the_overview_knows_are_counted_and_the_others_are_not() -> None:
    names = {"Spot": "60100", "USDⓈ-M Futures": "7", "Trading Bots": "100.5", "Copy Trading": "20", "Options": "0"}
    lines = [{"activate": True, "balance": amount, "walletName": name} for name, amount in names.items()]
    found = await read("binance", {SPOT: spot(BTC="1"), OVERVIEW: lines})
    assert rows(found) == {"spot BTC": 1, "other USDT": Decimal("120.5")}
    assert found.venue_total == StatedTotal(Decimal("60227.5"), "USDT")
    assert [line.name for line in found.overview] == ["Spot", "USDⓈ-M Futures", "Options"]
    assert {"Trading Bots", "Copy Trading"} <= set(found.wallets_read)


async def test_the_same_code_is_a_missing_right_for_one_wallet_and_a_bad_key_for_all() -> None:
    async with venue("binance", {SPOT: spot(BTC="1")}) as peer:
        for path in ("/fapi/v3/account", "/dapi/v1/account"):
            peer.fail(faults.instead(no_right("binance")), f"GET {path}")
        async with opened("binance", peer.url) as made:
            found = await made.read()
            assert found.unreadable == (UnreadableWallet("USDⓈ-M Futures"), UnreadableWallet("COIN-M Futures"))
            peer.fail(faults.instead(no_right("binance")))
            with pytest.raises(Exception, match="bad_key"):
                await made.read()


async def test_the_test_network_is_asked_for_what_it_has() -> None:
    async with venue("binance", {SPOT: spot(BTC="1", USDT="10")}) as peer:
        async with opened("binance", peer.url, testnet=True) as made:
            found = await made.read()
        assert not [seen.path for seen in peer.requests if "sapi" in seen.path]
    assert rows(found) == {"spot BTC": 1, "spot USDT": 10}
    assert found.wallets_read == ("Spot", "USDⓈ-M Futures", "COIN-M Futures")


async def test_the_test_networks_hosts_are_the_only_ones_its_key_may_go_to() -> None:
    async with opened("binance", None, testnet=True) as made:
        hosts = made._home.client.hosts  # type: ignore[attr-defined]
    assert {host.partition(":")[0] for host in hosts} == {"testnet.binance.vision", "testnet.binancefuture.com"}


@pytest.mark.parametrize(
    ("flags", "trade", "transfer", "withdraw"),
    [
        ({}, False, False, False),
        ({"enableFutures": True}, True, False, False),
        ({"permitsUniversalTransfer": True}, False, True, False),
        ({"enableWithdrawals": True}, False, False, True),
    ],
)
async def test_each_flag_is_its_right(flags: dict[str, bool], trade: bool, transfer: bool, withdraw: bool) -> None:
    answer = {"GET /sapi/v1/account/apiRestrictions": {"ipRestrict": True, "enableReading": True, **flags}}
    async with venue("binance", answer) as peer, opened("binance", peer.url) as made:
        found = await made.rights()
    assert (found.can_trade, found.can_transfer, found.can_withdraw) == (trade, transfer, withdraw)
    assert found.read_only is not (trade or transfer or withdraw)
    assert found.ip_bound


async def test_a_ban_lasts_as_long_as_its_text_says() -> None:
    text = {"code": -1003, "msg": f"Way too much; IP({CANARY}) banned until 4102444800000."}
    async with venue("binance", {}) as peer:
        peer.fail(faults.status(418, text))
        async with opened("binance", peer.url) as made:
            with pytest.raises(Exception, match="rate_limited") as caught:
                await made.read()
    failure = caught.value.failure  # type: ignore[attr-defined]
    assert failure.retry_at is not None
    assert CANARY not in repr(failure)
