"""Kraken Futures: cash, each inverse account and the flexible one are in the total once, alone and together."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from portfolio_bot.model.statement import UnreadableWallet
from tests.platforms.venues.reading import read, worth

ACCOUNTS = "GET /derivatives/api/v3/accounts"
TICKERS = "GET /derivatives/api/v3/tickers"


class Kind(NamedTuple):
    """An account as the venue prints it, and its worth in USD."""

    account: dict[str, Any]
    worth: str


def inverse(coin: str, value: str) -> dict[str, Any]:
    """`balances` says the same money again, and counts contracts beside it."""
    balances = {coin: value, f"FI_{coin.upper()}USD_240628": "50000.0"}
    return {
        "type": "marginAccount",
        "currency": coin,
        "balances": balances,
        "auxiliary": {"pv": value, "pnl": "0.1", "af": "1", "funding": "0.0"},
        "marginRequirements": {"im": "0.5", "mm": "0.25"},
    }


FLEX = {
    "type": "multiCollateralMarginAccount",
    "currencies": {
        "XBT": {"quantity": "0.5", "value": "30100", "collateral": "28595", "available": "0.5"},
        "USD": {"quantity": "100", "value": "100", "collateral": "100", "available": "100"},
    },
    "balanceValue": "30200",
    "portfolioValue": "30150.5",
    "collateralValue": "28695",
    "pnl": "-45.5",
    "unrealizedFunding": "-4",
    "marginEquity": "28645.5",
}
WALLETS = {
    "cash": Kind({"type": "cashAccount", "balances": {"xbt": "0.5", "usd": "10", "eth": "0.0"}}, "30110"),
    "fi_xbtusd": Kind(inverse("xbt", "0.25"), "15050"),
    "fi_ethusd": Kind(inverse("eth", "2"), "4800"),
    "fv_xrpxbt": Kind(inverse("xbt", "0.1"), "6020"),
    "flex": Kind(FLEX, "30150.5"),
}
PRICES = [{"symbol": "PF_XBTUSD", "indexPrice": 60200, "last": 61000}, {"symbol": "PF_ETHUSD", "indexPrice": 2400}]


def served(names: Collection[str], **more: object) -> dict[str, object]:
    accounts = {**{name: WALLETS[name].account for name in names}, **more}
    return {
        ACCOUNTS: {"result": "success", "accounts": accounts},
        TICKERS: {"result": "success", "tickers": PRICES},
    }


def expected(names: Collection[str]) -> Decimal:
    return sum((Decimal(WALLETS[name].worth) for name in names), Decimal(0))


@pytest.mark.parametrize("name", WALLETS)
async def test_an_account_alone_is_counted_once(name: str) -> None:
    assert worth(await read("krakenfutures", served([name])), "krakenfutures") == expected([name])


async def test_all_accounts_together_are_counted_once() -> None:
    assert worth(await read("krakenfutures", served(WALLETS)), "krakenfutures") == expected(WALLETS)


@pytest.mark.parametrize("missing", WALLETS)
async def test_each_account_makes_its_own_difference(missing: str) -> None:
    rest = [name for name in WALLETS if name != missing]
    found = worth(await read("krakenfutures", served(rest)), "krakenfutures")
    assert found == expected(WALLETS) - Decimal(WALLETS[missing].worth)


async def test_an_account_of_an_unknown_type_is_named_and_one_that_is_not_there_is_worth_nothing() -> None:
    statement = await read("krakenfutures", served(["cash"], vault={"type": "vaultAccount", "balances": {"xbt": "9"}}))
    assert statement.unreadable == (UnreadableWallet("vault", "not_built"),)
    assert worth(statement, "krakenfutures") == expected(["cash"])
    assert (await read("krakenfutures", served([]))).unreadable == ()
