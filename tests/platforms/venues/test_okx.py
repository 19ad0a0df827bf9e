"""OKX: blanks that mean "not applicable", earn that not everybody has, a rough valuation."""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.statement import Holding, Statement, UnreadableWallet, Wallet
from portfolio_bot.platforms.base import KeyRights
from tests.peers import faults
from tests.peers.venue import case, venue_server
from tests.platforms.contract.peers import opened

PATHS = {
    "trading": "/api/v5/account/balance",
    "funding": "/api/v5/asset/balances",
    "staking": "/api/v5/finance/staking-defi/orders-active",
    "valuation": "/api/v5/asset/asset-valuation",
    "config": "/api/v5/account/config",
}


def answer(data: object, code: str = "0") -> dict[str, object]:
    return {"body": {"code": code, "data": data, "msg": ""}}


async def read(**served: dict[str, object]) -> Statement:
    """A reading of an empty account but for these answers."""
    async with venue_server("okx") as peer, opened("okx", peer.url) as source:
        for path, body in served.items():
            peer.serve(f"GET {PATHS[path]}", body)
        return await source.read()


async def test_a_coin_without_a_dollar_value_is_priced_by_its_market() -> None:
    row = {"ccy": "BTC", "eq": "-0.5", "eqUsd": "", "liab": ""}
    found = await read(trading=answer([{"totalEq": "", "details": [row]}]))
    assert found.holdings == (Holding("BTC", Wallet.UNIFIED, Decimal("-0.5"), None, "unified"),)
    assert found.stated == ()


async def test_a_tiny_json_number_keeps_its_digits() -> None:
    found = await read(funding=answer([{"ccy": "BTC", "bal": 5.426e-05}]))
    assert [str(row.amount) for row in found.holdings] == ["0.00005426"]


async def test_a_trading_account_that_is_not_there_is_a_bad_answer() -> None:
    with pytest.raises(SourceError) as caught:
        await read(trading=answer([]))
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER


async def test_orders_of_on_chain_earn_count_until_they_are_redeemed() -> None:
    orders = [
        {"ordId": "1", "state": "1", "investData": [{"ccy": "DOT", "amt": "2"}], "earningData": []},
        {"ordId": "2", "state": "2", "investData": [{"ccy": "DOT", "amt": "3"}], "earningData": []},
    ]
    found = await read(staking=answer(orders))
    assert found.holdings == (Holding("DOT", Wallet.EARN, Decimal(5)),)


async def test_a_region_without_on_chain_earn_is_read_all_the_same() -> None:
    found = await read(staking=answer([], code="51199"))
    assert found.unreadable == (UnreadableWallet("On-chain Earn", "not_built"),)


@pytest.mark.parametrize("status", [403, 451])
async def test_a_firewalls_page_on_one_wallet_says_nothing_of_rights(status: int) -> None:
    async with venue_server("okx", case("okx", "whole account")) as peer, opened("okx", peer.url) as source:
        peer.fail(faults.status(status, faults.PAGE), f"GET {PATHS['funding']}")
        with pytest.raises(SourceError) as caught:
            await source.read()
    assert caught.value.failure.kind is FailureKind.GEO_BLOCKED


async def test_money_in_the_old_account_is_named() -> None:
    parts = {"classic": "12", "earn": "0", "funding": "0", "trading": "0"}
    found = await read(valuation=answer([{"totalBal": "12", "details": parts}]))
    assert found.unreadable == (UnreadableWallet("Classic account", "not_built"),)


async def test_a_report_is_not_spaced() -> None:
    async with venue_server("okx", case("okx", "whole account")) as peer, opened("okx", peer.url) as source:
        peer.serve(f"GET {PATHS['config']}", "account_config_perm.json")
        started = time.monotonic()
        await source.read()
        await source.rights()
        assert time.monotonic() - started < 1


async def rights(**fields: str) -> KeyRights:
    row: dict[str, Any] = {"perm": "read_only", "ip": "", "uid": "1", "mainUid": "1", **fields}
    async with venue_server("okx") as peer, opened("okx", peer.url) as source:
        peer.serve(f"GET {PATHS['config']}", answer([row]))
        return await source.rights()


@pytest.mark.parametrize(
    ("fields", "read_only", "notes"),
    [
        ({"perm": "read_only"}, True, ()),
        ({"perm": "trade,read_only", "ip": "1.2.3.4"}, False, ()),
        ({"perm": "read_only, withdraw"}, False, ("not bound to an address: it lapses after 14 days without use",)),
        ({"mainUid": "2"}, True, ("the key of a sub-account: the main account is not in it",)),
    ],
)
async def test_a_key_tells_what_it_may_do(fields: dict[str, str], read_only: bool, notes: Sequence[str]) -> None:
    found = await rights(**fields)
    assert (found.read_only, found.notes) == (read_only, notes)
