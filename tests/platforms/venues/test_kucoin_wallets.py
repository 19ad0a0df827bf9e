"""KuCoin: every kind of wallet is in the total once, alone and beside all others."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

import pytest

from portfolio_bot.model.statement import UnreadableWallet
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import read, rows, venue, worth

MODE = "GET /api/ua/v1/account/mode"
KEY = "GET /api/v1/user/api-key"
ACCOUNTS = "GET /api/v1/accounts"
USERS = "GET /api/v2/sub/user"
SUBS = "GET /api/v2/sub-accounts"
NOT_BUILT = UnreadableWallet("Copy trading and structured earn", "not_built")


def good(data: object) -> dict[str, object]:
    return {"code": "200000", "data": data}


def page(*items: object) -> dict[str, object]:
    return good({"currentPage": 1, "totalPage": 1, "items": list(items)})


def coin(name: str, amount: str) -> dict[str, str]:
    return {"currency": name, "balance": amount}


class Kind(NamedTuple):
    """A wallet: where it is read, what the answers are, its worth in USDT, its row."""

    served: dict[str, object]
    worth: str
    row: str


def futures(currency: str, equity: float, worth: str, row: str) -> Kind:
    overview = {"currency": currency, "accountEquity": equity, "unrealisedPNL": 1}
    return Kind({f"GET /api/v1/account-overview?currency={currency}": good(overview)}, worth, row)


def kept(kind: str, name: str, amount: str, worth: str, row: str) -> Kind:
    return Kind({ACCOUNTS: good([{**coin(name, amount), "type": kind}])}, worth, row)


ISOLATED = {
    "symbol": "ETH-USDT",
    "baseAsset": {"currency": "ETH", "total": "2", "liability": "0.5"},
    "quoteAsset": {"currency": "USDT", "total": "0", "liability": "0"},
}
LENT = {"currency": "USDT", "purchaseSize": "100", "redeemSize": "40"}
WALLETS = {
    "main": kept("main", "KCS", "10", "88", "funding KCS"),
    "trading": kept("trade_hf", "USDT", "5", "5", "spot USDT"),
    "former trading": kept("trade", "DOGE", "100", "10", "spot DOGE"),
    "pool": kept("pool", "KCS", "1", "8.8", "earn KCS"),
    "cross margin": Kind(
        {"GET /api/v3/margin/accounts": good({"accounts": [{"currency": "USDT", "total": "100", "liability": "130"}]})},
        "-30",
        "margin USDT",
    ),
    "isolated margin": Kind({"GET /api/v3/isolated/accounts": good({"assets": [ISOLATED]})}, "3597", "margin ETH"),
    "futures in USDT": futures("USDT", 394.5, "394.5", "futures USDT"),
    "futures in USDC": futures("USDC", 100, "100.04", "futures USDC"),
    "futures in bitcoin": futures("XBT", 0.5, "29975", "futures BTC"),
    "futures in ether": futures("ETH", 2, "4796", "futures ETH"),
    "earn": Kind(
        {"GET /api/v1/earn/hold-assets": page({"currency": "BTC", "holdAmount": "1", "redeemingAmount": "1"})},
        "59950",
        "earn BTC",
    ),
    "lending": Kind({"GET /api/v3/purchase/orders?status=DONE": page(LENT)}, "60", "earn USDT"),
    "lending that waits": Kind(
        {"GET /api/v3/purchase/orders?status=PENDING": page({**LENT, "currency": "ETH", "redeemSize": "99"})},
        "2398",
        "earn ETH",
    ),
}
TOGETHER = [name for name in WALLETS if name not in {"trading", "former trading", "pool"}]
"""Those that are not read by one call: `main` stands for it."""

SUB = {
    "subName": "savings",
    "mainAccounts": [coin("USDT", "10")],
    "tradeAccounts": [coin("USDT", "1")],
    "tradeHFAccounts": [coin("USDT", "2")],
    "marginAccounts": [coin("USDT", "0")],
}
ROBOT: dict[str, object] = {
    **dict.fromkeys(("mainAccounts", "tradeHFAccounts", "marginAccounts"), ()),
    "subName": "robot1",
}
ROBOT["tradeAccounts"] = (coin("USDT", "50"),)
WITH_SUBS = {
    KEY: good({"permission": "General", "isMaster": True, "uid": 1}),
    USERS: page({"subName": "savings", "uid": 2000002}, {"subName": "robot1", "uid": 3000003}),
    SUBS: page(SUB, ROBOT),
    "GET /api/v1/account-overview-all?currency=USDT": good(
        {
            "accounts": [
                {"accountName": "main", "accountEquity": 999, "currency": "USDT"},
                {"accountName": "savings", "accountEquity": 7, "currency": "USDT"},
            ]
        }
    ),
}


def served(names: Collection[str]) -> dict[str, object]:
    return {endpoint: answer for name in names for endpoint, answer in WALLETS[name].served.items()}


def in_dollars(*usdt: str) -> Decimal:
    return sum((Decimal(worth) for worth in usdt), Decimal(0)) * Decimal("0.9995")


@pytest.mark.parametrize("name", WALLETS)
async def test_a_wallet_alone_is_counted_once(name: str) -> None:
    statement = await read("kucoin", served([name]))
    assert worth(statement, "kucoin") == in_dollars(WALLETS[name].worth)
    assert list(rows(statement)) == [WALLETS[name].row]
    assert statement.unreadable == (NOT_BUILT,)


async def test_all_wallets_together_are_counted_once() -> None:
    statement = await read("kucoin", served(TOGETHER))
    assert worth(statement, "kucoin") == in_dollars(*(WALLETS[name].worth for name in TOGETHER))


async def test_every_kind_of_a_list_is_counted_once() -> None:
    lines = [WALLETS[name].served[ACCOUNTS] for name in ("main", "trading", "former trading", "pool")]
    elsewhere = [{**coin("USDT", "1000000"), "type": kind} for kind in ("margin", "margin_v2", "isolated", "contract")]
    answer = good([row for line in lines for row in line["data"]] + elsewhere)  # type: ignore[index]
    assert worth(await read("kucoin", {ACCOUNTS: answer}), "kucoin") == in_dollars("88", "5", "10", "8.8")


async def test_a_unified_account_and_what_lies_beside_it_are_counted_once() -> None:
    def coins(name: str, equity: str) -> dict[str, object]:
        return good({"accounts": [{"currencies": [{"currency": name, "equity": equity}]}]})

    unified = {
        MODE: good({"selfAccountMode": "UNIFIED"}),
        "GET /api/ua/v1/unified/account/balance": coins("BTC", "1"),
        "GET /api/ua/v1/account/balance?accountType=FUNDING": coins("USDT", "3"),
    }
    beside = {name: WALLETS[name].worth for name in ("earn", "lending")}
    statement = await read("kucoin", {**served(TOGETHER), **served(beside), **unified})
    lent = WALLETS["lending that waits"].worth
    assert worth(statement, "kucoin") == in_dollars("59950", "3", *beside.values(), lent)


async def test_sub_accounts_and_bots_are_parts_of_a_main_account() -> None:
    statement = await read("kucoin", {**WITH_SUBS, **served(["main"])})
    assert worth(statement, "kucoin") == in_dollars("88", "10", "3", "7", "50")
    assert {sub.name: sub.id for sub in statement.sub_accounts} == {"savings": "2***0002", "trading bot": "3***0003"}
    parts = {sub.key: sub.name for sub in statement.sub_accounts}
    found = {(parts[row.part], f"{row.wallet} {row.asset}"): row.amount for row in statement.holdings if row.part}
    assert found == {
        ("savings", "funding USDT"): Decimal(10),
        ("savings", "spot USDT"): Decimal(3),
        ("savings", "futures USDT"): Decimal(7),
        ("trading bot", "spot USDT"): Decimal(50),
    }


async def test_margin_of_a_sub_account_is_named_since_its_debt_is_not_told() -> None:
    indebted = {**SUB, "marginAccounts": [coin("USDT", "100")]}
    statement = await read("kucoin", {**WITH_SUBS, SUBS: page(indebted)})
    assert UnreadableWallet("Margin of sub-account savings", "not_valued") in statement.unreadable


async def test_a_key_of_a_sub_account_does_not_ask_for_others() -> None:
    async with venue("kucoin", {KEY: good({"permission": "General", "isMaster": False, "uid": 2})}) as peer:
        async with opened("kucoin", peer.url) as made:
            await made.read()
        assert peer.asked("/api/v2/sub/user") == peer.asked("/api/v2/sub-accounts") == []


async def test_a_main_account_without_sub_accounts_asks_no_further() -> None:
    async with venue("kucoin", {KEY: WITH_SUBS[KEY]}) as peer, opened("kucoin", peer.url) as made:
        await made.read()
        assert len(peer.asked("/api/v2/sub/user")) == 1
        assert peer.asked("/api/v2/sub-accounts") == peer.asked("/api/v1/account-overview-all") == []


@pytest.mark.parametrize(
    ("route", "name"),
    [
        ("GET /api/v3/margin/accounts", "Cross margin"),
        ("GET /api/v3/isolated/accounts", "Isolated margin"),
        ("GET /api/v1/account-overview", "Futures"),
        ("GET /api/v1/earn/hold-assets", "Earn"),
        ("GET /api/v3/purchase/orders", "Lending"),
    ],
)
async def test_a_wallet_that_the_key_may_not_read_is_named_and_never_zero(route: str, name: str) -> None:
    async with venue("kucoin", served(["main"])) as peer:
        peer.fail(faults.instead(no_right("kucoin")), route)
        async with opened("kucoin", peer.url) as made:
            statement = await made.read()
    assert set(statement.unreadable) == {UnreadableWallet(name, "missing_right"), NOT_BUILT}
    assert worth(statement, "kucoin") == in_dollars("88")
