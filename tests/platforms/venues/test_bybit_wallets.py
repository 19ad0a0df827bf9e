"""Bybit: every kind of wallet is in the total once, alone and beside all others, for as few calls as that takes."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Wallet
from tests.platforms.contract.peers import KeptMemory, opened
from tests.platforms.venues.reading import read, rows, venue, worth

OVERVIEW = "GET /v5/asset/asset-overview"
KEY = "GET /v5/user/query-api"
EARN = "GET /v5/earn/position?category="
FIXED_TERM = "/v5/earn/fixed-term/position"
STRUCTURED = "/v5/earn/advance/position"


def ok(result: object) -> dict[str, object]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1}


class Kind(NamedTuple):
    """A wallet: where it is read, what the answer is, what it is worth, how the overview names it and its coins."""

    endpoint: str
    result: object
    worth: str
    account: str = ""
    coins: tuple[tuple[str, str], ...] = ()


def listed(**row: str) -> dict[str, object]:
    return {"list": [row]}


SUBS = {"total": "400", "list": [{"uid": 5, "isM": True, "origb": "100"}, {"uid": 1234567, "origb": "300"}]}
WALLETS = {
    "unified": Kind(
        "GET /v5/account/wallet-balance",
        {"list": [{"totalEquity": "100", "coin": [{"coin": "USDT", "equity": "100.05", "usdValue": "100"}]}]},
        "100",
        "UnifiedTradingAccount",
    ),
    "funding": Kind(
        "GET /v5/asset/transfer/query-account-coins-balance",
        {"balance": [{"coin": "XRP", "walletBalance": "10"}]},
        "13.993",
        "FundingAccount",
    ),
    "flexible savings": Kind(
        f"{EARN}FlexibleSaving", listed(coin="BTC", amount="0.1"), "5997", "Earn", (("BTC", "0.1"),)
    ),
    "on-chain earn": Kind(f"{EARN}OnChain", listed(coin="ETH", amount="1"), "2398.8", "Earn", (("ETH", "1"),)),
    "fixed-term earn": Kind(f"GET {FIXED_TERM}", listed(coin="BTC", amount="0.2"), "11994", "Earn", (("BTC", "0.2"),)),
    "dual assets": Kind(
        f"GET {STRUCTURED}?category=DualAssets",
        listed(investCoin="ETH", amount="2"),
        "4797.6",
        "Earn",
        (("ETH", "2"),),
    ),
    "discount buy": Kind(
        f"GET {STRUCTURED}?category=DiscountBuy", listed(coin="USDT", amount="20"), "19.99", "Earn", (("USDT", "20"),)
    ),
    "BYUSDT": Kind("GET /v5/earn/token/position", {"totalAmount": "10"}, "9.995", "Earn", (("USDT", "10"),)),
    "bots": Kind("", None, "120.53", "TradingBot"),
    "copy trading": Kind("", None, "4491.24", "CopyTrading"),
    "loans": Kind("", None, "-250.5", "CryptoLoans"),
    "launchpool": Kind("", None, "13.5", "Launchpool"),
    "sub-account": Kind("GET /v5/asset/total-members-assets", SUBS, "300"),
}


def account(names: Collection[str], *, overview: bool = True) -> dict[str, object]:
    """What the venue serves of an account with these wallets; the overview tells of each, as the venue's does."""
    kinds = [WALLETS[name] for name in names]
    served: dict[str, object] = {kind.endpoint: ok(kind.result) for kind in kinds if kind.endpoint}
    served[KEY] = ok({"readOnly": 1, "permissions": {}, "ips": ["1.1.1.1"], "isMaster": True, "userID": 5})
    lines: dict[str, dict[str, object]] = {}
    for kind in kinds:
        if not kind.account:
            continue
        line = lines.setdefault(kind.account, {"totalEquity": "0", "coins": []})
        line["totalEquity"] = str(Decimal(str(line["totalEquity"])) + Decimal(kind.worth))
        line["coins"] = [*line["coins"], *kind.coins]  # type: ignore[misc]
    result = {
        "totalEquity": str(sum(Decimal(str(line["totalEquity"])) for line in lines.values())),
        "list": [
            {
                "accountType": name,
                "totalEquity": line["totalEquity"],
                "valuationCurrency": "USD",
                "categories": [{"coinDetail": [{"coin": coin, "equity": held} for coin, held in line["coins"]]}],  # type: ignore[attr-defined]
            }
            for name, line in lines.items()
        ],
    }
    refused = {"retCode": 10029, "retMsg": "not for this region", "result": {}, "time": 1}
    served[OVERVIEW] = ok(result) if overview else refused
    return served


