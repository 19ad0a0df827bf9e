"""OKX: every kind of wallet is in the total once, alone and beside all others, and what only repeats others is not."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

import pytest

from portfolio_bot.model.failure import SourceError
from tests.peers import faults
from tests.platforms.contract.peers import KeptMemory, opened
from tests.platforms.venues.reading import read, rows, venue, worth

VALUATION = "GET /api/v5/asset/asset-valuation"
CONFIG = "GET /api/v5/account/config"
DUAL = "/api/v5/finance/sfp/dcd/order-history"
OKUSD = "/api/v5/finance/okusd/account"
SUBS = "GET /api/v5/users/subaccount/list"
SUB_TRADING = "GET /api/v5/account/subaccount/balances"
SUB_FUNDING = "GET /api/v5/asset/subaccount/balances"


def ok(*rows: object) -> dict[str, object]:
    return {"code": "0", "msg": "", "data": list(rows)}


class Kind(NamedTuple):
    """A wallet: what the venue answers and what it is worth."""

    served: dict[str, object]
    worth: str
    earns: bool = False


def trading(equity: str, coin: str, amount: str) -> dict[str, object]:
    return ok({"totalEq": equity, "details": [{"ccy": coin, "eq": amount, "eqUsd": equity}]})


def dual(order: str, state: str, amount: str = "2") -> dict[str, str]:
    return {"ordId": order, "state": state, "notionalCcy": "ETH", "notionalSz": amount}


LOAN = {"collateralData": [{"ccy": "ETH", "amt": "3"}], "loanData": [{"ccy": "USDT", "amt": "1000"}]}
SUB = {"subAcct": "second", "uid": "7654321", "label": "", "enable": True}
WALLETS = {
    "trading": Kind({"GET /api/v5/account/balance": trading("100", "USDT", "100.04")}, "100"),
    "funding": Kind({"GET /api/v5/asset/balances": ok({"ccy": "ETH", "bal": "1"})}, "2401.0392"),
    "simple earn": Kind({"GET /api/v5/finance/savings/balance": ok({"ccy": "USDT", "amt": "10"})}, "9.996", True),
    "on-chain earn": Kind(
        {"GET /api/v5/finance/staking-defi/orders-active": ok({"investData": [{"ccy": "ETH", "amt": "2"}]})},
        "4802.0784",
        True,
    ),
    "dual investment": Kind(
        {f"GET {DUAL}": ok(dual("3", "live"), dual("2", "settled"), dual("1", "pending_settle", "1"))},
        "7203.1176",
        True,
    ),
    "flexible loan": Kind({"GET /api/v5/finance/flexible-loan/loan-info": ok(LOAN)}, "6203.5176"),
    "sub-account": Kind(
        {
            SUBS: ok(SUB),
            f"{SUB_TRADING}?subAcct=second": trading("50", "USDT", "50.02"),
            f"{SUB_FUNDING}?subAcct=second": ok({"ccy": "USDT", "bal": "100"}),
        },
        "149.96",
    ),
}


def account(names: Collection[str]) -> dict[str, object]:
    """What the venue serves of a main account with these wallets."""
    kinds = [WALLETS[name] for name in names]
    served = {endpoint: body for kind in kinds for endpoint, body in kind.served.items()}
    earn = sum((Decimal(kind.worth) for kind in kinds if kind.earns), Decimal(0))
    served[VALUATION] = ok(
        {"details": {"classic": "0", "earn": str(earn), "funding": "0", "trading": "0"}, "totalBal": "1"}
    )
    served[CONFIG] = ok({"perm": "read_only", "ip": "1.1.1.1", "uid": "1000001", "mainUid": "1000001"})
    return served


@pytest.mark.parametrize("name", WALLETS)
async def test_a_wallet_alone_is_counted_once(name: str) -> None:
    assert worth(await read("okx", account([name])), "okx") == Decimal(WALLETS[name].worth)


async def test_all_wallets_together_are_counted_once() -> None:
    statement = await read("okx", account(WALLETS))
    assert worth(statement, "okx") == sum(Decimal(kind.worth) for kind in WALLETS.values())
    assert rows(statement)["margin USDT"] == -1000


@pytest.mark.parametrize("missing", WALLETS)
async def test_each_wallet_makes_its_own_difference(missing: str) -> None:
    everything = sum(Decimal(kind.worth) for kind in WALLETS.values())
    rest = [name for name in WALLETS if name != missing]
    assert worth(await read("okx", account(rest)), "okx") == everything - Decimal(WALLETS[missing].worth)


async def test_what_repeats_coins_of_other_wallets_is_never_asked_for() -> None:
    async with venue("okx", account(WALLETS)) as peer, opened("okx", peer.url) as made:
        await made.read()
        paths = {seen.path for seen in peer.requests}
    repeated = ("staking-defi/eth", "staking-defi/sol", "stable-rewards", "tradingBot")
    assert [path for path in paths if any(part in path for part in repeated)] == []


async def test_a_bots_share_of_the_trading_account_is_in_its_equity() -> None:
    row = {"ccy": "USDT", "eq": "4992.89", "eqUsd": "4990", "cashBal": "4850.43", "stgyEq": "150"}
    served = {"GET /api/v5/account/balance": ok({"totalEq": "4990", "details": [row]})}
    assert worth(await read("okx", served), "okx") == 4990


async def test_okusd_counts_once_wherever_the_venue_shows_it() -> None:
    own = {**account(["dual investment"]), f"GET {OKUSD}": ok({"ccy": "OKUSD", "amt": "50"})}
    assert rows(await read("okx", own))["earn OKUSD"] == 50
    twice = {**own, "GET /api/v5/asset/balances": ok({"ccy": "OKUSD", "bal": "50"})}
    assert {name: held for name, held in rows(await read("okx", twice)).items() if "OKUSD" in name} == {
        "funding OKUSD": Decimal(50)
    }


async def test_delisted_coins_are_listed_without_a_value() -> None:
    served = {"GET /api/v5/asset/non-tradable-assets": ok({"ccy": "CELT", "bal": "989.8", "canWd": True})}
    statement = await read("okx", served)
    assert rows(statement) == {"funding CELT": Decimal("989.8")}
    assert worth(statement, "okx") == 0


async def test_rare_products_are_asked_for_only_where_the_venue_says_that_more_earns() -> None:
    usual = ["trading", "funding", "simple earn", "on-chain earn"]
    for names, asked in ((["trading", "funding"], 0), (usual, 0), ([*usual, "dual investment"], 1)):
        async with venue("okx", account(names)) as peer, opened("okx", peer.url) as made:
            await made.read()
            assert (len(peer.asked(DUAL)), len(peer.asked(OKUSD))) == (asked, asked)


async def test_without_the_rough_figure_rare_products_are_asked_for() -> None:
    async with venue("okx", account(["dual investment"])) as peer, opened("okx", peer.url) as made:
        peer.fail(faults.status(500), VALUATION)
        assert rows(await made.read()) == {"earn ETH": Decimal(3)}


async def test_dual_investment_is_read_to_its_end_and_each_order_once() -> None:
    served = account(["dual investment"])
    served[f"GET {DUAL}"] = ok(*(dual(str(900 - number), "settled") for number in range(99)), dual("5", "live"))
    served[f"GET {DUAL}?endId=5"] = ok(dual("5", "live"), dual("4", "pending_redeem", "7"))
    assert rows(await read("okx", served))["earn ETH"] == 9


async def test_a_sub_account_is_a_part_with_the_identity_that_its_own_key_shows() -> None:
    async with venue("okx", account(["trading", "sub-account"])) as peer, opened("okx", peer.url) as main:
        statement = await main.read()
    [sub] = statement.sub_accounts
    assert (sub.id, sub.name) == ("7***4321", "second")
    assert {row.part for row in statement.holdings} == {"unified", sub.key}
    of_sub = {"perm": "read_only", "ip": "", "uid": "7654321", "mainUid": "1000001"}
    async with venue("okx", {CONFIG: ok(of_sub), SUBS: ok(SUB)}) as peer, opened("okx", peer.url) as own:
        assert (await own.read()).sub_accounts == ()
        assert own.identity.login == sub.key  # type: ignore[attr-defined]


async def test_a_sub_account_with_nothing_in_it_is_not_listed() -> None:
    served = {**account(["sub-account"]), f"{SUB_FUNDING}?subAcct=second": ok()}
    served[f"{SUB_TRADING}?subAcct=second"] = ok({"totalEq": "0", "details": []})
    assert (await read("okx", served)).sub_accounts == ()


async def test_more_sub_accounts_than_are_looked_into_are_named() -> None:
    subs = [{**SUB, "subAcct": f"s{number}", "uid": str(7000000 + number)} for number in range(23)]
    served = {**account([]), SUBS: ok(*subs)}
    served[SUB_TRADING] = ok({"totalEq": "0", "details": []})
    statement = await read("okx", served)
    assert [wallet.wallet for wallet in statement.unreadable] == ["3 more sub-accounts"]


async def test_a_key_that_may_not_list_sub_accounts_says_so_and_loses_nothing_else() -> None:
    refused = {"code": "50120", "msg": "This API key doesn't have permission", "data": []}
    statement = await read("okx", {**account(["trading"]), SUBS: refused})
    assert [wallet.wallet for wallet in statement.unreadable] == ["Sub-accounts"]
    assert worth(statement, "okx") == 100


async def test_sub_accounts_that_were_seen_before_do_not_vanish_in_silence() -> None:
    memory = KeptMemory()
    await read("okx", account(["trading", "sub-account"]), memory=memory)
    refused = {"code": "50120", "msg": "This API key doesn't have permission", "data": []}
    with pytest.raises(SourceError, match="Sub-accounts"):
        await read("okx", {**account(["trading"]), SUBS: refused}, memory=memory)
