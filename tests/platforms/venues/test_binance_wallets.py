"""Every wallet of a Binance account is counted exactly once, whatever else shows the same money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.statement import Statement, UnreadableWallet
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import read, rows, venue

SPOT = "GET /api/v3/account"
ASSETS = "POST /sapi/v3/asset/getUserAsset"
FUNDING = "POST /sapi/v1/asset/get-funding-asset"
FLEXIBLE = "GET /sapi/v1/simple-earn/flexible/position"
LOCKED = "GET /sapi/v1/simple-earn/locked/position"
CROSS = "GET /sapi/v1/margin/account"
ISOLATED = "GET /sapi/v1/margin/isolated/account"
USD_M = "GET /fapi/v3/account"
COIN_M = "GET /dapi/v1/account"
PORTFOLIO = "GET /papi/v1/balance"
OPTIONS = "GET /eapi/v1/account"
OVERVIEW = "GET /sapi/v1/asset/wallet/balance?quoteAsset=USDT"
DUAL = "GET /sapi/v1/dci/product/accounts"
DUAL_IN = "GET /sapi/v1/dci/product/positions?status=PURCHASE_SUCCESS"
CALLS_OF_A_REPORT = 11


def spot(**coins: str) -> dict[str, Any]:
    return {"balances": [{"asset": name, "free": amount, "locked": "0"} for name, amount in coins.items()]}


def owned(asset: str, free: str, freeze: str = "0", withdrawing: str = "0") -> list[dict[str, str]]:
    return [{"asset": asset, "free": free, "locked": "0", "freeze": freeze, "withdrawing": withdrawing}]


def shown(**wallets: str) -> list[dict[str, Any]]:
    return [{"activate": True, "balance": worth, "walletName": name} for name, worth in wallets.items()]


def pair(base: str, quote: str) -> dict[str, Any]:
    sides = {"baseAsset": {"asset": "BTC", "netAsset": base}, "quoteAsset": {"asset": "USDT", "netAsset": quote}}
    return {"assets": [sides]}


def portfolio(**fields: str) -> dict[str, str]:
    usual = dict.fromkeys(("crossMarginBorrowed", "crossMarginInterest", "umWalletBalance", "cmWalletBalance"), "0")
    return {
        "asset": "USDT",
        "totalWalletBalance": "0",
        "umUnrealizedPNL": "0",
        "cmUnrealizedPNL": "",
        **usual,
        **fields,
    }


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        ({SPOT: spot(BTC="1"), ASSETS: owned("BTC", "1")}, {"spot BTC": "1"}),
        ({SPOT: spot(BTC="1"), ASSETS: owned("BTC", "1", "0.5", "0.25")}, {"spot BTC": "1.75"}),
        ({FUNDING: owned("USDT", "10", "1", "2")}, {"funding USDT": "13"}),
        ({FLEXIBLE: {"rows": [{"asset": "USDT", "totalAmount": "5"}], "total": 1}}, {"earn USDT": "5"}),
        ({LOCKED: {"rows": [{"asset": "AXS", "amount": "7", "rewardAmt": "1"}], "total": 1}}, {"earn AXS": "7"}),
        ({CROSS: {"userAssets": [{"asset": "ETH", "netAsset": "-2"}]}}, {"margin ETH": "-2"}),
        ({ISOLATED: pair("1", "-100")}, {"margin BTC": "1", "margin USDT": "-100"}),
        ({USD_M: {"assets": [{"asset": "USDT", "marginBalance": "50"}]}}, {"futures USDT": "50"}),
        ({COIN_M: {"assets": [{"asset": "BTC", "marginBalance": "0.5"}]}}, {"futures BTC": "0.5"}),
    ],
)
async def test_a_wallet_is_counted_once(served: dict[str, Any], expected: dict[str, str]) -> None:
    assert rows(await read("binance", served)) == {name: Decimal(amount) for name, amount in expected.items()}


async def test_all_wallets_at_once_are_their_sum_and_the_overview_adds_none_of_them() -> None:
    everything = {
        SPOT: spot(BTC="1"),
        FUNDING: owned("BTC", "1"),
        FLEXIBLE: {"rows": [{"asset": "BTC", "totalAmount": "1"}], "total": 1},
        LOCKED: {"rows": [{"asset": "BTC", "amount": "1"}], "total": 1},
        CROSS: {"userAssets": [{"asset": "BTC", "netAsset": "1"}]},
        ISOLATED: pair("1", "0"),
        USD_M: {"assets": [{"asset": "BTC", "marginBalance": "1"}]},
        COIN_M: {"assets": [{"asset": "BTC", "marginBalance": "1"}]},
        OPTIONS: {"asset": [{"asset": "BTC", "equity": "1", "marginBalance": "9"}]},
        DUAL: {"totalAmountInUSDT": "60100"},
        DUAL_IN: {"list": [{"investCoin": "BTC", "subscriptionAmount": "1"}], "total": 1},
        OVERVIEW: shown(
            **{"Spot": "60100", "Funding": "60100", "Earn": "180300", "Cross Margin": "60100", "Options": "60100"},
            **{"Isolated Margin": "60100", "USDⓈ-M Futures": "60100", "COIN-M Futures": "60100"},
            **{"Trading Bots": "100", "Copy Trading": "20"},
        ),
    }
    found = await read("binance", everything)
    assert sum((row.amount for row in found.holdings if row.asset == "BTC"), Decimal(0)) == 10
    assert rows(found)["other USDT"] == 120
    assert found.unreadable == ()


async def test_staked_ether_and_solana_are_the_coins_in_spot_and_nothing_more() -> None:
    staking = {
        "GET /sapi/v2/eth-staking/account": {"holdingInETH": "1.05", "holdings": {"wbethAmount": "1"}},
        "GET /sapi/v1/sol-staking/account": {"bnsolAmount": "2", "holdingInSOL": "2.1"},
    }
    found = await read("binance", {SPOT: spot(WBETH="1", BNSOL="2", BFUSD="3"), **staking})
    assert rows(found) == {"spot WBETH": 1, "spot BNSOL": 2, "spot BFUSD": 3}


PM = {**dict.fromkeys(("Cross Margin (PM)", "USDⓈ-M Futures (PM)", "COIN-M Futures (PM)"), "100"), "Spot": "0"}


async def test_portfolio_margin_replaces_cross_margin_and_both_futures() -> None:
    row = portfolio(
        totalWalletBalance="1000", crossMarginBorrowed="100", crossMarginInterest="1", umWalletBalance="300",
        cmWalletBalance="200", umUnrealizedPNL="30", cmUnrealizedPNL="-5",
    )  # fmt: skip
    served = {
        OVERVIEW: shown(**PM),
        PORTFOLIO: [row],
        CROSS: {"userAssets": [{"asset": "USDT", "netAsset": "399"}]},
        USD_M: {"assets": [{"asset": "USDT", "marginBalance": "330"}]},
        COIN_M: {"assets": [{"asset": "USDT", "marginBalance": "195"}]},
        ISOLATED: pair("1", "0"),
    }
    async with venue("binance", served) as peer, opened("binance", peer.url) as made:
        found = await made.read()
        asked = {seen.path for seen in peer.requests}
    assert rows(found) == {"margin USDT": 399, "futures USDT": 525, "margin BTC": 1}
    assert not asked & {"/sapi/v1/margin/account", "/fapi/v3/account", "/dapi/v1/account"}
    assert [line.name for line in found.overview if line.amount] == [name for name in PM if name != "Spot"]


async def test_an_ordinary_account_is_never_asked_for_portfolio_margin() -> None:
    async with venue("binance", {SPOT: spot(BTC="1")}) as peer, opened("binance", peer.url) as made:
        await made.read()
        assert not [seen.path for seen in peer.requests if "papi" in seen.path]


async def test_a_portfolio_margin_that_the_key_may_not_read_is_named() -> None:
    async with venue("binance", {OVERVIEW: shown(**PM), SPOT: spot(BTC="1")}) as peer:
        peer.fail(faults.instead(no_right("binance")), PORTFOLIO)
        async with opened("binance", peer.url) as made:
            found = await made.read()
    assert found.unreadable == (UnreadableWallet("Portfolio Margin"),)
    assert rows(found) == {"spot BTC": 1}


async def test_a_portfolio_margin_that_answers_elsewhere_is_read_wallet_by_wallet() -> None:
    served = {
        OVERVIEW: shown(**PM),
        PORTFOLIO: {"code": -21001, "msg": "User IS NOT Unified Account USER."},
        USD_M: {"assets": [{"asset": "USDT", "marginBalance": "330"}]},
    }
    found = await read("binance", served, {PORTFOLIO: 400})
    assert rows(found) == {"futures USDT": 330}
    assert found.unreadable == ()


async def test_options_are_equity_and_not_what_the_overview_says_again() -> None:
    account = {"asset": [{"asset": "USDT", "equity": "617.5", "marginBalance": "1877"}]}
    found = await read("binance", {OVERVIEW: shown(Options="618"), OPTIONS: account})
    assert rows(found) == {"options USDT": Decimal("617.5")}


async def test_options_that_the_key_may_not_read_are_what_the_overview_says() -> None:
    async with venue("binance", {OVERVIEW: shown(Options="618")}) as peer:
        peer.fail(faults.instead(no_right("binance")), OPTIONS)
        async with opened("binance", peer.url) as made:
            found = await made.read()
    assert rows(found) == {"options USDT": 618}
    assert found.unreadable == ()


async def test_options_that_are_limited_fail_the_reading_and_do_not_change_their_value() -> None:
    async with venue("binance", {OVERVIEW: shown(Options="618")}) as peer:
        peer.fail(faults.status(429, {"code": -1003, "msg": "Too many requests."}), OPTIONS)
        async with opened("binance", peer.url) as made:
            with pytest.raises(SourceError, match="rate_limited"):
                await made.read()


async def dual(**fields: Any) -> Statement:
    served = {OVERVIEW: shown(Earn="500"), DUAL: {"totalAmountInUSDT": "500"}, **fields}
    return await read("binance", served)


async def test_dual_investment_is_the_coin_that_was_put_in_until_it_is_settled() -> None:
    pending = "GET /sapi/v1/dci/product/positions?status=PENDING"
    settled = "GET /sapi/v1/dci/product/positions?status=SETTLED"
    one = {"list": [{"investCoin": "BNB", "subscriptionAmount": "2"}], "total": 1}
    other = {"list": [{"investCoin": "USDT", "subscriptionAmount": "100"}], "total": 1}
    found = await dual(**{DUAL_IN: one, pending: other, settled: one})
    assert rows(found) == {"earn BNB": 2, "earn USDT": 100}


async def test_dual_investment_that_a_region_does_not_have_leaves_the_account_standing() -> None:
    refused = {DUAL: {"code": -9000, "msg": "not here"}}
    found = await read("binance", {OVERVIEW: shown(Earn="5"), SPOT: spot(BTC="1"), **refused}, {DUAL: 400})
    assert rows(found) == {"spot BTC": 1}
    assert found.unreadable == (UnreadableWallet("Dual Investment", "not_built"),)


@pytest.mark.parametrize("endpoint", [CROSS, USD_M, FUNDING, FLEXIBLE])
async def test_a_wallet_that_the_key_may_not_read_is_named_and_not_zero(endpoint: str) -> None:
    async with venue("binance", {SPOT: spot(BTC="1")}) as peer:
        peer.fail(faults.instead(no_right("binance")), endpoint)
        async with opened("binance", peer.url) as made:
            found = await made.read()
    assert len(found.unreadable) == 1
    assert found.unreadable[0].wallet not in found.wallets_read


@pytest.mark.parametrize(("endpoint", "code"), [(CROSS, -3003), (ISOLATED, -11001)])
async def test_a_wallet_that_was_never_opened_is_zero_and_not_named(endpoint: str, code: int) -> None:
    served = {SPOT: spot(BTC="1"), endpoint: {"code": code, "msg": "no margin account"}}
    found = await read("binance", served, {endpoint: 400})
    assert found.unreadable == ()
    assert rows(found) == {"spot BTC": 1}


async def test_a_report_of_an_ordinary_account_asks_little() -> None:
    served = {SPOT: spot(BTC="1"), OVERVIEW: shown(Spot="60100")}
    async with venue("binance", served) as peer, opened("binance", peer.url) as made:
        await made.read()
        first = [seen.path for seen in peer.requests]
        peer.requests.clear()
        await made.read()
        private = [seen.path for seen in peer.requests if "ticker" not in seen.path]
    assert first.count("/sapi/v1/asset/wallet/balance") == 1
    assert len(private) <= CALLS_OF_A_REPORT, private
