"""Bybit: equity that is never added to again, wallets that only the overview shows, keys that cannot act."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, Statement, Wallet
from portfolio_bot.platforms.base import KeyRights
from tests.peers.venue import VenuePeer, venue_server
from tests.platforms.contract.peers import opened


def answer(result: object) -> dict[str, object]:
    return {"body": {"retCode": 0, "retMsg": "OK", "result": result}}


async def read(**served: object) -> Statement:
    """A reading of an empty account but for these answers, by the last word of their path."""
    async with venue_server("bybit") as peer, opened("bybit", peer.url) as source:
        for path, result in served.items():
            peer.serve(f"GET {PATHS[path]}", answer(result))
        return await source.read()


PATHS = {
    "unified": "/v5/account/wallet-balance",
    "earn": "/v5/earn/position?category=FlexibleSaving",
    "overview": "/v5/asset/asset-overview",
    "tickers": "/v5/market/tickers",
}


def coin(name: str, **fields: str) -> dict[str, str]:
    return {"coin": name, "equity": "1", "walletBalance": "99", "usdValue": "", **fields}


async def test_a_row_without_a_value_is_priced_by_its_market() -> None:
    found = await read(unified={"list": [{"totalEquity": "60000", "coin": [coin("BTC")]}]})
    assert found.holdings == (Holding("BTC", Wallet.UNIFIED, Decimal(1), None, "unified"),)
    assert found.prices[("BTC", "USDT")] == 60000


async def test_a_debt_is_a_negative_row() -> None:
    found = await read(unified={"list": [{"totalEquity": "-5", "coin": [coin("USDT", equity="-5", usdValue="-5")]}]})
    assert found.holdings == (Holding("USDT", Wallet.UNIFIED, Decimal(-5), Money(Decimal(-5), "USD"), "unified"),)


async def test_a_value_of_zero_is_no_value() -> None:
    found = await read(unified={"list": [{"totalEquity": "0", "coin": [coin("DUST", equity="7", usdValue="0")]}]})
    assert [row.value for row in found.holdings] == [None]


async def test_flexible_and_on_chain_earn_are_both_read() -> None:
    found = await read(earn={"list": [{"coin": "ETH", "amount": "2"}]})
    assert found.holdings == (Holding("ETH", Wallet.EARN, Decimal(2)),)


async def test_a_debt_that_only_the_overview_shows_counts() -> None:
    loan = {"accountType": "CryptoLoans", "totalEquity": "-250.5", "valuationCurrency": "USD"}
    found = await read(overview={"totalEquity": "-250.5", "list": [loan]})
    assert found.holdings == (Holding("USD", Wallet.OTHER, Decimal("-250.5"), Money(Decimal("-250.5"), "USD")),)
    assert "CryptoLoans" in found.wallets_read


async def test_the_overviews_line_of_a_wallet_that_is_read_is_only_compared_with() -> None:
    line = {"accountType": "Earn", "totalEquity": "10", "valuationCurrency": "USD"}
    found = await read(overview={"totalEquity": "10", "list": [line]})
    assert found.holdings == ()
    assert [(entry.name, entry.wallet) for entry in found.overview] == [("Earn", Wallet.EARN)]


async def test_an_overview_without_a_total_leaves_it_unknown() -> None:
    found = await read(overview={"list": []})
    assert (found.holdings, found.venue_total) == ((), None)


async def test_the_index_prices_the_crypto_dollars_and_nothing_else() -> None:
    markets = [
        {"symbol": "USDCUSDT", "lastPrice": "1.0004", "usdIndexPrice": "0.9999"},
        {"symbol": "BTCUSDT", "lastPrice": "60000", "usdIndexPrice": "59970"},
    ]
    found = await read(
        unified={"list": [{"totalEquity": "1", "coin": [coin("BTC")]}]}, tickers={"category": "spot", "list": markets}
    )
    assert {"-".join(pair): str(price) for pair, price in found.prices.items()} == {
        "BTC-USDT": "60000",
        "USDC-USDT": "1.0004",
        "USDC-USD": "0.9999",
    }


async def rights(**fields: Any) -> KeyRights:
    usual = {"readOnly": 0, "permissions": {}, "ips": ["*"], "expiredAt": "1970-01-01T00:00:00Z", "uta": 1}
    async with venue_server("bybit") as peer, opened("bybit", peer.url) as source:
        serve_rights(peer, {**usual, **fields})
        return await source.rights()


def serve_rights(peer: VenuePeer, result: object) -> None:
    peer.serve("GET /v5/user/query-api", answer(result))


@pytest.mark.parametrize(
    ("permissions", "trade", "transfer", "withdraw"),
    [
        ({"Spot": ["SpotTrade"]}, True, False, False),
        ({"Options": ["OptionsTrade"]}, True, False, False),
        ({"Wallet": ["AccountTransfer"]}, False, True, False),
        ({"Wallet": ["AccountTransfer", "Withdraw"]}, False, True, True),
        ({"Spot": [], "Wallet": []}, False, False, False),
    ],
)
async def test_a_key_may_do_what_its_lists_say(
    permissions: object, trade: bool, transfer: bool, withdraw: bool
) -> None:
    found = await rights(permissions=permissions)
    assert (found.can_trade, found.can_transfer, found.can_withdraw) == (trade, transfer, withdraw)
    assert (await rights(permissions=permissions, readOnly=1)).can_trade is False


async def test_a_keys_end_is_its_day() -> None:
    found = await rights(expiredAt="2026-12-01T03:20:45Z")
    assert str(found.expires) == "2026-12-01"
    assert found.ip_bound is False


async def test_an_old_account_is_noted() -> None:
    assert (await rights(uta=0)).notes == ("an old account without unified trading",)