@pytest.mark.parametrize("name", WALLETS)
async def test_a_wallet_alone_is_counted_once(name: str) -> None:
    statement = await read("bybit", account([name]))
    assert worth(statement, "bybit") == Decimal(WALLETS[name].worth)


async def test_all_wallets_together_are_counted_once() -> None:
    statement = await read("bybit", account(WALLETS))
    assert worth(statement, "bybit") == sum(Decimal(kind.worth) for kind in WALLETS.values())
    assert rows(statement)["earn BTC"] == Decimal("0.3")


@pytest.mark.parametrize("missing", [name for name in WALLETS if WALLETS[name].worth != "0"])
async def test_each_wallet_makes_its_own_difference(missing: str) -> None:
    rest = [name for name in WALLETS if name != missing]
    everything = sum(Decimal(kind.worth) for kind in WALLETS.values())
    assert worth(await read("bybit", account(rest)), "bybit") == everything - Decimal(WALLETS[missing].worth)


async def test_rare_products_are_asked_for_only_where_the_overview_shows_more() -> None:
    usual = ["unified", "funding", "flexible savings", "on-chain earn"]
    for names, fixed, dual in ((usual, 0, 0), ([*usual, "fixed-term earn"], 1, 0), (["unified"], 0, 0)):
        async with venue("bybit", account(names)) as peer, opened("bybit", peer.url) as made:
            await made.read()
            assert len(peer.asked(FIXED_TERM)) == fixed
            assert len(peer.asked(STRUCTURED)) == dual


async def test_interest_of_the_day_sends_nobody_looking() -> None:
    served = account(["flexible savings"])
    served[f"{EARN}FlexibleSaving"] = ok(listed(coin="BTC", amount="0.0995"))
    async with venue("bybit", served) as peer, opened("bybit", peer.url) as made:
        await made.read()
        assert peer.asked(FIXED_TERM) == []


async def test_without_an_overview_the_usual_products_are_asked_for() -> None:
    async with venue("bybit", account(["fixed-term earn", "dual assets"], overview=False)) as peer:
        async with opened("bybit", peer.url) as made:
            statement = await made.read()
        assert len(peer.asked(STRUCTURED)) == 1
    assert rows(statement) == {"earn BTC": Decimal("0.2"), "earn ETH": Decimal(2)}


async def test_a_long_list_of_dual_assets_is_read_to_its_end() -> None:
    page = [{"investCoin": "ETH", "amount": "1"}] * 20
    served = account(["dual assets"])
    served[f"GET {STRUCTURED}?category=DualAssets"] = ok({"list": page, "nextPageCursor": "next"})
    served[f"GET {STRUCTURED}?category=DualAssets&cursor=next"] = ok({"list": page[:3], "nextPageCursor": ""})
    assert rows(await read("bybit", served))["earn ETH"] == 23


async def test_a_sub_account_is_a_part_with_an_identity_of_its_own() -> None:
    statement = await read("bybit", account(["unified", "sub-account"]))
    [sub] = statement.sub_accounts
    assert (sub.id, str(sub.total), len(sub.key)) == ("1***4567", "300", 32)
    [row] = [row for row in statement.holdings if row.part == sub.key]
    assert (row.wallet, row.value) == (Wallet.OTHER, Money(Decimal(300), "USD"))
    assert statement.venue_total is not None
    assert statement.venue_total.amount == 400


async def test_a_sub_account_has_the_identity_that_its_own_key_shows() -> None:
    served = account(["sub-account"])
    of_sub = {"readOnly": 1, "permissions": {}, "isMaster": False, "userID": 1234567, "parentUid": "5"}
    async with venue("bybit", served) as peer, opened("bybit", peer.url) as main:
        [seen] = (await main.read()).sub_accounts
    async with (
        venue("bybit", {**served, KEY: ok(of_sub)}) as peer,
        opened("bybit", peer.url) as own,
    ):
        statement = await own.read()
        identity = own.identity  # type: ignore[attr-defined]
    assert identity.login == seen.key
    assert statement.sub_accounts == ()


async def test_sub_accounts_that_were_seen_before_do_not_vanish_in_silence() -> None:
    memory = KeptMemory()
    await read("bybit", account(["unified", "sub-account"]), memory=memory)
    refused = {"retCode": 10005, "retMsg": "Permission denied", "result": {}, "time": 1}
    served = {**account(["unified", "sub-account"]), "GET /v5/asset/total-members-assets": refused}
    with pytest.raises(SourceError, match="Sub-accounts"):
        await read("bybit", served, memory=memory)
